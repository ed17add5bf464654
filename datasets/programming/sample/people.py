"""The rows of venues, programmers and companies as they are written, defects included."""

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
from datasets.programming.sample.sizes import Ints, pick, planted_count, seeded

LABELS = {3: "scène conventionnée d’intérêt national", 4: "SMAC", 6: "scène nationale", 7: "CDN"}
TRANSPARENCIES = ("limité", "ouvert")


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
    return cells.table(
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
    return cells.table(
        "programmateurs",
        cells.identifiers_of("programmateurs", np.arange(count)),
        cells.identifiers_of("lieux", world.programmers["lieu"].to_numpy()),
        *(pa.array(column, pa.string()) for column in (last, first, mail, words.telephones(chance, count))),
        pa.array(words.addresses(chance, count), pa.string()),
        pa.array([f"https://example.invalid/photos/{row}.jpg" for row in range(count)], pa.string()),
        pa.array(words.choose(chance, words.PROFESSIONS, count), pa.string()),
        pa.array(words.ip_addresses(chance, count), pa.string()),
        cells.words_at(TRANSPARENCIES, world.programmers["opens"].to_numpy().astype(np.int64)),
        world.programmers["consents"].to_numpy(),
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
    return cells.table(
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
    codes[~home | (abroad >= 0)] = None
    countries[~home | (abroad < 0)] = None
    return codes, countries
