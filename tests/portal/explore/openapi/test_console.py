"""The console: a light page of people among the addresses of programs, whose forms work as they are."""

import re
from html.parser import HTMLParser
from pathlib import Path

import pytest

import portal
from portal.explore.openapi.operations import DOCUMENT, NEVER, OPERATIONS
from portal.explore.params import BY_NAME, TAKES

CONSOLE = "/api/explore/v2.1/console"
STATIC = Path(portal.__file__).parent / "static"
OFFERED = sorted(
    operation.id
    for operation in OPERATIONS
    if not operation.format and operation.answer not in (NEVER, DOCUMENT) and operation.endpoint != "attachment"
)


class Reader(HTMLParser):
    """What a page holds: its tags with their attributes."""

    def __init__(self, text):
        super().__init__()
        self.tags = []
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))

    def all(self, tag, **wanted):
        return [a for name, a in self.tags if name == tag and all(a.get(key) == text for key, text in wanted.items())]


def form_of(text):
    """Return the address of the form of a page, and the names of its fields."""
    page = Reader(text)
    [call] = page.all("form", id="call")
    inside = text[text.index('id="call"') : text.index("</form>", text.index('id="call"'))]
    fields = Reader(inside)
    return call["action"], [each["name"] for tag in ("input", "select") for each in fields.all(tag)]


@pytest.mark.parametrize("path", [CONSOLE, f"{CONSOLE}/", "/api-console/explore/v2.1/", "/api-console/explore/v2.1"])
def test_the_console_has_the_addresses_of_opendatasoft(api, path):
    """Both addresses give the page, with and without a trailing slash."""
    response = api.get(path)
    assert (response.status_code, response.mimetype) == (200, "text/html")


@pytest.mark.parametrize("name", OFFERED)
def test_each_form_has_the_parameters_of_its_operation_and_works_empty(api, name):
    """A form has a field for each parameter taken (those of a format with it), and sent empty it gives a success."""
    operation = next(each for each in OPERATIONS if each.id == name)
    response = api.get(f"{CONSOLE}?operation={name}&dataset=communes-du-gers")
    action, names = form_of(response.text)
    taken = set(TAKES.get(operation.endpoint, ()))
    others = {"parquet_compression", "name_field", "description_field_list", "use_extension"}
    assert set(names) == taken - (others if operation.answer == "file" else set())
    sent = api.get(action, query_string=dict.fromkeys(names, ""))
    assert sent.status_code == 200, sent.text[:300]
    assert "Warning" not in sent.headers


def test_fields_have_labels_and_help(api):
    """Every field of the form has a label and a help in the language of the page."""
    text = api.get(f"{CONSOLE}?lang=fr&dataset=communes-du-gers").text
    page = Reader(text)
    labels = {each["for"] for each in page.all("label")}
    for name in form_of(text)[1]:
        assert f"field-{name}" in labels
        assert BY_NAME[name].help.fr in text
    english = api.get(CONSOLE, headers={"Accept-Language": "en"}).text
    assert "API console" in english
    assert BY_NAME["where"].help in english


def test_the_layout_of_a_format_is_shown_for_it_alone(api):
    """The separators of CSV are asked for CSV, the names of GPX for GPX."""
    for name, shown, hidden in (("csv", "delimiter", "name_field"), ("gpx", "name_field", "delimiter")):
        path = f"{CONSOLE}?operation=exportRecords&dataset=communes-du-gers&format={name}"
        action, names = form_of(api.get(path).text)
        assert action.endswith(f"/exports/{name}")
        assert shown in names
        assert hidden not in names


def test_the_page_is_light_and_loads_nothing_from_elsewhere(api):
    """With its script and its style the page weighs less than 40 kB; nothing is inline, everything is ours."""
    response = api.get(f"{CONSOLE}?operation=exportRecords&dataset=communes-du-gers")
    weight = len(response.data) + sum((STATIC / f"console.{kind}").stat().st_size for kind in ("js", "css"))
    assert weight < 40_000
    page = Reader(response.text)
    links = [each for each in page.all("link") if each["rel"] not in ("canonical", "alternate")]
    loaded = [each.get("src") or each.get("href") for each in (*page.all("script"), *links, *page.all("img"))]
    assert all(address.startswith("/") for address in loaded)
    assert not re.search(r"<style|\sstyle=|\son\w+=|<script(?![^>]*\ssrc=)", response.text)
    assert "default-src 'self'" in response.headers["Content-Security-Policy"]
    assert "Set-Cookie" not in response.headers


def test_what_is_not_there_is_told_to_people(api):
    """An unknown dataset is a 404 page, not the JSON of the API; an unknown operation shows the usual one."""
    response = api.get(f"{CONSOLE}?dataset=nope")
    assert (response.status_code, response.mimetype) == (404, "text/html")
    action, _ = form_of(api.get(f"{CONSOLE}?operation=destroy&format=exe").text)
    assert action.endswith("/records")


@pytest.mark.parametrize("text", ['"><script>alert(1)</script>', "../..", "é\x00", "{{7*7}}", "%s" * 100])
def test_hostile_choices_stay_text(api, text):
    """Whatever the address says, the page holds it as text, or answers 404."""
    for name in ("operation", "format", "record"):
        query = {"operation": "getRecord", "dataset": "communes-du-gers", name: text}
        response = api.get(CONSOLE, query_string=query)
        assert response.status_code == 200
        assert "<script>alert" not in response.text
        assert "49" not in form_of(response.text)[0]
    assert api.get(CONSOLE, query_string={"dataset": text}).status_code == 404


def test_a_portal_without_data_has_a_console(client):
    """Before the first publication the console offers the operations of the catalogue."""
    response = client.get(CONSOLE)
    assert response.status_code == 200
    assert form_of(response.text)[0] == "/api/explore/v2.1/catalog/datasets"


def test_pages_lead_to_the_console(api):
    """The API tab of a dataset and the foot of every page link to it."""
    tab = api.get("/explore/dataset/communes-du-gers/api/").text
    assert f"{CONSOLE}?dataset=communes-du-gers" in tab
    assert f'href="{CONSOLE}"' in api.get("/").text
