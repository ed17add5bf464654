"""Periods that were released are served again as they were; what moved in them since is never published.

A released figure moves when a project is entered late, removed or corrected, or when a territory changes. Who kept the
earlier file subtracts, and reads what is often the figure of one contributor. Nothing private outlives a publication,
so that nobody can prove afterwards that three contributors stand behind a move. Therefore:

    a period is released once, when it is over
    every later release serves its rows again, verbatim
    a year is released when it is over; if one of its released quarters has moved, as the sum of what they tell

(Beside the quarters as they were, the year as it is would tell the move. Their sum tells nothing new.)
Periods are named as in `layout.PERIODS`: "2026-T3" for a quarter, "2026" for a year.
"""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np
import pandas as pd

from datasets.disclosure.cubes import Cube
from datasets.disclosure.layout import FULL_KEY, JOINT, Layout, Table, complete_key, name_joint
from datasets.disclosure.primary import Rules, find_unsafe

Frames = Mapping[str, pd.DataFrame]


@dataclass(frozen=True)
class Plan:
    """What a release computes anew, and what it serves again.

    `fresh`: by cube, the contributions to protect now. `known`: by dataset, the rows served before of years that are
    still computed (their new quarters and their total are protected beside them); `kept`: those of all other years.
    `withheld`: the tables of years that are not over, or of which a released quarter moved. `moved`: these last years;
    `summed`: those of them that are over.
    """

    fresh: Frames
    known: Frames
    kept: Frames
    withheld: frozenset[Table]
    moved: tuple[str, ...]
    summed: tuple[str, ...]

    @property
    def frozen(self) -> tuple[str, ...]:
        """The periods that are served again, in order."""
        served = [rows["periode"] for frames in (self.known, self.kept) for rows in frames.values()]
        return tuple(sorted({str(period) for each in served for period in each.unique()}))

    def before(self, dataset: str) -> pd.DataFrame | None:
        """Return the rows of `dataset` that were served before, None when there are none."""
        parts = [frames[dataset] for frames in (self.kept, self.known) if dataset in frames]
        return pd.concat(parts) if parts else None


def is_over(period: str, day: date) -> bool:
    """Return whether a quarter or a year ended before `day`."""
    year, _, quarter = period.partition("-T")
    last = 3 * int(quarter) if quarter else 12
    return date(int(year) + last // 12, last % 12 + 1, 1) <= day


def year_of(period: str) -> str:
    """Return the year of a quarter or of a year."""
    return period[:4]


def plan_release(
    frames: Frames,
    layouts: Mapping[str, Layout],
    earlier: Frames,
    over: Callable[[str], bool] = lambda period: True,
    moved: Collection[str] = (),
) -> Plan:
    """Return what to compute from the contributions of each cube (`frames`), after the rows served before (`earlier`).

    `layouts` gives the layout of each cube; its datasets are named as its grids, the cube's own as itself. Cubes that
    are planned together share their periods: what one released is frozen in all. `over` says whether a period is;
    `moved` adds years to those of which a released quarter moved (see `find_broken_years`).
    """
    rows = {name: served for name, served in earlier.items() if name in _list_datasets(layouts)}
    frozen = {str(period) for served in rows.values() for period in served["periode"].unique()}
    closed = {period for period in frozen if period == year_of(period)}
    open_ = {period for period in frozen if year_of(period) not in closed}
    changed = set(moved)
    for name, frame in frames.items():
        changed |= set(map(year_of, _find_moved(name, frame, layouts[name], rows, open_)))
    listed = {str(p) for name, frame in frames.items() for p in frame[layouts[name].periods[0].column].unique()}
    due = {period for period in listed if over(period)}
    new = {year_of(p) for p in due - frozen} | {year for year in map(year_of, due) if over(year) and year not in frozen}
    years = (new | changed) - closed
    gone = changed | {period for period in frozen if year_of(period) in changed}
    taken = {period for period in due if year_of(period) in years and period not in gone}
    fresh = {name: _take(frame, layouts[name], taken) for name, frame in frames.items()}
    partial = {year for year in years if year in changed or not over(year)}
    parted = {name: served["periode"].map(year_of).isin(years - changed) for name, served in rows.items()}
    return Plan(
        fresh,
        known={name: served[parted[name]] for name, served in rows.items()},
        kept={name: served[~parted[name]] for name, served in rows.items()},
        withheld=frozenset(table for layout in layouts.values() for table in _list_totals(layout, partial)),
        moved=tuple(sorted(changed)),
        summed=tuple(sorted(filter(over, changed))),
    )


def plan_cubes(
    frames: Frames,
    layouts: Mapping[str, Layout],
    build: Callable[[str, pd.DataFrame], Cube],
    earlier: Frames,
    rules: Rules,
    over: Callable[[str], bool] = lambda period: True,
) -> tuple[Plan, list[Cube]]:
    """Return the plan of a release and the cubes that it computes, made by `build` from a name and contributions.

    None are made where every period that is over was released.
    """
    moved: set[str] = set()
    while True:
        plan = plan_release(frames, layouts, earlier, over, moved)
        cubes = [build(name, frame) for name, frame in plan.fresh.items() if len(frame)]
        found = find_broken_years(cubes, plan.known, rules)
        if not found:
            return plan, cubes
        moved |= found


def find_broken_years(cubes: Iterable[Cube], known: Frames, rules: Rules) -> set[str]:
    """Return the years of which a row served before is gone, or was shown and would be unsafe now.

    No figure needs to have moved for that: another operator may be found to stand behind a venue.
    """
    years = set()
    for cube in cubes:
        listed = pd.MultiIndex.from_frame(cube.cells[list(FULL_KEY)])
        unsafe = listed[(find_unsafe(cube, rules) != "").to_numpy()]
        for grid in cube.layout.every_grid:
            rows = known.get(grid.name or cube.name)
            if rows is not None:
                keys = pd.MultiIndex.from_frame(complete_key(rows, grid)[list(FULL_KEY)])
                shown = ~rows["masque"].to_numpy(dtype=bool)
                years |= set(rows.loc[~keys.isin(listed) | (shown & keys.isin(unsafe)), "periode"].map(year_of))
    return years


def sum_years(rows: pd.DataFrame, years: Collection[str], key: Sequence[str], measures: Sequence[str]) -> pd.DataFrame:
    """Return one row per year and place: the sums of the quarters that `rows` show, hidden where one of them is.

    Columns: `key` (without categories, KEY), `masque`, `measures`. Anybody can make them: they tell nothing new.
    """
    quarters = rows[rows["periode"].map(year_of).isin(years) & rows["periode"].map(len).gt(4)]
    listed = quarters.reindex(columns=[*key, "masque", *measures])
    grouped = listed.assign(periode=listed["periode"].map(year_of)).groupby(list(key), sort=True)
    summed, hidden = grouped[[*measures]].sum(min_count=1).astype(float), grouped["masque"].any()
    summed.loc[hidden] = np.nan
    return summed.assign(masque=hidden).reset_index()[[*key, "masque", *measures]]


def append_kept(rows: pd.DataFrame | None, kept: pd.DataFrame | None) -> pd.DataFrame:
    """Return the new rows of a dataset and those that it keeps, in order of period."""
    given = [part for part in (rows, kept) if part is not None]
    parts = [part.reindex(columns=given[0].columns) for part in given if len(part)]
    if len(parts) < 2:
        return parts[0] if parts else given[0]
    joined = pd.concat(parts, ignore_index=True)
    order = [name for name in ("periode", "niveau_geo", "code_geo") if name in joined]
    return joined.sort_values(order, kind="stable", ignore_index=True)


def put_back(rows: pd.DataFrame, before: pd.DataFrame | None) -> pd.DataFrame:
    """Return new rows of a dataset, those of the periods served before (`before`) as they were then."""
    if before is None or before.empty:
        return rows
    return append_kept(rows[~rows["periode"].isin(set(before["periode"]))], before)


def _list_datasets(layouts: Mapping[str, Layout]) -> set[str]:
    return {grid.name or name for name, layout in layouts.items() for grid in layout.every_grid}


def _take(frame: pd.DataFrame, layout: Layout, periods: set[str]) -> pd.DataFrame:
    """Return the contributions of some of the finest periods."""
    return frame[frame[layout.periods[0].column].isin(periods).to_numpy()]


def _list_totals(layout: Layout, years: set[str]) -> Iterator[Table]:
    """Yield the tables of the coarser kinds of periods, in some years."""
    for grid in layout.every_grid:
        for period in (period for period in layout.periods[1:] if period.name in grid.periods):
            yield from (Table(level, period.name, year, grid.name) for level in grid.levels for year in years)


def _find_moved(name: str, frame: pd.DataFrame, layout: Layout, earlier: Frames, periods: set[str]) -> Iterator[str]:
    """Yield those of `periods` (quarters) in which a figure that was shown is not that of the contributions of a cube.

    A row that was not there counts as a move too: nothing had happened in that territory.
    """
    column = layout.periods[0].column
    concerned = _take(frame, layout, periods)
    for grid in layout.every_grid:
        served = earlier.get(grid.name or name)
        if served is None or layout.periods[0].name not in grid.periods:
            continue
        told = complete_key(served[served["periode"].isin(periods)], grid)
        for level in (level for level in layout.levels if level.name in grid.levels):
            rows = told[told["niveau_geo"] == level.name]
            place = concerned[level.column] if level.column else pd.Series(level.code, index=concerned.index)
            if len(rows):
                keys = [place, concerned[column], name_joint(concerned, grid.columns)]
                yield from _differ(rows, concerned, keys)


def _differ(rows: pd.DataFrame, frame: pd.DataFrame, keys: Sequence[pd.Series]) -> Iterator[str]:
    """Yield the periods of `rows` (of one level) whose figures are not the sums of `frame` by place, period, category.

    Figures are the columns of numbers that both have.
    """
    measures = [m for m in rows if m in frame and pd.api.types.is_numeric_dtype(rows[m]) and m != "masque"]
    columns = ["code_geo", "periode", "categorie"]
    values = {name: key.astype(object) for name, key in zip(columns, keys, strict=True)}
    contributed = pd.DataFrame(values | {m: frame[m].astype(float) for m in measures})
    if rows["grille"].ne("").any():
        contributed = contributed[contributed["categorie"].str.strip(JOINT).ne("")]
    sums, told = contributed.groupby(columns).sum(), rows.set_index(columns)
    yield from sums.index.difference(told.index).get_level_values("periode")
    shown = told.loc[~told["masque"].to_numpy(dtype=bool), measures].astype(float).fillna(0.0)
    found = sums.reindex(shown.index).fillna(0.0)
    same = np.isclose(shown.to_numpy(), found.to_numpy(), rtol=1e-9, atol=1e-6).all(axis=1)
    yield from shown.index[np.flatnonzero(~same)].get_level_values("periode")
