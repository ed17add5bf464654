"""JSON objects: json (one array) and jsonl (one object per line), the row objects of `/records`."""

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Literal

import pyarrow as pa

from datasets.model import Schema
from exports.exporter import ExportOptions, headings, join_rows, pieces
from exports.values import json_texts


def object_parts(schema: Schema, piece: pa.RecordBatch, options: ExportOptions) -> list[str | pa.Array]:
    """Return the parts of the JSON object of each row: every field is there, in order, null when missing."""
    parts: list[str | pa.Array] = []
    opening = "{"
    for heading, field, column in zip(headings(schema, options), schema, piece.columns, strict=True):
        parts += [f"{opening}{json.dumps(heading, ensure_ascii=False)}: ", json_texts(column, field, options)]
        opening = ", "
    return [*parts, "}"] if parts else ["{}"]


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
        first = True
        for piece in pieces(batches):
            rows = join_rows([", ", *object_parts(schema, piece, options)])
            yield rows[2:] if first else rows
            first = False
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
        for piece in pieces(batches):
            yield join_rows([*object_parts(schema, piece, options), "\n"])
