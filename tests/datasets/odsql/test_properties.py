"""What must never break: printing and parsing are inverse, no text crashes the parser, answers are the obvious ones."""

from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from datasets.errors import PortalError
from datasets.odsql.checks import Checker, Scope
from datasets.odsql.nodes import Node
from datasets.odsql.parser import parse_items, parse_where
from datasets.odsql.text import print_where
from datasets.query import Query, Source, run_query
from datasets.store.engine import Engine
from tests.datasets.odsql.slow import keeps
from tests.datasets.odsql.trees import any_tree, valid_where
from tests.datasets.towns import ALIASES, ROWS, TOWNS

CALM = settings(deadline=None, max_examples=400, suppress_health_check=list(HealthCheck))
WORDS = """nom population maj and or not in is null like between to ( ) [ ] , .. = != <> < <= > >= : + - * / 'a' "b" `c`
    1 2.5 date'2024' geom'POINT(0' count(*) year( search( range( now( 5km true . ' " ` \\ é # $1 ;"""
PIECES = st.sampled_from([*WORDS.split(), " "])
CLAUSES = st.one_of(
    st.text(max_size=60),
    st.lists(PIECES, max_size=15).map(" ".join),
    st.lists(PIECES, max_size=15).map("".join),
)


@CALM
@given(any_tree)
def test_a_printed_tree_is_parsed_back(tree: Node) -> None:
    """Parsing what was printed gives the same tree."""
    assert parse_where(print_where(tree)) == tree


@CALM
@given(
    st.one_of(
        st.text(max_size=60), st.lists(PIECES, max_size=15).map(" ".join), st.lists(PIECES, max_size=15).map("".join)
    )
)
@example("date'")
@example("\ud800")
@example("1" * 5000)
def test_no_text_crashes_the_language(text: str) -> None:
    """Any text is either read and checked, or refused by an error of our tree."""
    for read, clause in (
        (lambda: [parse_where(text)], "where"),
        (lambda: [item.expression for item in parse_items(text, "select")], "select"),
        (lambda: [item.expression for item in parse_items(text, "group_by")], "group_by"),
        (lambda: [item.expression for item in parse_items(text, "order_by")], "order_by"),
    ):
        try:
            for tree in read():
                Checker(Scope(TOWNS, ALIASES, clause)).check(tree)
        except PortalError as error:
            error.message("fr")


@CALM
@given(text=valid_where, zone=st.sampled_from(["UTC", "Europe/Paris", "America/Cayenne", "Pacific/Auckland"]))
def test_answers_are_those_of_the_obvious_reading(text: str, zone: str, towns: Source, engine: Engine) -> None:
    """A random valid clause keeps the records that the slow evaluator keeps."""
    tree = parse_where(text)
    expected = [row["nom"] for row in ROWS if keeps(tree, row, zone)]
    query = Query(select="nom", where=(text,), timezone=zone)
    assert run_query(query, towns, engine).rows.read_all()["nom"].to_pylist() == expected
