"""The QGIS plugin of Opendatasoft: the requests that it sends, in order, and its layer read by GDAL."""

import io

import pyogrio
import pytest
import requests

from tests.clients.conftest import Server

DATASET = "communes-du-gers"
CHUNK = 100
ROUTES = {
    "v2.1": ("/api/explore/v2.1", "datasets", "records"),
    "v2": ("/api/v2", "query", "query"),
}
"""The plugin of today, and the one that the QGIS repository has offered since 2021."""


class Plugin:
    """What the plugin asks of a portal, with a key, over one version of the API."""

    def __init__(self, server: Server, version: str) -> None:
        base, self.list, self.page = ROUTES[version]
        self.catalog = f"{server.address}{base}/catalog"
        self.headers = {"Authorization": f"apikey {server.key}"}

    def get(self, path: str, **parameters: object) -> requests.Response:
        """Send one request."""
        return requests.get(f"{self.catalog}/{path}", params=parameters, headers=self.headers, timeout=30)

    def list_datasets(self, text: str = "", *, geographic: bool = True) -> list[str]:
        """Return the identifiers of the datasets, page after page."""
        parameters: dict[str, object] = {"select": "dataset_id", "limit": CHUNK, "order_by": "dataset_id"}
        conditions = ([f'"{text}"'] if text else []) + (["features='geo'"] if geographic else [])
        first = self.get(self.list, **parameters, where=conditions).json()
        found = first["results"]
        for offset in range(CHUNK, first["total_count"] + 1, CHUNK):
            found += self.get(self.list, **parameters, where=conditions, offset=offset).json()["results"]
        return [each["dataset_id"] for each in found]

    def describe(self, dataset_id: str) -> dict:
        """Return the description of one dataset."""
        [found] = self.get(self.list, where=f'datasetid:"{dataset_id}"').json()["results"]
        return found


@pytest.fixture(params=list(ROUTES))
def plugin(server: Server, request: pytest.FixtureRequest) -> Plugin:
    """The plugin, over each version that it has called."""
    return Plugin(server, request.param)


def test_maps_are_found_among_the_datasets(plugin: Plugin) -> None:
    """Only what is geographic, or everything; words narrow the list."""
    assert plugin.list_datasets() == [DATASET, "economies-ges"]
    everything = plugin.list_datasets(geographic=False)
    assert {"festivals", "ods003"} <= set(everything)
    assert everything == sorted(everything)
    assert plugin.list_datasets("territoire") == [DATASET]
    assert plugin.list_datasets("introuvable") == []


def test_a_dataset_is_described_by_its_identifier(plugin: Plugin) -> None:
    """Title, publisher, number of records, and label, name and type of each field."""
    found = plugin.describe(DATASET)
    assert found["metas"]["default"]["title"] == "Communes du Gers"
    assert found["metas"]["default"]["publisher"]
    assert found["metas"]["default"]["records_count"] == 127
    assert all({"label", "name", "type", "annotations"} <= set(field) for field in found["fields"])


def test_the_first_record_lists_every_column(plugin: Plugin) -> None:
    """The table of attributes is built from it, so that null fields must be there."""
    page = plugin.get(f"datasets/{DATASET}/{plugin.page}", limit=1).json()
    assert page["total_count"] == 127
    assert list(page["results"][0]) == [field["name"] for field in plugin.describe(DATASET)["fields"]]


def test_a_wrong_query_is_told_to_the_person(plugin: Plugin) -> None:
    """The plugin shows the message of a 400, and knows a 404 and a 401."""
    refused = plugin.get(f"datasets/{DATASET}/{plugin.page}", where="population >")
    assert refused.status_code == 400
    assert "where" in refused.json()["message"]
    assert plugin.get(f"datasets/nope/{plugin.page}", limit=1).status_code == 404
    plugin.headers = {"Authorization": "apikey wrong"}
    assert plugin.get(plugin.list, limit=1).status_code == 401


def test_the_layer_is_read_by_gdal(plugin: Plugin) -> None:
    """The GeoJSON has one feature per record, every attribute with its type, and the shapes where they are."""
    layer = plugin.get(f"datasets/{DATASET}/exports/geojson").content
    info = pyogrio.read_info(io.BytesIO(layer))
    assert (info["features"], info["crs"], info["driver"]) == (127, "EPSG:4326", "GeoJSON")
    assert info["geometry_type"] in ("Polygon", "Unknown")
    types = dict(zip(info["fields"], info["dtypes"], strict=True))
    assert types["population"].startswith("int")
    assert types["surface_km2"].startswith("float")
    bounds, _ = pyogrio.read_bounds(io.BytesIO(layer), max_features=1)[::-1]
    assert bounds[:, 0] == pytest.approx([0.5, 43.6, 0.6, 43.7])


def test_a_filtered_layer_holds_what_was_asked(plugin: Plugin) -> None:
    """select, where, order_by and limit of the dialogue reach the export."""
    layer = plugin.get(
        f"datasets/{DATASET}/exports/geojson",
        select="nom, population, geo_shape",
        where="canton = 'Auch-1'",
        order_by="population desc",
        limit=2,
    ).content
    info = pyogrio.read_info(io.BytesIO(layer))
    assert list(info["fields"]) == ["nom", "population"]
    meta, _, _, columns = pyogrio.raw.read(io.BytesIO(layer))
    assert list(columns[list(meta["fields"]).index("nom")]) == ["Auch", "Ansan"]
