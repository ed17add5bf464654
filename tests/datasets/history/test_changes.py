"""What a new schema does to those who use the API is told, with the queries that stop working."""

from dataclasses import replace

import pytest

from datasets.errors import QueryError
from datasets.history.changes import CHANGE_KINDS, compare_schemas, query_of, usual_queries
from datasets.model import FIELD_TYPES, Field, Schema
from datasets.query import Source, compile_query
from tests.builders import TOWNS


def with_fields(*fields: Field) -> Schema:
    return Schema(fields)


def test_the_same_schema_changes_nothing() -> None:
    """Nothing is told when nothing changes."""
    assert compare_schemas(TOWNS, TOWNS) == ()


def test_a_removed_field_tells_the_queries_that_it_breaks() -> None:
    """Each query told is taken by the old schema and refused by the new one, with the words of the API."""
    after = with_fields(*(field for field in TOWNS if field.name != "population"))
    (change,) = compare_schemas(TOWNS, after)
    assert (change.kind, change.field, change.breaking) == ("removed", "population", True)
    assert {(one.clause, one.text) for one in change.broken} >= {
        ("select", "population"),
        ("where", "population > 0"),
        ("select", "sum(population)"),
        ("order_by", "population"),
    }
    for one in change.broken:
        query = query_of(one.clause, one.text)
        compile_query(query, Source(TOWNS, ""))
        with pytest.raises(QueryError, match="population"):
            compile_query(query, Source(after, ""))
        assert "population" in one.answer["fr"]


def test_a_retyped_field_breaks_only_what_its_new_type_refuses() -> None:
    """A number that becomes a text can still be selected, no longer summed."""
    fields = [replace(field, type="text") if field.name == "population" else field for field in TOWNS]
    (change,) = compare_schemas(TOWNS, with_fields(*fields))
    assert (change.kind, change.before, change.after) == ("retyped", "int", "text")
    broken = {one.text for one in change.broken}
    assert "sum(population)" in broken
    assert "population" not in broken


def test_a_renamed_field_is_recognised() -> None:
    """A field that leaves while one of the same type and title comes is a renaming, and it breaks."""
    fields = [replace(field, name="habitants") if field.name == "population" else field for field in TOWNS]
    (change,) = compare_schemas(TOWNS, with_fields(*fields))
    assert (change.kind, change.before, change.after) == ("renamed", "population", "habitants")
    assert change.broken


def test_added_relabelled_and_moved_fields_break_nothing() -> None:
    """What adds or reorders is told as harmless."""
    fields = list(reversed(TOWNS.fields))
    fields[0] = replace(fields[0], label={"fr": "Habitants"})
    changes = compare_schemas(TOWNS, with_fields(*fields, Field("maire", "boolean")))
    assert {change.kind for change in changes} == {"added", "relabelled", "moved"}
    assert not any(change.breaking or change.broken for change in changes)


def test_a_facet_that_goes_is_told() -> None:
    """Clients that refine by a facet are warned when it is one no more."""
    fields = [replace(field, annotations={}) if field.name == "canton" else field for field in TOWNS]
    assert [change.kind for change in compare_schemas(TOWNS, with_fields(*fields))] == ["refaceted"]


@pytest.mark.parametrize("kind", FIELD_TYPES)
@pytest.mark.parametrize("name", ["valeur", "année 2026", "where", "a`b", 'a"b'])
def test_usual_queries_are_queries(kind: str, name: str) -> None:
    """Every usual query of a field of every type is one that the API takes, whatever the name of the field."""
    field = Field(name, kind, annotations={"facet": True})
    taken = 0
    for clause, text in usual_queries(field):
        query = query_of(clause, text)
        try:
            compile_query(query, Source(with_fields(field), ""))
            taken += 1
        except QueryError:
            assert kind in ("geo_point_2d", "geo_shape", "json_blob", "file") or "`" in name or '"' in name
    assert taken


def test_messages_are_plain_in_both_languages() -> None:
    """Each kind of change says what it is and what it does, in French and in English."""
    after = with_fields(*TOWNS.fields[1:])
    (change,) = compare_schemas(TOWNS, after)
    assert change.message("fr").startswith("Champ supprimé : code_insee. Les requêtes")
    assert change.message("en").startswith("Field removed: code_insee. Queries")
    assert all(set(kind.label) == set(kind.effect) == {"fr", "en"} for kind in CHANGE_KINDS.values())
