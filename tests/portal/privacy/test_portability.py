"""A person's copy: whole, for people and programs, of them alone, and readable by another installation."""

import csv
import io
import json
import shutil
import zipfile
from datetime import UTC, datetime
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient

from datasets.errors import InvalidParameter
from portal import create_app
from portal.accounts import service as accounts
from portal.accounts.consents import service as consents
from portal.accounts.keys import service as keys
from portal.accounts.service import Account
from portal.clock import FixedClock
from portal.privacy.erasure import find_stores
from portal.privacy.locking.service import lock_account
from portal.privacy.policy import POLICY
from portal.privacy.portability import COLUMNS, collect, pack, unpack
from portal.privacy.rights.service import Contact, open_request
from portal.privacy.takeover import take_over
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


PROVIDED = ("email", "given_name", "family_name", "language", "phone", "profession", "workplace", "postal_address")


def test_another_installation_takes_a_copy_over(
    app: Flask, signed_in: FlaskClient, account: Account, tmp_path: Path, migrated: Path, clock: FixedClock
) -> None:
    """Taken over by a fresh installation, then taken again there, a copy says the same of what the person provided."""
    profile = {"given_name": "Ada", "family_name": "Inventée", "language": "en", "phone": "05 62 00 00 00"}
    assert signed_in.post("/account/profile/", data={**profile, "workplace": "Théâtre"}).status_code == 303
    first = collect(find_stores(app.extensions["portal"]), account.id)
    shutil.copytree(migrated, tmp_path / "other")
    other = create_app({"instance": tmp_path / "other", "queue_url": "immediate"}, clock=clock)
    stores = find_stores(other.extensions["portal"])
    made = take_over(stores, pack(first), at=clock.now())
    again = collect(stores, made.id)
    names = (*PROVIDED, "transparency", "photo")
    assert [again["account"][0][name] for name in names] == [first["account"][0][name] for name in names]
    assert pack(again)
    for content in (pack(first), b"no zip", pack({**first, "account": []})):
        with pytest.raises(InvalidParameter):
            take_over(stores, content, at=clock.now())
    other.extensions["portal"].databases.close()
