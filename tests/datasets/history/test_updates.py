"""Rows come to those that are there: all of them as asked, or none."""

from dataclasses import replace
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from datasets.errors import InvalidParameter, KeyConflict, KeyRepeated, NotFound, SchemaMismatch
from datasets.history.updates import UPDATES, Updated, update_rows
from datasets.model import Field, Schema
from datasets.query import Source
from datasets.store.workshop import Workshop
from datasets.types.public import arrow_schema
from tests.builders import TOWN_ROWS, TOWNS
from tests.datasets.history.conftest import State

MIRANDE = {"code_insee": "32256", "nom": "Mirande", "canton": "Mirande-Astarac", "population": 3500}
KEYED = Schema((Field("k", "int"), Field("v", "text")))


def update(
    name: str, workshop: Workshop, current: Source | None, rows: list[dict[str, Any]], key: str = "", *fields: str
) -> Updated:
    schema = Schema(tuple(TOWNS.get_field(one) for one in fields or TOWNS.names))
    table = pa.Table.from_pylist(rows, schema=arrow_schema(schema))
    return update_rows(name, workshop, current, schema, table, [key] if key else [])


def read(updated: Updated) -> list[dict[str, Any]]:
    shape = arrow_schema(updated.schema)
    rows = updated.rows
    return (rows if isinstance(rows, pa.Table) else pa.Table.from_batches(list(rows), shape)).to_pylist()


def test_replacing_keeps_nothing(workshop: Workshop, state: State) -> None:
    """The file is everything."""
    assert read(update("replace", workshop, state(TOWN_ROWS), [MIRANDE])) == [MIRANDE]


@pytest.mark.parametrize(
    ("name", "rows", "same"),
    [
        ("replace", TOWN_ROWS, True),
        ("replace", TOWN_ROWS[::-1], False),
        ("replace", TOWN_ROWS[:2], False),
        ("replace", [*TOWN_ROWS[:2], {**TOWN_ROWS[2], "population": 0}], False),
        ("correct", TOWN_ROWS[1:], True),
        ("correct", [{**TOWN_ROWS[2], "canton": "Pardiac"}], False),
        ("merge", TOWN_ROWS[::-1], True),
        ("merge", [TOWN_ROWS[0], MIRANDE], False),
        ("append", [], True),
        ("append", [MIRANDE], False),
    ],
)
def test_rows_that_were_there_are_known_as_the_same(
    workshop: Workshop, state: State, name: str, rows: list[dict[str, Any]], same: bool
) -> None:
    """Nothing new is told exactly when every row and field is as it was, empty values included."""
    assert update(name, workshop, state(TOWN_ROWS), rows, "" if name == "append" else "code_insee").same is same


def test_another_title_is_not_the_same(workshop: Workshop, state: State) -> None:
    """The words of a field are part of a version: changing them makes another."""
    table = pa.Table.from_pylist(TOWN_ROWS, schema=arrow_schema(TOWNS))
    titled = Schema((replace(TOWNS.fields[0], label={"fr": "Code officiel"}), *TOWNS.fields[1:]))
    assert not update_rows("replace", workshop, state(TOWN_ROWS), titled, table).same


def test_appending_adds_at_the_end_with_the_types_that_are_there(workshop: Workshop, state: State) -> None:
    """Rows come after those that are there; fields that the file lacks are empty."""
    updated = update("append", workshop, state(TOWN_ROWS), [{"nom": "Mirande"}], "", "nom")
    assert updated.schema == TOWNS
    assert (updated.corrected, updated.added) == (0, 1)
    assert read(updated) == [*TOWN_ROWS, {"code_insee": None, "nom": "Mirande", "canton": None, "population": None}]


def test_appending_a_known_key_is_refused(workshop: Workshop, state: State) -> None:
    """With a key nothing is added twice, and the rows in question are named."""
    with pytest.raises(KeyConflict, match="32013"):
        update("append", workshop, state(TOWN_ROWS), [MIRANDE, TOWN_ROWS[0]], "code_insee")
    with pytest.raises(KeyRepeated, match="32256"):
        update("append", workshop, state(TOWN_ROWS), [MIRANDE, MIRANDE], "code_insee")


def test_correcting_changes_the_columns_of_the_file_alone(workshop: Workshop, state: State) -> None:
    """A row of the same key takes the values of the file, nulls included; the others and their order stay."""
    rows = [{"code_insee": "32233", "population": 1250}, {"code_insee": "32013", "population": None}]
    updated = update("correct", workshop, state(TOWN_ROWS), rows, "code_insee", "code_insee", "population")
    assert (updated.corrected, updated.added) == (2, 0)
    wanted = [dict(row) for row in TOWN_ROWS]
    wanted[0]["population"], wanted[2]["population"] = None, 1250
    assert read(updated) == wanted


def test_correcting_what_is_not_there_is_refused(workshop: Workshop, state: State) -> None:
    """A correction without its row stops everything; a merge adds it."""
    with pytest.raises(KeyConflict, match="32256"):
        update("correct", workshop, state(TOWN_ROWS), [MIRANDE], "code_insee")
    merged = update("merge", workshop, state(TOWN_ROWS), [MIRANDE, TOWN_ROWS[1] | {"population": 7000}], "code_insee")
    assert (merged.corrected, merged.added) == (1, 1)
    assert [row["population"] for row in read(merged)] == [22173, 7000, None, 3500]


def test_a_first_version_takes_whatever_comes(workshop: Workshop) -> None:
    """With nothing to update, every update gives the rows of the file."""
    for name in UPDATES:
        assert read(update(name, workshop, None, [MIRANDE], "code_insee")) == [MIRANDE]


def test_what_does_not_fit_is_refused(workshop: Workshop, state: State) -> None:
    """Unknown fields, other types, a missing or unknown key and an unknown update are errors that say so."""
    current = state(TOWN_ROWS)
    table = pa.table({"nom": ["Mirande"], "maire": ["x"]})
    with pytest.raises(SchemaMismatch, match="maire"):
        update_rows("append", workshop, current, Schema((Field("nom", "text"), Field("maire", "text"))), table)
    retyped = Schema((Field("population", "text"),))
    with pytest.raises(SchemaMismatch, match="population"):
        update_rows("append", workshop, current, retyped, pa.table({"population": ["12"]}))
    with pytest.raises(InvalidParameter, match="key"):
        update("correct", workshop, current, [MIRANDE])
    with pytest.raises(NotFound):
        update("correct", workshop, current, [MIRANDE], "siren")
    with pytest.raises(SchemaMismatch, match="code_insee"):
        update("correct", workshop, current, [{"nom": "x"}], "code_insee", "nom")
    with pytest.raises(InvalidParameter, match="update"):
        update("destroy", workshop, current, [MIRANDE])


KEYS = st.dictionaries(st.integers(0, 8) | st.none(), st.sampled_from(["a", "b", None]))


@settings(max_examples=10, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(before=KEYS, coming=KEYS)
def test_a_merge_is_the_union_of_two_dictionaries(
    workshop: Workshop, state: State, before: dict[int | None, Any], coming: dict[int | None, Any]
) -> None:
    """Whatever the keys, a merge gives what Python's dictionaries give, in their order."""
    current = state([{"k": k, "v": v} for k, v in before.items()], KEYED)
    table = pa.Table.from_pylist([{"k": k, "v": v} for k, v in coming.items()], schema=arrow_schema(KEYED))
    updated = update_rows("merge", workshop, current, KEYED, table, ["k"])
    assert [(row["k"], row["v"]) for row in read(updated)] == list((before | coming).items())
    assert updated.corrected == len(before.keys() & coming.keys())
