"""Live maps in a real browser that draws them by software; and without WebGL, where the server's drawing stays."""

import re
from collections.abc import Iterator
from io import BytesIO
from typing import Any

import pytest
from PIL import Image
from playwright.sync_api import Browser, Page, expect

from tests.browser.conftest import FLAGS, Visit
from tests.prepare_browser import find_browser

pytestmark = pytest.mark.browser

SOFTWARE = ("--use-gl=angle", "--use-angle=swiftshader", "--enable-unsafe-swiftshader", "--ignore-gpu-blocklist")
AREAS = "/explore/dataset/economies-ges/map/?refine.niveau_geo=region&refine.periode=2025"
PLACES = "/explore/dataset/lieux-de-demonstration/map/"
HIGHEST = (27, 85, 134)
"""The colour of the highest class, in light."""


@pytest.fixture(scope="module")
def drawing_browser(browser: Browser) -> Iterator[Browser]:
    """A Chromium that has WebGL, by software."""
    flags = [flag for flag in FLAGS if flag not in ("--disable-gpu", "--disable-3d-apis")]
    other = browser.browser_type.launch(executable_path=find_browser(), args=[*flags, *SOFTWARE])
    yield other
    other.close()


@pytest.fixture
def lively(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Visit:
    """`visit`, in the browser that has WebGL; the map is waited for."""
    drawing: Browser = request.getfixturevalue("drawing_browser")
    ordinary: Browser = request.getfixturevalue("browser")
    monkeypatch.setattr(ordinary, "new_context", drawing.new_context)
    visit: Visit = request.getfixturevalue("visit")

    def open_map(path: str, **asked: Any) -> Page:
        page = visit(path, **asked)
        page.emulate_media(reduced_motion="reduce")
        page.locator("[data-map-stage]").scroll_into_view_if_needed()
        page.locator("[data-map-stage=ready]").wait_for(timeout=60_000)
        return page

    return open_map


def colours_of(page: Page) -> dict[Any, int]:
    """Return how many pixels of the map have each colour."""
    picture = Image.open(BytesIO(page.locator(".map-live").screenshot())).convert("RGB")
    return {colour: count for count, colour in picture.getcolors(picture.width * picture.height) or []}


def zoom_of(page: Page) -> float:
    """Return the zoom that the address says."""
    found = re.search(r"#map=([\d.]+)/", page.url)
    assert found, page.url
    return float(found[1])


def test_territories_live(lively: Visit, axe: str) -> None:
    """The map draws its classes; table, keyboard and pointer read it; it is saved as a picture; axe finds nothing."""
    page = lively(AREAS, width=480)
    assert colours_of(page).get(HIGHEST, 0) > 300
    page.get_by_role("button", name="Occitanie").click()
    status = page.locator("[data-map-said]")
    expect(status).to_contain_text("Occitanie :")
    expect(page).to_have_url(re.compile("#map="))
    canvas = page.get_by_role("region", name=re.compile(r"Carte\s: les flèches"))
    canvas.focus()
    for _ in range(4):
        page.keyboard.press("ArrowUp")
    expect(status).not_to_contain_text("Occitanie :")
    page.keyboard.press("Enter")
    expect(page.locator("[data-map-words]")).to_have_text(status.text_content() or "")
    page.get_by_label("Aller à").select_option("La Réunion")
    expect(page).to_have_url(re.compile(r"#map=[\d.]+/-21\.\d+/55\.\d+"))
    with page.expect_download() as waiting:
        page.get_by_role("link", name="PNG").click()
    assert waiting.value.suggested_filename == "economies-ges.png"
    with Image.open(waiting.value.path()) as picture:
        assert picture.height > picture.width * 0.8
    page.evaluate(axe)
    assert [rule["id"] for rule in page.evaluate("axe.run()")["violations"]] == []


def test_places_live(lively: Visit) -> None:
    """Places are counted where they are near each other; dark and narrow as well; one finger scrolls the page."""
    page = lively(PLACES, width=320, scheme="dark", lang="en-GB")
    assert len(colours_of(page)) > 20
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    page.get_by_role("button", name="Zoom in").click()
    page.wait_for_url(re.compile("#map="))
    near = zoom_of(page)
    canvas = page.get_by_role("region", name=re.compile("^Map: arrows"))
    assert canvas.evaluate("each => getComputedStyle(each).touchAction") == "pan-x pan-y"
    canvas.focus()
    page.keyboard.press("ArrowLeft")
    expect(page.locator("[data-map-said]")).not_to_be_empty()
    assert near > 3


def test_without_webgl_the_drawing_stays(visit: Visit) -> None:
    """Where the browser has no WebGL, the drawing of the server is the map, and its files are there."""
    page = visit(AREAS)
    page.wait_for_load_state("networkidle")
    assert page.evaluate("document.createElement('canvas').getContext('webgl2')") is None
    expect(page.locator(".map-live")).to_have_count(0)
    page.locator("path[data-code='75']").hover()
    expect(page.locator("[data-map-words]")).to_contain_text("Nouvelle-Aquitaine")
    with page.expect_download() as waiting:
        page.get_by_role("link", name="SVG").click()
    assert waiting.value.path().read_text("utf-8").startswith("<svg")
