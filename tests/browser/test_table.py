"""The table of a dataset in a real browser: filtered in its headings, laid out, walked and copied."""

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import Visit

pytestmark = pytest.mark.browser

TABLE = "/explore/dataset/economies-ges/table/"
COPIED = "() => navigator.clipboard.readText()"


def read_focus(page: Page) -> str:
    """Return the text of the element that has the focus."""
    return str(page.evaluate("document.activeElement.innerText")).strip()


def test_columns_are_filtered_chosen_and_copied(visit: Visit) -> None:
    """Filters of headings and chosen columns are in the address; cells, rows and pages paste in a spreadsheet."""
    page = visit(f"{TABLE}?refine.periode=2025&refine.niveau_geo=pays")
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page.get_by_role("columnheader", name="Tournées").locator("summary").click()
    page.get_by_label("À partir de – Tournées").fill("1 000")
    page.get_by_role("columnheader", name="Tournées").get_by_role("button", name="Filtrer").click()
    expect(page.get_by_role("link", name="Enlever le filtre : Tournées : à partir de 1000")).to_be_visible()
    page.get_by_text("Colonnes et lignes").click()
    for label in ("Type de période", "Niveau", "Masqué"):
        page.get_by_role("checkbox", name=label, exact=True).uncheck()
    page.get_by_role("button", name="Appliquer").click()
    assert "columns=periode%2Ccode_geo%2Cnom_geo%2Cnb_tournees%2Ceconomie" in page.url
    assert "from.nb_tournees=1+000" in page.url or "from.nb_tournees=1000" in page.url
    page.get_by_role("group", name="1 enregistrement").focus()
    page.keyboard.press("ArrowDown")
    for _ in range(3):
        page.keyboard.press("ArrowRight")
    assert read_focus(page) == "France"
    page.keyboard.press("Control+C")
    assert page.evaluate(COPIED) == "France"
    page.get_by_role("button", name="Copier la ligne").click()
    expect(page.get_by_role("status")).to_contain_text("Copié")
    period, code, name, tours, saving = str(page.evaluate(COPIED)).split("\t")
    assert (period, code, name) == ("2025", "FR", "France")
    assert int(tours) > 1000
    assert float(saving) > 1000
    page.get_by_role("button", name="Copier cette page").click()
    assert str(page.evaluate(COPIED)).splitlines()[1] == "\t".join((period, code, name, tours, saving))


def test_headings_and_the_first_column_stay_in_sight(visit: Visit, axe: str) -> None:
    """When the table scrolls both ways, its headings and its first columns do not leave; axe finds nothing to say."""
    page = visit(f"{TABLE}?rows=100", width=768, lang="en-GB")
    region = page.get_by_role("group", name="records")
    region.evaluate("it => { it.scrollTop = 900; it.scrollLeft = 300; }")
    box, head = region.bounding_box(), page.locator("thead th:nth-child(2)").bounding_box()
    assert box is not None
    assert head is not None
    assert box["x"] <= head["x"] <= box["x"] + 90
    assert box["y"] <= head["y"] <= box["y"] + 60
    page.evaluate("document.querySelectorAll('details').forEach((each) => { each.open = true; })")
    page.evaluate(axe)
    found = page.evaluate("axe.run()")["violations"]
    assert [(rule["id"], [node["html"][:160] for node in rule["nodes"]]) for rule in found] == []
    page.get_by_role("link", name="Record 3", exact=True).click()
    expect(page.get_by_role("heading", name="One record")).to_be_visible()


def test_without_a_script_everything_but_copying_is_there(visit: Visit) -> None:
    """The filters of the headings and the choice of columns are plain forms, which the keyboard reaches."""
    page = visit(TABLE, javascript=False, width=320)
    page.locator("summary", has_text="Filtrer la colonne Niveau").focus()
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    page.keyboard.type("Pays")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.get_by_role("link", name="Enlever le filtre : Niveau : Pays")).to_be_visible()
    page.get_by_role("link", name="Tout enlever").click()
    expect(page.get_by_role("button", name="Copier cette page")).to_have_count(0)
    page.get_by_role("columnheader", name="Tournées").locator("summary").click()
    page.get_by_label("Jusqu’à – Tournées").fill("20")
    page.get_by_text("Colonnes et lignes").click()
    page.get_by_role("checkbox", name="Masqué", exact=True).uncheck()
    page.get_by_role("button", name="Appliquer").click()
    expect(page.get_by_role("columnheader", name="Masqué")).to_have_count(0)
    expect(page.get_by_role("link", name="Enlever le filtre : Tournées : jusqu’à 20")).to_be_visible()
