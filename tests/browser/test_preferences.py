"""What a reader asks of their machine is respected: keyboard alone, imposed colours, no motion."""

from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, Page

pytestmark = pytest.mark.browser

PAGES = ("/", "/explore/", "/explore/dataset/economies-ges/table/", "/explore/dataset/economies-ges/map/", "/login/")
STOPS = 40
FOCUSED = """() => {
    const one = document.activeElement;
    if (one === document.body) return null;
    const style = getComputedStyle(one), box = one.getBoundingClientRect();
    const shown = box.width > 0 && box.bottom > 0 && box.top < innerHeight && box.right > 0 && box.left < innerWidth;
    return {
        what: one.outerHTML.slice(0, 120), shown,
        outlined: style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 2,
        place: [...document.querySelectorAll("*")].indexOf(one), ahead: one.tabIndex > 0,
    };
}"""


@pytest.fixture(scope="module")
def page(browser: Browser, live_server: str) -> Iterator[Page]:
    """A page of a reader with strong wishes: imposed colours, no motion."""
    context = browser.new_context(base_url=live_server, forced_colors="active", reduced_motion="reduce")
    yield context.new_page()
    context.close()


def walk(page: Page) -> list[dict[str, Any]]:
    """Return what has the focus after each press of the tabulation key, until the end of the page."""
    stops = []
    for _ in range(STOPS):
        page.keyboard.press("Tab")
        stop = page.evaluate(FOCUSED)
        if stop is None:
            break
        stops.append(stop)
    return stops


@pytest.mark.parametrize("path", PAGES)
def test_the_keyboard_alone_goes_through_a_page(page: Page, path: str) -> None:
    """Each stop is outlined, on the screen and after the one before, in the order in which the page is read."""
    page.goto(path)
    stops = walk(page)
    assert len(stops) > 5
    assert [stop["what"] for stop in stops if not (stop["outlined"] and stop["shown"]) or stop["ahead"]] == []
    places = [stop["place"] for stop in stops]
    assert places == sorted(set(places))


@pytest.mark.parametrize("path", PAGES)
def test_nothing_moves_for_who_asked_so(page: Page, path: str) -> None:
    """No element changes little by little, and nothing scrolls softly."""
    page.goto(path)
    moving = """[...document.querySelectorAll("*")].filter(one => {
        const style = getComputedStyle(one);
        const steady = style.animationName === "none" && style.scrollBehavior === "auto";
        return parseFloat(style.transitionDuration) || !steady;
    }).map(one => one.outerHTML.slice(0, 80))"""
    assert page.evaluate(moving) == []


def test_imposed_colours_leave_the_classes_of_a_map(page: Page) -> None:
    """Classes of a legend keep their fills, since they say what the map means, and hidden cells their hatching."""
    page.goto("/explore/dataset/economies-ges/map/")
    fills = page.evaluate(
        "[...document.querySelectorAll('main .legend .swatch')]"
        ".map(one => [getComputedStyle(one).forcedColorAdjust, getComputedStyle(one).borderStyle])"
    )
    assert fills
    assert all(border != "none" for _, border in fills)
    assert page.locator("main svg pattern").count() > 0
