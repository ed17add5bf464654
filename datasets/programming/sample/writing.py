"""Rows as they are written: each function returns one chunk of one table, defects included."""

import numpy as np
import pandas as pd
import pyarrow as pa

from datasets.programming.sample import cells, words
from datasets.programming.sample.actors import (
    ABROAD,
    CODES_OF_2018,
    DISCIPLINES,
    VENUE_KINDS,
    Planted,
    World,
    former_codes,
)
from datasets.programming.sample.blocks import Block
from datasets.programming.sample.journeys import REALISED, STATUSES
from datasets.programming.sample.loads import MODES, returns_home
from datasets.programming.sample.places import draw
from datasets.programming.sample.sizes import COLUMNS, Ints, pick, planted_count, seeded

DAY = 86_400
LABELS = {3: "scène conventionnée d’intérêt national", 4: "SMAC", 6: "scène nationale", 7: "CDN"}
TRANSPARENCIES = ("limité", "ouvert")
CHANNELS = ("messagerie", "rencontre", "téléphone", "projet commun")
EVENTS = ("connexion", "consultation", "modification", "deconnexion")
STEP_TYPES = ("stockage", "residence")


def _table(name: str, *columns: pa.Array | np.ndarray) -> pa.Table:
    return pa.table(dict(zip(COLUMNS[name], columns, strict=True)))


def _rows(planted: tuple[Planted, ...], defect: str) -> Ints:
    return next(each.rows for each in planted if each.defect == defect)


def write_venues(world: World) -> tuple[pa.Table, tuple[Planted, ...]]:
    """Return `lieux` and the defects planted on it."""
    chance, venues, planted = seeded(world.seed, "lieux", 1), world.venues, world.planted["lieux"]
    count, kind = len(venues), venues["kind"].to_numpy()
    name = np.array([label.capitalize() for label, *_ in VENUE_KINDS], dtype=object)[kind]
    name = name + " " + words.choose(chance, words.VENUE_WORDS, count)
    planted += (Planted("nom_mal_decode", _misread(chance, name, planted_count(count, "nom_mal_decode"))),)
    low, high = world.size.span
    return _table(
        "lieux",
        cells.identifiers_of("lieux", np.arange(count)),
        pa.array(name, pa.string()),
        pa.array(words.addresses(chance, count), pa.string()),
        pa.array(words.sirets(np.arange(count)), pa.string()),
        pa.array(_venue_codes(world), pa.string()),
        *_coordinates(venues, _rows(planted, "coordonnees_inversees"), _rows(planted, "coordonnees_a_virgule")),
        cells.words_at([label for label, *_ in VENUE_KINDS], kind),
        cells.words_at([LABELS.get(rank) for rank in range(len(VENUE_KINDS))], kind),
        np.round(chance.lognormal(np.log(250), 0.8, count)).astype(np.int64),
        cells.days(low - chance.integers(0, 900, size=count)),
        cells.days(chance.integers(low, high + 1, size=count)),
        chance.random(count) < 0.95,
    ), planted


def _misread(chance: np.random.Generator, texts: np.ndarray, count: int) -> Ints:
    """Make some texts misread, in place; return their rows."""
    rows = pick(chance, np.flatnonzero([not text.isascii() for text in texts]), count)
    texts[rows] = [words.misread(text) for text in texts[rows]]
    return rows


def _venue_codes(world: World) -> np.ndarray:
    codes = world.venues["code"].to_numpy(dtype=object).copy()
    planted, old = world.planted["lieux"], former_codes(world.territories)
    for row in _rows(planted, "code_de_2018"):
        codes[row] = CODES_OF_2018.get(codes[row]) or old[codes[row]]
    for row in _rows(planted, "code_sans_zero"):
        codes[row] = codes[row][1:]
    codes[_rows(planted, "code_inconnu")] = "99999"
    return codes


def _coordinates(frame: pd.DataFrame, swapped: Ints, commas: Ints) -> tuple[pa.Array, pa.Array]:
    """Return lat and lon as texts with 6 decimals; swapped, or with a comma, on some rows; null where unknown."""
    lat, lon = frame["lat"].to_numpy().copy(), frame["lon"].to_numpy().copy()
    lat[swapped], lon[swapped] = lon[swapped], lat[swapped].copy()
    texts = []
    for values in (lat, lon):
        text = [None if np.isnan(value) else f"{value:.6f}" for value in values.tolist()]
        for row in commas:
            text[row] = str(text[row]).replace(".", ",")
        texts.append(pa.array(text, pa.string()))
    return texts[0], texts[1]


def write_programmers(world: World) -> tuple[pa.Table, tuple[Planted, ...]]:
    """Return `programmateurs` and the defects planted on it."""
    chance, count = seeded(world.seed, "programmateurs", 1), len(world.programmers)
    first, last = words.choose(chance, words.FIRST_NAMES, count), words.surnames(chance, count)
    mail = np.array([f"contact{row}@example.invalid" for row in range(count)], dtype=object)
    misread = _misread(chance, first, planted_count(count, "nom_mal_decode_personne"))
    low, high = world.size.span
    opened = chance.random(count) < 0.35
    return _table(
        "programmateurs",
        cells.identifiers_of("programmateurs", np.arange(count)),
        cells.identifiers_of("lieux", world.programmers["lieu"].to_numpy()),
        *(pa.array(column, pa.string()) for column in (last, first, mail, words.telephones(chance, count))),
        pa.array(words.addresses(chance, count), pa.string()),
        pa.array([f"https://example.invalid/photos/{row}.jpg" for row in range(count)], pa.string()),
        pa.array(words.choose(chance, words.PROFESSIONS, count), pa.string()),
        pa.array(words.ip_addresses(chance, count), pa.string()),
        cells.words_at(TRANSPARENCIES, opened.astype(np.int64)),
        opened & (chance.random(count) < 0.6),
        cells.days(low - chance.integers(0, 900, size=count)),
        cells.days(chance.integers(low, high + 1, size=count)),
    ), (Planted("nom_mal_decode_personne", misread),)


def write_companies(world: World) -> tuple[pa.Table, tuple[Planted, ...]]:
    """Return `equipes` and the defects planted on it."""
    chance, companies, planted = seeded(world.seed, "equipes", 1), world.companies, world.planted["equipes"]
    count, abroad = len(companies), companies["abroad"].to_numpy()
    codes, countries = home_codes(world)
    for row in _rows(planted, "code_sans_zero_equipe"):
        codes[row] = codes[row][1:]
    home = companies["lat"].notna().to_numpy()
    towns = np.where((abroad >= 0) & home, np.array([town for _, town, *_ in ABROAD], dtype=object)[abroad], None)
    name = "Compagnie " + words.choose(chance, words.COMPANY_WORDS, count)
    person = "Compagnie " + words.choose(chance, words.FIRST_NAMES, count) + " " + words.surnames(chance, count)
    none = np.zeros(0, dtype=np.int64)
    return _table(
        "equipes",
        cells.identifiers_of("equipes", np.arange(count)),
        pa.array(np.where(chance.random(count) < 0.4, person, name), pa.string()),
        pa.array(words.sirets(50_000 + np.arange(count)), pa.string()),
        *(pa.array(column, pa.string()) for column in (codes, countries, towns)),
        *_coordinates(companies, none, none),
        pa.array(words.choose(chance, DISCIPLINES, count), pa.string()),
        companies["effectif"].to_numpy(),
    ), planted


def home_codes(world: World) -> tuple[np.ndarray, np.ndarray]:
    """Return the commune code and the country (abroad) of each company's home; None where there is none."""
    companies = world.companies
    commune, abroad = companies["commune"].to_numpy(), companies["abroad"].to_numpy()
    home = companies["lat"].notna().to_numpy()
    codes = world.territories.communes["code"].to_numpy(dtype=object)[commune]
    countries = np.array([country for country, *_ in ABROAD], dtype=object)[abroad]
    return np.where(home & (abroad < 0), codes, None), np.where(home & (abroad >= 0), countries, None)


def write_projects(world: World, block: Block) -> pa.Table:
    """Return the chunk of `projets` of a block."""
    chance, projects = seeded(world.seed, "projets", block.number + (1 << 21)), block.loads.projects
    count, (low, high) = len(projects), world.size.span
    status, first, last = _project_life(chance, block, count, low, high)
    title = words.choose(chance, words.TITLE_WORDS, count) + " " + words.choose(chance, words.TITLE_ENDS, count)
    comment = words.choose(chance, words.COMMENTS, count)
    mailed = block.rows("projets", "courriel_dans_le_commentaire")
    comment[mailed] = comment[mailed] + np.array([f" Écrire à equipe{row}@example.invalid." for row in mailed], object)
    authors = np.flatnonzero(world.programmers["accepted"])
    return _table(
        "projets",
        cells.identifiers_of("projets", block.offsets["projets"] + np.arange(count)),
        cells.identifiers_of("equipes", projects["company"].to_numpy()),
        pa.array(title, pa.string()),
        pa.array(words.choose(chance, DISCIPLINES, count), pa.string()),
        projects["party"].to_numpy(),
        cells.decimals(projects["volume"].to_numpy(), block.rows("projets", "volume_a_virgule")),
        projects["volume"].to_numpy() * 12,
        cells.words_at(TRANSPARENCIES, (chance.random(count) < 0.35).astype(np.int64)),
        cells.words_at(STATUSES, status),
        cells.days(first),
        cells.days(last),
        cells.identifiers_of("programmateurs", authors[chance.integers(len(authors), size=count)]),
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
    return _table(
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
    return _table(
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
    return _table(
        "etapes",
        cells.identifiers_of("etapes", block.offsets["etapes"] + np.arange(len(tour))),
        cells.identifiers_of("tournees", block.offsets["tournees"] + tour),
        rank,
        cells.identifiers_of("lieux", origin, origin < 0),
        cells.identifiers_of("lieux", venue, venue < 0),
        pa.array(np.where(venue < 0, codes, None), pa.string()),
        cells.words_at(("representation", *STEP_TYPES, "domicile"), kind),
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
    return _table(
        "transports",
        cells.identifiers_of("transports", block.offsets["transports"] + np.arange(count)),
        cells.identifiers_of("tournees", block.offsets["tournees"] + tour),
        cells.words_at([mode for mode, *_ in MODES], lines["mode"].to_numpy()),
        quantity,
        cells.identifiers(cells.VEHICLE, block.offsets["tournees"] + vehicle, vehicle < 0),
        pa.array(lines["part"].to_numpy(), from_pandas=True),
        cells.words_at([engine or None for *_, engine in MODES], lines["mode"].to_numpy()),
    )


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
    return _table(
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
    hosts = [f"{network}.{host}" for network in words.NETWORKS for host in range(1, 255)]
    return _table(
        "connexions",
        cells.identifiers_of("connexions", _log_offset(world, "connexions", chunk) + np.arange(count)),
        cells.identifiers_of("programmateurs", who),
        cells.instants(seconds),
        cells.words_at(hosts, chance.integers(len(hosts), size=count)),
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
    start, end = ((low * DAY + (high * DAY + 21 * 3600 - low * DAY) * each // parts) for each in (chunk, chunk + 1))
    return np.sort(chance.integers(start, end, size=count))
