"""API keys: shown once, for what they were made for, until their last day; a page and commands."""

import re
from datetime import timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import update
from werkzeug.test import TestResponse

from portal.accounts.keys import service as keys
from portal.accounts.service import Account
from portal.accounts.tables import AccountRow
from portal.cli import cli
from portal.clock import FixedClock
from tests.builders import EMAIL

OPEN = "/api/explore/v2.1/catalog/datasets"
REVOKE = re.compile(r"/account/keys/([0-9a-f]{32})/revoke/")


def make(browser: FlaskClient, name: str = "robot", life: str = "30", scopes: str = "read") -> TestResponse:
    """Fill in the form of a new key."""
    return browser.post("/account/keys/", data={"name": name, "life": life, "scopes": scopes.split()})


def secret_of(answer: TestResponse) -> str:
    """Read the secret on the page that shows it."""
    assert answer.status_code == 201
    found = re.search(r"<code>([0-9a-f]{64})</code>", answer.text)
    assert found is not None
    return found[1]


def call(app: Flask, key: str, lang: str = "en") -> TestResponse:
    """Call the open API with a key."""
    return app.test_client().get(OPEN, query_string={"lang": lang}, headers={"Authorization": f"Apikey {key}"})


def test_a_key_is_shown_once_and_can_be_revoked(app: Flask, signed_in: FlaskClient) -> None:
    """The secret is on the page that makes the key and on no other; revoked, it leaves the list and opens nothing."""
    answer = make(signed_in, "<b>robot</b>")
    key = secret_of(answer)
    assert "&lt;b&gt;robot&lt;/b&gt;" in answer.text
    page = signed_in.get("/account/keys/").text
    assert key not in page
    assert call(app, key).status_code == 200
    found = REVOKE.search(page)
    assert found is not None
    assert signed_in.post(found[0]).status_code == 303
    assert found[1] not in signed_in.get("/account/keys/").text
    assert call(app, key).status_code == 401


@pytest.mark.parametrize(("lang", "said"), [("en", "expired on 2026-12-22"), ("fr", "a expiré le 2026-12-22")])
def test_an_expired_key_is_told_so(app: Flask, signed_in: FlaskClient, clock: FixedClock, lang: str, said: str) -> None:
    """On its last day a key works; after it the API answers 401 and the day, in the reader's language."""
    key = secret_of(make(signed_in))
    start = clock.instant
    clock.instant = start + timedelta(days=30, seconds=-1)
    assert call(app, key).status_code == 200
    clock.instant = start + timedelta(days=30)
    answer = call(app, key, lang)
    assert (answer.status_code, answer.json["error_code"]) == (401, "KeyExpired")
    assert said in answer.json["message"]


def test_the_last_use_is_told_to_the_day(app: Flask, signed_in: FlaskClient) -> None:
    """The page says on which day a key was last used, or that it never was."""
    key = secret_of(make(signed_in))
    assert "never" in signed_in.get("/account/keys/", query_string={"lang": "en"}).text
    call(app, key)
    assert "22 November 2026</td>" in signed_in.get("/account/keys/", query_string={"lang": "en"}).text


def test_what_was_not_offered_is_refused(signed_in: FlaskClient) -> None:
    """A key without purpose, beyond what its holder may do, longer than allowed or nameless is not made."""
    for wrong in ({"scopes": ""}, {"scopes": "push"}, {"scopes": "everything"}, {"life": "3650"}, {"name": " \0 "}):
        assert make(signed_in, **wrong).status_code == 400, wrong
    assert REVOKE.search(signed_in.get("/account/keys/").text) is None


def test_one_key_too_many_is_said(app: Flask, signed_in: FlaskClient, account: Account) -> None:
    """The page of somebody who holds as many keys as allowed says so."""
    parts = app.extensions["portal"]
    holder = keys.holder_of(parts.settings.secret_key, account.id)
    with parts.databases.session("keys") as store:
        for _ in range(keys.MOST_KEYS):
            keys.create_key(store, holder, "robot", at=parts.clock.now())
    answer = make(signed_in)
    assert answer.status_code == 400
    assert "20 keys" in answer.text


def test_nobody_revokes_the_key_of_another(app: Flask, signed_in: FlaskClient) -> None:
    """A key is revoked by its holder only, although another knows its identifier."""
    key = secret_of(make(signed_in))
    parts = app.extensions["portal"]
    with parts.databases.session("keys") as store:
        found = keys.find_api_client(store, key, parts.clock.now())
        assert found is not None
        assert not keys.revoke_key(store, keys.holder_of(parts.settings.secret_key, "bob"), found.id)


def test_the_operator_makes_lists_and_revokes(app: Flask, signed_in: FlaskClient) -> None:
    """The commands do what the page does, and the person reads it in their journal."""
    runner = app.test_cli_runner()

    def run(*words: str) -> str:
        done = runner.invoke(cli, ["accounts", *words])
        assert done.exit_code == 0, done.output
        return done.output.strip()

    key = run("make-key", EMAIL, "--name", "night job", "--scope", "push", "--days", "7")
    answer = call(app, key, "fr")
    assert (answer.status_code, answer.json["error_code"]) == (403, "OutOfScope")
    assert "il faut la portée « read »" in answer.json["message"]
    key_id, rest = run("keys", EMAIL).split(" ", 1)
    assert rest.split() == ["push", "until", "2026-11-29", "used", "never", "night", "job"]
    assert run("revoke-key", EMAIL, key_id) == "Revoked."
    assert run("keys", EMAIL) == ""
    journal = signed_in.get("/account/journal/", query_string={"lang": "en"}).text
    assert "API key made (operator)" in journal
    assert "API key revoked (operator)" in journal


def promote(app: Flask, **values: object) -> None:
    """Change columns of the one account."""
    with app.extensions["portal"].databases.session("accounts") as session:
        session.execute(update(AccountRow).values(**values))


def test_who_publishes_may_make_a_key_that_pushes(app: Flask, signed_in: FlaskClient) -> None:
    """The scope of the push API is offered to producers only."""
    assert 'value="push"' not in signed_in.get("/account/keys/").text
    promote(app, role="producer")
    assert 'value="push"' in signed_in.get("/account/keys/").text
    assert call(app, secret_of(make(signed_in, scopes="read push"))).status_code == 200
