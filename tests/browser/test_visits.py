"""The walks that people come for, in a real browser."""

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import Visit

pytestmark = pytest.mark.browser


@pytest.mark.parametrize("javascript", [True, False], ids=["script", "no-script"])
def test_from_home_to_the_api(visit: Visit, javascript: bool) -> None:
    """A visitor goes from the home page to a dataset's table, map, downloads and API, with or without script."""
    page = visit("/", javascript=javascript)
    page.get_by_label("Chercher dans les données").fill("tournées")
    page.get_by_role("button", name="Chercher").click()
    page.get_by_role("link", name="Économies de gaz à effet de serre").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("Économies de gaz")
    tabs = page.get_by_role("navigation", name="Vues du jeu de données")
    tabs.get_by_role("link", name="Tableau").click()
    for label, value in (("Période", "2025"), ("Niveau", "departement")):
        page.locator("summary", has_text=f"Filtrer la colonne {label}").click()
        page.get_by_label(f"Ne montrer que – {label}").select_option(value)
    page.locator("th", has=page.get_by_label("Ne montrer que – Niveau")).get_by_role("button").click()
    expect(page.get_by_role("cell", name="masqué").first).to_be_visible()
    tabs.get_by_role("link", name="Carte").click()
    expect(page.get_by_role("img", name="Économie attribuable, 2025")).to_be_visible()
    tabs.get_by_role("link", name="Télécharger").click()
    expect(page.get_by_role("link", name="Télécharger en CSV")).to_be_visible()
    tabs.get_by_role("link", name="API").click()
    expect(page.get_by_text("import pandas as pd")).to_be_visible()
    assert "refine.periode=2025" in page.url


def test_the_map_follows_the_form(visit: Visit) -> None:
    """Choosing another measure, period and level redraws the map, and the address says it."""
    page = visit("/explore/dataset/economies-ges/map/")
    page.get_by_label("Mesure").select_option("nb_tournees")
    page.get_by_label("Période", exact=True).select_option("2024")
    page.get_by_label("Niveau").select_option("region")
    page.get_by_role("button", name="Afficher").click()
    expect(page.get_by_role("heading", name="Tournées, 2024")).to_be_visible()
    assert page.locator("path[data-code]").count() == 18
    page.locator("path[data-code='75']").hover()
    expect(page.locator("[data-map-words]")).to_contain_text("Nouvelle-Aquitaine")


def test_a_download_that_is_prepared_says_so(visit: Visit) -> None:
    """What must be made first is told when it is asked for, to eyes and to screen readers; the file then comes."""
    page = visit("/explore/dataset/economies-ges/export/?refine.periode=2025", width=360)
    with page.expect_download() as waiting:
        page.get_by_role("link", name="Télécharger en CSV").click()
    expect(page.get_by_role("status").get_by_text("Le fichier se prépare")).to_be_visible()
    assert waiting.value.path().stat().st_size > 1000


def test_the_keyboard_reaches_content_and_tabs(visit: Visit) -> None:
    """The first key leads to the skip link, and each tab of a dataset is reached and seen."""
    page = visit("/explore/dataset/economies-ges/information/")
    page.keyboard.press("Tab")
    assert focused(page) == "Aller au contenu"
    expect(page.get_by_role("link", name="Aller au contenu")).to_be_in_viewport()
    page.keyboard.press("Enter")
    reached = []
    for _ in range(12):
        page.keyboard.press("Tab")
        reached.append(focused(page))
    assert [name for name in reached if name in ("Présentation", "Tableau", "Carte", "Télécharger", "API")] == [
        "Présentation",
        "Tableau",
        "Carte",
        "Télécharger",
        "API",
    ]
    assert page.evaluate("getComputedStyle(document.activeElement).outlineStyle") != "none"


def test_the_language_stays(visit: Visit) -> None:
    """English chosen once is kept from link to link, and the page says its language."""
    page = visit("/explore/")
    page.get_by_role("link", name="English").click()
    assert page.locator("html").get_attribute("lang") == "en"
    page.get_by_role("link", name="Communes du Gers").click()
    page.get_by_role("link", name="Table", exact=True).click()
    assert page.locator("html").get_attribute("lang") == "en"
    expect(page.get_by_text("3 records").first).to_be_visible()


def focused(page: Page) -> str:
    """Return the text of the element that has the focus."""
    return str(page.evaluate("document.activeElement.innerText")).strip()


def test_long_words_do_not_widen_a_page(visit: Visit) -> None:
    """A word that is longer than a telephone is wide is cut, in a filter and in a message."""
    word = "anticonstitutionnellement" * 2
    page = visit(f"/explore/?q={word}&refine.theme={word}", width=320)
    assert page.evaluate("document.documentElement.scrollWidth") == 320
    page.goto(f"{page.url.partition('/explore/')[0]}/explore/dataset/economies-ges/table/?refine.{word}=1&q={word}")
    assert page.evaluate("document.documentElement.scrollWidth") == 320
