"""docs/odsql.md and docs/store.md tell what the tables of the code hold."""

import re
from pathlib import Path

import pytest

from datasets.facets import MAX_FACETS
from datasets.odsql.clauses import MAX_KEYS
from datasets.odsql.functions import FUNCTIONS, Function
from datasets.odsql.moments import ADDS, NUMBERS
from datasets.odsql.operators import INFIX, RESERVED
from datasets.odsql.parser import MAX_DEPTH
from datasets.odsql.refinements import MAX_VALUES, MOST_VALUES
from datasets.odsql.tokens import MAX_LENGTH
from datasets.store.engine import BATCH_ROWS
from datasets.store.versions import ROW_GROUP
from datasets.types.public import PUBLIC_TYPES, PublicType

DOCS = Path(__file__).resolve().parents[3] / "docs"
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


def test_limits_are_told() -> None:
    """The numbers in the pages are those of the code."""
    page, store = read("odsql.md"), read("store.md")
    for limit in (MAX_LENGTH, MAX_DEPTH, MAX_KEYS, MAX_FACETS, MAX_VALUES, MOST_VALUES):
        assert f" {limit:,} " in page
    assert f"{ROW_GROUP:,}" in store
    assert f"{BATCH_ROWS:,}" in store


@pytest.mark.parametrize("row", PUBLIC_TYPES.values(), ids=lambda row: row.name)
def test_each_public_type_has_its_line(row: PublicType) -> None:
    """The table of types shows the physical forms."""
    assert f"| {row.name} | {row.arrow} | {row.duckdb} |" in read("store.md")
