"""The audience of the whole application: each use is an event, and recording never shows in the answer."""

from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import select

from portal.audience.tables import EventRow, TallyRow

CATALOGUE = "/api/explore/v2.1/catalog/datasets"
FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"


def flush(app: Flask) -> tuple[list[EventRow], dict[str, int]]:
    """Write what waits; return the events and the tallies."""
    assert app.extensions["audience"].buffer.flush()
    with app.extensions["portal"].databases.session("audience") as session:
        events = list(session.scalars(select(EventRow).order_by(EventRow.id)))
        return events, {row.reason: row.count for row in session.scalars(select(TallyRow))}


def test_a_call_is_an_event_of_its_kind(app: Flask) -> None:
    """Calling the API leaves one event, of kind "api", whose origin is a class."""
    headers = {"User-Agent": FIREFOX, "Referer": "https://www.qwant.com/?q=x"}
    assert app.test_client().get(CATALOGUE, headers=headers).status_code == 200
    events, tallies = flush(app)
    assert [(event.kind, event.referrer, event.bot) for event in events] == [("api", "search", False)]
    assert tallies == {}


@pytest.mark.parametrize("header", ["DNT", "Sec-GPC"])
def test_an_objection_is_respected(app: Flask, header: str) -> None:
    """A browser that says no leaves no event, and the same answer."""
    assert app.test_client().get(CATALOGUE, headers={header: "1"}).status_code == 200
    assert flush(app) == ([], {"objection": 1})


@pytest.mark.parametrize("path", ["/login/", "/pages/privacy/", "/assets/0/portal.css"])
def test_pages_about_no_data_are_not_recorded(app: Flask, path: str) -> None:
    """Signing in, reading the policy or loading a style sheet is nobody's business."""
    app.test_client().get(path).close()
    assert flush(app) == ([], {})


@pytest.mark.parametrize(
    "headers",
    [
        {"User-Agent": "\x00\xff" * 500},
        {"Referer": "http://[::1"},
        {"User-Agent": "", "Referer": "", "DNT": "perhaps", "Sec-Purpose": ";;;"},
    ],
)
def test_strange_headers_change_no_answer(app: Flask, headers: dict[str, str]) -> None:
    """Whatever a client says of itself, it gets its answer and leaves one event."""
    client = app.test_client()
    client.environ_base["REMOTE_ADDR"] = "not an address"
    environ = {f"HTTP_{name.upper().replace('-', '_')}": value for name, value in headers.items()}
    assert client.get(CATALOGUE, environ_overrides=environ).status_code == 200
    assert len(flush(app)[0]) == 1


def test_a_store_that_is_away_changes_no_answer(app: Flask) -> None:
    """With the audience moved away the API answers the same bytes."""
    client = app.test_client()
    before = client.get(CATALOGUE).data
    instance = Path(app.extensions["portal"].settings.instance)
    (instance / "audience.sqlite").rename(instance / "away")
    assert client.get(CATALOGUE).data == before
    assert not app.extensions["audience"].buffer.flush()
    assert not (instance / "audience.sqlite").exists()
