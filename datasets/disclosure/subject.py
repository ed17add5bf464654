"""What the auditor judges with, and the cells that the public structure allows.

The subject is private: true values serve only to tell how wide an attacker's intervals are.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import pandas as pd

from datasets.disclosure.cubes import Cube, Measure
from datasets.disclosure.layout import FULL_KEY, JOINT, PIECE, Grid, Layout, Level, name_joint
from datasets.disclosure.orders import Key
from datasets.disclosure.primary import Rules, find_unsafe
from datasets.disclosure.unknowns import NONE, Unknowns, find_divisions


@dataclass(frozen=True)
class Subject:
    """What the auditor judges with (private): the slots with their true values, and the unsafe cells.

    `slots`: one row per slot, the columns of the layout, one column per measure, `brut_<measure>` for the
    signed ones. `unsafe`: keys of the unsafe cells, pieces included. `dominance`: the measures that insiders covet.
    `owners`: by role, the part of each contributor in each slot.
    """

    slots: pd.DataFrame
    unsafe: pd.DataFrame
    measures: tuple[Measure, ...]
    dominance: tuple[str, ...]
    layout: Layout
    owners: Mapping[str, pd.DataFrame] = field(default_factory=dict)

    @classmethod
    def of(cls, cube: Cube, rules: Rules) -> "Subject":
        """Build the subject of a cube."""
        unsafe = cube.cells.loc[find_unsafe(cube, rules) != "", list(FULL_KEY)]
        return cls(cube.slots, unsafe, cube.measures, cube.dominance, cube.layout, cube.owners)

    def widen(self, directory: pd.DataFrame) -> "Subject":
        """Return the subject before a reader who knows the venues of `directory`, but not which of them were active.

        `directory` has the columns of the levels and those of the categories that it tells, one row per venue. Where
        one stands, something may have happened in every period.
        """
        layout, slots = self.layout, self.slots
        named = [column for column in (*layout.geography, *layout.categories) if column in directory]
        places = directory[named].astype(object)
        periods = slots[[period.column for period in layout.periods]].drop_duplicates()
        wide = places.where(places.notna(), None).drop_duplicates().merge(periods, how="cross")
        numbers = [name for name in slots.columns if name not in layout.columns]
        wide = wide.assign(**dict.fromkeys(set(layout.categories) - set(named)), **dict.fromkeys(numbers, 0.0))
        key = list(layout.columns)
        known = pd.MultiIndex.from_frame(slots[key].fillna(NONE))
        wide = wide[~pd.MultiIndex.from_frame(wide[key].fillna(NONE)).isin(known)]
        added = pd.concat([slots, wide[slots.columns]], ignore_index=True)
        return replace(self, slots=added.astype(dict.fromkeys(numbers, float)))


class Cells:
    """The cells that the public structure allows: the unknowns of each, its kind of period and its year."""

    def __init__(self, subject: Subject) -> None:
        self.subject, self.layout = subject, subject.layout
        self.unknowns = Unknowns.of(subject.slots, self.layout)
        self.unsafe: set[Key] = set(list_keys(subject.unsafe))
        self.years = self.unknowns.frame[self.layout.periods[-1].column].to_numpy()
        self.sums: dict[Key, list[np.ndarray]] = {}
        """The unknowns that each cell adds up: in each division where it is a sum."""
        self.kind: dict[Key, tuple[str, str]] = {}
        for grid in self.layout.every_grid:
            for level in (*(one for one in self.layout.levels if one.name in grid.levels), None):
                if level is not None or self.layout.is_pieced(grid):
                    for division in find_divisions(grid, self.layout):
                        self._list(level, grid, np.flatnonzero(self.unknowns.division == division))
        self.members = {key: sums[0] for key, sums in self.sums.items()}

    def _list(self, level: Level | None, grid: Grid, rows: np.ndarray) -> None:
        frame = self.unknowns.frame.iloc[rows]
        if level is None:
            code = name_joint(frame, self.layout.geography)
        else:
            code = frame[level.column] if level.column else pd.Series(level.code, frame.index)
        named = PIECE if level is None else level.name
        category = name_joint(frame, grid.columns)
        inside = (code != NONE).to_numpy()
        for period in (one for one in self.layout.periods if one.name in grid.periods):
            by = [each.to_numpy()[inside] for each in (code, frame[period.column], category)]
            groups: dict[Any, Any] = frame[inside].groupby(by).indices
            for (place, when, what), index in groups.items():
                key = (named, str(place), str(when), grid.name, str(what))
                self.sums.setdefault(key, []).append(rows[inside][index])
                self.kind[key] = period.name, self.years[rows[inside][index[0]]]

    def is_close(self, key: Key, listed: set[Key], served: set[tuple[str, str, str, str]]) -> bool:
        """Whether an unsafe cell is in a released table, or is a piece that subtraction of released tables reaches."""
        if key not in self.unsafe:
            return False
        if key[0] != PIECE:
            return key in listed
        return not key[1].strip(JOINT) or all((key[3], leaf, *self.kind[key]) in served for leaf in self.layout.leaves)


def list_keys(rows: pd.DataFrame) -> list[Key]:
    """Return the keys of rows that have the columns of FULL_KEY."""
    return list(map(tuple, rows[list(FULL_KEY)].astype(str).to_numpy()))
