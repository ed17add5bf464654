"""Texts become typed columns; what has no value in its column is told."""

from collections.abc import Iterator

import pyarrow as pa
import pyarrow.compute as pc

from datasets.ingest.absence import is_missing
from datasets.ingest.raw import RawTable
from datasets.ingest.report import Problem
from datasets.types.column import ColumnType, trimmed


def parse_column(texts: pa.ChunkedArray, kind: ColumnType) -> pa.ChunkedArray:
    """Return a column of texts as values of `kind`: each distinct text is read once. Empty texts become null."""
    if kind.stays_text:
        return pc.if_else(pc.equal(texts, ""), pa.scalar(None, pa.string()), texts)
    encoded = texts.combine_chunks().dictionary_encode()
    encoded = encoded.combine_chunks() if isinstance(encoded, pa.ChunkedArray) else encoded
    values = kind.parse(encoded.dictionary)
    return pa.chunked_array([values.take(encoded.indices)])


def refused_values(
    raw: RawTable, position: int, field: str, values: pa.ChunkedArray, *, geometry: bool = False
) -> Iterator[Problem]:
    """Yield a problem for each text that has no value in its typed column."""
    if values.null_count == 0:
        return
    texts = raw.table.column(position)
    empty = pc.equal(trimmed(texts), "")
    lost = pc.indices_nonzero(pc.and_(pc.is_null(values), pc.invert(empty)))
    cells = texts.take(lost)
    marks = is_missing(cells)
    for record, text, mark in zip(lost.to_pylist(), cells.to_pylist(), marks.to_pylist(), strict=True):
        reason = "missing_mark" if mark else "broken_geometry" if geometry else "not_of_type"
        yield Problem(raw.number(record), field, text, reason)
