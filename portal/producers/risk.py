"""Whether the records of persons, without their names, still look like nobody else's."""

import re
from typing import Any

import pyarrow as pa

from datasets.disclosure.microdata import count_alike
from datasets.ingest.naming import slug
from datasets.model import Schema, text_in

ALIKE = 5
"""A record must look like at least that many, itself included."""
MOST_KEYS = 8
KEY = (
    r"(?:^|_)(?:age|sexe|genre|gender|sex|annee_(?:de_)?naissance|birth_year|csp|profession|metier|occupation|"
    r"nationalite|nationality|pays_(?:de_)?naissance|diplome|situation(?:_familiale)?|statut_marital|handicap|"
    r"code_insee|insee|commune|ville|code_postal|cp|postcode|quartier|iris|epci|departement)(?:_|$)"
)
"""Titles of columns that, put together, point at somebody."""


def measure_risk(schema: Schema, table: pa.Table, persons: bool) -> dict[str, Any]:
    """Return how many records of a table of persons look like fewer than ALIKE; empty when nothing is to be feared.

    `persons` says that the file tells of persons, be it in columns that are not published.
    """
    keys = [field.name for field in schema if is_key(field.name, text_in(field.label, "fr") or "")][:MOST_KEYS]
    if not persons or not keys or not table.num_rows:
        return {}
    alike = count_alike(table, keys)
    exposed = int((alike < ALIKE).sum())
    if not exposed:
        return {}
    return {"keys": keys, "exposed": exposed, "alone": int((alike == 1).sum()), "records": table.num_rows}


def is_key(name: str, label: str) -> bool:
    """Return whether a column is one by which somebody could be found among others."""
    return bool(re.search(KEY, name) or re.search(KEY, slug(label)))
