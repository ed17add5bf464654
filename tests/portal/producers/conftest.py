"""Signed-in people."""

from collections.abc import Callable

import pytest
from flask import Flask
from flask.testing import FlaskClient

from portal.accounts.service import create_account

PASSWORD = "Neuf-colombes-Traversent-Auch-52!"

SignIn = Callable[[str, str], FlaskClient]


def sign_in_to(app: Flask) -> SignIn:
    """Return a function that opens a browser signed in to `app` as a new account of that address and role."""

    def open_browser(email: str, role: str) -> FlaskClient:
        parts = app.extensions["portal"]
        with parts.databases.session("accounts") as session:
            create_account(session, parts.vault, email, PASSWORD, role, at=parts.clock.now())
        browser = app.test_client()
        answer = browser.post("/login/", data={"email": email, "password": PASSWORD})
        assert answer.status_code == 303
        return browser

    return open_browser


@pytest.fixture
def sign_in(app: Flask) -> SignIn:
    """Return a function that opens a browser signed in as a new account of that address and role."""
    return sign_in_to(app)


@pytest.fixture
def producer(sign_in: SignIn) -> FlaskClient:
    """A producer, signed in."""
    return sign_in("producteur@example.org", "producer")
