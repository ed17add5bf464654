"""A block of companies: its journeys, its loads, and the defects planted on its rows."""

from dataclasses import dataclass

import numpy as np

from datasets.programming.sample.actors import Planted, World
from datasets.programming.sample.journeys import COPY, ORDINARY, Journeys, are_sources, plan_journeys
from datasets.programming.sample.loads import Loads, plan_loads, unsound_quantities
from datasets.programming.sample.sizes import Ints, pick, planted_count, seeded


@dataclass(frozen=True)
class Block:
    """Everything about one block. `offsets`: rows before it, by table. `date_stop`: the stop of each row of dates.

    `planted`: by table, rows numbered within the block.
    """

    number: int
    offsets: dict[str, int]
    journeys: Journeys
    loads: Loads
    date_stop: Ints
    planted: dict[str, tuple[Planted, ...]]

    def rows(self, table: str, defect: str) -> Ints:
        """Return the rows of a table that carry a defect."""
        return next(planted.rows for planted in self.planted[table] if planted.defect == defect)


def build_block(world: World, number: int) -> Block:
    """Return a block; it depends on the seed, the size and its number only."""
    journeys = plan_journeys(world, number)
    loads = plan_loads(world, number, journeys)
    tables = ("projets", "dates", "tournees", "etapes", "transports")
    offsets = {table: int(world.size.block_rows(table)[:number].sum()) for table in tables}
    date_stop = np.repeat(np.arange(len(journeys.stops)), journeys.stops["dates"])
    tours = journeys.tours
    home = world.companies["lat"].notna().to_numpy()[tours["company"].to_numpy()]
    planted = {
        "tournees": (
            Planted("tournee_en_double", np.flatnonzero(tours["kind"] == COPY)),
            Planted("domicile_absent_tournee", np.flatnonzero(~home)),
        ),
        "dates": _date_defects(world, number, journeys, loads, date_stop),
        "projets": _project_defects(world, number, len(loads.projects)),
        "transports": (Planted("quantite_negative_ou_nulle", unsound_quantities(world, number, tours, loads.lines)),),
        "etapes": (),
    }
    return Block(number, offsets, journeys, loads, date_stop, planted)


def _date_defects(world: World, number: int, journeys: Journeys, loads: Loads, date_stop: Ints) -> tuple[Planted, ...]:
    chance, count = seeded(world.seed, "dates", number + (1 << 20)), len(date_stop)
    tours, stops = journeys.tours, journeys.stops
    free = ((tours["kind"] == ORDINARY) & tours["order_known"]).to_numpy() & ~are_sources(tours)
    free &= ~np.isin(np.arange(len(tours)), loads.steps["tour"])
    alone = free[stops["tour"].to_numpy()] & (stops["dates"] == 1).to_numpy()
    backwards = pick(chance, np.flatnonzero(alone[date_stop]), planted_count(count, "fin_avant_debut"))
    others = np.setdiff1d(np.arange(count), backwards)
    return (
        Planted("fin_avant_debut", backwards),
        Planted("date_jjmmaaaa", pick(chance, others, planted_count(count, "date_jjmmaaaa"))),
        Planted("cachet_a_virgule", pick(chance, np.arange(count), planted_count(count, "cachet_a_virgule"))),
    )


def _project_defects(world: World, number: int, count: int) -> tuple[Planted, ...]:
    chance = seeded(world.seed, "projets", number + (1 << 20))
    kinds = ("volume_a_virgule", "courriel_dans_le_commentaire")
    return tuple(Planted(kind, pick(chance, np.arange(count), planted_count(count, kind))) for kind in kinds)
