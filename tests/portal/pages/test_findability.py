"""What others find the site by: addresses for engines, sitemap, robots, schema.org, each read by another reader."""

import json
import re
from datetime import UTC, datetime
from html import unescape
from xml.etree import ElementTree

import pytest
from flask import Flask
from flask.testing import FlaskClient
from rdflib import Graph, Namespace, URIRef
from rdflib.namespace import RDF

from datasets.publish import publish
from portal.pages import findability
from portal.pages.findability import Place, serves, write_index, write_sitemap
from tests.builders import a_release
from tests.portal.pages.sample import PUBLISHED

BASE = "http://127.0.0.1:8000"
SITEMAPS = "{http://www.sitemaps.org/schemas/sitemap/0.9}"
SCHEMA = Namespace("https://schema.org/")
DATED = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d[+-]\d\d:\d\d")
DATASET = "/explore/dataset/economies-ges/information/"
IDS = ("economies-ges", "communes-du-gers", "lieux-de-demonstration")
CARRIED = re.compile(r'<script type="application/ld\+json">(.*?)</script>', re.DOTALL)

LINK = re.compile(r'<link rel="(canonical|alternate)"(?: hreflang="([\w-]+)")? href="([^"]*)">')
META = re.compile(r'<meta (?:name|property)="([\w:]+)" content="([^"]*)">')


# rdflib's own reader of JSON-LD goes by a class that rdflib is leaving.
pytestmark = pytest.mark.filterwarnings("ignore:ConjunctiveGraph is deprecated")


def heads(page: str) -> dict[str, str]:
    """Return the links and the meta of a page, by what they are."""
    found = {f"{kind}{lang}": href for kind, lang, href in LINK.findall(page)}
    return found | dict(META.findall(page))


def read_linked(page: str) -> Graph:
    """Return what a page carries in JSON-LD, read by an RDF library; the context is given, not fetched."""
    (text,) = CARRIED.findall(page)
    linked = json.loads(text)
    assert linked["@context"] == "https://schema.org/"
    vocabulary = {"@vocab": str(SCHEMA), **{name: {"@type": "@id"} for name in ("url", "license", "contentUrl")}}
    return Graph().parse(data=json.dumps(linked | {"@context": vocabulary}), format="json-ld")


@pytest.mark.parametrize("lang", ["fr", "en"])
@pytest.mark.parametrize("path", ["/", "/explore/", DATASET, "/pages/privacy/", "/login/"])
def test_each_page_tells_its_address_and_its_card(visitor: FlaskClient, path: str, lang: str) -> None:
    """A title, a description, one canonical address, the other language, and what a shared link shows."""
    found = heads(visitor.get(path, query_string={"lang": lang}).text)
    assert found["canonical"] == found["og:url"] == f"{BASE}{path}?lang={lang}"
    assert found["alternatefr"] == f"{BASE}{path}?lang=fr"
    assert found["alternateen"] == f"{BASE}{path}?lang=en"
    assert found["alternatex-default"] == f"{BASE}{path}"
    assert all(found[name].strip() for name in ("description", "og:title", "og:description", "og:image", "og:locale"))
    assert found["og:image"].startswith(BASE)


def test_cards_of_shared_links_are_drawn(visitor: FlaskClient) -> None:
    """The home page and a dataset name a card of the size that networks ask, in the language of the page."""
    for path, card in (("/", "/card.png"), (DATASET, "/explore/dataset/economies-ges/card.png")):
        found = heads(visitor.get(path, headers={"Accept-Language": "en"}).text)
        assert (found["og:image"], found["twitter:card"]) == (f"{BASE}{card}?lang=en", "summary_large_image")
        assert serves_image(visitor, card)


def serves_image(visitor: FlaskClient, path: str) -> bool:
    """Tell whether an address is one of the site's."""
    with visitor.application.test_request_context():
        return serves(path)


def test_pages_have_descriptions_of_their_own(visitor: FlaskClient) -> None:
    """Two datasets do not share a description, nor a title."""
    pages = [heads(visitor.get(f"/explore/dataset/{name}/information/").text) for name in IDS]
    assert len({page["og:title"] for page in pages}) == len(IDS)


@pytest.mark.parametrize("query", ["q=tour", "refine.theme=Culture", "sort=records", "page=x", "page=1&page=2"])
def test_a_part_of_a_page_has_no_canonical_address(visitor: FlaskClient, query: str) -> None:
    """A search or a filter is nobody's first choice, and its languages are still told."""
    found = heads(visitor.get(f"/explore/?{query}").text)
    assert "canonical" not in found
    assert query in unescape(found["alternatex-default"])


def test_errors_are_not_to_be_kept(visitor: FlaskClient) -> None:
    """A page that is not there has no address for engines."""
    page = visitor.get("/explore/dataset/inconnu/information/").text
    assert "canonical" not in heads(page)
    assert '<meta name="robots" content="noindex">' in page


def test_the_sitemap_tells_every_dataset_and_each_address_answers(visitor: FlaskClient) -> None:
    """Every published dataset is there once, dated as W3C writes dates; whatever is told answers, and may be kept."""
    assert "lang=" not in visitor.get("/sitemap.xml?lang=en").text
    answer = visitor.get("/sitemap.xml")
    assert answer.mimetype == "application/xml"
    root = ElementTree.fromstring(answer.data)
    assert root.tag == f"{SITEMAPS}urlset"
    places = [each.findtext(f"{SITEMAPS}loc") or "" for each in root]
    assert len(places) == len(set(places))
    assert all(DATED.fullmatch(date.text or "") for date in root.iter(f"{SITEMAPS}lastmod"))
    for name in IDS:
        assert f"{BASE}/explore/dataset/{name}/information/" in places
    assert f"{BASE}/styleguide/" not in places
    for place in places:
        page = visitor.get(place.removeprefix(BASE))
        assert page.status_code == 200, place
        assert "noindex" not in page.text, place


def test_an_empty_portal_has_a_sitemap(client: FlaskClient) -> None:
    """Before the first publication the pages that stand are told."""
    assert f"<loc>{BASE}/</loc>" in client.get("/sitemap.xml").text
    assert client.get("/sitemap-1.xml").status_code == 200
    assert client.get("/sitemap-2.xml").status_code == client.get("/sitemap-0.xml").status_code == 404


def test_many_addresses_make_several_sitemaps(monkeypatch: pytest.MonkeyPatch, visitor: FlaskClient) -> None:
    """Beyond what one sitemap may hold, an index names the others, which together hold everything once."""
    whole = visitor.get("/sitemap.xml").text
    monkeypatch.setattr(findability, "PER_SITEMAP", 3)
    index = ElementTree.fromstring(visitor.get("/sitemap.xml").data)
    assert index.tag == f"{SITEMAPS}sitemapindex"
    parts = [visitor.get((each.findtext(f"{SITEMAPS}loc") or "").removeprefix(BASE)).text for each in index]
    told = [place for part in parts for place in re.findall("<loc>(.*?)</loc>", part)]
    assert sorted(told) == sorted(re.findall("<loc>(.*?)</loc>", whole))


def test_hostile_addresses_stay_xml() -> None:
    """An address with an ampersand is written so that a reader of XML gives it back."""
    place = Place("/a?b=1&c=<2>", datetime(2026, 11, 22, tzinfo=UTC))
    (found,) = ElementTree.fromstring(write_sitemap([place], BASE).encode())
    assert found.findtext(f"{SITEMAPS}loc") == f"{BASE}/a?b=1&c=<2>"
    assert "2026-11-22T00:00:00+00:00" in write_index([place], BASE)


def allows(robots: str, path: str) -> bool:
    """Judge a path as RFC 9309 says: the longest rule that matches decides, and leave beats none."""
    best, allowed = -1, True
    for line in robots.splitlines():
        verb, _, rule = line.partition("#")[0].partition(":")
        pattern = re.escape(rule.strip()).replace(r"\*", ".*")
        if verb in ("Allow", "Disallow") and re.match(pattern, path) and len(rule) > best:
            best, allowed = len(rule), verb == "Allow"
    return allowed


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("/", True),
        ("/explore/", True),
        (DATASET, True),
        ("/explore/dataset/economies-ges/table/?lang=en", True),
        ("/explore/?q=gaz", False),
        ("/explore/?lang=fr&refine.theme=Culture", False),
        ("/explore/dataset/economies-ges/table/?sort=-periode", False),
        ("/explore/dataset/economies-ges/table/?page=12", False),
        ("/explore/dataset/economies-ges/table/?from.nb_tournees=3", False),
        ("/explore/dataset/economies-ges/table/?columns=periode", False),
        ("/explore/dataset/economies-ges/chart/?form=bar&by=periode", False),
        ("/explore/dataset/economies-ges/chart/?lang=en", True),
        ("/explore/dataset/economies-ges/card.png", True),
        ("/embed/economies-ges/chart/", False),
        ("/api/explore/v2.1/catalog/datasets/economies-ges/exports/csv", False),
        ("/api/explore/v2.1/catalog/exports/dcat_ap", True),
        ("/api/explore/v2.1/console", True),
        ("/account/", False),
    ],
)
def test_robots_leave_what_has_no_end_and_what_costs(visitor: FlaskClient, path: str, expected: bool) -> None:
    """Pages are crawled; searches, filters, orders, pages of lists, whole files and private pages are not."""
    robots = visitor.get("/robots.txt")
    assert robots.mimetype == "text/plain"
    assert allows(robots.text, path) is expected
    assert f"Sitemap: {BASE}/sitemap.xml" in robots.text


@pytest.mark.parametrize("lang", ["fr", "en"])
def test_a_dataset_is_told_in_schema_org(visitor: FlaskClient, lang: str) -> None:
    """An RDF library finds the dataset, what engines require of it, and files whose addresses answer."""
    graph = read_linked(visitor.get(DATASET, query_string={"lang": lang}).text)
    node = URIRef(f"{BASE}{DATASET}")
    assert (node, RDF.type, SCHEMA.Dataset) in graph
    for name in (
        "name",
        "description",
        "license",
        "creator",
        "dateModified",
        "variableMeasured",
        "keywords",
        "version",
    ):
        assert graph.value(node, SCHEMA[name]) is not None, name
    saving = "Économie attribuable" if lang == "fr" else "Attributable saving"
    assert saving in {str(name) for name in graph.objects(None, SCHEMA.name)}
    files = {str(graph.value(file, SCHEMA.encodingFormat)): str(graph.value(file, SCHEMA.contentUrl))
             for file in graph.objects(node, SCHEMA.distribution)}  # fmt: skip
    assert {"text/csv", "application/json", "application/vnd.apache.parquet"} <= set(files)
    answer = visitor.get(files["text/csv"].removeprefix(BASE))
    assert (answer.status_code, answer.mimetype) == (200, "text/csv")


def test_the_site_is_told_in_schema_org(visitor: FlaskClient) -> None:
    """The home page tells the site, how it is searched, and its catalogue."""
    graph = read_linked(visitor.get("/").text)
    site = graph.value(None, RDF.type, SCHEMA.WebSite)
    assert graph.value(None, RDF.type, SCHEMA.DataCatalog) is not None
    target = graph.value(graph.value(site, SCHEMA.potentialAction), SCHEMA.target)
    assert "{search_term_string}" in str(graph.value(target, SCHEMA.urlTemplate))


def test_what_a_producer_writes_cannot_leave_the_data_block(app: Flask, client: FlaskClient) -> None:
    """A closing tag in a title stays a text of the JSON, and is given back whole."""
    title = 'Fin </script><script>alert(1)</script> "&"'
    portal = app.extensions["portal"]
    release = a_release(title=title, keyword=None, theme=None, territory=None)
    publish(lambda: portal.databases.session("catalogue"), portal.store, [release], at=PUBLISHED)
    page = client.get("/explore/dataset/communes-du-gers/information/").text
    assert "alert(1)</script>" not in page
    (name,) = read_linked(page).objects(URIRef(f"{BASE}/explore/dataset/communes-du-gers/information/"), SCHEMA.name)
    assert str(name) == title


def test_a_weakness_has_somebody_to_be_told(visitor: FlaskClient) -> None:
    """security.txt has the two fields that RFC 9116 requires, the second less than a year and a day ahead."""
    fields = dict(line.split(": ", 1) for line in visitor.get("/.well-known/security.txt").text.splitlines())
    assert fields["Contact"].startswith("mailto:")
    assert datetime(2026, 11, 22, tzinfo=UTC) < datetime.fromisoformat(fields["Expires"])
    assert datetime.fromisoformat(fields["Expires"]) < datetime(2027, 11, 24, tzinfo=UTC)


def test_icons_are_found(visitor: FlaskClient) -> None:
    """The icon stands where old readers look for it, as an image."""
    answer = visitor.get("/favicon.ico", follow_redirects=True)
    assert (answer.status_code, answer.mimetype) == (200, "image/png")
