"""The rows of the two logs: contacts between programmers, and their visits. Chunks follow each other in time."""

import numpy as np
import pyarrow as pa

from datasets.programming.sample import cells, words
from datasets.programming.sample.actors import World
from datasets.programming.sample.places import draw
from datasets.programming.sample.sizes import Ints, seeded

DAY = 86_400
LAST_HOUR = 21 * 3_600
"""The logs end at this second (UTC) of the last day, before midnight in Paris."""

CHANNELS = ("messagerie", "rencontre", "téléphone", "projet commun")
EVENTS = ("connexion", "consultation", "modification", "deconnexion")
HOSTS = tuple(f"{network}.{host}" for network in words.NETWORKS for host in range(1, 255))


def draw_contacts(world: World, chunk: int) -> tuple[Ints, Ints, Ints]:
    """Return programmer a, programmer b and instant (seconds) of a chunk of `mises_en_relation`."""
    chance, count = seeded(world.seed, "mises_en_relation", chunk), _log_rows(world, "mises_en_relation", chunk)
    one = draw(chance, world.programmers["weight"].to_numpy(), count)
    accepted = np.flatnonzero(world.programmers["accepted"])
    position = chance.integers(len(accepted), size=count)
    position = np.where(accepted[position] == one, (position + 1) % len(accepted), position)
    return one, accepted[position], _instants(world, chance, "mises_en_relation", chunk, count)


def write_contacts(world: World, chunk: int) -> pa.Table:
    """Return a chunk of `mises_en_relation`."""
    one, other, seconds = draw_contacts(world, chunk)
    chance, count = seeded(world.seed, "mises_en_relation", chunk + (1 << 20)), len(one)
    return cells.table(
        "mises_en_relation",
        cells.identifiers_of("mises_en_relation", _log_offset(world, "mises_en_relation", chunk) + np.arange(count)),
        cells.identifiers_of("programmateurs", one),
        cells.identifiers_of("programmateurs", other),
        cells.identifiers_of("projets", chance.integers(world.size.rows["projets"], size=count)),
        cells.instants(seconds),
        cells.words_at(CHANNELS, chance.integers(len(CHANNELS), size=count)),
    )


def draw_visits(world: World, chunk: int) -> tuple[Ints, Ints]:
    """Return the programmer and the instant (seconds) of a chunk of `connexions`."""
    chance, count = seeded(world.seed, "connexions", chunk), _log_rows(world, "connexions", chunk)
    who = draw(chance, world.programmers["weight"].to_numpy(), count)
    return who, _instants(world, chance, "connexions", chunk, count)


def write_visits(world: World, chunk: int) -> pa.Table:
    """Return a chunk of `connexions`."""
    who, seconds = draw_visits(world, chunk)
    chance, count = seeded(world.seed, "connexions", chunk + (1 << 20)), len(who)
    return cells.table(
        "connexions",
        cells.identifiers_of("connexions", _log_offset(world, "connexions", chunk) + np.arange(count)),
        cells.identifiers_of("programmateurs", who),
        cells.instants(seconds),
        cells.words_at(HOSTS, chance.integers(len(HOSTS), size=count)),
        cells.words_at(words.AGENTS, chance.integers(len(words.AGENTS), size=count)),
        cells.words_at(EVENTS, draw(chance, np.array([0.4, 0.35, 0.15, 0.1]), count)),
    )


def _log_rows(world: World, table: str, chunk: int) -> int:
    return int(world.size.chunk_rows(table)[chunk])


def _log_offset(world: World, table: str, chunk: int) -> int:
    return int(world.size.chunk_rows(table)[:chunk].sum())


def _instants(world: World, chance: np.random.Generator, table: str, chunk: int, count: int) -> Ints:
    """Return the sorted instants of a chunk: each chunk has its part of the time, up to the last evening in Paris."""
    low, high = world.size.span
    parts = world.size.chunks(table)
    start, end = ((low * DAY + (high * DAY + LAST_HOUR - low * DAY) * each // parts) for each in (chunk, chunk + 1))
    return np.sort(chance.integers(start, end, size=count))
