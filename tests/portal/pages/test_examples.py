"""The ways to use the records that a dataset's page shows: each of them is a call that answers."""

import csv
import re
from io import StringIO
from urllib.parse import urlsplit

import pytest
from flask.testing import FlaskClient

from datasets.model import Field, Schema
from portal.pages.examples import Addresses, write_examples
from portal.programs import USES

FILTERS = (("where", 'nb_tournees >= 100 and suggest(nom_geo, "d\'Azur")'), ("refine", "niveau_geo:region"))
ADDRESSES = Addresses("http://x.example", "economies-ges", FILTERS)
PLACES = Addresses("http://x.example", "lieux-de-demonstration", (("where", 'genre = "festival"'),))


def ask(client: FlaskClient, text: str) -> str:
    """Make the call that a program holds; return what answers."""
    found = re.search(r"http://x\.example(/[^\s\"']+)", text)
    assert found
    parts = urlsplit(found[1])
    answer = client.get(f"{parts.path}?{parts.query}")
    assert answer.status_code == 200, answer.text
    return answer.get_data(as_text=True)


@pytest.mark.parametrize("addresses", [ADDRESSES, PLACES], ids=lambda addresses: addresses.dataset_id)
def test_each_call_answers(visitor: FlaskClient, addresses: Addresses) -> None:
    """Every program, formula and layer asks for the filtered records, whatever quotes the filters hold."""
    placed = addresses is PLACES
    examples = write_examples(addresses, ["code_geo"], placed=placed)
    assert len(examples) == len(USES) - (0 if placed else 1)
    sizes = set()
    for example in examples:
        text = ask(visitor, example.text)
        if example.use.resource == "exports/csv":
            delimiter = dict(example.use.extra).get("delimiter", ";")
            sizes.add(len(list(csv.reader(StringIO(text), delimiter=delimiter))) - 1)
    assert len(sizes) == 1
    assert sizes.pop() > 0


def test_no_address_ends_a_string() -> None:
    """An address in a program holds neither quote nor backslash."""
    hostile = Addresses("http://x.example", "d", (("where", "a = 'x\" \\ `' # \n"), ("refine", 'n:"l\'é"')))
    for example in write_examples(hostile, []):
        address = hostile.of(example.use.resource, extra=example.use.extra)
        assert not set("'\"\\`\n ") & set(address)


def test_maps_are_offered_where_there_are_places(visitor: FlaskClient) -> None:
    """The layer for QGIS is offered to datasets that have places, and to them only."""
    assert "QGIS" in visitor.get("/explore/dataset/lieux-de-demonstration/api/").text
    assert "QGIS" not in visitor.get("/explore/dataset/communes-du-gers/api/").text


def test_the_console_knows_the_fields(visitor: FlaskClient) -> None:
    """Clauses are completed with the fields of the dataset, and begin with the filters of the page."""
    text = visitor.get("/explore/dataset/economies-ges/api/?refine.periode=2025&from.nb_tournees=10").text
    schema = Schema((Field("nb_tournees", "int"),))
    assert f'<option value="{schema.names[0]}">' in text
    assert 'name="where" value="`nb_tournees` &gt;= 10"' in text
    assert 'name="refine" value="periode:2025"' in text
