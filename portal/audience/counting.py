"""Counting a day: its events become uses and distinct visits, by dataset and by each column, in one pass."""

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

from portal.audience.cells import ALL, CUBES, ROBOTS, TOTAL, Count, Key
from portal.audience.service import SEPARATOR

if TYPE_CHECKING:
    import numpy as np

COLUMNS = ("kind", "format", "referrer")
ROBOT = "1"


def count_day(batches: Iterable[Sequence[Any]]) -> dict[Key, Count]:
    """Return the counts of a day by cube, dataset and value, from batches of rows (label, visitor).

    A visit is a visitor of the day; robots have none. What is held of an event is two numbers.
    """
    import numpy as np  # with pyarrow, half a second that answering needs not
    import pyarrow as pa

    parts = []
    for batch in batches:
        labels, visitors = zip(*batch, strict=True)
        parts.append(pa.table({"label": encode(labels), "visitor": encode(visitors)}))
    if not parts:
        return {}
    events = pa.concat_tables(parts).unify_dictionaries().combine_chunks()
    label, visitor = (events[name].chunk(0) for name in ("label", "visitor"))
    seen = visitor.indices.fill_null(-1).to_numpy().astype(np.int64)
    return count_cells(label.dictionary.to_pylist(), label.indices.to_numpy().astype(np.int64), seen)


def encode(texts: Sequence[str | None]) -> Any:
    """Return texts as numbers and a dictionary."""
    import pyarrow as pa

    return pa.array(texts, pa.string()).dictionary_encode()


def count_cells(labels: Sequence[str], label: "np.ndarray", visitor: "np.ndarray") -> dict[Key, Count]:
    """Return the counts of events given by the numbers of their label and of their visitor (-1: none)."""
    import numpy as np

    uses = np.bincount(label, minlength=len(labels))
    pairs = drop_repeated(label << 32 | (visitor + 1))
    counts: dict[Key, Count] = {}
    for cube in (TOTAL, *(cube.name for cube in CUBES), ROBOTS.name):
        cells = [name_cell(text, cube) for text in labels]
        known = sorted({cell for cell in cells if cell is not None})
        place = {cell: number for number, cell in enumerate(known)}
        cell_of = np.array([-1 if cell is None else place[cell] for cell in cells])
        held = np.bincount(cell_of[cell_of >= 0], weights=uses[cell_of >= 0], minlength=len(known))
        cell, person = cell_of[pairs >> 32], pairs & 0xFFFFFFFF
        seen = drop_repeated((cell << 32 | person)[(cell >= 0) & (person > 0)])
        visits = np.bincount(seen >> 32, minlength=len(known))
        counts |= {(cube, *cell): Count(int(u), int(v)) for cell, u, v in zip(known, held, visits, strict=True)}
    return counts


def drop_repeated(numbers: "np.ndarray") -> "np.ndarray":
    """Return the distinct numbers, all 0 or more, in order: twenty times faster than `numpy.unique`, which hashes."""
    import numpy as np

    ordered = np.sort(numbers)
    return ordered[np.flatnonzero(np.diff(ordered, prepend=-1))]


def name_cell(label: str, cube: str) -> tuple[str, str] | None:
    """Return the dataset and the value of a label in a cube; None when it is not of it (robots are apart)."""
    dataset, *values, robot = label.split(SEPARATOR)
    if (robot == ROBOT) != (cube == ROBOTS.name):
        return None
    if cube == TOTAL:
        return dataset, ALL
    column = next(one.column for one in (*CUBES, ROBOTS) if one.name == cube)
    return dataset, values[COLUMNS.index(column)]
