"""Columns that look like identifiers and are none: what a careless detector would raise an alarm for."""

from collections.abc import Callable
from datetime import date, timedelta

import numpy as np

from datasets.disclosure.identifiers import words
from datasets.disclosure.identifiers.spellings import Chance, digits, fill_names, keyed, pick, write_day


def luhn_order(chance: Chance) -> str:
    """Return an order number whose Luhn key is right."""
    return keyed(digits(chance, int(chance.choice([8, 13]))))


def version(chance: Chance) -> str:
    """Return a version of a program."""
    return ".".join(map(str, chance.integers(0, 15, size=4).tolist()))


def show_date(chance: Chance) -> str:
    """Return the day of a show."""
    return write_day(chance, date(2022, 1, 1) + timedelta(days=int(chance.integers(0, 1600))))


def body(chance: Chance) -> str:
    """Return the name of a company made of a person's name."""
    return fill_names(chance, pick(chance, words.BODIES))


def venue(chance: Chance) -> str:
    """Return the name of a place called after a person."""
    return fill_names(chance, pick(chance, words.VENUES))


def street(chance: Chance) -> str:
    """Return a street without a number."""
    return pick(chance, words.STREETS)


def centroid(chance: Chance) -> str:
    """Return the centre of a commune."""
    return f"{43 + chance.random():.6f}, {chance.random():.6f}"


def rough_place(chance: Chance) -> str:
    """Return a place to the kilometre."""
    return f"{43 + chance.random():.2f}, {chance.random():.2f}"


def mac_address(chance: Chance) -> str:
    """Return the address of a network card."""
    return ":".join(f"{n:02x}" for n in chance.integers(0, 256, size=6).tolist())


def town(chance: Chance) -> str:
    """Return the name of a commune."""
    return pick(chance, words.TOWNS)


NEIGHBOURS: tuple[tuple[tuple[str, ...], Callable[[Chance], str]], ...] = (
    (("Version", "version_logiciel", "champ_31"), version),
    (("Numéro de commande", "Référence"), luhn_order),
    (("Numéro de dossier", "N° facture"), lambda chance: "0" + str(chance.integers(1, 10)) + digits(chance, 8)),
    (("Code EAN", "champ_33"), lambda chance: "3" + digits(chance, 12)),
    (("IMEI", "champ_34"), lambda chance: "35" + digits(chance, 13)),
    (("Code postal", "cp"), lambda chance: pick(chance, ("32", "31", "65")) + digits(chance, 3)),
    (("Code INSEE commune", "insee"), lambda chance: "32" + digits(chance, 3)),
    (("Montant", "champ_35"), lambda chance: f"{chance.integers(1, 90_000)},{chance.integers(0, 100):02d}"),
    (("Année", "champ_36"), lambda chance: str(chance.integers(1900, 2026))),
    (("Population", "champ_37"), lambda chance: str(chance.integers(50, 900_000))),
    (("RNA", "Numéro RNA"), lambda chance: "W" + digits(chance, 9)),
    (("UAI", "champ_38"), lambda chance: "032" + digits(chance, 4) + pick(chance, tuple("ABCDEFGH"))),
    (("Date de représentation", "date_spectacle", "Date"), show_date),
    (("Raison sociale", "Compagnie", "champ_39"), body),
    (("Lieu", "Salle", "champ_40"), venue),
    (("Titre", "Spectacle", "champ_41"), lambda chance: pick(chance, words.TITLES)),
    (("Commune", "Ville", "nom_commune", "champ_42"), town),
    (("Voie", "champ_43"), street),
    (("centroide", "centre_commune"), centroid),
    (("geo_arrondi", "champ_44"), rough_place),
    (("Adresse MAC", "champ_45"), mac_address),
    (("Référence article", "champ_46"), lambda chance: f"AB-{digits(chance, 4)}-CD"),
    (("Horaire", "champ_47"), lambda chance: f"{chance.integers(8, 23):02d}:{chance.integers(0, 60):02d}:00"),
    (("Coefficient", "taux"), lambda chance: f"{chance.random() * 3:.6f}"),
    (("Couleur", "champ_48"), lambda chance: pick(chance, ("Blanc", "Rose", "Brun", "Olive", "Prune"))),
    (("Mois", "champ_49"), lambda chance: pick(chance, words.MONTHS)),
    (("Jauge", "champ_50"), lambda chance: f"{chance.integers(20, 900)} places"),
    (("Siren EPCI", "code_epci"), lambda chance: keyed("20" + digits(chance, 6))),
    (("Visuel", "champ_51"), lambda chance: f"logo{digits(chance, 2)}@2x.png"),
    (("Compte comptable", "champ_52"), lambda chance: "6" + digits(chance, 5)),
)
"""The titles and the cells of each hostile column."""


def draw(chance: np.random.Generator, count: int) -> list[tuple[str, Callable[[Chance], str]]]:
    """Return that many hostile columns, each with one of its titles."""
    chosen = chance.choice(len(NEIGHBOURS), size=count, replace=False)
    return [(pick(chance, NEIGHBOURS[place][0]), NEIGHBOURS[place][1]) for place in chosen.tolist()]
