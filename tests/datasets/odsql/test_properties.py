"""What must never break: printing and parsing are inverse, no text crashes the language, answers are the obvious ones.

Campaigns of 100,000 cases are run by `make verify`, the same ones over some hundreds by `make test`.
"""

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from datasets.errors import PortalError
from datasets.odsql.checks import Checker, Scope
from datasets.odsql.nodes import Node
from datasets.odsql.parser import parse_items, parse_where
from datasets.odsql.text import print_node, print_where
from datasets.query import Query, Source, compile_query, run_query
from datasets.store.engine import Engine
from tests.datasets.odsql.slow import World, keeps
from tests.datasets.odsql.trees import any_tree, valid_where
from tests.datasets.towns import ALIASES, ROWS, TOWNS

CALM = settings(deadline=None, suppress_health_check=list(HealthCheck))
WORDS = """nom population maj and or not in is null like between to ( ) [ ] , .. = != <> < <= > >= : + - * / 'a' "b" `c`
    1 2.5 date'2024' geom'POINT(0' count(*) year( search( range( now( 5km true . ' " ` \\ é # $1 ;
    geo_cluster(point, distinct as desc date_format(maj, percentile( facet( intersects(contour, *"""
PIECES = st.sampled_from([*WORDS.split(), " "])
WRITTEN = st.one_of(any_tree.map(print_node), valid_where)


@st.composite
def damaged(draw: st.DrawFn) -> str:
    """Draw a clause that the grammar made, with one piece cut out and another put in its place."""
    text = draw(WRITTEN)
    start = draw(st.integers(0, len(text)))
    end = draw(st.integers(start, min(len(text), start + 5)))
    return text[:start] + draw(st.one_of(PIECES, st.just(""))) + text[end:]


CLAUSES = st.one_of(
    st.text(max_size=60),
    st.lists(PIECES, max_size=15).map(" ".join),
    st.lists(PIECES, max_size=15).map("".join),
    WRITTEN,
    damaged(),
)


def is_read_or_refused(text: str) -> None:
    """Read a text as each clause, check it, and compile it: only errors of our tree may come out, in both languages."""
    source = Source(TOWNS, "nowhere", ALIASES)
    for query in (Query(where=(text,)), Query(select=text), Query(group_by=text), Query(order_by=text)):
        try:
            compile_query(query, source)
        except PortalError as error:
            error.message("fr")
    try:
        for item in parse_items(text, "facet"):
            Checker(Scope(TOWNS, ALIASES, "facet")).check(item.expression)
    except PortalError as error:
        error.message("fr")


@settings(CALM, max_examples=150)
@given(any_tree)
def test_a_printed_tree_is_parsed_back(tree: Node) -> None:
    """Parsing what was printed gives the same tree."""
    assert parse_where(print_where(tree)) == tree


@settings(CALM, max_examples=200)
@given(CLAUSES)
@example("date'")
@example("\ud800")
@example("1" * 5000)
@example("`a`.`b`.c")
@example(" and ".join(["maj = date'2024'"] * 20) + " and count(*) = 1")
@example(", ".join(["nom"] * 100) + ", zz")
def test_no_text_crashes_the_language(text: str) -> None:
    """Any text is either read, checked and compiled, or refused by an error of our tree."""
    is_read_or_refused(text)


@settings(CALM, max_examples=150)
@given(text=valid_where, zone=st.sampled_from(["UTC", "Europe/Paris", "America/Cayenne", "Pacific/Auckland"]))
def test_answers_are_those_of_the_obvious_reading(text: str, zone: str, towns: Source, engine: Engine) -> None:
    """A random valid clause keeps the records that the slow evaluator keeps."""
    tree = parse_where(text)
    expected = [row["nom"] for row in ROWS if keeps(tree, row, World(zone))]
    query = Query(select="nom", where=(text,), timezone=zone)
    assert run_query(query, towns, engine).rows.read_all()["nom"].to_pylist() == expected


@pytest.mark.verify
@settings(CALM, max_examples=100_000)
@given(CLAUSES)
def test_a_hundred_thousand_texts_do_not_crash_the_language(text: str) -> None:
    """The same campaign over 100,000 texts, made by the grammar or not."""
    is_read_or_refused(text)


@pytest.mark.verify
@settings(CALM, max_examples=20_000)
@given(any_tree)
def test_twenty_thousand_trees_are_parsed_back(tree: Node) -> None:
    """The same campaign over 20,000 trees."""
    assert parse_where(print_where(tree)) == tree
