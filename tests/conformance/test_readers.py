"""Files over the network, read by independent readers: RFC 4180, RFC 7946, and the libraries that people use."""

import csv
import io
import json

import geojson
import pandas as pd
import pytest
import requests

API = "/api/explore/v2.1/catalog"
EXPORTS = f"{API}/datasets/communes-du-gers/exports"
GEOMETRIES = {"Point", "MultiPoint", "LineString", "MultiLineString", "Polygon", "MultiPolygon", "GeometryCollection"}


def test_pandas_reads_the_csv_from_its_address(address):
    """`pandas.read_csv` on the address that front-ends generate keeps codes, numbers, instants and awkward texts."""
    url = f"{address}{EXPORTS}/csv?lang=fr&timezone=Europe%2FBerlin&use_labels=true&delimiter=%3B"
    frame = pd.read_csv(url, sep=";", dtype={"Code INSEE": str}, parse_dates=["Vu le"])
    assert len(frame) == 127
    assert frame["Code INSEE"][0] == "32013"
    assert frame["Population"].max() == 22173
    assert frame["Vu le"][0] == pd.Timestamp("2024-05-17T08:30:00Z")
    assert 'L\'"Îlot"; perdu' in set(frame["Nom"])


def test_the_csv_follows_rfc_4180(address):
    """Every record is a line ended by CRLF with as many cells as the heading, read strictly."""
    text = requests.get(f"{address}{EXPORTS}/csv?delimiter=,&with_bom=false", timeout=60).text
    assert text.endswith("\r\n")
    rows = list(csv.reader(io.StringIO(text, newline=""), strict=True))
    assert len(rows) == 128
    assert {len(row) for row in rows} == {11}


def test_the_geojson_follows_rfc_7946(address):
    """A FeatureCollection without crs; each feature with its geometry, null or valid, and its properties."""
    response = requests.get(f"{address}{EXPORTS}/geojson", timeout=60)
    collection = geojson.loads(response.text)
    assert set(json.loads(response.text)) == {"type", "features"}
    assert len(collection["features"]) == 127
    for feature in collection["features"]:
        assert feature["type"] == "Feature"
        assert isinstance(feature["properties"], dict)
        geometry = feature["geometry"]
        assert geometry is None or geometry["type"] in GEOMETRIES
        assert geometry is None or geometry.is_valid


def test_lines_of_json_are_read_by_pandas(address):
    """JSONL has one object per line, of the same content as the JSON export."""
    lines = requests.get(f"{address}{EXPORTS}/jsonl", timeout=60).text
    frame = pd.read_json(io.StringIO(lines), lines=True, dtype={"code_insee": str})
    assert len(frame) == 127
    assert [json.loads(line) for line in lines.splitlines()] == requests.get(
        f"{address}{EXPORTS}/json", timeout=60
    ).json()


@pytest.mark.parametrize("encoding", ["gzip", "identity", "*", "br;q=1.0, *;q=0"])
def test_any_encoding_asked_is_readable(address, encoding):
    """Whatever Accept-Encoding says, what arrives decodes to the same file."""
    headers = {"Accept-Encoding": encoding}
    response = requests.get(f"{address}{EXPORTS}/csv?limit=1&select=nom", headers=headers, timeout=60)
    assert response.content.decode("utf-8-sig") == "nom\r\nAuch\r\n"


def test_a_client_that_leaves_does_not_hold_the_server(address):
    """Connections closed in the middle of an export leave the server serving."""
    for _ in range(20):
        with requests.get(f"{address}{EXPORTS}/json", stream=True, timeout=60) as response:
            next(response.iter_content(10))
    assert requests.get(f"{address}{API}/datasets?limit=0", timeout=60).json()["total_count"] == 2


def test_hand_written_clients_are_understood(address):
    """A base that ends with a slash, a half-open range of dates, AND glued to a bracket, an empty where."""
    base = f"{address}/api/explore/v2.1/"
    query = {
        "where": "vu_le IN [date'2024-05-17 00:00'..date'2024-05-18 00:00'[AND canton = 'Auch-1'",
        "timezone": "UTC",
    }
    rows = requests.get(f"{base}/catalog/datasets/communes-du-gers/exports/json", params=query, timeout=60).json()
    assert [row["nom"] for row in rows] == ["Auch"]
    page = requests.get(f"{base}/catalog/datasets/communes-du-gers/records/?where=&limit=100", timeout=60).json()
    assert len(page["results"]) == 100
