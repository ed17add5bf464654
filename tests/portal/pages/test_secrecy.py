"""What a protected dataset hides is told on its pages, in both languages, to eyes and to screen readers."""

import json

import pytest
from flask import Flask
from flask.testing import FlaskClient

from datasets.programming import releases
from portal.pages import secrecy

PAGE = "/explore/dataset/economies-ges/disclosure/"


@pytest.mark.parametrize(
    ("lang", "sentences"),
    [
        (
            "fr",
            (
                "Ce qui est masqué, et pourquoi",
                "Moins de trois lieux, équipes ou programmateurs distincts.",
                "Intercommunalité (EPCI) × année",
                "quelqu’un qui a gardé toutes les versions",
                "Région × année au lieu de Département × année",
            ),
        ),
        (
            "en",
            (
                "What is hidden, and why",
                "Fewer than three distinct venues, companies or programmers.",
                "Group of communes (EPCI) × year",
                "somebody who kept every version",
                "Région × year instead of Département × year",
            ),
        ),
    ],
)
def test_the_page_tells_what_is_hidden(visitor: FlaskClient, lang: str, sentences: tuple[str, ...]) -> None:
    """It says how much, by which rules, which tables are missing, how to hide less, and who tried."""
    page = visitor.get(PAGE, query_string={"lang": lang}).get_data(as_text=True)
    assert [sentence for sentence in sentences if sentence not in page] == []
    assert "{" not in page.partition("<main")[2]


def test_the_page_and_its_data_say_the_same(visitor: FlaskClient) -> None:
    """The figures are those of the attachment, which the page gives; the certificate is beside it."""
    page = visitor.get(PAGE, query_string={"lang": "en"}).get_data(as_text=True)
    for name in (secrecy.EXPLANATION, secrecy.CERTIFICATE):
        address = f"/api/explore/v2.1/catalog/datasets/economies-ges/attachments/{name}"
        assert f'href="{address}"' in page
        assert visitor.get(address).status_code == 200
    told = json.loads(visitor.get(address.replace(secrecy.CERTIFICATE, secrecy.EXPLANATION)).data)
    assert f"{told['hidden']:,} of {told['cells']:,} cells are hidden" in page


def test_the_first_page_says_that_cells_are_hidden(visitor: FlaskClient) -> None:
    """The description of the dataset counts its hidden cells and leads to the page and to the certificate."""
    page = visitor.get("/explore/dataset/economies-ges/information/", query_string={"lang": "fr"}).get_data(
        as_text=True
    )
    assert "Cases masquées" in page
    assert PAGE in page
    assert secrecy.CERTIFICATE in page


def test_a_dataset_without_secrets_has_no_such_page(visitor: FlaskClient) -> None:
    """Nothing is hidden in other datasets: no tab, and the address leads nowhere."""
    assert visitor.get("/explore/dataset/lieux-de-demonstration/disclosure/").status_code == 404
    page = visitor.get("/explore/dataset/lieux-de-demonstration/information/").get_data(as_text=True)
    assert "/disclosure/" not in page


@pytest.mark.parametrize(("lang", "word"), [("fr", "(secret statistique)"), ("en", "(statistical confidentiality)")])
@pytest.mark.parametrize("tab", ["table", "map"])
def test_hidden_cells_are_announced(visitor: FlaskClient, tab: str, lang: str, word: str) -> None:
    """A screen reader hears why a figure is not there, in the table and beside the map."""
    query = {"lang": lang, "refine.periode": "2025", "refine.niveau_geo": "departement"}
    page = visitor.get(f"/explore/dataset/economies-ges/{tab}/", query_string=query).get_data(as_text=True)
    assert f'<span class="out-of-sight"> {word}</span>' in page


def test_attachments_are_named_alike(site: Flask) -> None:
    """The pages look for the files that the publication writes."""
    assert (secrecy.CERTIFICATE, secrecy.EXPLANATION) == (releases.CERTIFICATE, releases.EXPLANATION)
