"""A Table Schema is read or refused with its place; every row that breaks it is told; a dataset tells its own."""

import json
from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import date
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from datasets.errors import BrokenDescriptor
from datasets.ingest.report import REASONS, Report
from datasets.model import FIELD_TYPES, Field, Schema
from datasets.store.engine import Engine
from datasets.store.versions import VersionStore
from datasets.store.workshop import open_workshop
from datasets.table_schema import CONSTRAINTS, TO_COLUMN, check_rows, describe_table, read_descriptor
from datasets.transforms.run import with_rank
from datasets.types import TYPES
from tests.builders import TOWNS

ROWS = Schema((Field("code", "text"), Field("jour", "date"), Field("n", "int"), Field("prix", "double")))
Check = Callable[..., list[tuple[int, str, str, str]]]


@pytest.fixture
def check(store: VersionStore, tmp_path: Path) -> Iterator[Check]:
    """Return a function that checks rows against the fields of a descriptor: (row, column, value, reason) of each."""
    engine = Engine(folders=[str(tmp_path)], memory="500MB", threads=1)

    def run(rows: list[dict[str, Any]], *fields: dict[str, Any], **more: Any) -> list[tuple[int, str, str, str]]:
        report = Report()
        numbered = [{"#row": number, **row} for number, row in enumerate(rows, start=2)]
        with open_workshop(store, engine) as workshop:
            path = workshop.keep(pa.Table.from_pylist(numbered, schema=with_rank(ROWS)), with_rank(ROWS))
            check_rows(read_descriptor({"fields": list(fields), **more}), ROWS, path, "#row", workshop, report)
        return [(one.row, one.column, one.value, one.reason) for one in report.problems]

    yield run
    engine.close()


A = {"code": "32013", "jour": date(2026, 1, 2), "n": 1, "prix": 2.5}
B = {"code": "x", "jour": date(2025, 1, 2), "n": 1, "prix": -1.0}
EMPTY: dict[str, Any] = dict.fromkeys(ROWS.names)


@pytest.mark.parametrize(
    ("field", "constraints", "told"),
    [
        ("code", {"required": True}, [(4, "", "not_required")]),
        ("code", {"required": False}, []),
        ("n", {"unique": True}, [(2, "1", "not_unique"), (3, "1", "not_unique")]),
        ("code", {"unique": True}, []),
        ("prix", {"minimum": 0}, [(3, "-1.0", "out_of_bounds")]),
        ("prix", {"maximum": "2.4"}, [(2, "2.5", "out_of_bounds")]),
        ("jour", {"minimum": "2026-01-01"}, [(3, "2025-01-02", "out_of_bounds")]),
        ("n", {"minimum": 1, "maximum": 1}, []),
        ("code", {"minLength": 5}, [(3, "x", "out_of_bounds")]),
        ("code", {"maxLength": 4}, [(2, "32013", "out_of_bounds")]),
        ("code", {"pattern": "[0-9]{5}"}, [(3, "x", "not_of_pattern")]),
        ("code", {"enum": ["32013", "32107"]}, [(3, "x", "not_in_list")]),
        ("n", {"enum": [1, 2]}, []),
    ],
)
def test_each_constraint_tells_the_rows_that_break_it(
    check: Check, field: str, constraints: dict[str, Any], told: list[tuple[int, str, str]]
) -> None:
    """Each row that breaks a constraint is told with its value and the reason; empty values break only `required`."""
    found = check([A, B, EMPTY], {"name": field, "constraints": constraints})
    assert found == [(row, field, value, reason) for row, value, reason in told]


def test_missing_fields_and_repeated_keys_are_told(check: Check) -> None:
    """A field of the descriptor that is nowhere is told on the titles; a primary key holds for all its fields."""
    fields = [{"name": "Code"}, {"name": "N", "type": "integer"}, {"name": "Maire"}]
    assert check([A, B], *fields) == [(1, "maire", "", "field_missing")]
    assert check([A, A, B], *fields[:2], primaryKey=["Code", "N"]) == [
        (2, "code", "32013 / 1", "not_unique"),
        (3, "code", "32013 / 1", "not_unique"),
    ]
    assert check([A, B, EMPTY], *fields[:2], primaryKey=["Code", "N"]) == []


@pytest.mark.parametrize(
    ("descriptor", "said"),
    [
        (None, "fields"),
        ([], "fields"),
        ({"fields": []}, "fields"),
        ({"fields": ["code"]}, "fields.0..name"),
        ({"fields": [{"name": "a"}, {"name": "a"}]}, "fields.0..name"),
        ({"fields": [{"name": "a", "type": "colour"}]}, "fields.0..type"),
        ({"fields": [{"name": "a", "constraints": {"colour": 1}}]}, "constraints"),
        ({"fields": [{"name": "a", "constraints": {"minLength": "long"}}]}, "minLength"),
        ({"fields": [{"name": "a", "constraints": {"minLength": True}}]}, "minLength"),
        ({"fields": [{"name": "a"}], "primaryKey": ["b"]}, "primaryKey"),
    ],
)
def test_what_is_no_descriptor_is_refused_with_its_place(descriptor: Any, said: str) -> None:
    """The message says where, what was found and what was expected."""
    with pytest.raises(BrokenDescriptor, match=said):
        read_descriptor(descriptor)


def test_limits_that_mean_nothing_are_refused(check: Check) -> None:
    """A limit on a text, one that is no number, and a pattern that cannot be read are errors of the descriptor."""
    for name, constraints in (
        ("code", {"minimum": 3}),
        ("n", {"minimum": "many"}),
        ("jour", {"maximum": "tomorrow"}),
        ("code", {"pattern": "(unclosed"}),
        ("code", {"pattern": "(?=ahead)"}),
    ):
        with pytest.raises(BrokenDescriptor):
            check([A], {"name": name, "constraints": constraints})


def test_a_dataset_tells_its_schema_and_it_is_one() -> None:
    """What a dataset tells is a descriptor that reads, with its key, titles and types, in JSON."""
    every = Schema(tuple(Field(f"f_{kind}", kind) for kind in FIELD_TYPES))
    listed = Schema((Field("l", "text", annotations={"multivalued": ","}),))
    for schema in (TOWNS, every, listed):
        told = json.loads(json.dumps(describe_table(schema)))
        read = read_descriptor(told)
        assert [one.column for one in read.fields] == list(schema.names)
    told = describe_table(TOWNS, "en")
    assert told["primaryKey"] == ["code_insee"]
    assert told["fields"][3] == {"name": "population", "type": "integer", "title": "Population"}
    year = Field("annee", "date", annotations={"timeserie_precision": "year"})
    assert describe_table(Schema((year,)))["fields"][0]["type"] == "year"


def test_every_type_declares_one_of_ours_and_every_reason_is_told() -> None:
    """The tables agree with those that they lean on."""
    assert {kind for kind in TO_COLUMN.values() if kind} <= set(TYPES)
    assert {constraint.reason for constraint in CONSTRAINTS.values()} <= set(REASONS)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=4),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["fields", "name", "type", "constraints", "primaryKey", "enum"]), inner)
    ),
)


@given(JSON)
def test_any_json_is_a_descriptor_or_is_refused(plain: Any) -> None:
    """Nothing that a stranger sends is a fault."""
    with suppress(BrokenDescriptor):
        read_descriptor(plain)
