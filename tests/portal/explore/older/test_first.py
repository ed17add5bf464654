"""Version 1 beyond its shapes: JavaScript, feeds, files, filters, maps, hostile text."""

import csv
import io
import itertools
import json
import struct
import xml.etree.ElementTree as ElementTree

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from datasets.catalogue.catalogue import keep_alias
from datasets.model import Field, Schema
from datasets.publish import publish
from portal import create_app
from portal.explore.older import first
from portal.instance import prepare_instance
from tests.portal.explore.communes import AT, a_release, a_square, describe

SEARCH = "/api/records/1.0/search/"
DOWNLOAD = "/explore/dataset/communes-du-gers/download/"
ATOM = "{http://www.w3.org/2005/Atom}"


def ask(api, address=SEARCH, **asked):
    return api.get(address, query_string={"dataset": "communes-du-gers"} | asked)


def names(response):
    return [record["fields"]["nom"] for record in response.get_json()["records"]]


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        ({"q": "mirand"}, ["Mirande"]),
        ({"q": "AUCH"}, ["Auch", "Ansan", "Antras"]),
        ({"q": "auch -ville-porte"}, ["Ansan", "Antras"]),
        ({"q": "population:[80 TO 90] OR nom:condom"}, ["Ansan", "Condom"]),
        ({"q": "#null(canton)"}, ['L\'"Îlot"; perdu']),
        ({"q.un": "nom:auch", "q.deux": "population>100"}, ["Auch"]),
        ({"refine.labels": "art"}, ["Auch", "Ansan"]),
        ({"refine.labels": "art", "exclude.canton": "Auch-1"}, []),
        ({"refine.maj": "2024/01"}, ["Antras"]),
        ({"q": "population>3000", "sort": "population"}, ["Auch", "Condom", "Mirande"]),
        ({"q": "population>3000", "sort": "-population"}, ["Mirande", "Condom", "Auch"]),
        ({"q": "population>3000", "sort": "-nom,population"}, ["Auch", "Condom", "Mirande"]),
        ({"geofilter.distance": "43.6465,0.5863,20000", "sort": "-dist"}, ["Auch", "Ansan"]),
        ({"geofilter.polygon": "(43.69,0.7),(43.75,0.7),(43.75,0.8),(43.69,0.8)"}, ["Ansan"]),
        ({"geofilter.polygon": "((43.69,0.7),(43.75,0.7),(43.75,0.8),(43.69,0.8))"}, ["Ansan"]),
        ({"geofilter.bbox": "43.6,0.5,43.66,0.6"}, ["Auch"]),
        ({"rows": 2, "start": 1}, ["Aignan", "Ansan"]),
    ],
)
def test_conditions_of_version_1_keep_the_right_records(api, asked, found):
    """`q`, refinements, geographic filters and `sort`, which goes downwards, choose the records and their order."""
    assert names(ask(api, **asked)) == found


def test_a_record_is_found_alone_by_its_identifier(api):
    """`recordid` leads to the same record, and a map finds it by `geo_digest`; any other identifier is a 404."""
    [record] = ask(api, rows=1).get_json()["records"]
    address = f"/api/datasets/1.0/communes-du-gers/records/{record['recordid']}/"
    assert api.get(address).get_json() == record
    assert api.get(f"{address}?format=jsonp&callback=f").text == f"/**/f({json.dumps(record, ensure_ascii=False)});"
    assert ask(api, geo_digest=record["recordid"]).get_json()["records"] == [record]
    missing = api.get(f"/api/datasets/1.0/communes-du-gers/records/{'0' * 40}/")
    assert (missing.status_code, missing.get_json()["error_code"]) == (404, "NotFoundResource")


def test_script_answers_cannot_be_anything_else(api):
    """A jsonp answer is JavaScript by its type, opens with a comment, and never holds a raw line separator."""
    response = ask(api, callback="app.done", rows=0, q="a\u2028b")
    assert response.content_type == "application/javascript; charset=utf-8"
    assert response.headers["X-Content-Type-Options"] == "nosniff"
    assert response.text.startswith("/**/app.done({")
    assert "\u2028" not in response.text


def test_pretty_answers_say_the_same(api):
    """`pretty_print` changes the look alone."""
    plain, pretty = ask(api, rows=1), ask(api, rows=1, pretty_print="true")
    assert plain.get_json() == pretty.get_json()
    assert pretty.text.startswith('{\n    "nhits"')


def test_feeds_are_well_formed(api):
    """RSS and Atom have an entry per record, each with an identifier of its own."""
    rss = ElementTree.fromstring(ask(api, rows=3, format="rss", q="îlot OR auch").data)
    items = rss.findall("channel/item")
    assert [item.findtext("title") for item in items] == ["Auch", "Ansan", "Antras"]
    assert len({item.findtext("guid") for item in items}) == 3
    atom = ElementTree.fromstring(ask(api, rows=3, format="atom").data)
    assert len(atom.findall(f"{ATOM}entry")) == 3
    assert atom.findtext(f"{ATOM}updated") == "2026-11-20T08:00:00+00:00"


def test_a_download_has_no_cap_and_no_mark(api):
    """Everything comes by default, in UTF-8 without a byte-order mark, by its format or by that of spreadsheets."""
    response = api.get(DOWNLOAD)
    assert not response.data.startswith(b"\xef\xbb\xbf")
    assert len(list(csv.reader(io.StringIO(response.text), delimiter=";"))) == 128
    assert len(api.get(f"{DOWNLOAD}?format=json").get_json()) == 127
    assert api.get(f"{DOWNLOAD}?format=geojson&rows=2").get_json()["type"] == "FeatureCollection"
    sheet = api.get(f"{DOWNLOAD}?format=xls&rows=1")
    assert sheet.headers["Content-Disposition"] == 'attachment; filename="communes-du-gers.xlsx"'
    assert sheet.data[:2] == b"PK"


def test_labels_are_for_headers_alone(api):
    """A client that always asks for labels still finds fields by their names in JSON, points turned round."""
    asked = {"use_labels_for_header": "True", "rows": 1, "fields": "nom,geo_point_2d"}
    [record] = api.get(DOWNLOAD, query_string={**asked, "format": "json"}).get_json()
    assert record["fields"] == {"nom": "Auch", "geo_point_2d": [43.6465, 0.5863]}
    [feature] = api.get(DOWNLOAD, query_string={**asked, "format": "geojson"}).get_json()["features"]
    assert set(feature["properties"]) == {"nom", "geo_point_2d"}
    assert api.get(DOWNLOAD, query_string=asked).text.startswith("Nom;Point\r\n")


def test_an_unchanged_download_is_not_sent_again(api):
    """Answers of version 1 have the validators of version 2.1."""
    first_time = api.get(DOWNLOAD)
    again = api.get(DOWNLOAD, headers={"If-None-Match": first_time.headers["ETag"]})
    assert (again.status_code, again.data) == (304, b"")
    assert "ETag" not in ask(api, q="vu_le>#now(years=-1)").headers


def test_the_catalogue_has_the_objects_of_version_1(api):
    """Flat metadata without nulls, annotations in lists, the other templates on request."""
    page = api.get("/api/datasets/1.0/search/?rows=1&facet=theme&refine.theme=Territoire").get_json()
    assert (page["nhits"], page["facet_groups"][0]["name"]) == (1, "theme")
    themes = [(facet["path"], facet["state"]) for facet in page["facet_groups"][0]["facets"]]
    assert themes == [("Culture", "displayed"), ("Territoire", "refined")]
    [dataset] = page["datasets"]
    assert dataset["datasetid"] == "communes-du-gers"
    metas = dataset["metas"]
    assert (metas["title"], metas["records_count"], metas["theme"]) == ("Communes du Gers", 127, ["Territoire"])
    assert (metas["domain"], metas["visibility"]) == ("127.0.0.1:8000", "domain")
    assert None not in metas.values()
    fields = {field["name"]: field for field in dataset["fields"]}
    assert fields["canton"]["annotations"] == [{"name": "facet", "args": []}]
    assert {"name": "unit", "args": ["km2"]} in fields["surface_km2"]["annotations"]
    assert "interop_metas" not in dataset
    more = api.get("/api/datasets/1.0/communes-du-gers/?interopmetas=true&extrametas=true&assetmetas=true")
    assert {"dcat"} <= set(more.get_json()["interop_metas"])
    assert "custom" in more.get_json()["extra_metas"]


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        ("q=culture", ["festivals"]),
        ("q=records_count>100", ["communes-du-gers"]),
        ("sort=records_count", ["communes-du-gers", "festivals"]),
        ("sort=-records_count", ["festivals", "communes-du-gers"]),
        ("exclude.theme=Culture", ["communes-du-gers"]),
        ("q=publisher:%22Département+de+démonstration%22+AND+NOT+theme:culture", ["communes-du-gers"]),
        ("refine.modified=2026/11/20&sort=title", ["festivals", "communes-du-gers"]),
        ("sort=popularity", ["communes-du-gers", "festivals"]),
    ],
)
def test_the_catalogue_is_searched_as_records_are(api, asked, found):
    """`q`, refinements and `sort` work on metadata by their short names."""
    page = api.get(f"/api/datasets/1.0/search/?{asked}").get_json()
    assert [dataset["datasetid"] for dataset in page["datasets"]] == found


def test_the_catalogue_comes_as_csv_and_rss(api):
    """The catalogue's own exporters write the formats of version 1."""
    table = api.get("/api/datasets/1.0/search/?format=csv")
    assert table.data.startswith(b"dcat.")
    feed = ElementTree.fromstring(api.get("/api/datasets/1.0/search/?format=rss").data)
    assert len(feed.findall("channel/item")) == 2


def test_errors_of_version_1_are_never_pages(api):
    """Whatever goes wrong, a program gets JSON in both vocabularies, in its language, open to other sites."""
    for address in ("/explore/dataset/nope/download/", "/api/datasets/1.0/nope/", "/api/datasets/1.0/a/b/c"):
        response = api.get(f"{address}?lang=fr", headers={"Accept": "text/html", "Origin": "https://elsewhere.example"})
        assert (response.status_code, response.mimetype) == (404, "application/json")
        body = response.get_json()
        assert body["error"] == body["message"]
        assert "pas" in body["error"]
        assert response.headers["Access-Control-Allow-Origin"] == "*"


def test_slashes_and_forms_do_not_matter(api):
    """Addresses answer with and without a trailing slash, with a doubled one, by GET and by form POST."""
    plain = ask(api, rows=1).data
    assert ask(api, SEARCH.rstrip("/"), rows=1).data == plain
    assert ask(api, "/api//records/1.0//search/", rows=1).data == plain
    assert api.post(SEARCH, data={"dataset": "communes-du-gers", "rows": "1"}).data == plain


def test_a_quota_is_one_for_all_versions(api):
    """Calls of version 1 are counted with the others, and say what is left; preflights are free."""
    left = int(ask(api, rows=0).headers["X-RateLimit-Remaining"])
    assert int(api.get(f"{DOWNLOAD}?rows=0").headers["X-RateLimit-Remaining"]) == left - 1
    assert int(api.get("/api/v2/catalog/datasets?limit=0").headers["X-RateLimit-Remaining"]) == left - 2
    assert "X-RateLimit-Remaining" not in api.options(SEARCH).headers


def test_an_exhausted_quota_is_told_in_both_vocabularies(tmp_path):
    """The 429 of version 1 has the number and the words that odsclient reads, and those of version 2.1."""
    prepare_instance(tmp_path / "instance")
    app = create_app({"instance": tmp_path / "instance", "limits_url": "memory://", "api_limit": "1 per day"})
    app.extensions["portal"].databases.migrate()
    client = app.test_client()
    assert client.get("/api/datasets/1.0/search/").status_code == 200
    response = client.get("/explore/dataset/any/download/")
    body = response.get_json()
    assert (response.status_code, body["errorcode"], body["error_code"]) == (429, 10005, "TooManyRequests")
    assert {"error", "message", "reset_time", "call_limit", "limit_time_unit"} <= set(body)


def test_former_names_lead_to_the_present_one(published):
    """An address that holds a former identifier redirects with its query; a parameter is simply understood."""
    with published.extensions["portal"].databases.session("catalogue") as session:
        keep_alias(session, "villages", "communes-du-gers")
    client = published.test_client()
    moved = client.get("/explore/dataset/villages/download/?rows=1")
    assert (moved.status_code, moved.location) == (301, "/explore/dataset/communes-du-gers/download?rows=1")
    assert client.get("/api/datasets/1.0/villages/").location == "/api/datasets/1.0/communes-du-gers"
    assert client.get(f"{SEARCH}?dataset=villages&rows=0").get_json()["nhits"] == 127
    assert client.get("/api/v2/catalog/datasets/villages/records").status_code == 301


def test_maps_draw_shapes_of_every_kind(published):
    """Collections and empty shapes are drawn or left out; a dataset without points is placed by its shapes."""
    square = a_square(0.5, 43.6)
    shapes = [square, struct.pack("<BII", 1, 7, 1) + square, struct.pack("<BII", 1, 3, 0), None]
    schema = Schema((Field("contour", "geo_shape"),))
    release = a_release(
        "contours", schema, [{"contour": each} for each in shapes], describe("Contours", "Outlines", "Carte")
    )
    portal = published.extensions["portal"]
    publish(lambda: portal.databases.session("catalogue"), portal.store, [release], at=AT)
    client = published.test_client()
    box = ask(client, "/api/records/1.0/boundingbox/", dataset="contours").get_json()
    assert box["bbox"] == [0.5, 43.6, 0.6, 43.7]
    assert box["geometries"] == {"Polygon": 2, "GeometryCollection": 1}
    clusters = ask(client, "/api/records/1.0/geopolygon/", dataset="contours").get_json()["clusters"]
    assert [[round(degrees, 2) for degrees in each["cluster_center"]] for each in clusters] == [[43.65, 0.55]] * 2
    assert len(ask(client, "/api/records/1.0/geopreview/", dataset="contours").get_json()) == 3
    near = {"dataset": "contours", "geofilter.distance": "43.6,0.5,10"}
    [first_one, *_] = ask(client, **near).get_json()["records"]
    assert first_one["geometry"]["type"] == "Polygon"
    assert first_one["fields"]["dist"] == 0


def test_pages_of_old_links_lead_to_ours(api):
    """Tabs and iframes that version 1 named end on a page of the dataset."""
    base = "/explore/dataset/communes-du-gers"
    for old, present in (
        (f"{base}/analyze/", f"{base}/information/"),
        ("/explore/embed/dataset/communes-du-gers/", f"{base}/information/"),
        ("/explore/embed/dataset/communes-du-gers/table/", f"{base}/table/"),
        ("/explore/embed/dataset/communes-du-gers/map/", f"{base}/map/"),
    ):
        response = api.get(old)
        assert (response.status_code, response.location) == (301, present)
        assert api.get(present).status_code == 200


def test_attached_files_are_where_version_2_has_them(api):
    """Attachments and alternative exports redirect to their present addresses."""
    for kind in ("attachments", "alternative_exports"):
        response = api.get(f"/api/datasets/1.0/communes-du-gers/{kind}/notice/")
        assert response.status_code == 302
        assert response.location == f"/api/explore/v2.1/catalog/datasets/communes-du-gers/{kind}/notice"


def test_an_empty_portal_has_an_empty_catalogue(client):
    """Before anything is published, the catalogue is empty, not an error."""
    assert client.get("/api/datasets/1.0/search/").get_json()["nhits"] == 0
    page = client.get("/api/v2/catalog/datasets").get_json()
    assert (page["total_count"], page["datasets"]) == (0, [])


HOSTILE = ["\x00", "'\"`\\[", "a\r\nX-Evil: 1", "#now(", "1e999", "-1", "," * 50]
PARAMETERS = [
    *("q", "sort", "fields", "facet", "rows", "start", "format", "callback", "timezone", "lang", "refine.canton"),
    *("refine.\x00", "disjunctive.canton", "geofilter.distance", "geofilter.polygon", "geofilter.bbox", "geo_digest"),
]
FIGURES = ["x", "precision", "periodic", "maxpoints", "sort", "y.a.func", "y.a.expr", "y.\x00.func", "x.maj.precision"]


@pytest.mark.parametrize(("name", "text"), list(itertools.product(PARAMETERS, HOSTILE)))
def test_hostile_text_in_a_search_is_an_answer(api, name, text):
    """Text of any kind in a parameter gives a page or a 400, never a failure, and no header of its own."""
    response = ask(api, rows="1", **{name: text}) if name != "rows" else ask(api, rows=text)
    assert response.status_code in (200, 400), response.text
    assert "X-Evil" not in response.headers


@pytest.mark.parametrize(("name", "text"), list(itertools.product(FIGURES, HOSTILE)))
def test_hostile_text_in_an_analysis_is_an_answer(api, name, text):
    """Text of any kind in an analysis gives figures or a 400, never a failure."""
    asked = {"x": "maj", "y.n.func": "COUNT", name: text}
    assert ask(api, "/api/records/1.0/analyze/", **asked).status_code in (200, 400)


QUERIES = st.lists(
    st.sampled_from(
        [
            *("nom", "population", "maj", "labels", "geo_shape", "geo_point_2d", ":", "==", ">", "[1 TO 5]", "(", ")"),
            *("*", '"auch"', "a?b*", " AND ", " OR ", " NOT ", " -", "12", "2024/05", "#null(maj)", "#now(days=1)"),
            *('#search("ach")', '#geometry(geo_shape,"POINT(0 1)")', '#geometry(geo_shape,"x")', "é", "\x00"),
        ]
    ),
    max_size=8,
).map("".join)


@settings(max_examples=25, deadline=None)
@given(QUERIES)
def test_any_query_runs_or_is_refused(shared, text):
    """Whatever the query, the engine answers or a 400 says why not."""
    assert ask(shared.test_client(), rows=0, q=text).status_code in (200, 400)


def test_every_view_of_version_1_counts_as_a_call(shared):
    """Each address of version 1 is limited, closed to nobody and known to the docs by its path."""
    rules = [rule for rule in shared.url_map.iter_rules() if rule.endpoint.startswith(first.bp.name)]
    assert len(rules) >= 16
    assert all({"GET", "POST"} <= (rule.methods or set()) and not rule.strict_slashes for rule in rules)


def test_only_pages_have_a_cap(api):
    """`rows` beyond a page is for files and figures to take, and refused to searches alone."""
    assert ask(api, DOWNLOAD, rows=50_000).status_code == 200
    assert ask(api, "/api/records/1.0/analyze/", **{"rows": 1_000_000, "y.n.func": "COUNT"}).get_json() == [{"n": 127}]
    assert ask(api, rows=50_000).status_code == 400
