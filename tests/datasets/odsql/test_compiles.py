"""The SQL of queries, word for word."""

import pytest

from tests.datasets.odsql.compiled import FILE, shown
from tests.datasets.odsql.golden import blocks


@pytest.mark.parametrize("block", blocks(FILE), ids=lambda block: block[0])
def test_a_query_becomes_the_sql_that_was_read_over(block: list[str]) -> None:
    """Each query of compiles.txt gives its SQL and its parameters; values are in the parameters alone."""
    assert shown(block[0]) == block
