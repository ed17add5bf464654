"""The open data never need to know anybody: stores of persons may stop, and nothing public changes."""

from datetime import UTC, datetime

import pytest
from flask import Flask
from flask.testing import FlaskClient

from datasets.publish import publish
from portal.accounts.service import create_account
from tests.builders import a_release

PASSWORD = "Neuf-colombes-Traversent-Auch-52!"
DATASET = "/explore/dataset/communes-du-gers"
API = "/api/explore/v2.1/catalog"
ADDRESSES = (
    "/",
    "/explore/",
    "/explore/?q=communes",
    *(f"{DATASET}/{tab}/" for tab in ("information", "table", "export", "api")),
    f"{API}/datasets",
    f"{API}/datasets/communes-du-gers",
    f"{API}/datasets/communes-du-gers/records",
    f"{API}/datasets/communes-du-gers/facets",
    f"{API}/datasets/communes-du-gers/exports/csv",
    f"{API}/datasets/communes-du-gers/exports/json",
    "/pages/privacy/",
)


@pytest.fixture
def published(app: Flask) -> Flask:
    """A portal with one dataset."""
    parts = app.extensions["portal"]
    at = datetime(2026, 11, 22, tzinfo=UTC)
    publish(lambda: parts.databases.session("catalogue"), parts.store, [a_release()], at=at)
    return app


def read_all(client: FlaskClient) -> dict[str, tuple[int, bytes]]:
    """Return what every public address answers."""
    answers = {address: client.get(address) for address in ADDRESSES}
    assert not [address for address, answer in answers.items() if "Set-Cookie" in answer.headers]
    return {address: (answer.status_code, answer.data) for address, answer in answers.items()}


def test_open_data_answer_the_same_bytes_without_the_stores_of_persons(published: Flask) -> None:
    """With accounts, keys and audience moved away, pages, API and downloads answer as before, byte for byte."""
    parts = published.extensions["portal"]
    before = read_all(published.test_client())
    assert {status for status, _ in before.values()} == {200}
    for name in ("accounts", "keys", "audience"):
        for path in parts.settings.instance.glob(f"{name}.sqlite*"):
            path.rename(path.with_name(f"away-{path.name}"))
    assert read_all(published.test_client()) == before


def test_a_signed_in_person_becomes_a_visitor_when_accounts_stop(published: Flask) -> None:
    """The cookie of a person whose store is away opens the public pages, and no page fails."""
    parts = published.extensions["portal"]
    with parts.databases.session("accounts") as session:
        create_account(session, parts.vault, "ada@example.org", PASSWORD, at=parts.clock.now())
    browser = published.test_client()
    assert browser.post("/login/", data={"email": "ada@example.org", "password": PASSWORD}).status_code == 303
    for path in parts.settings.instance.glob("accounts.sqlite*"):
        path.rename(path.with_name(f"away-{path.name}"))
    assert {browser.get(address).status_code for address in ADDRESSES} == {200}
