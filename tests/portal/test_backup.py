"""Copies of an installation: whole, checked to the byte, and unable to bring back who was erased."""

import json
import shutil
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from flask import Flask

from datasets.errors import NotFound, StoreError
from datasets.publish import publish
from portal import backup, create_app
from portal.accounts import service as accounts
from portal.accounts.journal.waiting import FILE as ACTS
from portal.accounts.journal.waiting import note_waiting
from portal.clock import FixedClock
from portal.extensions import Portal
from portal.privacy.erased import Erased
from portal.privacy.erasure import erase_person, find_stores
from tests.builders import a_release

NOW = datetime(2026, 11, 22, 10, 0, tzinfo=UTC)
OPEN = "/api/explore/v2.1/catalog/datasets/communes-du-gers/exports/csv"


@pytest.fixture
def installation(app: Flask) -> Iterator[Portal]:
    """An installation with a dataset and ten persons."""
    parts = app.extensions["portal"]
    publish(lambda: parts.databases.session("catalogue"), parts.store, [a_release()], at=NOW)
    with parts.databases.session("accounts") as session:
        for number in range(10):
            accounts.keep_account(
                session, parts.vault, f"canary{number}@example.org", "$hash", "beneficiary", at=NOW, language="fr",
                given_name=f"Canarino{number}", family_name="",
            )  # fmt: skip
    yield parts
    parts.databases.close()


def reopen(folder: Path, instance: Path, master: Path, newer: Path | None = None) -> Flask:
    """Put a copy into a new instance that has the master key, and erase again."""
    instance.mkdir()
    shutil.copy2(master, instance / "master.key")
    backup.put_back(folder, instance)
    app = create_app({"instance": instance, "queue_url": "immediate"}, clock=FixedClock(NOW))
    list(backup.replay(app.extensions["portal"], newer))
    return app


def read_people(parts: Portal) -> set[str]:
    """Return the addresses that can be read."""
    found = set()
    for person in find_stores(parts).list_people():
        try:
            with parts.databases.session("accounts") as session:
                found.add(accounts.get_account(session, parts.vault, person).email)
        except NotFound:
            continue
    return found


def test_a_copy_put_back_is_the_same_portal(app: Flask, installation: Portal, tmp_path: Path) -> None:
    """Open data answer the same bytes, and everybody is there."""
    list(backup.back_up(installation, tmp_path / "copy", NOW))
    again = reopen(tmp_path / "copy", tmp_path / "new", installation.settings.master_key)
    assert again.test_client().get(OPEN).data == app.test_client().get(OPEN).data
    assert read_people(again.extensions["portal"]) == {f"canary{n}@example.org" for n in range(10)}


def test_acts_that_wait_are_copied(installation: Portal, tmp_path: Path) -> None:
    """What programs did while the accounts were away is noted after the copy was put back."""
    (installation.settings.instance / ACTS).write_text(
        json.dumps({"act": "pushed", "at": NOW.isoformat(), "subject": "communes-du-gers"}) + "\n"
    )
    list(backup.back_up(installation, tmp_path / "copy", NOW))
    parts = reopen(tmp_path / "copy", tmp_path / "new", installation.settings.master_key).extensions["portal"]
    assert note_waiting(parts.databases, parts.vault, parts.settings.instance) == 1
    assert not (parts.settings.instance / ACTS).exists()


def test_who_was_erased_since_stays_erased(installation: Portal, tmp_path: Path) -> None:
    """Three of ten are erased after the copy: put back with the newer file of erasures, they are not in any byte."""
    list(backup.back_up(installation, tmp_path / "copy", NOW))
    stores = find_stores(installation)
    gone = stores.list_people()[:3]
    lost = set()
    for person in gone:
        with installation.databases.session("accounts") as session:
            lost.add(accounts.get_account(session, installation.vault, person).email)
        erase_person(stores, person, at=NOW)
    newer = installation.settings.instance / "erased.jsonl"
    again = reopen(tmp_path / "copy", tmp_path / "new", installation.settings.master_key, newer)
    parts = again.extensions["portal"]
    assert read_people(parts) == {f"canary{n}@example.org" for n in range(10)} - lost
    assert not set(gone) & set(find_stores(parts).list_people())


def test_an_old_copy_forgets_whom_the_newer_keys_forgot(installation: Portal, tmp_path: Path) -> None:
    """An old copy put back with the keys of today, and no file of erasures, opens only who was not erased since."""
    list(backup.back_up(installation, tmp_path / "old", NOW))
    stores = find_stores(installation)
    for person in stores.list_people()[:3]:
        erase_person(stores, person, at=NOW)
    left = read_people(installation)
    list(backup.back_up(installation, tmp_path / "today", NOW))
    shutil.rmtree(tmp_path / "old" / "keys")
    shutil.copytree(tmp_path / "today" / "keys", tmp_path / "old" / "keys")
    again = reopen(tmp_path / "old", tmp_path / "new", installation.settings.master_key)
    assert len(find_stores(again.extensions["portal"]).list_people()) == 10
    assert read_people(again.extensions["portal"]) == left
    assert len(left) == 7


def test_no_copy_holds_a_readable_value_nor_the_master_key(installation: Portal, tmp_path: Path) -> None:
    """In all the bytes of a copy there is no address, no name, no master key."""
    list(backup.back_up(installation, tmp_path / "copy", NOW))
    content = b"".join(path.read_bytes() for path in (tmp_path / "copy").rglob("*") if path.is_file())
    assert b"anar" not in content
    assert installation.settings.master_key.read_bytes().split(b":")[1].strip() not in content


def test_a_flipped_byte_is_found(installation: Portal, tmp_path: Path) -> None:
    """One byte changed, added or a file missing, anywhere: the copy is refused with the name of the file."""
    list(backup.back_up(installation, tmp_path / "copy", NOW))
    files = sorted(path for path in (tmp_path / "copy").rglob("*") if path.is_file() and path.name != "manifest.json")
    for path in files:
        before = path.read_bytes()
        changed = bytearray(before or b"x")
        changed[len(changed) // 2] ^= 1
        path.write_bytes(changed)
        with pytest.raises(StoreError, match=path.name):
            backup.check_copy(tmp_path / "copy")
        path.write_bytes(before)
    (tmp_path / "copy" / "more.txt").write_text("x")
    with pytest.raises(StoreError, match=r"more\.txt"):
        backup.check_copy(tmp_path / "copy")
    (tmp_path / "copy" / "more.txt").unlink()
    (tmp_path / "copy" / "accounts.sqlite").unlink()
    with pytest.raises(StoreError, match="missing"):
        backup.check_copy(tmp_path / "copy")


def test_nothing_is_written_over(installation: Portal, tmp_path: Path) -> None:
    """A copy never goes into a folder that exists, and is never put back over an installation."""
    list(backup.back_up(installation, tmp_path / "copy", NOW))
    with pytest.raises(StoreError, match="already"):
        list(backup.back_up(installation, tmp_path / "copy", NOW))
    with pytest.raises(StoreError, match="new one"):
        backup.put_back(tmp_path / "copy", installation.settings.instance)
    assert not list(tmp_path.glob(".copy*"))


def test_erasures_are_remembered_for_a_year_and_name_nobody(tmp_path: Path) -> None:
    """The file holds keyed hashes only; a year later they go."""
    erased = Erased(tmp_path / "erased.jsonl", "secret")
    erased.add("ada", NOW)
    assert erased.read() == {erased.name("ada"): NOW}
    assert "ada" not in (tmp_path / "erased.jsonl").read_text()
    assert erased.purge(NOW) == 0
    assert erased.purge(NOW.replace(year=2027, month=12)) == 1
    assert erased.read() == {}
