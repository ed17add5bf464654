"""Whether the records of persons, without their names, still look like nobody else's."""

from typing import Any

import pyarrow as pa

from datasets.ingest.traits import find_traits
from datasets.model import Schema

ALIKE = 5
"""A record must look like at least that many, itself included."""
MOST_KEYS = 8


def measure_risk(schema: Schema, table: pa.Table, persons: bool) -> dict[str, Any]:
    """Return how many records of a table of persons look like fewer than ALIKE; empty when nothing is to be feared.

    `persons` says that the file tells of persons, be it in columns that are not published. For each column by which
    records are told apart (`keys`), `traits` says what it tells, whether its title or its values say so, and how many
    records would be `exposed`, and `alone`, without it.
    """
    traits = find_traits(schema, table, persons)[:MOST_KEYS]
    keys = [one.column for one in traits]
    told = _count(table, keys)
    if not told["exposed"]:
        return {}
    without = {one.column: _count(table, [key for key in keys if key != one.column]) for one in traits}
    named = {one.column: {"trait": one.trait.name, "titled": one.titled, **without[one.column]} for one in traits}
    return {"keys": keys, **told, "records": table.num_rows, "traits": named}


def _count(table: pa.Table, keys: list[str]) -> dict[str, int]:
    """Return how many records look like fewer than ALIKE by some columns, and like no other."""
    from datasets.disclosure.microdata import count_alike  # the tools of frames, which other pages do not need

    if not keys or not table.num_rows:
        return {"exposed": 0, "alone": 0}
    alike = count_alike(table, keys)
    return {"exposed": int((alike < ALIKE).sum()), "alone": int((alike == 1).sum())}
