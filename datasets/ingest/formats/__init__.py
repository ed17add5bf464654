"""Every format that a file may have, told by its content: one file per family."""

from datasets.ingest.formats import delimited, features, objects
from datasets.ingest.formats.format import Format

_ORDER = (features, objects, delimited)
FORMATS: dict[str, Format] = {module.FORMAT.name: module.FORMAT for module in _ORDER}
"""Every format by its name, in the order in which a file is compared with them."""
