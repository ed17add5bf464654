"""The pages and the drawings of charts, as browsers and other sites receive them."""

import csv
import html
import io
import re
from pathlib import Path
from urllib.parse import parse_qs, urlsplit
from xml.etree import ElementTree

import pytest
from flask import Flask
from flask.testing import FlaskClient
from PIL import Image

from portal.pages.charts import cards
from portal.pages.charts.viewing import DRAWER
from tests.portal.pages.test_pages import outline

CHART = "/explore/dataset/economies-ges/chart/"


def addresses(text: str, ending: str) -> list[str]:
    """Return the addresses of a page that hold a text."""
    return [
        html.unescape(each) for each in re.findall(r'(?:href|src|srcset|data-chart)="([^"]+)"', text) if ending in each
    ]


@pytest.mark.parametrize("lang", ["fr", "en"])
@pytest.mark.parametrize(
    "path",
    [
        CHART,
        f"{CHART}?by=nom_geo&refine.niveau_geo=departement&refine.periode=2025",
        "/explore/dataset/lieux-de-demonstration/chart/",
        "/explore/dataset/communes-du-gers/chart/",
        "/explore/dataset/referentiel-territoires/chart/?form=points&top=100",
    ],
)
def test_each_chart_page_is_well_built(visitor: FlaskClient, path: str, lang: str) -> None:
    """A page of a chart has its landmarks, labelled controls, unique ids, words and a table; nothing inline."""
    answer = visitor.get(path, query_string=None if "?" in path else {"lang": lang})
    page = outline(answer.text)
    assert answer.status_code == 200
    assert page.tags.count("h1") == 1
    assert len(page.ids) == len(set(page.ids))
    assert {control for control in page.controls if control} <= page.labelled
    assert page.refused == []
    assert "chart-words" in page.ids
    assert "table" in page.tags


def test_the_page_draws_nothing_itself(site: Flask, visitor: FlaskClient) -> None:
    """The program that draws is asked by pictures, never by the page, which comes at once."""
    drawer = site.extensions[DRAWER]
    before = sorted(drawer.folder.glob("*.*")) if drawer.folder.exists() else []
    visitor.get(f"{CHART}?order=rising")
    assert (sorted(drawer.folder.glob("*.*")) if drawer.folder.exists() else []) == before


def test_pictures_suit_the_width_and_the_theme(visitor: FlaskClient) -> None:
    """The page names a drawing for narrow and wide screens, by day and by night, each kept for ever."""
    found = addresses(visitor.get(CHART).text, "chart.svg")
    looks = {
        (asked["size"][0], asked["theme"][0]) for each in found if "theme" in (asked := parse_qs(urlsplit(each).query))
    }
    assert looks == {(size, theme) for size in ("narrow", "wide") for theme in ("light", "dark")}
    answer = visitor.get(found[0])
    assert answer.headers["Cache-Control"] == "public, max-age=31536000, immutable"
    assert answer.content_type == "image/svg+xml"
    assert ElementTree.fromstring(answer.data).get("width") == "340"


def test_a_drawing_without_a_version_is_asked_again(visitor: FlaskClient) -> None:
    """An address that names no version is validated, and an unchanged drawing is not sent twice."""
    answer = visitor.get("/explore/dataset/economies-ges/chart.svg")
    assert answer.headers["Cache-Control"] == "no-cache"
    assert {"accept-language", "accept-encoding"} <= {name.lower() for name in answer.vary}
    again = visitor.get("/explore/dataset/economies-ges/chart.svg", headers={"If-None-Match": answer.headers["ETag"]})
    assert again.status_code == 304


def test_figures_of_the_page_the_drawing_and_the_api_agree(visitor: FlaskClient) -> None:
    """The CSV of the figures holds the numbers of the table of the page, which are those of the drawing."""
    page = visitor.get(f"{CHART}?lang=en&by=nom_geo&refine.niveau_geo=region&refine.periode=2025").text
    cells = re.findall(r'<th scope="row">([^<]+)</th><td class="amount">([\d,-]+)</td>', page)
    told = {html.unescape(name): float(value.replace(",", "")) for name, value in cells}
    address = next(each for each in addresses(page, "exports/csv"))
    rows = csv.DictReader(io.StringIO(visitor.get(address).text.lstrip("\ufeff")), delimiter=";")
    given = {row["nom_geo"]: row["economie_attribuable_kgco2e"] for row in rows}
    assert told
    assert {name: round(float(given[name])) for name in told} == told
    drawn = visitor.get(addresses(page, "chart.svg")[-1]).text
    assert all(name in html.unescape(drawn) for name in list(told)[:5])


@pytest.mark.parametrize("path", ["chart.pdf", "chart.svg/", "inconnu"])
def test_other_forms_do_not_exist(visitor: FlaskClient, path: str) -> None:
    """What is not a form of drawing is not found; nor is a chart of no dataset."""
    assert visitor.get(f"/explore/dataset/economies-ges/{path}").status_code == 404
    assert visitor.get("/explore/dataset/inconnu/chart.svg").status_code == 404


def test_hostile_addresses_have_an_answer(visitor: FlaskClient) -> None:
    """Whatever an address says, the page answers it, and repeats nothing that a browser would run."""
    for asked in (
        "form=<script>",
        "by=';--",
        "measure=[",
        "top=1e9",
        "refine.periode=\"'`",
        "grain=%00",
        "size=../../x",
    ):
        answer = visitor.get(f"{CHART}?{asked}")
        assert answer.status_code == 200, asked
        assert "<script>" not in answer.text
        assert visitor.get(f"/explore/dataset/economies-ges/chart.svg?{asked}").status_code in (200, 404)


def test_previews_and_cards_have_their_sizes(visitor: FlaskClient) -> None:
    """Each dataset has a preview and a social card, and so has the site: with accents, in their sizes."""
    for dataset in ("economies-ges", "lieux-de-demonstration"):
        preview = ElementTree.fromstring(visitor.get(f"/explore/dataset/{dataset}/preview.svg").data)
        assert (preview.get("width"), preview.get("height")) == ("240", "135")
    for path in ("/explore/dataset/economies-ges/card.png", "/card.png"):
        answer = visitor.get(path)
        assert answer.headers["Cache-Control"] == "public, max-age=3600"
        assert Image.open(io.BytesIO(answer.data)).size == (1200, 630)


def test_cards_hold_any_title() -> None:
    """A title of any length or letters gives a well-formed card, cut where it is too long."""
    for title in ("Œuvres & <b>théâtre</b> à l’été", "mot " * 100, "x" * 300, ""):
        card = ElementTree.fromstring(cards.write_card("Site", title, title, figures=[("1", title)]))
        assert card.get("width") == "1200"
    assert cards.shorten("a b c d", 1, 2) == ["a", "b…"]


def test_frames_may_stand_anywhere_and_say_their_source(visitor: FlaskClient) -> None:
    """Other sites may hold a chart, a map or a table; each says its source, sets no cookie, and holds nothing else."""
    for kind in ("chart", "map", "table"):
        answer = visitor.get(f"/embed/economies-ges/{kind}/?refine.periode=2025&lang=fr")
        page = outline(answer.text)
        assert "frame-ancestors *" in answer.headers["Content-Security-Policy"]
        assert "default-src 'self'" in answer.headers["Content-Security-Policy"]
        assert "X-Frame-Options" not in answer.headers
        assert "Set-Cookie" not in answer.headers
        assert page.refused == []
        assert not {"header", "footer", "nav", "form"} & set(page.tags)
        assert "Licence Ouverte" in answer.text
        assert len(page.ids) == len(set(page.ids))
    assert "frame-ancestors 'none'" in visitor.get(CHART).headers["Content-Security-Policy"]
    assert visitor.get("/embed/economies-ges/api/").status_code == 404


def test_the_code_to_copy_works(visitor: FlaskClient) -> None:
    """The frame and the image that a reader copies answer, in the reader's language, and say what they show."""
    for path in (
        f"{CHART}?lang=en",
        "/explore/dataset/economies-ges/table/?lang=en",
        "/explore/dataset/economies-ges/map/?lang=en",
    ):
        codes = [html.unescape(each) for each in re.findall(r"data-copy><code>(.*?)</code>", visitor.get(path).text)]
        frames = [each for each in codes if each.startswith("<iframe")]
        assert len(frames) == 1
        assert re.search(r' title="[^"]+"', frames[0])
        for code in codes:
            address = html.unescape(re.findall(r'src="([^"]+)"', code)[0])
            assert "lang=en" in address
            if "map.png" not in address:
                assert visitor.get(urlsplit(address)._replace(scheme="", netloc="").geturl()).status_code == 200


def test_nothing_that_draws_is_loaded_by_the_server() -> None:
    """The engine that draws takes a hundred megabytes: no process of the server imports it."""
    folder = Path(cards.__file__).parent
    importing = [path.name for path in folder.glob("*.py") if "import vl_convert" in path.read_text("utf-8")]
    assert importing == ["easel.py"]
