"""Maps of more territories, or of more places, than a drawing can name one by one."""

import re
import shutil
from datetime import UTC, datetime
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient

from datasets.publish import publish
from portal import create_app
from portal.clock import FixedClock
from portal.pages.maps.points import MOST_NAMED
from portal.pages.maps.projection import FRAMES, METROPOLE, draw_path
from tests.portal.pages.mosaic import COLUMNS, ROWS, a_mosaic, list_shapes, many_places, some_figures

HEAVIEST = 150_000
"""Bytes that a page may weigh before the live map loads, what all pages share included."""

SHARED = 40_000
"""Bytes of styles and scripts."""


@pytest.fixture(scope="module")
def crowded(migrated: Path, tmp_path_factory: pytest.TempPathFactory) -> Flask:
    """A portal with a thousand territories and hundreds of places."""
    instance = shutil.copytree(migrated, tmp_path_factory.mktemp("crowded") / "instance")
    settings = {"instance": instance, "queue_url": "immediate", "limits_url": "memory://"}
    app = create_app(settings, clock=FixedClock(datetime(2026, 11, 22, 10, 0, tzinfo=UTC)))
    portal = app.extensions["portal"]
    releases = [a_mosaic(), some_figures(), some_figures(hidden=True), many_places()]
    with app.app_context():
        publish(lambda: portal.databases.session("catalogue"), portal.store, releases, at=portal.clock.now())
    return app


@pytest.fixture
def visitor(crowded: Flask) -> FlaskClient:
    """A visitor of that portal."""
    return crowded.test_client()


@pytest.mark.parametrize("name", ["figures-par-epci", "figures-masquees", "lieux-nombreux"])
def test_a_crowded_map_is_light(visitor: FlaskClient, name: str) -> None:
    """The page of a map of every intermunicipality weighs less than 150 kB, styles and scripts included."""
    answer = visitor.get(f"/explore/dataset/{name}/map/", headers={"Accept-Encoding": "zstd, br, gzip"})
    assert answer.status_code == 200
    assert len(answer.data) < HEAVIEST - SHARED


def test_every_territory_is_drawn_and_said(visitor: FlaskClient) -> None:
    """Each territory has its contour, and its row in the table, which alone names them where they are many."""
    page = visitor.get("/explore/dataset/figures-par-epci/map/").text
    assert len(re.findall(r'<path class="area [^"]+" d="M[^"]+" data-code="\d+"/>', page)) == ROWS * COLUMNS
    assert len(re.findall(r'<tr data-code="\d+"', page)) == ROWS * COLUMNS


def test_a_level_that_is_all_hidden_says_so(visitor: FlaskClient) -> None:
    """Where every figure is hidden, contours are hatched, no class is invented, and the page says where to look."""
    page = visitor.get("/explore/dataset/figures-masquees/map/?lang=en").text
    assert page.count('class="area area-hidden"') == ROWS * COLUMNS + 1
    assert "Every figure of this level is hidden for protection" in page
    assert "class-1" not in page


def test_many_places_are_dots(visitor: FlaskClient) -> None:
    """More places than can be named are drawn as dots, each of them, and the file of the drawing has them too."""
    page, drawing = (visitor.get(f"/explore/dataset/lieux-nombreux/{name}").text for name in ("map/", "map.svg"))
    paths = re.findall(r'class="spots" stroke-width="7.0" d="([^"]+)"', page)
    assert sum(path.count("h0") for path in paths) == 800 > MOST_NAMED
    assert 'class="spot"' not in page
    assert drawing.count("h0") == 800


def test_neighbours_share_their_borders() -> None:
    """No gap opens between two territories: the places of their common border are the same once drawn."""
    (_, left), (_, right) = list(list_shapes())[:2]
    drawn = [
        read_places(draw_path({"type": "Polygon", "coordinates": [ring]}, METROPOLE, step=1)) for ring in (left, right)
    ]
    shared = {METROPOLE.project(*place) for place in {*left} & {*right}}
    common = drawn[0] & drawn[1]
    assert len(common) > 5
    assert all(any(abs(x - u) + abs(y - v) <= 1 for u, v in shared) for x, y in common)


def read_places(path: str) -> set[tuple[float, float]]:
    """Return the places where the line of a ring turns, in units of the drawing."""
    start, _, moves = path.removeprefix("M").removesuffix("Z").partition("l")
    x, y = map(float, start.split())
    places = {(x, y)}
    numbers = [float(each) for each in re.findall(r"-?[\d.]+", moves)]
    for wide, high in zip(numbers[::2], numbers[1::2], strict=True):
        x, y = x + wide, y + high
        places.add((x, y))
    return places


def test_a_frame_reaches_what_its_rectangle_shows() -> None:
    """What a frame reaches falls on the corners of its rectangle: a box of the drawing can be found on the Earth."""
    for frame in FRAMES:
        west, south, east, north = frame.reach
        left, top, right, bottom = frame.rectangle
        assert frame.project(west, north) == pytest.approx((left, top))
        assert frame.project(east, south) == pytest.approx((right, bottom))
