"""JSON objects: json (one array) and jsonl (one object per line), the row objects of `/records`."""

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Literal

import pyarrow as pa

from datasets.model import Schema
from exports.exporter import ExportOptions, headings, join_rows, write_pieces
from exports.values import json_texts


def object_parts(schema: Schema, piece: pa.RecordBatch, options: ExportOptions) -> list[str | pa.Array]:
    """Return the parts of the JSON object of each row: every field is there, in order, null when missing."""
    parts: list[str | pa.Array] = []
    opening = "{"
    for heading, field, column in zip(headings(schema, options), schema, piece.columns, strict=True):
        parts += [f"{opening}{json.dumps(heading, ensure_ascii=False)}: ", json_texts(column, field, options)]
        opening = ", "
    return [*parts, "}"] if parts else ["{}"]


def without_first_comma(written: Iterator[bytes]) -> Iterator[bytes]:
    """Yield what is written, but for the ", " before the first of all."""
    yield next(written, b"")[2:]
    yield from written


@dataclass(frozen=True)
class JsonArray:
    """Writes `[{…}, {…}]`, with Python's separators."""

    name: str = "json"
    extension: str = "json"
    media_type: str = "application/json; charset=utf-8"
    geometry: Literal["geojson", "wkb"] = "geojson"
    needs_geometry: bool = False
    needs_date: bool = False

    def write(self, schema: Schema, batches: Iterable[pa.RecordBatch], options: ExportOptions) -> Iterator[bytes]:
        """Yield the array."""
        yield b"["

        def write(piece: pa.RecordBatch) -> bytes:
            return join_rows([", ", *object_parts(schema, piece, options)])

        yield from without_first_comma(write_pieces(batches, write))
        yield b"]"


@dataclass(frozen=True)
class JsonLines:
    """Writes one object per line, each ended by a line feed."""

    name: str = "jsonl"
    extension: str = "jsonl"
    media_type: str = "application/jsonl; charset=utf-8"
    geometry: Literal["geojson", "wkb"] = "geojson"
    needs_geometry: bool = False
    needs_date: bool = False

    def write(self, schema: Schema, batches: Iterable[pa.RecordBatch], options: ExportOptions) -> Iterator[bytes]:
        """Yield the lines; zero rows are an empty file."""
        yield b""
        yield from write_pieces(batches, lambda piece: join_rows([*object_parts(schema, piece, options), "\n"]))
