"""The addresses that Opendatasoft's own pages generate, as they stand in thousands of notebooks and articles."""

import io
import json

import pandas as pd
import pytest
import requests

from tests.clients.conftest import Server

EXPORTS = "/api/explore/v2.1/catalog/datasets/communes-du-gers/exports"


def test_the_csv_of_the_export_page(server: Server) -> None:
    """`pandas.read_csv` with the separator: labels, numbers, instants in the zone of the address."""
    query = "lang=fr&timezone=Europe%2FBerlin&use_labels=true&delimiter=%3B"
    frame = pd.read_csv(f"{server.address}{EXPORTS}/csv?{query}", sep=";", dtype={"Code INSEE": str})
    assert frame["Code INSEE"][0] == "32013"
    assert frame["Vu le"][0] == "2024-05-17T10:30:00+02:00"
    assert frame["Point"][0] == "43.6465, 0.5863"
    assert len(frame) == 127


def test_the_geojson_of_a_filtered_map(server: Server) -> None:
    """A quoted refinement and a disjunctive facet, spelt as pages spell them."""
    query = (
        "lang=fr&refine=canton%3A%22Auch-1%22&facet=facet(name%3D%22canton%22%2C%20disjunctive%3Dtrue)"
        "&timezone=Europe%2FBerlin"
    )
    found = requests.get(f"{server.address}{EXPORTS}/geojson?{query}", timeout=30).json()
    frame = pd.json_normalize(found["features"])
    assert list(frame["properties.nom"]) == ["Auch", "Ansan", "Antras"]


def test_the_spreadsheet_of_a_search(server: Server) -> None:
    """A query of the first version goes through `qv1`; the workbook opens in pandas."""
    query = "qv1=(auch)&lang=fr&timezone=Europe%2FParis&use_labels=true"
    response = requests.get(f"{server.address}{EXPORTS}/xlsx?{query}", timeout=30)
    assert response.status_code == 200, response.text
    frame = pd.read_excel(io.BytesIO(response.content), engine="openpyxl")
    assert frame["Nom"].tolist()[0] == "Auch"
    assert "Population" in frame.columns


def test_the_most_published_address_of_all(server: Server) -> None:
    """`/explore/dataset/{id}/download/` of the first version, with its own parameters."""
    query = "format=csv&timezone=Europe/Berlin&lang=fr&use_labels_for_header=true&csv_separator=%3B"
    address = f"{server.address}/explore/dataset/communes-du-gers/download/?{query}"
    frame = pd.read_csv(address, sep=";", dtype={"Code INSEE": str})
    assert list(frame.columns)[:2] == ["Code INSEE", "Nom"]
    assert frame["Vu le"][0] == "2024-05-17T10:30:00+02:00"
    assert len(frame) == 127


@pytest.mark.parametrize("name", ["csv", "json", "geojson"])
def test_old_links_of_data_gouv_fr(server: Server, name: str) -> None:
    """`/api/v2/…/exports/{format}`, still linked from the national portal, gives the file."""
    response = requests.get(
        f"{server.address}/api/v2/catalog/datasets/communes-du-gers/exports/{name}", allow_redirects=False, timeout=30
    )
    assert response.status_code == 200
    if name != "csv":
        found = json.loads(response.content)
        assert len(found if name == "json" else found["features"]) == 127
