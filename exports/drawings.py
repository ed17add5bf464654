"""What formats in degrees need to draw and name a row: kml, gpx, ical."""

import json
from collections.abc import Iterator
from typing import Any

import pyarrow as pa

from datasets.errors import InvalidParameter, Phrase
from datasets.model import Schema
from exports.exporter import ExportOptions

DEGREES = 4326


def check_degrees(options: ExportOptions) -> None:
    """Raise InvalidParameter when the rows are in a coordinate system that the format does not have."""
    if options.epsg != DEGREES:
        expected = Phrase("4326, the only one of this format,", "4326, le seul de ce format,")
        raise InvalidParameter(name="epsg", found=options.epsg, expected=expected)


def naming_field(schema: Schema, options: ExportOptions) -> int | None:
    """Return the place of the field that names a row: the reader's, else the first text; None without any.

    Raises InvalidParameter for a name that the rows do not have.
    """
    if options.name_field:
        return find_place(schema, options.name_field, "name_field")
    texts = (place for place, field in enumerate(schema) if field.type == "text" and not field.multivalued)
    return next(texts, None)


def find_place(schema: Schema, name: str, parameter: str) -> int:
    """Return the place of a field; raise InvalidParameter, naming those there are, when there is none."""
    if name not in schema.names:
        names = ", ".join(schema.names)
        raise InvalidParameter(
            name=parameter, found=name[:100], expected=Phrase(f"one of {names}", f"l’un des champs {names}")
        )
    return schema.names.index(name)


def drawings_of(column: pa.Array) -> Iterator[dict[str, Any] | None]:
    """Yield each GeoJSON geometry, its numbers as the text they were written in."""
    for text in column.to_pylist():
        yield None if text is None else json.loads(text, parse_float=str, parse_int=str)
