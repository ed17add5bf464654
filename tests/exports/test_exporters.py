"""The table of formats: each keeps the exporter's promises, is documented, and streams."""

import tracemalloc
from pathlib import Path

import pyarrow as pa
import pytest

from datasets.model import Field, Schema
from exports import CATALOGUE_EXPORTERS, EXPORTERS, ExportOptions
from exports.exporter import PIECE_ROWS

DOCS = (Path(__file__).parents[2] / "docs" / "exports.md").read_text(encoding="utf-8")
SCHEMA = Schema((Field("nom", "text"), Field("p", "geo_point_2d")))
POINT = pa.struct([("lon", pa.float64()), ("lat", pa.float64())])


def a_batch(rows: int, width: int = 10) -> pa.RecordBatch:
    points = pa.array([{"lon": 0.5, "lat": 43.5}] * rows, POINT)
    return pa.record_batch([pa.array(["x" * width] * rows), points], names=["nom", "p"])


@pytest.mark.parametrize("name", EXPORTERS)
def test_each_format_is_documented(name):
    """docs/exports.md gives its extension and its content type."""
    exporter = EXPORTERS[name]
    [row] = [row for row in DOCS.splitlines() if row.startswith(f"| `{name}` |")]
    assert f"| {exporter.extension} | `{exporter.media_type}` |" in row
    assert ("catalogue" in row) == (name in CATALOGUE_EXPORTERS)


@pytest.mark.parametrize("name", EXPORTERS)
def test_rows_are_written_as_they_come(name):
    """The first piece needs no batch but the first; every other piece is at most one part of a batch."""
    asked = []

    def batches():
        for number in range(5):
            asked.append(number)
            yield a_batch(1000)

    chunks = EXPORTERS[name].write(SCHEMA, batches(), ExportOptions())
    next(chunks)
    assert len(asked) <= 1
    assert len(list(chunks)) >= 5


@pytest.mark.parametrize("name", EXPORTERS)
def test_memory_does_not_grow_with_the_rows(name):
    """Ten times the rows need no more Python memory, and no more of Arrow's."""
    peaks = []
    for count in (4, 40):
        tracemalloc.start()
        start, most = pa.total_allocated_bytes(), 0
        for _ in EXPORTERS[name].write(SCHEMA, (a_batch(8192) for _ in range(count)), ExportOptions()):
            most = max(most, pa.total_allocated_bytes() - start)
        peaks.append((tracemalloc.get_traced_memory()[1], most))
        tracemalloc.stop()
    for few, many in zip(*peaks, strict=True):
        assert many < few * 1.5 + 1_000_000


@pytest.mark.parametrize("name", EXPORTERS)
def test_a_large_batch_is_cut(name):
    """A batch of many rows, or of very long cells, becomes several pieces and loses nothing."""
    many = list(EXPORTERS[name].write(SCHEMA, [a_batch(PIECE_ROWS * 2 + 1)], ExportOptions()))
    assert sum(chunk.count(b"xxxxxxxxxx") for chunk in many) == PIECE_ROWS * 2 + 1
    assert len(many) > 3
    long = list(EXPORTERS[name].write(SCHEMA, [a_batch(8, 10 * 2**20)], ExportOptions()))
    assert max(map(len, long)) < 40 * 2**20
    assert sum(map(len, long)) > 80 * 2**20


@pytest.mark.parametrize("name", EXPORTERS)
def test_a_reader_who_leaves_breaks_nothing(name):
    """A file abandoned after its first piece ends without a word."""
    chunks = EXPORTERS[name].write(SCHEMA, (a_batch(1000) for _ in range(3)), ExportOptions())
    next(chunks)
    chunks.close()
