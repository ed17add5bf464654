"""Answers given again before any route: the same ones, counted and noted like the others, never after a change."""

import sqlite3

import pytest
from sqlalchemy import text

from datasets.publish import publish, withdraw
from portal.state import CatalogueState
from tests.builders import a_release
from tests.portal.explore.communes import a_portal, publish_all

RECORDS = "/api/explore/v2.1/catalog/datasets/communes-du-gers/records"
OWN = ("X-RateLimit-Remaining", "X-RateLimit-Reset")


@pytest.fixture
def site(app):
    """A portal with two datasets."""
    publish_all(app)
    return app


@pytest.fixture
def calls(site, monkeypatch):
    """The requests that reached Flask."""
    reached, inner = [], site.wsgi_app.application._inner

    def watch(environ, start_response):
        reached.append(environ["PATH_INFO"])
        return inner(environ, start_response)

    monkeypatch.setattr(site.wsgi_app.application, "_inner", watch)
    return reached


def test_a_repeated_answer_is_the_same(site, calls, client):
    """Byte for byte, header for header, but for what is left of the client's calls, which goes on."""
    first, second, third = (client.get(f"{RECORDS}?limit=3&what=1") for _ in range(3))
    assert len(calls) == 1
    for again in (second, third):
        assert again.data == first.data
        assert {n: v for n, v in again.headers if n not in OWN} == {n: v for n, v in first.headers if n not in OWN}
        assert again.headers["X-RateLimit-Reset"] == first.headers["X-RateLimit-Reset"]
    left = [int(each.headers["X-RateLimit-Remaining"]) for each in (first, second, third)]
    assert left == [left[0], left[0] - 1, left[0] - 2]
    assert int(client.get(f"{RECORDS}?limit=4").headers["X-RateLimit-Remaining"]) == left[0] - 3


@pytest.mark.parametrize(
    ("changed", "reaches"),
    [
        ({}, False),
        ({"query_string": "limit=2"}, True),
        ({"headers": {"Accept-Language": "en"}}, True),
        ({"headers": {"Accept-Encoding": "gzip"}}, True),
        ({"headers": {"Accept-Encoding": "unknown"}}, False),
        ({"headers": {"Authorization": "Apikey unknown"}}, True),
        ({"query_string": "limit=3&apikey=unknown"}, True),
        ({"headers": {"If-None-Match": "*"}}, True),
        ({"method": "HEAD"}, True),
        ({"method": "POST"}, True),
        ({"base_url": "https://localhost"}, True),
    ],
)
def test_another_question_is_asked(calls, client, changed, reaches):
    """Only the same anonymous question is not asked again."""
    first = client.get(RECORDS, query_string="limit=3")
    calls.clear()
    response = client.open(RECORDS, **{"method": "GET", "query_string": "limit=3", **changed})
    assert bool(calls) == reaches
    assert response.data == first.data or reaches


@pytest.mark.parametrize("tail", ["?where=date'2020-01-01' < now()", "?limit=101", "/unknown", "/../exports/csv"])
def test_what_may_change_is_never_repeated(calls, client, tail):
    """Errors, files, and what depends on the hour are made each time."""
    client.get(RECORDS + tail)
    client.get(RECORDS + tail)
    assert len(calls) == 2


def test_a_publication_is_seen_at_once(site, calls, client, clock):
    """What was given before a dataset changed is not given after: neither its rows nor its presence."""
    parts = site.extensions["portal"]
    assert client.get(RECORDS).get_json()["total_count"] == 127
    assert client.get(RECORDS).get_json()["total_count"] == 127

    def open_session():
        return parts.databases.session("catalogue")

    publish(open_session, parts.store, [a_release()], at=clock.now())
    assert client.get(RECORDS).get_json()["total_count"] == 3
    withdraw(open_session, parts.store, "communes-du-gers", reason="Erreur", at=clock.now())
    assert client.get(RECORDS).status_code == 410


def test_the_limit_stops_repeated_answers_too(tmp_path):
    """The call after the last one is refused, though its answer is known."""
    client = a_portal(tmp_path / "instance", api_limit="2 per day", limits_url="memory://").test_client()
    assert [client.get(RECORDS).status_code for _ in range(4)] == [200, 200, 429, 429]


def test_each_answer_is_noted_for_the_audience(site, calls, client):
    """A repeated answer leaves the event that any answer leaves."""
    noted = site.extensions["audience"].buffer
    before = len(noted._events) + sum(noted._tallies.values())
    for _ in range(3):
        client.get(RECORDS, headers={"User-Agent": "Mozilla/5.0 (X11; Linux) Firefox/140.0"})
    noted.flush()
    with site.extensions["portal"].databases.session("audience") as session:
        rows = session.execute(text("SELECT dataset, kind FROM event")).all()
    assert before == 0
    assert [tuple(row) for row in rows] == [("communes-du-gers", "api")] * 3


def test_any_commit_changes_the_state(app):
    """By this process or another; without one it stays; without the file there is no state."""
    databases = app.extensions["portal"].databases
    state = CatalogueState(databases)
    first = state.read()
    assert first is not None
    assert state.read() == first
    with sqlite3.connect(databases.urls["catalogue"].database) as other:
        other.execute("CREATE TABLE more (n)")
    assert state.read() != first
    path = app.extensions["portal"].settings.instance / "catalogue.sqlite"
    path.rename(path.with_suffix(".away"))
    assert state.read() is None
