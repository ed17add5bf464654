"""The table of formats: each keeps the exporter's promises, is documented, and streams."""

import dataclasses
import re
import tempfile
import tracemalloc
from pathlib import Path
from time import sleep

import numpy as np
import pyarrow as pa
import pytest

from datasets.model import FIELD_TYPES, Field, Schema
from exports import CATALOGUE_EXPORTERS, EXPORTERS, ExportOptions
from exports.exporter import AT_ONCE, PIECE_ROWS, suits, write_pieces

DOCS = (Path(__file__).parents[2] / "docs" / "exports.md").read_text(encoding="utf-8")
SCHEMA = Schema((Field("nom", "text"), Field("p", "geo_point_2d"), Field("jour", "date")))
POINT = pa.struct([("lon", pa.float64()), ("lat", pa.float64())])
WHOLE = {"shp", "fgb"}
"""The formats that are made whole aside before they leave."""

STREAMED = [name for name in EXPORTERS if name not in WHOLE]
PACKED = {"xlsx", "ods", "parquet", "arrow"}
"""The streamed formats whose bytes are not the text of the rows."""

FOLDED = {"ical"}


def a_batch(rows: int, width: int = 10) -> pa.RecordBatch:
    points = pa.array([{"lon": 0.5, "lat": 43.5}] * rows, POINT)
    days = pa.array(np.full(rows, 19_860, np.int32)).cast(pa.date32())
    return pa.record_batch([pa.array(["x" * width] * rows), points, days], names=SCHEMA.names)


@pytest.mark.parametrize("name", EXPORTERS)
def test_each_format_is_documented(name):
    """docs/exports.md gives its extension, its content type and what it is for."""
    exporter = EXPORTERS[name]
    formats = DOCS.partition("## Formats\n")[2].partition("\n## ")[0]
    [row] = [row for row in formats.splitlines() if row.startswith(f"| `{name}` |")]
    assert f"| {exporter.extension} | `{exporter.media_type}` |" in row
    assert ("catalogue" in row) == (name in CATALOGUE_EXPORTERS)
    assert ("with geography" in row) == exporter.needs_geometry
    assert ("with a date" in row) == exporter.needs_date


def first_cells(section: str) -> set[str]:
    """The names that the first cells of the tables of a section give."""
    rows = [
        row for row in DOCS.partition(f"## {section}\n")[2].partition("\n## ")[0].splitlines() if row.startswith("| `")
    ]
    return {name for row in rows for name in re.findall("`([^`]+)`", row.split("|")[1])}


def test_the_document_names_only_formats_that_exist():
    """No row of the table of formats is about something else."""
    assert first_cells("Formats") == set(EXPORTERS)


def test_the_tables_of_types_and_options_are_whole():
    """docs/exports.md tells each field type and each choice of a reader, and no other."""
    assert first_cells("Values") == set(FIELD_TYPES)
    parameters = {"description_fields": "description_field_list"}
    options = {field.name for field in dataclasses.fields(ExportOptions)} - {"address"}
    assert first_cells("Options") == {parameters.get(name, name) for name in options} | {"compressed"}


@pytest.mark.parametrize(
    ("types", "missing"),
    [
        (("text",), {"geojson", "shp", "fgb", "kml", "gpx", "ical"}),
        (("geo_shape", "datetime"), set()),
        (("geo_point_2d",), {"ical"}),
        (("date",), {"geojson", "shp", "fgb", "kml", "gpx"}),
    ],
)
def test_formats_suit_a_dataset(types, missing):
    """Maps need a place, calendars a date; every other format is for all datasets."""
    assert {name for name, exporter in EXPORTERS.items() if not suits(exporter, types)} == missing


@pytest.mark.parametrize("name", STREAMED)
def test_rows_are_written_as_they_come(name):
    """The first piece needs no batch but the first; no other piece needs more than a part of the rows."""
    asked, batch = [], a_batch(1024)

    def batches():
        for number in range(20):
            asked.append(number)
            yield batch

    chunks = EXPORTERS[name].write(SCHEMA, batches(), ExportOptions())
    next(chunks)
    assert len(asked) <= 1
    before, most = len(asked), 20 if name == "parquet" else AT_ONCE + 1
    for _ in chunks:
        assert len(asked) - before <= most
        before = len(asked)


@pytest.mark.parametrize("name", STREAMED)
def test_memory_does_not_grow_with_the_rows(name):
    """More rows need no more Python memory, and no more of Arrow's."""
    peaks = []
    batch = a_batch({"parquet": 8192, "ical": 256}.get(name, 1024))
    for count in (32, 64) if name == "parquet" else (5, 20):
        tracemalloc.start()
        start, most = pa.total_allocated_bytes(), 0
        for _ in EXPORTERS[name].write(SCHEMA, [batch] * count, ExportOptions()):
            most = max(most, pa.total_allocated_bytes() - start)
        peaks.append((tracemalloc.get_traced_memory()[1], most))
        tracemalloc.stop()
    for few, many in zip(*peaks, strict=True):
        assert many < few * 1.5 + 1_000_000


@pytest.mark.parametrize("name", [name for name in STREAMED if name not in PACKED | FOLDED])
def test_a_large_batch_is_cut(name):
    """A batch of many rows, or of very long cells, becomes several pieces and loses nothing."""
    rows = PIECE_ROWS * 2 + 1
    many = list(EXPORTERS[name].write(SCHEMA, [a_batch(rows)], ExportOptions()))
    assert sum(chunk.count(b"xxxxxxxxxx") for chunk in many) == rows * (2 if name == "kml" else 1)
    assert len(many) > 3
    long = list(EXPORTERS[name].write(SCHEMA, [a_batch(8, 3 * 2**20)], ExportOptions()))
    assert max(map(len, long)) < 40 * 2**20
    assert sum(map(len, long)) > 24 * 2**20


@pytest.mark.parametrize("name", EXPORTERS)
@pytest.mark.parametrize("pieces", [0, 1, 2])
def test_a_file_may_be_abandoned(name, pieces, tmp_path, monkeypatch):
    """A reader who leaves, before the first piece or in the middle, causes no error and leaves nothing behind."""
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    chunks = EXPORTERS[name].write(SCHEMA, [a_batch(10)] * 5, ExportOptions())
    for _ in range(pieces):
        next(chunks, b"")
    chunks.close()
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("name", EXPORTERS)
def test_an_error_of_the_query_passes_through(name, tmp_path, monkeypatch):
    """A query that fails in the middle ends the file with its own error, and leaves nothing behind."""
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))

    def failing():
        yield a_batch(10)
        raise LookupError("the query failed")

    with pytest.raises(LookupError, match="the query failed"):
        list(EXPORTERS[name].write(SCHEMA, failing(), ExportOptions()))
    assert list(tmp_path.iterdir()) == []


def test_pieces_keep_their_order_and_their_errors():
    """Pieces written at the same time come in the order of the rows; an error comes in its place, and ends them all."""
    started = []

    def write(piece):
        started.append(piece.num_rows)
        sleep(0.02 if piece.num_rows % 2 else 0)
        if piece.num_rows == 7:
            raise ValueError(piece.num_rows)
        return b"%d " % piece.num_rows

    sizes = [1, 2, 3, 4, 5, 6, 7, *range(8, 40)]
    given = []
    with pytest.raises(ValueError, match="7"):
        given.extend(write_pieces(map(a_batch, sizes), write))
    assert given == [b"%d " % size for size in sizes[:6]]
    assert max(started) <= 7 + AT_ONCE
