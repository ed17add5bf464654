"""The console of the API in a real browser: with a script, without, with the keyboard, on a telephone."""

import json

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import Visit

pytestmark = pytest.mark.browser

CONSOLE = "/api/explore/v2.1/console?dataset=economies-ges"


def test_a_call_is_written_sent_and_read(visit: Visit) -> None:
    """The address and the programs follow the form; the answer comes in place, indented, with its headers."""
    page = visit(CONSOLE)
    page.get_by_label("where").fill("periode = '2025'")
    page.get_by_label("limit").fill("1")
    expect(page.locator("#address")).to_contain_text("records?where=periode+%3D+%272025%27&limit=1")
    expect(page.get_by_role("group", name="Python")).to_contain_text("records?where=periode+%3D+%272025%27&limit=1")
    page.get_by_label("limit").press("Enter")
    expect(page.get_by_role("status").filter(has_text="200")).to_be_visible()
    shown = page.get_by_role("region", name="Corps de la réponse").inner_text()
    assert shown.startswith('{\n  "total_count": ')
    assert len(json.loads(shown)["results"]) == 1
    page.get_by_text("En-têtes").click()
    expect(page.locator("#answer-headers")).to_contain_text("x-ratelimit-remaining")


def test_a_mistake_is_told_beside_its_field(visit: Visit) -> None:
    """The message of the API stands beside the field that it names, which has the focus, until the next call."""
    page = visit(CONSOLE, lang="en-GB", width=320)
    page.get_by_label("order_by").fill("-periodee")
    page.get_by_role("button", name="Send").click()
    field = page.get_by_label("order_by")
    expect(field).to_have_attribute("aria-invalid", "true")
    expect(field).to_be_focused()
    expect(page.locator("#wrong")).to_contain_text("Unknown field: periodee")
    field.fill("-periode")
    field.press("Enter")
    expect(page.get_by_role("status").filter(has_text="200")).to_be_visible()
    expect(page.locator("#wrong")).to_have_count(0)


def test_values_may_be_repeated_and_answers_be_long(visit: Visit) -> None:
    """A field that repeats has several values; a file that is long shows its beginning, one that is no text none."""
    page = visit("/api/explore/v2.1/console?operation=exportRecords&format=geojson&dataset=referentiel-territoires")
    page.get_by_role("button", name="Envoyer").click()
    expect(page.get_by_text("seul son début est montré")).to_be_visible()
    page.get_by_label("refine", exact=True).fill("niveau_geo:region")
    page.locator(".field", has=page.get_by_label("refine", exact=True)).get_by_role("button").click()
    page.get_by_label("refine, autre valeur").fill("niveau_geo:departement")
    expect(page.locator("#address")).to_contain_text("refine=niveau_geo%3Aregion&refine=niveau_geo%3Adepartement")
    page.get_by_label("Format").select_option("parquet")
    page.get_by_role("button", name="Afficher le formulaire").click()
    page.get_by_role("button", name="Envoyer").click()
    expect(page.get_by_text("C’est un fichier")).to_be_visible()


def test_without_a_script_the_form_opens_the_answer(visit: Visit) -> None:
    """The form is a plain one: what is chosen and filled in leads to the JSON itself."""
    page = visit("/api/explore/v2.1/console", javascript=False)
    page.get_by_label("Opération").select_option("getRecords")
    page.get_by_label("Jeu de données").select_option("economies-ges")
    page.get_by_role("button", name="Afficher le formulaire").click()
    page.get_by_label("limit").fill("2")
    page.get_by_role("button", name="Envoyer").click()
    assert len(json.loads(page.inner_text("body"))["results"]) == 2


@pytest.mark.parametrize(("scheme", "lang", "width"), [("light", "fr-FR", 1280), ("dark", "en-GB", 320)])
def test_axe_finds_nothing_and_nothing_overflows(visit: Visit, axe: str, scheme: str, lang: str, width: int) -> None:
    """With an answer shown and everything unfolded, no rule of accessibility is broken and nothing scrolls sideways."""
    page = visit(CONSOLE, scheme=scheme, lang=lang, width=width)
    page.get_by_label("where").fill("nothing = 1")
    page.get_by_label("where").press("Enter")
    expect(page.locator("#wrong")).to_be_visible()
    page.evaluate("document.querySelectorAll('details').forEach((each) => { each.open = true; })")
    page.evaluate(axe)
    found = page.evaluate("axe.run()")["violations"]
    assert [(rule["id"], [node["html"][:160] for node in rule["nodes"]]) for rule in found] == []
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
