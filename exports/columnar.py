"""Columns with their types, for analysis: Parquet (GeoParquet 1.1) and Arrow streams."""

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any, Literal

import pyarrow as pa
import pyarrow.parquet as pq

from datasets.model import Field, Schema
from exports.exporter import ExportOptions, headings, pieces
from exports.geometry import KINDS, box_of, drawn_fields, kinds_of, widen, wkb_column
from exports.sink import Sink

GROUP_ROWS = 131_072
GROUP_BYTES = 32 * 2**20
"""How much makes a row group of Parquet: what is in memory at once."""

TYPES = {
    "text": pa.string(),
    "int": pa.int64(),
    "double": pa.float64(),
    "boolean": pa.bool_(),
    "date": pa.date32(),
    "geo_point_2d": pa.binary(),
    "geo_shape": pa.binary(),
    "file": pa.string(),
    "json_blob": pa.string(),
}
"""The column of each field type, but for instants, which carry the time zone of the reader."""


def arrow_schema(schema: Schema, options: ExportOptions) -> pa.Schema:
    """Return the columns of a file, whatever the engine gives."""
    names = headings(schema, options)
    return pa.schema([(name, _arrow_type(known, options)) for name, known in zip(names, schema, strict=True)])


def typed(piece: pa.RecordBatch, schema: Schema, target: pa.Schema) -> pa.RecordBatch:
    """Return `piece` with the columns of `target`; shapes and points become WKB."""
    columns = []
    drawn = drawn_fields(schema)
    for place, (column, kind) in enumerate(zip(piece.columns, target.types, strict=True)):
        columns.append(wkb_column(column) if place in drawn else column.cast(kind))
    return pa.RecordBatch.from_arrays(columns, schema=target)


def _arrow_type(known: Field, options: ExportOptions) -> pa.DataType:
    kind = TYPES.get(known.type) or pa.timestamp("us", tz=options.timezone)
    return pa.list_(kind) if known.multivalued else kind


@dataclass(frozen=True)
class ArrowStream:
    """Writes an Arrow IPC stream: one batch per piece, read without copying by pandas, R, DuckDB or a browser."""

    name: str = "arrow"
    extension: str = "arrows"
    media_type: str = "application/vnd.apache.arrow.stream"
    geometry: Literal["geojson", "wkb"] = "wkb"
    needs_geometry: bool = False
    needs_date: bool = False

    def write(self, schema: Schema, batches: Iterable[pa.RecordBatch], options: ExportOptions) -> Iterator[bytes]:
        """Yield the schema, the batches, then the mark of the end."""
        sink, target = Sink(), arrow_schema(schema, options)
        with pa.ipc.new_stream(sink, target) as writer:
            yield sink.take()
            for piece in pieces(batches):
                writer.write_batch(typed(piece, schema, target))
                yield sink.take()
        yield sink.take()


@dataclass(frozen=True)
class Parquet:
    """Writes Parquet forwards, row group by row group; the footer with the boxes of the geometries comes last."""

    name: str = "parquet"
    extension: str = "parquet"
    media_type: str = "application/vnd.apache.parquet"
    geometry: Literal["geojson", "wkb"] = "wkb"
    needs_geometry: bool = False
    needs_date: bool = False

    def write(self, schema: Schema, batches: Iterable[pa.RecordBatch], options: ExportOptions) -> Iterator[bytes]:
        """Yield the row groups, then the footer."""
        sink, target = Sink(), arrow_schema(schema, options)
        geography = {place: Geography() for place in drawn_fields(schema)}
        with pq.ParquetWriter(sink, target, compression=options.parquet_compression) as writer:
            yield sink.take()
            for group in _groups(typed(piece, schema, target) for piece in pieces(batches)):
                for place, known in geography.items():
                    known.add(group.column(place).chunks)
                writer.write_table(group, row_group_size=GROUP_ROWS)
                yield sink.take()
            if geography:
                writer.add_key_value_metadata({"geo": json.dumps(_geo(target, geography, options))})
        yield sink.take()


@dataclass
class Geography:
    """What the footer says of a geometry column: the kinds of its shapes and the box around them."""

    kinds: set[str] = field(default_factory=set)
    box: tuple[float, float, float, float] | None = None

    def add(self, chunks: list[pa.Array]) -> None:
        """Take account of some more WKB."""
        for shapes in chunks:
            self.kinds |= {KINDS[code] for code in set(kinds_of(shapes).tolist()) if code}
            self.box = widen([self.box, box_of(shapes)])


def _groups(parts: Iterable[pa.RecordBatch]) -> Iterator[pa.Table]:
    kept: list[pa.RecordBatch] = []
    for part in parts:
        kept.append(part)
        if sum(len(p) for p in kept) >= GROUP_ROWS or sum(p.nbytes for p in kept) >= GROUP_BYTES:
            yield pa.Table.from_batches(kept)
            kept = []
    if kept:
        yield pa.Table.from_batches(kept)


def _geo(target: pa.Schema, geography: dict[int, Geography], options: ExportOptions) -> dict[str, Any]:
    """Return the metadata of GeoParquet 1.1; without `crs` a column is in longitude and latitude (CRS84)."""
    names = {place: target.names[place] for place in geography}
    columns: dict[str, dict[str, Any]] = {}
    for place, known in geography.items():
        columns[names[place]] = {"encoding": "WKB", "geometry_types": sorted(known.kinds)}
        if options.epsg != 4326:
            columns[names[place]]["crs"] = None
        if known.box:
            columns[names[place]]["bbox"] = list(known.box)
    return {"version": "1.1.0", "primary_column": names[next(iter(geography))], "columns": columns}
