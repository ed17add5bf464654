"""Maps of a portal: tiles of a version, drawings as files, what the script is told, the operator's background."""

import json
import re
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any
from xml.etree import ElementTree

import brotli
import pytest
from flask import Flask
from flask.testing import FlaskClient
from pyogrio import raw

from datasets.catalogue.catalogue import get_dataset
from portal import create_app
from portal.pages.maps import background, tiles
from portal.pages.maps.projection import METROPOLE
from portal.pages.maps.showing import frame_places
from portal.turns import Turns

FRANCE = "5/16/11"
PIXEL = b"\x89PNG\r\n\x1a\n and the rest"
SVG = "{http://www.w3.org/2000/svg}"


@pytest.fixture(scope="module")
def folders(site: Flask) -> dict[str, str]:
    """The address of the tiles of each dataset, without the numbers of a tile."""
    ids = ("lieux-de-demonstration", "referentiel-territoires", "communes-du-gers")
    with site.extensions["portal"].databases.session("catalogue") as session:
        versions = {each: get_dataset(session, each).version for each in ids}
    return {each: f"/explore/dataset/{each}/tiles/{found.version_id}" for each, found in versions.items() if found}


def read_tile(content: bytes, folder: Path, where: str = FRANCE) -> list[dict[str, Any]]:
    """Return the records of a tile, as GDAL reads them."""
    z, x, y = (int(part) for part in where.split("/"))
    path = folder / "tile.mvt"
    path.write_bytes(content)
    meta, _, _, columns = raw.read(path, X=x, Y=y, Z=z)
    rows = zip(*(column.tolist() for column in columns), strict=True)
    return [dict(zip(meta["fields"], row, strict=True)) for row in rows]


def test_a_tile_may_be_kept_and_is_compressed(visitor: FlaskClient, folders: dict[str, str]) -> None:
    """A tile has a validator, is kept for a week without asking again, and comes compressed to who can read it."""
    address = f"{folders['referentiel-territoires']}/{FRANCE}.mvt"
    plain = visitor.get(address)
    assert plain.status_code == 200
    assert plain.content_type == "application/vnd.mapbox-vector-tile"
    assert plain.headers["Cache-Control"] == "public, max-age=604800, immutable"
    assert plain.headers["Access-Control-Allow-Origin"] == "*"
    coded = visitor.get(address, headers={"Accept-Encoding": "br"})
    assert brotli.decompress(coded.data) == plain.data
    again = visitor.get(address, headers={"If-None-Match": plain.headers["ETag"]})
    assert (again.status_code, again.data) == (304, b"")


def test_tiles_follow_the_filters_of_the_page(visitor: FlaskClient, folders: dict[str, str], tmp_path: Path) -> None:
    """Tiles hold what the table shows under the same address: words, values kept, values left out."""
    address = f"{folders['lieux-de-demonstration']}/{FRANCE}.mvt"

    def count(query: str) -> int:
        answer = visitor.get(f"{address}?{query}")
        return sum(row["point_count"] for row in read_tile(answer.data, tmp_path)) if answer.data else 0

    kept, left = count("refine.genre=festival"), count("exclude.genre=festival")
    assert 0 < kept < count("") == kept + left
    assert count("q=Lieu inventé 7&sort=nom&page=2&lang=en") > 0
    assert count("refine.inconnu=1") == count("")
    nothing = visitor.get(f"{address}?q=introuvable")
    assert (nothing.status_code, nothing.data) == (204, b"")


def test_a_hidden_cell_has_no_value_in_a_tile(visitor: FlaskClient, folders: dict[str, str], tmp_path: Path) -> None:
    """Contours are told by code and name alone: figures, hidden or not, are never in a tile."""
    address = f"{folders['referentiel-territoires']}/{FRANCE}.mvt?refine.niveau_geo=departement"
    rows = read_tile(visitor.get(address).data, tmp_path)
    assert {"01", "32", "75", "2A"} <= {row["code_geo"] for row in rows}
    assert {name for row in rows for name in row} == {"mvt_id", "code_geo", "nom_geo"}


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("lieux-de-demonstration/99/0/0.mvt", 400),
        ("lieux-de-demonstration/2/4/0.mvt", 400),
        ("lieux-de-demonstration/2/0/99999999999999999999.mvt", 400),
        ("lieux-de-demonstration/2/-1/0.mvt", 404),
        ("lieux-de-demonstration/a/0/0.mvt", 404),
        ("communes-du-gers/2/0/0.mvt", 404),
    ],
)
def test_what_has_no_tile_is_refused(visitor: FlaskClient, folders: dict[str, str], path: str, status: int) -> None:
    """A tile beyond the map, a number that is none, a dataset without places: each has its error."""
    dataset, _, tile = path.partition("/")
    assert visitor.get(f"{folders[dataset]}/{tile}").status_code == status


def test_tiles_of_an_unknown_version_are_refused(visitor: FlaskClient) -> None:
    """A version, or a dataset, that was never published has no tile."""
    for path in ("lieux-de-demonstration/tiles/inconnue", "inconnu/tiles/20260101T000000Z-00000000"):
        assert visitor.get(f"/explore/dataset/{path}/0/0/0.mvt").status_code == 404


def test_the_page_tells_the_script_what_the_address_asks(visitor: FlaskClient) -> None:
    """The script receives the tiles of the filtered version, the contours of the chosen level, the reader's words."""
    page = visitor.get("/explore/dataset/lieux-de-demonstration/map/?refine.genre=festival&lang=fr").text
    told = read_settings(page)
    assert told["places"].endswith("/{z}/{x}/{y}.mvt?refine.genre=festival")
    assert [field["label"] for field in told["fields"]] == ["Nom", "Genre", "Ouverture"]
    assert told["background"] is None
    page = visitor.get("/explore/dataset/economies-ges/map/?refine.niveau_geo=region&lang=fr").text
    told = read_settings(page)
    assert told["ground"].endswith(".mvt?refine.niveau_geo=region")
    assert told["words"]["nothing"] == "Aucun territoire ici."
    assert 'data-code="76" data-style="class-' in page or 'data-code="76" data-style="area-hidden"' in page


def read_settings(page: str) -> dict[str, Any]:
    """Return what a page tells the script."""
    found = re.search(r'id="map-settings">(.*?)</script>', page, re.DOTALL)
    assert found
    told: dict[str, Any] = json.loads(found[1])
    return told


def test_other_filters_leave_territories_without_a_figure(visitor: FlaskClient) -> None:
    """A map by territory follows the filters on fields that it does not choose itself."""
    path = "/explore/dataset/economies-ges/map.svg?refine.niveau_geo=region&refine.nom_geo=Occitanie&lang=fr"
    titles = [each.text or "" for each in ElementTree.fromstring(visitor.get(path).text).iter(f"{SVG}title")]
    told = [title for title in titles[1:] if not title.endswith("pas de donnée")]
    assert len(told) <= 1
    assert all(title.startswith("Occitanie") for title in told)


def test_choosing_another_measure_keeps_the_other_filters(visitor: FlaskClient) -> None:
    """The form of a map carries the filters that it does not choose itself, and the page says that they are at work."""
    page = visitor.get("/explore/dataset/economies-ges/map/?refine.nom_geo=Gers&refine.periode=2024&lang=fr").text
    assert '<input type="hidden" name="refine.nom_geo" value="Gers">' in page
    assert 'type="hidden" name="refine.periode"' not in page
    assert "Enlever le filtre" in page


def test_who_asks_for_too_many_tiles_is_told_to_wait(
    visitor: FlaskClient, folders: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """When every turn is taken, a tile that is not drawn yet is refused for now; one that is drawn already is not."""
    address = f"{folders['lieux-de-demonstration']}/6/31/22.mvt"
    assert visitor.get(address).status_code == 200
    monkeypatch.setattr(tiles, "turns", Turns(1, 1, seconds=0.05, waiting=3))
    with tiles.turns.take("someone else"):
        refused = visitor.get(f"{address}?q=Lieu")
        assert refused.status_code == 503
        assert "Retry-After" in refused.headers
        assert visitor.get(address).status_code == 200


@pytest.mark.parametrize("lang", ["fr", "en"])
def test_the_drawing_stands_alone(visitor: FlaskClient, lang: str) -> None:
    """The SVG has its title, its legend, its source and licence, and no style that a policy would refuse."""
    answer = visitor.get(f"/explore/dataset/economies-ges/map.svg?refine.periode=2025&lang={lang}")
    assert answer.content_type.startswith("image/svg+xml")
    root = ElementTree.fromstring(answer.text)
    texts = " ".join(each.text or "" for each in root.iter(f"{SVG}text"))
    assert {"fr": "Économie attribuable (kg CO₂e), 2025", "en": "Attributable saving (kg CO₂e), 2025"}[lang] in texts
    assert {"fr": "masqué", "en": "hidden"}[lang] in texts
    assert "Licence Ouverte" in texts
    assert root.find(f".//{SVG}style") is None
    assert all("style" not in each.attrib and "class" not in each.attrib for each in root.iter())
    fills = [each.get("fill") for each in root.iter(f"{SVG}path")]
    assert "url(#hatch)" in fills
    assert None not in fills[1:]


def test_the_drawing_of_places_has_them(visitor: FlaskClient) -> None:
    """The SVG of places draws each of those that the filters keep; what has no map has no drawing."""
    path = "/explore/dataset/lieux-de-demonstration/map.svg?theme=dark&refine.genre=festival"
    root = ElementTree.fromstring(visitor.get(path).text)
    page = visitor.get("/explore/dataset/lieux-de-demonstration/table/?refine.genre=festival&lang=en").text
    assert f"{len(list(root.iter(f'{SVG}circle')))} records" in page
    assert visitor.get("/explore/dataset/lieux-de-demonstration/map.gif").status_code == 404
    assert visitor.get("/explore/dataset/communes-du-gers/map.svg").status_code == 404


def test_places_are_framed_by_where_they_are() -> None:
    """A map of places begins with what they fill of metropolitan France, or with where they are when elsewhere."""
    assert frame_places(None) == METROPOLE.box
    assert frame_places((-180, -90, 180, 90)) == METROPOLE.box
    assert frame_places((0, 43, 1, 44)) == (0, 43, 1, 44)
    assert frame_places((55, -22, 56, -20)) == (55, -22, 56, -20)


ASKED: list[str] = []
"""The paths that the server of images was asked for."""


class Images(BaseHTTPRequestHandler):
    """A small server of images: one that is good, and all that may go wrong."""

    def do_GET(self) -> None:
        """Answer an image, a page, too much, or elsewhere, by the column asked."""
        ASKED.append(self.path)
        column = int(self.path.split("/")[2])
        answers = {
            1: (200, b"<html>"),
            2: (404, PIXEL),
            3: (302, PIXEL),
            4: (200, PIXEL + bytes(background.MOST_BYTES)),
        }
        status, body = answers.get(column, (200, PIXEL))
        self.send_response(status)
        self.send_header("Location", "http://127.0.0.1:9/")
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *args: object) -> None:
        """Say nothing."""


@pytest.fixture(scope="module")
def images() -> Iterator[str]:
    """The address of a small server of images."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), Images)
    Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()


@pytest.fixture(scope="module")
def with_background(migrated: Path, images: str) -> Iterator[FlaskClient]:
    """A visitor of a portal whose operator chose a background."""
    template = f"{images}/{{z}}/{{x}}/{{y}}.png?key=a"
    app = create_app({"instance": migrated, "tiles_url": template, "limits_url": "memory://", "queue_url": "immediate"})
    yield app.test_client()
    app.extensions["portal"].engine.close()


def test_the_background_is_fetched_by_the_portal_once(with_background: FlaskClient) -> None:
    """An image of the background comes from the portal, which asks the other server once and says nothing of whom."""
    ASKED.clear()
    for _ in range(2):
        answer = with_background.get("/pages/map/5/16/11")
        assert (answer.status_code, answer.data, answer.content_type) == (200, PIXEL, "image/png")
        assert answer.headers["Cache-Control"] == "public, max-age=604800"
    assert ASKED == ["/5/16/11.png?key=a"]


@pytest.mark.parametrize("column", [1, 2, 3, 4])
def test_what_is_no_image_is_not_passed_on(with_background: FlaskClient, column: int) -> None:
    """A page, an error, a way elsewhere or too much is refused, and not remembered."""
    for _ in range(2):
        answer = with_background.get(f"/pages/map/5/{column}/0")
        assert answer.status_code == 422
        assert b"PNG" not in answer.data


def test_without_the_operators_choice_there_is_no_background(
    visitor: FlaskClient, with_background: FlaskClient
) -> None:
    """No background is served unless the operator chose one, and none beyond the map."""
    assert visitor.get("/pages/map/5/16/11").status_code == 404
    assert with_background.get("/pages/map/20/0/0").status_code == 400
    assert with_background.get("/pages/map/1/2/0").status_code == 400
