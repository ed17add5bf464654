"""Cubes: the cells that a subject publishes, who contributes to them, and the equations that tie them.

A cube is built from contributions (one row per stop, say). Geography is described by levels that nest (pays ⊃
région ⊃ département) or cut across (EPCI): the pieces that nobody publishes (an EPCI ∩ a département, what is placed
abroad) are cells too, because a reader obtains them by subtraction. Periods nest: a year is the sum of its quarters.

    slots       one row per active (piece of territory, quarter): the finest cells; nothing below is ever computed
    cells       every cell of every table: key, measures, contributors by role, share of the largest one
    equations   one row per identity "parent − Σ children = 0", one column per cell

A cube is private: it holds the values of the cells that will be hidden. It is never written.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import pandas as pd
from scipy import sparse

from datasets.errors import RecordsError

PIECE = "piece"
"""The level of the unpublished cells: a département ∩ an EPCI, or what lies outside every territory."""

KEY = ("niveau_geo", "code_geo", "periode")


@dataclass(frozen=True)
class Level:
    """A partition of the territory: its `column` of codes (None: one single cell, `code`), inside `parent`."""

    name: str
    column: str | None = None
    parent: str | None = None
    code: str = "FR"


@dataclass(frozen=True)
class Period:
    """A kind of period: its `column`. Kinds are listed finest first; each nests in the next one."""

    name: str
    column: str


@dataclass(frozen=True)
class Measure:
    """An additive column: `signed` when it may be negative, `integer` when it counts."""

    name: str
    signed: bool = False
    integer: bool = False


TERRITORIES = (
    Level("pays"),
    Level("region", "code_region", "pays"),
    Level("departement", "code_departement", "region"),
    Level("epci", "code_epci", "pays"),
)
PERIODS = (Period("trimestre", "trimestre"), Period("annee", "annee"))
ROLES = {"lieux": "lieu_id", "equipes": "equipe_id", "programmateurs": "programmateur_id"}


@dataclass(frozen=True, order=True)
class Table:
    """What is released or withheld as a whole: a level, a kind of period and a year."""

    level: str
    period: str
    block: str


@dataclass(frozen=True)
class Cube:
    """Cells, their equations and the slots that they add up (private).

    `cells` columns: niveau_geo, code_geo, periode, genre (kind of period), bloc (year), published (False for
    pieces), n (contributions), one column per measure, `brut_<measure>` (Σ|x|, signed measures only),
    `n_<role>` (contributors, holdings counted once), `nb_<role>` (distinct identifiers), `part_<role>_<measure>`
    (share of the largest contributor in absolute value).
    """

    name: str
    cells: pd.DataFrame
    equations: sparse.csr_matrix
    measures: tuple[Measure, ...]
    roles: tuple[str, ...]
    dominance: tuple[str, ...]
    levels: tuple[Level, ...]
    periods: tuple[Period, ...]
    slots: pd.DataFrame
    members: sparse.csr_matrix

    def structure(self) -> pd.DataFrame:
        """Return what the public may know: the pieces of territory active in each quarter, without a value."""
        names = [c for level in self.levels if (c := level.column)] + [p.column for p in self.periods]
        return self.slots[names].copy()


def build_cube(
    contributions: pd.DataFrame,
    *,
    measures: Sequence[Measure | str],
    levels: Sequence[Level] = TERRITORIES,
    periods: Sequence[Period] = PERIODS,
    roles: Mapping[str, str] = ROLES,
    holding: Mapping[str, str] | str | None = None,
    dominance_measures: Sequence[str] | None = None,
    name: str = "cube",
) -> Cube:
    """Aggregate contributions into a Cube.

    `contributions` has the columns of the levels (null where outside), of the periods, of the roles (identifiers of
    contributors, null when unknown) and of the measures (floats; a null counts as zero). `holding` names the column
    that stands for a role's identifier when contributors are counted (a string means: of the first role), because
    one operator who runs four venues is one contributor. Dominance is judged on `dominance_measures` (default: all).
    Raises RecordsError when a column is missing.
    """
    specs = tuple(m if isinstance(m, Measure) else Measure(m) for m in measures)
    holdings = {next(iter(roles)): holding} if isinstance(holding, str) else dict(holding or {})
    _check_columns(contributions, specs, levels, periods, [*roles.values(), *holdings.values()])
    dominance = tuple(m.name for m in specs) if dominance_measures is None else tuple(dominance_measures)
    slots, slot_of = _find_slots(contributions, levels, periods)
    cells, members, equations, tables = _lay_out(slots, levels, periods)
    sums = _sum_measures(contributions, slot_of, len(slots), specs)
    for column, values in sums.items():
        slots[column] = values
        cells[column] = members @ values
    for role, column in roles.items():
        who = contributions[holdings.get(role, column)]
        _count_contributors(cells, tables, contributions, slot_of, role, who, dominance)
        same = holdings.get(role, column) == column
        cells[f"nb_{role}"] = cells[f"n_{role}"] if same else _count_distinct(tables, slot_of, contributions[column])
    return Cube(name, cells, equations, specs, tuple(roles), dominance, tuple(levels), tuple(periods), slots, members)


def lay_out(
    slots: pd.DataFrame, levels: Sequence[Level], periods: Sequence[Period]
) -> tuple[pd.DataFrame, sparse.csr_matrix, sparse.csr_matrix]:
    """Return the cells (keys only), their slots (cells × slots) and their equations (equations × cells)."""
    return _lay_out(slots, levels, periods)[:3]


def _lay_out(
    slots: pd.DataFrame, levels: Sequence[Level], periods: Sequence[Period]
) -> tuple[pd.DataFrame, sparse.csr_matrix, sparse.csr_matrix, list["_Listed"]]:
    tables = [_list_table(slots, level, period, periods) for period in periods for level in (*levels, None)]
    cells, members = _stack_tables(tables, len(slots))
    return cells, members, _list_equations(cells, tables, levels, periods), tables


def _check_columns(
    frame: pd.DataFrame,
    measures: Iterable[Measure],
    levels: Iterable[Level],
    periods: Iterable[Period],
    others: Iterable[str],
) -> None:
    wanted = [level.column for level in levels if level.column] + [p.column for p in periods]
    missing = [c for c in [*wanted, *(m.name for m in measures), *others] if c not in frame.columns]
    if missing:
        raise RecordsError(
            where="contributions",
            found=", ".join(map(str, frame.columns)),
            expected=", ".join(missing),
            advice="Add the missing columns.",
        )


def _find_slots(
    frame: pd.DataFrame, levels: Sequence[Level], periods: Sequence[Period]
) -> tuple[pd.DataFrame, np.ndarray]:
    """Return the distinct (territory codes, finest period) of the contributions, and the slot of each of them."""
    names = [level.column for level in levels if level.column] + [p.column for p in periods]
    code = np.zeros(len(frame), dtype=np.int64)
    for name in names:
        codes, values = pd.factorize(frame[name], sort=True)
        code = code * (len(values) + 1) + codes + 1
        _, code = np.unique(code, return_inverse=True)
    _, first, slot_of = np.unique(code, return_index=True, return_inverse=True)
    slots = frame[names].iloc[first].reset_index(drop=True).astype(object)
    return slots.where(slots.notna(), None), slot_of


@dataclass(frozen=True)
class _Listed:
    """One table (a level or the pieces × a kind of period): its cells, and the cell of each slot (−1: none)."""

    level: str
    period: str
    cells: pd.DataFrame
    cell_of: np.ndarray
    offset: int = 0


def _list_table(slots: pd.DataFrame, level: Level | None, period: Period, periods: Sequence[Period]) -> _Listed:
    if level is None:
        code = name_pieces(slots, [c for c in slots.columns if c not in {p.column for p in periods}])
    elif level.column is None:
        code = pd.Series(level.code, index=slots.index)
    else:
        code = slots[level.column]
    known = code.notna().to_numpy()
    keys = pd.DataFrame({"code_geo": code, "periode": slots[period.column], "bloc": slots[periods[-1].column]})
    listed = keys[known].groupby(["code_geo", "periode", "bloc"], sort=True)
    cell_of = np.full(len(slots), -1)
    cell_of[known] = listed.ngroup().to_numpy()
    cells = listed.size().reset_index(name="n")[["code_geo", "periode", "bloc"]]
    name = PIECE if level is None else level.name
    cells.insert(0, "niveau_geo", name)
    cells["genre"] = period.name
    cells["published"] = level is not None
    return _Listed(name, period.name, cells, cell_of)


def name_pieces(slots: pd.DataFrame, columns: Sequence[str]) -> pd.Series:
    """Return the code of the piece of each slot: the codes of all its levels, joined by × (empty where outside)."""
    code = pd.Series("", index=slots.index, dtype=object)
    for i, column in enumerate(columns):
        code = code + ("×" if i else "") + slots[column].fillna("").astype(str)
    return code


def _stack_tables(tables: list[_Listed], n_slots: int) -> tuple[pd.DataFrame, sparse.csr_matrix]:
    """Stack the tables in place (each learns its offset); return all cells and the matrix cells × slots."""
    offset, rows, cols = 0, [], []
    for i, table in enumerate(tables):
        known = np.flatnonzero(table.cell_of >= 0)
        rows.append(table.cell_of[known] + offset)
        cols.append(known)
        tables[i] = _Listed(table.level, table.period, table.cells, table.cell_of, offset)
        offset += len(table.cells)
    row, col = np.concatenate(rows), np.concatenate(cols)
    members = sparse.csr_matrix((np.ones(len(row)), (row, col)), shape=(offset, n_slots))
    return pd.concat([t.cells for t in tables], ignore_index=True), members


def _sum_measures(
    frame: pd.DataFrame, slot_of: np.ndarray, n: int, measures: Iterable[Measure]
) -> dict[str, np.ndarray]:
    sums = {"n": np.bincount(slot_of, minlength=n).astype(float)}
    for m in measures:
        values = np.nan_to_num(frame[m.name].to_numpy(dtype=float))
        sums[m.name] = np.bincount(slot_of, values, minlength=n)
        if m.signed:
            sums[f"brut_{m.name}"] = np.bincount(slot_of, np.abs(values), minlength=n)
    return sums


def _count_contributors(
    cells: pd.DataFrame,
    tables: Iterable[_Listed],
    frame: pd.DataFrame,
    slot_of: np.ndarray,
    role: str,
    who: pd.Series,
    dominance: Sequence[str],
) -> None:
    """Add to `cells` the contributors of `role`, the share of the largest by measure.

    A contributor weighs the absolute value of its own total in the cell: savings of opposite signs do not hide each
    other. An unknown contributor (null) is never counted, but weighs: what nobody owns may be anybody's.
    """
    codes, names = pd.factorize(who)
    width = len(names) + 1
    pairs, pair_of = np.unique(slot_of * width + codes + 1, return_inverse=True)
    slot, contributor = pairs // width, pairs % width
    weights = {
        m: np.bincount(pair_of, np.nan_to_num(frame[m].to_numpy(dtype=float)), minlength=len(pairs)) for m in dominance
    }
    count = np.zeros(len(cells))
    shares = {m: np.zeros(len(cells)) for m in dominance}
    for table in tables:
        n = len(table.cells)
        span = slice(table.offset, table.offset + n)
        known = table.cell_of[slot] >= 0
        merged, merged_of = np.unique(table.cell_of[slot[known]] * width + contributor[known], return_inverse=True)
        cell, person = merged // width, merged % width
        count[span] = np.bincount(cell[person > 0], minlength=n)
        for m in dominance:
            weight = np.abs(np.bincount(merged_of, weights[m][known], minlength=len(merged)))
            total, top = np.bincount(cell, weight, minlength=n), np.zeros(n)
            np.maximum.at(top, cell, weight)
            shares[m][span] = np.divide(top, total, out=np.zeros(n), where=total > 0)
    cells[f"n_{role}"] = count.astype(int)
    for m in dominance:
        cells[f"part_{role}_{m}"] = shares[m]


def _count_distinct(tables: Iterable[_Listed], slot_of: np.ndarray, who: pd.Series) -> np.ndarray:
    codes, names = pd.factorize(who)
    width = len(names) + 1
    pairs = np.unique(slot_of[codes >= 0] * width + codes[codes >= 0])
    counts = []
    for table in tables:
        cell = table.cell_of[pairs // width]
        merged = np.unique(cell[cell >= 0] * width + (pairs % width)[cell >= 0])
        counts.append(np.bincount(merged // width, minlength=len(table.cells)))
    return np.concatenate(counts)


def _list_equations(
    cells: pd.DataFrame, tables: list[_Listed], levels: Sequence[Level], periods: Sequence[Period]
) -> sparse.csr_matrix:
    """Return the identities: territory by territory within a period, then period by period for a territory."""
    listed = {(t.level, t.period): t for t in tables}
    groups = []
    for period in periods:
        for parent, children in _geographic_links(listed, levels, period.name):
            above = listed[parent, period.name]
            groups.append([_link(above, listed[child, period.name], kept) for child, kept in children])
    for finer, coarser in pairwise(periods):
        for level in (*(one.name for one in levels), PIECE):
            below = listed[level, finer.name]
            groups.append([_link(listed[level, coarser.name], below, below.cell_of >= 0)])
    return tie_cells([np.concatenate(group) for group in groups], len(cells))


def _geographic_links(
    listed: Mapping[tuple[str, str], _Listed], levels: Sequence[Level], period: str
) -> Iterable[tuple[str, list[tuple[str, np.ndarray]]]]:
    """Yield (parent, [(child, slots concerned)…]); a chain beside the first adds only what does not follow."""
    parents = {level.name: level.parent for level in levels}
    seen: set[str] = set()
    for leaf in [name for name in parents if name not in parents.values()]:
        chain = [leaf]
        while (above := parents[chain[-1]]) is not None:
            chain.append(above)
        for depth, level in enumerate(chain):
            if level in seen:
                continue
            seen.add(level)
            has = listed[level, period].cell_of >= 0
            if depth == 0:
                yield level, [(PIECE, has)]
            else:
                below = listed[chain[depth - 1], period].cell_of >= 0
                yield level, [(chain[depth - 1], has & below), (PIECE, has & ~below)]


def _link(parent: _Listed, child: _Listed, kept: np.ndarray) -> np.ndarray:
    """Return the distinct (parent cell, child cell) pairs of the slots `kept`."""
    rows = np.flatnonzero(kept)
    pairs = np.stack([parent.cell_of[rows] + parent.offset, child.cell_of[rows] + child.offset], axis=1)
    return np.unique(pairs, axis=0)


def tie_cells(groups: Iterable[np.ndarray], n_cells: int) -> sparse.csr_matrix:
    """Return one equation "parent − Σ children = 0" per parent of each group of (parent, child) pairs."""
    rows, cols, signs, n = [], [], [], 0
    for pairs in groups:
        parents, row = np.unique(pairs[:, 0], return_inverse=True)
        rows += [np.arange(n, n + len(parents)), row + n]
        cols += [parents, pairs[:, 1]]
        signs += [np.ones(len(parents)), -np.ones(len(pairs))]
        n += len(parents)
    if not rows:
        return sparse.csr_matrix((0, n_cells))
    data = np.concatenate(signs), (np.concatenate(rows), np.concatenate(cols))
    return sparse.csr_matrix(data, shape=(n, n_cells))
