"""Charts in a real browser: alive under the strict policy, with the keyboard, and still there without script."""

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import Visit

pytestmark = pytest.mark.browser
CHART = "/explore/dataset/economies-ges/chart/?refine.niveau_geo=region&by=nom_geo&refine.periode=2025"


@pytest.mark.parametrize(("scheme", "width", "path"), [("light", 1280, CHART), ("dark", 320, CHART + "&form=points")])
def test_a_chart_lives_by_pointer_and_by_keyboard(visit: Visit, axe: str, scheme: str, width: int, path: str) -> None:
    """The drawing becomes interactive without eval; arrows go from figure to figure, each said as in the table."""
    page = visit(path, scheme=scheme, width=width)
    chart = page.locator(".chart")
    chart.scroll_into_view_if_needed()
    expect(page.get_by_role("application")).to_be_visible()
    before = chart.bounding_box()
    rows = page.locator("#figures-title + div tbody tr")
    chart.focus()
    page.keyboard.press("End")
    page.keyboard.press("Home")
    said = chart.get_by_role("status")
    expect(said).to_contain_text(rows.nth(0).locator("th").inner_text())
    page.keyboard.press("ArrowRight")
    expect(said).to_contain_text(rows.nth(1).locator("td").inner_text())
    expect(page.locator(".chart-tip")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.locator(".chart-tip")).to_be_hidden()
    page.locator(".chart svg path[aria-label*='Occitanie']").first.hover()
    expect(page.locator(".chart-tip")).to_contain_text("Occitanie")
    page.evaluate(axe)
    found = page.evaluate("axe.run()")["violations"]
    assert [(rule["id"], [node["html"][:160] for node in rule["nodes"]]) for rule in found] == []
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    after = chart.bounding_box()
    assert before
    assert after
    assert abs(before["height"] - after["height"]) < 3


def test_a_reader_makes_another_chart_without_script(visit: Visit) -> None:
    """The form makes a chart whose picture, words and address follow, without any script."""
    page = visit("/explore/dataset/economies-ges/information/", javascript=False)
    page.get_by_role("navigation", name="Vues du jeu de données").get_by_role("link", name="Graphique").click()
    page.get_by_label("Mesure").select_option("nb_tournees")
    page.get_by_label("Périodes").select_option("year")
    page.get_by_label("Forme").select_option("bars")
    page.get_by_role("button", name="Dessiner").click()
    expect(page.get_by_role("heading", name="Tournées par année")).to_be_visible()
    picture = page.get_by_role("img", name="Tournées par année")
    expect(picture).to_be_visible()
    assert picture.evaluate("image => image.decode().then(() => image.naturalWidth)") == 720
    assert "measure=nb_tournees" in page.url


def test_a_frame_shows_in_another_page(visit: Visit, axe: str) -> None:
    """The code of a frame shows the chart in a page, and comes to life there."""
    page = visit("/embed/economies-ges/chart/?lang=fr", width=600)
    expect(page.get_by_role("application")).to_be_visible()
    page.get_by_text("La même chose en tableau").click()
    expect(page.get_by_role("cell").first).to_be_visible()
    expect(page.get_by_role("link", name="Licence Ouverte")).to_be_visible()
    page.evaluate(axe)
    assert [rule["id"] for rule in page.evaluate("axe.run()")["violations"]] == []
