"""VancouvR, koop and their like: the requests that their sources write, sent as they send them."""

import io

import pandas as pd
import pytest
import requests

from tests.clients.conftest import Server

BASES = ("/api/explore/v2.1", "/api/v2")
DATASETS = "catalog/datasets"


def get(server: Server, base: str, path: str, **parameters: object) -> requests.Response:
    response = requests.get(f"{server.address}{base}/{path}", params=parameters, timeout=30, allow_redirects=False)
    assert response.status_code == 200, response.text
    return response


def read_delimited(response: requests.Response) -> pd.DataFrame:
    """Read as readr does: every column as text, separated by semicolons, a mark at the head dropped."""
    return pd.read_csv(io.BytesIO(response.content), sep=";", dtype=str, encoding="utf-8-sig")


@pytest.mark.parametrize("base", BASES)
def test_vancouvr_lists_the_catalogue(server: Server, base: str) -> None:
    """The CSV of the catalogue has dotted headings by template, and `datasetid`."""
    frame = read_delimited(get(server, base, "catalog/exports/csv"))
    assert {"datasetid", "default.title", "default.keyword"} <= set(frame.columns)
    assert all("." in name or name == "datasetid" for name in frame.columns if name[0].isupper())
    assert "communes-du-gers" in set(frame["datasetid"])


def test_vancouvr_reads_the_fields(server: Server) -> None:
    """Each field has a name, a type, a label, and a description that may be null; version 2.0 wraps the dataset."""
    plain = get(server, BASES[0], f"{DATASETS}/communes-du-gers").json()["fields"]
    wrapped = get(server, BASES[1], f"{DATASETS}/communes-du-gers").json()["dataset"]["fields"]
    for fields in (plain, wrapped):
        assert [field["name"] for field in fields][:2] == ["code_insee", "nom"]
        assert all({"name", "type", "label", "description"} <= set(field) for field in fields)


@pytest.mark.parametrize("base", BASES)
def test_vancouvr_downloads_a_part(server: Server, base: str) -> None:
    """where, select with an alias, and `rows` on the CSV export; shapes are bare geometries."""
    response = get(
        server,
        base,
        f"{DATASETS}/communes-du-gers/exports/csv",
        where="canton='Auch-1' AND population > 60",
        select="nom, population as habitants, geo_shape",
        rows="1",
    )
    frame = read_delimited(response)
    assert list(frame.columns) == ["nom", "habitants", "geo_shape"]
    assert frame["habitants"].tolist() == ["22173"]
    assert '"type": "Polygon"' in frame["geo_shape"][0]


def test_vancouvr_aggregates(server: Server) -> None:
    """Counts by group, over both versions: the same groups under `results` and under `aggregations`."""
    asked = {"select": "count(*) as count", "group_by": "canton", "where": "population < 5000"}
    now = get(server, BASES[0], f"{DATASETS}/communes-du-gers/records", **asked, order_by="count desc").json()
    assert now["results"][0] == {"canton": "Ailleurs", "count": 120}
    old = get(server, BASES[1], f"{DATASETS}/communes-du-gers/aggregates", **asked).json()
    assert {"canton": "Ailleurs", "count": 120} in old["aggregations"]


def test_koop_takes_the_whole_layer(server: Server) -> None:
    """koop asks version 2.0 for the GeoJSON, with `rows` and `start`, and wants a FeatureCollection."""
    path = f"{DATASETS}/communes-du-gers/exports/geojson"
    whole = get(server, "/api/v2", path).json()
    assert (whole["type"], len(whole["features"])) == ("FeatureCollection", 127)
    part = get(server, "/api/v2", path, rows=2, start=1).json()
    assert [feature["properties"]["nom"] for feature in part["features"]] == ["Aignan", "Ansan"]


def test_old_pages_of_records_are_wrapped(server: Server) -> None:
    """Version 2.0 gives records inside envelopes, and says that it is old."""
    response = get(server, "/api/v2", f"{DATASETS}/communes-du-gers/records", rows=1)
    [record] = response.json()["records"]
    assert record["record"]["fields"]["nom"] == "Auch"
    assert "v2.0" in response.headers["ODS-Explore-API-Deprecation"]
