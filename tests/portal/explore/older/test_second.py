"""Version 2.0: its envelopes, its defaults, and the word that it is deprecated."""

import csv
import io

import pytest

BASES = ("/api/explore/v2.0", "/api/v2")
PRESENT = "/api/explore/v2.1"
DATASET = "/catalog/datasets/communes-du-gers"
ADDRESSES = [
    *("/catalog", "/catalog/datasets", "/catalog/facets", "/catalog/exports", "/catalog/exports/csv", DATASET),
    *(f"{DATASET}/{part}" for part in ("records", "facets", "exports", "exports/geojson", "attachments", "query")),
    f"{DATASET}/aggregates?select=count(*)",
]
WRONG = ("/nowhere", "", "/catalog/datasets?limit=101", f"{DATASET}/exports/nope")


@pytest.mark.parametrize("address", ADDRESSES)
def test_both_addresses_answer_alike(api, address):
    """Either base answers, with or without a slash at the end and doubled ones, but for its own links."""
    first, second = (api.get(base + address) for base in BASES)
    assert first.status_code == 200
    assert first.data.replace(BASES[0].encode(), BASES[1].encode()) == second.data
    path, mark, query = address.partition("?")
    for other in (f"{path}/{mark}{query}", f"/{path}{mark}{query}"):
        assert api.get(BASES[0] + other).data.replace(b"/?", b"?") == first.data


@pytest.mark.parametrize(
    "address", [*ADDRESSES, "/nowhere", "", "/catalog/datasets?limit=101", f"{DATASET}/exports/nope"]
)
@pytest.mark.parametrize("base", BASES)
def test_every_answer_says_that_it_is_deprecated(api, base, address):
    """Answers and errors name the version to use, and a page of ours that tells what changed."""
    response = api.get(base + address)
    told = "deprecated API version (v2.0), please use the current v2.1 version"
    assert response.headers["ODS-Explore-API-Deprecation"] == told
    assert response.headers["Link"] == (
        '<http://127.0.0.1:8000/explore/api-versions/>; rel="deprecation"; type="text/html"'
    )
    assert {"ODS-Explore-API-Deprecation", "Link"} <= set(response.headers["Access-Control-Expose-Headers"].split(", "))


def test_the_present_version_is_not_deprecated(api):
    """Version 2.1 and version 1 never carry the word, which clients print."""
    for address in (f"{PRESENT}{DATASET}", f"{PRESENT}/nowhere", "/api/datasets/1.0/search/", "/api/v2x"):
        assert "ODS-Explore-API-Deprecation" not in api.get(address).headers


def test_the_page_of_versions_speaks_both_languages(api):
    """The page to which the header leads answers people in French and in English."""
    french, english = (api.get(f"/explore/api-versions/?lang={lang}") for lang in ("fr", "en"))
    assert "<h1>Versions de l’API</h1>" in french.text
    assert "<h1>Versions of the API</h1>" in english.text
    assert all(base in english.text.replace("<wbr>", "") for base in BASES)


def test_a_dataset_is_wrapped(api):
    """The object of version 2.1 stands under `dataset`, its links beside; a page has `datasets` of them."""
    wrapped = api.get(f"/api/v2{DATASET}").get_json()
    present = api.get(f"{PRESENT}{DATASET}").get_json()
    assert wrapped["dataset"] == present
    links = {link["rel"]: link["href"] for link in wrapped["links"]}
    assert links["records"] == f"http://127.0.0.1:8000/api/v2{DATASET}/records"
    page = api.get("/api/v2/catalog/datasets?limit=1").get_json()
    assert (page["total_count"], page["datasets"][0]) == (2, wrapped)
    assert [link["rel"] for link in page["links"]] == ["self", "first", "last", "next"]


def test_links_of_records_answer(api):
    """A record's own link gives the same record, in the same envelope."""
    [record] = api.get(f"/api/v2{DATASET}/records?rows=1&start=2").get_json()["records"]
    own = next(link["href"] for link in record["links"] if link["rel"] == "self")
    assert api.get(own.removeprefix("http://127.0.0.1:8000")).get_json() == record
    missing = api.get(f"/api/v2{DATASET}/records/{'0' * 40}")
    assert (missing.status_code, missing.get_json()["error_code"]) == (404, "NotFoundResource")


def test_groups_are_wrapped_as_records_when_records_are_asked(api):
    """`group_by` on /records gives groups under `fields`, counted without the null one."""
    body = api.get(f"/api/v2{DATASET}/records?select=count(*) as n&group_by=canton&order_by=-n&limit=1").get_json()
    assert body["total_count"] == 5
    assert body["records"][0]["record"]["fields"] == {"canton": "Ailleurs", "n": 120}


def test_null_groups_stay_when_the_query_names_them(api):
    """A group that `ifnull` names is one like the others."""
    asked = f"/api/v2{DATASET}/aggregates?select=count(*) as n&group_by=ifnull(canton, 'aucun') as c"
    groups = {group["c"]: group["n"] for group in api.get(asked).get_json()["aggregations"]}
    assert groups["aucun"] == 1


def test_aggregates_have_no_page(api):
    """Every group comes by default, and `limit` cuts."""
    asked = f"/api/v2{DATASET}/aggregates?select=count(*)&group_by=code_insee"
    assert len(api.get(asked).get_json()["aggregations"]) == 127
    assert len(api.get(f"{asked}&limit=3").get_json()["aggregations"]) == 3
    assert api.get(f"{asked}&limit=20001").status_code == 400


def test_files_are_those_of_version_2_1_but_for_the_mark(api):
    """An export is the same bytes, its CSV without a byte-order mark unless asked; spreadsheets keep `xls`."""
    present, older = (api.get(f"{base}{DATASET}/exports/csv") for base in (PRESENT, "/api/v2"))
    assert present.data == b"\xef\xbb\xbf" + older.data
    assert api.get(f"/api/v2{DATASET}/exports/csv?with_bom=true").data == present.data
    assert api.get(f"/api/v2{DATASET}/exports/json").data == api.get(f"{PRESENT}{DATASET}/exports/json").data
    assert len(list(csv.reader(io.StringIO(older.text), delimiter=";"))) == 128
    assert b"<extensions>" in api.get(f"{PRESENT}{DATASET}/exports/gpx").data
    assert b"<extensions>" not in api.get(f"/api/v2{DATASET}/exports/gpx").data
    assert api.get("/api/v2/catalog/exports/dcat-ap-ch").status_code == 200
    names = [link["rel"] for link in api.get(f"/api/v2{DATASET}/exports").get_json()["links"]]
    assert "xls" in names
    assert "xlsx" not in names
    sheet = api.get(f"/api/v2{DATASET}/exports/xls?limit=1")
    assert sheet.headers["Content-Disposition"] == 'attachment; filename="communes-du-gers.xlsx"'
    assert sheet.mimetype == "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
    assert sheet.data[:2] == b"PK"


def test_an_unchanged_answer_is_not_sent_again(api):
    """Answers of version 2.0 have validators too."""
    for address in (DATASET, f"{DATASET}/records", f"{DATASET}/exports/json", "/catalog/datasets"):
        first = api.get(f"/api/v2{address}")
        assert api.get(f"/api/v2{address}", headers={"If-None-Match": first.headers["ETag"]}).status_code == 304


def test_a_remembered_answer_is_never_that_of_another_address(api):
    """The links of a page are those of its own request, in each version and whatever parameters it came with."""
    pages = [api.get(f"{base}/catalog/datasets?limit=1{more}").text for base in BASES for more in ("", "&x=1")]
    assert len(set(pages)) == 4
    assert "x=1" not in pages[0]
