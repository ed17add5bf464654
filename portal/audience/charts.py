"""Charts of the audience, drawn here: bars of months for the eye, and the same numbers as a table."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from portal.audience.cells import ALL, ROBOTS, TOTAL
from portal.audience.publishing import MEASURES, Row

WIDTH, HEIGHT = 720, 220
FOOT = 24
"""Room below the bars for the names of months."""

MOST_MONTHS = 24


@dataclass(frozen=True)
class Bar:
    """A bar of the drawing: where it stands, and what it tells."""

    month: str
    count: int
    x: float
    y: float
    width: float
    height: float
    named: bool


@dataclass(frozen=True)
class Chart:
    """The use of a dataset, or of all: bars, and tables by measure (month → value → count)."""

    dataset: str
    months: tuple[str, ...]
    bars: tuple[Bar, ...]
    top: int
    tables: Mapping[str, Mapping[str, Mapping[str, int]]]
    values: Mapping[str, Sequence[str]]

    def in_order(self) -> list[tuple[str, Sequence[str]]]:
        """Return the measures that have values, in the order in which they are told."""
        return [(measure, self.values[measure]) for measure in MEASURES if measure in self.values]


def draw(rows: Iterable[Row], dataset: str = ALL) -> Chart:
    """Return the chart of a dataset over its last two years."""
    mine = [row for row in rows if row.dataset == dataset]
    months = tuple(sorted({row.month for row in mine}))[-MOST_MONTHS:]
    tables: dict[str, dict[str, dict[str, int]]] = {}
    for row in mine:
        if row.month in months:
            tables.setdefault(row.measure, {}).setdefault(row.month, {})[row.value] = row.count
    values = {
        measure: sorted({value for line in table.values() for value in line if value != ALL})
        for measure, table in tables.items()
        if measure in ("use", "format", "referrer", ROBOTS.name)
    }
    counts = {month: tables.get(TOTAL, {}).get(month, {}).get(ALL, 0) for month in months}
    return Chart(dataset, months, tuple(place_bars(counts)), max(counts.values(), default=0), tables, values)


def place_bars(counts: Mapping[str, int]) -> Iterable[Bar]:
    """Yield a bar for each month, the highest as high as the drawing; one name in three when they are many."""
    top, step = max(counts.values(), default=0) or 1, WIDTH / max(len(counts), 1)
    every = 1 if len(counts) <= 12 else 3
    for number, (month, count) in enumerate(counts.items()):
        height = (HEIGHT - FOOT - 8) * count / top
        named = number % every == 0
        yield Bar(month, count, number * step + 2, HEIGHT - FOOT - height, step - 4, height, named)
