"""The journal of acts: chained, silent about persons, kept a year."""

from datetime import UTC, datetime, timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import delete, select, update

from datasets.errors import StoreError
from portal.accounts import service
from portal.accounts.journal.service import list_acts, note, purge, verify
from portal.accounts.journal.tables import ActRow
from portal.accounts.service import Account
from portal.databases import Databases
from tests.builders import EMAIL, PASSWORD, vault_of

NOW = datetime(2026, 11, 22, 10, 0, tzinfo=UTC)


def fill(databases: Databases, count: int = 6) -> None:
    """Note acts of two persons, one an hour."""
    vault = vault_of(databases)
    for person in ("ada", "bob"):
        vault.make_key(person, NOW)
    with databases.session("accounts") as session:
        for number in range(count):
            note(session, vault, ("ada", "bob")[number % 2], "signed_in", NOW + timedelta(hours=number))


def test_the_chain_is_whole(databases: Databases) -> None:
    """What was noted can be checked, from the first act to the last."""
    with databases.session("accounts") as session:
        assert verify(session) == 0
    fill(databases)
    with databases.session("accounts") as session:
        assert verify(session) == 6


@pytest.mark.parametrize(
    "tamper",
    [
        update(ActRow).where(ActRow.number == 3).values(act="signed_out"),
        update(ActRow).where(ActRow.number == 3).values(instant=NOW),
        update(ActRow).where(ActRow.number == 3).values(person="0" * 64),
        delete(ActRow).where(ActRow.number == 3),
        delete(ActRow).where(ActRow.number == 1),
        delete(ActRow).where(ActRow.number == 6),
    ],
)
def test_any_change_shows(files: Databases, tamper: object) -> None:
    """An act changed or removed, in the middle or at either end, is found out."""
    fill(files)
    with files.session("accounts") as session:
        session.execute(tamper)  # type: ignore[call-overload]
    with files.session("accounts") as session, pytest.raises(StoreError, match="journal"):
        verify(session)


def test_what_is_a_year_old_goes_and_the_rest_still_checks(databases: Databases) -> None:
    """After a purge the chain begins at the oldest act that is kept."""
    fill(databases)
    with databases.session("accounts") as session:
        assert purge(session, NOW + timedelta(hours=2)) == 2
        assert purge(session, NOW + timedelta(hours=2)) == 0
    with databases.session("accounts") as session:
        assert verify(session) == 4
        assert purge(session, NOW + timedelta(days=1)) == 4
        assert verify(session) == 0


def test_acts_of_an_erased_person_are_nobodys(databases: Databases) -> None:
    """Each reads their own; once somebody's key is destroyed nothing tells which acts were theirs."""
    vault = vault_of(databases)
    fill(databases)
    ada = service.get_key(vault, "ada")
    with databases.session("accounts") as session:
        assert [act.instant.hour for act in list_acts(session, ada)] == [14, 12, 10]
    vault.destroy_key("ada")
    again = vault.make_key("ada", NOW)
    with databases.session("accounts") as session:
        assert list_acts(session, again) == []
        assert verify(session) == 6


def test_entering_is_noted_without_any_personal_value(app: Flask, client: FlaskClient, account: Account) -> None:
    """Success, refusal of a known and of an unknown address, and the way out: four acts, no address in them."""
    for email, password in ((EMAIL, "wrong"), ("nobody@example.org", "wrong"), (EMAIL, PASSWORD)):
        client.post("/login/", data={"email": email, "password": password})
    client.post("/logout/")
    with app.extensions["portal"].databases.session("accounts") as session:
        rows = list(session.scalars(select(ActRow).order_by(ActRow.number)))
        assert verify(session) == 4
    assert [row.act for row in rows] == ["refused", "refused", "signed_in", "signed_out"]
    assert [bool(row.person) for row in rows] == [True, False, True, True]
    assert not [row for row in rows if "example.org" in row.person + row.subject or row.person == account.id]


def test_a_person_sees_their_acts(signed_in: FlaskClient) -> None:
    """The account page lists them in the reader's language."""
    assert "Signed in" in signed_in.get("/account/journal/", query_string={"lang": "en"}).text
    assert "Connexion</td>" in signed_in.get("/account/journal/", query_string={"lang": "fr"}).text


def test_an_unknown_act_is_an_error_of_the_program(files: Databases) -> None:
    """Only the acts of the table are noted."""
    with files.session("accounts") as session, pytest.raises(ValueError, match="danced"):
        note(session, vault_of(files), None, "danced", NOW)
