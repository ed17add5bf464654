"""A person's copy: whole, for people and programs, of them alone, and readable by another installation."""

import csv
import io
import json
import zipfile
from datetime import UTC, datetime

from flask import Flask
from flask.testing import FlaskClient

from portal.accounts import service as accounts
from portal.accounts.consents import service as consents
from portal.accounts.keys import service as keys
from portal.accounts.service import Account
from portal.privacy.erasure import find_stores
from portal.privacy.locking.service import lock_account
from portal.privacy.policy import POLICY
from portal.privacy.portability import COLUMNS, collect, pack, unpack
from portal.privacy.rights.service import Contact, open_request
from portal.producers.service import create_draft, owner_of
from tests.builders import EMAIL, PASSWORD

PROTECTED = {"id", "email_index", "password", "second_factor", "last_code"}
"""What identifies or protects an account and tells nothing of its person."""


def fill(app: Flask, account: Account) -> None:
    """Give a person a key, a consent and an upload."""
    parts = app.extensions["portal"]
    with parts.databases.session("accounts") as session:
        consents.give(session, account.id, "news", "fr", parts.clock.now())
    with parts.databases.session("keys") as session:
        keys.create_key(session, keys.holder_of(parts.vault.secret, account.id), "robot, “été”", at=parts.clock.now())
    create_draft(parts, owner_of(parts.vault.secret, account.id), "canari.csv", "0" * 64, 12)
    at = parts.clock.now()
    with parts.databases.session("accounts") as session:
        facts = {"received": at.date(), "at": at, "language": "fr", "account_id": account.id}
        open_request(session, parts.vault, "access", "account", Contact(), "canari", **facts)
        lock_account(session, parts.vault.make_key(account.id, at), "", at=at)


def test_a_copy_holds_every_personal_column(app: Flask, signed_in: FlaskClient, account: Account) -> None:
    """Each column of the account is in the copy, under its name, but what only protects or identifies it."""
    kept = next(set(table.columns) for table in POLICY.tables if table.name == "accounts.account")
    assert kept - PROTECTED - {"second_factor"} <= set(COLUMNS["account"])
    fill(app, account)
    rows = collect(find_stores(app.extensions["portal"]), account.id)
    assert {name: len(table) for name, table in rows.items()} == {
        "account": 1,
        "sessions": 1,
        "passkeys": 0,
        "consents": 1,
        "acts": 1,
        "keys": 1,
        "uploads": 1,
        "requests": 1,
        "locks": 1,
    }
    assert (rows["account"][0]["email"], rows["account"][0]["given_name"]) == (EMAIL, "Ada")


def test_a_copy_is_of_one_person(app: Flask, signed_in: FlaskClient, account: Account) -> None:
    """Nothing of another person is in it, nor any secret."""
    parts = app.extensions["portal"]
    with parts.databases.session("accounts") as session:
        bob = accounts.create_account(session, parts.vault, "bob@example.org", PASSWORD, at=parts.clock.now())
    fill(app, bob)
    with signed_in.post("/account/copy/") as answer:
        assert answer.headers["Cache-Control"] == "no-store"
        content = answer.data
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        texts = "".join(archive.read(name).decode() for name in archive.namelist())
    assert EMAIL in texts
    assert not [one for one in ("bob@example.org", "canari.csv", "robot", "$argon2id") if one in texts]


def test_a_copy_reads_back_as_it_was(app: Flask, signed_in: FlaskClient, account: Account) -> None:
    """Taken over by another installation the copy gives the same rows, and packed again the same tables."""
    fill(app, account)
    rows = collect(find_stores(app.extensions["portal"]), account.id)
    again = unpack(pack(rows))
    assert again == {name: [dict(row) for row in table] for name, table in rows.items()}
    assert unpack(pack(again)) == again


def test_a_copy_describes_itself(app: Flask, signed_in: FlaskClient, account: Account) -> None:
    """Each table has its columns and their types, and the CSV says the same as the JSON."""
    fill(app, account)
    with signed_in.post("/account/copy/") as answer:
        archive = zipfile.ZipFile(io.BytesIO(answer.data))
    described = json.loads(archive.read("datapackage.json"))["resources"]
    assert {one["name"] for one in described} == set(COLUMNS)
    for one in described:
        table = list(csv.DictReader(io.StringIO(archive.read(one["path"]).decode("utf-8"))))
        columns = [field["name"] for field in one["schema"]["fields"]]
        texts = json.loads(archive.read(f"{one['name']}.json"))
        assert [list(row) for row in table] == [columns] * len(texts)
        assert [[row[c] for c in columns] for row in table] == [
            ["" if row[c] is None else str(row[c]) for c in columns] for row in texts
        ]


def test_taking_a_copy_is_noted_and_needs_a_sign_in(client: FlaskClient, signed_in: FlaskClient) -> None:
    """A visitor is sent to sign in; the person sees afterwards that a copy was taken."""
    assert client.post("/account/copy/").location.startswith("/login/")
    signed_in.post("/account/copy/")
    assert "Copy of the data taken" in signed_in.get("/account/journal/", query_string={"lang": "en"}).text


def test_instants_keep_their_zone(app: Flask, signed_in: FlaskClient, account: Account) -> None:
    """Dates are ISO 8601 with their zone."""
    with signed_in.post("/account/copy/") as answer, zipfile.ZipFile(io.BytesIO(answer.data)) as archive:
        made = json.loads(archive.read("account.json"))[0]["created"]
    assert datetime.fromisoformat(made).tzinfo == UTC
