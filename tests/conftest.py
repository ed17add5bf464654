"""The five fixtures of the tests: clock, store, app, client, runner. Real parts, in a folder of their own."""

import shutil
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient, FlaskCliRunner
from hypothesis import settings
from jinja2 import FileSystemBytecodeCache

from datasets.store.versions import VersionStore
from portal import create_app
from portal.clock import FixedClock
from portal.databases import Databases
from portal.instance import prepare_instance
from portal.settings import load_settings

settings.register_profile("unhurried", settings(), deadline=None)  # a busy machine is no fault of the code
settings.load_profile("unhurried")


@pytest.fixture(autouse=True, scope="session")
def templates(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Templates are compiled once for all the applications of the tests."""
    cache = FileSystemBytecodeCache(str(tmp_path_factory.mktemp("templates")))
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(Flask.jinja_options, "bytecode_cache", cache)
        yield


@pytest.fixture
def clock() -> FixedClock:
    """A clock that stands still."""
    return FixedClock(datetime(2026, 11, 22, 10, 0, tzinfo=UTC))


@pytest.fixture
def store(tmp_path: Path) -> VersionStore:
    """An empty store of versions."""
    return VersionStore(tmp_path / "versions")


@pytest.fixture(scope="session")
def migrated(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An instance whose databases are migrated and empty, to copy."""
    folder = tmp_path_factory.mktemp("migrated") / "instance"
    prepare_instance(folder)
    databases = Databases(load_settings({}, {"instance": folder}))
    databases.migrate()
    databases.close()
    return folder


@pytest.fixture
def app(migrated: Path, tmp_path: Path, clock: FixedClock) -> Iterator[Flask]:
    """The application on a new instance: databases migrated, nothing published."""
    instance = shutil.copytree(migrated, tmp_path / "instance")
    app = create_app({"instance": instance, "queue_url": "immediate", "limits_url": "memory://"}, clock=clock)
    yield app
    app.extensions["portal"].databases.close()
    app.extensions["portal"].engine.close()


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    """A visitor."""
    return app.test_client()


@pytest.fixture
def runner(app: Flask) -> FlaskCliRunner:
    """Someone at the command line."""
    return app.test_cli_runner()
