"""Exported then read back equals the rows, whatever the rows."""

import csv
import datetime as dt
import io
import json
import re
import struct
from itertools import zip_longest
from zoneinfo import ZoneInfo

import openpyxl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import rdflib
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from datasets.model import Field, Schema
from exports import EXPORTERS, ExportOptions
from exports.compressed import compress
from exports.markup import FORBIDDEN, REPLACEMENT
from exports.names import plain_names
from tests.exports.test_spreadsheet import unescaped

SCHEMA = Schema(
    (
        Field("t", "text"),
        Field("i", "int"),
        Field("f", "double"),
        Field("b", "boolean"),
        Field("d", "date"),
        Field("h", "datetime"),
        Field("l", "text", annotations={"multivalued": ","}),
        Field("p", "geo_point_2d"),
    )
)
TEXTS = st.text(st.characters(codec="utf-8"), max_size=8)
FINITE = st.floats(allow_nan=False, allow_infinity=False)
INSTANTS = st.integers(-62_135_500_000, 253_370_000_000).map(
    lambda seconds: dt.datetime(1970, 1, 1, tzinfo=dt.UTC) + dt.timedelta(seconds=seconds, microseconds=999_999)
)
POINTS = st.fixed_dictionaries({"lon": FINITE, "lat": FINITE})
ROWS = st.lists(
    st.fixed_dictionaries(
        {
            "t": st.none() | TEXTS,
            "i": st.none() | st.integers(-(2**63), 2**63 - 1),
            "f": st.none() | FINITE,
            "b": st.none() | st.booleans(),
            "d": st.none() | st.dates(),
            "h": st.none() | INSTANTS,
            "l": st.none() | st.lists(TEXTS, max_size=3),
            "p": st.none() | POINTS,
        }
    ),
    max_size=5,
)
ZONES = st.sampled_from(["UTC", "Europe/Paris", "Asia/Kolkata", "America/St_Johns", "Pacific/Apia", "Africa/Monrovia"])
CASES = settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])

FEW_CASES = settings(CASES, max_examples=40)


def said(row, zone) -> dict:
    """The row as JSON tells it."""
    told = dict(row)
    told["d"] = row["d"] and row["d"].isoformat()
    told["h"] = row["h"] and row["h"].replace(microsecond=0)
    return told


@CASES
@given(ROWS, ZONES)
def test_json_and_geojson_give_the_rows_back(a_batch, rows, zone):
    """Types, nulls, big integers, dates before 1900 and empty lists survive, and instants in any zone."""
    batch = a_batch(SCHEMA, rows)
    options = ExportOptions(timezone=zone)
    told = json.loads(b"".join(EXPORTERS["json"].write(SCHEMA, [batch], options)))
    lines = b"".join(EXPORTERS["jsonl"].write(SCHEMA, [batch], options)).decode().split("\n")[:-1]
    features = json.loads(b"".join(EXPORTERS["geojson"].write(SCHEMA, [batch], options)))["features"]
    assert [json.loads(line) for line in lines] == told
    assert [feature["properties"] for feature in features] == told
    for row in told:
        row["h"] = row["h"] and dt.datetime.fromisoformat(row["h"])
    assert told == [said(row, zone) for row in rows]


@CASES
@given(ROWS, ZONES, st.sampled_from([";", ",", "\t", "|"]), st.booleans())
def test_csv_gives_the_rows_back(a_batch, rows, zone, delimiter, quote_all):
    """Each cell reads back to its value; a null and an empty text are both empty cells."""
    options = ExportOptions(timezone=zone, delimiter=delimiter, quote_all=quote_all, with_bom=False)
    text = b"".join(EXPORTERS["csv"].write(SCHEMA, [a_batch(SCHEMA, rows)], options)).decode()
    read = list(csv.DictReader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True))
    for row, cells in zip(rows, read, strict=True):
        assert cells["t"] == (row["t"] or "")
        assert cells["i"] == ("" if row["i"] is None else str(row["i"]))
        assert cells["f"] == "" if row["f"] is None else float(cells["f"]) == row["f"]
        assert cells["b"] == ("" if row["b"] is None else str(row["b"]))
        assert cells["d"] == ("" if row["d"] is None else row["d"].isoformat())
        assert cells["l"] == ",".join(row["l"] or [])
        if row["p"] is not None:
            assert [float(part) for part in cells["p"].split(", ")] == [row["p"]["lat"], row["p"]["lon"]]
        if row["h"] is not None:
            assert dt.datetime.fromisoformat(cells["h"]) == row["h"].replace(microsecond=0)


@FEW_CASES
@given(ROWS)
def test_typed_columns_give_the_rows_back(a_batch, rows):
    """Parquet and Arrow hold every value exactly, points as WKB."""
    batch = a_batch(SCHEMA, rows)
    parquet = pq.read_table(io.BytesIO(b"".join(EXPORTERS["parquet"].write(SCHEMA, [batch], ExportOptions()))))
    arrow = pa.ipc.open_stream(b"".join(EXPORTERS["arrow"].write(SCHEMA, [batch], ExportOptions()))).read_all()
    told = [{**row, "p": row["p"] and struct.pack("<BIdd", 1, 1, row["p"]["lon"], row["p"]["lat"])} for row in rows]
    assert parquet.to_pylist() == arrow.to_pylist() == told


@FEW_CASES
@given(ROWS)
def test_spreadsheets_give_the_rows_back(a_batch, rows):
    """Each cell of xlsx reads back to its value: a number or a date where it can be one, else its text."""
    data = b"".join(EXPORTERS["xlsx"].write(SCHEMA, [a_batch(SCHEMA, rows)], ExportOptions()))
    read = list(openpyxl.load_workbook(io.BytesIO(data)).active.iter_rows(min_row=2, values_only=True))
    for row, cells in zip_longest(rows, read, fillvalue=(None,) * len(SCHEMA)):  # openpyxl skips blank last lines
        text, integer, double, boolean, day, *_ = cells
        assert unescaped(text or "") == (row["t"] or "")
        assert (integer, boolean) == (row["i"] if abs(row["i"] or 0) <= 2**53 else str(row["i"]), row["b"])
        assert double == row["f"]
        assert day is None if row["d"] is None else str(day)[:10] == row["d"].isoformat()


@FEW_CASES
@given(ROWS)
def test_linked_data_gives_the_rows_back(a_batch, rows):
    """Turtle and RDF/XML hold the values of each row; only control characters are lost in XML."""
    for name, syntax in (("turtle", "turtle"), ("rdfxml", "xml")):
        data = b"".join(EXPORTERS[name].write(SCHEMA, [a_batch(SCHEMA, rows)], ExportOptions(address="urn:x")))
        graph = rdflib.Graph().parse(io.BytesIO(data), format=syntax)
        for kind in ("t", "l", "i"):
            read = sorted(str(value) for value in graph.objects(None, rdflib.URIRef(f"urn:x#{kind}"), unique=False))
            values = [row[kind] for row in rows if row[kind] is not None]
            texts = [text for value in values for text in (set(value) if isinstance(value, list) else [str(value)])]
            assert read == sorted(texts if name == "turtle" else [re.sub(FORBIDDEN, REPLACEMENT, t) for t in texts])


@FEW_CASES
@given(st.lists(TEXTS.filter(str.strip), max_size=5, unique=True), st.integers(4, 12))
def test_plain_names_are_plain_and_different(names, most):
    """Whatever the names, the plain ones are ASCII words of bounded length, all different whatever their capitals."""
    plain = plain_names(names, most)
    assert len({name.lower() for name in plain}) == len(names)
    assert all(re.fullmatch("[A-Za-z][A-Za-z0-9_]*", name, re.ASCII) and len(name) <= most for name in plain)


@pytest.mark.parametrize("instant", ["2024-03-31T00:59:59", "2024-03-31T01:00:00", "2024-10-27T01:30:00"])
def test_instants_follow_the_clocks_of_the_zone(a_batch, instant):
    """At the change of hour the text is what the standard library says."""
    schema = Schema((Field("h", "datetime"),))
    moment = dt.datetime.fromisoformat(instant).replace(tzinfo=dt.UTC)
    text = b"".join(
        EXPORTERS["json"].write(schema, [a_batch(schema, [{"h": moment}])], ExportOptions(timezone="Europe/Paris"))
    )
    assert json.loads(text) == [{"h": moment.astimezone(ZoneInfo("Europe/Paris")).isoformat()}]


def test_compression_is_one_gzip_file():
    """`compressed=true` gives what gzip reads back."""
    import gzip

    assert gzip.decompress(b"".join(compress([b"a" * 1000, b"", b"b"]))) == b"a" * 1000 + b"b"
