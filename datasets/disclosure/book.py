"""The files of one subject, read: what they show, now and before; the faults that need no computing; the sieges."""

from collections.abc import Collection, Iterator, Mapping, Sequence

import numpy as np
import pandas as pd

from datasets.disclosure.cubes import Measure
from datasets.disclosure.layout import JOINT, PIECE
from datasets.disclosure.orders import Finding, Key, Siege, stack_sums
from datasets.disclosure.plan import Plan
from datasets.disclosure.primary import Rules
from datasets.disclosure.served import Served, read_served
from datasets.disclosure.subject import Cells, Subject, list_keys

ROUNDING = 0.51
"""How far a served value may be from the true one (files may be rounded; the attacker is granted the true ones)."""

PUBLIC = {"population", "lon", "lat"}
"""Numbers that a hidden row may carry, because they come from elsewhere."""

NOBODY: Key = ("", "", "", "", "")


class Book:
    """The files of one subject, read: what they show, now and before."""

    def __init__(
        self,
        name: str,
        subject: Subject,
        served: Mapping[str, Served],
        earlier: Mapping[str, Sequence[Served]],
        labels: Mapping[str, str],
    ) -> None:
        self.name, self.subject, self.cells = name, subject, Cells(subject)
        grids = {grid.name or name: grid for grid in subject.layout.every_grid}
        self.grids = {file: grid for file, grid in grids.items() if file in served}
        self.files = {file: read_served(served[file], grid, labels) for file, grid in self.grids.items()}
        before = [read_served(old, grid, labels) for file, grid in grids.items() for old in earlier.get(file, ())]
        rows = list(self.files.values())
        self.listed = {key for frame in rows for key in list_keys(frame)}
        self.shown = {m.name: _find_shown(rows, m.name) for m in subject.measures}
        self.kept = {m.name: _find_shown(before, m.name) for m in subject.measures}
        kind = self.cells.kind
        self.tables = {(key[3], key[0], *kind[key]) for key in self.listed if key in kind}
        gross = [f"brut_{m.name}" if m.signed else m.name for m in subject.measures]
        self.still = (self.cells.unknowns.frame[gross] == 0).all(axis=1).to_numpy()
        self.empty = {key for key in self.cells.members if self._is_absent(key)}

    def read_faults(self) -> Iterator[Finding]:
        """Yield what a reader sees without computing: unsafe rows shown, values in masked rows, false rows."""
        for name, rows in self.files.items():
            keys = list_keys(rows)
            masked = rows["masque"].to_numpy()
            for i, column in self._read_masked(rows):
                yield Finding(name, keys[i], column, "L0", "value in a masked row")
            for i in np.flatnonzero(~masked).tolist():
                if keys[i] in self.cells.unsafe:
                    yield Finding(name, keys[i], "", "L0", "unsafe cell shown")
            for i in np.flatnonzero([key not in self.cells.members for key in keys]).tolist():
                yield Finding(name, keys[i], "", "L0", "row outside the public structure")
            if len(set(keys)) < len(keys):
                yield Finding(name, NOBODY, "", "L0", "the same row twice")
            yield from self._read_false(name, rows, keys)

    def _read_masked(self, rows: pd.DataFrame) -> Iterator[tuple[int, str]]:
        """Yield the masked rows that hold a number, or anything in the column of a measure."""
        measures = {measure.name for measure in self.subject.measures}
        told = [c for c in rows if c in measures or (pd.api.types.is_numeric_dtype(rows[c]) and c not in PUBLIC)]
        values = rows[told].drop(columns="masque", errors="ignore")
        for i in np.flatnonzero(rows["masque"].to_numpy() & values.notna().any(axis=1).to_numpy()):
            yield int(i), str(values.iloc[i].first_valid_index())

    def _read_false(self, name: str, rows: pd.DataFrame, keys: list[Key]) -> Iterator[Finding]:
        none = np.zeros(0, dtype=int)
        for measure in self.subject.measures:
            if measure.name in rows:
                true = self.cells.unknowns.frame[measure.name].to_numpy()
                real = np.array([true[self.cells.members.get(key, none)].sum() for key in keys])
                told = pd.to_numeric(rows[measure.name], errors="coerce").to_numpy(dtype=float)
                unreadable = np.isnan(told) & rows[measure.name].notna().to_numpy()
                for i in np.flatnonzero(unreadable | (np.abs(told - real) > ROUNDING + 1e-9 * np.abs(real))).tolist():
                    yield Finding(name, keys[i], measure.name, "L0", "value that is not the sum of its cell")

    def _is_absent(self, key: Key) -> bool:
        """Whether a released table has no row for a cell where nothing happened: a reader knows that it is zero."""
        if key in self.listed or key[0] == PIECE or (key[3] and not key[4].strip(JOINT)):
            return False
        if (key[3], key[0], *self.cells.kind[key]) not in self.tables:
            return False
        return bool(self.still[self.cells.members[key]].all())

    def list_sieges(
        self, rules: Rules, levels: Sequence[str], books: Sequence["Book"], links: Mapping[str, Collection[str]]
    ) -> Iterator[Siege]:
        """Yield the sieges: one per year and per set of measures that are shown in the same rows.

        What any subject shows of a measure, or of one that tells it (`links`), is known too; at L4 also what was
        shown before.
        """
        known_of: dict[frozenset[Key], list[Measure]] = {}
        for measure in self.subject.measures:
            told = [book.shown for book in books] + [book.kept for book in books if "L4" in levels]
            known = self.empty.union(*(each.get(name, ()) for each in told for name in links[measure.name]))
            known_of.setdefault(frozenset(known & self.cells.members.keys()), []).append(measure)
        for shown, measures in known_of.items():
            for year in sorted(set(self.cells.years)):
                yield self._besiege(year, shown, measures, rules, levels)

    def _besiege(
        self, year: str, known: frozenset[Key], measures: Sequence[Measure], rules: Rules, levels: Sequence[str]
    ) -> Siege:
        cells, unknowns = self.cells, self.cells.unknowns
        rows = np.flatnonzero(cells.years == year)
        mine = [key for key, (_, when) in cells.kind.items() if when == year]
        hidden = [key for key in mine if key not in known and (key in self.listed or key in cells.unsafe)]
        close = np.array([cells.is_close(key, self.listed, self.tables) for key in hidden], dtype=bool)
        sums = [np.searchsorted(rows, each) for key in mine if key in known for each in cells.sums[key]]
        sums += [np.searchsorted(rows, tie) for tie in unknowns.ties if cells.years[tie[0]] == year]
        targets = stack_sums([np.searchsorted(rows, cells.members[key]) for key in hidden], len(rows))
        plan = Plan(self.subject, unknowns, rows, targets, close, rules)
        names, values, attacks = [], [], []
        for measure in measures if hidden else ():
            for level, value, attack in plan.draw(measure, levels):
                names.append((measure.name, level))
                values.append(value)
                attacks.append(attack)
        return Siege(self.name, hidden, close, values, names, len(rows), sums, targets, attacks, unknowns.sign[rows])


def _find_shown(files: Sequence[pd.DataFrame], measure: str) -> set[Key]:
    """Return the keys of the rows that tell a measure."""
    found: set[Key] = set()
    for rows in files:
        shown = rows[measure].notna() if measure in rows else ~rows["masque"]
        found |= set(list_keys(rows[shown.to_numpy(dtype=bool)]))
    return found
