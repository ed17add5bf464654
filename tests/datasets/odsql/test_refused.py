"""Bad queries: each has its code and its message, which says the clause, the place and what would fit."""

import pytest

from datasets.errors import PortalError
from datasets.query import Query, Source, run_query
from datasets.store.engine import Engine
from tests.datasets.odsql.golden import blocks, parameters


@pytest.mark.parametrize(("query", "code", "message"), blocks("refused.txt"))
def test_a_bad_query_is_refused_with_its_reason(
    query: str, code: str, message: str, towns: Source, engine: Engine
) -> None:
    """Each query of refused.txt raises the error written under it, in English, and has a French message."""
    with pytest.raises(PortalError) as refused:
        run_query(Query(**parameters(query)), towns, engine)
    assert (refused.value.code, str(refused.value)) == (code, message)
    assert refused.value.message("fr") != message
