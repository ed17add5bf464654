"""What where clauses mean: the towns that each keeps, written by hand from the specification."""

import pytest

from datasets.query import Query, Source, count_query, run_query
from datasets.store.engine import Engine
from tests.datasets.odsql.golden import pairs
from tests.datasets.towns import ROWS

INITIALS = [row["nom"][0] for row in ROWS]


@pytest.mark.parametrize(("clause", "kept"), pairs("answers.txt"))
def test_a_clause_keeps_the_towns_that_the_language_says(
    clause: str, kept: str, towns: Source, indexed_towns: Source, engine: Engine
) -> None:
    """Each clause of answers.txt keeps exactly the towns written beside it, and counts as many, indexed or not."""
    zone, _, text = clause.rpartition("@")[2].partition(" ") if clause.startswith("@") else ("UTC", "", clause)
    query = Query(select="nom", where=(text,), timezone=zone)
    for source in (towns, indexed_towns):
        found = "".join(name[0] for name in run_query(query, source, engine).rows.read_all()["nom"].to_pylist())
        assert found == kept.replace("-", "")
        assert count_query(query, source, engine) == len(found)
