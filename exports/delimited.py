"""Delimited text: csv, as RFC 4180 and the Explore API have it, and tsv."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from typing import Literal

import pyarrow as pa
import pyarrow.compute as pc

from datasets.model import Field, Schema
from exports.exporter import ExportOptions, headings, join_rows, write_pieces
from exports.values import cell_texts, holds_any

BOM = "\ufeff"
LINE_END = "\r\n"
PLAIN_TYPES = {"int", "double", "boolean", "date", "datetime"}
"""Types whose cells never hold a delimiter, a quote or a line break."""


@dataclass(frozen=True)
class Delimited:
    """Writes one line per row, cells separated by `delimiter`, else by the reader's, quoted only when they need it."""

    name: str = "csv"
    extension: str = "csv"
    media_type: str = "text/csv; charset=utf-8"
    geometry: Literal["geojson", "wkb"] = "geojson"
    needs_geometry: bool = False
    needs_date: bool = False
    delimiter: str = ""

    def write(self, schema: Schema, batches: Iterable[pa.RecordBatch], options: ExportOptions) -> Iterator[bytes]:
        """Yield the heading line, then the rows."""
        options = replace(options, delimiter=self.delimiter or options.delimiter)
        heading = [pa.array([text]) for text in headings(schema, options)]
        yield (BOM if options.with_bom else "").encode() + _lines(heading, [None] * len(schema), options)

        def write(piece: pa.RecordBatch) -> bytes:
            cells = [cell_texts(column, field, options) for column, field in zip(piece.columns, schema, strict=True)]
            return _lines(cells, list(schema), options)

        yield from write_pieces(batches, write)


def _lines(cells: list[pa.Array], fields: list[Field | None], options: ExportOptions) -> bytes:
    parts: list[str | pa.Array] = []
    for column, field in zip(cells, fields, strict=True):
        parts += [_quoted(column, field, options, alone=len(cells) == 1), options.delimiter]
    return join_rows([*parts[:-1], LINE_END])


def _quoted(column: pa.Array, field: Field | None, options: ExportOptions, *, alone: bool) -> pa.Array:
    """Quote every cell, or those that need it: a lone empty cell too, as its line would be blank."""
    if options.quote_all:
        return _quote(column)
    needs = pc.equal(column, "") if alone else None
    may = field is None or field.multivalued or field.type not in PLAIN_TYPES
    if may and holds_any(column, f'{options.delimiter}"\r\n'.encode()):
        special = pc.match_substring_regex(column, f'[{options.delimiter}"\\r\\n]')
        needs = special if needs is None else pc.or_(special, needs)
    if needs is None or not pc.any(needs).as_py():
        return column
    return pc.if_else(needs, _quote(column), column)


def _quote(column: pa.Array) -> pa.Array:
    return pc.binary_join_element_wise('"', pc.replace_substring(column, '"', '""'), '"', "")
