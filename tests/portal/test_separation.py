"""The open data never need to know anybody: stores of persons may stop, nothing leads from one of them to another."""

import hashlib
import re
from datetime import UTC, datetime
from itertools import permutations

import pytest
from flask import Flask
from sqlalchemy import inspect, text

from datasets.catalogue.catalogue import find_dataset
from datasets.publish import publish
from portal.accounts.consents import service as consents
from portal.accounts.keys import service as keys
from portal.accounts.service import create_account
from portal.databases import NAMES
from portal.producers.service import create_draft, owner_of
from tests.builders import a_release

KINDS = ("md5", "sha1", "sha256", "blake2b")
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
CLOSED = {
    "accounts", "consents", "entrance", "journal", "keys", "partners", "passkeys", "people", "photos", "second_step",
    "security", "producers", "push", "records", "rights", "rights_desk", "sources",
}  # fmt: skip
"""The rooms where one is somebody."""

TELLING = {"privacy.show_duties", "privacy.show_retention"}
"""Pages about the stores of persons themselves."""

FILLED = {
    "dataset_id": "communes-du-gers",
    "tab": "images",
    "name": "json",
    "filename": "portal.css",
    "size": "64",
    "format_": "atom",
    "since": "earlier",
}
"""What is put in the places of an address; "nothing" in the others."""


@pytest.fixture
def published(app: Flask) -> Flask:
    """A portal with one dataset."""
    parts = app.extensions["portal"]
    at = datetime(2026, 11, 22, tzinfo=UTC)
    publish(lambda: parts.databases.session("catalogue"), parts.store, [a_release()], at=at)
    return app


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


def list_open(app: Flask) -> list[str]:
    """Return an address of each route that is open to all."""
    with app.extensions["portal"].databases.session("catalogue") as session:
        dataset = find_dataset(session, "communes-du-gers")
    assert dataset is not None
    version = dataset.version
    assert version is not None
    filled = {**FILLED, "version_id": version.version_id, "since": version.version_id}
    found = []
    for rule in app.url_map.iter_rules():
        opened = rule.endpoint.partition(".")[0] not in CLOSED and rule.endpoint not in TELLING
        if opened and "GET" in (rule.methods or ()):
            fitting = dict.fromkeys(re.findall(r"<int:(\w+)>", rule.rule), "7")
            fitting |= {name: first for first, name in re.findall(r"<any\((\w+)[^)]*\):(\w+)>", rule.rule)}
            places = {name: filled.get(name, fitting.get(name, "nothing")) for name in rule.arguments}
            found.append(app.url_map.bind("localhost").build(rule.endpoint, places))
    return sorted({*ADDRESSES, *found})


def test_every_open_route_answers_the_same_bytes_without_them(published: Flask) -> None:
    """All the routes of the map but those where one is somebody: pages, API of every version, files, documents."""
    addresses, parts = list_open(published), published.extensions["portal"]

    def read() -> dict[str, tuple[int, bytes]]:
        answers = {}
        for address in addresses:
            with published.test_client().get(address) as answer:
                assert "Set-Cookie" not in answer.headers, address
                answers[address] = answer.status_code, answer.data
        return answers

    before = read()
    assert len(before) > 90
    assert {address: status for address, (status, _) in before.items() if status >= 500} == {}
    assert sum(status == 200 for status, _ in before.values()) > 45
    for name in ("accounts", "keys", "audience"):
        for path in parts.settings.instance.glob(f"{name}.sqlite*"):
            path.rename(path.with_name(f"away-{path.name}"))
    after = read()
    assert [address for address in addresses if before[address] != after[address]] == []


def read_values(app: Flask, name: str) -> set[str]:
    """Return every value of a database that could name somebody or something: texts and bytes, from eight on."""
    found: set[str] = set()
    with app.extensions["portal"].databases.engine(name).connect() as connection:
        for table in inspect(connection).get_table_names():
            for row in connection.execute(text(f'SELECT * FROM "{table}"')):
                values = (value.hex() if isinstance(value, bytes) else str(value) for value in row)
                found |= {value for value in values if len(value) >= 8}
    return found


def live(app: Flask) -> None:
    """Have somebody sign up, look, download with a key, agree to letters and hold a draft."""
    parts = app.extensions["portal"]
    with parts.databases.session("accounts") as session:
        account = create_account(session, parts.vault, "ada@example.org", PASSWORD, "producer", at=parts.clock.now())
        consents.give(session, account.id, "news", "fr", parts.clock.now())
    with parts.databases.session("keys") as store:
        holder = keys.holder_of(parts.settings.secret_key, account.id)
        key = keys.create_key(store, holder, "robot", at=parts.clock.now())
    create_draft(parts, owner_of(parts.settings.secret_key, account.id), "file.csv", "1" * 64, 1)
    browser = app.test_client()
    assert browser.post("/login/", data={"email": "ada@example.org", "password": PASSWORD}).status_code == 303
    for address in (f"{DATASET}/table/", f"{API}/datasets/communes-du-gers/records?apikey={key}"):
        with browser.get(address) as answer:
            assert answer.status_code == 200
    app.extensions["audience"].buffer.flush()


def test_no_value_leads_from_one_store_to_another(published: Flask) -> None:
    """Accounts, keys, audience and catalogue share no value, nor a plain hash of one: they cannot be joined."""
    live(published)
    stores = {name: read_values(published, name) for name in NAMES}
    assert all(stores.values())
    instants = re.compile(r"\d{4}-\d\d-\d\d")
    for one, other in permutations(NAMES, 2):
        shared = {value for value in stores[one] & stores[other] if not instants.match(value)}
        assert shared <= {"communes-du-gers"}, (one, other)
        hashed = {hashlib.new(kind, value.encode()).hexdigest() for kind in KINDS for value in stores[one]}
        assert hashed & stores[other] == set(), (one, other)
