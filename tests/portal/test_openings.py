"""The calendar as it is served: who shows their dates no more leaves every version at once, and the others stay."""

from collections.abc import Callable
from datetime import date, timedelta

import pyarrow as pa
import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import delete, update

from datasets.model import Version
from datasets.programming.cubes import CALENDAR_ID
from datasets.programming.schemas import SCHEMAS
from datasets.publish import Release, publish
from portal import openings
from portal.accounts.organisations.tables import MembershipRow, OrganisationRow
from portal.accounts.service import Account, create_account
from portal.accounts.tables import AccountRow
from portal.clock import FixedClock
from portal.extensions import Portal
from tests.builders import PASSWORD, a_description

API = f"/api/explore/v2.1/catalog/datasets/{CALENDAR_ID}"
PLACES = (("pays", "FR"), ("region", "76"), ("region", "11"))
ROWS = [(week, *place, art) for week in ("2026-S50", "2026-S51") for place in PLACES for art in ("cirque", "danse")]
MINE = {("pays", "FR", "cirque"), ("region", "76", "cirque")}
"""Where P1 may be counted; P2 dances everywhere."""

THEIRS = {(*place, "danse") for place in PLACES}


@pytest.fixture
def parts(app: Flask) -> Portal:
    """The parts of the portal."""
    return app.extensions["portal"]


@pytest.fixture
def publish_rows(parts: Portal, clock: FixedClock) -> Callable[..., Version]:
    """Publishes a calendar of ROWS, as the programming records would."""
    point = pa.struct([("lon", pa.float64()), ("lat", pa.float64())])
    kinds = {"int": pa.int64(), "boolean": pa.bool_(), "date": pa.date32(), "geo_point_2d": point, "text": pa.string()}

    def build() -> Version:
        known = dict(zip(("periode", "niveau_geo", "code_geo", "discipline"), zip(*ROWS, strict=True), strict=True))
        known |= {"semaine_du": [date.fromisocalendar(2026, int(row[0][-2:]), 1) for row in ROWS]}
        fields = SCHEMAS[CALENDAR_ID].fields
        columns = {
            field.name: pa.array(known.get(field.name, [None] * len(ROWS)), kinds[field.type]) for field in fields
        }
        release = Release(CALENDAR_ID, a_description("Calendrier"), SCHEMAS[CALENDAR_ID], pa.table(columns))
        clock.instant += timedelta(seconds=1)
        (made,) = publish(lambda: parts.databases.session("catalogue"), parts.store, [release], at=clock.now())
        return made

    return build


@pytest.fixture
def programmers(parts: Portal, account: Account, clock: FixedClock) -> None:
    """Two organisations that programme, P1 and P2; Ada belongs to the first."""
    with parts.databases.session("accounts") as session:
        session.execute(update(AccountRow).values(role="producer"))
        for name in ("P1", "P2"):
            session.add(OrganisationRow(id=name, name=f"Scène {name}", programmer=name, created=clock.now()))
        session.flush()
        session.add(MembershipRow(account_id=account.id, organisation_id="P1", since=clock.now()))


def read(app: Flask, address: str = API) -> set[tuple[str, str, str]]:
    """Return the places that the API tells now."""
    results = app.test_client().get(f"{address}/records?limit=100").json["results"]
    return {(row["niveau_geo"], row["code_geo"], row["discipline"]) for row in results}


@pytest.mark.usefixtures("programmers")
def test_only_the_rows_of_whoever_turns_limited_leave(
    app: Flask, parts: Portal, signed_in: FlaskClient, publish_rows: Callable[..., Version]
) -> None:
    """At the very next call the rows that may count them are gone, in every week; those of the others are there.

    Versions of before, which tell them too, are served no more. Turning open again brings nothing back by itself.
    """
    older, made = publish_rows(), publish_rows()
    openings.note_places(parts, [made], {"P1": MINE, "P2": THEIRS})
    signed_in.post("/account/transparency/open/")
    assert read(app) == MINE | THEIRS | {("region", "11", "cirque")}
    assert signed_in.post("/account/transparency/limited/").status_code == 303
    assert read(app) == THEIRS | {("region", "11", "cirque")}
    for version in (older, made):
        with app.test_client().get(f"{API}/versions/{version.version_id}/records") as answer:
            assert answer.status_code == 410
    signed_in.post("/account/transparency/open/")
    assert read(app) == THEIRS | {("region", "11", "cirque")}
    assert openings.close_calendar(parts, "P2")
    assert read(app) == {("region", "11", "cirque")}


@pytest.mark.usefixtures("programmers")
def test_whoever_is_counted_nowhere_takes_nothing_out(
    app: Flask, parts: Portal, publish_rows: Callable[..., Version]
) -> None:
    """Who gave no open date changes nothing of the calendar, but for what older versions may have told."""
    older, made = publish_rows(), publish_rows()
    openings.note_places(parts, [made], {"P2": THEIRS})
    assert not openings.close_calendar(parts, "P1")
    assert len(read(app)) == 6
    assert app.test_client().get(f"{API}/versions/{older.version_id}/records").status_code == 410


@pytest.mark.parametrize("damage", ["absent", "damaged", "of another version"])
def test_a_calendar_that_nobody_noted_is_emptied(
    app: Flask, parts: Portal, publish_rows: Callable[..., Version], damage: str
) -> None:
    """When it is not known where somebody is counted, no row of the calendar stays: rather nothing than theirs."""
    made, path = publish_rows(), parts.settings.instance / openings.FILE
    if damage != "absent":
        openings.note_places(parts, [made], {"P1": MINE})
        assert path.stat().st_mode & 0o077 == 0
        assert "P1" not in path.read_text()
    if damage == "damaged":
        path.write_text("[")
    if damage == "of another version":
        publish_rows()
    assert openings.close_calendar(parts, "P1")
    assert read(app) == set()


def test_weeks_that_are_over_leave_and_the_others_can_still_go(
    app: Flask, parts: Portal, publish_rows: Callable[..., Version], clock: FixedClock
) -> None:
    """What was noted holds for the calendar that is trimmed: a later switch takes out the same places."""
    made = publish_rows()
    openings.note_places(parts, [made], {"P1": MINE, "P2": THEIRS})
    clock.instant += timedelta(days=22)  # a day of the week 2026-S51
    assert [*openings.trim(parts)] == [f"{CALENDAR_ID}: 6 records left"]
    assert [*openings.trim(parts)] == ["No week of the calendar is over."]
    assert openings.close_calendar(parts, "P1")
    assert read(app) == THEIRS | {("region", "11", "cirque")}


@pytest.mark.usefixtures("programmers")
def test_who_could_not_leave_at_once_leaves_the_next_night(
    app: Flask, parts: Portal, signed_in: FlaskClient, publish_rows: Callable[..., Version]
) -> None:
    """The catalogue was away when they said so: their choice is kept, and the nightly trimming takes their rows out."""
    openings.note_places(parts, [publish_rows()], {"P1": MINE, "P2": THEIRS})
    signed_in.post("/account/transparency/open/")
    path = parts.settings.instance / "catalogue.sqlite"
    path.rename(path.with_suffix(".away"))
    assert signed_in.post("/account/transparency/limited/").status_code == 503
    path.with_suffix(".away").rename(path)
    assert read(app) > MINE
    assert [*openings.trim(parts)] == ["Somebody shows their dates no more.", "No week of the calendar is over."]
    assert read(app) == THEIRS | {("region", "11", "cirque")}
    assert [*openings.trim(parts)] == ["No week of the calendar is over."]


def test_a_publication_at_the_same_time_is_not_undone(
    app: Flask, parts: Portal, publish_rows: Callable[..., Version], monkeypatch: pytest.MonkeyPatch
) -> None:
    """When the calendar is published anew between reading and writing, the new one is read, and loses the same rows."""
    openings.note_places(parts, [publish_rows()], {"P1": MINE})
    real, later = openings.drop_places, []

    def interrupt(*arguments):  # type: ignore[no-untyped-def]
        if not later:
            later.append(publish_rows())
            openings.note_places(parts, later, {"P1": MINE | THEIRS})
        return real(*arguments)

    monkeypatch.setattr(openings, "drop_places", interrupt)
    assert openings.close_calendar(parts, "P1")
    assert read(app) == {("region", "11", "cirque")}


@pytest.mark.usefixtures("programmers")
def test_who_joins_an_organisation_closes_it_until_they_choose(
    app: Flask, parts: Portal, publish_rows: Callable[..., Version], clock: FixedClock
) -> None:
    """Who has not chosen is limited: as they join, the open dates of their organisation are told no more."""
    openings.note_places(parts, [publish_rows()], {"P2": THEIRS})
    with parts.databases.session("accounts") as session:
        create_account(session, parts.vault, "dpd@example.org", PASSWORD, "officer", at=clock.now())
        new = create_account(session, parts.vault, "new@example.org", PASSWORD, at=clock.now())
        session.execute(delete(MembershipRow))
    officer = app.test_client()
    officer.post("/login/", data={"email": "dpd@example.org", "password": PASSWORD})
    until = f"{clock.now().date() + timedelta(days=90)}"
    form = {"role": "producer", "organisation": "P2", "until": until}
    assert officer.post(f"/desk/accounts/{new.id}/", data=form).status_code == 303
    assert not read(app) & THEIRS
    assert read(app)
