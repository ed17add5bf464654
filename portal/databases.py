"""The four SQL databases of an instance, each opened on its own and only when it is asked for.

`catalogue`, `accounts`, `keys` and `audience` share no table and no connection. Each has its address (an
SQLAlchemy URL): an SQLite file of the instance by default, PostgreSQL by one setting. Only `migrate` makes a
database, and `prepare` those of a new installation; anywhere else a file that was moved away is an error, never an
empty file in its place.
"""

import logging
import os
import sqlite3
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from threading import Lock
from typing import Any, NoReturn, Protocol
from urllib.parse import quote

from sqlalchemy import URL, Connection, DateTime, Engine, create_engine, event, inspect, make_url, text
from sqlalchemy.engine import Dialect
from sqlalchemy.exc import DatabaseError, DBAPIError, InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.orm import DeclarativeBase, Session
from sqlalchemy.types import TypeDecorator

from datasets.errors import SettingError, StoreUnavailable

NAMES = ("catalogue", "accounts", "keys", "audience")
MIGRATIONS = Path(__file__).parent / "migrations"
PRAGMAS = ("foreign_keys = ON", "busy_timeout = 5000", "secure_delete = ON", "synchronous = FULL")
POSTGRESQL_LOCK = 0x6765727300  # any constant: one migration at a time on one server
FAILURES = (DBAPIError, PoolTimeout)
AWAY = "Bring it back; `portal accounts create` makes a new one instead."


class Addresses(Protocol):
    """What is read of the settings: the instance folder and one address per database."""

    @property
    def instance(self) -> Path:
        """Return the instance folder."""


class Instant(TypeDecorator[datetime]):
    """An instant, kept in UTC and always given back with its time zone (SQLite forgets it otherwise)."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Return `value` in UTC; a naive instant is an error of the caller."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError(f"an instant needs its time zone: {value!r}")
        value = value.astimezone(UTC)
        return value.replace(tzinfo=None) if dialect.name == "sqlite" else value

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Return the stored instant in UTC."""
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


class KeysBase(DeclarativeBase):
    """The tables of the `keys` database, which two rooms share: API keys, and the keys of persons."""


class Databases:
    """The databases named by the settings; safe to share between threads and across a fork."""

    def __init__(self, settings: Addresses) -> None:
        self.urls = {name: read_url(settings, name) for name in NAMES}
        check_separate(self.urls)
        self._engines: dict[str, tuple[tuple[int, ...], Engine]] = {}
        self._lock = Lock()

    @contextmanager
    def session(self, name: str) -> Iterator[Session]:
        """Open one transaction on the database `name`: committed at the end, rolled back on an exception.

        Raises StoreUnavailable when the database does not answer, is full, busy, moved away or not migrated.
        """
        try:
            with Session(self.engine(name), expire_on_commit=False) as session:
                yield session
                session.commit()
        except FAILURES as error:
            raise_unavailable(name, error)

    def engine(self, name: str) -> Engine:
        """Return the engine of `name`, made once per process and again when its SQLite file was replaced.

        Raises StoreUnavailable when the SQLite file is not there.
        """
        identity = (os.getpid(), *self._identify_file(name))
        with self._lock:
            known, engine = self._engines.get(name, (None, None))
            if engine is not None and known == identity:
                return engine
            if engine is not None and known is not None:
                # After a fork the connections belong to the parent: forget them, do not close them.
                engine.dispose(close=known[0] == identity[0])
            engine = open_engine(self.urls[name])
            self._engines[name] = (identity, engine)
            return engine

    def migrate(self, names: Iterable[str] | None = None) -> None:
        """Create the databases that do not exist and bring each to its newest migration, all or nothing."""
        for name in names or NAMES:
            if path := find_file(self.urls[name]):
                create_file(path)
            try:
                with self.engine(name).begin() as connection:
                    lock_database(connection)
                    upgrade_tables(connection, name)
            except FAILURES as error:
                raise_unavailable(name, error)

    def prepare(self, names: Iterable[str] = NAMES) -> None:
        """Bring `names` to their newest migration, each if it is there; on a new installation, make them all first.

        One that is away is told in the log and left as it is: never is an empty one made in its place, which would
        have forgotten what people decided. Raises StoreUnavailable for the catalogue.
        """
        if self._is_new():
            self.migrate(sorted(NAMES, key="catalogue".__eq__))  # stopped midway, it is still new
            return
        for name in names:
            try:
                self._identify_file(name)
                self.migrate([name])
            except StoreUnavailable as error:
                if name == "catalogue":
                    raise
                logging.getLogger(__name__).error("%s %s", error, AWAY)

    def scrub(self, name: str) -> None:
        """Rewrite the files of `name` so that deleted rows are in none of them (log of transactions included)."""
        engine = self.engine(name)
        try:
            with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
                connection.execute(text("VACUUM"))
                if engine.dialect.name == "sqlite":
                    connection.execute(text("PRAGMA wal_checkpoint(TRUNCATE)"))
        except FAILURES as error:
            raise_unavailable(name, error)

    def copy(self, name: str, path: Path, without: Iterable[str] = ()) -> None:
        """Copy the SQLite file of `name`, whole and as of one instant, into a new file, while it is used.

        The statements `without` are done on the copy, which keeps no byte of what they take out.
        """
        try:
            with self.engine(name).connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
                connection.execute(text("VACUUM INTO :path"), {"path": str(path)})
            copied = open_engine(make_url(f"sqlite:///{path}"))
            with copied.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
                for statement in (*without, "VACUUM"):
                    connection.execute(text(statement))
            copied.dispose()
        except FAILURES as error:
            raise_unavailable(name, error)

    def close(self) -> None:
        """Close every connection of this process."""
        with self._lock:
            for _, engine in self._engines.values():
                engine.dispose()
            self._engines.clear()

    def _is_new(self) -> bool:
        """Tell whether the catalogue was never made."""
        path = find_file(self.urls["catalogue"])
        if path is not None and not path.exists():
            return True
        with self.session("catalogue") as session:
            return not inspect(session.connection()).get_table_names()

    def _identify_file(self, name: str) -> tuple[int, ...]:
        path = find_file(self.urls[name])
        if path is None:
            return ()
        try:
            found = path.stat()
        except OSError as error:
            raise StoreUnavailable(name=name, reason=error.strerror or "no file") from error
        return found.st_dev, found.st_ino


def read_url(settings: Any, name: str) -> URL:
    """Return the address of the database `name`: the setting `<name>_url`, or a file of the instance."""
    address = getattr(settings, f"{name}_url", "") or f"sqlite:///{settings.instance}/{name}.sqlite"
    url = make_url(address)
    if url.drivername in ("postgres", "postgresql"):
        return url.set(drivername="postgresql+psycopg")
    return url


def check_separate(urls: Mapping[str, URL]) -> None:
    """Raise SettingError when two databases have one address: they must never be joined."""
    for name, url in urls.items():
        if any(other != name and urls[other] == url for other in urls):
            found = url.render_as_string(hide_password=True)
            raise SettingError(name=f"{name}_url", found=found, expected="an address of its own")


def find_file(url: URL) -> Path | None:
    """Return the file of an SQLite address, None for a server."""
    return Path(url.database or "") if url.get_backend_name() == "sqlite" else None


def open_engine(url: URL) -> Engine:
    """Return an engine on `url`; nothing is connected yet, and an SQLite file is never created."""
    path = find_file(url)
    if path is None:
        return create_engine(url, pool_pre_ping=True, connect_args={"connect_timeout": 3})

    def connect() -> sqlite3.Connection:
        return sqlite3.connect(f"file:{quote(str(path))}?mode=rw", uri=True, check_same_thread=False)

    engine = create_engine(url, creator=connect, pool_size=10, max_overflow=20)
    event.listen(engine, "connect", set_pragmas)
    return engine


def set_pragmas(connection: sqlite3.Connection, _record: Any) -> None:
    """Prepare one SQLite connection: keys enforced, writers waited for, deleted bytes overwritten."""
    for pragma in PRAGMAS:
        connection.execute(f"PRAGMA {pragma}")


def create_file(path: Path) -> None:
    """Make the SQLite file `path` if it is missing: readable by its owner only, journal kept beside it (WAL)."""
    path.parent.mkdir(parents=True, exist_ok=True)
    if not path.exists():
        os.close(os.open(path, os.O_RDWR | os.O_CREAT, 0o600))
    connection = sqlite3.connect(path)
    connection.execute("PRAGMA journal_mode = WAL")
    connection.close()


def lock_database(connection: Connection) -> None:
    """Keep any other migration of this database waiting until this transaction ends."""
    if connection.dialect.name == "sqlite":
        connection.exec_driver_sql("BEGIN IMMEDIATE")
    else:
        connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": POSTGRESQL_LOCK})


def upgrade_tables(connection: Connection, name: str) -> None:
    """Apply to `connection` the migrations of the folder `name` that it has not had yet."""
    if find_revision(connection) == newest_revision(name):
        return
    from alembic import command  # costs 0.3 s, and serving needs none of it
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    config.set_main_option("version_locations", str(MIGRATIONS / name))
    config.set_main_option("path_separator", "newline")
    config.attributes["connection"] = connection
    command.upgrade(config, "head")


def find_revision(connection: Connection) -> str | None:
    """Return the last migration that a database has had, None when it has had none."""
    if not inspect(connection).has_table("alembic_version"):
        return None
    return connection.scalar(text("SELECT version_num FROM alembic_version"))


def newest_revision(name: str) -> str:
    """Return the last migration of the folder `name`: they are called by it and by the number of their file."""
    number = max(path.name.partition("_")[0] for path in (MIGRATIONS / name).glob("[0-9]*.py"))
    return f"{name}_{number}"


def raise_unavailable(name: str, error: DBAPIError | PoolTimeout) -> NoReturn:
    """Raise StoreUnavailable when `error` tells of the database itself, else `error` again.

    A refused row (a duplicate, a missing parent) and a wrong statement are not outages.
    """
    cause = getattr(error, "orig", None) or error
    damaged = type(error) is DatabaseError
    missing_table = getattr(cause, "sqlstate", None) == "42P01"
    if not (damaged or missing_table or isinstance(error, (OperationalError, InterfaceError, PoolTimeout))):
        raise error
    raise StoreUnavailable(name=name, reason=str(cause).strip().partition("\n")[0]) from error
