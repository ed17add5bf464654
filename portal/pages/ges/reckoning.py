"""A trip computed step by step, with the functions that compute the published figures: see docs/ges-method.md.

Importing this file costs the tools of tables (pandas): only the answer of the example needs it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import pandas as pd

from datasets.programming.factors import DETOURS, FACTORS, MODES, PLANE, PLANE_BANDS, EmissionFactor
from datasets.programming.legs import ACTUAL, ALONE, WITHOUT
from datasets.programming.savings import Component, Stop, compute_savings, intensity_of, list_lines, trace_tour
from portal.pages.ges.places import Place
from portal.pages.ges.trips import Line, Trip

Pair = tuple[int, int]


@dataclass(frozen=True)
class Part:
    """What one transport line emits on a leg: quantity × factor × detour × great-circle km, as often as travelled."""

    line: Line
    factor: EmissionFactor
    kg: float


@dataclass(frozen=True)
class Leg:
    """One leg: from where to where, great-circle km, how often, whether its distance was given, what it emits."""

    start: Place
    end: Place
    km: float
    times: int
    given: bool
    parts: tuple[Part, ...]

    @property
    def kg(self) -> float:
        """What all the lines emit on the leg."""
        return sum(part.kg for part in self.parts)


@dataclass(frozen=True)
class Share:
    """What falls to a venue: what it alone would emit, and its parts of both savings (kgCO2e)."""

    place: Place
    alone: float
    gross: float
    attributable: float


@dataclass(frozen=True)
class Reckoning:
    """The three situations leg by leg, then the figures in kgCO2e; margins are ± kgCO2e."""

    actual: tuple[Leg, ...]
    alone: tuple[Leg, ...]
    without: tuple[Leg, ...]
    emitted: float
    counterfactual: float
    counterfactual_due: float
    gross: float
    gross_margin: float
    attributable: float
    margin: float
    shares: tuple[Share, ...]


def reckon(trip: Trip) -> Reckoning:
    """Compute a trip."""
    components = [Component(line.mode, line.quantity) for line in trip.lines]
    stops = [Stop(*place.point, coprogrammed=rank not in trip.own) for rank, place in enumerate(trip.stops, 1)]
    legs = trace_tour(trip.home.point, stops)
    ends = list_ends(trip)
    legs["km"] = replace_known(legs["km"].to_numpy(), ends, trip)
    found = compute_savings(legs, list_lines(components), tours=1, stops=len(stops))
    tour = found.tours.iloc[0]
    return Reckoning(
        actual=_tell_legs(legs, ends, trip, ACTUAL),
        alone=_tell_legs(legs, ends, trip, ALONE),
        without=_tell_legs(legs, ends, trip, WITHOUT),
        emitted=float(tour["reel"]),
        counterfactual=float(tour["contrefactuel"]),
        counterfactual_due=float(tour["contrefactuel_attribuable"]),
        gross=float(tour["economie_brute"]),
        gross_margin=float(tour["incertitude"]),
        attributable=float(tour["economie_attribuable"]),
        margin=float(tour["incertitude_attribuable"]),
        shares=_tell_shares(found.stops, trip.stops),
    )


def list_ends(trip: Trip) -> list[Pair]:
    """Return the two places of each leg that `trace_tour` returns, in its order: ranks of venues, 0 for the home."""
    ranks = range(1, len(trip.stops) + 1)
    own = [rank for rank in ranks if rank in trip.own]
    round_trips = [(0, rank) for rank in ranks if rank not in trip.own]
    return [*_loop(ranks), *((0, rank) for rank in ranks), *_loop(own), *round_trips]


def _loop(ranks: Sequence[int]) -> list[Pair]:
    path = [0, *ranks, 0]
    return list(pairwise(path)) if ranks else []


def replace_known(kilometres: np.ndarray, ends: list[Pair], trip: Trip) -> np.ndarray:
    """Return the great-circle km of the legs, those of known road distances deduced from them."""
    known = dict(trip.known)
    pairs = ((min(pair), max(pair)) for pair in ends)
    told = (known[pair] / DETOURS["route"] if pair in known else km for pair, km in zip(pairs, kilometres, strict=True))
    return np.array(list(told), dtype=np.float64)


def factor_of(mode: str, km: float) -> EmissionFactor:
    """Return the line of the factors for a leg: that of the mode, or for a plane that of its distance."""
    if mode != PLANE:
        return FACTORS[mode]
    return FACTORS[next(line for start, line in reversed(PLANE_BANDS) if km >= start)]


def _tell_legs(legs: pd.DataFrame, ends: list[Pair], trip: Trip, scenario: int) -> tuple[Leg, ...]:
    places, known = (trip.home, *trip.stops), dict(trip.known)
    rows = zip(ends, legs["scenario"], legs["km"], legs["times"], strict=True)
    return tuple(
        Leg(
            places[start],
            places[end],
            float(km),
            int(times),
            (min(start, end), max(start, end)) in known,
            tuple(_tell_part(line, float(km), int(times)) for line in trip.lines),
        )
        for (start, end), situation, km, times in rows
        if situation == scenario
    )


def _tell_part(line: Line, km: float, times: int) -> Part:
    intensity = intensity_of(np.array([MODES.index(line.mode)]), np.array([km]))[0]
    return Part(line, factor_of(line.mode, km), float(line.quantity * intensity * km * times))


def _tell_shares(stops: pd.DataFrame, places: tuple[Place, ...]) -> tuple[Share, ...]:
    columns = stops[["contrefactuel", "economie_brute", "economie_attribuable"]].to_numpy()
    return tuple(Share(place, *map(float, row)) for place, row in zip(places, columns, strict=True))
