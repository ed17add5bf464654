"""Rows of any length become a raw table; what does not belong to the table is set aside, and told."""

from array import array
from collections import deque
from collections.abc import Iterable, Iterator
from itertools import islice

import pyarrow as pa

from datasets.errors import TooManyColumns
from datasets.ingest.layout import LAST, Layout, find_footer, starts_table
from datasets.ingest.raw import RawTable, gather, text_batch, text_schema
from datasets.ingest.report import Problem, Report

Row = tuple[int, list[str]]
"""A row and its number in the file, as a spreadsheet shows it."""

BATCH = 20_000
WIDEST = 2_000
"""Columns of a table at most."""


def check_width(rows: Iterable[list[str]], name: str) -> None:
    """Raise TooManyColumns when one of the first rows of a file has more cells than a table may have columns."""
    if (found := max(map(len, rows), default=0)) > WIDEST:
        raise TooManyColumns(name=name, found=found, limit=WIDEST)


class Tabulation:
    """How rows become a table: its layout, what a row set aside is joined with, how many rows at the end are notes.

    `tables` are the rows where other tables begin.
    """

    def __init__(self, layout: Layout, report: Report, joint: str, footer: int | None) -> None:
        self.layout, self.report, self.joint, self.footer = layout, report, joint, footer
        self.width = len(layout.labels)
        self.numbers = array("q")
        self.tables: list[int] = []

    def read(self, rows: Iterable[Row]) -> RawTable:
        """Return the table that the rows of a file make; short rows are completed, long ones are set aside."""
        rest = iter(rows)
        for number, row in islice(rest, self.layout.first):
            if any(row):
                self._tell(number, row, "before_titles")
        titles = [row for _, row in islice(rest, self.layout.titles)]
        body = self._without_footer(self._first_table(rest, titles[-1] if titles else []))
        table = gather(self._batches(body), text_schema(self.width), self.report.advance)
        return RawTable(list(self.layout.labels), table, numbers=pa.array(self.numbers, pa.int64()))

    def _batches(self, rows: Iterator[Row]) -> Iterator[pa.RecordBatch]:
        kept: list[list[str]] = []
        for number, row in rows:
            if (whole := self._fit(number, row)) is None:
                continue
            kept.append(whole)
            self.numbers.append(number)
            if len(kept) == BATCH:
                yield text_batch(kept, self.width)
                kept = []
        yield text_batch(kept, self.width)

    def _fit(self, number: int, row: list[str]) -> list[str] | None:
        if len(row) == self.width:
            return row
        if len(row) < self.width:
            if row:
                self._tell(number, row, "too_few_cells")
            return row + [""] * (self.width - len(row))
        if any(row[self.width :]):
            self._tell(number, row, "too_many_cells")
            return None
        return row[: self.width]

    def _first_table(self, rows: Iterator[Row], titles: list[str]) -> Iterator[Row]:
        """Yield the rows of the first table, blank ones as empty lists; tell where others begin."""
        inside, after_blank = True, False
        for (number, row), following in _with_next(rows):
            blank = self.width > 1 and not any(map(str.strip, row))
            if after_blank and not blank and row != titles and starts_table(row, following):
                inside = False
                self.tables.append(number)
                self._tell(number, row, "another_table")
            elif inside and row == titles:
                self._tell(number, row, "repeated_titles")
            elif inside:
                yield number, [] if blank else row
            after_blank = blank

    def _without_footer(self, rows: Iterator[Row]) -> Iterator[Row]:
        """Yield the rows of the table without the notes and totals that follow it, and without blank rows."""
        tail: deque[Row] = deque()
        room = max(LAST, self.footer or 0)
        for one in rows:
            tail.append(one)
            if len(tail) > room:
                yield from self._unless_blank(tail.popleft())
        rows_left = list(tail)
        self.footer = find_footer([row for _, row in rows_left]) if self.footer is None else self.footer
        kept = len(rows_left) - self.footer
        for one in rows_left[:kept]:
            yield from self._unless_blank(one)
        for number, row in rows_left[kept:]:
            if row:
                self._tell(number, row, "after_rows")

    def _unless_blank(self, row: Row) -> Iterator[Row]:
        if row[1] or self.width == 1:
            yield row
        else:
            self._tell(row[0], [], "blank_rows")

    def _tell(self, number: int, row: list[str], reason: str) -> None:
        self.report.add(Problem(number, "", self.joint.join(row), reason))


def _with_next(rows: Iterator[Row]) -> Iterator[tuple[Row, list[str]]]:
    """Yield each row with the texts of the next one; those of the last are none."""
    for first in islice(rows, 1):
        current = first
        for following in rows:
            yield current, following[1]
            current = following
        yield current, []
