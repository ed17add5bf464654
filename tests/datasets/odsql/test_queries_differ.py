"""Whole queries: the engine and the slow evaluator, written from the specification, give the same rows."""

import math
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from datasets.facets import FacetValue, count_facets
from datasets.query import Query, Source, count_query, run_query
from datasets.store.engine import Engine
from tests.datasets.odsql.random_queries import CROWD, FACETS, REFINEMENTS, ZONES, any_query
from tests.datasets.odsql.slow import local
from tests.datasets.odsql.slow_queries import answer, counted
from tests.datasets.odsql.trees import valid_where
from tests.datasets.towns import towns_in

CALM = settings(deadline=None, suppress_health_check=list(HealthCheck))


@pytest.fixture(scope="session")
def crowds(towns_folder: Path) -> tuple[Source, Source]:
    """Sixty random towns as a source of queries: their file, then their indexed copy."""
    return towns_in(towns_folder, CROWD, "crowd"), towns_in(towns_folder, CROWD, "indexed_crowd", indexed=True)


def same(found: Any, expected: Any) -> bool:
    """Whether two values are equal, doubles but for their last digits."""
    if isinstance(found, list) and isinstance(expected, list):
        return len(found) == len(expected) and all(map(same, found, expected))
    if isinstance(found, float) or isinstance(expected, float):
        return None not in (found, expected) and math.isclose(found, expected, rel_tol=1e-9, abs_tol=1e-9)
    return bool(found == expected and type(found) is type(expected))


def check(query: Query, crowd: Source, engine: Engine) -> None:
    """Compare the rows and the count of a query with the slow ones."""
    expected, total = answer(query, CROWD)
    rows = run_query(query, crowd, engine).rows.read_all()
    columns = [rows.column(place).to_pylist() for place in range(rows.num_columns)]
    found = [
        [local(cell, query.timezone) if isinstance(cell, datetime) else cell for cell in row]
        for row in zip(*columns, strict=True)
    ]
    assert len(found) == len(expected), query
    for mine, theirs in zip(found, expected, strict=True):
        assert same(mine, theirs), (query, mine, theirs)
    assert count_query(query, crowd, engine) == total, query


def flat(values: tuple[FacetValue, ...]) -> dict[str, int]:
    """Return the counts of values and of those under them."""
    found = {value.value: value.count for value in values}
    return found | {name: count for value in values for name, count in flat(value.children).items()}


def check_facet(query: Query, crowd: Source, engine: Engine) -> None:
    """Compare the counts of a facet with the slow ones."""
    (group,) = count_facets(query, crowd, engine)
    found = {name: count for name, count in flat(group.values).items() if count}
    expected = counted(query.facet[0], query, CROWD)
    assert {name: count for name, count in found.items() if name in expected} == expected, query
    assert all("/" in name for name in found if name not in expected), query


some_facet = st.builds(
    Query,
    facet=st.sampled_from(FACETS).map(lambda name: (name,)),
    where=st.lists(valid_where, max_size=1).map(tuple),
    refine=st.lists(st.sampled_from(REFINEMENTS), max_size=2).map(tuple),
    exclude=st.lists(st.sampled_from(REFINEMENTS), max_size=1).map(tuple),
    timezone=st.sampled_from(ZONES),
)


@settings(CALM, max_examples=150)
@given(query=any_query(), indexed=st.booleans())
def test_the_engine_answers_as_the_specification_says(
    query: Query, indexed: bool, crowds: tuple[Source, Source], engine: Engine
) -> None:
    """A random valid query gives the rows that the slow evaluator gives, in the same order, and as many."""
    check(query, crowds[indexed], engine)


@settings(CALM, max_examples=50)
@given(query=some_facet, indexed=st.booleans())
def test_facets_are_counted_as_the_specification_says(
    query: Query, indexed: bool, crowds: tuple[Source, Source], engine: Engine
) -> None:
    """A facet under a random query has the counts of the slow evaluator."""
    check_facet(query, crowds[indexed], engine)


@pytest.mark.verify
@settings(CALM, max_examples=3000)
@given(query=any_query(), indexed=st.booleans())
def test_thousands_of_queries_are_answered_the_same(
    query: Query, indexed: bool, crowds: tuple[Source, Source], engine: Engine
) -> None:
    """The same campaign over 3,000 queries."""
    check(query, crowds[indexed], engine)


@pytest.mark.verify
@settings(CALM, max_examples=1000)
@given(query=some_facet, indexed=st.booleans())
def test_a_thousand_facets_are_counted_the_same(
    query: Query, indexed: bool, crowds: tuple[Source, Source], engine: Engine
) -> None:
    """The same campaign over 1,000 facets."""
    check_facet(query, crowds[indexed], engine)
