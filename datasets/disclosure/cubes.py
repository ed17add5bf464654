"""Cubes: the cells that a subject publishes, who contributes to them, and the equations that tie them.

A cube is built from contributions (one row per stop, say), laid out in tables (`layout`).

    slots       one row per (piece of territory, quarter, categories): the finest cells; nothing below is computed
    cells       every cell of every table: key, measures, contributors by role
    equations   one row per identity "parent − Σ children = 0", one column per cell

A cube is private: it holds the values of the cells that will be hidden. It is never written.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import pandas as pd
from scipy import sparse

from datasets.disclosure.contributors import UNITS, count_contributors, count_distinct, own
from datasets.disclosure.layout import (
    PERIODS,
    PIECE,
    TERRITORIES,
    Grid,
    Layout,
    Level,
    Period,
    lay_out_tables,
    name_joint,
)
from datasets.disclosure.pairs import Links, judge_links
from datasets.errors import RecordsError

ENOUGH_LINKS = 3
"""Links without a common end are counted up to this number; a higher threshold finds every flow too poor."""

ROLES = {"lieux": "lieu_id", "equipes": "equipe_id", "programmateurs": "programmateur_id"}


@dataclass(frozen=True)
class Measure:
    """An additive column: `signed` when it may be negative, `integer` when it counts."""

    name: str
    signed: bool = False
    integer: bool = False


@dataclass(frozen=True)
class Cube:
    """Cells, their equations and the slots that they add up (private).

    `cells` columns: FULL_KEY, genre (kind of period), bloc (year), published (False for pieces), n (contributions),
    one column per measure, `brut_<measure>` (Σ|x|, signed measures only), `n_<role>` (contributors, holdings counted
    once), `nb_<role>` (distinct identifiers), `eligible` (how many could contribute) when a directory was given, and
    `couplage` (links without a common end, infinite where there is none) when links were.
    `shares[role, measure]`: cells × ranks, the shares of the largest contributors. `owners[role]`: one row per
    (slot, contributor) with its part of each measure; contributor −1 is nobody that is known.
    """

    name: str
    cells: pd.DataFrame
    equations: sparse.csr_matrix
    measures: tuple[Measure, ...]
    roles: tuple[str, ...]
    dominance: tuple[str, ...]
    layout: Layout
    slots: pd.DataFrame
    members: sparse.csr_matrix
    shares: Mapping[tuple[str, str], np.ndarray] = field(default_factory=dict)
    owners: Mapping[str, pd.DataFrame] = field(default_factory=dict)

    def structure(self) -> pd.DataFrame:
        """Return what the public may know: the pieces of territory active in each quarter, without a value."""
        return self.slots[list(self.layout.columns)].copy()


def build_cube(
    contributions: pd.DataFrame,
    *,
    measures: Sequence[Measure | str],
    levels: Sequence[Level] = TERRITORIES,
    periods: Sequence[Period] = PERIODS,
    grids: Sequence[Grid] = (),
    published: bool = True,
    roles: Mapping[str, str] = ROLES,
    holding: Mapping[str, str] | str | None = None,
    dominance_measures: Sequence[str] | None = None,
    weight: str | None = None,
    weighting: str = UNITS,
    depth: int = 2,
    directory: pd.DataFrame | None = None,
    links: Links | None = None,
    name: str = "cube",
) -> Cube:
    """Aggregate contributions into a Cube.

    `contributions` has the columns of the levels (null where outside), of the periods, of the grids (null: in no
    category), of the roles (identifiers of contributors, null when unknown) and of the measures (floats; a null
    counts as zero). `published` tells whether the tables without categories are. `holding` names the column
    that stands for a role's identifier when contributors are counted (a string means: of the first role), because
    one operator who runs four venues is one contributor. Dominance is judged on `dominance_measures` (default: all)
    and ranks the `depth` largest contributors; `weight` names a column of sampling weights (see `contributors`).
    `directory` lists those who could contribute, one row each, with the columns of the levels, and of the categories
    that are theirs: places where nothing happened then are cells of value zero. `links` tells what a grid of links
    counts. Raises RecordsError when a column is missing.
    """
    specs = tuple(m if isinstance(m, Measure) else Measure(m) for m in measures)
    holdings = {next(iter(roles)): holding} if isinstance(holding, str) else dict(holding or {})
    layout = Layout(tuple(levels), tuple(periods), tuple(grids), published)
    others = [*roles.values(), *holdings.values(), *([weight] if weight else [])]
    _check_columns(contributions, [*layout.columns, *(m.name for m in specs), *others], "contributions")
    dominance = tuple(m.name for m in specs) if dominance_measures is None else tuple(dominance_measures)
    slots, slot_of = _find_slots(contributions, layout)
    if directory is not None:
        slots = _add_places(slots, directory, layout)
    cells, members, equations, tables = lay_out_tables(slots, layout)
    weights = np.ones(len(contributions)) if weight is None else contributions[weight].to_numpy(dtype=float)
    values = {m.name: np.nan_to_num(contributions[m.name].to_numpy(dtype=float)) for m in specs}
    for column, sums in _sum_measures(values, weights, slot_of, len(slots), specs).items():
        slots[column] = sums
        cells[column] = members @ sums
    shares: dict[tuple[str, str], np.ndarray] = {}
    owners: dict[str, pd.DataFrame] = {}
    for role, column in roles.items():
        who = contributions[holdings.get(role, column)]
        owners[role] = own(slot_of, who, values, weights)
        counted, ranked = count_contributors(owners[role], tables, dominance, depth, weighting)
        cells[f"n_{role}"] = counted
        shares |= {(role, measure): share for measure, share in ranked.items()}
        same = holdings.get(role, column) == column
        cells[f"nb_{role}"] = counted if same else count_distinct(tables, slot_of, contributions[column])
    if directory is not None:
        cells["eligible"] = _count_eligible(cells, directory, layout)
    if links is not None:
        cells["couplage"], ranked_ends = judge_links(links, contributions, slot_of, tables, len(cells), ENOUGH_LINKS)
        shares |= ranked_ends
    return Cube(name, cells, equations, specs, tuple(roles), dominance, layout, slots, members, shares, owners)


def _check_columns(frame: pd.DataFrame, wanted: Iterable[str], where: str) -> None:
    missing = [column for column in wanted if column not in frame.columns]
    if missing:
        raise RecordsError(
            where=where,
            found=", ".join(map(str, frame.columns)),
            expected=", ".join(missing),
            advice="Add the missing columns.",
        )


def _find_slots(frame: pd.DataFrame, layout: Layout) -> tuple[pd.DataFrame, np.ndarray]:
    """Return the distinct (territory codes, finest period, categories) of the contributions, and the slot of each."""
    names = list(layout.columns)
    code = np.zeros(len(frame), dtype=np.int64)
    for name in names:
        codes, values = pd.factorize(frame[name], sort=True)
        code = code * (len(values) + 1) + codes + 1
        _, code = np.unique(code, return_inverse=True)
    _, first, slot_of = np.unique(code, return_index=True, return_inverse=True)
    return _plain(frame[names].iloc[first]), slot_of


def _plain(slots: pd.DataFrame) -> pd.DataFrame:
    slots = slots.reset_index(drop=True).astype(object)
    return slots.where(slots.notna(), None)


def _add_places(slots: pd.DataFrame, directory: pd.DataFrame, layout: Layout) -> pd.DataFrame:
    """Add the slots of the places where somebody could have contributed, in every period seen."""
    geography = list(layout.geography)
    _check_columns(directory, geography, "directory")
    named = [*geography, *(column for column in layout.categories if column in directory)]
    places = _plain(directory[named].drop_duplicates())
    times = slots[[period.column for period in layout.periods]].drop_duplicates()
    empty = places.merge(times, how="cross")
    empty = empty.assign(**{column: None for column in layout.categories if column not in named})
    key = [*named, layout.periods[0].column]
    known = pd.MultiIndex.from_frame(slots[key].fillna(""))
    new = ~pd.MultiIndex.from_frame(empty[key].fillna("")).isin(known)
    return _plain(pd.concat([slots, empty.loc[new, list(slots.columns)]]))


def _count_eligible(cells: pd.DataFrame, directory: pd.DataFrame, layout: Layout) -> np.ndarray:
    """Return how many of the directory stand in the territory of each cell, and in its category when it tells it."""
    places = _plain(directory)
    codes = {level.name: places[level.column] if level.column else level.code for level in layout.levels}
    codes[PIECE] = name_joint(places, layout.geography)
    told = {grid.name: grid.columns for grid in layout.every_grid if set(grid.columns) <= set(places)}
    key = ["niveau_geo", "code_geo", "grille", "categorie"]
    stood = [
        places.assign(niveau_geo=level, code_geo=code, grille=grid, categorie=name_joint(places, columns))[key]
        for grid, columns in told.items()
        for level, code in codes.items()
    ]
    counts = pd.concat(stood).value_counts()
    known = cells["grille"].isin(list(told))
    asked = cells.assign(grille=cells["grille"].where(known, ""), categorie=cells["categorie"].where(known, ""))
    return counts.reindex(pd.MultiIndex.from_frame(asked[key]), fill_value=0).to_numpy()


def _sum_measures(
    values: Mapping[str, np.ndarray], weights: np.ndarray, slot_of: np.ndarray, n: int, measures: Iterable[Measure]
) -> dict[str, np.ndarray]:
    sums = {"n": np.bincount(slot_of, minlength=n).astype(float)}
    for m in measures:
        sums[m.name] = np.bincount(slot_of, weights * values[m.name], minlength=n)
        if m.signed:
            sums[f"brut_{m.name}"] = np.bincount(slot_of, weights * np.abs(values[m.name]), minlength=n)
    return sums
