"""One block of tours, as they truly are: which company went where, when, and how far each date got.

A block holds all the tours of a range of companies, so that nothing in it depends on another block. Its own tours
come first, then those of the companies that shared a vehicle with one of them, then tours entered twice.
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from datasets.programming.sample.actors import DOMINATED, DOMINATED_VENUES, OVERSEAS, VENUE_KINDS, World, pairs_of
from datasets.programming.sample.places import draw, unit_vectors
from datasets.programming.sample.sizes import Bools, Floats, Ints, pick, planted_count, seeded

STATUSES = ("realise", "annule", "abandonne", "confirme", "option", "idee")
STATUS_SHARES = np.array([0.65, 0.04, 0.09, 0.12, 0.06, 0.04])
REALISED, CANCELLED = 0, 1
PLANNED = (3, 4, 5)
"""Confirmed, option, idea: tours that did not take place yet, on the day of the sample."""

HORIZON = 26
"""Weeks ahead in which they begin."""

CANCELLED_SHARE = 0.046
"""Share of the stops of a realised tour that were cancelled."""

ORDINARY, DOMINANT, PAIRED, PARTNER, COPY = range(5)
"""Kinds of tours; PARTNER and COPY repeat the stops of their source."""

STOP_SHARES = np.array([0.45, 0.25, 0.12, 0.08, 0.10])
LONGEST_TOUR, TAIL_MEAN = 40, 6
NEAR_SHARE = 0.75
NEXT_DAY_SHARE = 0.30
LONG_GAP, LONG_GAP_SHARE = 12, 0.15
PAUSE = 10
UNKNOWN_ORDER_SHARE = 0.03
UNKNOWN_ORDER_STOPS = 9
COPROGRAMMED_SHARE, COPROGRAMMED_NEAR, NEAR_KM = 0.22, 0.80, 250.0
FAR_KM = 1000.0
MOST_DATES = 12
SHY_BLOCKS = 6
"""With more blocks than this, ordinary tours avoid the dominated département, so that it stays dominated."""

WEEKDAYS = np.array([0.02, 0.05, 0.06, 0.35, 0.36, 0.12, 0.04])
MONTHS = np.array([1.3, 1.4, 1.5, 1.3, 1.0, 0.8, 0.5, 0.05, 0.8, 1.5, 1.5, 0.9])
FESTIVAL_MONTHS = np.array([0.2, 0.2, 0.4, 0.6, 1.2, 2.2, 6.0, 2.5, 0.9, 0.6, 0.4, 0.2])
EARTH_KM = 6371.0088


@dataclass(frozen=True)
class Journeys:
    """tours: company, kind, source (row or -1), status, order_known, far (some leg is beyond road and rail).

    stops: tour, venue, first (day), dates (performance days, consecutive), status, coprogrammed. Sorted by tour.
    """

    tours: pd.DataFrame
    stops: pd.DataFrame


def plan_journeys(world: World, block: int) -> Journeys:
    """Return the tours of a block; the sums of tours and dates are those of the size."""
    chance = seeded(world.seed, "tournees", block)
    total = int(world.size.block_rows("tournees")[block])
    copies, pairs = planted_count(total, "tournee_en_double"), max(1, round(0.005 * total))
    tours = _own_tours(world, block, chance, total - copies - pairs, pairs)
    stops = _own_stops(world, chance, tours)
    tours["far"] = _far_tours(world, tours, stops)
    sources = _copied_tours(world, chance, tours, stops, copies)
    _forget_order(chance, tours, stops, sources)
    added = np.concatenate([np.flatnonzero(tours["kind"] == PAIRED), sources])
    _adjust_dates(chance, tours, stops, added, int(world.size.block_rows("dates")[block]))
    stops["first"] = _days(world, chance, tours, stops)
    stops["coprogrammed"] = _coprogrammed(world, chance, tours, stops)
    return _repeat(world, block, tours, stops, added, pairs)


def _own_tours(world: World, block: int, chance: np.random.Generator, count: int, pairs: int) -> pd.DataFrame:
    start, end = world.company_bounds(block)
    weights = world.companies["weight"].to_numpy()[start:end].copy()
    dominant = max(3, round(0.01 * count)) if block == 0 else 0
    weights[: 1 if block == 0 else 0] = 0
    kind = np.full(count, ORDINARY)
    kind[:dominant] = DOMINANT
    kind[dominant : dominant + pairs] = PAIRED
    company = start + draw(chance, weights, count)
    homeless = np.flatnonzero(world.companies["lat"].isna().to_numpy()[start:end])
    if len(homeless):
        company[dominant + pairs] = start + homeless[0]
    company[kind == DOMINANT] = start
    company[kind == PAIRED] = start + 2 + 2 * (np.arange(pairs) % pairs_of(end - start))
    status = np.where(kind == ORDINARY, draw(chance, STATUS_SHARES, count), REALISED)
    columns = {"company": company, "kind": kind, "source": -1, "status": status, "order_known": True}
    return pd.DataFrame(columns)


def _own_stops(world: World, chance: np.random.Generator, tours: pd.DataFrame) -> pd.DataFrame:
    kind, most = tours["kind"].to_numpy(), min(LONGEST_TOUR, len(world.venues) // 2)
    group = draw(chance, STOP_SHARES, len(tours))
    size = np.where(group < 4, group + 1, 4 + chance.geometric(1 / TAIL_MEAN, len(tours)))
    size = np.where(kind == DOMINANT, DOMINATED_VENUES, np.minimum(size, most))
    size = np.where(kind == PAIRED, 2 + size % 2, size)
    tour = np.repeat(np.arange(len(tours)), size)
    venue = _venues(world, chance, tour, kind[tour] == DOMINANT)
    cancelled = (kind[tour] == ORDINARY) & (chance.random(len(tour)) < CANCELLED_SHARE)
    status = tours["status"].to_numpy()[tour]
    status = np.where((status == REALISED) & cancelled, CANCELLED, status)
    mean = np.array([each for *_, each in VENUE_KINDS])[world.venues["kind"].to_numpy()[venue]]
    dates = np.minimum(chance.geometric(1 / mean), MOST_DATES)
    return pd.DataFrame({"tour": tour, "venue": venue, "first": 0, "dates": dates, "status": status})


def _venues(world: World, chance: np.random.Generator, tour: Ints, dominant: Bools) -> Ints:
    """Return the venue of each stop: a first one by its activity, then mostly neighbours of the first."""
    weight = world.venues["weight"].to_numpy()
    first = np.r_[True, tour[1:] != tour[:-1]]
    anchor = draw(chance, weight, int(first.sum()))[tour]
    near = world.near[anchor, chance.integers(world.near.shape[1], size=len(tour))]
    dominated = world.territories.communes["code_departement"].to_numpy()[world.venues["commune"]] == DOMINATED
    shy = dominated[near] & (chance.random(len(tour)) > SHY_BLOCKS / world.size.blocks)
    close = (chance.random(len(tour)) < NEAR_SHARE) & ~shy
    venue = np.where(close, near, draw(chance, weight, len(tour)))
    venue[first] = anchor[first]
    venue[dominant] = np.resize(np.flatnonzero(dominated)[:DOMINATED_VENUES], dominant.sum())
    return _distinct(tour, venue, len(weight))


def _distinct(tour: Ints, venue: Ints, venues: int) -> Ints:
    """Move on the venues that a tour would visit twice."""
    while True:
        _, kept = np.unique(tour * venues + venue, return_index=True)
        again = np.ones(len(venue), dtype=bool)
        again[kept] = False
        if not again.any():
            return venue
        venue = np.where(again, (venue + 1) % venues, venue)


def _vectors(world: World, frame: str, rows: Ints) -> Floats:
    places = getattr(world, frame)
    return unit_vectors(places["lat"].to_numpy()[rows], places["lon"].to_numpy()[rows])


def _kilometres(here: Floats, there: Floats) -> Floats:
    return 2 * EARTH_KM * np.arcsin(np.minimum(np.linalg.norm(here - there, axis=1) / 2, 1.0))


def _far_tours(world: World, tours: pd.DataFrame, stops: pd.DataFrame) -> Bools:
    """Return the tours that no road or rail can make: a long way from home, or both overseas and in Europe."""
    tour, venue = stops["tour"].to_numpy(), stops["venue"].to_numpy()
    home = _vectors(world, "companies", tours["company"].to_numpy()[tour])
    long = _kilometres(home, _vectors(world, "venues", venue)) > FAR_KM
    region = world.territories.communes["code_region"].to_numpy()[world.venues["commune"].to_numpy()]
    overseas = np.isin(region, OVERSEAS)[venue]
    count = np.bincount(tour, overseas, len(tours))
    mixed = (count > 0) & (count < np.bincount(tour, minlength=len(tours)))
    return (np.bincount(tour, long, len(tours)) > 0) | mixed


def _copied_tours(
    world: World, chance: np.random.Generator, tours: pd.DataFrame, stops: pd.DataFrame, count: int
) -> Ints:
    whole = _whole(tours, stops) & (np.bincount(stops["tour"], minlength=len(tours)) <= 6)
    home = world.companies["lat"].notna().to_numpy()[tours["company"].to_numpy()]
    return pick(chance, np.flatnonzero(whole & home), count)


def are_sources(tours: pd.DataFrame) -> Bools:
    """Return which tours are repeated by another one."""
    repeated = tours["source"].to_numpy()
    return np.isin(np.arange(len(tours)), repeated[repeated >= 0])


def _whole(tours: pd.DataFrame, stops: pd.DataFrame) -> Bools:
    """Return the ordinary tours whose stops were all realised."""
    missed = np.bincount(stops["tour"], stops["status"] != REALISED, len(tours)) > 0
    return ~missed & (tours["kind"] == ORDINARY).to_numpy()


def _forget_order(chance: np.random.Generator, tours: pd.DataFrame, stops: pd.DataFrame, sources: Ints) -> None:
    """Make the order of some tours unknown: only the month of their dates will be."""
    size = np.bincount(stops["tour"], minlength=len(tours))
    free = (
        (tours["kind"] == ORDINARY).to_numpy() & (size > 1) & (size <= UNKNOWN_ORDER_STOPS) & ~tours["far"].to_numpy()
    )
    free &= ~np.isin(np.arange(len(tours)), sources)
    chosen = pick(chance, np.flatnonzero(free), max(1, round(UNKNOWN_ORDER_SHARE * len(tours))))
    tours.loc[chosen, "order_known"] = False
    stops.loc[stops["tour"].isin(chosen), "dates"] = 1


def _adjust_dates(
    chance: np.random.Generator, tours: pd.DataFrame, stops: pd.DataFrame, repeated: Ints, wanted: int
) -> None:
    """Lengthen or shorten engagements until the dates of the block, repeated tours included, are `wanted`."""
    dates = stops["dates"].to_numpy().copy()
    again = np.isin(stops["tour"], repeated)
    usual = (tours["kind"] == ORDINARY).to_numpy() & tours["order_known"].to_numpy()
    free = np.flatnonzero(usual[stops["tour"]] & ~again)
    missing = wanted - int(dates.sum() + dates[again].sum())
    while missing:
        able = free[dates[free] < MOST_DATES] if missing > 0 else free[dates[free] > 1]
        changed = pick(chance, able, abs(missing))
        dates[changed] += np.sign(missing)
        missing -= np.sign(missing) * len(changed)
    stops["dates"] = dates


def _days(world: World, chance: np.random.Generator, tours: pd.DataFrame, stops: pd.DataFrame) -> Ints:
    """Return the first day of each stop: one stop of every tour after the other."""
    tour, dates = stops["tour"].to_numpy(), stops["dates"].to_numpy()
    size = np.bincount(tour, minlength=len(tours))
    start = np.cumsum(size) - size
    festival = world.venues["kind"].to_numpy()[stops["venue"].to_numpy()[start]] == 2
    first = np.zeros(len(stops), dtype=np.int64)
    first[start] = _start_days(world, chance, festival)
    for rank in range(1, int(size.max())):
        here = start[size > rank] + rank
        end = first[here - 1] + dates[here - 1] - 1
        first[here] = end + _gaps(chance, end, dates[here - 1], size[size > rank])
    first = _keep_inside(world.size.span, tour, first, dates, start)
    first += 7 * _weeks_ahead(world, chance, tours, first[start])[tour]
    unknown = ~tours["order_known"].to_numpy()[tour]
    month = first[start][tour].astype("datetime64[D]").astype("datetime64[M]").astype("datetime64[D]").astype(np.int64)
    return np.where(unknown, np.maximum(month, world.size.span[0]), first)


def _weeks_ahead(world: World, chance: np.random.Generator, tours: pd.DataFrame, first: Ints) -> Ints:
    """Return by how many weeks each tour moves: what is still planned begins within half a year from today."""
    planned = np.isin(tours["status"].to_numpy(), PLANNED)
    weeks = -((first - world.today) // 7) + chance.integers(0, HORIZON, size=len(tours))
    return np.where(planned, weeks, 0)


def _start_days(world: World, chance: np.random.Generator, festival: Bools) -> Ints:
    low, high = world.size.span
    days = np.arange(low, high + 1)
    month = days.astype("datetime64[D]").astype("datetime64[M]").astype(np.int64) % 12
    weekday = WEEKDAYS[(days + 3) % 7]
    usual = draw(chance, MONTHS[month] * weekday, len(festival))
    summer = draw(chance, FESTIVAL_MONTHS[month] * weekday, len(festival))
    return days[np.where(festival, summer, usual)]


def _gaps(chance: np.random.Generator, end: Ints, dates: Ints, size: Ints) -> Ints:
    """Return days to the next stop: often the next day, else the next fitting weekday, sometimes a long pause.

    A usual gap stays within the pause that ends a tour, however it is measured; a long one is well beyond.
    """
    wanted = draw(chance, WEEKDAYS, len(end))
    weekday = 1 + (wanted - (end + 4)) % 7
    gap = np.where(chance.random(len(end)) < NEXT_DAY_SHARE, 1, weekday)
    gap = np.minimum(gap, np.maximum(1, PAUSE + 1 - dates))
    long = (chance.random(len(end)) < LONG_GAP_SHARE) & (size <= 10)
    return np.where(long, LONG_GAP + np.minimum(chance.geometric(1 / 8, len(end)), 40), gap)


def _keep_inside(span: tuple[int, int], tour: Ints, first: Ints, dates: Ints, start: Ints) -> Ints:
    """Move the tours that would end after the last day of the sample; press those that would not fit."""
    last = np.maximum.reduceat(first + dates - 1, start)
    first = first - np.maximum(0, last - span[1])[tour]
    pressed = (first[start] < span[0])[tour]
    before = np.cumsum(dates) - dates
    return np.where(pressed, span[0] + before - before[start][tour], first)


def _coprogrammed(world: World, chance: np.random.Generator, tours: pd.DataFrame, stops: pd.DataFrame) -> Bools:
    tour, dates, kind = stops["tour"].to_numpy(), stops["dates"].to_numpy(), tours["kind"].to_numpy()
    place = _vectors(world, "venues", stops["venue"].to_numpy())
    close = (tour[1:] == tour[:-1]) & (_kilometres(place[1:], place[:-1]) <= NEAR_KM)
    near = np.r_[close, False] | np.r_[False, close]
    chosen = np.zeros(len(stops), dtype=bool)
    for group, share in ((near, COPROGRAMMED_NEAR), (~near, 1 - COPROGRAMMED_NEAR)):
        share *= COPROGRAMMED_SHARE * dates.sum() / max(1, dates[group].sum())
        chosen |= group & (chance.random(len(stops)) < share)
    size = np.bincount(tour, minlength=len(tours))
    start = np.cumsum(size) - size
    alike = ~tours["order_known"].to_numpy() & (size > 3)
    return np.where(alike[tour], chosen[start][tour], chosen) | (kind[tour] == DOMINANT)


def _repeat(world: World, block: int, tours: pd.DataFrame, stops: pd.DataFrame, sources: Ints, pairs: int) -> Journeys:
    more = tours.iloc[sources].assign(source=sources, kind=np.where(np.arange(len(sources)) < pairs, PARTNER, COPY))
    more["company"] += (more["kind"] == PARTNER).astype(np.int64)
    size = np.bincount(stops["tour"], minlength=len(tours))
    start = np.cumsum(size) - size
    rows = np.concatenate([np.arange(start[s], start[s] + size[s]) for s in sources])
    again = stops.iloc[rows].assign(tour=np.repeat(len(tours) + np.arange(len(sources)), size[sources]))
    return Journeys(pd.concat([tours, more], ignore_index=True), pd.concat([stops, again], ignore_index=True))
