"""From what was counted in the columns of a table to what is said of them: findings, reasons, confidence."""

import re
from collections.abc import Iterable, Sequence
from itertools import pairwise

import numpy as np
import pyarrow as pa

from datasets.disclosure.identifiers.findings import CELLS, INSIDE, Finding, Findings
from datasets.disclosure.identifiers.kinds import KINDS, NAMES
from datasets.disclosure.identifiers.people import ADULTS
from datasets.disclosure.identifiers.scan import Column, Tally, batches_of, scan
from datasets.errors import Phrase
from datasets.model import Schema
from datasets.types import postcode

KEYED = ("nir", "siren", "siret", "iban", "ip")
"""Kinds whose form is met by chance: most of the cells of that form must be right."""
OWN = (*NAMES, "coordinates")
"""Kinds judged by a rule of their own."""
NAME_TITLE = r"^(?:noms?|names?)$"
EVENT_TITLE = (
    r"(?:^|_)(?:debut|fin|creation|representation|spectacle|publication|maj|modif\w*|mise|inscription|adhesion|"
    r"embauche|entree|sortie|deces|mariage|evenement|ouverture|fermeture|signature|nomination|mandat|commande|"
    r"facture|depot|saison|start|end|created|updated)(?:_|$)"
)
PERSON_TITLE = (
    r"^(?:(?:id|nom|numero)_(?:du_|de_l_)?)?(?:civilite|patiente?|eleve|adherente?|usager|beneficiaire|abonnee?|"
    r"salariee?|agent|candidate?|locataire|etudiante?|enfant|allocataire|donateur|licenciee?|habitante?|parent|tuteur)$"
)
BODY_TITLE = (
    r"(?:^|_)(?:siret|siren|rna|uai|finess|raison_sociale|denomination)(?:_|$)|"
    r"^(?:noms?_(?:du_|de_la_|de_l_|d_|des_)?)?(?:etablissements?|structures?|organismes?|"
    r"associations?|compagnies?|entreprises?|societes?|enseigne|lieux?|salles?|theatres?|musees?|festivals?|"
    r"bibliotheques?|ecoles?|equipements?|venues?|companies|company)(?:_|$)"
)
SAYS = {
    "title": Phrase("the title of the column announces it", "le titre de la colonne l’annonce"),
    "form": Phrase("the values have its form", "les valeurs en ont la forme"),
    "key": Phrase("the key of the numbers is right", "la clé des nombres est juste"),
    "inside": Phrase("it is written inside longer texts", "c’est écrit à l’intérieur de textes plus longs"),
    "listed": Phrase("many cells are frequent names", "beaucoup de cellules sont des noms fréquents"),
    "beside": Phrase("a neighbouring column holds first names", "une colonne voisine contient des prénoms"),
    "adults": Phrase(
        "the days are those of births of adults, beside names of persons",
        "les jours sont ceux de naissances d’adultes, à côté de noms de personnes",
    ),
    "public": Phrase("nearly all are numbers of public bodies", "presque tous sont des numéros d’organismes publics"),
    "service": Phrase("nearly all are addresses of services", "presque toutes sont des adresses de services"),
    "mobile": Phrase("most are mobile telephones, thus persons’", "la plupart sont des mobiles, donc de personnes"),
    "pair": Phrase("two neighbouring columns give a place", "deux colonnes voisines donnent un lieu"),
    "fine": Phrase("four decimals or more: a dozen metres", "quatre décimales ou plus : une dizaine de mètres"),
}
"""Why something is said, by code."""
KEYS = ("nir", "siren", "siret", "iban")


def find_identifiers(rows: pa.Table | Iterable[pa.RecordBatch], schema: Schema | None = None) -> Findings:
    """Return the identifiers of persons that a table holds, judged on all of its cells.

    `rows`: a table, or batches read one at a time; `schema` gives the titles of the columns, else their names do.
    """
    columns = scan(batches_of(rows), schema)
    found = [finding for column in columns for finding in judge_values(column)]
    found += judge_coordinates(columns)
    found += judge_names(columns)
    found += judge_births(columns, any(finding.kind in NAMES and finding.place == CELLS for finding in found))
    order = {column.name: place for place, column in enumerate(columns)}
    found.sort(key=lambda finding: (order[finding.column], -finding.confidence))
    return Findings(
        tuple(found),
        directory=tuple(column.name for column in columns if is_of_bodies(column)),
        persons=persons_of(columns, found),
        composites=tuple(compose(columns, found)),
    )


def judge_values(column: Column) -> list[Finding]:
    """Return the kinds that the values of a column show by themselves."""
    found = []
    for kind, tally in column.tallies.items():
        if kind in OWN or (column.titles[kind].against and not tally.inside):
            continue
        title = column.titles[kind]
        whole = 0 if title.against or is_by_chance(kind, tally, hinted=title.hints) else tally.whole
        if whole + tally.inside:
            found.append(describe(column, kind, whole, tally.inside))
    return found


def is_by_chance(kind: str, tally: Tally, *, hinted: bool) -> bool:
    """Return whether too few of the cells that have the form of a kind are right."""
    return kind in KEYED and not hinted and tally.whole < 0.5 * tally.shaped


def describe(column: Column, kind: str, whole: int, inside: int, *reasons: str, score: float = 0.0) -> Finding:
    """Return the finding of a kind in a column, with its confidence and the reasons of it."""
    tally, title = column.tallies.get(kind, Tally()), column.titles[kind]
    place = CELLS if whole >= inside else INSIDE
    told = [*reasons] or (["inside"] if place == INSIDE else ["key" if kind in KEYS else "form"])
    confidence = score or KINDS[kind].score
    share = (whole + inside) / max(column.cells, 1)
    if title.hints and place == CELLS:
        told, confidence = ["title", *told], 1 - (1 - confidence) * 0.3
    elif share < 0.05:
        confidence *= 0.85
    special = tally.special >= 0.95 * whole if kind in ("siren", "siret", "email") else tally.special > 0.5 * whole
    special = special and bool(whole) and bool(tally.special)
    if special:
        told.append({"email": "service", "phone": "mobile"}.get(kind, "public"))
    return Finding(
        kind=kind,
        column=column.name,
        place=place,
        count=whole + inside,
        share=round(share, 4),
        confidence=round(min(confidence, 0.99), 2),
        reasons=tuple(SAYS[code] for code in told),
        examples=tuple(tally.examples),
        rows=tuple(tally.rows),
        spared=special and kind in ("siren", "siret", "email") and inside == 0,
    )


def judge_coordinates(columns: Sequence[Column]) -> list[Finding]:
    """Return the precise places: two coordinates in one cell, or in two columns, titled or side by side."""
    found = []
    for column in columns:
        tally, numbers = column.tallies.get("coordinates", Tally()), column.numbers
        title = column.titles["coordinates"]
        if title.hints and not title.against and numbers.count and numbers.fine >= 0.5 * numbers.count:
            found.append(describe(column, "coordinates", numbers.count, tally.inside, "fine"))
        elif tally.whole + tally.inside:
            found.append(describe(column, "coordinates", tally.whole, tally.inside, "fine"))
    taken = {finding.column for finding in found}
    for left, right in pairwise(columns):
        if not {left.name, right.name} & taken and (is_pair(left, right) or is_pair(right, left)):
            found += [describe(one, "coordinates", one.numbers.count, 0, "pair", "fine") for one in (left, right)]
    return found


def is_pair(lat: Column, lon: Column) -> bool:
    """Return whether two columns are the latitudes and longitudes of places in metropolitan France, to ten metres."""
    if lat.titles["coordinates"].against or lon.titles["coordinates"].against:
        return False
    both = ((lat.numbers, lat.numbers.latitudes), (lon.numbers, lon.numbers.longitudes))
    return all(n.count and n.fine >= 0.9 * n.count and inside >= 0.95 * n.count for n, inside in both)


def judge_names(columns: Sequence[Column]) -> list[Finding]:
    """Return the columns of names, and the texts in which persons are named."""
    found = [finding for column in columns if (finding := judge_name(column))]
    firsts = any(finding.kind == "first_name" for finding in found)
    named = {finding.column for finding in found}
    for column in columns:
        tally = column.tallies.get("family_name", Tally())
        if column.name in named or not tally.shaped or column.titles["family_name"].against:
            continue
        weak = bool(re.search(NAME_TITLE, column.slug))
        if weak and firsts and tally.shaped >= 0.7 * column.cells:
            found.append(describe(column, "family_name", tally.shaped, 0, "beside", score=0.9))
    return found


def judge_name(column: Column) -> Finding | None:
    """Return what kind of names a column holds, if any."""
    full, first, family = (column.tallies.get(kind, Tally()) for kind in ("full_name", "first_name", "family_name"))
    cells, few = max(column.cells, 1), len(column.distinct) < min(20, 0.3 * column.cells)
    if column.bodies > 0.2 * cells and not any(column.titles[kind].hints for kind in NAMES):
        return describe(column, "full_name", 0, full.inside) if full.inside else None
    if column.titles["full_name"].hints and full.whole >= 0.2 * cells:
        return describe(column, "full_name", cells, 0, "listed")
    if full.whole >= 0.4 * cells and not column.titles["full_name"].against:
        return describe(column, "full_name", cells, 0, "listed")
    for kind, tally in (("first_name", first), ("family_name", family)):
        if column.titles[kind].hints and not column.titles[kind].against and tally.shaped >= 0.5 * cells:
            return describe(column, kind, tally.shaped, 0, "form", score=0.9)
    kind, tally = ("first_name", first) if first.whole > family.whole else ("family_name", family)
    least = 0.4 if kind == "first_name" else 0.08 if re.search(NAME_TITLE, column.slug) else 0.2
    if tally.whole >= least * cells and tally.shaped >= 0.85 * cells and not few and not column.titles[kind].against:
        return describe(column, kind, tally.shaped, 0, "listed")
    if full.whole + full.inside and full.inside > full.whole:
        return describe(column, "full_name", 0, full.whole + full.inside)
    return None


def judge_births(columns: Sequence[Column], named: bool) -> list[Finding]:
    """Return the columns of days that are likely dates of birth although no title says so; `named` persons beside."""
    return [
        describe(column, "birth_date", column.cells, 0, "adults")
        for column in columns
        if named and not column.titles["birth_date"].hints and are_births(column)
    ]


def are_births(column: Column) -> bool:
    """Return whether the days of a column are spread like births of adults, and its title speaks of no event."""
    years, counts = np.array(list(column.years), dtype=float), np.array(list(column.years.values()), dtype=float)
    if counts.sum() < 0.9 * column.cells or not column.cells or re.search(EVENT_TITLE, column.slug):
        return False
    adult = (years >= ADULTS[0]) & (years <= ADULTS[1])
    spread = np.sqrt(np.cov(years, fweights=counts.astype(int))) if counts.sum() > 1 else 0.0
    return bool(counts[adult].sum() >= 0.95 * counts.sum() and spread >= 5)


def is_of_bodies(column: Column) -> bool:
    """Return whether a column tells that the table is a directory of organisations."""
    streets = column.tallies.get("address", Tally()).whole
    named = column.cells > 0 and column.bodies >= 0.3 * column.cells and streets < 0.3 * column.cells
    return bool(re.search(BODY_TITLE, column.slug)) or named


def persons_of(columns: Sequence[Column], found: Sequence[Finding]) -> tuple[str, ...]:
    """Return the columns by which a table tells of persons."""
    kinds = (*NAMES, "nir", "birth_date", "user_id")
    named = {finding.column for finding in found if finding.kind in kinds and finding.place == CELLS}
    named |= {column.name for column in columns if re.search(PERSON_TITLE, column.slug)}
    return tuple(column.name for column in columns if column.name in named)


def compose(columns: Sequence[Column], found: Sequence[Finding]) -> Iterable[tuple[str, ...]]:
    """Yield the columns that together name somebody: a name, and a date of birth or a postcode."""
    by_kind = {finding.kind: finding.column for finding in found if finding.place == CELLS}
    names = [by_kind["full_name"]] if "full_name" in by_kind else []
    if {"first_name", "family_name"} <= by_kind.keys():
        names = [by_kind["first_name"], by_kind["family_name"]]
    places = [column.name for column in columns if re.search(postcode.TYPE.hints, column.slug)]
    if names and "birth_date" in by_kind:
        yield (*names, by_kind["birth_date"])
    if names and places:
        yield (*names, places[0])
