"""JSON and JSONL: the row objects of the Explore API."""

import json

import pytest

from datasets.model import Field, Schema
from exports import EXPORTERS, ExportOptions

AUCH = {
    "code_insee": "32013",
    "nom": "Auch",
    "population": 22173,
    "surface_km2": 72.48,
    "prefecture": True,
    "maj": "2024-05-17",
    "vu_le": "2024-05-17T08:30:00+00:00",
    "labels": ["ville-porte", "art"],
    "geo_point_2d": {"lon": 0.5863, "lat": 43.6465},
    "geo_shape": {
        "type": "Feature",
        "geometry": {"coordinates": [[[0.5, 43.6], [0.6, 43.6], [0.6, 43.7], [0.5, 43.6]]], "type": "Polygon"},
        "properties": {},
    },
    "photo": None,
}


def written(name, schema, batches, **options) -> str:
    return b"".join(EXPORTERS[name].write(schema, batches, ExportOptions(**options))).decode()


def test_json_is_an_array_with_the_separators_of_python(communes):
    """Every field is in every object, in order, typed, null when missing; the text is what json.dumps writes."""
    schema, batch = communes
    text = written("json", schema, [batch])
    unknown = {**dict.fromkeys(AUCH), "code_insee": "32001"}
    assert text == json.dumps([AUCH, unknown], ensure_ascii=False)


def test_jsonl_is_one_object_per_line(communes):
    """Lines end by a line feed and each parses alone."""
    schema, batch = communes
    lines = written("jsonl", schema, [batch]).split("\n")
    assert [json.loads(line)["code_insee"] for line in lines[:-1]] == ["32013", "32001"]
    assert lines[-1] == ""


def test_zero_rows_are_valid():
    """An empty result is an empty array, or an empty file of lines."""
    schema = Schema((Field("a", "text"),))
    assert written("json", schema, []) == "[]"
    assert written("jsonl", schema, []) == ""


def test_batches_join_as_one_array(communes):
    """The border between two batches leaves no trace."""
    schema, batch = communes
    assert written("json", schema, [batch.slice(0, 1), batch.slice(0, 0), batch.slice(1)]) == written(
        "json", schema, [batch]
    )


@pytest.mark.parametrize("value", ["".join(map(chr, range(128))), '\\"', "\u2028é🎭", "</script>", "\\u0041", ""])
def test_any_text_is_escaped_as_json_requires(a_batch, value):
    """Quotes, backslashes and all control characters come back as they were."""
    schema = Schema((Field('na"me\n', "text"),))
    text = written("json", schema, [a_batch(schema, [{'na"me\n': value}])])
    assert json.loads(text) == [{'na"me\n': value}]


def test_stored_json_stays_on_its_line(a_batch):
    """A json_blob is parsed JSON in the answer, and its line breaks never split a line of jsonl."""
    schema = Schema((Field("a", "json_blob"),))
    batch = a_batch(schema, [{"a": '{\n  "b": [1,\r\n 2]\n}'}, {"a": None}])
    assert json.loads(written("json", schema, [batch])) == [{"a": {"b": [1, 2]}}, {"a": None}]
    assert written("jsonl", schema, [batch]).count("\n") == 2


def test_numbers_that_json_lacks_are_null(a_batch):
    """NaN and infinities are null, alone or as a coordinate; other doubles keep every digit."""
    schema = Schema((Field("d", "double"), Field("p", "geo_point_2d")))
    nan = float("nan")
    rows = [
        {"d": nan, "p": {"lon": nan, "lat": 1.0}},
        {"d": float("-inf")},
        {"d": 1.0, "p": {"lon": -0.0, "lat": 1e-7}},
    ]
    assert json.loads(written("json", schema, [a_batch(schema, rows)])) == [
        {"d": None, "p": None},
        {"d": None, "p": None},
        {"d": 1.0, "p": {"lon": 0.0, "lat": 1e-7}},
    ]


@pytest.mark.parametrize(("precision", "text"), [("year", "0987"), ("month", "0987-06"), ("day", "0987-06-05")])
def test_dates_have_the_precision_of_the_field(a_batch, precision, text):
    """A date is cut to its year or month when the field says so, long before 1900 too."""
    import datetime as dt

    schema = Schema((Field("d", "date", annotations={"timeserie_precision": precision}),))
    assert json.loads(written("json", schema, [a_batch(schema, [{"d": dt.date(987, 6, 5)}])])) == [{"d": text}]
