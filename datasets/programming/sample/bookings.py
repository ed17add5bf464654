"""The rows of projects, dates, tours, steps and transports as they are written: one block at a time, with defects."""

import numpy as np
import pandas as pd
import pyarrow as pa

from datasets.programming.sample import cells, words
from datasets.programming.sample.actors import DISCIPLINES, World
from datasets.programming.sample.blocks import Block
from datasets.programming.sample.journeys import REALISED, STATUSES
from datasets.programming.sample.loads import MODES, returns_home
from datasets.programming.sample.people import TRANSPARENCIES, home_codes
from datasets.programming.sample.places import draw
from datasets.programming.sample.sizes import Ints, seeded

STEP_TYPES = ("representation", "stockage", "residence", "domicile")


def write_projects(world: World, block: Block) -> pa.Table:
    """Return the chunk of `projets` of a block."""
    chance, projects = seeded(world.seed, "projets", block.number + (1 << 21)), block.loads.projects
    count, (low, high) = len(projects), world.size.span
    status, first, last = _project_life(chance, block, count, low, high)
    title = words.choose(chance, words.TITLE_WORDS, count) + " " + words.choose(chance, words.TITLE_ENDS, count)
    comment = words.choose(chance, words.COMMENTS, count)
    mailed = block.rows("projets", "courriel_dans_le_commentaire")
    comment[mailed] = comment[mailed] + np.array([f" Écrire à equipe{row}@example.invalid." for row in mailed], object)
    owner = projects["owner"].to_numpy()
    return cells.table(
        "projets",
        cells.identifiers_of("projets", block.offsets["projets"] + np.arange(count)),
        cells.identifiers_of("equipes", projects["company"].to_numpy()),
        pa.array(title, pa.string()),
        cells.words_at(DISCIPLINES, projects["discipline"].to_numpy()),
        projects["party"].to_numpy(),
        cells.decimals(projects["volume"].to_numpy(), block.rows("projets", "volume_a_virgule")),
        projects["volume"].to_numpy() * 12,
        cells.words_at(TRANSPARENCIES, world.programmers["opens"].to_numpy()[owner].astype(np.int64)),
        cells.words_at(STATUSES, status),
        cells.days(first),
        cells.days(last),
        cells.identifiers_of("programmateurs", owner),
        cells.days(first - chance.integers(60, 400, size=count)),
        pa.array(comment, pa.string()),
    )


def _project_life(
    chance: np.random.Generator, block: Block, count: int, low: int, high: int
) -> tuple[Ints, Ints, Ints]:
    """Return the status, first and last day of each project: those of its tours, or invented when it has none."""
    stops, tours = block.journeys.stops, block.journeys.tours
    project = block.loads.project[stops["tour"].to_numpy()]
    status = np.array([5, 4, 2])[draw(chance, np.array([0.4, 0.2, 0.4]), count)]
    first, last = np.full(count, high + 1), np.full(count, low - 1)
    np.minimum.at(first, project, stops["first"].to_numpy())
    np.maximum.at(last, project, (stops["first"] + stops["dates"] - 1).to_numpy())
    without = last < low
    first[without] = chance.integers(low, high - 60, size=without.sum())
    last[without] = first[without] + 30
    best = np.full(count, len(STATUSES))
    np.minimum.at(best, block.loads.project, tours["status"].to_numpy())
    return np.where(without, status, np.minimum(best, len(STATUSES) - 1)), first, last


def write_dates(world: World, block: Block) -> pa.Table:
    """Return the chunk of `dates` of a block: one row per day of performance."""
    chance, stop = seeded(world.seed, "dates", block.number), block.date_stop
    stops, count, offset = block.journeys.stops, len(stop), block.offsets["dates"]
    begins = np.flatnonzero(np.r_[True, stop[1:] != stop[:-1]])
    rank = np.arange(count) - begins[stop]
    day = stops["first"].to_numpy()[stop] + rank
    tour = stops["tour"].to_numpy()[stop]
    backwards = block.rows("dates", "fin_avant_debut")
    end = day.copy()
    end[backwards] -= 1 + backwards % 3
    french = block.rows("dates", "date_jjmmaaaa")
    fee = np.round(chance.lognormal(np.log(2200), 0.6, count) / 50).astype(np.int64) * 500
    return cells.table(
        "dates",
        cells.identifiers_of("dates", offset + np.arange(count)),
        cells.identifiers_of("projets", block.offsets["projets"] + block.loads.project[tour]),
        cells.identifiers_of("lieux", stops["venue"].to_numpy()[stop]),
        cells.identifiers_of("tournees", block.offsets["tournees"] + tour),
        cells.identifiers(cells.ENGAGEMENT, offset + begins[stop]),
        cells.french_days(cells.days(day), french),
        cells.french_days(cells.days(end), french),
        1 + (chance.random(count) < 0.15).astype(np.int64),
        cells.words_at(STATUSES, stops["status"].to_numpy()[stop]),
        stops["coprogrammed"].to_numpy()[stop],
        cells.decimals(fee, block.rows("dates", "cachet_a_virgule")),
    )


def write_tours(world: World, block: Block) -> pa.Table:
    """Return the chunk of `tournees` of a block."""
    tours, stops = block.journeys.tours, block.journeys.stops
    company = tours["company"].to_numpy()
    begins = np.flatnonzero(np.r_[True, np.diff(stops["tour"].to_numpy()) > 0])
    last = np.maximum.reduceat((stops["first"] + stops["dates"] - 1).to_numpy(), begins)
    codes, countries = home_codes(world)
    return cells.table(
        "tournees",
        cells.identifiers_of("tournees", block.offsets["tournees"] + np.arange(len(tours))),
        cells.identifiers_of("equipes", company),
        pa.array(codes[company], pa.string()),
        pa.array(countries[company], pa.string()),
        cells.days(np.minimum.reduceat(stops["first"].to_numpy(), begins)),
        cells.days(last),
        tours["order_known"].to_numpy(),
        cells.words_at(STATUSES, tours["status"].to_numpy()),
    )


def write_steps(world: World, block: Block) -> pa.Table:
    """Return the chunk of `etapes` of a block: the legs of each tour in order, from home to home."""
    chance, nodes = seeded(world.seed, "etapes", block.number + (1 << 21)), _step_nodes(block)
    tour, venue, kind = (nodes[name].to_numpy() for name in ("tour", "venue", "kind"))
    starts = np.r_[True, tour[1:] != tour[:-1]]
    origin = np.where(starts, -1, np.r_[-1, venue[:-1]])
    begins = np.flatnonzero(starts)
    rank = 1 + np.arange(len(tour)) - np.repeat(begins, np.diff(np.r_[begins, len(tour)]))
    tours = block.journeys.tours
    codes = home_codes(world)[0][tours["company"].to_numpy()[tour]]
    planned = (tours["status"] != REALISED).to_numpy()[tour]
    declared = planned & (chance.random(len(tour)) < 0.3)
    return cells.table(
        "etapes",
        cells.identifiers_of("etapes", block.offsets["etapes"] + np.arange(len(tour))),
        cells.identifiers_of("tournees", block.offsets["tournees"] + tour),
        rank,
        cells.identifiers_of("lieux", origin, origin < 0),
        cells.identifiers_of("lieux", venue, venue < 0),
        pa.array(np.where(venue < 0, codes, None), pa.string()),
        cells.words_at(STEP_TYPES, kind),
        pa.array(chance.integers(5, 900, size=len(tour)), mask=~declared),
        pa.nulls(len(tour), pa.string()),
    )


def _step_nodes(block: Block) -> pd.DataFrame:
    """Return where each declared leg arrives: tour, venue (-1: home), kind (performance, store, residency, home)."""
    tours, stops, steps = block.journeys.tours, block.journeys.stops, block.loads.steps
    happened = (tours["status"] == REALISED).to_numpy()[stops["tour"].to_numpy()]
    shown = np.flatnonzero((stops["status"] == REALISED).to_numpy() | ~happened)
    back = np.flatnonzero(returns_home(stops, steps))
    ended = np.flatnonzero(block.loads.legs > 0)
    tour = stops["tour"].to_numpy()
    nodes = pd.DataFrame(
        {
            "tour": np.concatenate([tour[shown], steps["tour"], tour[back], ended]),
            "at": np.concatenate([shown, steps["after"] + 0.3, back + 0.6, np.full(len(ended), np.inf)]),
            "venue": np.concatenate(
                [stops["venue"].to_numpy()[shown], steps["venue"], np.full(len(back) + len(ended), -1)]
            ),
            "kind": np.concatenate([np.zeros(len(shown)), steps["kind"] + 1, np.full(len(back) + len(ended), 3)]),
        }
    ).astype({"venue": np.int64, "kind": np.int64, "tour": np.int64})
    nodes = nodes.sort_values(["tour", "at"], kind="stable", ignore_index=True)
    rank = nodes.groupby("tour").cumcount().to_numpy()
    return nodes[rank < block.loads.legs[nodes["tour"].to_numpy()]]


def write_transports(world: World, block: Block) -> pa.Table:
    """Return the chunk of `transports` of a block."""
    lines = block.loads.lines
    count, tour, vehicle = len(lines), lines["tour"].to_numpy(), lines["vehicle"].to_numpy()
    quantity = lines["quantity"].to_numpy().copy()
    unsound = block.rows("transports", "quantite_negative_ou_nulle")
    quantity[unsound] = np.where(unsound % 2, 0, -quantity[unsound])
    return cells.table(
        "transports",
        cells.identifiers_of("transports", block.offsets["transports"] + np.arange(count)),
        cells.identifiers_of("tournees", block.offsets["tournees"] + tour),
        cells.words_at([mode for mode, *_ in MODES], lines["mode"].to_numpy()),
        quantity,
        cells.identifiers(cells.VEHICLE, block.offsets["tournees"] + vehicle, vehicle < 0),
        pa.array(lines["part"].to_numpy(), from_pandas=True),
        cells.words_at([engine or None for *_, engine in MODES], lines["mode"].to_numpy()),
    )
