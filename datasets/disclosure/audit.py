"""The auditor: an attacker who reads the files as served and deduces what he can about the hidden cells.

He shares no code with the suppressor, works on other unknowns (the *slots*: pieces of territory × quarters ×
categories, not the cells) and uses another solver (GLOP). He is granted more than the public has: he knows which
slots were active. True values serve only to judge how wide his intervals are; they are never written.

    L0   an outsider: what cannot be negative is ≥ 0, the rest is unbounded
    L1   he knows each hidden value beforehand, give or take half
    L2   he is a contributor: he knows his own part of every cell, and the cells where he is alone
    L3   two contributors of the same role put together what they know
    L4   he has kept every earlier release
    L5   he knows that counts are whole numbers

He is quick because most questions are settled without a solver: each served sum is reduced by the served sums it
contains, what remains falls into independent parts, and a part with one single sum left has a closed form.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from scipy import sparse

from datasets.disclosure.apart import Apart
from datasets.disclosure.cubes import Cube, Measure
from datasets.disclosure.layout import FULL_KEY, JOINT, KEY, PIECE, Grid, Layout, Level, complete_key, name_joint
from datasets.disclosure.primary import Rules, find_unsafe

LEVELS = ("L0", "L1", "L4")
"""What is tried unless something else is asked: insiders and whole numbers take longer."""
FAR = 1e5
"""What stands for "unbounded", in units of the mean of the measure (a nearer bound makes the attacker stronger)."""
TOLERANCE = 1e-5
ROUNDING = 0.51
"""How far a served value may be from the true one (files are rounded; the attacker is granted the true ones)."""

PUBLIC = {"population", "lon", "lat"}
"""Numbers that a hidden row may carry, because they come from elsewhere."""

Key = tuple[str, str, str, str, str]
Served = pd.DataFrame | str | Path

_ATTACKERS = Apart("datasets.disclosure.attacks")


@dataclass(frozen=True)
class Subject:
    """What the auditor judges with (private): the slots with their true values, and the unsafe cells.

    `slots`: one row per slot, the columns of the layout, one column per measure, `brut_<measure>` for the
    signed ones. `unsafe`: keys of the unsafe cells, pieces included. `owners`: by role, the part of each contributor
    in each slot.
    """

    slots: pd.DataFrame
    unsafe: pd.DataFrame
    measures: tuple[Measure, ...]
    layout: Layout
    owners: Mapping[str, pd.DataFrame] = field(default_factory=dict)

    @classmethod
    def of(cls, cube: Cube, rules: Rules) -> "Subject":
        """Build the subject of a cube."""
        unsafe = cube.cells.loc[find_unsafe(cube, rules) != "", list(FULL_KEY)]
        return cls(cube.slots, unsafe, cube.measures, cube.layout, cube.owners)


@dataclass(frozen=True)
class Finding:
    """A hidden cell about which an attacker learns too much (private: it names the cell)."""

    dataset: str
    cell: Key
    measure: str
    level: str
    problem: str


@dataclass(frozen=True)
class Party:
    """The contributors of one role: what each owns of each slot and where each is (contributors × slots), and how
    many are in each slot, nobody known counting for one.
    """

    own: sparse.csr_matrix
    there: sparse.csr_matrix
    count: np.ndarray


@dataclass(frozen=True)
class Attack:
    """One measure before one attacker: how far each slot may move, how far each target must be able to.

    `parties` are the insiders who attack too, in groups of `coalition` at most; `whole` says that moves are whole
    multiples of that unit (0: they are not).
    """

    down: np.ndarray
    up: np.ndarray
    need_down: np.ndarray
    need_up: np.ndarray
    parties: tuple[Party, ...] = ()
    coalition: int = 0
    whole: float = 0.0


@dataclass(frozen=True)
class Audit:
    """What the attacks gave: `passed` when no finding; `width` is the smallest relative interval over unsafe cells."""

    findings: tuple[Finding, ...]
    levels: tuple[str, ...]
    attacked: int
    width: float
    programmes: int
    solver: str

    @property
    def passed(self) -> bool:
        """Whether every attack failed."""
        return not self.findings


def audit(
    served: Mapping[str, Served],
    subjects: Mapping[str, Subject | Cube],
    rules: Rules | None = None,
    *,
    levels: Sequence[str] = LEVELS,
    earlier: Mapping[str, Sequence[Served]] | None = None,
) -> Audit:
    """Attack the served files (frames, or CSV paths), at each of `levels`; return the findings.

    A served file has the columns niveau_geo, code_geo, periode, masque and measures, empty where hidden; the file
    of a grid, served under the grid's name, also those of its categories. A measure of the subject that the file
    does not show as such (ratios are made of it) is attacked as if it did. `earlier` gives the files served before.
    """
    rules = rules or Rules()
    findings: list[Finding] = []
    sieges: list[_Siege] = []
    books = [_Book(name, given, served, earlier or {}, rules) for name, given in subjects.items()]
    for book in books:
        findings += book.read_faults()
        sieges += book.list_sieges(rules, levels, books)
    width, programmes, solver = float("inf"), 0, ""
    for siege, answer in zip(sieges, _ATTACKERS.call("find_reaches", sieges), strict=True):
        reaches, solved, solver = answer
        findings += siege.judge(reaches)
        width, programmes = min(width, siege.find_width(reaches)), programmes + solved
    attacked = sum(len(siege.keys) * len(siege.names) for siege in sieges)
    return Audit(tuple(findings), tuple(levels), attacked, width, programmes, solver)


def read_served(file: Served, grid: Grid | None = None) -> pd.DataFrame:
    """Return the served rows under FULL_KEY: keys as text, `masque` as a boolean, the rest as it stands."""
    grid = grid or Grid()
    names = [*KEY, *grid.columns]
    rows = file if isinstance(file, pd.DataFrame) else pd.read_csv(file, dtype=dict.fromkeys(names, str))
    masque = rows["masque"]
    if masque.dtype != bool:
        rows = rows.assign(masque=masque.astype(str).str.lower().isin(["true", "1", "vrai"]))
    return complete_key(rows, grid).reset_index(drop=True)


class _Book:
    """The files of one subject, read: what they show, now and before."""

    def __init__(
        self,
        name: str,
        given: Subject | Cube,
        served: Mapping[str, Served],
        earlier: Mapping[str, Sequence[Served]],
        rules: Rules,
    ) -> None:
        self.name = name
        self.subject = Subject.of(given, rules) if isinstance(given, Cube) else given
        self.cells = _Cells(self.subject)
        grids = {grid.name or name: grid for grid in self.subject.layout.every_grid}
        self.files = {file: read_served(served[file], grid) for file, grid in grids.items() if file in served}
        before = [read_served(old, grid) for file, grid in grids.items() for old in earlier.get(file, ())]
        rows = list(self.files.values())
        self.listed = {key for frame in rows for key in _keys(frame)}
        self.shown = {m.name: _find_shown(rows, m.name) for m in self.subject.measures}
        self.kept = {m.name: _find_shown(before, m.name) for m in self.subject.measures}

    def read_faults(self) -> Iterator[Finding]:
        """Yield what a reader sees without computing: unsafe rows shown, values in masked rows, false rows."""
        for name, rows in self.files.items():
            keys = _keys(rows)
            told = [c for c in rows if pd.api.types.is_numeric_dtype(rows[c]) and c not in PUBLIC]
            values = rows[told].drop(columns="masque")
            masked = rows["masque"].to_numpy()
            for i in np.flatnonzero(masked & values.notna().any(axis=1).to_numpy()):
                yield Finding(name, keys[i], str(values.iloc[i].first_valid_index()), "L0", "value in a masked row")
            for i in np.flatnonzero(~masked):
                if keys[i] in self.cells.unsafe:
                    yield Finding(name, keys[i], "", "L0", "unsafe cell shown")
            for i in np.flatnonzero([key not in self.cells.members for key in keys]):
                yield Finding(name, keys[i], "", "L0", "row outside the public structure")
            if len(set(keys)) < len(keys):
                yield Finding(name, ("", "", "", "", ""), "", "L0", "the same row twice")
            yield from self._read_false(name, rows, keys)

    def _read_false(self, name: str, rows: pd.DataFrame, keys: list[Key]) -> Iterator[Finding]:
        none = np.zeros(0, dtype=int)
        for measure in self.subject.measures:
            if measure.name in rows:
                true = self.subject.slots[measure.name].to_numpy()
                real = np.array([true[self.cells.members.get(key, none)].sum() for key in keys])
                told = rows[measure.name].to_numpy(dtype=float)
                for i in np.flatnonzero(np.abs(told - real) > ROUNDING + 1e-6 * np.abs(real)):
                    yield Finding(name, keys[i], measure.name, "L0", "value that is not the sum of its cell")

    def list_sieges(self, rules: Rules, levels: Sequence[str], books: Sequence["_Book"]) -> Iterator["_Siege"]:
        """Yield the sieges: one per year and per set of measures that are shown in the same rows.

        What another subject shows of a measure of the same name is known too, and at L4 what was shown before.
        """
        known_of: dict[frozenset[Key], list[Measure]] = {}
        for measure in self.subject.measures:
            known = {key for book in books for key in book.shown.get(measure.name, ())}
            if "L4" in levels:
                known |= {key for book in books for key in book.kept.get(measure.name, ())}
            known_of.setdefault(frozenset(known & self.cells.members.keys()), []).append(measure)
        for shown, measures in known_of.items():
            for year in sorted(set(self.cells.years)):
                yield self._besiege(year, shown, measures, rules, levels)

    def _besiege(
        self, year: str, known: frozenset[Key], measures: Sequence[Measure], rules: Rules, levels: Sequence[str]
    ) -> "_Siege":
        cells = self.cells
        slots = np.flatnonzero(cells.years == year)
        mine = [key for key, (_, when) in cells.kind.items() if when == year]
        hidden = [key for key in mine if key not in known and (key in self.listed or key in cells.unsafe)]
        served = {(key[0], cells.kind[key]) for key in self.listed if key in cells.kind and not key[3]}
        close = np.array([cells.is_close(key, self.listed, served) for key in hidden], dtype=bool)
        sums = [np.searchsorted(slots, cells.members[key]) for key in mine if key in known]
        targets = _stack_sums([np.searchsorted(slots, cells.members[key]) for key in hidden], len(slots))
        plan = _Plan(self.subject, slots, targets, close, rules)
        names, values, attacks = [], [], []
        for measure in measures if hidden else ():
            for level, value, attack in plan.draw(measure, levels):
                names.append((measure.name, level))
                values.append(value)
                attacks.append(attack)
        return _Siege(self.name, hidden, close, values, names, len(slots), sums, targets, attacks)


def _keys(rows: pd.DataFrame) -> list[Key]:
    return list(map(tuple, rows[list(FULL_KEY)].astype(str).to_numpy()))


def _find_shown(files: Sequence[pd.DataFrame], measure: str) -> set[Key]:
    """Return the keys of the rows that tell a measure."""
    found: set[Key] = set()
    for rows in files:
        shown = rows[measure].notna() if measure in rows else ~rows["masque"]
        found |= set(_keys(rows[shown.to_numpy(dtype=bool)]))
    return found


class _Cells:
    """The cells that the public structure allows: the slots of each, its kind of period and its year."""

    def __init__(self, subject: Subject) -> None:
        self.subject, self.layout = subject, subject.layout
        self.unsafe: set[Key] = set(_keys(subject.unsafe))
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


@dataclass(frozen=True)
class _Siege:
    """One year of a subject, under one pattern of shown rows, and what is needed to judge how its attacks end."""

    dataset: str
    keys: list[Key]
    close: np.ndarray
    values: list[np.ndarray]
    names: list[tuple[str, str]]
    n: int
    sums: list[np.ndarray]
    targets: sparse.csr_matrix
    attacks: list[Attack]

    def judge(self, reaches: Sequence["Reach"]) -> Iterator[Finding]:
        """Yield the hidden cells that cannot move as far as they need."""
        for (measure, level), attack, reach in zip(self.names, self.attacks, reaches, strict=True):
            short_down = reach.fall < attack.need_down * (1 - TOLERANCE)
            for i in np.flatnonzero(short_down | (reach.rise < attack.need_up * (1 - TOLERANCE))):
                problem = "exact" if reach.fall[i] + reach.rise[i] <= TOLERANCE else "too narrow"
                yield Finding(self.dataset, self.keys[i], measure, level, problem)
            for target, size in reach.betrayed:
                yield Finding(self.dataset, self.keys[target], measure, f"L{size + 1}", "known to contributors")
            for target in reach.counted:
                yield Finding(self.dataset, self.keys[target], measure, "L5", "too narrow")

    def find_width(self, reaches: Sequence["Reach"]) -> float:
        """Return the smallest interval proven around an unsafe cell, relative to its value."""
        width = float("inf")
        for value, reach in zip(self.values, reaches, strict=True):
            kept = self.close & (value > 0)
            width = min(width, float(((reach.fall + reach.rise)[kept] / value[kept]).min(initial=float("inf"))))
        return width


@dataclass(frozen=True)
class Reach:
    """How an attack ends: how far each target falls and rises for an outsider; which ones insiders know too well
    (target, how many they are); which ones whole numbers betray.
    """

    fall: np.ndarray
    rise: np.ndarray
    betrayed: tuple[tuple[int, int], ...] = ()
    counted: tuple[int, ...] = ()


def _stack_sums(sums: Sequence[np.ndarray], n: int) -> sparse.csr_matrix:
    row = np.repeat(np.arange(len(sums)), [len(s) for s in sums])
    col = np.concatenate(sums) if sums else np.zeros(0, dtype=int)
    return sparse.csr_matrix((np.ones(len(row)), (row, col)), shape=(len(sums), n))


class _Plan:
    """Draws the attacks on the measures of one year."""

    def __init__(
        self, subject: Subject, slots: np.ndarray, targets: sparse.csr_matrix, close: np.ndarray, rules: Rules
    ) -> None:
        self.subject, self.slots, self.targets, self.close, self.rules = subject, slots, targets, close, rules
        self.frame = subject.slots.iloc[slots]
        self.place = np.full(len(subject.slots), -1)
        self.place[slots] = np.arange(len(slots))

    def draw(self, measure: Measure, levels: Sequence[str]) -> Iterator[tuple[str, np.ndarray, Attack]]:
        """Yield (level, values of the targets in units of the measure's mean, attack)."""
        true = self.frame[measure.name].to_numpy(dtype=float)
        gross = self.frame[f"brut_{measure.name}"].to_numpy(dtype=float) if measure.signed else true
        scale = float(gross.mean()) or 1.0
        true, gross = true / scale, gross / scale
        value, rules = np.abs(self.targets @ true), self.rules
        if {"L0", "L2", "L3", "L5"} & set(levels):  # insiders and counters begin where the outsider fails
            least = 1.0 / scale if measure.integer else 1e-5
            share = np.where(self.close, rules.protection, rules.margin)
            need = np.maximum(share * value, least) * bool(gross.any())
            need_up, far = np.where(self.close, need, 0.0), np.full(len(true), FAR)
            down, need_down = (far, need) if measure.signed else (true, np.minimum(need, value))
            coalition = 2 if "L3" in levels else int("L2" in levels)
            parties = tuple(self._parties(measure, scale)) if coalition and gross.any() else ()
            whole = 1.0 / scale if "L5" in levels and measure.integer else 0.0
            yield "L0", value, Attack(down, far, need_down, need_up, parties, coalition, whole)
        if "L1" in levels:
            need = np.where(self.close, rules.protection * value, 0.0)
            yield "L1", value, Attack(rules.prior * gross, rules.prior * gross, need, need)

    def _parties(self, measure: Measure, scale: float) -> Iterator[Party]:
        """Yield the insiders of each role: of a signed measure their own part bounds nothing."""
        n = len(self.slots)
        for owners in self.subject.owners.values():
            slot = self.place[owners["slot"].to_numpy()]
            who, kept = owners["contributor"].to_numpy(), slot >= 0
            known = kept & (who >= 0)
            shape, spot = (int(who.max(initial=-1)) + 1, n), (who[known], slot[known])
            part = np.abs(owners[measure.name].to_numpy(dtype=float)[known]) / scale
            own = sparse.csr_matrix((part * (not measure.signed), spot), shape=shape)
            there = sparse.csr_matrix((np.ones(int(known.sum())), spot), shape=shape)
            yield Party(own, there, np.bincount(slot[kept], minlength=n))
