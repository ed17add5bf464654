"""Grants and organisations: given by another, for a time, told before their end, worth nothing after it."""

import re
from datetime import datetime, timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import update

from portal.accounts.people.service import grant, list_ending
from portal.accounts.service import GRANT_LIFE, Account, create_account, get_account
from portal.accounts.tables import AccountRow
from portal.cli import cli
from portal.clock import FixedClock
from portal.privacy.duties import warn_granted
from portal.privacy.erasure import find_stores
from tests.builders import EMAIL, PASSWORD
from tests.portal.accounts.conftest import read_letters

OFFICER = "dpd@example.org"
SCENE = {"name": "Scène inventée", "programmer": "P1"}


@pytest.fixture
def officer(app: Flask, clock: FixedClock) -> FlaskClient:
    """An officer's browser."""
    parts = app.extensions["portal"]
    with parts.databases.session("accounts") as session:
        create_account(session, parts.vault, OFFICER, PASSWORD, "officer", at=clock.now())
    browser = app.test_client()
    assert browser.post("/login/", data={"email": OFFICER, "password": PASSWORD}).status_code == 303
    return browser


def role_of(app: Flask, account: Account) -> tuple[str, datetime | None]:
    """The role that somebody has now, and its end."""
    parts = app.extensions["portal"]
    with parts.databases.session("accounts") as session:
        found = get_account(session, parts.vault, account.id, parts.clock.now())
    return found.role, found.role_until


def choose(officer: FlaskClient, account: Account, **fields: str) -> int:
    """Fill in the form of somebody's role."""
    with officer.post(f"/desk/accounts/{account.id}/", data={"role": "producer", **fields}) as answer:
        return answer.status_code


def test_an_officer_grants_a_role_for_a_time(
    app: Flask, officer: FlaskClient, account: Account, signed_in: FlaskClient
) -> None:
    """A producer belongs to one organisation, until a day of Paris; both are told, noted, and signed in again."""
    assert officer.post("/desk/accounts/organisations/", data=SCENE).status_code == 303
    assert officer.post("/desk/accounts/organisations/", data=SCENE).status_code == 400
    page = officer.get(f"/desk/accounts/{account.id}/").text
    organisation = re.findall(r'<option value="([0-9a-f]{32})">', page)[0]
    assert choose(officer, account, until="2027-03-31", organisation=organisation) == 303
    role, until = role_of(app, account)
    assert (role, until and until.isoformat()) == ("producer", "2027-03-31T22:00:00+00:00")
    assert "producteur" in read_letters(app)[-1].get_content().lower()
    assert signed_in.get("/account/").status_code == 303, "a change of role signs out"
    listed = officer.get("/desk/accounts/", query_string={"lang": "en"}).text
    assert EMAIL in listed
    assert "1 person" in listed
    journal = officer.get("/account/journal/", query_string={"lang": "en"}).text
    assert "Role granted to somebody (producer)" in journal
    assert "List of accounts read" in journal


def test_a_grant_without_end_or_organisation_is_refused(app: Flask, officer: FlaskClient, account: Account) -> None:
    """Nobody becomes a producer for ever, for nobody, or for an organisation that is not there."""
    faults: tuple[dict[str, str], ...] = (
        {},  # no end, no organisation
        {"until": "2027-03-31"},
        {"until": "2020-01-01", "role": "officer"},
        {"until": "2037-01-01", "role": "officer"},
        {"role": "king"},
        {"until": "2027-03-31", "organisation": "0" * 32},
    )
    assert [choose(officer, account, **fields) for fields in faults] == [400] * len(faults)
    assert role_of(app, account) == ("beneficiary", None)


def test_an_account_is_found_by_its_address_only(app: Flask, officer: FlaskClient, account: Account) -> None:
    """The list holds granted roles; somebody else is found by the address they gave, and looking is noted."""
    assert EMAIL not in officer.get("/desk/accounts/").text
    found = officer.post("/desk/accounts/find/", data={"email": EMAIL.upper()})
    assert found.location == f"/desk/accounts/{account.id}/"
    for unknown in ("nobody@example.org", "no address"):
        assert officer.post("/desk/accounts/find/", data={"email": unknown}).status_code == 400


def test_nobody_changes_their_own_role(app: Flask, officer: FlaskClient) -> None:
    """An officer cannot prolong themselves: another one, or the operator, does."""
    mine = re.findall(r"/desk/accounts/([0-9a-f]{32})/", officer.get("/desk/accounts/").text)[0]
    form = {"role": "officer", "until": "2027-03-31"}
    assert officer.post(f"/desk/accounts/{mine}/", data=form).status_code == 400


def test_only_officers_see_accounts(app: Flask, signed_in: FlaskClient, client: FlaskClient, account: Account) -> None:
    """A visitor is led to sign in; a beneficiary and a producer are refused."""
    assert client.get("/desk/accounts/").location.startswith("/login/")
    for role in ("beneficiary", "producer"):
        with app.extensions["portal"].databases.session("accounts") as session:
            session.execute(update(AccountRow).values(role=role))
        for path in ("", f"{account.id}/"):
            assert signed_in.get(f"/desk/accounts/{path}").status_code == 403
        assert signed_in.post(f"/desk/accounts/{account.id}/", data={"role": "officer"}).status_code == 403


def test_a_role_that_is_over_opens_nothing(app: Flask, officer: FlaskClient, clock: FixedClock) -> None:
    """At the instant when the grant ends, in the same browser, the desk is closed; the account stays open."""
    clock.instant += GRANT_LIFE
    parts = app.extensions["portal"]
    with parts.databases.session("accounts") as session:
        session.execute(update(AccountRow).values(role_until=clock.now() + timedelta(seconds=1)))
    assert officer.post("/login/", data={"email": OFFICER, "password": PASSWORD}).status_code == 303
    assert {officer.get(path).status_code for path in ("/desk/accounts/", "/desk/", "/producer/", "/partners/")} == {
        200
    }
    clock.instant += timedelta(seconds=1)
    assert {officer.get(path).status_code for path in ("/desk/accounts/", "/desk/", "/producer/", "/partners/")} == {
        403
    }
    assert officer.get("/account/").status_code == 200


def test_a_grant_is_told_before_its_end_and_ends_by_itself(app: Flask, account: Account, clock: FixedClock) -> None:
    """Thirty days and seven days before, once each, in their language; then the role is taken back, once."""
    parts, start = app.extensions["portal"], clock.now()
    until = start + timedelta(days=60)
    with parts.databases.session("accounts") as session:
        grant(session, account.id, "officer", until, "", start)
    told: dict[int, int] = {}
    for left in range(45, -2, -1):
        at = until - timedelta(days=left)
        with app.app_context():
            told[left] = warn_granted(find_stores(parts), at)
    assert [left for left, count in told.items() if count] == [30, 7, 0]
    subjects = [letter["Subject"] for letter in read_letters(app)]
    assert len(subjects) == 2
    assert all("prend fin le 21 janv. 2027" in subject for subject in subjects)
    assert role_of(app, account) == ("beneficiary", None)
    with parts.databases.session("accounts") as session:
        assert list_ending(session, until + timedelta(days=1)) == []


def test_the_operator_grants_too(app: Flask, account: Account) -> None:
    """The command gives a role for a time, for an organisation that it makes when it is not there."""
    options = ["--organisation", "Scène inventée", "--days", "90"]
    done = app.test_cli_runner().invoke(cli, ["accounts", "grant", EMAIL, "producer", *options])
    assert done.output == "producer, 90 days\n", done.output
    parts = app.extensions["portal"]
    assert role_of(app, account) == ("producer", parts.clock.now() + timedelta(days=90))
