"""Clause B26: every address that changes something leaves an act in the journal, without any personal value."""

import ast
import inspect
import textwrap
from collections.abc import Iterator

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select, update

from portal.accounts.journal.recording import CHANGES, ROUTES
from portal.accounts.journal.service import ACTS, verify
from portal.accounts.journal.tables import ActRow
from portal.accounts.service import Account
from portal.accounts.tables import AccountRow

NOBODYS = ("explore", "audience")
"""Rooms that never know who asks: the open API, which changes nothing, and the audience, which may not know."""

NOTHING_KEPT = {
    "entrance.sign_up": "what somebody types is kept nowhere until they confirm",
    "entrance.forget_password": "only a letter leaves",
    "producers.resume": "a piece of a file, whose beginning was noted",
    "rights.ask": "only a letter leaves, which confirms the request",
}
NOTERS = {"note", "note_act", "note_erasure", "erase_person", "enter"}
"""The functions that note an act; erasing a person makes their acts nobody's, and is a line of the ledger."""


def list_changes(app: Flask) -> Iterator[str]:
    """Yield the endpoint of every address where somebody may change something."""
    for rule in app.url_map.iter_rules():
        if set(rule.methods or ()) & set(CHANGES) and not rule.endpoint.startswith(NOBODYS):
            yield rule.endpoint


def names_called(function: object, depth: int = 3) -> set[str]:
    """The names of what a function calls, and of what the functions of its module that it calls do."""
    tree = ast.parse(textwrap.dedent(inspect.getsource(inspect.unwrap(function))))  # type: ignore[arg-type]
    calls = {node.func for node in ast.walk(tree) if isinstance(node, ast.Call)}
    names = {call.id for call in calls if isinstance(call, ast.Name)}
    names |= {call.attr for call in calls if isinstance(call, ast.Attribute)}
    if depth:
        around = inspect.unwrap(function).__globals__  # type: ignore[attr-defined, arg-type]
        for name in list(names):
            if inspect.isfunction(around.get(name)) and around[name].__module__.startswith("portal."):
                names |= names_called(around[name], depth - 1)
    return names


def test_every_change_has_its_act(app: Flask) -> None:
    """Each address that changes something notes it by itself, or has its act in the table; the others say why not."""
    silent = [
        endpoint
        for endpoint in sorted(set(list_changes(app)) - set(ROUTES) - set(NOTHING_KEPT))
        if not names_called(app.view_functions[endpoint]) & NOTERS
    ]
    assert silent == [], "give each its act in portal/accounts/journal/recording.py"


def test_the_table_names_what_there_is(app: Flask) -> None:
    """No act of the table is unknown, and no address of it is gone."""
    assert set(ROUTES.values()) <= set(ACTS)
    assert set(ROUTES) | set(NOTHING_KEPT) <= set(list_changes(app))


def acts_of(app: Flask) -> list[tuple[str, str, bool]]:
    """Every act: what, about what, whether it is somebody's."""
    with app.extensions["portal"].databases.session("accounts") as session:
        verify(session)
        rows = session.scalars(select(ActRow).order_by(ActRow.number))
        return [(row.act, row.subject, bool(row.person)) for row in rows]


@pytest.fixture
def producer(app: Flask, signed_in: FlaskClient) -> FlaskClient:
    """Ada's browser, who publishes."""
    with app.extensions["portal"].databases.session("accounts") as session:
        session.execute(update(AccountRow).values(role="producer"))
    return signed_in


def test_what_a_room_changes_is_noted_once_it_is_done(app: Flask, producer: FlaskClient) -> None:
    """An act done is noted with what it is about; one that was refused is not."""
    before = len(acts_of(app))
    assert producer.post("/producer/records/erase/").status_code == 303
    assert producer.post("/producer/records/", data={}).status_code == 400
    assert producer.post("/producer/0123/delete/").status_code == 404
    assert producer.get("/producer/records/").status_code == 200
    assert acts_of(app)[before:] == [("records_erased", "", True)]


def test_who_is_refused_is_noted(app: Flask, signed_in: FlaskClient, account: Account) -> None:
    """A page kept for others leaves a line with the name of the page."""
    assert signed_in.get("/desk/accounts/").status_code == 403
    assert acts_of(app)[-1] == ("forbidden", "people.show", True)
