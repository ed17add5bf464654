"""Each transformation does what it says on every row, and says which step and which row it could not do."""

import json
from contextlib import suppress
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from datasets.errors import StepRefused
from datasets.model import Field, Schema
from datasets.transforms.registry import TRANSFORMATIONS
from datasets.transforms.steps import KINDS, read_steps
from tests.builders import TOWN_ROWS, TOWNS
from tests.datasets.transforms.conftest import COMMUNES, Make, the_territories

PEOPLE = Schema((Field("commune", "text"), Field("naissance", "date"), Field("soin", "text"), Field("nom", "text")))


def test_keep_rename_and_filter(make: Make) -> None:
    """Fields are chosen and renamed, rows are kept by a condition, in the order of the file."""
    schema, rows, report = make(
        TOWNS,
        TOWN_ROWS,
        {"step": "filter", "where": "population > 1000 or nom like 'Marciac'"},
        {"step": "keep", "fields": ["population", "nom"]},
        {"step": "rename", "field": "nom", "to": "Nom de la Ville", "label": "Ville"},
    )
    assert schema.names == ("population", "nom_de_la_ville")
    assert schema.get_field("nom_de_la_ville").label == {"fr": "Ville"}
    assert rows == [{"population": row["population"], "nom_de_la_ville": row["nom"]} for row in TOWN_ROWS]
    assert not report.problems


def test_a_type_is_read_again_and_tells_the_rows_that_do_not_fit(make: Make) -> None:
    """Texts become dates; those that are none are empty, told with the row of the file even after a filter."""
    days = ["2024-03-12", "demain", "", None, "n.d.", "13/03/2024"]
    schema, rows, report = make(
        Schema((Field("jour", "text"), Field("n", "int"))),
        [{"jour": day, "n": number} for number, day in enumerate(days)],
        {"step": "filter", "where": "n > 0"},
        {"step": "type", "field": "jour", "type": "date"},
    )
    assert schema.get_field("jour").type == "date"
    assert [row["jour"] for row in rows] == [None, None, None, None, date(2024, 3, 13)]
    assert [(one.row, one.value, one.reason) for one in report.problems] == [
        (3, "demain", "not_of_type"),
        (6, "n.d.", "missing_mark"),
    ]


def test_a_number_becomes_text_without_loss(make: Make) -> None:
    """A code that was read as a number is a text again."""
    schema, rows, _ = make(TOWNS, TOWN_ROWS, {"step": "type", "field": "population", "type": "text"})
    assert (schema.get_field("population").type, rows[0]["population"], rows[2]["population"]) == (
        "text",
        "22173",
        None,
    )


def test_split_into_fields_and_into_a_list(make: Make) -> None:
    """The last field takes the rest, so that no character goes; a list has no empty element."""
    schema = Schema((Field("lieu", "text"), Field("genres", "text")))
    rows = [{"lieu": "Auch, Gers, France, Europe", "genres": "jazz;; blues ;"}, {"lieu": "Auch", "genres": None}]
    made, out, _ = make(
        schema,
        rows,
        {"step": "split", "field": "lieu", "separator": ",", "into": ["Ville", "Département", "genres"]},
        {"step": "split", "field": "genres", "separator": ";"},
    )
    assert made.names == ("ville", "departement", "genres_2", "genres")
    assert made.get_field("genres").multivalued
    assert out[0] == {"ville": "Auch", "departement": "Gers", "genres_2": "France, Europe", "genres": ["jazz", "blues"]}
    assert out[1] == {"ville": "Auch", "departement": None, "genres_2": None, "genres": None}


def test_join_with_a_dataset_tells_rows_without_a_match(make: Make) -> None:
    """Rows stay as many and in order; a key that is nowhere is told, an empty one is not."""
    rows = [*TOWN_ROWS, {"code_insee": "32256", "nom": "Mirande", "canton": "Mirande-Astarac", "population": 1}]
    schema, out, report = make(
        TOWNS,
        rows,
        {"step": "join", "dataset": "cantons", "on": {"canton": "nom"}, "fields": ["elus", "chef_lieu", "nom"]},
    )
    assert schema.names == (*TOWNS.names, "elus", "chef_lieu", "nom_2")
    assert [row["chef_lieu"] for row in out] == ["Auch", "Condom", None, None]
    assert [row["nom"] for row in out] == [row["nom"] for row in rows]
    assert [(one.row, one.column, one.value, one.reason) for one in report.problems] == [
        (5, "canton", "Mirande-Astarac", "no_match")
    ]


def test_join_with_the_territories(make: Make) -> None:
    """The territories are a dataset like another, by level."""
    joined = {"step": "join", "dataset": "territoires:commune", "on": {"code_insee": "code"}, "fields": ["code_epci"]}
    _, out, _ = make(TOWNS, TOWN_ROWS, joined)
    assert [row["code_epci"] for row in out] == ["200066926", "243200458", None]
    with pytest.raises(StepRefused, match="territoires:pays"):
        make(TOWNS, TOWN_ROWS, {**joined, "dataset": "territoires:canton"})


def test_geocode_places_repairs_and_tells(make: Make) -> None:
    """A commune has its point; a former code leads to the present one; an unknown code is told."""
    codes = ["32013", "32999", "99999", None, "32233"]
    schema, out, report = make(
        Schema((Field("code", "text"),)),
        [{"code": code} for code in codes],
        {"step": "geocode", "field": "code", "add": ["nom", "population"]},
    )
    assert [field.type for field in schema] == ["text", "geo_point_2d", "text", "int"]
    assert out[0] == {"code": "32013", "geo_point_2d": {"lon": 0.59, "lat": 43.65}, "nom": "Auch", "population": 22173}
    assert out[1]["nom"] == "Auch"
    assert [row["geo_point_2d"] for row in out[2:]] == [None, None, None]
    assert out[4]["nom"] == "Marciac"
    assert [(one.row, one.value, one.reason) for one in report.problems] == [(4, "99999", "unknown_commune")]
    nowhere = the_territories(communes=COMMUNES.assign(lat=float("nan"), lon=float("nan")))
    with pytest.raises(StepRefused, match="portal territories load"):
        make(TOWNS, TOWN_ROWS, {"step": "geocode", "field": "code_insee"}, territories=nowhere)


def test_aggregate_gathers_in_the_words_of_the_language(make: Make) -> None:
    """Groups and computations are those of the query language, under names of fields; steps go on after."""
    rows = [*TOWN_ROWS, {"code_insee": "32014", "nom": "Pavie", "canton": "Auch-1", "population": 2500}]
    schema, out, _ = make(
        TOWNS,
        rows,
        {"step": "aggregate", "select": "canton, sum(population) as habitants, count(*)", "group_by": "canton"},
        {"step": "filter", "where": "habitants > 7000"},
    )
    assert schema.names == ("canton", "habitants", "count")
    assert out == [{"canton": "Auch-1", "habitants": 24673, "count": 2}]


def test_anonymise_makes_each_record_like_k_others(make: Make) -> None:
    """Key fields are told coarsely, sensitive ones as they are, the others go; each class has k records."""
    rows = [
        {"commune": code, "naissance": date(1960 + n, 5, 14), "soin": "ABC"[n % 3], "nom": f"N{n}"}
        for n in range(10)
        for code in ("32013", "32107", "32233")
    ]
    schema, out, _ = make(
        PEOPLE,
        rows,
        {
            "step": "anonymise",
            "k": 5,
            "keys": {"commune": "territory", "naissance": "dates"},
            "sensitive": ["soin"],
            "suppression": 0.1,
        },
    )
    assert schema.names == ("commune", "naissance", "soin")
    classes: dict[tuple[str, str], int] = {}
    for row in out:
        classes[row["commune"], row["naissance"]] = classes.get((row["commune"], row["naissance"]), 0) + 1
    assert min(classes.values()) >= 5
    assert len(out) >= 27


@pytest.mark.parametrize(
    ("steps", "place", "said"),
    [
        ([{"step": "explode"}], 1, "keep, rename"),
        (["keep"], 1, "keep, rename"),
        ([{"step": "keep", "fields": ["nom"]}, {"step": "keep", "fields": ["canton"]}], 2, "canton"),
        ([{"step": "keep", "fields": []}], 1, "a list of fields"),
        ([{"step": "keep", "fields": ["nom", "nom"]}], 1, "a list of fields"),
        ([{"step": "keep", "fields": ["nom"], "colour": "red"}], 1, "colour"),
        ([{"step": "rename", "field": "nom", "to": "CANTON"}], 1, "two fields are called canton"),
        ([{"step": "filter", "where": "population >"}], 1, "syntax"),
        ([{"step": "filter", "where": "maire = 1"}], 1, "maire"),
        ([{"step": "type", "field": "nom", "type": "colour"}], 1, "colour"),
        ([{"step": "split", "field": "population", "separator": ","}], 1, "not a text"),
        ([{"step": "join", "dataset": "nothing", "on": {"nom": "nom"}, "fields": ["nom"]}], 1, "nothing"),
        ([{"step": "join", "dataset": "cantons", "on": {"population": "nom"}, "fields": ["elus"]}], 1, "compared"),
        ([{"step": "join", "dataset": "cantons", "on": {"population": "elus"}, "fields": ["nom"]}], 1, "same key"),
        ([{"step": "aggregate", "select": "sum(nom)"}], 1, "numeric"),
        ([{"step": "anonymise", "k": 1, "keys": {"nom": "whole"}}], 1, "at least 2"),
        ([{"step": "anonymise", "k": 2, "keys": {"nom": "magic"}}], 1, "magic"),
        ([{"step": "anonymise", "k": 50, "keys": {"nom": "whole"}}], 1, "50|records|generalisation"),
    ],
)
def test_what_cannot_be_done_says_which_step_and_why(make: Make, steps: list[Any], place: int, said: str) -> None:
    """An error names the rank of the step, its name and the reason, in both languages."""
    with pytest.raises(StepRefused, match=said) as caught:
        make(TOWNS, TOWN_ROWS, *steps)
    assert caught.value.place == place
    assert f"Transformation {place}" in caught.value.message("fr")


PLAIN = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
)


@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(step=st.sampled_from(list(TRANSFORMATIONS)), values=PLAIN)
def test_any_data_is_steps_or_is_refused(make: Make, step: str, values: Any) -> None:
    """Whatever a form or a stranger sends, the answer is rows or a refusal, never a fault."""
    options = {option.name: values for option in TRANSFORMATIONS[step].options}
    with suppress(StepRefused):
        make(TOWNS, TOWN_ROWS[:1], {"step": step, **options})


def test_steps_are_plain_data() -> None:
    """Steps go through JSON and come back the same; each kind says itself in both languages."""
    kept = [{"step": "split", "field": "nom", "separator": ","}, {"step": "filter", "where": "a = 1"}]
    assert [step.to_dict() for step in read_steps(json.loads(json.dumps(kept)), TRANSFORMATIONS)] == kept
    for transformation in TRANSFORMATIONS.values():
        assert set(transformation.label) == set(transformation.help) == {"fr", "en"}
        assert all(option.kind in KINDS for option in transformation.options)


def test_each_transformation_is_documented() -> None:
    """docs/transformations.md tells each step with its options."""
    page = (Path(__file__).parents[3] / "docs" / "transformations.md").read_text("utf-8")
    for name, transformation in TRANSFORMATIONS.items():
        row = next(line for line in page.splitlines() if line.startswith(f"| `{name}` |"))
        assert transformation.help["en"].rstrip(".") in row
        assert all(f"`{option.name}`" in row for option in transformation.options)
