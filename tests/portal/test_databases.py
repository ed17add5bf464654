"""The four databases: separate, opened when asked for, never re-created, the same on SQLite and PostgreSQL."""

import os
import threading
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import inspect, select, text

from datasets.errors import SettingError, StoreUnavailable
from portal.accounts.consents.tables import ConsentRow
from portal.accounts.journal.tables import ActRow
from portal.accounts.keys.tables import KeyRow
from portal.accounts.organisations.tables import OrganisationRow
from portal.audience.tables import AudienceBase, FreezeRow
from portal.databases import NAMES, Databases, KeysBase, find_revision, newest_revision
from portal.privacy.tables import RequestRow
from portal.producers.tables import DraftRow
from portal.sources.tables import SourceRow

METADATA = {
    "catalogue": {table.metadata for table in (DraftRow, SourceRow)}.pop(),
    "accounts": {table.metadata for table in (ActRow, ConsentRow, OrganisationRow, RequestRow)}.pop(),
    "keys": KeysBase.metadata,
    "audience": AudienceBase.metadata,
}


def make_key(number: int) -> KeyRow:
    """Build a key that differs by its number."""
    return KeyRow(
        id=f"{number}",
        digest=f"{number:064}",
        holder="h",
        name="n",
        scopes="read",
        created=datetime(2026, 11, 22, 10, 0, tzinfo=UTC),
        expires=None,
    )


@pytest.mark.parametrize("name", NAMES)
def test_migrations_agree_with_the_models(databases: Databases, name: str) -> None:
    """After the migrations, the tables are those that the code describes, on both engines."""
    with databases.engine(name).connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, METADATA[name]) == []


@pytest.mark.parametrize("name", NAMES)
def test_a_database_with_every_migration_is_known_by_its_last_one(databases: Databases, name: str) -> None:
    """The last migration of a folder is the one that a migrated database tells, so that a start looks no further."""
    with databases.engine(name).connect() as connection:
        assert find_revision(connection) == newest_revision(name)


def test_migrating_again_changes_nothing(databases: Databases) -> None:
    """A second migration finds nothing to do and keeps the rows."""
    with databases.session("audience") as session:
        month = f"{os.getpid()}"[-7:]
        session.merge(FreezeRow(month=month, frozen=datetime(2026, 1, 1, tzinfo=UTC), events=3))
    databases.migrate()
    with databases.session("audience") as session:
        assert session.get(FreezeRow, month) is not None


def test_an_instant_comes_back_in_utc(databases: Databases) -> None:
    """An instant given in another zone is the same instant when read again, with its zone."""
    from zoneinfo import ZoneInfo

    paris = datetime(2026, 7, 1, 12, 0, tzinfo=ZoneInfo("Europe/Paris"))
    with databases.session("audience") as session:
        session.merge(FreezeRow(month="2026-07", frozen=paris, events=1))
    with databases.session("audience") as session:
        frozen = session.scalars(select(FreezeRow.frozen).where(FreezeRow.month == "2026-07")).one()
    assert (frozen, frozen.tzinfo) == (paris, UTC)


def test_an_exception_rolls_back(databases: Databases) -> None:
    """What was written before an exception is not there afterwards."""

    def write_then_fail() -> None:
        with databases.session("keys") as session:
            session.add(make_key(991))
            session.flush()
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        write_then_fail()
    with databases.session("keys") as session:
        assert session.get(KeyRow, "991") is None


def test_the_databases_share_no_table(databases: Databases) -> None:
    """No table of one database exists in another, but for the migrations' own."""
    seen: set[str] = set()
    for name in NAMES:
        tables = set(inspect(databases.engine(name)).get_table_names()) - {"alembic_version"}
        assert tables
        assert not seen & tables
        seen |= tables


def test_one_address_for_two_databases_is_refused(tmp_path: Path, address_stores: Callable[..., Any]) -> None:
    """Two stores that must not be joined may not be one database."""
    url = f"sqlite:///{tmp_path}/one.sqlite"
    with pytest.raises(SettingError, match="accounts_url"):
        Databases(address_stores(tmp_path, accounts=url, keys=url))


def test_opening_creates_nothing(tmp_path: Path, address_stores: Callable[..., Any]) -> None:
    """Before any migration, asking for a session is an error and leaves the folder empty."""
    databases = Databases(address_stores(tmp_path))
    with pytest.raises(StoreUnavailable, match="accounts"), databases.session("accounts"):
        pass
    assert list(tmp_path.iterdir()) == []


def test_a_file_moved_away_is_an_error_for_it_alone(files: Databases, tmp_path: Path) -> None:
    """Moving one file away closes that store at once, re-creates nothing, and the others still answer."""
    with files.session("keys") as session:
        session.add(make_key(1))
    (tmp_path / "keys.sqlite").rename(tmp_path / "elsewhere.sqlite")
    with pytest.raises(StoreUnavailable, match="keys"), files.session("keys"):
        pass
    assert not (tmp_path / "keys.sqlite").exists()
    with files.session("accounts") as session:
        assert session.scalar(text("SELECT count(*) FROM account")) == 0


def test_a_file_brought_back_is_found_again(files: Databases, tmp_path: Path) -> None:
    """A store that returns is used again without a restart, even if another file took its place meanwhile."""
    with files.session("keys") as session:
        session.add(make_key(1))
    files.close()
    (tmp_path / "keys.sqlite").rename(tmp_path / "elsewhere.sqlite")
    files.migrate(["keys"])
    with files.session("keys") as session:
        assert session.get(KeyRow, "1") is None
    files.close()
    (tmp_path / "elsewhere.sqlite").replace(tmp_path / "keys.sqlite")
    with files.session("keys") as session:
        assert session.get(KeyRow, "1") is not None


@pytest.mark.parametrize("content", [b"", b"not a database, only a text of some length" * 50])
def test_a_damaged_file_is_an_error_for_it_alone(files: Databases, tmp_path: Path, content: bytes) -> None:
    """An empty or overwritten file makes its store unavailable, in one sentence."""
    files.close()
    for path in tmp_path.glob("keys.sqlite*"):
        path.unlink()
    (tmp_path / "keys.sqlite").write_bytes(content)
    with pytest.raises(StoreUnavailable, match="keys"), files.session("keys") as session:
        session.get(KeyRow, "1")


def test_files_are_their_owners_alone(files: Databases, tmp_path: Path) -> None:
    """No database file can be read by another user of the machine."""
    files.close()
    assert {path.stat().st_mode & 0o077 for path in tmp_path.iterdir()} == {0}


def test_a_forked_process_opens_its_own_connections(files: Databases, tmp_path: Path) -> None:
    """After a fork, the child and the parent both read and write, each on its own connection."""
    with files.session("keys") as session:
        session.add(make_key(1))
    parent = files.engine("keys")
    child = os.fork()
    if child == 0:
        status = 1
        with files.session("keys") as session:
            session.add(make_key(2))
            status = 0 if files.engine("keys") is not parent else 2
        os._exit(status)
    assert os.waitpid(child, 0)[1] == 0
    with files.session("keys") as session:
        assert {row.id for row in session.scalars(select(KeyRow))} == {"1", "2"}


def test_writers_wait_for_each_other(databases: Databases) -> None:
    """Threads that write at the same time all succeed."""

    def write(number: int) -> None:
        with databases.session("keys") as session:
            session.add(make_key(number))

    threads = [threading.Thread(target=write, args=(1000 + number,)) for number in range(16)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with databases.session("keys") as session:
        found = session.scalars(select(KeyRow.id).where(KeyRow.id.like("10%"))).all()
    assert len(found) == 16


def test_scrubbing_leaves_no_byte_of_a_deleted_row(files: Databases, tmp_path: Path) -> None:
    """After a deletion and a scrub, no file of the instance holds the deleted value."""
    canary = "canary-4d1c"
    with files.session("keys") as session:
        row = make_key(1)
        row.name = canary
        session.add(row)
    assert any(canary.encode() in path.read_bytes() for path in tmp_path.iterdir())
    with files.session("keys") as session:
        session.delete(session.get_one(KeyRow, "1"))
    files.scrub("keys")
    assert not any(canary.encode() in path.read_bytes() for path in tmp_path.iterdir())


def test_a_server_that_is_away_is_unavailable(tmp_path: Path, address_stores: Callable[..., Any]) -> None:
    """A PostgreSQL that does not answer is the same error as a file that was moved away."""
    databases = Databases(address_stores(tmp_path, accounts="postgresql://127.0.0.1:1/accounts"))
    with pytest.raises(StoreUnavailable, match="accounts"), databases.session("accounts") as session:
        session.connection()
    databases.close()


def move_away(files: Databases, *names: str) -> None:
    """Move the files of some databases away, as when their disk is gone."""
    for name in names:
        path = Path(files.urls[name].database or "")
        for each in path.parent.glob(f"{path.name}*"):
            each.rename(each.with_name(f"away-{each.name}"))
    files.close()


def test_a_new_installation_gets_them_all(tmp_path: Path, address_stores: Callable[..., Any]) -> None:
    """Whichever is asked for first, all four are made, the catalogue last: stopped midway it is still new."""
    new = Databases(address_stores(tmp_path))
    new.prepare(["catalogue"])
    made = sorted(tmp_path.glob("*.sqlite"), key=lambda path: path.stat().st_ctime_ns)
    assert {path.stem for path in made} == set(NAMES)
    for name in NAMES:
        with new.engine(name).connect() as connection:
            assert len(inspect(connection).get_table_names()) > 1
    new.close()


def test_one_that_is_away_is_never_made_anew(files: Databases, caplog: pytest.LogCaptureFixture) -> None:
    """On an installation that has its catalogue, a missing database is told with what to do, and none is made."""
    move_away(files, "accounts", "audience")
    files.prepare()
    assert [record.message.partition(" is ")[0] for record in caplog.records] == [
        "The accounts database", "The audience database"
    ]  # fmt: skip
    assert "portal accounts create" in caplog.text
    for name in ("accounts", "audience"):
        with pytest.raises(StoreUnavailable):
            files.engine(name)
    files.migrate(["accounts"])
    assert files.engine("accounts")


def test_a_server_that_is_away_is_only_told(
    tmp_path: Path, address_stores: Callable[..., Any], caplog: pytest.LogCaptureFixture
) -> None:
    """So it is on PostgreSQL, but for the catalogue, without which nothing can be served."""
    here = Databases(address_stores(tmp_path))
    here.migrate()
    nowhere = "postgresql://nobody@127.0.0.1:1/x"
    Databases(address_stores(tmp_path, keys=nowhere)).prepare()
    assert "The keys database" in caplog.text
    with pytest.raises(StoreUnavailable):
        Databases(address_stores(tmp_path, catalogue=nowhere)).prepare()
    here.close()
