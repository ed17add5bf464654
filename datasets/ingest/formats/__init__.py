"""Every format that a file may have, told by its content: one file per family."""

from datasets.ingest.formats import columnar, delimited, features, layers, objects, workbooks
from datasets.ingest.formats.format import Format

_ORDER = (
    columnar.FORMAT,
    workbooks.FORMAT,
    *layers.FORMATS,
    features.FORMAT,
    objects.FORMAT,
    delimited.FORMAT,
)
TEXT = delimited.FORMAT.name
"""The format of what is no other."""
FORMATS: dict[str, Format] = {each.name: each for each in _ORDER}
"""Every format by its name, in the order in which a file is compared with them."""
