"""Coded values are said in the reader's words by pages, and kept as codes by programs."""

import pytest
from flask import Flask
from flask.testing import FlaskClient

from datasets.model import Field
from portal.pages.cells import show
from portal.pages.words import say_value

TABLE = "/explore/dataset/economies-ges/table/"
MODE = Field("mode", "text", values={"vul": {"fr": "Fourgon", "en": "Van"}})


def test_the_table_says_codes_in_words(visitor: FlaskClient) -> None:
    """Cells, choices and the filter at work say the word; what is sent, and the API, keep the code."""
    page = visitor.get(f"{TABLE}?refine.granularite=annee&lang=en").text
    assert "<td>year</td>" in page
    assert "<td>annee</td>" not in page
    assert '<option value="annee" selected>year (' in page
    assert "Kind of period: year" in page
    assert "<td>trimestre</td>" in visitor.get(f"{TABLE}?refine.granularite=trimestre&lang=fr").text
    found = visitor.get("/api/explore/v2.1/catalog/datasets/economies-ges/records?limit=1&where=granularite='annee'")
    assert found.json["results"][0]["granularite"] == "annee"
    assert "values" not in str(visitor.get("/api/explore/v2.1/catalog/datasets/economies-ges").json["fields"])


def test_periods_are_said_and_go_by_time(visitor: FlaskClient) -> None:
    """A cell says a quarter as the reader does; choices go by time, not by letter."""
    page = visitor.get(f"{TABLE}?lang=en&sort=-periode&from.nb_tournees=1&refine.niveau_geo=pays").text
    assert "<td>Q3 2025</td>" in page
    choices = page.partition('id="facet-periode"')[2].partition("</select>")[0]
    said = [choices.index(f'value="{period}"') for period in ("2024", "2026", "2025-T1", "2025-T2", "2026-T1")]
    assert said == sorted(said)


@pytest.mark.parametrize(
    ("lang", "value", "field", "said"),
    [
        ("fr", "vul", MODE, "Fourgon"),
        ("en", "vul", MODE, "Van"),
        ("en", "autre_code", MODE, "autre_code"),
        ("en", "vul", "mode", "vul"),
        ("en", "departement", "niveau_geo", "Département"),
        ("en", "pays", "niveau_geo", "Country"),
        ("en", "2026-S49", "periode", "W49 2026"),
        ("fr", "2026-T3", "periode", "3e trimestre 2026"),
        ("fr", "2026-03", "dossier", "2026-03"),
    ],
)
def test_a_value_is_said(site: Flask, lang: str, value: str, field: Field | str, said: str) -> None:
    """A code is said as its field says it, a level and a period by the name of the field; the rest is as written."""
    with site.test_request_context(f"/?lang={lang}"):
        assert say_value(value, field) == said


def test_lists_and_unknown_codes_are_shown(site: Flask) -> None:
    """Each code of a list is said; one without a word is shown as it is."""
    with site.test_request_context("/?lang=fr"):
        several = Field("modes", "text", annotations={"multivalued": ","}, values=MODE.values)
        assert show(["vul", "x"], several) == "Fourgon, x"


@pytest.mark.parametrize(
    ("lang", "path", "said"),
    [
        ("en", "/explore/?refine.theme=Environnement", "Environment"),
        ("en", "/explore/dataset/economies-ges/information/", ">Environment</a>"),
        ("fr", "/explore/dataset/economies-ges/information/", ">Environnement</a>"),
        ("en", "/explore/dataset/referentiel-territoires/table/", '<span class="unit">inhabitants</span>'),
    ],
)
def test_usual_words_are_said_in_english(visitor: FlaskClient, lang: str, path: str, said: str) -> None:
    """Usual themes and units, written in French, are said in the reader's language."""
    assert said in visitor.get(path, headers={"Accept-Language": lang}).text
