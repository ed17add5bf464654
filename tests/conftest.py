"""The five fixtures of the tests: clock, store, app, client, runner. Real parts, in a folder of their own."""

from datetime import UTC, datetime
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient, FlaskCliRunner

from datasets.store.versions import VersionStore
from portal import create_app
from portal.clock import FixedClock
from portal.instance import prepare_instance


@pytest.fixture
def clock() -> FixedClock:
    """A clock that stands still."""
    return FixedClock(datetime(2026, 11, 22, 10, 0, tzinfo=UTC))


@pytest.fixture
def store(tmp_path: Path) -> VersionStore:
    """An empty store of versions."""
    return VersionStore(tmp_path / "versions")


@pytest.fixture
def app(tmp_path: Path, clock: FixedClock) -> Flask:
    """The application on a new instance: databases migrated, nothing published."""
    instance = tmp_path / "instance"
    prepare_instance(instance)
    app = create_app({"instance": instance, "queue_url": "immediate", "limits_url": "memory://"}, clock=clock)
    app.extensions["portal"].databases.migrate()
    return app


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    """A visitor."""
    return app.test_client()


@pytest.fixture
def runner(app: Flask) -> FlaskCliRunner:
    """Someone at the command line."""
    return app.test_cli_runner()
