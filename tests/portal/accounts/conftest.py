"""Somebody with an account, and the site they sign in to."""

import re
import shutil
from collections.abc import Iterator
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient

from portal import create_app
from portal.clock import FixedClock
from tests.builders import PASSWORD


@pytest.fixture
def app(migrated: Path, tmp_path: Path, clock: FixedClock) -> Iterator[Flask]:
    """The application on a new instance; each request has a context of its own, as in service."""
    instance = shutil.copytree(migrated, tmp_path / "instance")
    settings = {"instance": instance, "queue_url": "immediate", "limits_url": "memory://", "sign_in_limit": "9 per day"}
    app = create_app(settings, clock=clock)
    yield app
    app.extensions["portal"].databases.close()


def read_letters(app: Flask) -> list[EmailMessage]:
    """Take every letter out of the outbox, oldest first; those of one second in no order."""
    folder = app.extensions["portal"].settings.instance / "outbox"
    paths = sorted(folder.glob("*.eml"), key=lambda path: path.stat().st_mtime_ns)
    letters = [message_from_bytes(path.read_bytes(), policy=default) for path in paths]
    for path in paths:
        path.unlink()
    return letters


def find_link(letter: EmailMessage) -> str:
    """Return the path of the link that a letter holds."""
    return re.findall(r"https?://[^/]+(/(?:signup|login/password)/\S+)", letter.get_content())[0]


def sign_up(app: Flask, client: FlaskClient, **fields: str) -> None:
    """Ask for an account and confirm it from the letter."""
    form = {"password": PASSWORD, "language": "fr", "adult": "y", **fields}
    with client.post("/signup/", data=form) as answer:
        assert answer.status_code == 200
    (letter,) = read_letters(app)
    assert client.post(find_link(letter)).location == "/login/?welcome=1"
