"""The savings of a block as they must come out: the formulas of the method, written once more, plainly.

This code shares nothing with the code that it checks: distances by chords, its own table of factors, its own paths.
It starts from what is true, and applies what a correct reader must do with each planted defect.
"""

from itertools import permutations

import numpy as np
import pandas as pd

from datasets.programming.sample.actors import World
from datasets.programming.sample.blocks import Block
from datasets.programming.sample.journeys import COPY, EARTH_KM, PAUSE, REALISED
from datasets.programming.sample.loads import MODE_NAMES, PLANE, STORE
from datasets.programming.sample.places import unit_vectors
from datasets.programming.sample.sizes import Bools, Floats, Ints

ROAD, RAIL, AIR = 1.3, 1.2, 1.0
FACTORS: dict[str, tuple[float, float]] = {
    "voiture_moyenne": (0.2142, ROAD),
    "voiture_electrique": (0.0198, ROAD),
    "minibus_9": (0.2371, ROAD),
    "vul_fourgon": (0.5072, ROAD),
    "tgv": (0.0023, RAIL),
    "intercites": (0.0058, RAIL),
    "ter": (0.0229, RAIL),
    "porteur_7_5t": (0.6974, ROAD),
    "porteur_12t": (0.7608, ROAD),
    "porteur_19t": (0.8559, ROAD),
    "articule_40t": (1.08414, ROAD),
    "autocar": (0.03314, ROAD),
    "autocar_affrete": (0.9942, ROAD),
}
"""kgCO2e per unit and kilometre (usage), and detour, of each mode but the plane."""

PLANE_KM = (500, 1000, 2000, 5000)
PLANE_FACTORS = np.array([0.2886, 0.2242, 0.1843, 0.1665, 0.1776])
MINIBUS_SEATS, CAR_SEATS = 8, 4
SETS = ((3, None), (12, "vul_fourgon"), (25, "porteur_12t"), (40, "porteur_19t"), (np.inf, "articule_40t"))
"""Volume of a set (m³) up to which a vehicle takes it, when a tour declares no transport."""

LONGEST_TRIED = 7

MEASURES = (
    *("nb_dates", "nb_dates_coprogrammees", "distance_contrefactuelle_km", "distance_reelle_km", "distance_evitee_km"),
    *("emissions_contrefactuelles_kgco2e", "emissions_reelles_kgco2e", "economie_brute_kgco2e"),
    "economie_attribuable_kgco2e",
)


def block_figures(world: World, block: Block) -> pd.DataFrame:
    """Return one row per realised stop: venue, company, project, day, tour (of the computation), computed, MEASURES.

    Also mode (position in MODE_NAMES, of the line that emits most), discipline and party of its project.
    """
    stops = _true_stops(world, block)
    steps = _true_steps(world, block, stops)
    stops["piece"] = _split(stops, steps)
    steps["piece"] = stops["piece"].to_numpy()[steps["row"].to_numpy()]
    pieces = stops.groupby("piece")["tour"].first().to_numpy()
    load = _loads(world, block).iloc[pieces].reset_index(drop=True)
    company = block.journeys.tours["company"].to_numpy()[pieces]
    homes = unit_vectors(world.companies["lat"].to_numpy()[company], world.companies["lon"].to_numpy()[company])
    load["unknown"] = ~block.journeys.tours["order_known"].to_numpy()[pieces]
    venues = world.venues
    points = unit_vectors(venues["lat"].to_numpy(), venues["lon"].to_numpy())
    computed = ~np.isnan(homes[:, 0])
    figures = _allocate(stops, *_scenarios(stops, steps, load, homes, points))
    figures["computed"] = computed[stops["piece"].to_numpy()]
    figures.loc[~figures["computed"], list(MEASURES[2:])] = 0.0
    project = block.loads.projects.iloc[figures["project"].to_numpy() - block.offsets["projets"]]
    for name in ("discipline", "party"):
        figures[name] = project[name].to_numpy()
    return figures.assign(mode=load["mode"].to_numpy()[stops["piece"].to_numpy()])


def _true_stops(world: World, block: Block) -> pd.DataFrame:
    """Return the stops that count, in order of travel: realised, accepted, not entered twice, not refused."""
    tours, stops = block.journeys.tours, block.journeys.stops
    refused = np.zeros(len(stops), dtype=bool)
    refused[block.date_stop[block.rows("dates", "fin_avant_debut")]] = True
    venue = stops["venue"].to_numpy()
    kept = (stops["status"] == REALISED).to_numpy() & ~refused & world.venues["accepted"].to_numpy()[venue]
    columns = ["tour", "venue", "first", "dates", "coprogrammed"]
    true = stops.loc[kept, columns].reset_index(names="stop")
    true["company"] = tours["company"].to_numpy()[true["tour"]]
    true["project"] = block.offsets["projets"] + block.loads.project[true["tour"]]
    true["copy"] = (tours["kind"] == COPY).to_numpy()[true["tour"]]
    true = _without_repeats(true)
    return true.sort_values(["tour", "first"], kind="stable", ignore_index=True)


def _without_repeats(stops: pd.DataFrame) -> pd.DataFrame:
    """Keep, of the dates of a company at a venue on a day, the one written first."""
    row = np.repeat(np.arange(len(stops)), stops["dates"])
    begins = np.cumsum(stops["dates"].to_numpy()) - stops["dates"].to_numpy()
    day = stops["first"].to_numpy()[row] + np.arange(len(row)) - begins[row]
    keys = pd.DataFrame(
        {"company": stops["company"].to_numpy()[row], "venue": stops["venue"].to_numpy()[row], "day": day}
    )
    kept = ~keys.duplicated().to_numpy()
    by_stop = pd.Series(day[kept]).groupby(row[kept])
    found = stops.iloc[np.unique(row[kept])].copy()
    found["first"], found["last"] = by_stop.min().to_numpy(), by_stop.max().to_numpy()
    return found.assign(dates=by_stop.size().to_numpy())


def _true_steps(world: World, block: Block, stops: pd.DataFrame) -> pd.DataFrame:
    """Return the stores and residencies of the tours that count, each with the row of stops that it follows."""
    steps = block.loads.steps
    row_of = np.full(len(block.journeys.stops), -1)
    row_of[stops["stop"].to_numpy()] = np.arange(len(stops))
    row = row_of[steps["after"].to_numpy()]
    kept = (row >= 0) & world.venues["accepted"].to_numpy()[steps["venue"].to_numpy()]
    return steps[kept].assign(row=row[kept])


def _split(stops: pd.DataFrame, steps: pd.DataFrame) -> Ints:
    """Return the tour of the computation of each stop: a long pause without a store in it starts another one."""
    tour, first, last = (stops[name].to_numpy() for name in ("tour", "first", "last"))
    stored = np.zeros(len(stops), dtype=bool)
    stored[steps.loc[steps["kind"] == STORE, "row"]] = True
    new = (tour[1:] != tour[:-1]) | ((first[1:] - last[:-1] > PAUSE) & ~stored[:-1])
    return np.cumsum(np.r_[0, new])


def _loads(world: World, block: Block) -> pd.DataFrame:
    """Return, for each tour, what a great-circle kilometre emits: by road and rail, and seats by plane.

    detour is that of the line that emits most; part is the share of a shared vehicle's path.
    """
    lines, count = block.loads.lines.copy(), len(block.journeys.tours)
    sound = np.ones(len(lines), dtype=bool)
    sound[block.rows("transports", "quantite_negative_ou_nulle")] = False
    lines = lines[sound]
    factor = np.array([FACTORS[mode][0] if mode in FACTORS else 0.0 for mode in MODE_NAMES])
    detour = np.array([FACTORS[mode][1] if mode in FACTORS else AIR for mode in MODE_NAMES])
    mode = lines["mode"].to_numpy()
    lines = lines.assign(rate=lines["quantity"] * (factor * detour)[mode], detour=detour[mode])
    lines["seats"] = lines["quantity"].where(mode == PLANE, 0)
    main = lines.sort_values("rate", kind="stable", ascending=False).drop_duplicates("tour").set_index("tour")
    sums = lines.groupby("tour")[["rate", "seats"]].sum()
    load = pd.DataFrame(index=pd.RangeIndex(count)).join(sums).join(main[["detour", "part", "mode"]])
    silent = load["rate"].isna().to_numpy()
    projects = block.loads.projects.iloc[block.loads.project[silent]]
    default = [_default_lines(p, v / 10) for p, v in zip(projects["party"], projects["volume"], strict=True)]
    load.loc[silent, "rate"] = [ROAD * sum(lines.values()) for lines in default]
    load.loc[silent, "mode"] = [MODE_NAMES.index(max(lines, key=lambda mode: lines[mode])) for lines in default]
    return load.fillna({"seats": 0.0, "detour": ROAD, "part": 1.0})


def _default_lines(party: int, volume: float) -> dict[str, float]:
    """Return what a kilometre emits when nothing was declared: a car or minibuses, and a vehicle for the set."""
    people, number = ("voiture_moyenne", 1) if party <= CAR_SEATS else ("minibus_9", -(-party // MINIBUS_SEATS))
    carrier = next(vehicle for most, vehicle in SETS if volume <= most)
    return {people: number * FACTORS[people][0]} | ({carrier: FACTORS[carrier][0]} if carrier else {})


def _between(here: Floats, there: Floats) -> Floats:
    return 2 * EARTH_KM * np.arcsin(np.minimum(np.sqrt(((here - there) ** 2).sum(axis=-1)) / 2, 1.0))


def _emitted(km: Floats, rate: Floats, seats: Floats) -> Floats:
    return km * (rate + seats * AIR * PLANE_FACTORS[np.searchsorted(PLANE_KM, km, side="right")])


Scenarios = tuple[pd.DataFrame, Floats, Floats]


def _scenarios(
    stops: pd.DataFrame, steps: pd.DataFrame, load: pd.DataFrame, homes: Floats, points: Floats
) -> Scenarios:
    """Return per piece the emissions and km of the three scenarios, and per stop its own round trip."""
    piece = stops["piece"].to_numpy()
    place = points[stops["venue"].to_numpy()]
    rate, seats, part = (load[name].to_numpy() for name in ("rate", "seats", "part"))
    km_out = _between(homes[piece], place)
    alone = 2 * _emitted(km_out, rate[piece], seats[piece])
    order = np.arange(len(stops), dtype=np.float64)
    size = np.bincount(piece)
    unknown = load["unknown"].to_numpy() & (size > 1)
    _worst_order(order, np.flatnonzero(unknown & (size <= LONGEST_TRIED)), size, homes, place)
    nodes = pd.DataFrame({"piece": piece, "at": order, "venue": stops["venue"], "own": ~stops["coprogrammed"]})
    extra = pd.DataFrame({"piece": steps["piece"], "at": steps["row"] + 0.5, "venue": steps["venue"], "own": True})
    path = pd.concat([nodes, extra], ignore_index=True).sort_values(["piece", "at"], kind="stable")
    bounded = unknown & (size > LONGEST_TRIED)
    has_own = np.bincount(piece, nodes["own"], len(load)) > 0
    figures = pd.DataFrame(index=load.index)
    figures["alone"] = np.bincount(piece, alone, len(load))
    figures["alone_km"] = np.bincount(piece, 2 * km_out, len(load)) * load["detour"]
    loop, loop_km = _loop(path, rate, seats, homes, points)
    figures["actual"] = part * np.where(bounded, figures["alone"], loop)
    figures["actual_km"] = np.where(bounded, figures["alone_km"], loop_km * load["detour"])
    own_loop, _ = _loop(path[path["own"] & has_own[path["piece"]]], rate, seats, homes, points)
    own = nodes["own"].to_numpy()
    own_loop = np.where(bounded, np.bincount(piece, alone * own, len(load)), own_loop)
    figures["without"] = part * own_loop + np.bincount(piece, alone * ~own, len(load))
    return figures, alone, 2 * km_out * load["detour"].to_numpy()[piece]


def _loop(path: pd.DataFrame, rate: Floats, seats: Floats, homes: Floats, points: Floats) -> tuple[Floats, Floats]:
    """Return the emissions and km of each piece's path from home to home."""
    piece, place = path["piece"].to_numpy(), points[path["venue"].to_numpy()]
    new = np.r_[True, piece[1:] != piece[:-1]] if len(piece) else np.zeros(0, dtype=bool)
    origin = np.where(new[:, None], homes[piece], np.roll(place, 1, axis=0))
    ends = np.roll(new, -1)
    km = np.concatenate([_between(origin, place), _between(place[ends], homes[piece[ends]])])
    whose = np.concatenate([piece, piece[ends]])
    emitted = np.bincount(whose, _emitted(km, rate[whose], seats[whose]), len(homes))
    return emitted.astype(np.float64), np.bincount(whose, km, len(homes)).astype(np.float64)


def _worst_order(order: Floats, pieces: Ints, size: Ints, homes: Floats, place: Floats) -> None:
    """Put the stops of each piece in the order that makes the longest loop; in place."""
    start = np.cumsum(size) - size
    for piece in pieces.tolist():
        rows = np.arange(start[piece], start[piece] + size[piece])
        around = np.vstack([homes[piece], place[rows]])
        km = _between(around[:, None, :], around[None, :, :])
        tried = np.array([(0, *p, 0) for p in permutations(range(1, len(rows) + 1)) if p[0] <= p[-1]])
        best = tried[np.argmax(km[tried[:, :-1], tried[:, 1:]].sum(axis=1))][1:-1]
        order[rows[best - 1]] = rows


def _allocate(stops: pd.DataFrame, pieces: pd.DataFrame, alone: Floats, km: Floats) -> pd.DataFrame:
    """Share the figures of each piece among its stops, in proportion to their own round trips."""
    piece = stops["piece"].to_numpy()
    whole = pieces.iloc[piece].reset_index(drop=True)
    nothing: Bools = ~(whole["alone"].to_numpy() > 0)
    share = np.where(nothing, 0.0, alone / np.where(nothing, 1.0, whole["alone"].to_numpy()))
    saved = (whole["alone"] - whole["actual"]).to_numpy() * share
    alone_km = whole["alone_km"].to_numpy()
    avoided = (alone_km - whole["actual_km"].to_numpy()) * np.where(
        alone_km > 0, km / np.maximum(alone_km, 1e-300), 0.0
    )
    due = (whole["without"] - whole["actual"]).to_numpy() * share
    dates = stops["dates"].to_numpy()
    values = (dates, dates * stops["coprogrammed"], km, km - avoided, avoided, alone, alone - saved, saved, due)
    places = stops[["venue", "company", "project", "coprogrammed"]].assign(day=stops["first"], tour=piece)
    return places.assign(**dict(zip(MEASURES, values, strict=True)))
