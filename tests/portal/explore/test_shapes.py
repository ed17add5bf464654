"""The JSON shapes of the API: what each kind of client needs to find where it looks."""

import csv
import gzip
import io
import json
from urllib.parse import parse_qs, urlsplit

import pytest

from datasets.query import Query
from exports import EXPORTERS
from portal.explore.shapes import page_links

CATALOGUE = "/api/explore/v2.1/catalog"
DATASET = f"{CATALOGUE}/datasets/communes-du-gers"
ROOT = "http://127.0.0.1:8000"


def test_a_record_has_every_field_in_order(api):
    """A record is the bare fields, all of them, in the order of the schema, null when missing."""
    first, second = api.get(f"{DATASET}/records?limit=2").get_json()["results"]
    assert first == {
        "code_insee": "32013",
        "nom": "Auch",
        "canton": "Auch-1",
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
    }
    assert list(second) == list(first)
    assert second["geo_shape"] is None


def test_the_time_zone_moves_instants_and_not_dates(api):
    """An instant has the offset asked; a date stays the day it is."""
    query = {"timezone": "Europe/Paris", "select": "maj,vu_le", "limit": 1}
    [record] = api.get(f"{DATASET}/records", query_string=query).get_json()["results"]
    assert record == {"maj": "2024-05-17", "vu_le": "2024-05-17T10:30:00+02:00"}


def test_a_dataset_is_the_object_that_strict_clients_expect(api):
    """Types are those of the official kit: booleans, lists that are never null, texts; absolute addresses."""
    dataset = api.get(DATASET).get_json()
    assert dataset["dataset_id"] == "communes-du-gers"
    assert (dataset["has_records"], dataset["data_visible"]) == (True, True)
    assert dataset["features"] == ["analyze", "geo", "timeserie"]
    assert dataset["attachments"] == dataset["alternative_exports"] == []
    assert all(isinstance(field[key], str) for field in dataset["fields"] for key in ("name", "type", "label"))
    assert dataset["metas"]["default"]["title"] == "Communes du Gers"
    assert dataset["metas"]["default"]["records_count"] == 127
    assert dataset["metas"]["default"]["modified"] == "2026-11-20T08:00:00+00:00"


def test_the_catalogue_lists_the_same_objects(api):
    """A page of the catalogue holds the very objects that their own addresses give."""
    page = api.get(f"{CATALOGUE}/datasets").get_json()
    assert page["total_count"] == 2
    for dataset in page["results"]:
        assert dataset == api.get(f"{CATALOGUE}/datasets/{dataset['dataset_id']}").get_json()


@pytest.mark.parametrize(
    ("headers", "query", "title"),
    [
        ({}, "", "Communes du Gers"),
        ({"Accept-Language": "en"}, "", "Communes"),
        ({"Accept-Language": "en"}, "?lang=fr", "Communes du Gers"),
        ({}, "?lang=en-GB", "Communes"),
        ({}, "?lang=nl", "Communes du Gers"),
    ],
)
def test_descriptions_follow_the_language(api, headers, query, title):
    """`lang` wins over Accept-Language, French stands for what is not described."""
    for address in (DATASET, f"{CATALOGUE}/datasets"):
        response = api.get(address + query, headers=headers)
        assert "Accept-Language" in response.headers["Vary"]
        assert response.headers["Content-Language"] in ("fr", "en", "nl")
        body = response.get_json()
        body = body["results"][0] if "results" in body else body
        assert body["metas"]["default"]["title"] == title


def test_the_plugin_of_qgis_finds_its_way(api):
    """The request sequence of qgis-ods-plugin: two where, then the dataset by `datasetid`, then a probe."""
    query = {"select": "dataset_id", "limit": 100, "order_by": "dataset_id", "where": ['"gers"', "features='geo'"]}
    page = api.get(f"{CATALOGUE}/datasets", query_string=query).get_json()
    assert page == {"total_count": 1, "results": [{"dataset_id": "communes-du-gers"}]}
    found = api.get(f"{CATALOGUE}/datasets", query_string={"where": 'datasetid:"communes-du-gers"'}).get_json()
    assert found["results"][0]["metas"]["default"]["publisher"] == "Département de démonstration"


def test_selected_metadata_keep_their_names(api):
    """A dotted name stays dotted, a short one is at the root."""
    query = {"select": "default.title,records_count", "order_by": "-records_count"}
    assert api.get(f"{CATALOGUE}/datasets", query_string=query).get_json()["results"] == [
        {"default.title": "Communes du Gers", "records_count": 127},
        {"default.title": "Festivals", "records_count": 1},
    ]


def test_the_list_of_exports_has_links(api):
    """Each format has its address; maps only where there is geography; the key is `links`."""
    address = f"{ROOT}{DATASET}/exports"
    links = api.get(f"{DATASET}/exports").get_json()["links"]
    assert links[0] == {"rel": "self", "href": address}
    assert {"rel": "geojson", "href": f"{address}/geojson"} in links
    others = api.get(f"{CATALOGUE}/datasets/festivals/exports").get_json()["links"]
    plain = [name for name, exporter in EXPORTERS.items() if not (exporter.needs_geometry or exporter.needs_date)]
    assert [link["rel"] for link in others] == ["self", *plain]
    for link in links:
        assert api.get(link["href"].removeprefix(ROOT), query_string={"limit": 1}).status_code == 200


def test_facets_have_counts_and_links(api):
    """Declared facets by default, refined values marked, and what to send back in refine."""
    body = api.get(f"{DATASET}/facets", query_string={"refine": "canton:Auch-1"}).get_json()
    assert [link["rel"] for link in body["links"]] == ["self", "dataset"]
    facets = {facet["name"]: facet["facets"] for facet in body["facets"]}
    assert list(facets) == ["canton", "maj", "labels"]
    assert {"count": 3, "state": "refined", "name": "Auch-1", "value": "Auch-1"} in facets["canton"]
    assert facets["labels"][0] == {"count": 2, "state": "displayed", "name": "art", "value": "art"}


def test_the_catalogue_has_facets_of_short_names(api):
    """The facets of the catalogue are called theme, keyword, publisher…, and refine its list."""
    names = {facet["name"] for facet in api.get(f"{CATALOGUE}/facets").get_json()["facets"]}
    assert names >= {"features", "modified", "publisher", "keyword", "theme"}
    page = api.get(f"{CATALOGUE}/datasets", query_string={"refine": "theme:Culture"}).get_json()
    assert [dataset["dataset_id"] for dataset in page["results"]] == ["festivals"]


def test_attachments_are_a_list(api):
    """A dataset without attachment has an empty list of them."""
    body = api.get(f"{DATASET}/attachments").get_json()
    assert body == {"links": [{"rel": "self", "href": f"{ROOT}{DATASET}/attachments"}], "attachments": []}


def test_records_have_identifiers_on_request(api):
    """`include_app_metas` tells `_id`, by which the record alone is found; any other is a 404."""
    [record] = api.get(f"{DATASET}/records?include_app_metas=true&limit=1").get_json()["results"]
    identifier = record["_id"]
    assert len(identifier) == 40
    assert record["_timestamp"] == "2026-11-20T08:00:00+00:00"
    assert api.get(f"{DATASET}/records/{identifier}/?include_app_metas=1").get_json() == record
    bare = {name: value for name, value in record.items() if not name.startswith("_")}
    assert api.get(f"{DATASET}/records/{identifier}").get_json() == bare
    assert record["_size"] == len(json.dumps(bare, ensure_ascii=False).encode())
    missing = api.get(f"{DATASET}/records/{'0' * 40}")
    assert (missing.status_code, missing.get_json()["error_code"]) == (404, "NotFoundResource")


def test_links_lead_from_page_to_page(api):
    """`include_links` gives the pages around, and for each record addresses that answer."""
    query = {"include_links": "true", "limit": 50, "offset": 50, "select": "nom", "apikey": ""}
    body = api.get(f"{DATASET}/records", query_string=query).get_json()
    links = {link["rel"]: link["href"] for link in body["links"]}
    assert set(links) == {"self", "first", "last", "next"}
    assert api.get(links["last"].removeprefix(ROOT)).get_json()["total_count"] == 127
    assert len(api.get(links["last"].removeprefix(ROOT)).get_json()["results"]) == 27
    record = body["results"][0]
    assert set(record) == {"nom", "_links"}
    by_rel = {link["rel"]: link["href"] for link in record["_links"]}
    assert api.get(by_rel["self"].removeprefix(ROOT)).get_json()["nom"] == record["nom"]


@pytest.mark.parametrize(
    ("limit", "offset", "total", "last", "following"),
    [
        (100, 0, 250, 200, 100),
        (100, 200, 250, 200, None),
        (100, 9900, 50_000, 9900, None),
        (30, 9960, 50_000, 9960, None),
        (30, 9930, 50_000, 9960, 9960),
        (100, 0, 100, 0, None),
        (7, 0, 0, 0, None),
        (0, 0, 50, 0, None),
    ],
)
def test_no_link_of_a_page_leads_nowhere(limit, offset, total, last, following):
    """The last and the next pages are pages that are served, within the limit of offset and limit."""
    links = {
        each["rel"]: int(parse_qs(urlsplit(each["href"]).query)["offset"][0])
        for each in page_links("http://portal.example/x", [], Query(limit=limit, offset=offset), total, 10_000)
    }
    assert (links["last"], links.get("next")) == (last, following)


def test_groups_have_neither_identifier_nor_links(api):
    """A grouped page is its groups, whatever else is asked."""
    query = {"group_by": "canton", "include_links": "1", "include_app_metas": "1", "limit": 1}
    assert api.get(f"{DATASET}/records", query_string=query).get_json()["results"] == [{"canton": None}]


def test_the_catalogue_exports_one_flat_row_per_dataset(api):
    """The CSV has dotted metadata by template and the identifier last; lists are joined."""
    rows = list(csv.DictReader(io.StringIO(api.get(f"{CATALOGUE}/exports/csv").text.lstrip("\ufeff")), delimiter=";"))
    heading = list(rows[0])
    assert heading[-1] == "datasetid"
    dotted = [name.split(".")[0] for name in heading if "." in name]
    assert dotted == sorted(dotted, key=["dcat", "default", "custom"].index)
    assert [row["datasetid"] for row in rows] == ["communes-du-gers", "festivals"]
    assert rows[0]["default.keyword"] == "commune,gers"


def test_the_catalogue_exports_its_datasets_in_json(api):
    """The JSON is the bare array of what the pages hold, in a file of its own name."""
    response = api.get(f"{CATALOGUE}/exports/json")
    assert response.headers["Content-Disposition"] == 'attachment; filename="datasets.json"'
    assert response.get_json() == api.get(f"{CATALOGUE}/datasets").get_json()["results"]


def test_exports_have_no_cap_and_keep_their_clauses(api):
    """An export gives every record by default, and the groups of /records when grouped."""
    assert len(api.get(f"{DATASET}/exports/json").get_json()) == 127
    query = {"select": "count(*) as n", "group_by": "canton", "order_by": "-n", "limit": 1}
    grouped = api.get(f"{DATASET}/exports/json", query_string=query).get_json()
    assert grouped == api.get(f"{DATASET}/records", query_string=query).get_json()["results"]
    assert grouped == [{"canton": "Ailleurs", "n": 120}]


def test_a_compressed_export_is_a_gzip_file(api):
    """`compressed=true` gives a GZIP file, and its name says so."""
    response = api.get(f"{DATASET}/exports/jsonl?compressed=true")
    assert response.headers["Content-Disposition"] == 'attachment; filename="communes-du-gers.jsonl.gzip"'
    lines = gzip.decompress(response.data).decode().splitlines()
    assert json.loads(lines[0])["nom"] == "Auch"


def test_a_condition_of_version_1_is_one_more(api):
    """`qv1` holds besides where, in pages, exports and facets."""
    query = {"qv1": "canton:Auch-1 AND population>60", "select": "nom", "order_by": "nom"}
    for where, names in (("", ["Ansan", "Auch"]), ("nom = 'Auch'", ["Auch"]), ("nom = 'Condom'", [])):
        page = api.get(f"{DATASET}/records", query_string={**query, "where": where}).get_json()
        assert [record["nom"] for record in page["results"]] == names
        assert api.get(f"{DATASET}/exports/json", query_string={**query, "where": where}).get_json() == page["results"]
    [facet] = api.get(f"{DATASET}/facets", query_string={"qv1": query["qv1"], "facet": "canton"}).get_json()["facets"]
    assert [(value["name"], value["count"]) for value in facet["facets"]] == [("Auch-1", 2)]


def test_an_unchanged_answer_is_not_sent_again(api):
    """The validators of an answer bring 304, which costs no call."""
    for address in (DATASET, f"{DATASET}/records", f"{DATASET}/exports/csv", f"{CATALOGUE}/datasets"):
        first = api.get(address)
        again = api.get(address, headers={"If-None-Match": first.headers["ETag"]})
        assert (again.status_code, again.data) == (304, b"")
        assert again.headers["X-RateLimit-Remaining"] == first.headers["X-RateLimit-Remaining"]
        assert again.headers["Access-Control-Allow-Origin"] == "*"


def test_addresses_that_front_ends_generate_keep_working(api):
    """The export links of Opendatasoft's pages answer as they are."""
    for tail in (
        "exports/csv?lang=fr&timezone=Europe%2FBerlin&use_labels=true&delimiter=%3B",
        "exports/geojson?lang=fr&refine=canton%3A%22Auch-1%22"
        "&facet=facet(name%3D%22canton%22%2C%20disjunctive%3Dtrue)&timezone=Europe%2FBerlin",
        "exports/xlsx?qv1=(auch)&lang=fr&timezone=Europe%2FParis&use_labels=true",
    ):
        response = api.get(f"{DATASET}/{tail}")
        assert response.status_code == 200, response.text
        assert "Warning" not in response.headers
