"""Searching the catalogue in a browser: the answer comes while one types, is told, and can be shared."""

import re

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import Visit

pytestmark = pytest.mark.browser


def listed(page: Page) -> list[str]:
    """Return the titles that a page lists."""
    return page.locator("#results h3").all_inner_texts()


def test_the_catalogue_answers_while_one_types(visit: Visit) -> None:
    """Results, count and address follow what is typed; focus stays; the count is told; one step back undoes it."""
    page = visit("/explore/?sort=title")
    everything = listed(page)
    field = page.get_by_role("searchbox")
    field.focus()
    page.keyboard.type("tournee", delay=20)
    expect(page).to_have_url(re.compile(r"/explore/\?q=tournee&sort=title$"))
    expect(page.locator("#results h3")).to_have_count(1)
    expect(page.get_by_role("status").first).to_have_text(re.compile("1 jeu de données"))
    assert page.locator("#results mark").count() > 0
    assert "tournee" in page.title()
    expect(field).to_be_focused()
    page.keyboard.type(" mutua", delay=20)
    expect(page).to_have_url(re.compile(r"q=tournee\+mutua"))
    page.go_back()
    expect(field).to_have_value("")
    expect(page.locator("#results h3")).to_have_count(len(everything))
    page.go_forward()
    expect(field).to_have_value("tournee mutua")
    expect(page.locator("#results h3")).to_have_count(1)


def test_what_is_erased_is_no_longer_searched(visit: Visit) -> None:
    """Emptying the field shows everything again; a facet chosen meanwhile stays; Enter asks at once."""
    page = visit("/explore/?q=tournee")
    page.locator("#filters").get_by_role("link", name=re.compile("Environnement")).click()
    expect(page).to_have_url(re.compile("refine.theme=Environnement"))
    field = page.get_by_role("searchbox")
    field.fill("")
    expect(page).to_have_url(re.compile(r"/explore/\?refine.theme=Environnement$"))
    field.fill("zzzqqq")
    page.keyboard.press("Enter")
    expect(page.get_by_text("Aucun jeu de données ne répond")).to_be_visible()
    expect(page.get_by_text("Ou parcourez un thème")).to_be_visible()


def test_a_search_of_the_first_answer_never_hides_the_last(visit: Visit) -> None:
    """An answer that comes late does not take the place of that to a later question."""
    page = visit("/explore/")
    late = []

    def hold(route) -> None:
        late.append(route) if not late else route.continue_()

    page.route(re.compile(r"\?q="), hold)
    field = page.get_by_role("searchbox")
    field.fill("lieux")
    page.wait_for_function("() => location.search.includes('lieux')")
    field.fill("référentiel")
    expect(page.locator("#results h3")).to_have_text(["Référentiel des territoires"])
    assert late
    expect(page.locator("#results")).not_to_have_attribute("aria-busy", "true")


def test_search_without_script(visit: Visit) -> None:
    """Without script the form asks for the same page."""
    page = visit("/explore/", width=320, javascript=False)
    page.get_by_role("searchbox").fill("tournée")
    page.get_by_role("button", name="Chercher").click()
    assert len(listed(page)) == 1
    assert page.evaluate("document.documentElement.scrollWidth") <= 320
