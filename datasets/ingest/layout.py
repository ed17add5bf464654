"""Where a table stands among the rows of a sheet: what comes before its titles, how many rows they take, what follows.

Rows are lists of texts, whatever file they come from. Nothing here is dropped: who calls it tells what is set aside.
"""

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import pyarrow as pa
import pyarrow.compute as pc

from datasets.types import TYPES

Rows = Sequence[Sequence[str]]

FIRST, LAST = 200, 12
"""How many rows at the head, and at the end, are looked at."""
SAMPLE = 50
TITLE_ROWS = 3
JOINT = " – "
DATA_TYPES = ("year", "integer", "decimal", "date", "month", "datetime", "email", "url", "geo_point")
DATA = re.compile(r"[\d@.]")
"""What a cell of any of these types holds."""
NUMBER = re.compile(r"\s*[+\-−]?[\d\s.,  ]*\d[\d\s.,  ]*(?:%|€)?\s*")
NOTE = re.compile(
    r"\s*(?:sources?\b.*|(?:notes?|nb|n\.b\.?|champ|lecture|légendes?|remarques?|avertissement|périmètre|mise à jour|"
    r"mis à jour.*|extrait.*|extraction.*|données.*|unités?|copyright|licence|fin)\s*(?::.*)?)|\s*[*©(].*",
    re.IGNORECASE | re.DOTALL,
)
TOTAL = re.compile(r"\s*(?:(?:sous-)?total(?: général| france| ensemble)?|totaux|ensemble|somme|moyenne)\s*:?\s*", re.I)


@dataclass(frozen=True)
class Layout:
    """A table among rows: `first` rows come before it, its titles take `titles` rows and give its `labels`."""

    first: int
    titles: int
    labels: tuple[str, ...]

    @property
    def header(self) -> int:
        """The row where the titles begin, as a spreadsheet numbers it; 0 when there are none."""
        return self.first + 1 if self.titles else 0


def find_layout(rows: Rows, header: int | None = None, header_rows: int | None = None) -> Layout:
    """Return where the table is among the first rows of a file; what is given is not looked for."""
    first = header - 1 if header else find_first(rows)
    table = rows[first:]
    titled = bool(header) if header is not None else find_header(table)
    titles = (header_rows or count_titles(table)) if titled and table else 0
    lengths = sorted(_length(row) for row in table[titles:] if any(row))
    width = max([len(row) for row in table[:titles]] + lengths[len(lengths) // 2 : len(lengths) // 2 + 1], default=0)
    return Layout(first, titles, join_titles(table[:titles], width))


def find_first(rows: Rows) -> int:
    """Return how many rows come before the titles.

    In a table of several columns these are the rows of one cell, or of few that touch each other (a name and its
    value); a row of few cells that leaves gaps is a row of titles over others.
    """
    usual = Counter(count for row in rows if (count := _filled(row))).most_common(1)
    if not usual or usual[0][0] < 2:
        return next((i for i, row in enumerate(rows) if any(row)), 0)
    several = [i for i, row in enumerate(rows) if _filled(row) > 1]
    return next((i for i in several if _filled(rows[i]) * 2 > usual[0][0] or has_gap(rows[i])), several[0])


def find_header(rows: Rows) -> bool:
    """Return whether the first row holds titles: it does unless it looks like the rows below it.

    A column speaks against titles when its first cell and all the next ones are numbers, dates or addresses,
    and for titles when only the next ones are, or when a year stands above numbers that are not.
    """
    rows = [row for row in rows if any(row)][:SAMPLE]
    if len(rows) < 2:
        return True
    looks_like_data = False
    for first, *below in zip(*rows, strict=False):
        kinds = data_kinds([cell for cell in below if cell.strip()])
        if kinds and _may_title(first, kinds):
            return True
        looks_like_data = looks_like_data or bool(kinds)
    return not looks_like_data


def count_titles(rows: Rows) -> int:
    """Return how many rows the titles take: more than one when the next ones too stand over numbers as titles do."""
    count = 1
    while count < min(TITLE_ROWS, len(rows) - 1) and _continues(rows[count - 1], rows[count], rows[count + 1 :]):
        count += 1
    return count


def _continues(top: Sequence[str], row: Sequence[str], below: Rows) -> bool:
    """Return whether a row goes on with the titles above it: each column of numbers has a text there."""
    below = [line for line in below if any(line)][:SAMPLE]
    numeric = 0
    for place, cell in enumerate(row):
        kinds = data_kinds([line[place] for line in below if len(line) > place and line[place].strip()])
        if kinds and cell.strip() and not _may_title(cell, kinds):
            return False
        if kinds and not cell.strip() and not (len(top) > place and top[place].strip()):
            return False
        numeric += bool(kinds) and bool(cell.strip())
        if not kinds and data_kinds([cell]):
            return False
    return numeric >= (1 if has_gap(top) else 2)


def join_titles(rows: Rows, width: int) -> tuple[str, ...]:
    """Return the titles that one or several rows give; a title over several columns goes to each of them."""
    lines = [[*row, *[""] * (width - len(row))] for row in rows]
    for above, under in pairwise(lines):
        for place in range(1, width):
            above[place] = above[place] or (above[place - 1] if under[place].strip() else "")
    columns = zip(*lines, strict=True) if lines else [()] * width
    return tuple(JOINT.join(dict.fromkeys(filter(None, map(_flat, column)))) for column in columns)


def find_footer(rows: Rows) -> int:
    """Return how many rows at the end of a table are notes or totals; `rows` are its last ones, blank ones included."""
    usual = Counter(count for row in rows if (count := _filled(row))).most_common(1)
    if not usual or usual[0][0] < 2:
        return 0
    footer = 0
    for place in range(len(rows) - 1, 0, -1):
        row = rows[place]
        cells = [cell for cell in row if cell.strip()]
        note = len(cells) == 1 and (NOTE.fullmatch(cells[0]) or (usual[0][0] > 2 and not _filled(rows[place - 1])))
        if cells and not (note or (TOTAL.fullmatch(cells[0]) and len(cells) > 1)):
            break
        footer = len(rows) - place
    return footer


def starts_table(row: Sequence[str], after: Sequence[str]) -> bool:
    """Return whether a row that follows a blank one holds the titles of another table, whose first row is `after`."""
    cells = [cell for cell in row if cell.strip()]
    if len(cells) < 2 or any(NUMBER.fullmatch(cell) for cell in cells):
        return False
    return any(cell.strip() and NUMBER.fullmatch(value) for cell, value in zip(row, after, strict=False))


def has_gap(row: Sequence[str]) -> bool:
    """Return whether the cells of a row that hold something do not touch each other, or do not begin at the first."""
    held = [place for place, cell in enumerate(row) if cell.strip()]
    return len(held) > 1 and held[-1] - held[0] >= len(held)


def data_kinds(cells: Sequence[str]) -> set[str]:
    """Return the types of data, among those that titles are not, that all the cells have."""
    if not cells or not all(map(DATA.search, cells)):
        return set()
    column = pa.array(cells, pa.string())
    return {name for name in DATA_TYPES if pc.all(TYPES[name].matches(column)).as_py()}


def _may_title(cell: str, kinds: set[str]) -> bool:
    above = data_kinds([cell])
    return not kinds & above or ("year" in above and "year" not in kinds)


def _length(row: Sequence[str]) -> int:
    return max((place for place, cell in enumerate(row, start=1) if cell.strip()), default=0)


def _filled(row: Sequence[str]) -> int:
    return sum(bool(cell.strip()) for cell in row)


def _flat(text: str) -> str:
    return " ".join(text.split())
