"""The audience as open data and as a page, and the browser that says no."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from portal.audience import service
from portal.audience.freeze import freeze
from portal.audience.publishing import DATASET_ID, publish_counts, read_counts
from portal.audience.tables import EventRow, TallyRow
from portal.clock import FixedClock
from portal.extensions import Portal
from tests.portal.audience.conftest import make_event

JANUARY = datetime(2026, 1, 15, 12, 0, tzinfo=UTC)
API = "/api/explore/v2.1/catalog/datasets"
EXPORT = f"{API}/{DATASET_ID}/exports/csv"


@pytest.fixture
def parts(app: Flask) -> Portal:
    """The parts of a portal whose January is frozen and published."""
    parts = app.extensions["portal"]
    with parts.databases.session("audience") as session:
        events = [make_event(JANUARY, f"{number}", kind="page") for number in range(30)]
        events += [make_event(JANUARY, f"{number}", kind="export", format="csv", dataset="e") for number in range(20)]
        service.write_events(session, events)
    freeze(parts.databases, JANUARY + timedelta(days=40))
    assert publish_counts(parts.databases, parts.settings, JANUARY)
    return parts


def test_the_counts_are_a_dataset_like_any_other(parts: Portal, client: FlaskClient) -> None:
    """`frequentation` answers the API and the exports; publishing again without anything new does nothing."""
    with client.get(EXPORT) as answer:
        lines = answer.text.splitlines()
    assert lines[0].lstrip("\ufeff") == "mois;jeu_de_donnees;mesure;valeur;nombre"
    assert "2026-01;*;total;*;50" in lines
    assert {int(line.rpartition(";")[2]) % 5 for line in lines[1:]} == {0}
    assert not publish_counts(parts.databases, parts.settings, JANUARY)


@pytest.mark.parametrize(("lang", "said"), [("fr", "téléchargement"), ("en", "download")])
def test_the_page_draws_and_tells_the_same_numbers(parts: Portal, client: FlaskClient, lang: str, said: str) -> None:
    """For all and for one dataset, each bar has its number in the table, with the audience database away too."""
    for path in parts.settings.instance.glob("audience.sqlite*"):
        path.rename(path.with_name(f"away-{path.name}"))
    page = client.get("/pages/audience/", query_string={"lang": lang}).text
    assert page.count('class="chart-bar"') == 1
    assert "<title>2026-01: 50</title>" in page
    assert said in page
    mine = client.get("/pages/audience/", query_string={"dataset": "e", "lang": lang}).text
    assert "<title>2026-01: 20</title>" in mine
    assert client.get("/pages/audience/", query_string={"dataset": "<script>"}).status_code == 200


def test_a_portal_without_counts_says_so(client: FlaskClient, app: Flask) -> None:
    """Before the first month is over the page says when the first counts come."""
    assert "4 du mois suivant" in client.get("/pages/audience/", query_string={"lang": "fr"}).text
    assert list(read_counts(app.extensions["portal"].databases, app.extensions["portal"].store)) == []


def count(app: Flask) -> tuple[int, dict[str, int]]:
    """Write what waits; return how many events there are, and the tallies."""
    assert app.extensions["audience"].buffer.flush()
    with app.extensions["portal"].databases.session("audience") as session:
        tallies = {row.reason: row.count for row in session.scalars(select(TallyRow))}
        return len(session.scalars(select(EventRow)).all()), tallies


def test_a_browser_that_says_no_is_not_counted(app: Flask, client: FlaskClient, clock: FixedClock) -> None:
    """The button sets one cookie, the same for all, that ends within thirteen months and that nothing renews."""
    answer = client.post("/pages/audience/object/")
    cookie = answer.headers["Set-Cookie"]
    assert cookie.startswith("objection=1;")
    assert all(word in cookie for word in ("HttpOnly", "SameSite=Lax", "Path=/"))
    life = timedelta(seconds=int(cookie.partition("Max-Age=")[2].partition(";")[0]))
    assert timedelta(days=390) < life <= timedelta(days=397)
    clock.instant += timedelta(days=100)
    assert "Set-Cookie" not in client.post("/pages/audience/object/").headers
    client.get(API)
    assert count(app) == (0, {"objection": 1})
    assert "not counted" in client.get("/pages/audience/", query_string={"lang": "en"}).text
    client.post("/pages/audience/accept/")
    client.get(API)
    assert count(app) == (1, {"objection": 1})


def test_looking_at_the_page_sets_nothing(client: FlaskClient, make_signal: Callable[..., object]) -> None:
    """Reading how the audience is measured leaves no cookie."""
    assert "Set-Cookie" not in client.get("/pages/audience/").headers
