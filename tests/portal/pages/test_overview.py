"""What the first tab and the downloads tell of a dataset: figures, citation, neighbours, formats and their sizes."""

import re
from html import unescape
from typing import Any

import pyarrow as pa
import pytest
from flask import Flask
from flask.testing import FlaskClient
from hypothesis import given
from hypothesis import strategies as st

from datasets.model import Field, Schema
from datasets.publish import Release, publish
from datasets.query import source_of
from datasets.store.made import MadeFiles
from exports import EXPORTERS, ExportOptions
from exports.layouts import name_layout, settle
from portal.pages.citation import escape, name_entry
from portal.pages.formats import FIRST, FORMS, GROUPS, choose_first, group_others, list_formats
from portal.pages.highlights import Highlight, choose_period, find_highlights
from portal.pages.prose import first_sentence
from tests.builders import a_description, a_release
from tests.portal.pages.sample import FACET, PUBLISHED

INFORMATION = "/explore/dataset/economies-ges/information/"
KINDS = Schema(
    (
        Field("periode", "text", {"fr": "Période"}, annotations=FACET),
        Field("niveau_geo", "text", {"fr": "Niveau"}, annotations=FACET),
        Field("genre", "text", {"fr": "Genre"}, annotations=FACET),
        Field("nb_lieux", "int", {"fr": "Lieux"}),
        Field("masque", "boolean", {"fr": "Masqué"}, annotations=FACET),
    )
)
KIND_ROWS = (
    ("2025", "pays", "théâtre_de_ville", 12),
    ("2025", "pays", "festival", 40),
    ("2025", "pays", "musée", None),
    ("2025", "region", "festival", 99),
    ("2024", "pays", "festival", 77),
    ("2026", "pays", "festival", 78),
)


def tell(app: Flask, release: Release) -> list[Highlight]:
    """Publish a dataset and return the figures that its page opens with, in French, in 2026."""
    portal = app.extensions["portal"]
    (version,) = publish(lambda: portal.databases.session("catalogue"), portal.store, [release], at=PUBLISHED)
    with app.test_request_context("/?lang=fr"):
        return find_highlights(source_of(version, portal.store), portal.engine, year=2026)


def test_the_country_s_row_tells_its_measures(visitor: FlaskClient) -> None:
    """One national row of the last full year: its measures, in units that are read, with the quarters drawn."""
    page = unescape(visitor.get(INFORMATION, query_string={"lang": "fr"}).text)
    figures = re.findall(r'class="figure-value">(.*?)</li>', page, re.DOTALL)
    assert len(figures) == 2
    assert "t CO₂e" in figures[0]
    assert "France, 2025" in figures[0]
    assert figures[1].count("<rect") == 5
    assert figures[1].count('<rect class="told"') == 4
    assert "1er trimestre 2026\xa0: " in figures[1]
    whole = visitor.get(
        "/api/explore/v2.1/catalog/datasets/economies-ges/records?where=niveau_geo='pays' and periode='2025'"
    )
    (row,) = (whole.json or {})["results"]
    told = re.search(r'class="number">([^<]*)<', figures[0])
    assert told is not None
    assert int(re.sub(r"\D", "", told[1])) == round(row["economie_attribuable_kgco2e"] / 1000)


def test_several_rows_of_the_country_tell_the_largest(app: Flask) -> None:
    """One row by kind: the largest kinds of the last full year, never a hidden one, another level or a sum."""
    columns = list(zip(*((*row, row[3] is None) for row in KIND_ROWS), strict=True))
    types = [pa.string(), pa.string(), pa.string(), pa.int64(), pa.bool_()]
    table = pa.table(
        [pa.array(values, kind) for values, kind in zip(columns, types, strict=True)], names=list(KINDS.names)
    )
    told = tell(app, Release("genres", a_description("Genres"), KINDS, table))
    assert [(each.label, each.value, each.note) for each in told] == [
        ("Festival", "40", "Lieux. France, 2025"),
        ("Théâtre de ville", "12", "Lieux. France, 2025"),
    ]


def test_quarters_are_drawn_when_all_of_them_are_told(app: Flask) -> None:
    """Under a figure stand its quarters, as shares of the highest and in words; a hidden one takes them all away."""
    for last, drawn in ((30, ["0.25", "1.0", "0.75"]), (None, [])):
        rows = [("2025", 90), ("2025-T1", 10), ("2025-T2", 40), ("2025-T3", last)]
        table = pa.table(
            {
                "periode": [when for when, _ in rows],
                "niveau_geo": ["pays"] * len(rows),
                "genre": ["tous"] * len(rows),
                "nb_lieux": pa.array([value for _, value in rows], pa.int64()),
                "masque": [value is None for _, value in rows],
            }
        )
        (told,) = tell(app, Release("trimestres", a_description("Trimestres"), KINDS, table))
        assert (told.value, [str(step.share) for step in told.steps]) == ("90", drawn)
        assert [step.words for step in told.steps][:1] == ["1er trimestre 2025\xa0: 10"][: len(drawn)]


def test_numbers_without_a_period_tell_their_range(app: Flask) -> None:
    """A dataset that no period nor country cuts says between what and what its numbers lie; it never adds them."""
    (told,) = tell(app, a_release())
    assert (told.label, re.sub(r"\s", " ", told.value)) == ("Population", "6 500 à 22 173")


def test_any_dataset_opens_whatever_its_fields_are_called(app: Flask) -> None:
    """Fields of these names that hold something else, empty tables, lists: figures or none, never an error."""
    kinds = {"int": pa.int64(), "date": pa.date32(), "text": pa.string(), "boolean": pa.bool_()}
    multivalued: dict[str, Any] = {"multivalued": ",", **FACET}
    cases: list[list[tuple[str, str, dict[str, Any]]]] = [
        [("periode", "int", FACET), ("niveau_geo", "boolean", FACET), ("n`x", "int", {})],
        [("periode", "date", FACET), ("niveau_geo", "text", FACET), ("nb_lieux", "int", {})],
        [("periode", "text", multivalued), ("niveau_geo", "text", {}), ("nb_lieux", "int", {})],
        [("niveau_geo", "text", multivalued), ("nb_lieux", "int", {})],
        [("nom", "text", {})],
    ]
    for rank, fields in enumerate(cases):
        schema = Schema(tuple(Field(name, kind, annotations=more) for name, kind, more in fields))
        types = [pa.list_(kinds[kind]) if "multivalued" in more else kinds[kind] for _, kind, more in fields]
        for rows in (0, 2):
            values = [pa.nulls(rows, kind) for kind in types]
            table = pa.table(values, names=[name for name, _, _ in fields])
            assert tell(app, Release(f"cas-{rank}-{rows}", a_description("Cas"), schema, table)) == []


@pytest.mark.parametrize(
    ("periods", "expected"),
    [
        (["2024", "2025", "2026", "2025-T4"], "2025"),
        (["2026", "2026-T1", "2026-T3"], "2026-T3"),
        (["2027-S16"], ""),
        ([], ""),
    ],
)
def test_the_last_full_year_is_told(periods: list[str], expected: str) -> None:
    """The present year is not over: the one before, else the last quarter; weeks tell too little."""
    assert choose_period(periods, 2026) == expected


@pytest.mark.parametrize(("lang", "title"), [("fr", "mutualisées</a>"), ("en", "mutualisées (en)</a>")])
def test_near_datasets_share_words_and_lead_on(visitor: FlaskClient, lang: str, title: str) -> None:
    """What shares a keyword or a theme is offered in the reader's language, the dataset itself never."""
    page = visitor.get("/explore/dataset/lieux-de-demonstration/information/", query_string={"lang": lang}).text
    near = page.partition('id="related-title"')[2]
    assert title in near
    assert "/explore/dataset/economies-ges/information/" in near
    assert "/explore/dataset/lieux-de-demonstration/information/" not in near


def test_a_citation_names_the_version_at_its_address(visitor: FlaskClient) -> None:
    """The sentence and the BibTeX entry hold the permanent address of the version, which answers."""
    page = unescape(visitor.get(INFORMATION).text)
    address = re.search(r"url += \{(http://127.0.0.1:8000(/explore/dataset/economies-ges/version/[^}]+))\}", page)
    assert address
    assert page.count(address[1]) == 2
    assert visitor.get(address[2]).status_code == 200


@given(st.text(st.characters(exclude_categories=("Cs", "Cc")), max_size=40))
def test_a_title_cannot_break_out_of_bibtex(text: str) -> None:
    """Whatever a title holds, its braces stay balanced, and no sign of TeX is left bare."""
    escaped = escape(text)
    bare = re.sub(r"\\textbackslash\{\}|\\text\w+\{\}|\\[&%$#_{}]", "", escaped)
    assert not set(bare) & set("\\{}%&#$_~^")
    assert re.fullmatch("[A-Za-z0-9-]+", name_entry("données_ges", PUBLISHED))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("<p>Une phrase. Une autre.</p>", "Une phrase."),
        ("Environ 3.5 t. par an", "Environ 3.5 t. par an"),
        ("a < b. C > d.", "a < b."),
        ("mot " * 200, None),
    ],
)
def test_a_dataset_opens_with_one_sentence(text: str, expected: str | None) -> None:
    """The first sentence, without markup; a long one is cut at a word."""
    found = first_sentence(text)
    assert found == expected or (expected is None and len(found) <= 241 and found.endswith("mot…"))


def test_each_format_has_its_group_and_the_best_come_first(app: Flask) -> None:
    """Every exporter is offered once: the first ones, then the others by what people do; sizes are those of files."""
    portal = app.extensions["portal"]
    (version,) = publish(lambda: portal.databases.session("catalogue"), portal.store, [a_release()], at=PUBLISHED)
    files = MadeFiles(portal.store)
    offered = list_formats(version, files, "fr", "http://x/d")
    assert {each.group for each in FORMS.values()} == set(GROUPS)
    assert [each.name for each in choose_first(offered)] == ["xlsx", "csv"]
    others = [each.name for _, formats in group_others(offered) for each in formats]
    assert set(others) | set(FIRST) >= {name for name, exporter in EXPORTERS.items() if not exporter.needs_geometry} - {
        "ical"
    }
    assert {each.size for each in offered} == {None}
    settled = settle(EXPORTERS["parquet"], version.schema, ExportOptions(), ("fr", "en"))
    assert settled is not None
    files.make(version, name_layout(EXPORTERS["parquet"], settled), [b"12345"])
    sizes = {each.name: each.size for each in list_formats(version, files, "fr", "http://x/d")}
    assert (sizes["parquet"], sizes["csv"]) == (5, None)


def test_the_downloads_say_what_they_hold(visitor: FlaskClient) -> None:
    """Whole or filtered is said first, with the number of records; what must be prepared says so."""
    whole = unescape(visitor.get("/explore/dataset/economies-ges/export/").text)
    part = unescape(
        visitor.get("/explore/dataset/economies-ges/export/?refine.periode=2025&refine.niveau_geo=pays").text
    )
    assert '<span class="badge">Entier</span>' in whole
    assert '<span class="badge badge-warning">Filtré</span>' in part
    assert re.search(r"<strong>1 enregistrement sur \d", part)
    assert part.count("préparé pendant le téléchargement") == part.count("data-prepared")
    assert whole.index("Excel (XLSX)") < whole.index("Autres formats") < whole.index("Parquet")
