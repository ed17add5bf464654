"""Each version of a dataset has an address that does not change, and says what it changed."""

from contextlib import AbstractContextManager
from datetime import timedelta

import pyarrow as pa
import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from datasets.model import Schema
from datasets.publish import Release, publish, rename, restore, withdraw, withdraw_one
from datasets.types.public import arrow_schema
from portal.clock import FixedClock
from tests.builders import TOWN_ROWS, TOWNS, a_description, a_release

ROOT = "/api/explore/v2.1/catalog/datasets/communes-du-gers"
FEWER = Schema(tuple(field for field in TOWNS if field.name != "canton"))


@pytest.fixture
def two(app: Flask, clock: FixedClock) -> tuple[str, str]:
    """The towns in two versions, the second without one field; their identifiers."""
    parts = app.extensions["portal"]
    rows = pa.Table.from_pylist([{**TOWN_ROWS[0], "population": 22200}, *TOWN_ROWS[1:2]], schema=arrow_schema(FEWER))
    later = Release("communes-du-gers", a_description(), FEWER, rows)

    def opened() -> AbstractContextManager[Session]:
        return parts.databases.session("catalogue")

    (first,) = publish(opened, parts.store, [a_release()], at=clock.now())
    (second,) = publish(opened, parts.store, [later], at=clock.now() + timedelta(days=1))
    return first.version_id, second.version_id


def test_the_list_says_which_version_is_current(client: FlaskClient, two: tuple[str, str]) -> None:
    """The newest comes first, with its size and its addresses, which answer."""
    found = client.get(f"{ROOT}/versions").json
    assert found["total_count"] == 2
    newest, oldest = found["results"]
    assert [newest["version_id"], oldest["version_id"]] == [two[1], two[0]]
    assert (newest["current"], oldest["current"]) == (True, False)
    assert (newest["records_count"], oldest["records_count"]) == (2, 3)
    for link in oldest["links"]:
        assert client.get(link["href"]).status_code == 200


def test_a_version_answers_the_same_for_ever(app: Flask, client: FlaskClient, two: tuple[str, str]) -> None:
    """Records, facets and files of an older version are its own, with its fields, as the API answers them."""
    old = f"{ROOT}/versions/{two[0]}"
    assert client.get(f"{old}/records?limit=1").json == {"total_count": 3, "results": TOWN_ROWS[:1]}
    assert client.get(f"{old}/records?select=sum(population) as p").json["results"] == [{"p": 28673}]
    assert client.get(f"{ROOT}/records?select=canton").status_code == 400
    assert client.get(f"{old}/facets").json["facets"][0]["name"] == "canton"
    csv = client.get(f"{old}/exports/csv")
    assert csv.status_code == 200
    assert b"Marciac" in csv.data
    assert client.get(f"{old}/exports/shp").status_code == 400
    assert client.get(f"{ROOT}/versions/{two[1]}/records").json == client.get(f"{ROOT}/records").json
    described = client.get(old).json
    assert [field["name"] for field in described["fields"]] == list(TOWNS.names)


def test_unknown_versions_and_parameters_are_told(client: FlaskClient, two: tuple[str, str]) -> None:
    """A version that never was is a 404 of the API, an unknown parameter a warning, a wrong clause a 400."""
    missing = client.get(f"{ROOT}/versions/20200101T000000Z-00000000/records")
    assert (missing.status_code, missing.json["error_code"]) == (404, "NotFoundResource")
    assert client.get(f"{ROOT}/versions/..%2F..%2Fx/records").status_code == 404
    assert "Warning" in client.get(f"{ROOT}/versions/{two[0]}/records?colour=red").headers
    assert client.get(f"{ROOT}/versions/{two[0]}/records?where=nothing>3").status_code == 400


def test_an_unchanged_version_is_not_sent_twice(client: FlaskClient, two: tuple[str, str]) -> None:
    """A version has its validator: the second call costs nothing."""
    address = f"{ROOT}/versions/{two[0]}/records"
    tag = client.get(address).headers["ETag"]
    assert client.get(address, headers={"If-None-Match": tag}).status_code == 304


def test_changes_between_versions_name_the_queries_that_break(client: FlaskClient, two: tuple[str, str]) -> None:
    """A program learns what became of fields and rows, and which queries the new version refuses."""
    found = client.get(f"{ROOT}/versions/{two[1]}/changes/{two[0]}").json
    assert (found["key"], found["rows"]) == (["code_insee"], {"added": 0, "removed": 1, "changed": 1, "kept": 1})
    (change,) = found["fields"]
    assert (change["change"], change["field"], change["breaking"]) == ("removed", "canton", True)
    for broken in change["broken_queries"]:
        answer = client.get(f"{ROOT}/records", query_string={broken["clause"]: broken["text"]})
        assert answer.status_code == 400
        assert answer.json["message"].partition("\n")[0] == broken["answer"]["en"]


def test_a_withdrawn_version_says_why(app: Flask, client: FlaskClient, two: tuple[str, str]) -> None:
    """A version withdrawn alone is gone from every address; the list keeps its reason."""
    parts = app.extensions["portal"]
    withdraw_one(lambda: parts.databases.session("catalogue"), "communes-du-gers", two[0], reason="Une fuite")
    for rest in ("", "/records", "/facets", "/exports", "/exports/csv"):
        gone = client.get(f"{ROOT}/versions/{two[0]}{rest}")
        assert gone.status_code == 410
        assert "Une fuite" in gone.json["message"]
    assert client.get(f"{ROOT}/versions").json["results"][1]["withdrawn"] == "Une fuite"
    assert client.get(f"{ROOT}/records").status_code == 200


def test_a_withdrawn_dataset_takes_its_versions_with_it(
    app: Flask, client: FlaskClient, clock: FixedClock, two: tuple[str, str]
) -> None:
    """What was withdrawn is not served by the address of a version either, until it is restored."""
    parts = app.extensions["portal"]

    def opened() -> AbstractContextManager[Session]:
        return parts.databases.session("catalogue")

    withdraw(opened, parts.store, "communes-du-gers", reason="Erreur", at=clock.now())
    assert client.get(f"{ROOT}/versions").status_code == 410
    assert client.get(f"{ROOT}/versions/{two[0]}/records").status_code == 410
    restore(opened, parts.store, "communes-du-gers", two[0], at=clock.now())
    assert client.get(f"{ROOT}/records").json["total_count"] == 3


def test_former_names_lead_to_the_same_version(
    app: Flask, client: FlaskClient, clock: FixedClock, two: tuple[str, str]
) -> None:
    """The permanent address of a version survives a renaming of its dataset."""
    parts = app.extensions["portal"]
    rename(lambda: parts.databases.session("catalogue"), parts.store, "communes-du-gers", "villes", at=clock.now())
    address = f"{ROOT}/versions/{two[0]}/records?limit=1"
    assert client.get(address).status_code == 301
    assert client.get(address, follow_redirects=True).json["results"] == TOWN_ROWS[:1]
