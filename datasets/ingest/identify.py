"""Columns that name or reach a person: noticed by their content and their title, kept back unless the producer decides.

- E-mail addresses: a column of them is kept back; one written inside another column is replaced by […].
- Names, birth dates, social-security and bank numbers of persons: kept back, by their title or their key.
- Telephone numbers: kept back when the title or the numbers say mobile; otherwise published, to be confirmed.
"""

import re
from dataclasses import replace

import pyarrow as pa
import pyarrow.compute as pc

from datasets.disclosure.identifiers.contacts import ADDRESS
from datasets.disclosure.identifiers.matching import Title
from datasets.disclosure.identifiers.numbers import find_iban, find_nir
from datasets.ingest.infer import ColumnGuess
from datasets.ingest.judging import Values
from datasets.ingest.naming import slug
from datasets.ingest.raw import RawTable
from datasets.ingest.report import Report
from datasets.model import Texts

REMOVED = "[…]"
MAJORITY = 0.5
PERSON = (
    r"(?:^|_)(?:prenoms?|first_name|last_name|surname|nom_(?:de_)?famille|nom_(?:de_)?naissance|nom_usage|"
    r"nom_(?:et_)?prenoms?|prenoms?_nom|civilite|(?:nom_)?(?:du_|de_la_)?(?:contact|responsable|referent|signataire|"
    r"president|presidente|directeur|directrice)|date_(?:de_)?naissance|lieu_(?:de_)?naissance|birth_date|nir|"
    r"numero_(?:de_)?securite_sociale|iban|adresse_ip|adresse_personnelle)$"
)
GIVEN_NAME = r"(?:^|_)(?:prenoms?|first_name)(?:_|$)"
FAMILY_NAME = r"^(?:noms?|nom_usuel|name)$"
COUNTED = ("integer", "text", "code")
MOBILE = r"(?:^|_)(?:mobile|portable|gsm|personnel|perso)(?:_|$)"
MOBILE_NUMBER = r"^(?:(?:\+|00)33[ .]?(?:\(0\))?[ .]?|0)[67]"

IDENTIFYING: dict[str, Texts] = {
    "email": {
        "fr": "Des adresses e-mail : elles désignent ou atteignent des personnes. La colonne n’est pas publiée.",
        "en": "E-mail addresses: they name or reach persons. The column is not published.",
    },
    "person": {
        "fr": "Le titre annonce une donnée sur une personne. La colonne n’est pas publiée.",
        "en": "The title announces a fact about a person. The column is not published.",
    },
    "mobile": {
        "fr": "Des numéros de téléphone mobiles ou personnels. La colonne n’est pas publiée.",
        "en": "Mobile or personal telephone numbers. The column is not published.",
    },
    "phone": {
        "fr": "Des numéros de téléphone : confirmez qu’ils sont ceux d’organismes, et non de personnes.",
        "en": "Telephone numbers: please confirm that they are those of organisations, not of persons.",
    },
}
"""What a column may tell of a person, and what is done about it."""


def identify(guess: ColumnGuess, values: Values) -> ColumnGuess:
    """Return the guess with what the column tells of a person, and whether it is published by default."""
    addresses = count_addresses(values)
    code = find_identifying(guess, values, addresses)
    published = guess.published and code in ("", "phone")
    return replace(guess, identifying=code, addressed=addresses > 0, published=published)


def find_identifying(guess: ColumnGuess, values: Values, addresses: int) -> str:
    """Return the code of what a column tells of a person: a key of IDENTIFYING, or an empty text."""
    label = slug(guess.label)
    if guess.type == "email" or addresses > MAJORITY * guess.values:
        return "email"
    if guess.type == "iban" or re.search(PERSON, label) or (guess.type in COUNTED and has_numbers_of_persons(values)):
        return "person"
    if guess.type != "phone":
        return ""
    mobiles = values.count(pc.match_substring_regex(values.texts, MOBILE_NUMBER))
    return "mobile" if re.search(MOBILE, label) or mobiles > MAJORITY * guess.values else "phone"


def has_numbers_of_persons(values: Values) -> bool:
    """Return whether a column holds a social-security or bank number whose key is right."""
    lengths = pc.binary_length(values.texts)
    long = values.texts.filter(pc.and_(pc.greater_equal(lengths, 13), pc.less_equal(lengths, 42)))
    return any(find(long, Title("")).whole.any() for find in (find_nir, find_iban))


def identify_names(columns: list[ColumnGuess]) -> list[ColumnGuess]:
    """Return the columns; beside a given name, a column called "name" is a person's too."""
    if not any(re.search(GIVEN_NAME, slug(column.label)) for column in columns):
        return columns
    return [
        replace(column, identifying="person", published=False)
        if not column.identifying and re.search(FAMILY_NAME, slug(column.label))
        else column
        for column in columns
    ]


def count_addresses(values: Values) -> int:
    """Return how many cells hold an e-mail address."""
    likely = pc.match_substring(values.texts, "@")
    if not pc.any(likely).as_py():
        return 0
    return values.count(pc.and_(likely, pc.match_substring_regex(values.texts, ADDRESS)))


def remove_addresses(raw: RawTable, position: int, name: str, report: Report) -> pa.ChunkedArray:
    """Return a column whose e-mail addresses are replaced, and tell each cell that had one."""
    texts = raw.table.column(position)
    found = pc.indices_nonzero(pc.match_substring_regex(texts, ADDRESS))
    report.tell("e_mail_removed", name, raw.number, found, texts.take(found), pa.nulls(len(found), pa.string()))
    return pc.replace_substring_regex(texts, ADDRESS, REMOVED)
