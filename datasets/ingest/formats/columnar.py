"""Parquet and GeoParquet: typed columns become the texts that their values are written with."""

import json
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from datasets.errors import BrokenFile, EmptyFile, TooManyBytes, TooManyColumns
from datasets.ingest.coordinates import Converter, Positions, find_system
from datasets.ingest.formats.format import Format, Outcome
from datasets.ingest.formats.records import NUMBERS
from datasets.ingest.options import Reading
from datasets.ingest.raw import RawTable, gather, text_schema
from datasets.ingest.report import Report
from datasets.ingest.source import Source
from datasets.ingest.tabulation import WIDEST

BATCH = 20_000
GROUP = 256 << 20
"""Bytes of a group of rows at most, unpacked."""
POSITIONS = 2_000


def read_parquet(source: Source, reading: Reading, report: Report) -> Outcome:
    """Return the texts of a Parquet file; the number of a record is its rank.

    The first geometry column of a GeoParquet file comes last, in degrees. Raises BrokenFile, TooManyBytes,
    TooManyColumns, UnknownSystem and EmptyFile.
    """
    try:
        with pq.ParquetFile(source.path) as file:
            check(file, source.name)
            report.expected = file.metadata.num_rows
            place, crs = find_geometry(file)
            names = [name for name in file.schema_arrow.names if name != place]
            barred = {rank: NUMBERS for rank, name in enumerate(names) if is_text(file.schema_arrow.field(name).type)}
            if not place:
                table = gather(text_batches(file.iter_batches(BATCH), names), text_schema(len(names)), report.advance)
                return Outcome(RawTable(names, table, first_row=1, barred=barred))
            kind, seen = survey(file, place)
            system = find_system(crs, seen, reading, report)
            with Converter(system, "wkb", kind, source.name) as converter:
                batches = text_batches(file.iter_batches(BATCH), names, place, converter)
                table = gather(batches, text_schema(len(names) + 1), report.advance)
    except (pa.ArrowException, OSError) as error:
        raise BrokenFile(name=source.name, format="Parquet", found=str(error).splitlines()[0][:200]) from error
    label = "geo_point_2d" if kind == "geo_point" else "geo_shape"
    raw = RawTable([*names, label], table, first_row=1, types={len(names): kind}, barred=barred)
    return Outcome(raw, {"crs": system.crs or "EPSG:4326"})


def check(file: pq.ParquetFile, name: str) -> None:
    """Refuse a file without rows, with too many columns, or whose groups of rows are too large."""
    told = file.metadata
    if not told.num_rows:
        raise EmptyFile(name=name)
    if told.num_columns > WIDEST:
        raise TooManyColumns(name=name, found=told.num_columns, limit=WIDEST)
    if max(told.row_group(rank).total_byte_size for rank in range(told.num_row_groups)) > GROUP:
        raise TooManyBytes(name=name)


def find_geometry(file: pq.ParquetFile) -> tuple[str, str]:
    """Return the geometry column that GeoParquet names, and its coordinate system as PROJ reads it; empty if none."""
    try:
        told = json.loads((file.schema_arrow.metadata or {}).get(b"geo", b"{}"))
        column = told["columns"][told["primary_column"]]
    except (ValueError, KeyError, TypeError):
        return "", ""
    if column.get("encoding") != "WKB" or told["primary_column"] not in file.schema_arrow.names:
        return "", ""
    return told["primary_column"], write_system(column.get("crs"))


def write_system(crs: Any) -> str:
    """Return a coordinate system written as PROJJSON as PROJ reads it: its code, else itself; degrees by default."""
    if not isinstance(crs, dict):
        return ""
    code = crs.get("id") or {}
    return f"{code['authority']}:{code['code']}" if {"authority", "code"} <= set(code) else json.dumps(crs)


def survey(file: pq.ParquetFile, place: str) -> tuple[str, Positions]:
    """Return the type of a column of geometries, and where some of them lie."""
    seen, points, shapes = Positions(), 0, 0
    for batch in file.iter_batches(BATCH, columns=[place]):
        for wkb in batch.column(0).drop_null().to_pylist():
            shapes += 1
            if wkb[:5] in (b"\x01\x01\0\0\0", b"\x01\xe9\x03\0\0"):
                points += 1
                if seen.total < POSITIONS:
                    x, y = memoryview(wkb[5:21]).cast("d")
                    seen.add(x, y)
    return ("geo_point" if shapes and points == shapes else "geo_shape"), seen


def text_batches(
    batches: Iterator[pa.RecordBatch], names: list[str], place: str = "", converter: Converter | None = None
) -> Iterator[pa.RecordBatch]:
    """Yield batches of values as texts, the geometry, if any, last."""
    for batch in batches:
        columns = [as_texts(batch.column(name)) for name in names]
        if place and converter:
            columns.append(converter.texts(batch.column(place).cast(pa.binary())))
        yield pa.RecordBatch.from_arrays(columns, schema=text_schema(len(columns)))


def as_texts(values: pa.Array) -> pa.Array:
    """Return values as the texts that they are written with: every digit, dates as ISO 8601; empty for none."""
    kind = values.type
    if pa.types.is_dictionary(kind):
        return as_texts(values.dictionary_decode())
    if write := _writer(kind):
        return pa.array(["" if value is None else write(value) for value in values.to_pylist()], pa.string())
    if pa.types.is_timestamp(kind):
        return pc.fill_null(pc.strftime(values, "%Y-%m-%dT%H:%M:%S" + ("Z" if kind.tz else "")), "")
    return pc.fill_null(pc.cast(values, pa.string()), "")


def _writer(kind: pa.DataType) -> Callable[[Any], str] | None:
    """Return how to write the values of a type that Arrow does not write as it should."""
    if pa.types.is_floating(kind):
        return write_float
    if pa.types.is_nested(kind):
        return partial(json.dumps, ensure_ascii=False, default=str)
    if pa.types.is_binary(kind) or pa.types.is_large_binary(kind) or pa.types.is_fixed_size_binary(kind):
        return bytes.hex
    return None


def write_float(value: float) -> str:
    """Return a number with all its digits, a whole one without a point."""
    return str(int(value)) if value.is_integer() and abs(value) < 1e15 else repr(value)


def is_text(kind: pa.DataType) -> bool:
    """Return whether a column holds texts, be they kept once each."""
    inner = kind.value_type if pa.types.is_dictionary(kind) else kind
    return bool(pa.types.is_string(inner) or pa.types.is_large_string(inner) or pa.types.is_string_view(inner))


FORMAT = Format(
    name="parquet",
    label={"fr": "fichier Parquet", "en": "Parquet file"},
    extensions=("parquet", "geoparquet", "pq"),
    is_it=lambda source: source.head.startswith(b"PAR1"),
    read=read_parquet,
)
