"""The table of a dataset: filtered by column, laid out by the address, and what follows its filters."""

import re
from urllib.parse import parse_qsl, urlsplit

import pytest
from flask.testing import FlaskClient
from hypothesis import given
from hypothesis import strategies as st
from werkzeug.datastructures import MultiDict

from datasets.model import Field
from portal.pages import grid
from portal.pages.filters import Filters, fits, read_filters

TABLE = "/explore/dataset/economies-ges/table/"
PLACES = "/explore/dataset/lieux-de-demonstration/table/"
names = st.text("abcz_", min_size=1, max_size=5)
values = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=12).filter(str.strip)

conditions = st.tuples(st.just("has"), names, st.text("ab é", min_size=1).map(str.strip).filter(bool))


def count(client: FlaskClient, path: str, **query: str) -> int:
    """Return the number of records that a page of the table tells."""
    text = client.get(path, query_string=query).text
    found = re.search(r'id="grid-title">([\d\s\u202f]+) enregistrement', text)
    return int(re.sub(r"\D", "", found[1])) if found else 0


@given(
    st.builds(
        Filters,
        text=values.map(lambda text: " ".join(text.split())),
        refined=st.lists(st.tuples(names, values), max_size=2, unique=True).map(tuple),
        limited=st.lists(conditions, max_size=2, unique=True).map(tuple),
        layout=st.sampled_from([(), (("columns", "a,b"),), (("columns", "a"), ("rows", "100"), ("dense", "1"))]),
        page=st.integers(1, 999),
    )
)
def test_an_address_says_the_whole_state(state: Filters) -> None:
    """Whatever is asked, the address of a state read again is that state."""
    query = MultiDict(parse_qsl(urlsplit(state.address("/x", page=state.page)).query, keep_blank_values=True))
    kept = tuple((kind, name, " ".join(value.split())) for kind, name, value in state.limited)
    assert read_filters(query) == Filters(state.text, state.refined, (), kept, "", state.page, state.layout)


def test_bounds_and_words_narrow_the_table(visitor: FlaskClient) -> None:
    """Bounds of numbers and days are included, words are whole or begun, accents and capitals do not matter."""
    everything = count(visitor, TABLE)
    some = count(visitor, TABLE, **{"from.nb_tournees": "100"})
    few = count(visitor, TABLE, **{"from.nb_tournees": "100", "to.nb_tournees": "200,5"})
    assert 0 < few < some < everything
    assert count(visitor, PLACES, **{"from.ouverture": "1951-01-01", "to.ouverture": "1951-12"}) == 5
    assert count(visitor, TABLE, **{"has.nom_geo": "midi"}) == 0
    assert count(visitor, TABLE, **{"has.nom_geo": "LOT GARON"}) == 8


@pytest.mark.parametrize(
    "query",
    [
        {"from.nb_tournees": "beaucoup"},
        {"from.nb_tournees": "1e5"},
        {"to.nb_tournees": "9" * 40},
        {"from.nom_geo": "5"},
        {"has.nb_tournees": "5"},
        {"from.masque": "1"},
        {"from.inconnu": "5"},
    ],
)
def test_a_condition_that_a_field_cannot_take_is_left_out(visitor: FlaskClient, query: dict[str, str]) -> None:
    """A bound that is no number, or on a field that has none, is named and left out; the page shows its records."""
    answer = visitor.get(TABLE, query_string=query)
    assert answer.status_code == 200
    assert "n’a pas été appliqué" in answer.text
    assert count(visitor, TABLE, **query) == count(visitor, TABLE)


@pytest.mark.parametrize(
    ("kind", "value", "type_", "expected"),
    [
        ("from", "2024-02-29", "date", True),
        ("from", "2023-02-29", "date", False),
        ("to", "2024-13", "datetime", False),
        ("to", "2024-12", "datetime", True),
        ("from", "2024", "date", False),
        ("from", "-3.5", "double", True),
        ("has", "x", "text", True),
        ("from", "1", "geo_shape", False),
    ],
)
def test_conditions_fit_types(kind: str, value: str, type_: str, expected: bool) -> None:
    """Numbers are bound by numbers, days by days that exist, texts by words, and nothing else by anything."""
    assert fits(kind, value, Field("x", type_)) is expected


def test_downloads_and_api_follow_the_conditions(visitor: FlaskClient) -> None:
    """The records of the API and of a download are those that the table counts."""
    query = {"from.nb_tournees": "100", "has.nom_geo": "lot", "refine.niveau_geo": "departement", "q": "2025"}
    text = visitor.get("/explore/dataset/economies-ges/api/", query_string=query).text
    address = re.search(r'id="address" href="([^"]+)"', text)
    assert address
    rows = visitor.get(address[1].replace("&amp;", "&")).json
    assert rows["total_count"] == count(visitor, TABLE, **query)
    page = visitor.get("/explore/dataset/economies-ges/export/", query_string=query).text
    download = re.search(r'href="(/api/[^"]*exports/json[^"]*)"', page)
    assert download
    assert len(visitor.get(download[1].replace("&amp;", "&")).json) == rows["total_count"]


def test_columns_rows_and_density_are_in_the_address(visitor: FlaskClient) -> None:
    """Chosen columns alone are shown, in their order; page sizes are those offered; links keep the choice."""
    query = {"columns": "nom_geo,periode,rien", "rows": "100", "dense": "1"}
    text = visitor.get(TABLE, query_string=query).text
    head = text.split("<thead>")[1].split("</thead>")[0]
    assert [label for label in ("Période", "Territoire", "Niveau") if label in head] == ["Période", "Territoire"]
    assert text.count("<tr><td") == 100
    assert '<table class="dense">' in text
    assert "columns=nom_geo%2Cperiode%2Crien&amp;rows=100&amp;dense=1" in head
    assert text.count("<tr><td") == visitor.get(TABLE, query_string={"rows": "100"}).text.count("<tr><td")
    assert visitor.get(TABLE, query_string={"rows": "7", "columns": "rien"}).text.count("<tr><td") == 50


def test_facets_are_in_the_headings(visitor: FlaskClient) -> None:
    """A facet is chosen in the heading of its column; above the table only where no heading holds it."""
    text = visitor.get(TABLE, query_string={"refine.niveau_geo": "pays"}).text
    form, head = text.split("<table")[0], text.split("<thead>")[1].split("</thead>")[0]
    assert 'name="refine.' not in form
    assert head.count('<select id="facet-niveau_geo" name="refine.niveau_geo" form="grid-form">') == 1
    assert '<option value="pays" selected>Pays (' in head
    assert 'class="column-filter filtered"' in head
    some = visitor.get(TABLE, query_string={"columns": "periode", "refine.niveau_geo": "pays"}).text
    assert 'name="refine.niveau_geo"' in some.split("<table")[0]
    assert 'name="refine.periode"' in some.split("<thead>")[1]
    assert some.count('name="refine.niveau_geo"') == 1
    none = visitor.get(TABLE, query_string={"q": "introuvable", "refine.niveau_geo": "pays"}).text
    assert none.count('name="refine.niveau_geo"') == 1


def test_hidden_figures_are_told_without_their_mark(visitor: FlaskClient) -> None:
    """A withheld figure reads as hidden even when the column that marks it is not shown."""
    query = {"columns": "nom_geo,nb_tournees", "refine.masque": "true"}
    assert visitor.get(TABLE, query_string=query).text.split("<tbody>")[1].count("masqué") >= 50


def test_a_record_has_its_page(visitor: FlaskClient) -> None:
    """Each row leads to its record, told whole with labels and units; one that does not exist is a 404."""
    text = visitor.get(f"{TABLE}?refine.periode=2025&has.nom_geo=gers").text
    link = re.search(r'href="(/explore/dataset/economies-ges/record/\w+/)" aria-label="Enregistrement 1"', text)
    assert link
    page = visitor.get(link[1]).text
    assert "Gers" in page
    assert "kg CO₂e" in page
    itself = re.search(r'href="(/api/[^"]+/records/\w+)"', page)
    assert itself
    assert visitor.get(itself[1]).json["nom_geo"] == "Gers"
    assert visitor.get("/explore/dataset/economies-ges/record/0000/").status_code == 404
    assert visitor.get("/explore/dataset/economies-ges/record/%00/").status_code == 404


def test_an_empty_table_keeps_its_conditions(visitor: FlaskClient) -> None:
    """When nothing matches there are no headings: the form carries their conditions, and each can be removed."""
    text = visitor.get(TABLE, query_string={"from.nb_tournees": "999999"}).text
    assert '<input type="hidden" name="from.nb_tournees" value="999999">' in text
    assert "Aucun enregistrement" in text


def test_an_order_is_paged_through_to_a_limit_that_is_said(
    visitor: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Sorted, a long table ends at a page that says so and what to do; in the order of the file it goes to its end."""
    monkeypatch.setattr(grid, "MOST_SORTED", 150)
    last = visitor.get(TABLE, query_string={"sort": "code_geo", "page": "999"}).text
    assert ", page 3 sur 3" in last
    assert "les 150 premiers enregistrements" in last
    assert "premiers enregistrements" not in visitor.get(TABLE, query_string={"sort": "code_geo"}).text
    whole = visitor.get(TABLE, query_string={"page": "999", "rows": "100"}).text
    assert "premiers enregistrements" not in whole
    assert ", page 11 sur 11" in whole
