"""docs/odsql.md and docs/store.md tell what the tables of the code hold."""

import re
from pathlib import Path

import pytest

from datasets.facets import MAX_FACETS
from datasets.odsql import moments, searching
from datasets.odsql.clauses import MAX_AGGREGATES, MAX_COLUMNS, MAX_KEYS, MAX_SORTS
from datasets.odsql.functions import FUNCTIONS, Function
from datasets.odsql.geography import METRES
from datasets.odsql.moments import ADDS, NUMBERS, SETS, WEEKDAYS
from datasets.odsql.operators import CONSTANTS, INFIX, RESERVED
from datasets.odsql.parser import MAX_DEPTH
from datasets.odsql.ranges import CALENDAR, FIXED
from datasets.odsql.reasons import LIMITS
from datasets.odsql.refinements import MAX_VALUES, MOST_VALUES, OPTIONS, SORTS
from datasets.odsql.searching import MOST_WILDCARDS, MOST_WORDS
from datasets.odsql.tokens import MAX_LENGTH, PATTERN
from datasets.query import MOST_ORDERED
from datasets.store.engine import BATCH_ROWS
from datasets.store.versions import ROW_GROUP
from datasets.types.public import PUBLIC_TYPES, PublicType

DOCS = Path(__file__).resolve().parents[3] / "docs"
LITERALS = {
    "string": "text",
    "number": "number",
    "date": "date",
    "geom": "geometry",
    "name": "field",
    "quoted": "field",
}
"""Kinds of tokens, and what the page calls them."""
MOST = {
    "length": MAX_LENGTH,
    "depth": MAX_DEPTH,
    "select": MAX_COLUMNS,
    "group_by": MAX_KEYS,
    "order_by": MAX_SORTS,
    "aggregates": MAX_AGGREGATES,
    "facet": MAX_FACETS,
    "words": MOST_WORDS,
    "word": searching.MOST_LETTERS,
    "wildcards": MOST_WILDCARDS,
    "pattern": moments.MOST_LETTERS,
}
CLAUSES = ("select", "where", "group_by", "order_by", "facet")


def read(name: str) -> str:
    return (DOCS / name).read_text(encoding="utf-8")


@pytest.mark.parametrize("function", [row for row in FUNCTIONS.values() if row.name], ids=lambda row: row.name)
def test_each_function_has_its_line(function: Function) -> None:
    """The table of functions shows the arguments, the result, the clauses and the meaning of each row."""
    clauses = ", ".join(clause for clause in CLAUSES if clause in function.clauses)
    call = f"{function.name}({', '.join(function.arguments)})"
    assert f"| `{call}` | {function.result} | {clauses} | {function.help} |" in read("odsql.md")


def test_no_function_is_told_that_does_not_exist() -> None:
    """Each line of the table of functions is a row of the code."""
    told = re.findall(r"^\| `(\w+)\(", read("odsql.md"), re.MULTILINE)
    assert sorted(told) == sorted(name for name in FUNCTIONS if name)


def test_operators_and_reserved_words_are_told() -> None:
    """The table of precedence and the list of reserved words are those of the parser."""
    page = read("odsql.md")
    for word, infix in INFIX.items():
        line = next(line for line in page.splitlines() if line.startswith(f"| {infix.power} |"))
        assert f"`{word}`" in line
    assert all(f"`{word}`" in page for word in RESERVED | NUMBERS.keys())
    assert all(name in page for name in ADDS)


def test_each_limit_has_its_line() -> None:
    """The table of limits is that of the code, with its numbers."""
    page = read("odsql.md")
    assert MOST.keys() == LIMITS.keys()
    assert all(f"| {name} | {most:,} |" in page for name, most in MOST.items())


def test_each_literal_and_option_is_told() -> None:
    """Each kind of token has its line among the literals; options, sorts and units are named."""
    page = read("odsql.md")
    assert PATTERN.groupindex.keys() == {*LITERALS, "symbol", "end"}
    assert all(f"\n| {label} |" in page for label in (*LITERALS.values(), "boolean"))
    assert all(f"`{word}`" in page for word in (*OPTIONS, *SORTS, *FIXED, *CALENDAR, *CONSTANTS))
    assert all(f" {unit}" in page for unit in METRES)
    assert all(name in page for name in (*SETS, "weekday", WEEKDAYS[0], WEEKDAYS[-1]))


def test_limits_are_told() -> None:
    """The numbers in the pages are those of the code."""
    page, store = read("odsql.md"), read("store.md")
    for limit in (MAX_VALUES, MOST_VALUES, MOST_ORDERED):
        assert f" {limit:,} " in page
    assert f"{ROW_GROUP:,}" in store
    assert f"{BATCH_ROWS:,}" in store


@pytest.mark.parametrize("row", PUBLIC_TYPES.values(), ids=lambda row: row.name)
def test_each_public_type_has_its_line(row: PublicType) -> None:
    """The table of types shows the physical forms."""
    assert f"| {row.name} | {row.arrow} | {row.duckdb} |" in read("store.md")
