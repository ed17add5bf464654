"""Dates become tours: the eleven rules of docs/ges-method.md, for all tours at once.

    realised dates → without duplicates → stops → split → ordered → nodes (what `legs.trace_legs` reads)

All identifiers are codes (row numbers of the tables of `records.Records`), days are days since 1970-01-01.

- `dates`: equipe, tournee, projet, lieu, engagement, first_day, last_day, status (position in STATUSES), coprogrammed.
- `homes`: one row per tournee: lat, lon (NaN: no home), order_known.
- `venues`: one row per lieu: lat, lon.
- `steps`: declared stops without performance and performances, in order: tournee, rang, kind (position in
  STEP_KINDS), lieu (-1: none), lat, lon.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from datasets.programming.legs import NO_STOP

Ints = npt.NDArray[np.int64]

STATUSES = ("idee", "option", "prevu", "confirme", "realise", "annule", "abandonne")
"""The states of a date; only `realise` counts."""

REALISED = STATUSES.index("realise")

STEP_KINDS = ("representation", "stockage", "residence", "domicile")
"""The kinds of declared steps."""

PERFORMANCE, STORE, RESIDENCY, HOME = range(len(STEP_KINDS))

LONGEST_PAUSE = 10
"""More days than this between two stops end a tour, unless a continuous journey was declared."""


@dataclass(frozen=True)
class Tours:
    """Tours ready to be computed, numbered from 0.

    `stops`: tour, tournee, equipe, projet, lieu, engagement, first_day, last_day, nb_dates, nb_dates_coprogrammees,
    coprogrammed. `homes`: one row per tour: tournee, lat, lon, order_known. `nodes`: see `legs.trace_legs`.
    """

    stops: pd.DataFrame
    homes: pd.DataFrame
    nodes: pd.DataFrame


def build_tours(dates: pd.DataFrame, homes: pd.DataFrame, venues: pd.DataFrame, steps: pd.DataFrame) -> Tours:
    """Apply the rules to the tables told in the docstring of this file."""
    stops = merge_dates(drop_duplicates(dates[dates["status"].to_numpy() == REALISED]))
    pauses = locate_steps(steps, stops)
    stops = split_tours(stops, pauses)
    of_tour = stops.groupby("tour", sort=True)["tournee"].first().to_numpy()
    per_tour = homes.iloc[of_tour].reset_index(drop=True).assign(tournee=of_tour)
    per_tour = settle_residencies(per_tour, stops, pauses)
    per_tour["order_known"] = per_tour["order_known"].to_numpy(dtype=bool) & ~_has_ties(stops, len(per_tour))
    return Tours(stops, per_tour, place_nodes(stops, pauses, venues, per_tour))


def drop_duplicates(dates: pd.DataFrame) -> pd.DataFrame:
    """Keep one row per (company, day, venue), the first one (rule 2): two venues enter the same tour, it is one."""
    return dates.drop_duplicates(["equipe", "first_day", "lieu"])


def merge_dates(dates: pd.DataFrame) -> pd.DataFrame:
    """Merge consecutive dates of one engagement at one venue into one stop (rules 2 and 3)."""
    dates = dates.sort_values(["tournee", "first_day", "lieu", "engagement"], kind="stable", ignore_index=True)
    key = dates[["tournee", "lieu", "engagement"]].to_numpy()
    new = np.ones(len(dates), dtype=bool)
    new[1:] = (key[1:] != key[:-1]).any(axis=1)
    new[1:] |= dates["first_day"].to_numpy()[1:] - dates["last_day"].to_numpy()[:-1] > LONGEST_PAUSE
    groups = dates.groupby(np.cumsum(new) - 1, sort=True)
    stops = dates.loc[new, ["tournee", "equipe", "projet", "lieu", "engagement", "first_day"]].reset_index(drop=True)
    stops["last_day"] = groups["last_day"].max().to_numpy()
    stops["nb_dates"] = groups.size().to_numpy()
    stops["nb_dates_coprogrammees"] = groups["coprogrammed"].sum().to_numpy()
    stops["coprogrammed"] = stops["nb_dates_coprogrammees"].to_numpy() > 0
    return stops


def locate_steps(steps: pd.DataFrame, stops: pd.DataFrame) -> pd.DataFrame:
    """Return the stops without performance, each with `after`: the row of `stops` that it follows (rule 5).

    A step that precedes every realised stop of its tournee gets the row before the first one and `before` true.
    """
    busy = np.unique(steps.loc[steps["kind"].isin([STORE, RESIDENCY]), "tournee"].to_numpy())
    mine = steps[steps["tournee"].isin(busy)].sort_values(["tournee", "rang"], kind="stable")
    first = stops.reset_index(names="row").drop_duplicates(["tournee", "lieu"])[["tournee", "lieu", "row"]]
    mine = mine.merge(first, how="left", on=["tournee", "lieu"])
    mine["row"] = mine["row"].where(mine["kind"] == PERFORMANCE)
    start = mine["tournee"].map(first.groupby("tournee")["row"].min())
    follows = mine.groupby("tournee")["row"].ffill()
    mine["before"] = follows.isna()
    mine["after"] = follows.fillna(start)
    kept = mine["kind"].isin([STORE, RESIDENCY]) & mine["after"].notna() & mine["lat"].notna()
    return mine[kept].astype({"after": np.int64})[["tournee", "rang", "kind", "lat", "lon", "after", "before"]]


def split_tours(stops: pd.DataFrame, pauses: pd.DataFrame) -> pd.DataFrame:
    """Number the tours: a new one at each tournee, and after a long pause without a continuous journey (rule 4)."""
    pause = np.zeros(len(stops), dtype=np.int64)
    pause[1:] = stops["first_day"].to_numpy()[1:] - stops["last_day"].to_numpy()[:-1]
    tournee = stops["tournee"].to_numpy()
    new = np.ones(len(stops), dtype=bool)
    new[1:] = tournee[1:] != tournee[:-1]
    continuous = np.zeros(len(stops) + 1, dtype=bool)
    stored = pauses[(pauses["kind"] == STORE) & ~pauses["before"]]
    continuous[stored["after"].to_numpy() + 1] = True
    new |= (pause > LONGEST_PAUSE) & ~continuous[:-1]
    return stops.assign(tour=np.cumsum(new) - 1)


def settle_residencies(homes: pd.DataFrame, stops: pd.DataFrame, pauses: pd.DataFrame) -> pd.DataFrame:
    """Make a residency longer than the longest pause the home of the tour that follows it (rule 11)."""
    stays = pauses[(pauses["kind"] == RESIDENCY) & ~pauses["before"]].drop_duplicates("after", keep="last")
    stays = stays[stays["after"] + 1 < len(stops)]
    tour, tournee = stops["tour"].to_numpy(), stops["tournee"].to_numpy()
    here = stays["after"].to_numpy()
    follows = (tour[here + 1] != tour[here]) & (tournee[here + 1] == tournee[here])
    moved = homes.copy()
    for axis in ("lat", "lon"):
        positions = homes[axis].to_numpy(np.float64, copy=True)
        positions[tour[here + 1][follows]] = stays[axis].to_numpy()[follows]
        moved[axis] = positions
    return moved


def place_nodes(stops: pd.DataFrame, pauses: pd.DataFrame, venues: pd.DataFrame, homes: pd.DataFrame) -> pd.DataFrame:
    """Return the places of every path in order of travel: stops, with the stores and residencies between them."""
    lieu, after = stops["lieu"].to_numpy(), pauses["after"].to_numpy()
    performs = pd.DataFrame(
        {
            "tour": stops["tour"].to_numpy(),
            "at": np.arange(len(stops), dtype=np.float64),
            "rang": 0,
            "lat": venues["lat"].to_numpy()[lieu],
            "lon": venues["lon"].to_numpy()[lieu],
            "stop": np.arange(len(stops)),
            "coprogrammed": stops["coprogrammed"].to_numpy(),
        }
    )
    between = pd.DataFrame(
        {
            "tour": stops["tour"].to_numpy()[after],
            "at": after + np.where(pauses["before"].to_numpy(dtype=bool), -0.5, 0.5),
            "rang": pauses["rang"].to_numpy(),
            "lat": pauses["lat"].to_numpy(),
            "lon": pauses["lon"].to_numpy(),
            "stop": NO_STOP,
            "coprogrammed": False,
        }
    )
    nodes = pd.concat([performs, between], ignore_index=True) if len(between) else performs
    return nodes.sort_values(["tour", "at", "rang"], kind="stable", ignore_index=True)


def _has_ties(stops: pd.DataFrame, tours: int) -> npt.NDArray[np.bool_]:
    tour, day = stops["tour"].to_numpy(), stops["first_day"].to_numpy()
    tied = (tour[1:] == tour[:-1]) & (day[1:] == day[:-1])
    return np.bincount(tour[1:], tied, tours) > 0
