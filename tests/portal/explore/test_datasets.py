"""The descriptions of datasets: whole, in the reader's language and zone, or by chosen fields."""

import pytest

CATALOGUE = "/api/explore/v2.1/catalog"
DATASETS = f"{CATALOGUE}/datasets"
DATASET = f"{DATASETS}/communes-du-gers"
DEFAULT = {
    *(
        "title",
        "description",
        "theme",
        "keyword",
        "license",
        "license_url",
        "language",
        "metadata_languages",
        "timezone",
    ),
    *("modified", "modified_updates_on_metadata_change", "modified_updates_on_data_change", "data_processed"),
    *("metadata_processed", "geographic_reference", "geographic_reference_auto", "territory", "geometry_types", "bbox"),
    *("publisher", "references", "records_count", "attributions", "source_domain", "source_domain_title"),
    *("source_domain_address", "source_dataset", "shared_catalog", "federated", "parent_domain", "update_frequency"),
}
DCAT = {
    *("created", "issued", "creator", "contributor", "contact_name", "contact_email", "accrualperiodicity", "spatial"),
    *("temporal", "granularity", "dataquality", "publisher_type", "conforms_to", "temporal_coverage_start"),
    *("temporal_coverage_end", "accessRights", "relation"),
}


def test_metas_are_complete(api):
    """Every metadata of the reference is there, known or null; lists are lists; the box is that of the records."""
    metas = api.get(DATASET).get_json()["metas"]
    assert set(metas) == {"default", "dcat", "custom"}
    assert (set(metas["default"]), set(metas["dcat"])) == (DEFAULT, DCAT)
    assert metas["default"]["bbox"] == {
        "type": "Feature",
        "geometry": {
            "coordinates": [[[0.5, 43.6], [0.77, 43.6], [0.77, 43.7], [0.5, 43.7], [0.5, 43.6]]],
            "type": "Polygon",
        },
        "properties": {},
    }
    assert metas["default"]["geometry_types"] == ["Point", "Polygon"]
    for name in ("theme", "keyword", "territory", "attributions", "geographic_reference", "metadata_languages"):
        assert isinstance(metas["default"][name], list), name
    plain = api.get(f"{DATASETS}/festivals").get_json()["metas"]["default"]
    assert (plain["bbox"], plain["geometry_types"]) == (None, [])


def test_app_metas_are_true_or_null(api):
    """On request, the size of the stored data; counts of use, which the open data cannot read, are null."""
    metas = api.get(f"{DATASET}?include_app_metas=True").get_json()["metas"]
    assert metas["processing"]["records_size"] > 1000
    assert metas["explore"] == {"download_count": None, "api_call_count": None, "popularity_score": None}
    [first, _] = api.get(f"{DATASETS}?include_app_metas=true").get_json()["results"]
    assert first["metas"] == metas


def test_links_of_datasets_lead_back(api):
    """On request a dataset has its own links, of the kinds that the official kit accepts."""
    links = {each["rel"]: each["href"] for each in api.get(f"{DATASET}?include_links=1").get_json()["_links"]}
    assert set(links) == {"self", "catalog"}
    assert links["self"].endswith(DATASET)


@pytest.mark.parametrize(
    ("select", "expected"),
    [
        ("title", {"title": "Communes du Gers"}),
        ("default.title, records_count", {"default.title": "Communes du Gers", "records_count": 127}),
        ("dataset_id,datasetid", dict.fromkeys(("dataset_id", "datasetid"), "communes-du-gers")),
        ("has_records", {"has_records": True}),
        ("data_visible, visibility", {"data_visible": True, "visibility": "domain"}),
        ("attachments, features", {"attachments": [], "features": ["analyze", "geo", "timeserie"]}),
        ("upper(title) as cri, records_count * 2 as double", {"cri": "COMMUNES DU GERS", "double": 254}),
        ("include(dcat.contact*)", {"dcat.contact_name": None, "dcat.contact_email": None}),
        ("`custom.method`", {"custom.method": None}),
    ],
)
def test_select_chooses_among_metadata(api, select, expected):
    """On one dataset as on the list: dotted names keep their dots, short names are at the root."""
    query = {"select": select, "lang": "fr"}
    assert api.get(DATASET, query_string=query).get_json() == expected
    page = api.get(DATASETS, query_string={**query, "where": "dataset_id='communes-du-gers'"}).get_json()
    assert page["results"] == [expected]


def test_the_fields_of_a_dataset_can_be_selected(api):
    """`fields` is the list that the whole object holds, in the language asked."""
    for lang in ("fr", "en"):
        whole = api.get(DATASET, query_string={"lang": lang}).get_json()
        chosen = api.get(DATASET, query_string={"lang": lang, "select": "fields"}).get_json()
        assert chosen == {"fields": whole["fields"]}
        assert whole["fields"][0]["label"] == {"fr": "Code INSEE", "en": "INSEE code"}[lang]


def test_conditions_and_orders_are_in_the_language_asked(api):
    """What is searched, compared and shown is what the reader of that language sees."""
    query = {"select": "dataset_id,title", "where": "title = 'Communes'", "lang": "en"}
    results = api.get(DATASETS, query_string=query).get_json()["results"]
    assert results == [{"dataset_id": "communes-du-gers", "title": "Communes"}]
    assert api.get(DATASETS, query_string={**query, "lang": "fr"}).get_json()["total_count"] == 0


@pytest.mark.parametrize(
    ("where", "total"),
    [
        ("dataset_id = 'festivals'", 1),
        ("datasetid = 'festivals'", 1),
        ("dataset_uid is not null", 2),
        ("description like 'inventées'", 2),
        ("publisher: 'Département de démonstration'", 2),
        ("license is not null", 2),
        ("theme = 'Culture'", 1),
        ("keyword in ('gers')", 2),
        ("language = 'fr'", 2),
        ("modified >= date'2026'", 2),
        ("records_count > 100", 1),
        ("features = 'geo'", 1),
        ("features LIKE 'geo'", 1),
        ("has_records", 2),
        ("`default.title` = 'Festivals'", 1),
        ("dcat.creator is null", 2),
        ("within(default.bbox, geom'POLYGON((0 43, 1 43, 1 44, 0 44, 0 43))')", 1),
        ('"territoire"', 1),
        ('"domain"', 0),
    ],
)
def test_metadata_filter_the_catalogue(api, where, total):
    """Every metadata that the reference lists can be a condition; what is the same for all finds nothing."""
    page = api.get(DATASETS, query_string={"where": where, "limit": 0, "lang": "fr"})
    assert page.get_json().get("total_count") == total, page.text


@pytest.mark.parametrize("name", ["visibility", "data_visible", "fields", "attachments", "alternative_exports"])
def test_what_is_no_metadata_filters_nothing(api, name):
    """Parts of the object that are not metadata are shown, never conditions, keys or orders."""
    for clause in ("where", "order_by", "group_by"):
        response = api.get(DATASETS, query_string={clause: name if clause != "where" else f"{name} = 'x'"})
        assert response.status_code == 400
        assert f"Field {name} is not allowed in the current clause." in response.get_json()["message"]


def test_orders_by_use_are_accepted(api):
    """Ordering by counts of use, which are not known here, keeps the stable order."""
    for order in ("explore.download_count desc", "-explore.popularity_score", "-explore.api_call_count"):
        page = api.get(DATASETS, query_string={"order_by": order, "select": "dataset_id"}).get_json()
        assert [each["dataset_id"] for each in page["results"]] == ["communes-du-gers", "festivals"]


def test_instants_of_descriptions_follow_the_zone(api):
    """`timezone` moves the instants of metadata, in objects and in chosen fields alike."""
    query = {"timezone": "Europe/Paris"}
    metas = api.get(DATASET, query_string=query).get_json()["metas"]
    assert metas["default"]["modified"] == "2026-11-20T09:00:00+01:00"
    assert metas["dcat"]["issued"] == "2026-11-20T09:00:00+01:00"
    chosen = api.get(DATASET, query_string={**query, "select": "modified"}).get_json()
    assert chosen == {"modified": "2026-11-20T09:00:00+01:00"}


def test_a_record_takes_what_a_page_takes(api):
    """`select`, `lang`, `timezone`, `include_links` and `include_app_metas` on one record as on a page of them."""
    page = {"select": "nom, vu_le", "timezone": "Europe/Paris", "include_links": "1", "include_app_metas": "1"}
    [record] = api.get(f"{DATASET}/records", query_string={**page, "limit": 1}).get_json()["results"]
    alone = api.get(f"{DATASET}/records/{record['_id']}", query_string=page).get_json()
    assert alone == record
    assert list(record) == ["nom", "vu_le", "_id", "_timestamp", "_size", "_links"]
    assert record["vu_le"] == "2024-05-17T10:30:00+02:00"
    assert record["_timestamp"] == "2026-11-20T09:00:00+01:00"
    refused = api.get(f"{DATASET}/records/{record['_id']}", query_string={"select": "count(*)"})
    assert (refused.status_code, refused.get_json()["error_code"]) == (400, "ODSQLError")


def test_the_root_of_the_catalogue_and_its_other_names(api):
    """The root gives links that answer; the network of portals is this catalogue; usage logs are not for readers."""
    links = api.get(f"{CATALOGUE}/").get_json()["links"]
    assert [each["rel"] for each in links] == ["self", "datasets", "exports", "facets"]
    for each in links:
        assert api.get(each["href"].removeprefix("http://127.0.0.1:8000")).status_code == 200
    network = CATALOGUE.replace("/catalog", "/opendatasoft")
    for tail in ("/", "/datasets", "/datasets/communes-du-gers/records/", "//facets"):
        assert api.get(network + tail).data == api.get(CATALOGUE + tail.replace("//", "/")).data
    assert api.get(f"{network}x/datasets").status_code == 404
    for tail in ("", "/", "/datasets", "/datasets/x/records"):
        assert api.get(f"/api/explore/v2.1/monitoring{tail}").status_code == 403
