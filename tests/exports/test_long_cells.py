"""A very long cell is whole in every format that can hold one, as other programs read it."""

import csv
import datetime as dt
import io
import json
import xml.etree.ElementTree as ET

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from datasets.model import Field, Schema
from exports import EXPORTERS, ExportOptions
from tests.exports.conftest import build_batch

SCHEMA = Schema((Field("t", "text"), Field("d", "date"), Field("p", "geo_point_2d")))
PIECE = 'é"<&;\n'


@pytest.fixture(scope="module", params=[10**5, pytest.param(10**7, marks=pytest.mark.verify)])
def long(request: pytest.FixtureRequest) -> str:
    """A text of so many bytes."""
    return PIECE * (request.param // len(PIECE.encode()) + 1)


@pytest.fixture(scope="module")
def batch(long: str) -> pa.RecordBatch:
    """The long cell and a row of nulls."""
    full = {"t": long, "d": dt.date(1850, 1, 2), "p": {"lon": 180.0, "lat": -43.5}}
    return build_batch(SCHEMA, [full, {"t": None}])


def read_delimited(data: bytes, delimiter: str) -> str:
    csv.field_size_limit(2**27)
    return next(csv.DictReader(io.StringIO(data.decode("utf-8-sig"), newline=""), delimiter=delimiter))["t"]


def read_xml(data: bytes, tag: str) -> str:
    return next(each.text or "" for each in ET.fromstring(data).iter() if each.tag.rpartition("}")[2] == tag)


def find_text(document: object) -> str:
    """Return the longest text of a JSON document."""
    if isinstance(document, dict | list):
        inside = document.values() if isinstance(document, dict) else document
        return max(map(find_text, inside), key=len, default="")
    return document if isinstance(document, str) else ""


READERS = {
    "csv": lambda data: read_delimited(data, ";"),
    "tsv": lambda data: read_delimited(data, "\t"),
    "json": lambda data: json.loads(data)[0]["t"],
    "jsonl": lambda data: pd.read_json(io.BytesIO(data), lines=True)["t"][0],
    "geojson": lambda data: json.loads(data)["features"][0]["properties"]["t"],
    "parquet": lambda data: pq.read_table(io.BytesIO(data))["t"][0].as_py(),
    "arrow": lambda data: pa.ipc.open_stream(data).read_all()["t"][0].as_py(),
    "jsonld": lambda data: find_text(json.loads(data)),
    "rdfxml": lambda data: read_xml(data, "t"),
    "kml": lambda data: read_xml(data, "value"),
}


@pytest.mark.parametrize("name", READERS)
def test_a_long_cell_is_whole(name, batch, long):
    """Accents, quotes, marks of the format and line ends of a hundred thousand bytes, or ten million, all come back."""
    data = b"".join(EXPORTERS[name].write(SCHEMA, [batch], ExportOptions()))
    assert READERS[name](data) == long
