"""Signed-in people."""

from collections.abc import Callable
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient

from portal import create_app
from portal.accounts.service import create_account
from portal.clock import FixedClock
from portal.instance import prepare_instance

PASSWORD = "Neuf-colombes-Traversent-Auch-52!"

SignIn = Callable[[str, str], FlaskClient]


@pytest.fixture
def app(tmp_path: Path, clock: FixedClock) -> Flask:
    """The application without a context around the test: each request has its own person and language."""
    instance = tmp_path / "instance"
    prepare_instance(instance)
    app = create_app({"instance": instance, "queue_url": "immediate", "limits_url": "memory://"}, clock=clock)
    app.extensions["portal"].databases.migrate()
    return app


@pytest.fixture
def sign_in(app: Flask) -> SignIn:
    """Return a function that opens a browser signed in as a new account of that address and role."""

    def open_browser(email: str, role: str) -> FlaskClient:
        parts = app.extensions["portal"]
        with parts.databases.session("accounts") as session:
            create_account(session, email, PASSWORD, role, at=parts.clock.now())
        browser = app.test_client()
        answer = browser.post("/login/", data={"email": email, "password": PASSWORD})
        assert answer.status_code == 303
        return browser

    return open_browser


@pytest.fixture
def producer(sign_in: SignIn) -> FlaskClient:
    """A producer, signed in."""
    return sign_in("producteur@example.org", "producer")
