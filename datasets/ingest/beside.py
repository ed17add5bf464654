"""Tables that stand side by side in one sheet: which columns each takes, and which of them is read."""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations, groupby

from datasets.errors import UnknownOption
from datasets.ingest.layout import Rows, find_layout
from datasets.ingest.naming import slug
from datasets.ingest.report import Problem, Report
from datasets.ingest.tabulation import Row

LEAST = 2
"""Columns of a table that stands beside another, at least; and rows by which one of them is longer."""
RANGE = re.compile(r"([A-Z]{1,3}):([A-Z]{1,3})")


@dataclass(frozen=True)
class Block:
    """The columns of one table: from `first` to before `end`, counted from 0. An `end` of 0 is the whole sheet."""

    first: int = 0
    end: int = 0

    def name(self, left: int = 0) -> str:
        """Return the columns as a spreadsheet names them (A:C); `left` of them come before the sheet begins."""
        return f"{letters(left + self.first)}:{letters(left + self.end - 1)}" if self.end else ""

    def cut(self, row: Sequence[str]) -> list[str]:
        """Return the cells of a row in these columns."""
        return list(row[self.first : self.end] if self.end else row)


WHOLE = Block()


def letters(place: int) -> str:
    """Return the letters of a column, counted from 0: A, B … Z, AA."""
    return (letters(place // 26 - 1) if place >= 26 else "") + chr(ord("A") + place % 26)


def read_range(text: str, left: int = 0) -> Block:
    """Return the columns that a range names (C:F). Raises UnknownOption."""
    found = RANGE.fullmatch(text.strip().upper())
    first, last = (_place(part) - left for part in found.groups()) if found else (0, -1)
    if not 0 <= first <= last:
        raise UnknownOption(name="columns", value=text)
    return Block(first, last + 1)


def _place(text: str) -> int:
    place = 0
    for letter in text:
        place = place * 26 + ord(letter) - ord("A") + 1
    return place - 1


def find_blocks(rows: Rows) -> list[Block]:
    """Return the columns of each table among the first rows of a sheet, when several stand side by side; else none.

    Empty columns part them. A gap alone may be a matter of taste: their titles must be at other rows or the same
    words, or one must be longer than another by LEAST full rows.
    """
    blocks = find_runs(rows)
    if len(blocks) < 2 or any(block.end - block.first < LEAST for block in blocks):
        return []
    return blocks if any(_part(rows, *pair) for pair in combinations(blocks, 2)) else []


def find_runs(rows: Rows, without: Block = WHOLE) -> list[Block]:
    """Return the columns that hold something among the first rows of a sheet, run by run, but for those of a block."""
    width = max(map(len, rows), default=0)
    held = [
        not without.first <= place < without.end and any(len(row) > place and row[place].strip() for row in rows)
        for place in range(width)
    ]
    runs = [list(run) for filled, run in groupby(range(width), key=held.__getitem__) if filled]
    return [Block(run[0], run[-1] + 1) for run in runs]


def _part(rows: Rows, left: Block, right: Block) -> bool:
    """Return whether two blocks of columns are tables of their own."""
    sides = [[block.cut(row) for row in rows] for block in (left, right)]
    layouts = [find_layout(side) for side in sides]
    if not all(layout.titles and all(layout.labels) for layout in layouts):
        return False
    titles = [set(map(slug, layout.labels)) for layout in layouts]
    lengths = sorted(max(place for place, row in enumerate(side) if _is_full(row)) for side in sides)
    return (
        layouts[0].first != layouts[1].first
        or len(titles[0] & titles[1]) * 2 > min(map(len, titles))
        or lengths[1] - lengths[0] >= LEAST
    )


def _is_full(row: Sequence[str]) -> bool:
    return sum(bool(cell.strip()) for cell in row) >= LEAST


def choose_block(rows: Rows, asked: str, report: Report, left: int = 0) -> tuple[Block, tuple[str, ...]]:
    """Return the columns to read (those that are `asked` for, else the first table), and the names of all tables.

    The others are told in the report, and so is whatever stands outside the columns that are asked for. Raises
    UnknownOption for a range that is none.
    """
    blocks = find_blocks(rows)
    chosen = read_range(asked, left) if asked else blocks[0] if blocks else WHOLE
    for block in blocks if chosen in blocks or not asked else find_runs(rows, without=chosen):
        if block != chosen:
            titles = find_layout([block.cut(row) for row in rows]).labels
            report.add(Problem(0, "", f"{block.name(left)} ({', '.join(titles)})", "table_beside"))
    return chosen, tuple(block.name(left) for block in blocks)


def cut_rows(rows: Iterable[Row], block: Block) -> Iterator[Row]:
    """Yield the rows with the cells of one table alone."""
    for number, row in rows:
        yield number, block.cut(row)
