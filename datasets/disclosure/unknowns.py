"""The unknowns of an attacker: what he thinks the hidden figures are made of.

He divides the totals into pieces of territory × the finest periods, and each grid apart into categories × the finest
cells of its tables: territories of its leaf levels, or pieces where its leaves straddle each other or where a directory
tells which categories a piece has. Which of these hold something he is granted. Two divisions of the same total tell
no more than that they are equal: whatever one says, the other can be shared out accordingly, as nothing published says
which categories a finer piece may have.

The unknowns of grids are counted backwards (`sign` −1), so that an equality of two divisions is a sum that is zero.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy import sparse

from datasets.disclosure.layout import Grid, Layout

NONE = ""
"""What stands for no code in the columns of the unknowns."""


@dataclass(frozen=True)
class Unknowns:
    """The unknowns of a subject, all divisions one after the other.

    `frame`: one row each, the columns of the layout (NONE where they say nothing) and the sums of the slots' numbers.
    `division` names by number the division of each; `sign` is 1 for that of the totals, −1 for those of grids.
    `slots`: unknowns × slots. `ties`: the sums (arrays of unknowns) that are zero because two divisions are equal.
    """

    frame: pd.DataFrame
    division: np.ndarray
    sign: np.ndarray
    slots: sparse.csr_matrix
    ties: tuple[np.ndarray, ...]

    @classmethod
    def of(cls, slots: pd.DataFrame, layout: Layout) -> "Unknowns":
        """Divide the slots of a subject: the columns of the layout, `n` (contributions) and other numbers."""
        codes = slots[list(layout.columns)].astype(object)
        codes = codes.where(codes.notna(), NONE).astype(str)
        numbers = slots.drop(columns=list(layout.columns)).astype(float)
        frames, matrices, ties, count = [], [], list[np.ndarray](), 0
        totals = np.zeros(0, dtype=int)
        for number, (columns, kept) in enumerate(_divide(slots, layout)):
            label = np.full(len(slots), -1)
            label[kept] = codes.loc[kept, columns].groupby(columns, sort=True).ngroup().to_numpy()
            held = np.flatnonzero(label >= 0)
            size = int(label.max(initial=-1)) + 1
            matrix = sparse.csr_matrix((np.ones(len(held)), (label[held], held)), shape=(size, len(slots)))
            first = np.zeros(size, dtype=int)
            first[label[held][::-1]] = held[::-1]
            named = codes.iloc[first].reset_index(drop=True)
            named[named.columns.difference(columns)] = NONE
            sums = pd.DataFrame(matrix @ numbers.to_numpy(), columns=numbers.columns)
            frames.append(pd.concat([named, sums], axis=1).assign(division=number))
            matrices.append(matrix)
            if number == 0:
                totals = label
            else:
                shared = [column for column in columns if column not in layout.categories]
                ties += _tie(codes, shared, totals, label + np.where(label >= 0, count, 0))
            count += size
        frame = pd.concat(frames, ignore_index=True)
        division = frame.pop("division").to_numpy()
        return cls(frame, division, np.where(division == 0, 1, -1), sparse.vstack(matrices).tocsr(), tuple(ties))


def find_divisions(grid: Grid, layout: Layout) -> list[int]:
    """Return the numbers of the divisions in which the cells of a grid are sums."""
    if not grid.columns:
        return [0]
    return [i for i, one in enumerate(_list_finest(layout)) if set(grid.columns) <= set(one.columns)]


def _list_finest(layout: Layout) -> list[Grid]:
    """Return the totals, then the grids that no other one divides further."""
    grids = layout.every_grid
    return [grid for grid in grids if not grid.columns or not any(set(grid.columns) < set(o.columns) for o in grids)]


def _divide(slots: pd.DataFrame, layout: Layout) -> Iterator[tuple[list[str], np.ndarray]]:
    """Yield the columns of each division, and the slots that it holds.

    A slot where nothing happened belongs to no category, unless a directory tells it.
    """
    for finest in _list_finest(layout):
        grids = [g for g in layout.every_grid if set(g.columns) <= set(finest.columns) and (g.columns or g == finest)]
        told = any(grid.told for grid in grids)
        columns = [*_list_places(grids, layout), *_list_periods(grids, layout), *finest.columns]
        kept = np.ones(len(slots), dtype=bool) if told or not finest.columns else (slots["n"] > 0).to_numpy()
        yield columns, kept


def _list_places(grids: Sequence[Grid], layout: Layout) -> tuple[str, ...]:
    if any(layout.is_pieced(grid) for grid in grids):
        return layout.geography
    named = {name for grid in grids for name in grid.levels}
    return tuple(level.column for level in layout.levels if level.column and level.name in named)


def _list_periods(grids: Sequence[Grid], layout: Layout) -> list[str]:
    """Return the columns of the finest period of some grids, and of those around it."""
    names = [period.name for period in layout.periods]
    return [period.column for period in layout.periods[min(names.index(name) for g in grids for name in g.periods) :]]


def _tie(codes: pd.DataFrame, shared: list[str], totals: np.ndarray, parts: np.ndarray) -> Iterator[np.ndarray]:
    """Yield the unknowns of each total and of its parts by category, where there are parts."""
    place = codes.groupby(shared, sort=False).ngroup().to_numpy()
    order = np.argsort(place, kind="stable")
    for rows in np.split(order, np.flatnonzero(np.diff(place[order])) + 1):
        below = np.unique(parts[rows])
        if (below >= 0).any():
            yield np.concatenate([np.unique(totals[rows]), below[below >= 0]])
