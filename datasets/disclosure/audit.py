"""The auditor: an attacker who reads the files as served and deduces what he can about the hidden cells.

He shares no code with the suppressor, works on other unknowns (the *slots*: pieces of territory × quarters, not the
cells) and uses another solver (GLOP). He is granted more than the public has: he knows which pieces were active in
which quarter. True values serve only to judge how wide his intervals are; they are never written.

    L0   an outsider: what cannot be negative is ≥ 0, the rest is unbounded
    L1   he knows each hidden value beforehand, give or take half

He is quick because most questions are settled without a solver: each served sum is reduced by the served sums it
contains, what remains falls into independent parts, and a part with one single sum left has a closed form.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from scipy import sparse

from datasets.disclosure.apart import Apart
from datasets.disclosure.cubes import KEY, PIECE, Cube, Level, Measure, Period, name_pieces
from datasets.disclosure.primary import Rules, find_unsafe

LEVELS = ("L0", "L1")
FAR = 1e5
"""What stands for "unbounded", in units of the mean of the measure (a nearer bound makes the attacker stronger)."""
TOLERANCE = 1e-5
ROUNDING = 0.51
"""How far a served value may be from the true one (files are rounded; the attacker is granted the true ones)."""

PUBLIC = {"population", "lon", "lat"}
"""Numbers that a hidden row may carry, because they come from elsewhere."""

Key = tuple[str, str, str]

_ATTACKERS = Apart("datasets.disclosure.attacks")


@dataclass(frozen=True)
class Subject:
    """What the auditor judges with (private): the slots with their true values, and the unsafe cells.

    `slots`: one row per slot, the columns of levels and periods, one column per measure, `brut_<measure>` for the
    signed ones. `unsafe`: keys of the unsafe cells, pieces included.
    """

    slots: pd.DataFrame
    unsafe: pd.DataFrame
    measures: tuple[Measure, ...]
    levels: tuple[Level, ...]
    periods: tuple[Period, ...]

    @classmethod
    def of(cls, cube: Cube, rules: Rules) -> "Subject":
        """Build the subject of a cube."""
        unsafe = cube.cells.loc[find_unsafe(cube, rules) != "", list(KEY)]
        return cls(cube.slots, unsafe, cube.measures, cube.levels, cube.periods)


@dataclass(frozen=True)
class Finding:
    """A hidden cell about which an attacker learns too much (private: it names the cell)."""

    dataset: str
    cell: tuple[str, str, str]
    measure: str
    level: str
    problem: str


@dataclass(frozen=True)
class Attack:
    """One measure before one attacker: how far each slot may move, how far each target must be able to."""

    down: np.ndarray
    up: np.ndarray
    need_down: np.ndarray
    need_up: np.ndarray


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
    served: Mapping[str, pd.DataFrame | str | Path],
    subjects: Mapping[str, Subject | Cube],
    rules: Rules | None = None,
    *,
    levels: Sequence[str] = LEVELS,
) -> Audit:
    """Attack the served files (frames, or CSV paths), at each of `levels`; return the findings.

    A served file has the columns niveau_geo, code_geo, periode, masque and measures, empty where hidden. A measure
    of the subject that the file does not show as such (ratios are made of it) is attacked as if it did.
    """
    rules = rules or Rules()
    findings: list[Finding] = []
    years: list[_Year] = []
    for name, file in served.items():
        given = subjects[name]
        subject = Subject.of(given, rules) if isinstance(given, Cube) else given
        rows, cells = read_served(file), _Cells(subject)
        findings += _read_faults(name, rows, cells)
        years += _list_years(name, rows, cells, rules, levels)
    width, programmes, solver = float("inf"), 0, ""
    for year, answer in zip(years, _ATTACKERS.call("find_reaches", years), strict=True):
        reaches, solved, solver = answer
        findings += year.judge(reaches)
        width, programmes = min(width, year.find_width(reaches)), programmes + solved
    attacked = sum(len(year.keys) * len(year.names) for year in years)
    return Audit(tuple(findings), tuple(levels), attacked, width, programmes, solver)


def read_served(file: pd.DataFrame | str | Path) -> pd.DataFrame:
    """Return the served rows: keys as text, `masque` as a boolean, the rest as it stands."""
    rows = file if isinstance(file, pd.DataFrame) else pd.read_csv(file, dtype=dict.fromkeys(KEY, str))
    masque = rows["masque"]
    if masque.dtype != bool:
        rows = rows.assign(masque=masque.astype(str).str.lower().isin(["true", "1", "vrai"]))
    return rows.reset_index(drop=True)


def _read_faults(name: str, rows: pd.DataFrame, cells: "_Cells") -> Iterator[Finding]:
    """Yield what a reader sees without computing: unsafe rows shown, values in masked rows, unknown or false rows."""
    keys = list(map(tuple, rows[list(KEY)].to_numpy()))
    told = [c for c in rows if pd.api.types.is_numeric_dtype(rows[c]) and c not in PUBLIC]
    values = rows[told].drop(columns="masque")
    masked = rows["masque"].to_numpy()
    for i in np.flatnonzero(masked & values.notna().any(axis=1).to_numpy()):
        yield Finding(name, keys[i], str(values.iloc[i].first_valid_index()), "L0", "value in a masked row")
    for i in np.flatnonzero(~masked):
        if keys[i] in cells.unsafe:
            yield Finding(name, keys[i], "", "L0", "unsafe cell shown")
    for i in np.flatnonzero([key not in cells.members for key in keys]):
        yield Finding(name, keys[i], "", "L0", "row outside the public structure")
    if len(set(keys)) < len(keys):
        yield Finding(name, ("", "", ""), "", "L0", "the same row twice")
    for measure in cells.subject.measures:
        if measure.name in rows:
            true = cells.subject.slots[measure.name].to_numpy()
            none = np.zeros(0, dtype=int)
            real = np.array([true[cells.members.get(key, none)].sum() for key in keys])
            told_values = rows[measure.name].to_numpy(dtype=float)
            for i in np.flatnonzero(np.abs(told_values - real) > ROUNDING + 1e-6 * np.abs(real)):
                yield Finding(name, keys[i], measure.name, "L0", "value that is not the sum of its cell")


class _Cells:
    """The cells that the public structure allows: the slots of each, its kind of period and its year."""

    def __init__(self, subject: Subject) -> None:
        self.subject = subject
        self.unsafe: set[Key] = set(map(tuple, subject.unsafe[list(KEY)].to_numpy()))
        self.years = subject.slots[subject.periods[-1].column].astype(str).to_numpy()
        self.members: dict[Key, np.ndarray] = {}
        self.kind: dict[Key, tuple[str, str]] = {}
        for period in subject.periods:
            for level in (*subject.levels, None):
                self._list(level, period)

    def _list(self, level: Level | None, period: Period) -> None:
        slots, geo = self.subject.slots, [one.column for one in self.subject.levels if one.column]
        if level is None:
            code = name_pieces(slots, geo)
        else:
            code = slots[level.column] if level.column else pd.Series(level.code, slots.index)
        named = PIECE if level is None else level.name
        groups: dict[Any, Any] = slots.groupby([code.to_numpy(), slots[period.column].to_numpy()]).indices
        for (place, when), index in groups.items():
            key = (named, str(place), str(when))
            self.members[key], self.kind[key] = np.asarray(index), (period.name, self.years[index[0]])

    def is_close(self, key: Key, listed: set[Key], served: set[tuple[str, tuple[str, str]]]) -> bool:
        """Whether an unsafe cell is in a released table, or is a piece that subtraction of released tables reaches."""
        if key not in self.unsafe:
            return False
        if key[0] != PIECE:
            return key in listed
        return not key[1].strip("×") or all((leaf, self.kind[key]) in served for leaf in self.leaves)

    @cached_property
    def leaves(self) -> list[str]:
        """The levels that no other one divides."""
        parents = {level.parent for level in self.subject.levels}
        return [level.name for level in self.subject.levels if level.name not in parents]


@dataclass(frozen=True)
class _Year:
    """One year of one file, under one pattern of shown rows: a siege, and what is needed to judge how it ends."""

    dataset: str
    keys: list[Key]
    close: np.ndarray
    values: list[np.ndarray]
    names: list[tuple[str, str]]
    n: int
    sums: list[np.ndarray]
    targets: sparse.csr_matrix
    attacks: list[Attack]

    def judge(self, reaches: Sequence[tuple[np.ndarray, np.ndarray]]) -> Iterator[Finding]:
        """Yield the hidden cells that cannot move as far as they need."""
        for (measure, level), attack, (fall, rise) in zip(self.names, self.attacks, reaches, strict=True):
            short_down = fall < attack.need_down * (1 - TOLERANCE)
            for i in np.flatnonzero(short_down | (rise < attack.need_up * (1 - TOLERANCE))):
                problem = "exact" if fall[i] + rise[i] <= TOLERANCE else "too narrow"
                yield Finding(self.dataset, self.keys[i], measure, level, problem)

    def find_width(self, reaches: Sequence[tuple[np.ndarray, np.ndarray]]) -> float:
        """Return the smallest interval proven around an unsafe cell, relative to its value."""
        width = float("inf")
        for value, (fall, rise) in zip(self.values, reaches, strict=True):
            kept = self.close & (value > 0)
            width = min(width, float(((fall + rise)[kept] / value[kept]).min(initial=float("inf"))))
        return width


def _list_years(name: str, rows: pd.DataFrame, cells: _Cells, rules: Rules, levels: Sequence[str]) -> Iterator[_Year]:
    """Yield the sieges of a file: one per year and per set of measures that are shown in the same rows."""
    keys = list(map(tuple, rows[list(KEY)].to_numpy()))
    listed = set(keys)
    served = {(key[0], cells.kind[key]) for key in listed if key in cells.kind}
    shown_in: dict[bytes, list[Measure]] = {}
    for measure in cells.subject.measures:
        shown = rows[measure.name].notna() if measure.name in rows else ~rows["masque"]
        shown_in.setdefault(shown.to_numpy(dtype=bool).tobytes(), []).append(measure)
    for mask, measures in shown_in.items():
        known = {k for k, seen in zip(keys, np.frombuffer(mask, dtype=bool), strict=True) if seen}
        for year in sorted(set(cells.years)):
            slots = np.flatnonzero(cells.years == year)
            mine = [key for key, (_, when) in cells.kind.items() if when == year]
            hidden = [k for k in mine if k not in known and (k in listed or k in cells.unsafe)]
            close = np.array([cells.is_close(key, listed, served) for key in hidden], dtype=bool)
            sums = [np.searchsorted(slots, cells.members[key]) for key in mine if key in known]
            targets = _stack_sums([np.searchsorted(slots, cells.members[key]) for key in hidden], len(slots))
            values, names, attacks = [], [], []
            for measure in measures if hidden else ():
                for level in levels:
                    value, attack = _plan(cells.subject.slots.iloc[slots], measure, level, targets, close, rules)
                    values.append(value)
                    names.append((measure.name, level))
                    attacks.append(attack)
            yield _Year(name, hidden, close, values, names, len(slots), sums, targets, attacks)


def _stack_sums(sums: Sequence[np.ndarray], n: int) -> sparse.csr_matrix:
    row = np.repeat(np.arange(len(sums)), [len(s) for s in sums])
    col = np.concatenate(sums) if sums else np.zeros(0, dtype=int)
    return sparse.csr_matrix((np.ones(len(row)), (row, col)), shape=(len(sums), n))


def _plan(
    slots: pd.DataFrame,
    measure: Measure,
    level: str,
    targets: sparse.csr_matrix,
    close: np.ndarray,
    rules: Rules,
) -> tuple[np.ndarray, Attack]:
    """Return the values of the targets (in units of the measure's mean) and the attack of one level on one measure."""
    true = slots[measure.name].to_numpy(dtype=float)
    gross = slots[f"brut_{measure.name}"].to_numpy(dtype=float) if measure.signed else true
    scale = float(gross.mean()) or 1.0
    true, gross = true / scale, gross / scale
    value = np.abs(targets @ true)
    if level == "L1":
        need = np.where(close, rules.protection * value, 0.0)
        return value, Attack(rules.prior * gross, rules.prior * gross, need, need)
    least = 1.0 / scale if measure.integer else 1e-5
    need = np.maximum(np.where(close, rules.protection, rules.margin) * value, least) * bool(gross.any())
    need_up = np.where(close, need, 0.0)
    far = np.full(len(true), FAR)
    if measure.signed:
        return value, Attack(far, far, need, need_up)
    return value, Attack(true, far, np.minimum(need, value), need_up)
