"""Every page of the site, in both languages and both themes: no rule of axe broken, nothing sideways at 320 pixels."""

from collections.abc import Iterator
from itertools import product

import pytest
from flask import Flask
from playwright.sync_api import Browser, BrowserContext, Page

from portal.clock import SystemClock
from portal.pages.declaration import write_results
from tests.browser.places import FILES, NOBODY, PLACES, Stage, list_endpoints, set_stage

pytestmark = pytest.mark.browser

THEMES = ("light", "dark")
LANGUAGES = ("fr", "en")
WIDTHS = (320, 768, 1440)
BRIEF = {"resultTypes": ["violations"], "elementRef": False, "iframes": False}
EVERY, CONTRAST = BRIEF, BRIEF | {"runOnly": ["color-contrast"]}
DARK = ("site.show_style", "pages.home", "pages.information", "pages.map_", "ges.page", "producers.columns")
"""Pages that have between them every part: what is dark there is dark elsewhere."""

Broken = list[tuple[str, str, list[str]]]


@pytest.fixture(scope="module")
def stage(live_portal: tuple[str, Flask]) -> Stage:
    """The sample portal with something on every page."""
    return set_stage(live_portal[1])


@pytest.fixture(scope="module")
def people(browser: Browser, live_server: str, stage: Stage, axe: str) -> Iterator[dict[str, Page]]:
    """A page of 320 pixels for each person, with axe in whatever it opens; no script failed, no policy was broken."""
    contexts: dict[str, BrowserContext] = {}
    faults: list[str] = []
    for who in (NOBODY, *stage.cookies):
        contexts[who] = browser.new_context(locale="fr-FR", viewport={"width": 320, "height": 900})
        contexts[who].add_init_script(axe)
        contexts[who].on("weberror", lambda error: faults.append(str(error.error)))
        contexts[who].on("console", lambda m: faults.append(m.text) if "Content Security Policy" in m.text else None)
        if who in stage.cookies:
            contexts[who].add_cookies([{"name": "token", "value": stage.cookies[who], "url": live_server}])
    yield {who: context.new_page() for who, context in contexts.items()}
    for context in contexts.values():
        context.close()
    assert faults == []


def open_page(page: Page, address: str, lang: str) -> None:
    """Open an address in a language, in the light theme; what is refused by name is a page too."""
    page.emulate_media(color_scheme="light", reduced_motion="reduce")  # colours change at once
    answer = page.goto(f"{address}{'&' if '?' in address else '?'}lang={lang}")
    assert answer is not None
    assert answer.status in (200, 404, 410), address
    assert page.locator("html").get_attribute("lang") == lang, address


def find_broken(page: Page, theme: str, options: dict[str, object]) -> Broken:
    """Return the rules that the page breaks in a theme, with the elements that break them."""
    page.emulate_media(color_scheme=theme)  # type: ignore[arg-type]
    found = page.evaluate("options => axe.run(options)", options)["violations"]
    return [(theme, rule["id"], [node["html"][:160] for node in rule["nodes"]]) for rule in found]


def test_every_page_has_its_place(live_portal: tuple[str, Flask]) -> None:
    """A new page without an entry in `tests/browser/places.py` fails here, so that none escapes the tests below."""
    endpoints = set(list_endpoints(live_portal[1]))
    assert endpoints - FILES == set(PLACES) & endpoints
    assert endpoints >= FILES
    assert set(PLACES) - endpoints <= {"console.show_console"}


def test_no_page_breaks_a_rule_nor_scrolls_sideways(people: dict[str, Page], stage: Stage, live_server: str) -> None:
    """Each page at 320 pixels: every rule of axe, in one language or the other; contrasts of all parts in the dark."""
    dark = {path.format_map(stage.parts) for _, path in map(PLACES.__getitem__, DARK)}
    broken = {}
    for rank, (who, path) in enumerate(stage.list_pages()):
        page = people[who]
        open_page(page, f"{live_server}{path}", LANGUAGES[rank % 2])
        found = find_broken(page, "light", EVERY)
        if path in dark:
            found += find_broken(page, "dark", CONTRAST)
        wide = page.evaluate("document.documentElement.scrollWidth")
        if found or wide > 320:
            broken[path] = (found, wide)
    assert broken == {}


@pytest.mark.verify
def test_every_page_in_both_languages_and_themes(
    people: dict[str, Page], stage: Stage, live_server: str, browser: Browser
) -> None:
    """Each page in each language and each theme, at 320, 768 and 1440 pixels: every rule of axe, nothing sideways.

    What was found is written for the declaration of accessibility.
    """
    broken = {}
    pages = stage.list_pages()
    for lang, (who, path) in product(LANGUAGES, pages):
        page = people[who]
        open_page(page, f"{live_server}{path}", lang)
        found = [each for theme in THEMES for each in find_broken(page, theme, EVERY)]
        wide = [width for width in WIDTHS if is_wide(page, width)]
        if found or wide:
            broken[f"{lang} {path}"] = (found, wide)
    assert broken == {}
    version = people[NOBODY].evaluate("axe.version")
    write_results(
        {
            "checked": f"{SystemClock().now():%Y-%m-%d}",
            "tool": f"axe-core {version}",
            "browser": f"Chromium {browser.version.partition('.')[0]}",
            "pages": len(pages),
            "languages": list(LANGUAGES),
            "themes": list(THEMES),
            "widths": list(WIDTHS),
            "broken": len(broken),
        }
    )


def is_wide(page: Page, width: int) -> bool:
    """Tell whether the page scrolls sideways at a width."""
    page.set_viewport_size({"width": width, "height": 900})
    return bool(page.evaluate("document.documentElement.scrollWidth > innerWidth"))
