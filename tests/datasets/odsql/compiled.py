"""Writes tests/golden/odsql/compiles.txt anew from its own queries: `python -m tests.datasets.odsql.compiled`."""

import json
from typing import Any

from datasets.odsql.statements import Compiled
from datasets.query import Query, Source, compile_query
from tests.datasets.odsql.golden import FOLDER, blocks, parameters
from tests.datasets.towns import ALIASES, TOWNS

FILE = "compiles.txt"
HEADER = """# Queries, the SQL that each becomes and its parameters ($1 is the file): nothing of a value is in the SQL.
# `python -m tests.datasets.odsql.compiled` writes this file anew from its own queries, to be read before it is kept.
"""


def compiled(query: str) -> Compiled:
    """Return what a query becomes for the towns."""
    clauses: dict[str, Any] = {"select": "nom"} | parameters(query)
    if "group_by" in clauses and "select:" not in query:
        clauses["select"] = ""
    return compile_query(Query(**clauses), Source(TOWNS, "", ALIASES))


def shown(query: str) -> list[str]:
    """Return the block of a query: itself, its SQL, its parameters."""
    found = compiled(query)
    return [query, found.sql, json.dumps(found.params, ensure_ascii=False, default=str)]


if __name__ == "__main__":
    written = "\n\n".join("\n".join(shown(block[0])) for block in blocks(FILE))
    (FOLDER / FILE).write_text(f"{HEADER}\n{written}\n", encoding="utf-8")
