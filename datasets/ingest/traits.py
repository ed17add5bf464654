"""What columns tell of a person that a neighbour may know: age, sex, commune, trade… found by title and by content.

None of them names anybody; taken together they may point at one person.
"""

import re
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
from types import MappingProxyType

import pyarrow as pa
import pyarrow.compute as pc

from datasets.ingest.naming import slug
from datasets.model import Schema, Texts, text_in

MOST_WORDS = 200
"""A column of more distinct texts than that is no column of categories."""
SHARE = 0.95
"""Share of the cells that must agree for a trait to be known by content."""
SPREAD = 5.0
"""Least standard deviation of ages and years of birth."""
BORN = (1920, 2020)
"""Years in which the persons of a table are likely to be born."""
CODE = r"^(?:0[1-9]|[1-8]\d|9[0-8]|2[AB])\d{3}$"
QUANTITY = (
    r"(?:^|_)(?:nb|nombre|effectifs?|population|pop|total|somme|taux|part|pourcentage|count|montant|moyenne|indice|"
    r"prix|cout|jauge|quantite|score|note|duree|rang|ordre|numero|num|id|rank|number)(?:_|$)"
)
"""Titles of numbers that are no trait of a person; those of a table of totals among them."""
EVENT = (
    r"(?:^|_)(?:creation|construction|ouverture|debut|fin|edition|exercice|fondation|travaux|mise|maj|depuis)(?:_|$)"
)


class Values:
    """The values of a column, and how often each of its words occurs when they are few."""

    def __init__(self, column: pa.ChunkedArray) -> None:
        self.column = column

    @cached_property
    def words(self) -> Counter[str]:
        """The texts written as names of fields, with their counts; none in a column of many texts, or of others."""
        texts, found = self.column, Counter[str]()
        if pa.types.is_string(texts.type) and pc.count_distinct(texts.slice(0, 1 << 16)).as_py() <= MOST_WORDS:
            for one in pc.value_counts(texts).to_pylist():
                found[slug(one["values"] or "")] += one["counts"] if one["values"] else 0
        return found


Test = Callable[[Values], bool]


@dataclass(frozen=True)
class Trait:
    """One kind of trait: its title, or its values, announce it; `coarser` says how to tell it less precisely.

    `personal` tells that persons alone have it: two such columns make a table one of persons.
    """

    name: str
    label: Texts
    coarser: Texts
    hints: str
    content: Test = lambda values: False
    personal: bool = True


@dataclass(frozen=True)
class Found:
    """A column that tells a trait, and whether its title said so (else its values)."""

    column: str
    trait: Trait
    titled: bool


def holds_words(pattern: str, least: int) -> Test:
    """Return the test of a column nearly all of whose texts, as slugs, match a pattern; so many of them at least."""
    known = re.compile(pattern)

    def holds(values: Values) -> bool:
        among = [count for word, count in values.words.items() if count and known.fullmatch(word)]
        return len(among) >= least and sum(among) >= SHARE * values.words.total()

    return holds


def holds_numbers(low: int, high: int) -> Test:
    """Return the test of a column of whole numbers nearly all between two bounds, and spread as those of persons."""

    def holds(values: Values) -> bool:
        return pa.types.is_integer(values.column.type) and spread_between(values.column, low, high)

    return holds


def spread_between(numbers: pa.ChunkedArray, low: int, high: int) -> bool:
    """Return whether nearly all numbers are between two bounds, and not all about the same."""
    if numbers.null_count == len(numbers):
        return False
    inside = pc.and_(pc.greater_equal(numbers, low), pc.less_equal(numbers, high))
    return bool(pc.mean(inside).as_py() >= SHARE and pc.stddev(numbers).as_py() >= SPREAD)


def holds_births(values: Values) -> bool:
    """Return whether a column holds days, or years, spread as those of births are."""
    kind, column = values.column.type, values.column
    if pa.types.is_date(kind) or pa.types.is_timestamp(kind):
        return spread_between(pc.year(column), *BORN)
    return pa.types.is_integer(kind) and spread_between(column, *BORN)


def holds_codes(values: Values) -> bool:
    """Return whether nearly all the texts of a column have the form of a code of commune or of a postcode."""
    column = values.column
    if not pa.types.is_string(column.type) or column.null_count == len(column):
        return False
    return bool(pc.mean(pc.match_substring_regex(column, CODE)).as_py() >= SHARE)


_TRAITS = (
    Trait(
        "sex",
        {"fr": "Sexe", "en": "Sex"},
        {"fr": "Retirez la colonne.", "en": "Leave the column out."},
        r"(?:^|_)(?:sexe|sex|gender)(?:_|$)",
        holds_words(r"[hfm]|(?:ho|fe)mmes?|masculin|feminin|(?:fe)?males?|garcons?|filles?|mme", 2),
    ),
    Trait(
        "age",
        {"fr": "Âge", "en": "Age"},
        {"fr": "Dites des tranches de cinq ou dix ans.", "en": "Tell ranges of five or ten years."},
        r"(?:^|_)(?:age|tranche_(?:d_)?age)(?:_|$)",
        holds_numbers(0, 115),
    ),
    Trait(
        "birth",
        {"fr": "Naissance", "en": "Birth"},
        {"fr": "Dites l’année, ou la décennie.", "en": "Tell the year, or the decade."},
        r"(?:^|_)(?:(?:annee_|date_|mois_)(?:de_)?naissance|birth_(?:year|date)|ne_le|ddn)(?:_|$)",
        holds_births,
    ),
    Trait(
        "family",
        {"fr": "Situation familiale", "en": "Family status"},
        {"fr": "Regroupez : seul ou en couple.", "en": "Gather: alone or in a couple."},
        r"(?:^|_)(?:situation_(?:familiale|matrimoniale)|statut_marital|etat_civil|marital_status)(?:_|$)",
        holds_words(
            r"celibataires?|(?:marie|divorce|separe|pacse)(?:_?e)?s?|veuf|veuve|veuf_ve|concubinage|en_couple|"
            r"union_libre|seule?|single|married|divorced|widowed",
            2,
        ),
    ),
    Trait(
        "occupation",
        {"fr": "Profession", "en": "Occupation"},
        {"fr": "Dites le groupe socioprofessionnel.", "en": "Tell the socio-professional group."},
        r"(?:^|_)(?:csp|pcs|profession|metier|occupation|emploi)(?:_|$)",
        holds_words(
            r"(?:agriculteurs?|artisans?|commercants?|cadres?|professions?_intermediaires?|employe(?:_?e)?s?|"
            r"ouvri(?:er|ere)s?|retraite(?:_?e)?s?|etudiante?s?|inactifs?|chomeu(?:r|se)s?|sans_emploi|"
            r"demandeurs?_d_emploi|autres_personnes_sans_activite_professionnelle)(?:_.*)?",
            3,
        ),
    ),
    Trait(
        "nationality",
        {"fr": "Nationalité", "en": "Nationality"},
        {"fr": "Regroupez : France, Europe, ailleurs.", "en": "Gather: France, Europe, elsewhere."},
        r"(?:^|_)(?:nationalite|nationality|pays_(?:de_)?naissance|country_of_birth)(?:_|$)",
        holds_words(
            r"(?:francais|anglais|portugais|polonais|marocain|roumain|americain|italien|tunisien|algerien|espagnol|"
            r"allemand|turc|turqu|belg|suiss|britanniqu)e?",
            2,
        ),
    ),
    Trait(
        "schooling",
        {"fr": "Diplôme", "en": "Schooling"},
        {"fr": "Dites le niveau.", "en": "Tell the level."},
        r"(?:^|_)(?:diplome|niveau_(?:d_)?etudes?|degree)(?:_|$)",
        holds_words(
            r"aucun|sans_diplome|brevet|cap|bep|cap_bep|bac(?:calaureat)?(?:_\d)?|bts|dut|deug|licence|master|doctorat",
            3,
        ),
    ),
    Trait(
        "disability",
        {"fr": "Handicap", "en": "Disability"},
        {"fr": "Retirez la colonne.", "en": "Leave the column out."},
        r"(?:^|_)(?:handicap\w*|disability|rqth)(?:_|$)",
    ),
    Trait(
        "place",
        {"fr": "Lieu", "en": "Place"},
        {"fr": "Dites le département au lieu de la commune.", "en": "Tell the département, not the commune."},
        r"(?:^|_)(?:code_insee|insee|communes?|villes?|code_postal|cp|postcode|quartier|iris|epci|departement)(?:_|$)",
        holds_codes,
        personal=False,
    ),
)
TRAITS: Mapping[str, Trait] = MappingProxyType({trait.name: trait for trait in _TRAITS})
"""Every trait, by its name, the surest first."""


GUESSED = ("age", "birth")
"""Traits whose values many other columns have: without a title, they do not make a table one of persons."""


def find_traits(schema: Schema, table: pa.Table, persons: bool) -> list[Found]:
    """Return the columns of a table that tell a trait; none when the table is not of persons.

    It is when `persons` says that its file names some, or when two of its columns tell traits that only persons have
    and none counts anything: a table of totals by age and sex is of nobody.
    """
    found = [one for field in schema if (one := find_trait(field.name, _title(schema, field.name), table[field.name]))]
    counts = any(re.search(QUANTITY, _title(schema, name)) for name in schema.names)
    known = {one.trait.name for one in found if one.trait.personal and (one.titled or one.trait.name not in GUESSED)}
    return found if persons or (len(known) > 1 and not counts) else []


def find_trait(name: str, title: str, column: pa.ChunkedArray) -> Found | None:
    """Return the trait that a column tells, by its title or else by its values; None when it tells none."""
    for trait in TRAITS.values():
        if re.search(trait.hints, title) or re.search(trait.hints, name):
            return Found(name, trait, True)
    if re.search(f"{QUANTITY}|{EVENT}", title):
        return None
    values = Values(column)
    return next((Found(name, trait, False) for trait in TRAITS.values() if trait.content(values)), None)


def _title(schema: Schema, name: str) -> str:
    return slug(text_in(schema.get_field(name).label, "fr") or name)
