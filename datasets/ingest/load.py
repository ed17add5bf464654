"""The rows of a delimited file as texts, then as typed columns.

A fast reader first; a patient one for what the fast one cannot vouch for.
"""

import csv
import io
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from itertools import chain, islice
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
from pyarrow import csv as arrow_csv

from datasets.errors import EmptyFile, UnclosedQuote
from datasets.ingest.absence import is_missing
from datasets.ingest.report import Problem, Report
from datasets.ingest.sniff import CELL, Dialect
from datasets.types.column import ColumnType, trimmed

BLOCK = 1 << 24
BATCH = 20_000
END = "\ue000end-of-file\ue000"


@dataclass(frozen=True)
class RawTable:
    """The texts of a file: one column of strings per title, and the row number in the file of each record.

    By column index, `types` holds the types that the format itself states and `barred` those that it rules out.
    """

    labels: list[str]
    table: pa.Table
    first_row: int = 2
    numbers: pa.Array | None = None
    types: Mapping[int, str] = field(default_factory=dict)
    barred: Mapping[int, tuple[str, ...]] = field(default_factory=dict)

    def number(self, record: int) -> int:
        """Return the row of the file where the record at that index starts."""
        return self.first_row + record if self.numbers is None else self.numbers[record].as_py()

    def find(self, row: int) -> int | None:
        """Return the index of the record that starts at that row of the file; None when there is none."""
        if self.numbers is None:
            return row - self.first_row if 0 <= row - self.first_row < self.table.num_rows else None
        found = pc.index(self.numbers, row).as_py()
        return None if found < 0 else found


def read_texts(path: Path, dialect: Dialect, report: Report, name: str) -> RawTable:
    """Return every cell of a delimited file as text; rows that cannot be read go to the `report`.

    Raises UnclosedQuote, and EmptyFile when no row follows the titles.
    """
    raw = _read_fast(path, dialect) or _read_patiently(path, dialect, report, name)
    report.received += raw.table.num_rows + sum(n for (_, why), n in report.counts.items() if why == "too_many_cells")
    report.kept += raw.table.num_rows
    if raw.table.num_rows == 0:
        raise EmptyFile(name=name)
    return raw


def _read_fast(path: Path, dialect: Dialect) -> RawTable | None:
    """Read with Arrow; None when a row is ragged or blank, or when lines are missing in the result."""
    if dialect.encoding.startswith("utf-16") or dialect.preamble:
        return None
    first = next(_rows(path, dialect), [])
    names = [str(i) for i in range(len(first))]
    try:
        with path.open("rb") as stream:
            stream.seek(dialect.skip)
            table = arrow_csv.read_csv(
                stream,
                arrow_csv.ReadOptions(column_names=names, block_size=BLOCK, encoding=dialect.encoding),
                arrow_csv.ParseOptions(
                    delimiter=dialect.delimiter, newlines_in_values=True, ignore_empty_lines=len(names) > 1
                ),
                arrow_csv.ConvertOptions(column_types=dict.fromkeys(names, pa.string()), strings_can_be_null=False),
            )
    except pa.ArrowInvalid:
        return None
    inner = sum(pc.sum(pc.count_substring(column, "\n")).as_py() or 0 for column in table.columns)
    if table.num_rows + inner != dialect.lines + (not dialect.ends_with_line) or _open_at_end(table):
        return None
    if dialect.has_header:
        return RawTable(first, table.slice(1))
    return RawTable([""] * len(first), table, first_row=1)


def _open_at_end(table: pa.Table) -> bool:
    """Return whether the last cell holds several lines: a quotation mark may have been left open."""
    return table.num_rows > 0 and "\n" in table.column(table.num_columns - 1)[-1].as_py()


def _read_patiently(path: Path, dialect: Dialect, report: Report, name: str) -> RawTable:
    """Read row by row: short rows are completed, rows with too many cells are set aside and reported."""
    rows = _numbered(path, dialect, name)
    for number, row in islice(rows, dialect.preamble):
        if any(row):
            report.add(Problem(number, "", dialect.delimiter.join(row), "before_titles"))
    number, labels = next(rows, (1, []))
    width = len(labels)
    if not dialect.has_header:
        rows = chain([(number, labels)], rows)
        labels = [""] * width
    numbers: list[int] = []
    batches: list[pa.RecordBatch] = []
    kept: list[list[str]] = []
    for number, row in rows:
        if (whole := _fit(row, width, number, dialect, report)) is None:
            continue
        kept.append(whole)
        numbers.append(number)
        if len(kept) == BATCH:
            batches.append(_batch(kept, width))
            kept = []
    batches.append(_batch(kept, width))
    return RawTable(labels, pa.Table.from_batches(batches), numbers=pa.array(numbers, pa.int64()))


def _fit(row: list[str], width: int, number: int, dialect: Dialect, report: Report) -> list[str] | None:
    if not row and width > 1:
        report.add(Problem(number, "", "", "blank_rows"))
        return None
    if len(row) < width:
        if row:
            report.add(Problem(number, "", dialect.delimiter.join(row), "too_few_cells"))
        return row + [""] * (width - len(row))
    if any(row[width:]):
        report.add(Problem(number, "", dialect.delimiter.join(row), "too_many_cells"))
        return None
    return row[:width]


def _batch(rows: list[list[str]], width: int) -> pa.RecordBatch:
    columns = zip(*rows, strict=True) if rows else [()] * width
    return pa.RecordBatch.from_arrays(
        [pa.array(column, pa.string()) for column in columns], names=[str(i) for i in range(width)]
    )


def _numbered(path: Path, dialect: Dialect, name: str) -> Iterator[tuple[int, list[str]]]:
    """Yield each row with its number; raise UnclosedQuote when the end of the file falls inside a cell."""
    number = 0
    try:
        for number, row in enumerate(_rows(path, dialect, END), start=1):
            if row == [END]:
                return
            if row and row[-1].endswith(END):
                raise UnclosedQuote(name=name, row=number)
            yield number, row
    except csv.Error as error:
        # A cell over the limit of size: nothing but a quotation mark left open makes one.
        raise UnclosedQuote(name=name, row=number + 1) from error


def _rows(path: Path, dialect: Dialect, end: str | None = None) -> Iterator[list[str]]:
    csv.field_size_limit(CELL)
    with path.open("rb") as stream:
        stream.seek(dialect.skip)
        text = io.TextIOWrapper(stream, encoding=dialect.encoding, newline="")
        yield from csv.reader(_lines(text, end), delimiter=dialect.delimiter)


def _lines(text: io.TextIOWrapper, end: str | None) -> Iterator[str]:
    last = "\n"
    for last in text:
        yield last
    if end is not None:
        if not last.endswith(("\n", "\r")):
            yield "\n"
        yield end


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
