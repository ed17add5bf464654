"""From the counts of a month to cells that may be told for ever: the small folded together, all rounded, sums exact.

    fold    datasets of too few visits become one (REST); in each line, values of too few visits become one
    round   every count a multiple of five, such that each line, each column and the whole are sums of what they hold

A visit is a person-day. Nothing is left out of a total, so that no subtraction gives back what was folded.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

STEP = 5
"""Published counts are multiples of it."""

ALL, REST = "*", "~"
"""Every dataset, or every value; and those of too few visits, together."""

TOTAL = "total"


@dataclass(frozen=True)
class Cube:
    """A crossing of datasets with one column of events; a cell with fewer visits than `threshold` is folded."""

    name: str
    column: str
    threshold: int


CUBES = (Cube("use", "kind", 3), Cube("format", "format", 3), Cube("referrer", "referrer", 11))
"""What is told of persons' use."""

LEAST = 3
"""A dataset with fewer visits in a month is told with the others like it."""

ROBOTS = Cube("robots", "kind", 0)
"""What is told of robots, behind which nobody is."""


@dataclass(frozen=True)
class Count:
    """Uses, and distinct visits."""

    uses: int = 0
    visits: int = 0

    def __add__(self, other: "Count") -> "Count":
        return Count(self.uses + other.uses, self.visits + other.visits)


Line = Mapping[str, Count]
Table = Mapping[str, Line]
"""The counts of a cube: by dataset, by value."""

Key = tuple[str, str, str]
"""A cell: its cube, dataset and value."""


@dataclass(frozen=True)
class Safe:
    """What may be told of a month, and how many counts were folded into others."""

    counts: Mapping[Key, int]
    folded: int


def make_safe(tables: Mapping[str, Table], *, seed: int) -> Safe:
    """Return the counts of a month that may be told: `tables` are those of CUBES, and TOTAL with the value ALL.

    The same counts and the same seed give the same cells. Datasets that are too few visits even together are told
    nowhere.
    """
    visits = {dataset: line[ALL].visits for dataset, line in tables[TOTAL].items()}
    small = sorted(dataset for dataset, number in visits.items() if number < LEAST)
    hidden = sum(visits[dataset] for dataset in small) < LEAST
    safe: dict[str, dict[str, Line]] = {}
    folded = len(small)
    for cube in CUBES:
        lines = {dataset: line for dataset, line in tables[cube.name].items() if dataset not in small}
        if small and not hidden:
            lines[REST] = merge(tables[cube.name][dataset] for dataset in small)
        safe[cube.name] = {}
        for dataset, line in lines.items():
            safe[cube.name][dataset], count = fold_line(line, cube.threshold)
            folded += count
    return Safe(round_together(safe, TOTAL, seed), folded)


def fold_line(line: Line, threshold: int) -> tuple[Line, int]:
    """Return a line whose values of fewer visits than `threshold` are one, REST, and how many were folded.

    When REST itself is too small the next smallest values join it, until it is not or nothing else is left.
    """
    order = sorted(line, key=lambda value: (line[value].visits, value))
    count = sum(line[value].visits < threshold for value in order)
    while 0 < count < len(order) and sum(line[value].visits for value in order[:count]) < threshold:
        count += 1
    rest = {REST: sum((line[value] for value in order[:count]), Count())} if count else {}
    return {**{value: line[value] for value in sorted(order[count:])}, **rest}, count


def merge(lines: Iterable[Line]) -> Line:
    """Return the sum of several lines."""
    merged: dict[str, Count] = {}
    for line in lines:
        for value, count in line.items():
            merged[value] = merged.get(value, Count()) + count
    return merged


def round_together(tables: Mapping[str, Table], total: str, seed: int) -> dict[Key, int]:
    """Return the counts of several cubes of the same events, with their margins, all rounded and all exact.

    The margins of a dataset, which the cubes share, are cells of the cube `total`.
    """
    sums: dict[Key, dict[str, list[Key]]] = {}
    counts: dict[Key, int] = {}
    for cube, table in tables.items():
        for dataset, line in table.items():
            for value, count in line.items():
                cell = (cube, dataset, value)
                counts[cell] = count.uses
                sums.setdefault((total, dataset, ALL), {}).setdefault(cube, []).append(cell)
                sums.setdefault((cube, ALL, value), {}).setdefault(cube, []).append(cell)
    datasets = [key for key in sums if key[0] == total and key[2] == ALL]
    sums[total, ALL, ALL] = {total: datasets}
    for key, parts in sums.items():
        counts[key] = sum(counts[part] for part in next(iter(parts.values())))
    return _round(counts, [(key, parts) for key, ways in sums.items() for parts in ways.values()], seed)


def _round(counts: Mapping[Key, int], sums: Sequence[tuple[Key, Sequence[Key]]], seed: int) -> dict[Key, int]:
    if not any(counts.values()):
        return dict(counts)
    from scipy.sparse import csr_matrix  # with the next, a second of imports that answering needs not

    from datasets.disclosure.rounding import round_counts

    place = {key: number for number, key in enumerate(counts)}
    entries = [(row, place[key], -1.0) for row, (key, _) in enumerate(sums)]
    entries += [(row, place[part], 1.0) for row, (_, parts) in enumerate(sums) for part in parts]
    rows, columns, signs = zip(*entries, strict=True)
    equations = csr_matrix((signs, (rows, columns)), shape=(len(sums), len(counts)))
    rounded = round_counts(list(counts.values()), equations, STEP, seed=seed)
    return {key: int(value) for key, value in zip(counts, rounded.values, strict=True)}
