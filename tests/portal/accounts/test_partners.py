"""What partners read: field by field, as each decides, and no more at the very next call."""

from datetime import timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import update
from werkzeug.test import TestResponse

from portal.accounts.keys import service as keys
from portal.accounts.organisations.tables import MembershipRow, OrganisationRow
from portal.accounts.partners.fields import DEGREES, FIELDS, list_shown
from portal.accounts.partners.service import list_closed_programmers
from portal.accounts.service import Account
from portal.accounts.tables import AccountRow
from portal.clock import FixedClock
from tests.builders import EMAIL

API = "/api/partners/v1/people"


@pytest.fixture
def key(app: Flask, account: Account, clock: FixedClock) -> str:
    """A key of Ada, a producer of an organisation that programmes, made to read partners."""
    parts = app.extensions["portal"]
    with parts.databases.session("accounts") as session:
        session.execute(update(AccountRow).values(role="producer"))
        session.add(OrganisationRow(id="o", name="Scène inventée", programmer="P1", created=clock.now()))
        session.flush()
        session.add(MembershipRow(account_id=account.id, organisation_id="o", since=clock.now()))
    with parts.databases.session("keys") as store:
        holder = keys.holder_of(parts.settings.secret_key, account.id)
        return keys.create_key(store, holder, "agenda", at=clock.now(), scopes=("partners",))


def read(app: Flask, key: str) -> TestResponse:
    """Read partners as a program."""
    return app.test_client().get(API, headers={"Authorization": f"Apikey {key}"})


def test_limited_is_the_default_and_shows_the_organisation_only(app: Flask, key: str) -> None:
    """Who chose nothing shows no personal field; what is not shown is not there at all."""
    answer = read(app, key)
    assert answer.json == {"total_count": 1, "results": [{"organisation": "Scène inventée"}]}
    assert answer.headers["Cache-Control"] == "no-store"


def test_a_switch_holds_at_the_very_next_call(app: Flask, key: str, signed_in: FlaskClient) -> None:
    """Open shows what was filled in among the fields of the table; limited again, the next call shows none of it."""
    assert signed_in.post("/account/transparency/open/").status_code == 303
    (shown,) = read(app, key).json["results"]
    assert shown == {"organisation": "Scène inventée", "given_name": "Ada", "email": EMAIL}
    assert EMAIL in signed_in.get("/partners/").text
    signed_in.post("/account/transparency/limited/")
    assert EMAIL not in read(app, key).text
    assert EMAIL not in signed_in.get("/partners/").text.partition("<main")[2]


def test_who_is_locked_is_neither_shown_nor_answered(app: Flask, key: str, signed_in: FlaskClient) -> None:
    """An account that is kept and not used shows nothing, and its keys do nothing in its name."""
    assert read(app, key).status_code == 200
    signed_in.post("/account/lock/")
    assert read(app, key).status_code == 403
    assert "Scène inventée" not in signed_in.get("/partners/").text


def test_every_field_and_degree_is_decided(app: Flask, key: str) -> None:
    """Each degree shows all that the narrower one shows; the address of one's home and the photo are never shown."""
    narrow, wide = (set(list_shown(degree)) for degree in DEGREES)
    assert narrow < wide
    assert not {"postal_address", "photo"} & wide
    assert all(set(field.degrees) <= set(DEGREES) for field in FIELDS.values())


def test_only_producers_read(app: Flask, key: str, client: FlaskClient, signed_in: FlaskClient) -> None:
    """A visitor, a beneficiary, a key made for something else and a producer whose grant is over read nothing."""
    assert client.get("/partners/").location.startswith("/login/")
    assert client.get(API).status_code == 401
    parts = app.extensions["portal"]
    for values in ({"role": "beneficiary"}, {"role": "producer", "role_until": parts.clock.now()}):
        with parts.databases.session("accounts") as session:
            session.execute(update(AccountRow).values(**values))
        assert signed_in.get("/partners/").status_code == 403
        assert read(app, key).status_code == 403


def test_the_open_dates_of_the_limited_stay_out_of_the_calendar(
    app: Flask, key: str, signed_in: FlaskClient, clock: FixedClock
) -> None:
    """An organisation is told open only when each of its people chose it."""
    parts = app.extensions["portal"]

    def closed() -> list[str]:
        with parts.databases.session("accounts") as session:
            return list_closed_programmers(session)

    assert closed() == ["P1"]
    signed_in.post("/account/transparency/open/")
    assert closed() == []
    clock.instant += timedelta(seconds=1)
    signed_in.post("/account/transparency/limited/")
    assert closed() == ["P1"]
    assert signed_in.post("/account/transparency/transparent/").status_code == 400
