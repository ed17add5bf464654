"""Two versions differ by the rows that their multisets, or their keys, say; nothing more, nothing less."""

from collections import Counter
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from datasets.errors import KeyRepeated, NotFound
from datasets.history.differences import Comparison, find_key
from datasets.model import Field, Schema
from datasets.store.workshop import Workshop
from tests.builders import TOWN_ROWS, TOWNS
from tests.datasets.history.conftest import State

SMALL = Schema((Field("k", "int"), Field("v", "text")))
ROWS = st.lists(st.fixed_dictionaries({"k": st.integers(0, 5) | st.none(), "v": st.sampled_from(["a", "b", "", None])}))
NEXT = [
    {"code_insee": "32013", "nom": "Auch", "canton": "Auch-1", "population": 22200},
    {"code_insee": "32233", "nom": "Marciac", "canton": None, "population": None},
    {"code_insee": "32256", "nom": "Mirande", "canton": None, "population": 3500},
]


def test_rows_are_told_apart_by_their_key(workshop: Workshop, state: State) -> None:
    """With a key a row is added, removed, changed (with the fields that did) or kept."""
    comparison = Comparison(workshop, state(TOWN_ROWS), state(NEXT), ["code_insee"])
    assert comparison.count() == {"added": 1, "removed": 1, "changed": 1, "kept": 1}
    changed, removed, added = comparison.rows()
    assert (changed.outcome, changed.changed_fields) == ("changed", ("population",))
    assert (removed.outcome, removed.after) == ("removed", None)
    assert removed.before
    assert removed.before["nom"] == "Condom"
    assert (added.outcome, added.before) == ("added", None)
    assert added.after
    assert added.after["nom"] == "Mirande"


def test_without_a_key_a_changed_row_is_one_less_and_one_more(workshop: Workshop, state: State) -> None:
    """Whole rows are compared as often as they occur."""
    comparison = Comparison(workshop, state(TOWN_ROWS + TOWN_ROWS[:1]), state(NEXT))
    assert comparison.count() == {"added": 2, "removed": 3, "changed": 0, "kept": 1}
    assert Counter(row.outcome for row in comparison.rows()) == {"removed": 3, "added": 2}
    assert len(list(comparison.rows(limit=2))) == 2


@settings(max_examples=10, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(before=ROWS, after=ROWS)
def test_whole_rows_differ_as_multisets_do(
    workshop: Workshop, state: State, before: list[dict[str, Any]], after: list[dict[str, Any]]
) -> None:
    """The rows told are exactly those that Python's own multisets tell, nulls and doubles included."""
    comparison = Comparison(workshop, state(before, SMALL), state(after, SMALL))
    old, new = (Counter((row["k"], row["v"]) for row in rows) for rows in (before, after))
    told = list(comparison.rows())
    assert Counter((row.after["k"], row.after["v"]) for row in told if row.after) == new - old
    assert Counter((row.before["k"], row.before["v"]) for row in told if row.before) == old - new
    count = comparison.count()
    assert (count["added"], count["removed"]) == ((new - old).total(), (old - new).total())
    assert count["kept"] == (old & new).total()


def test_a_key_that_is_not_one_is_refused(workshop: Workshop, state: State) -> None:
    """A key held twice, or that is not a field of both versions, is an error that says so; nulls are a key too."""
    twice = state([*TOWN_ROWS, TOWN_ROWS[0]])
    with pytest.raises(KeyRepeated, match="32013"):
        Comparison(workshop, twice, state(NEXT), ["code_insee"])
    with pytest.raises(NotFound):
        Comparison(workshop, state(TOWN_ROWS), state(NEXT), ["siren"])
    comparison = Comparison(
        workshop, state([{"k": None, "v": "a"}], SMALL), state([{"k": None, "v": "b"}], SMALL), ["k"]
    )
    assert comparison.count()["changed"] == 1


def test_a_retyped_field_is_compared_as_text(workshop: Workshop, state: State) -> None:
    """A column that became a text with the same digits has no row that changes."""
    texts = Schema((*TOWNS.fields[:3], Field("population", "text")))
    rows = [row | {"population": row["population"] and str(row["population"])} for row in TOWN_ROWS]
    assert Comparison(workshop, state(TOWN_ROWS), state(rows, texts), ["code_insee"]).count()["kept"] == 3


def test_hostile_field_names_are_names(workshop: Workshop, state: State) -> None:
    """A name that looks like SQL is compared as any other."""
    schema = Schema((Field('a"; DROP TABLE x; --', "int"), Field("#here", "int"), Field("o.x", "text")))
    rows = [{schema.names[0]: 1, "#here": None, "o.x": "x"}]
    changed = [{schema.names[0]: 1, "#here": None, "o.x": "y"}]
    before, after = state(rows, schema), state(changed, schema)
    assert Comparison(workshop, before, after, [schema.names[0]]).count()["changed"] == 1
    assert Comparison(workshop, before, after).count()["removed"] == 1


def test_the_declared_identifier_is_the_key() -> None:
    """Fields annotated as the identifier of a record make the key proposed."""
    assert find_key(TOWNS) == ("code_insee",)
    assert find_key(SMALL) == ()
