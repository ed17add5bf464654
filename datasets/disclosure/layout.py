"""The layout of a cube: its levels, periods and grids, the tables that they make and the equations that tie cells.

Geography is described by levels that nest (pays ⊃ région ⊃ département) or cut across (EPCI): the pieces that nobody
publishes (an EPCI ∩ a département, what is placed abroad) are cells too, because a reader obtains them by
subtraction. Periods nest: a year is the sum of its quarters. Some tables are divided further, by categories (modes of
transport, disciplines): a grid.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

import numpy as np
import pandas as pd
from scipy import sparse

PIECE = "piece"
"""The level of the unpublished cells: a département ∩ an EPCI, or what lies outside every territory."""

KEY = ("niveau_geo", "code_geo", "periode")
FULL_KEY = (*KEY, "grille", "categorie")
"""The key of a cell: `grille` is the name of its grid and `categorie` its categories, "" in tables without any."""
JOINT = "×"
"""What joins the codes of a piece, and those of several categories."""


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
class Grid:
    """Tables divided by categories: `levels` × `periods` (names) × the values of `columns`.

    The grid without a name and without columns is the cube's own: all its levels and periods. The tables of `private`
    levels are not published: they tie the others (the two ends of a flow, each in its territory). The categories are
    `told` when the directory of those who contribute tells them: everybody then knows which are possible in a piece.
    """

    name: str = ""
    columns: tuple[str, ...] = ()
    levels: tuple[str, ...] = ()
    periods: tuple[str, ...] = ()
    published: bool = True
    private: tuple[str, ...] = ()
    told: bool = False


TERRITORIES = (
    Level("pays"),
    Level("region", "code_region", "pays"),
    Level("departement", "code_departement", "region"),
    Level("epci", "code_epci", "pays"),
)
PERIODS = (Period("trimestre", "trimestre"), Period("annee", "annee"))


@dataclass(frozen=True, order=True)
class Table:
    """What is released or withheld as a whole: a level, a kind of period and a year, in a grid."""

    level: str
    period: str
    block: str
    grid: str = ""


@dataclass(frozen=True)
class Layout:
    """The dimensions of a cube: what its slots are made of and which tables add them up."""

    levels: tuple[Level, ...] = TERRITORIES
    periods: tuple[Period, ...] = PERIODS
    grids: tuple[Grid, ...] = ()
    published: bool = True
    """Whether the tables without categories are published."""

    @property
    def geography(self) -> tuple[str, ...]:
        """The columns of the territories."""
        return tuple(level.column for level in self.levels if level.column)

    @property
    def categories(self) -> tuple[str, ...]:
        """The columns of the categories of all grids, once each."""
        return tuple(dict.fromkeys(column for grid in self.grids for column in grid.columns))

    @property
    def columns(self) -> tuple[str, ...]:
        """The columns of a slot."""
        return (*self.geography, *(period.column for period in self.periods), *self.categories)

    @property
    def every_grid(self) -> tuple[Grid, ...]:
        """The cube's own grid, then those with categories."""
        levels, periods = (tuple(one.name for one in group) for group in (self.levels, self.periods))
        return Grid("", (), levels, periods, self.published), *self.grids

    @property
    def leaves(self) -> tuple[str, ...]:
        """The levels that no other one divides."""
        return self.list_leaves(Grid(levels=tuple(level.name for level in self.levels)))

    def find_parents(self, grid: Grid) -> dict[str, str | None]:
        """Return the nearest parent of each level of a grid among its levels."""
        above = {level.name: level.parent for level in self.levels}
        parents: dict[str, str | None] = {}
        for name in (level.name for level in self.levels if level.name in grid.levels):
            parent = above[name]
            while parent is not None and parent not in grid.levels:
                parent = above[parent]
            parents[name] = parent
        return parents

    def list_leaves(self, grid: Grid) -> tuple[str, ...]:
        """Return the levels of a grid that none of its others divides."""
        parents = self.find_parents(grid)
        return tuple(name for name in parents if name not in parents.values())

    def is_pieced(self, grid: Grid) -> bool:
        """Return whether the pieces of territory tie the cells of a grid.

        With categories they do when its leaf levels straddle each other, or when everybody knows which categories a
        piece has. Else any division of a leaf cell between its pieces is possible, and tells nothing.
        """
        return not grid.columns or grid.told or len(self.list_leaves(grid)) > 1


def lay_out(slots: pd.DataFrame, layout: Layout) -> tuple[pd.DataFrame, sparse.csr_matrix, sparse.csr_matrix]:
    """Return the cells (keys only), their slots (cells × slots) and their equations (equations × cells)."""
    return lay_out_tables(slots, layout)[:3]


def lay_out_tables(
    slots: pd.DataFrame, layout: Layout
) -> tuple[pd.DataFrame, sparse.csr_matrix, sparse.csr_matrix, list["Listed"]]:
    """Return what `lay_out` returns, and the tables themselves."""
    tables = [table for grid in layout.every_grid for table in _list_tables(slots, grid, layout)]
    cells, members = _stack_tables(tables, len(slots))
    return cells, members, _list_equations(cells, tables, layout), tables


@dataclass(frozen=True)
class Listed:
    """One table (a level or the pieces × a kind of period, in a grid): its cells, and the cell of each slot (or −1)."""

    grid: Grid
    level: str
    period: str
    cells: pd.DataFrame
    cell_of: np.ndarray
    offset: int = 0


def _list_tables(slots: pd.DataFrame, grid: Grid, layout: Layout) -> Iterator[Listed]:
    """Yield the tables of a grid: its levels, then the pieces (those outside of the levels, when it is not pieced)."""
    levels = [level for level in layout.levels if level.name in grid.levels]
    among = np.ones(len(slots), dtype=bool)
    if not layout.is_pieced(grid):
        for level in levels:
            if level.column and level.name in layout.list_leaves(grid):
                among &= slots[level.column].isna().to_numpy()
        among &= any(level.column is None for level in levels)
    for period in (period for period in layout.periods if period.name in grid.periods):
        for level in levels:
            yield _list_table(slots, level, period, grid, layout)
        yield _list_table(slots, None, period, grid, layout, among)


def _list_table(
    slots: pd.DataFrame,
    level: Level | None,
    period: Period,
    grid: Grid,
    layout: Layout,
    among: np.ndarray | bool = True,
) -> Listed:
    if level is None:
        code = name_joint(slots, layout.geography)
    elif level.column is None:
        code = pd.Series(level.code, index=slots.index)
    else:
        code = slots[level.column]
    known = code.notna().to_numpy() & among
    keys = pd.DataFrame(
        {
            "code_geo": code,
            "periode": slots[period.column],
            "bloc": slots[layout.periods[-1].column],
            "categorie": name_joint(slots, grid.columns),
        }
    )
    listed = keys[known].groupby(["code_geo", "periode", "bloc", "categorie"], sort=True)
    cell_of = np.full(len(slots), -1)
    cell_of[known] = listed.ngroup().to_numpy()
    cells = listed.size().reset_index(name="n").drop(columns="n")
    name = PIECE if level is None else level.name
    cells.insert(0, "niveau_geo", name)
    cells["grille"] = grid.name
    cells["genre"] = period.name
    unknown = cells["categorie"].str.strip(JOINT).eq("") if grid.columns else False
    shown = grid.published and level is not None and name not in grid.private
    cells["published"] = shown & ~np.broadcast_to(unknown, len(cells))
    return Listed(grid, name, period.name, cells, cell_of)


def name_joint(slots: pd.DataFrame, columns: Sequence[str]) -> pd.Series:
    """Return the codes of `columns` of each slot, joined by × (empty where there is none)."""
    code = pd.Series("", index=slots.index, dtype=object)
    for i, column in enumerate(columns):
        code = code + (JOINT if i else "") + slots[column].fillna("").astype(str)
    return code


def _stack_tables(tables: list[Listed], n_slots: int) -> tuple[pd.DataFrame, sparse.csr_matrix]:
    """Stack the tables in place (each learns its offset); return all cells and the matrix cells × slots."""
    offset, rows, cols = 0, [], []
    for i, table in enumerate(tables):
        known = np.flatnonzero(table.cell_of >= 0)
        rows.append(table.cell_of[known] + offset)
        cols.append(known)
        tables[i] = replace(table, offset=offset)
        offset += len(table.cells)
    row, col = np.concatenate(rows), np.concatenate(cols)
    members = sparse.csr_matrix((np.ones(len(row)), (row, col)), shape=(offset, n_slots))
    return pd.concat([t.cells for t in tables], ignore_index=True), members


def _list_equations(cells: pd.DataFrame, tables: list[Listed], layout: Layout) -> sparse.csr_matrix:
    """Return the identities: by territory within a period, by period for a territory, by category for both."""
    listed = {(t.grid.name, t.level, t.period): t for t in tables}
    groups = []
    for grid in layout.every_grid:
        mine = {(level, period): t for (name, level, period), t in listed.items() if name == grid.name}
        for period in grid.periods:
            for parent, children in _geographic_links(mine, layout, grid, period):
                groups.append([_link(mine[parent, period], mine[child, period], kept) for child, kept in children])
        kinds = [period.name for period in layout.periods if period.name in grid.periods]
        for finer, longer in pairwise(kinds):
            for level in (*grid.levels, PIECE):
                below = mine[level, finer]
                groups.append([_link(mine[level, longer], below, below.cell_of >= 0)])
        for coarser in _coarser_grids(grid, layout):
            for (level, period), table in mine.items():
                above = listed.get((coarser.name, level, period))
                if above is not None:
                    groups.append([_link(above, table, table.cell_of >= 0)])
    return tie_cells([np.concatenate(group) for group in groups], len(cells))


def _coarser_grids(grid: Grid, layout: Layout) -> list[Grid]:
    """Return the grids that a grid divides further: those with fewer of its columns, and no other between them."""
    above = [one for one in layout.every_grid if set(one.columns) < set(grid.columns)]
    return [one for one in above if not any(set(one.columns) < set(other.columns) for other in above)]


def _geographic_links(
    listed: Mapping[tuple[str, str], Listed], layout: Layout, grid: Grid, period: str
) -> Iterator[tuple[str, list[tuple[str, np.ndarray]]]]:
    """Yield (parent, [(child, slots concerned)…]); a chain beside the first adds only what does not follow.

    Levels that a grid leaves out are skipped; the leaves are divided into pieces when the grid is.
    """
    parents = layout.find_parents(grid)
    seen: set[str] = set()
    for leaf in layout.list_leaves(grid):
        chain = [leaf]
        while (above := parents[chain[-1]]) is not None:
            chain.append(above)
        for depth, level in enumerate(chain):
            if level in seen:
                continue
            seen.add(level)
            has = listed[level, period].cell_of >= 0
            if depth:
                below = listed[chain[depth - 1], period].cell_of >= 0
                yield level, [(chain[depth - 1], has & below), (PIECE, has & ~below)]
            elif layout.is_pieced(grid):
                yield level, [(PIECE, has)]


def _link(parent: Listed, child: Listed, kept: np.ndarray) -> np.ndarray:
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


def complete_key(rows: pd.DataFrame, grid: Grid) -> pd.DataFrame:
    """Return served rows of a grid with the columns `grille` and `categorie` of FULL_KEY."""
    return rows.assign(grille=grid.name, categorie=name_joint(rows, grid.columns) if grid.columns else "")
