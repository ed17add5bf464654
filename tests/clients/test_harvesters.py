"""Harvesters of catalogues: udata (data.gouv.fr) walks the DCAT feed, others read RSS or data.json."""

from xml.etree import ElementTree as ET

import pytest
import requests
from rdflib import DCAT, DCTERMS, RDF, Graph, URIRef

from tests.clients.conftest import Server

FORMATS = "json,csv,shp,geojson"


def harvest(server: Server, name: str = "dcat", **parameters: str) -> Graph:
    response = requests.get(f"{server.catalog}/exports/{name}/", params=parameters, timeout=30)
    assert response.status_code == 200, response.text
    return Graph().parse(data=response.content, format="turtle" if name == "ttl" else "xml")


def datasets_of(graph: Graph) -> set[str]:
    return {str(node).rstrip("/").rpartition("/")[2] for node in graph.subjects(RDF.type, DCAT.Dataset)}


def test_udata_finds_every_dataset_and_every_file(server: Server) -> None:
    """Each dataset has an identifier, a title and a licence; each file that is announced answers, as announced."""
    graph = harvest(server, include_exports=FORMATS, lang="fr")
    assert {"communes-du-gers", "festivals", "ods003"} <= datasets_of(graph)
    for dataset in graph.subjects(RDF.type, DCAT.Dataset):
        assert graph.value(dataset, DCTERMS.identifier)
        assert graph.value(dataset, DCTERMS.title)
        assert graph.value(dataset, DCTERMS.license)
        files = list(graph.objects(dataset, DCAT.distribution))
        assert files
        for file in files:
            check_file(graph, file)


def check_file(graph: Graph, file: object) -> None:
    """Assert that a distribution can be downloaded, under its name and media type."""
    assert isinstance(file, URIRef)
    address = str(graph.value(file, DCAT.downloadURL))
    assert graph.value(file, DCAT.accessURL)
    with requests.get(address, stream=True, timeout=30) as response:
        assert response.status_code == 200, address
        media_type = graph.value(file, DCAT.mediaType)
        if media_type:
            assert str(media_type).endswith(response.headers["Content-Type"].partition(";")[0])
        if "/exports/" in address:
            title = graph.value(file, DCTERMS.title)
            assert f'filename="{title}"' in response.headers["Content-Disposition"]


def test_every_page_that_is_announced_answers(server: Server) -> None:
    """Landing pages, the console and the description of the service are there."""
    graph = harvest(server, include_exports="csv")
    pages = {*graph.objects(None, DCAT.landingPage), *graph.objects(None, DCAT.endpointDescription)}
    for page in pages:
        assert requests.get(str(page), timeout=30).status_code == 200, page


def test_a_map_has_more_files_than_a_table(server: Server) -> None:
    """Only geographic datasets announce GeoJSON."""
    graph = harvest(server, include_exports=FORMATS)
    formats = {
        name: {str(node).rpartition("#")[2] for node in graph.objects(page_of(server, name), DCAT.distribution)}
        for name in ("communes-du-gers", "festivals")
    }
    assert formats["communes-du-gers"] >= {"csv", "json", "geojson"}
    assert "geojson" not in formats["festivals"]


def page_of(server: Server, dataset_id: str) -> URIRef:
    """Return the node of a dataset."""
    return URIRef(f"{server.address}/explore/dataset/{dataset_id}/")


@pytest.mark.parametrize(
    ("parameters", "found"),
    [
        ({"where": 'theme="Culture"'}, {"festivals"}),
        ({"refine": "theme:Territoire"}, {"communes-du-gers"}),
        ({"exclude": "theme:Énergie"}, {"communes-du-gers", "economies-ges", "festivals"}),
        ({"where": "dataset_id = 'nope'"}, set()),
        ({"limit": "1", "order_by": "dataset_id"}, {"communes-du-gers"}),
        ({"select": "title", "where": 'theme="Culture"'}, {"festivals"}),
    ],
)
def test_a_harvester_may_take_a_part(server: Server, parameters: dict[str, str], found: set[str]) -> None:
    """where, refine, exclude, limit choose the datasets; a document is always of whole datasets."""
    assert datasets_of(harvest(server, **parameters)) == found


def test_a_wrong_filter_is_refused_before_the_document(server: Server) -> None:
    """Half a feed would erase datasets at the harvester's."""
    response = requests.get(f"{server.catalog}/exports/dcat?where=nope(", timeout=30)
    assert response.status_code == 400
    assert response.json()["error_code"] == "ODSQLSyntaxError"


def test_the_feed_is_in_the_language_asked(server: Server) -> None:
    """`lang` chooses the texts."""
    title = harvest(server, lang="en").value(page_of(server, "communes-du-gers"), DCTERMS.title)
    assert (str(title), title.language) == ("Communes", "en")  # type: ignore[union-attr]


@pytest.mark.parametrize("name", ["dcat_ap_ch", "dcat-ap-ch", "dcat-ap-v1", "rdf", "ttl", "dublin_core"])
def test_other_names_of_the_feed(server: Server, name: str) -> None:
    """National profiles, with either sign between the words, and plain RDF give the same datasets."""
    assert datasets_of(harvest(server, name)) >= {"communes-du-gers", "festivals"}


@pytest.mark.parametrize(
    ("name", "filename", "media_type"),
    [
        ("dcat", "datasets.rdf", "application/rdf+xml"),
        ("ttl", "datasets.ttl", "text/turtle"),
        ("rss", "datasets.rss", "application/rss+xml"),
        ("data.json", "datasets.json", "application/json"),
        ("csv", "datasets.csv", "text/csv"),
    ],
)
def test_documents_have_their_name_and_type(server: Server, name: str, filename: str, media_type: str) -> None:
    """Content-Type and Content-Disposition are those of the format; an unchanged feed is a 304."""
    response = requests.get(f"{server.catalog}/exports/{name}", timeout=30)
    assert response.headers["Content-Type"] == f"{media_type}; charset=utf-8"
    assert f'filename="{filename}"' in response.headers["Content-Disposition"]
    again = requests.get(response.url, headers={"If-None-Match": response.headers["ETag"]}, timeout=30)
    assert again.status_code == 304


def test_every_format_that_is_listed_answers(server: Server) -> None:
    """The list of exports of the catalogue promises nothing that is not there."""
    links = requests.get(f"{server.catalog}/exports", timeout=30).json()["links"]
    addresses = [link["href"] for link in links if link["rel"] != "self"]
    assert len(addresses) >= 12
    for address in addresses:
        with requests.get(address, stream=True, timeout=30) as response:
            assert response.status_code == 200, address


def test_older_addresses_give_the_same_feed(server: Server) -> None:
    """Version 2.0 announces the very files of version 2.1: whoever changes address takes nothing twice."""
    old = requests.get(f"{server.address}/api/v2/catalog/exports/dcat-ap-ch/?include_exports=csv", timeout=30)
    new = requests.get(f"{server.catalog}/exports/dcat?include_exports=csv", timeout=30)
    assert (old.status_code, old.content) == (200, new.content)


def test_first_version_gives_the_feed_of_news(server: Server) -> None:
    """`/api/datasets/1.0/search/?format=rss` is RSS too."""
    response = requests.get(f"{server.address}/api/datasets/1.0/search/?format=rss", timeout=30)
    assert response.headers["Content-Type"].startswith("application/rss+xml")
    assert len(ET.fromstring(response.content).findall("channel/item")) >= 6
    narrow = requests.get(f"{response.url}&refine.theme=Culture", timeout=30)
    assert len(ET.fromstring(narrow.content).findall("channel/item")) == 1


def test_a_reader_of_news_follows_the_feed(server: Server) -> None:
    """RSS: an item per dataset, whose link answers."""
    items = ET.fromstring(requests.get(f"{server.catalog}/exports/rss", timeout=30).content).findall("channel/item")
    assert len(items) >= 6
    assert requests.get(items[0].findtext("link") or "", timeout=30).status_code == 200


def test_an_inventory_gives_the_files(server: Server) -> None:
    """data.json: every download address answers."""
    found = requests.get(f"{server.catalog}/exports/data.json?include_exports=csv", timeout=30).json()
    addresses = [file["downloadURL"] for each in found["dataset"] for file in each["distribution"]]
    assert len(addresses) >= 6
    assert requests.get(addresses[0], timeout=30).text.startswith("\ufeff")
