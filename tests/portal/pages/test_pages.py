"""The public pages, as a browser receives them."""

import re
from html.parser import HTMLParser

import pytest
from flask import Flask
from flask.testing import FlaskClient

from datasets.catalogue.catalogue import keep_alias
from datasets.errors import Busy
from datasets.publish import publish
from portal.errors import answer
from tests.builders import a_release
from tests.portal.pages.sample import PUBLISHED

PATHS = (
    "/",
    "/explore/",
    "/explore/dataset/economies-ges/information/",
    "/explore/dataset/economies-ges/table/",
    "/explore/dataset/economies-ges/map/",
    "/explore/dataset/economies-ges/export/",
    "/explore/dataset/economies-ges/api/",
    "/explore/dataset/economies-ges/disclosure/",
)


DATA = ("application/ld+json", "application/json")
"""Blocks of these types are read, never run: policies let them be."""


class _Outline(HTMLParser):
    """What a page is made of: elements, ids, labels, controls, and what a strict policy would refuse."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.ids: list[str] = []
        self.labelled: set[str] = set()
        self.controls: list[str | None] = []
        self.refused: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        self.tags.append(tag)
        self.ids += [str(given["id"])] if "id" in given else []
        if tag == "label" and given.get("for"):
            self.labelled.add(str(given["for"]))
        if tag in ("select", "textarea") or (tag == "input" and given.get("type") not in ("hidden", "submit")):
            self.controls.append(given.get("id"))
        if tag == "style" or (tag == "script" and not given.get("src") and given.get("type") not in DATA):
            self.refused.append(tag)
        self.refused += [name for name in given if name == "style" or name.startswith("on")]
        address = given.get("src") or (given.get("href") if tag == "link" else None)
        if address and address.startswith(("http:", "https:", "//")) and "127.0.0.1" not in address:
            self.refused.append(address)


def outline(html: str) -> _Outline:
    """Return what a page is made of."""
    parsed = _Outline()
    parsed.feed(html)
    return parsed


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize("lang", ["fr", "en"])
def test_each_page_is_well_built(visitor: FlaskClient, path: str, lang: str) -> None:
    """Each page, in each language, has one h1, its landmarks, unique ids, labelled controls and no inline code."""
    answer = visitor.get(path, query_string={"lang": lang})
    page = outline(answer.text)
    assert answer.status_code == 200
    assert f'<html lang="{lang}">' in answer.text
    assert page.tags.count("h1") == 1
    assert {"header", "main", "footer", "nav"} <= set(page.tags)
    assert len(page.ids) == len(set(page.ids))
    assert {control for control in page.controls if control} <= page.labelled
    assert None not in page.controls
    assert page.refused == []
    assert "Set-Cookie" not in answer.headers


def test_an_empty_portal_says_so(client: FlaskClient) -> None:
    """Before anything is published the home page and the catalogue answer, and say that nothing is there."""
    for path in ("/", "/explore/"):
        answer = client.get(path)
        assert answer.status_code == 200
        assert "Aucun jeu de données n’est encore publié" in answer.text


def test_home_tells_the_last_full_year(visitor: FlaskClient) -> None:
    """The key figures are those of the last full year for the whole country."""
    text = visitor.get("/").text
    assert "France, 2025" in text
    assert "t CO₂e" in text


def test_the_catalogue_is_searched_and_refined(visitor: FlaskClient) -> None:
    """Words and facets narrow the catalogue, and both stay in the address."""
    found = visitor.get("/explore/?q=tournées&refine.theme=Culture").text
    assert "Économies de gaz" in found
    assert "Communes du Gers" not in found
    assert "1 jeu de données" in found


def test_titles_are_ordered_as_in_an_index(visitor: FlaskClient) -> None:
    """Accents do not send a title to the end of the catalogue."""
    text = visitor.get("/explore/").text
    places = [text.index(title) for title in ("Communes du Gers", "Économies de gaz", "Lieux de", "Référentiel des")]
    assert places == sorted(places)


@pytest.mark.parametrize("words", ["tournees", "TOURNÉES", "tournés", "tourn", "mutualisées gaz"])
def test_a_search_forgives(visitor: FlaskClient, words: str) -> None:
    """Accents, capitals and a typing mistake do not matter, the last word may be unfinished, order is free."""
    found = visitor.get("/explore/", query_string={"q": words}).text
    assert "/dataset/economies-ges/information/" in found
    assert "/dataset/communes-du-gers/information/" not in found


def test_nothing_found_offers_ways_out(visitor: FlaskClient) -> None:
    """A search without result is an answer (200) with something to do next."""
    answer = visitor.get("/explore/?q=zzz&refine.theme=Culture")
    assert answer.status_code == 200
    assert "Chercher sans les filtres" in answer.text


def test_what_fails_for_a_while_offers_to_try_again(site: Flask) -> None:
    """A page that found no turn leads back to itself, its question kept; one that is not there to a search."""
    with site.test_request_context("/explore/?q=gaz&lang=fr"):
        page = answer(Busy(seconds=3)).get_data(as_text=True)
    assert '<a class="button" href="/explore/?q=gaz&amp;lang=fr">Réessayer</a>' in page
    missing = site.test_client().get("/explore/dataset/inconnu/table/").text
    assert "Réessayer" not in missing
    assert 'name="q"' in missing
    assert "renommé ou retiré" in missing


def test_unknown_filters_are_named_not_fatal(visitor: FlaskClient) -> None:
    """An old link with a filter that is no more shows the page, and says which filter was left out."""
    answer = visitor.get("/explore/dataset/economies-ges/table/?refine.disparu=1")
    assert answer.status_code == 200
    assert "disparu" in answer.text
    assert "n’a pas été appliqué" in answer.text


def test_a_dataset_leads_to_its_first_tab(visitor: FlaskClient) -> None:
    """`/explore/dataset/{id}/` leads to the information tab, filters kept."""
    answer = visitor.get("/explore/dataset/economies-ges/?refine.periode=2025", follow_redirects=True)
    assert answer.request.path == "/explore/dataset/economies-ges/information/"
    assert "refine.periode=2025" in answer.request.query_string.decode()


def test_former_identifiers_lead_to_the_present_one(app: Flask, client: FlaskClient) -> None:
    """A dataset asked by a former name is found at its present address, filters kept."""
    portal = app.extensions["portal"]
    publish(lambda: portal.databases.session("catalogue"), portal.store, [a_release()], at=PUBLISHED)
    with portal.databases.session("catalogue") as session:
        keep_alias(session, "communes", "communes-du-gers")
    answer = client.get("/explore/dataset/communes/table/?refine.canton=Auch-1")
    assert answer.status_code == 301
    assert answer.location == "/explore/dataset/communes-du-gers/table/?refine.canton=Auch-1"


def test_a_hidden_cell_is_said_in_words(visitor: FlaskClient) -> None:
    """A withheld figure reads « masqué », never zero nor an empty cell, and the page explains why."""
    text = visitor.get("/explore/dataset/economies-ges/table/?refine.masque=true&refine.niveau_geo=departement").text
    rows = re.findall(r"<tr>(.*?)</tr>", text.split("<tbody>")[1], re.DOTALL)
    assert rows
    assert all(row.count("masqué") == 2 for row in rows)
    assert "Certains chiffres sont masqués" in text


def test_the_table_sorts_as_opendatasoft_does(visitor: FlaskClient) -> None:
    """`sort=x` is descending, `sort=-x` ascending, and the header says which."""
    address = "/explore/dataset/communes-du-gers/table/?sort="
    descending, ascending = visitor.get(address + "population").text, visitor.get(address + "-population").text
    assert descending.index("Auch<") < descending.index("Condom<")
    assert ascending.index("Condom<") < ascending.index("Auch<")
    assert 'aria-sort="descending"' in descending
    assert 'aria-sort="ascending"' in ascending


def test_a_page_beyond_the_last_is_the_last(visitor: FlaskClient) -> None:
    """Page numbers out of range, or that are no numbers, still show records."""
    for page in ("999", "0", "-1", "x", "9" * 40):
        answer = visitor.get("/explore/dataset/economies-ges/table/", query_string={"page": page})
        assert answer.status_code == 200
        assert "<td" in answer.text


def test_codes_keep_their_zeros(visitor: FlaskClient) -> None:
    """Codes of territories are shown as they are written."""
    assert ">01<" in visitor.get("/explore/dataset/economies-ges/table/?refine.niveau_geo=departement").text


def test_the_map_hatches_what_is_hidden(visitor: FlaskClient) -> None:
    """The map marks withheld territories with a hatch, and the table beside says it in words."""
    text = visitor.get("/explore/dataset/economies-ges/map/").text
    assert 'class="area area-hidden"' in text
    assert "masqué pour protéger" in text
    assert text.count("<tr data-code=") >= 101


def test_a_dataset_without_geography_has_no_map(visitor: FlaskClient) -> None:
    """The map of a dataset that has no place is a 404, and its tab is not offered."""
    assert visitor.get("/explore/dataset/communes-du-gers/map/").status_code == 404
    assert "/communes-du-gers/map/" not in visitor.get("/explore/dataset/communes-du-gers/table/").text


def test_downloads_and_examples_follow_the_filters(visitor: FlaskClient) -> None:
    """The addresses of the downloads and of the examples hold the filters, and they answer."""
    page = visitor.get("/explore/dataset/economies-ges/export/?refine.periode=2025").text
    address = re.search(r'href="(/api/[^"]*exports/json[^"]*)"', page)
    assert address
    rows = visitor.get(address[1].replace("&amp;", "&")).json
    assert {row["periode"] for row in rows} == {"2025"}
    examples = visitor.get("/explore/dataset/economies-ges/api/?refine.periode=2025").text
    assert "records?refine=periode%3A2025&amp;limit=20" in examples


def test_a_description_cannot_act(app: Flask, client: FlaskClient) -> None:
    """Whatever a producer writes, a description stays text."""
    attack = (
        '<p onclick="x()">Bon<script>alert(1)</script><a href="javascript:alert(1)">jour</a></p><img src=x onerror=x>'
    )
    portal = app.extensions["portal"]
    release = a_release("attaque", title="<b>Titre</b>", description={"fr": attack, "en": attack})
    publish(lambda: portal.databases.session("catalogue"), portal.store, [release], at=PUBLISHED)
    for path in ("/", "/explore/", "/explore/dataset/attaque/information/"):
        text = client.get(path).text
        assert outline(text).refused == []
        assert "alert(1)" not in text
        assert "javascript:" not in text
        assert "<b>Titre" not in text


def test_the_language_of_the_reader(visitor: FlaskClient) -> None:
    """The address decides the language, then the browser, then French; an address that chose keeps it in its links."""
    assert '<html lang="en">' in visitor.get("/", headers={"Accept-Language": "en-GB,en;q=0.9"}).text
    assert '<html lang="fr">' in visitor.get("/", headers={"Accept-Language": "de"}).text
    chosen = visitor.get("/explore/?lang=en", headers={"Accept-Language": "fr"}).text
    assert '<html lang="en">' in chosen
    assert "/explore/dataset/economies-ges/information/?lang=en" in chosen
    assert 'hreflang="fr"' in chosen


def test_hostile_addresses_are_answered(visitor: FlaskClient) -> None:
    """Quotes, markup and odd characters in the address are data: the page answers and repeats them escaped."""
    for text in ('"', "'; drop table x", "<script>alert(1)</script>", "\\", "`", "é" * 300, "\x00"):
        for path in ("/explore/", "/explore/dataset/economies-ges/table/"):
            answer = visitor.get(path, query_string={"q": text, "refine.periode": text, "sort": text, "measure": text})
            assert answer.status_code in (200, 400), text
            assert "<script>alert" not in answer.text
