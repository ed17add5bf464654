"""The whole of a dataset in one layout is one file that never changes: which layouts are kept, under which names."""

from collections.abc import Collection
from dataclasses import replace
from hashlib import blake2b

from datasets.model import Schema
from exports.exporter import Exporter, ExportOptions

EDITION = 1
"""To be raised whenever a format comes to write other bytes: what was kept until then is no longer found."""

WORDED = frozenset({"xlsx", "ods"})
"""Formats with words of their own, in the reader's language."""

LINKED = frozenset({"jsonld", "turtle", "n3", "rdfxml"})
"""Formats that tell the address of the dataset."""

PACKED = frozenset({"xlsx", "ods", "parquet", "shp"})
"""Formats that are compressed already."""


def settle(exporter: Exporter, schema: Schema, options: ExportOptions, langs: Collection[str]) -> ExportOptions | None:
    """Return the options without those that change nothing in this file; None for a layout that is not kept.

    Kept are the default layout and, in each of `langs`, the one with labels: a bounded number of files.
    """
    usual = ExportOptions()
    speaks = options.use_labels or exporter.name in WORDED
    timeless = all(field.type != "datetime" for field in schema)
    settled = replace(
        options,
        lang=options.lang if speaks else usual.lang,
        timezone=usual.timezone if timeless else options.timezone,
        address=options.address if exporter.name in LINKED else usual.address,
    )
    plain = replace(settled, lang=usual.lang, use_labels=usual.use_labels, address=usual.address)
    return settled if plain == usual and settled.lang in langs else None


def name_layout(exporter: Exporter, options: ExportOptions) -> str:
    """Return the name of a kept file: its format, and a digest of all that its bytes depend on beside the rows."""
    digest = blake2b(repr((EDITION, options)).encode(), digest_size=4).hexdigest()
    return f"{exporter.name}-{digest}"
