"""What the officer reads of the daily run: what waits, what is late, and whether somebody changed the evidence."""

import os
from datetime import timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import update

from portal.accounts.journal.tables import ActRow
from portal.accounts.service import create_account
from portal.clock import FixedClock
from portal.privacy.erasure import Stores, find_stores
from portal.privacy.ledger import Ledger
from portal.privacy.retention import run_retention
from tests.builders import PASSWORD

PAGE = "/desk/retention/?lang=en"


@pytest.fixture
def stores(app: Flask, clock: FixedClock) -> Stores:
    """The stores of an installation that is two hours old."""
    stores = find_stores(app.extensions["portal"])
    made = (clock.now() - timedelta(hours=2)).timestamp()
    os.utime(stores.settings.instance / "secret.key", (made, made))
    return stores


@pytest.fixture
def officer(app: Flask, stores: Stores, clock: FixedClock) -> FlaskClient:
    """An officer's browser."""
    with stores.databases.session("accounts") as session:
        create_account(session, stores.vault, "dpd@example.org", PASSWORD, "officer", at=clock.now())
    browser = app.test_client()
    assert browser.post("/login/", data={"email": "dpd@example.org", "password": PASSWORD}).status_code == 303
    return browser


def test_nothing_is_late_before_the_first_night(
    app: Flask, stores: Stores, officer: FlaskClient, clock: FixedClock
) -> None:
    """A new installation awaits its first run; a day later without one, everything is late; after one, it is done."""
    page = officer.get(PAGE).text
    assert page.count("awaits the first night") == 20
    assert ">late<" not in page
    clock.instant += timedelta(days=1, hours=3)
    assert officer.get(PAGE).text.count(">late<") == 20
    with app.app_context():
        run_retention(stores, clock.now())
    page = officer.get(PAGE).text
    assert (">late<" in page, "awaits" in page, page.count(">done<")) == (False, False, 20)


def test_a_journal_that_somebody_changed_is_told_and_stops_nothing_else(
    app: Flask, stores: Stores, officer: FlaskClient, clock: FixedClock
) -> None:
    """Each run checks the chain of acts: one that was changed is told to the officer; the other duties are done."""
    with stores.databases.session("accounts") as session:
        session.execute(update(ActRow).where(ActRow.number == 1).values(act="signed_out"))
    with app.app_context():
        report = run_retention(stores, clock.now())
    assert [outcome.clause for outcome in report.outcomes if outcome.failure] == ["B26"]
    assert "act 1 is not the one that was noted" in officer.get(PAGE).text


def test_a_ledger_that_somebody_changed_is_told(stores: Stores, officer: FlaskClient, clock: FixedClock) -> None:
    """The page checks the whole chain each time it is read, and says how many lines it has or which one lies."""
    ledger = Ledger(stores.settings.instance / "ledger.jsonl")
    assert "<dd>empty " in officer.get(PAGE).text
    for number in (1, 2):
        ledger.append("A12", "account", number, at=clock.now(), policy="1")
    assert "2 lines, in a whole chain." in officer.get(PAGE).text
    ledger.path.write_text(ledger.path.read_text().replace('"count": 1', '"count": 9'))
    page = officer.get(PAGE)
    assert (page.status_code, "line 1 is not the one that was written" in page.text) == (200, True)
