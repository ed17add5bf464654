"""The page of greenhouse gas, as a browser receives it."""

import re

import pytest
from flask import Flask
from flask.testing import FlaskClient

from portal.pages.ges.story import COUNTRY, about, read_territory, round_figures

PAGE = "/pages/ges/"


def test_the_last_full_year_is_told(visitor: FlaskClient) -> None:
    """The page tells the last full year of the country, the year before, and each région."""
    text = visitor.get(PAGE).text
    assert "Ce qui a été évité en 2025" in text
    assert "En 2024, c’était" in text
    assert text.count("?territory=region%3A") >= 18


def test_a_territory_is_chosen(visitor: FlaskClient) -> None:
    """A région or a département has its own figures, and stays chosen; anything else is the country."""
    text = visitor.get(PAGE, query_string={"territory": "region:76"}).text
    assert "Occitanie, 2025" in text
    assert '<option value="region:76" selected>' in text
    assert read_territory("epci:1") == read_territory("x") == read_territory("departement:") == COUNTRY
    assert visitor.get(PAGE, query_string={"territory": 'region:"; drop'}).status_code == 200


def test_a_hidden_territory_is_said(visitor: FlaskClient) -> None:
    """A withheld figure is told in words with its reason, never as zero."""
    rows = visitor.get(PAGE).text.split("<tr>")
    hidden = next(row for row in rows if "hidden-cell" in row and "territory=" in row)
    code = re.search(r"territory=region%3A(\w+)", hidden)
    assert code
    text = visitor.get(PAGE, query_string={"territory": f"region:{code[1]}"}).text
    assert "est masqué pour protéger" in text
    assert "headline-figure" not in text.split('id="method"')[0]


def test_without_a_figure_the_method_stays(client: FlaskClient) -> None:
    """Before anything is published the page explains the method and computes the example."""
    text = client.get(PAGE).text
    assert "Aucun chiffre n’est encore publié" in text
    assert "2 340,42" in " ".join(text.split())


def test_the_example_follows_the_address(visitor: FlaskClient) -> None:
    """The form shows what the address holds and its computation; the fragment of the script is the same answer."""
    query = {"home": "Lyon", "stop1": "Auch", "own": "1", "mode1": "tgv", "quantity1": "6", "lang": "en"}
    page, alone = visitor.get(PAGE, query_string=query).text, visitor.get(f"{PAGE}example", query_string=query).text
    assert 'value="Lyon"' in page
    assert "6 × 0.0023 × 1.2 ×" in alone
    assert " ".join(alone.split()) in " ".join(page.split())
    assert "<html" not in alone


@pytest.mark.parametrize("text", ['"><script>alert(1)</script>', "'; drop table x", "\x00", "é" * 400])
def test_hostile_texts_are_answered(visitor: FlaskClient, text: str) -> None:
    """Whatever is typed, the page answers, says what is wrong and repeats it escaped."""
    for path in (PAGE, f"{PAGE}example"):
        names = ("home", "stop1", "mode1", "quantity1", "km0-1", "own", "territory")
        answer = visitor.get(path, query_string=dict.fromkeys(names, text))
        assert answer.status_code == 200
        assert "<script>alert" not in answer.text


def test_places_are_suggested(visitor: FlaskClient) -> None:
    """The field of a commune is helped by the names that begin alike."""
    assert visitor.get(f"{PAGE}places?q=auc").json[0] == "Auch (32)"
    assert visitor.get(f"{PAGE}places").json == []


@pytest.mark.parametrize(
    ("kilograms", "said"),
    [
        (1_415_598.3, "1 400 t CO₂e"),
        (1485.17, "1,5 t CO₂e"),
        (513.3, "510 kg CO₂e"),
        (-847.3, "-850 kg CO₂e"),
        (0, "0 kg CO₂e"),
        (None, ""),
    ],
)
def test_masses_have_two_figures(site: Flask, kilograms: float | None, said: str) -> None:
    """A published saving is told with two significant figures, in tonnes when it weighs any."""
    with site.test_request_context("/?lang=fr"):
        assert " ".join(about(kilograms).split()) == said
    assert round_figures(0.0) == 0
