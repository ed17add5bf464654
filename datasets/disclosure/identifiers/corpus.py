"""Ten thousand invented rows with their truth: identifiers in every spelling, among neighbours that look like them.

Nobody stands behind any value: names are drawn or built from syllables, numbers are drawn and given a right key.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial

import numpy as np
import pyarrow as pa

from datasets.disclosure.identifiers import neighbours, spellings
from datasets.disclosure.identifiers.words import NAMED, NEUTRAL, SPOKEN

TABLES, ROWS = 20, 500
Recipe = Callable[[np.random.Generator], str]


@dataclass(frozen=True)
class Example:
    """An invented table, and by (column, kind) which of its cells hold that kind."""

    table: pa.Table
    truth: Mapping[tuple[str, str], np.ndarray]
    texts: frozenset[str]


TITLES: Mapping[str, tuple[str, ...]] = {
    "email": ("Courriel", "e-mail", "champ_1", "Adresse électronique"),
    "phone": ("Téléphone", "tel_portable", "champ_2", "Mobile"),
    "nir": ("Numéro de sécurité sociale", "NIR", "champ_3"),
    "siren": ("SIREN", "numero_siren", "champ_4"),
    "siret": ("SIRET", "champ_5", "Siret de l’employeur"),
    "iban": ("IBAN", "champ_6", "rib"),
    "ip": ("Adresse IP", "champ_7", "client_ip"),
    "plate": ("Immatriculation", "champ_8", "plaque"),
    "address": ("Adresse", "champ_9", "domicile"),
    "coordinates": ("geo_point", "champ_10", "Coordonnées GPS"),
    "birth_date": ("Date de naissance", "né(e) le", "dateNaissance", "DDN"),
    "first_name": ("Prénom", "prenom_usuel", "champ_12"),
    "family_name": ("Nom", "Nom de famille", "nom_usage", "champ_13"),
    "full_name": ("Nom et prénom", "Contact", "champ_14", "Responsable"),
    "user_id": ("pseudo", "identifiant_utilisateur", "login", "matricule"),
    "handle": ("Instagram", "champ_16", "twitter"),
}
"""The titles that a column of each kind may bear, some of which say nothing."""


def build(seed: int, tables: int = TABLES, rows: int = ROWS) -> list[Example]:
    """Return invented tables: the same seed gives the same cells."""
    chance = np.random.default_rng(seed)
    return [build_table(chance, number, rows) for number in range(tables)]


def build_table(chance: np.random.Generator, number: int, rows: int) -> Example:
    """Return one table: a half of the kinds, as many hostile neighbours, and two columns of free text."""
    kinds = list(SPELLINGS)
    chosen = [
        kind for rank, kind in enumerate(kinds) if (rank + number) % 2 == 0 or kind in ("first_name", "family_name")
    ]
    if number % 3 == 0:
        chosen = [kind for kind in chosen if kind not in ("first_name", "family_name", "birth_date")]
    columns: dict[str, list[str]] = {}
    truth: dict[tuple[str, str], np.ndarray] = {}
    for kind in chosen:
        title = str(chance.choice(TITLES[kind]))
        columns[title] = fill(chance, partial(spell_kind, kind), rows)
        truth[title, kind] = np.array([bool(cell) for cell in columns[title]])
    for title, recipe in neighbours.draw(chance, 8):
        columns[title] = fill(chance, recipe, rows)
    texts = ("Observations", "champ_20")
    for title in texts:
        columns[title] = write_texts(chance, title, rows, truth)
    names = [list(columns)[place] for place in chance.permutation(len(columns))]
    table = pa.table({name: pa.array(columns[name], pa.string()) for name in names})
    return Example(table, truth, frozenset(texts))


def spell_kind(kind: str, chance: np.random.Generator) -> str:
    """Return a cell of a column of that kind."""
    return spellings.spell(chance, kind)


def fill(chance: np.random.Generator, recipe: Recipe, rows: int) -> list[str]:
    """Return the cells of a column, one in twenty empty."""
    return ["" if chance.random() < 0.05 else recipe(chance) for _ in range(rows)]


def write_texts(
    chance: np.random.Generator, title: str, rows: int, truth: dict[tuple[str, str], np.ndarray]
) -> list[str]:
    """Return free texts, a third of which hold an identifier; the truth is written beside."""
    cells = []
    for row in range(rows):
        draw = chance.random()
        if draw < 0.3:
            kind = str(chance.choice(list(SPOKEN)))
            cells.append(str(chance.choice(SPOKEN[kind])).format(spellings.spoken(chance, kind)))
        elif draw < 0.36:
            kind = "full_name"
            cells.append(spellings.fill_names(chance, str(chance.choice(NAMED))))
        else:
            cells.append(str(chance.choice(NEUTRAL)))
            continue
        truth.setdefault((title, kind), np.zeros(rows, dtype=bool))[row] = True
    return cells


SPELLINGS = spellings.SPELLINGS
