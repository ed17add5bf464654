"""The list of who objects to being written to: lasting, unreadable, and good for one thing."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from flask import Flask

from datasets.errors import PermissionDenied, StoreError
from portal import backup
from portal.accounts.service import Account
from portal.opposition import Opposition
from portal.privacy.calendar import PARIS
from portal.privacy.duties import forget_objections
from portal.privacy.erasure import erase_person, find_stores
from portal.privacy.rights.answering import open_opposition
from tests.builders import EMAIL

NOW = datetime(2026, 11, 22, 10, 0, tzinfo=UTC)


@pytest.fixture
def opposition(tmp_path: Path) -> Opposition:
    """An empty list."""
    return Opposition(tmp_path / "opposed.jsonl", "secret")


def test_an_objection_is_kept_for_three_years_at_least(app: Flask) -> None:
    """Made on a 29 February, it holds to the end of 1 March three years later, and may go only then."""
    stores = find_stores(app.extensions["portal"])
    mine = open_opposition(stores)
    mine.add("lea@example.org", datetime(2024, 2, 29, 12, tzinfo=PARIS))
    last = datetime(2027, 3, 1, 23, 59, 59, tzinfo=PARIS)
    assert forget_objections(stores, datetime(2027, 2, 28, 23, 59, 59, tzinfo=PARIS)) == 0
    assert forget_objections(stores, last) == 0
    assert mine.is_opposed("lea@example.org", use="sending")
    assert forget_objections(stores, last + timedelta(seconds=1)) == 1


@pytest.mark.parametrize("spelling", ["jean+x@ex.org", " Jean+x@Ex.org ", "JEAN+X@EX.ORG"])
def test_an_objection_is_of_a_mailbox(opposition: Opposition, spelling: str) -> None:
    """Case and spaces do not matter; another mailbox is not concerned."""
    opposition.add(" Jean+x@Ex.org ", NOW)
    assert opposition.is_opposed(spelling, use="import")
    assert not opposition.is_opposed("jean@ex.org", use="sending")


def test_the_list_of_objections_serves_nothing_else(opposition: Opposition, tmp_path: Path) -> None:
    """It may be asked before a sending or an import only; its file names nobody, and is its owner's alone."""
    opposition.add("lea@example.org", NOW)
    for use in ("statistics", "news", ""):
        with pytest.raises(PermissionDenied):
            opposition.is_opposed("lea@example.org", use=use)
    assert "lea" not in opposition.path.read_text()
    assert opposition.path.stat().st_mode & 0o077 == 0
    assert not Opposition(opposition.path, "another secret").is_opposed("lea@example.org", use="sending")


def test_an_objection_ends_when_its_person_says_so(opposition: Opposition) -> None:
    """A person who asks to be written to again is; objecting once more counts from then."""
    opposition.add("lea@example.org", NOW)
    opposition.remove("Lea@example.org", NOW)
    assert not opposition.is_opposed("lea@example.org", use="sending")
    opposition.add("lea@example.org", NOW + timedelta(days=1))
    assert list(opposition.read().values()) == [NOW + timedelta(days=1)]


def test_an_objection_survives_erasure_and_copies(app: Flask, account: Account, tmp_path: Path) -> None:
    """Erased, then put back from a copy made before the objection: the mailbox is still not written to."""
    parts = app.extensions["portal"]
    stores = find_stores(parts)
    list(backup.back_up(parts, tmp_path / "copy", NOW))
    open_opposition(stores).add(EMAIL, NOW)
    assert erase_person(stores, account.id, at=NOW)
    assert open_opposition(stores).is_opposed(EMAIL, use="sending")
    instance = tmp_path / "new"
    backup.put_back(tmp_path / "copy", instance)
    back = Opposition(instance / "opposed.jsonl", parts.vault.secret)
    back.merge(open_opposition(stores).path)
    assert back.is_opposed(EMAIL, use="sending")


def test_a_damaged_list_is_an_error(opposition: Opposition) -> None:
    """A list that cannot be read stops the sending, rather than writing to somebody who objects."""
    opposition.path.write_text("not a line\n")
    with pytest.raises(StoreError):
        opposition.is_opposed("lea@example.org", use="sending")
