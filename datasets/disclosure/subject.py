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

        `directory` has the columns of the levels, one row per venue. Where one stands, something may have happened in
        every period and in every combination of categories that is seen.
        """
        layout, slots = self.layout, self.slots
        places = directory[list(layout.geography)].astype(object)
        wide = places.where(places.notna(), None).drop_duplicates()
        for columns in ([period.column for period in layout.periods], list(layout.categories)):
            if columns:
                wide = wide.merge(slots[columns].drop_duplicates(), how="cross")
        names = list(layout.columns)
        known = pd.MultiIndex.from_frame(slots[names].fillna(""))
        wide = wide[~pd.MultiIndex.from_frame(wide[names].fillna("")).isin(known)]
        numbers = [name for name in slots.columns if name not in names]
        added = pd.concat([slots, wide.assign(**dict.fromkeys(numbers, 0.0))[slots.columns]], ignore_index=True)
        return replace(self, slots=added.astype(dict.fromkeys(numbers, float)))


class Cells:
    """The cells that the public structure allows: the slots of each, its kind of period and its year."""

    def __init__(self, subject: Subject) -> None:
        self.subject, self.layout = subject, subject.layout
        self.unsafe: set[Key] = set(list_keys(subject.unsafe))
        self.years = subject.slots[self.layout.periods[-1].column].astype(str).to_numpy()
        self.members: dict[Key, np.ndarray] = {}
        self.kind: dict[Key, tuple[str, str]] = {}
        for grid in self.layout.every_grid:
            for level in (*(one for one in self.layout.levels if one.name in grid.levels), None):
                if level is not None or not grid.columns:
                    self._list(level, grid)

    def _list(self, level: Level | None, grid: Grid) -> None:
        slots = self.subject.slots
        if level is None:
            code = name_joint(slots, self.layout.geography)
        else:
            code = slots[level.column] if level.column else pd.Series(level.code, slots.index)
        named = PIECE if level is None else level.name
        category = name_joint(slots, grid.columns)
        for period in (one for one in self.layout.periods if one.name in grid.periods):
            by = [code.to_numpy(), slots[period.column].to_numpy(), category.to_numpy()]
            groups: dict[Any, Any] = slots.groupby(by).indices
            for (place, when, what), index in groups.items():
                key = (named, str(place), str(when), grid.name, str(what))
                self.members[key], self.kind[key] = np.asarray(index), (period.name, self.years[index[0]])

    def is_close(self, key: Key, listed: set[Key], served: set[tuple[str, tuple[str, str]]]) -> bool:
        """Whether an unsafe cell is in a released table, or is a piece that subtraction of released tables reaches."""
        if key not in self.unsafe:
            return False
        if key[0] != PIECE:
            return key in listed
        return not key[1].strip(JOINT) or all((leaf, self.kind[key]) in served for leaf in self.layout.leaves)


def list_keys(rows: pd.DataFrame) -> list[Key]:
    """Return the keys of rows that have the columns of FULL_KEY."""
    return list(map(tuple, rows[list(FULL_KEY)].astype(str).to_numpy()))
