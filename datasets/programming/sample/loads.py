"""What travels: the projects of a block, the transport lines of its tours, and the steps that they declared."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from datasets.programming.sample.actors import DISCIPLINES, World, parties
from datasets.programming.sample.journeys import (
    COPY,
    DOMINANT,
    ORDINARY,
    PAIRED,
    PARTNER,
    PAUSE,
    REALISED,
    Journeys,
    are_sources,
)
from datasets.programming.sample.places import draw
from datasets.programming.sample.sizes import Bools, Ints, pick, planted_count, seeded

MODES: tuple[tuple[str, float, int, str], ...] = (
    ("voiture_moyenne", 0.27, 4, "diesel"),
    ("voiture_electrique", 0.03, 4, "électrique"),
    ("minibus_9", 0.15, 8, "diesel"),
    ("vul_fourgon", 0.27, 0, "diesel"),
    ("tgv", 0.08, 1, "électrique"),
    ("intercites", 0.03, 1, ""),
    ("ter", 0.05, 1, ""),
    ("porteur_7_5t", 0.02, 0, "diesel"),
    ("porteur_12t", 0.02, 0, "diesel"),
    ("porteur_19t", 0.02, 0, "diesel"),
    ("articule_40t", 0.01, 0, "diesel"),
    ("autocar", 0.03, 1, "diesel"),
    ("autocar_affrete", 0.01, 0, "diesel"),
    ("avion", 0.0, 1, ""),
)
"""Mode, its share of the lines of ordinary tours, people per unit (0: one vehicle), engine. Far tours go by plane."""

MODE_NAMES = tuple(mode for mode, *_ in MODES)
PLANE, TRUCK, SHARED = (MODE_NAMES.index(mode) for mode in ("avion", "articule_40t", "porteur_19t"))
LINES_SHARES = np.array([0.10, 0.42, 0.35, 0.13])
DOMINANT_TRUCKS = 3
SHARED_PART = 0.7
STEP_SHARE = 0.06
STORE, RESIDENCY = 0, 1


@dataclass(frozen=True)
class Loads:
    """projects: company, party, volume (m³ × 10), discipline, owner (an accepted programmer). project: of each
    tour (row of projects).

    lines: tour, mode, quantity, vehicle (number in the block, -1: own), part (of the volume of a shared vehicle).
    steps: tour, after (row of stops), venue, kind: stores and residencies, those of tours that were not realised
    being only planned. legs: number of declared legs per tour.
    """

    projects: pd.DataFrame
    project: Ints
    lines: pd.DataFrame
    steps: pd.DataFrame
    legs: Ints


def plan_loads(world: World, block: int, journeys: Journeys) -> Loads:
    """Return what travels in a block; the sums of projects, lines and legs are those of the size."""
    projects, project = _projects(world, block, journeys.tours)
    lines = _lines(world, block, journeys.tours, projects["party"].to_numpy()[project])
    steps, legs = _steps(world, block, journeys)
    return Loads(projects, project, lines, steps, legs)


def _projects(world: World, block: int, tours: pd.DataFrame) -> tuple[pd.DataFrame, Ints]:
    chance = seeded(world.seed, "projets", block)
    count = int(world.size.block_rows("projets")[block])
    start, end = world.company_bounds(block)
    more = draw(chance, world.companies["weight"].to_numpy()[start:end], count - (end - start))
    company = np.sort(np.concatenate([np.arange(end - start), more]))
    has = np.bincount(company, minlength=end - start)
    first = np.cumsum(has) - has
    own = tours["company"].to_numpy() - start
    project = first[own] + np.floor(chance.random(len(tours)) ** 2 * has[own]).astype(np.int64)
    copied = (tours["kind"] == COPY).to_numpy()
    project[copied] = project[tours["source"].to_numpy()[copied]]
    volume = np.round(10 * chance.lognormal(np.log(6), 1.1, count)).astype(np.int64)
    columns = {"company": company + start, "party": parties(chance, count), "volume": np.clip(volume, 1, 1200)}
    authors = np.flatnonzero(world.programmers["accepted"])
    columns["discipline"] = chance.integers(len(DISCIPLINES), size=count)
    columns["owner"] = authors[chance.integers(len(authors), size=count)]
    return pd.DataFrame(columns), project


def _lines(world: World, block: int, tours: pd.DataFrame, party: Ints) -> pd.DataFrame:
    chance = seeded(world.seed, "transports", block)
    kind, far = tours["kind"].to_numpy(), tours["far"].to_numpy()
    source = np.where(kind == COPY, tours["source"].to_numpy(), np.arange(len(tours)))
    usual = (kind == ORDINARY) & ~far
    size = np.where(usual, draw(chance, LINES_SHARES, len(tours)), 1)
    times = np.bincount(source, minlength=len(tours))
    _adjust_lines(chance, size, usual & (times == 1), times, int(world.size.block_rows("transports")[block]))
    tour = np.repeat(np.arange(len(tours)), np.where(kind == COPY, 0, size))
    mode = draw(chance, np.array([share for _, share, _, _ in MODES]), len(tour))
    mode = np.where(far[tour], PLANE, np.where(kind[tour] == DOMINANT, TRUCK, mode))
    pair = np.isin(kind[tour], (PAIRED, PARTNER))
    mode = np.where(pair, SHARED, mode)
    seats = np.array([each for _, _, each, _ in MODES])[mode]
    quantity = np.where(seats > 0, -(-party[tour] // np.maximum(seats, 1)), 1)
    quantity = np.where(kind[tour] == DOMINANT, DOMINANT_TRUCKS, quantity)
    vehicle = np.where(kind[tour] == PARTNER, tours["source"].to_numpy()[tour], tour)
    part = np.where(kind[tour] == PAIRED, SHARED_PART, 1 - SHARED_PART).round(1)
    columns = {"tour": tour, "mode": mode, "quantity": quantity, "vehicle": np.where(pair, vehicle, -1)}
    lines = pd.DataFrame(columns | {"part": np.where(pair, part, np.nan)})
    return _copy_lines(lines, tours)


def _adjust_lines(chance: np.random.Generator, size: Ints, free: Bools, times: Ints, wanted: int) -> None:
    """Add lines to tours, or remove some, until their sum, copied tours included, is `wanted`; in place."""
    missing = wanted - int((size * times).sum())
    while missing:
        able = np.flatnonzero(free & (size < 4)) if missing > 0 else np.flatnonzero(free & (size > 1))
        changed = pick(chance, able, abs(missing))
        size[changed] += np.sign(missing)
        missing -= np.sign(missing) * len(changed)


def _copy_lines(lines: pd.DataFrame, tours: pd.DataFrame) -> pd.DataFrame:
    copies = np.flatnonzero(tours["kind"] == COPY)
    of_source = pd.DataFrame({"tour": tours["source"].to_numpy()[copies], "copy": copies})
    again = lines.merge(of_source, on="tour").assign(tour=lambda f: f["copy"]).drop(columns="copy")
    return pd.concat([lines, again], ignore_index=True).sort_values("tour", kind="stable", ignore_index=True)


def _steps(world: World, block: int, journeys: Journeys) -> tuple[pd.DataFrame, Ints]:
    chance = seeded(world.seed, "etapes", block)
    tours, stops = journeys.tours, journeys.stops
    tour, realised = stops["tour"].to_numpy(), (stops["status"] == REALISED).to_numpy()
    accepted = world.venues["accepted"].to_numpy()[stops["venue"].to_numpy()]
    sound = np.bincount(tour, realised & accepted, len(tours)) == np.bincount(tour, minlength=len(tours))
    free = sound & ~are_sources(tours) & ((tours["kind"] == ORDINARY) & ~tours["far"] & tours["order_known"]).to_numpy()
    chosen = pick(chance, np.flatnonzero(free), max(1, round(STEP_SHARE * len(tours))))
    steps = _place_steps(world, chance, stops, chosen, len(tours))
    happened = (tours["status"] == REALISED).to_numpy()
    legs = np.bincount(tour, realised | ~happened[tour], len(tours)).astype(np.int64)
    legs += legs > 0
    legs += np.bincount(tour[1:], returns_home(stops, steps), len(tours)).astype(np.int64)
    legs += np.bincount(steps["tour"], minlength=len(tours))
    missing = int(world.size.block_rows("etapes")[block] - legs.sum())
    planned = np.flatnonzero(~happened)
    if missing >= 0:
        extra = np.bincount(chance.choice(planned, missing), minlength=len(tours))
        more = _place_steps(world, chance, stops, np.repeat(np.arange(len(tours)), extra), len(tours))
        return pd.concat([steps, more], ignore_index=True), legs + extra
    while missing < 0:
        cut = pick(chance, planned[legs[planned] > 0], -missing)
        legs[cut] -= 1
        missing += len(cut)
    return steps, legs


def _place_steps(
    world: World, chance: np.random.Generator, stops: pd.DataFrame, tours: Ints, count: int
) -> pd.DataFrame:
    """Put a store or a residency after one stop of each of `tours`, at a venue near the stop.

    A store in a long pause means that the journey went on; a residency is never put there.
    """
    size = np.bincount(stops["tour"], minlength=count)
    start = np.cumsum(size) - size
    after = start[tours] + np.floor(chance.random(len(tours)) * size[tours]).astype(np.int64)
    here = stops["venue"].to_numpy()[after]
    venue = world.near[here, chance.integers(world.near.shape[1], size=len(tours))]
    paused = np.r_[long_pauses(stops), False][after]
    kind = np.where(paused | (chance.random(len(tours)) < 0.6), STORE, RESIDENCY)
    return pd.DataFrame({"tour": tours, "after": after, "venue": venue, "kind": kind})


def long_pauses(stops: pd.DataFrame) -> Bools:
    """Return, for each stop but the last, whether a long pause of its tour follows it."""
    tour, first = stops["tour"].to_numpy(), stops["first"].to_numpy()
    last = first + stops["dates"].to_numpy() - 1
    return np.asarray((tour[1:] == tour[:-1]) & (first[1:] - last[:-1] > PAUSE))


def returns_home(stops: pd.DataFrame, steps: pd.DataFrame) -> Bools:
    """Return, for each stop but the last, whether the tour went home after it and left again."""
    stored = np.zeros(len(stops), dtype=bool)
    stored[steps.loc[steps["kind"] == STORE, "after"]] = True
    realised = (stops["status"] == REALISED).to_numpy()
    return long_pauses(stops) & ~stored[:-1] & realised[1:] & realised[:-1]


def unsound_quantities(world: World, block: int, tours: pd.DataFrame, lines: pd.DataFrame) -> Ints:
    """Return the rows of lines whose quantity is written zero or negative."""
    chance = seeded(world.seed, "transports", block + (1 << 20))
    free = ((tours["kind"] == ORDINARY) & ~tours["far"]).to_numpy() & ~are_sources(tours)
    rows = np.flatnonzero(free[lines["tour"].to_numpy()])
    return pick(chance, rows, planted_count(len(lines), "quantite_negative_ou_nulle"))
