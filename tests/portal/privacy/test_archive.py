"""The intermediate archive: apart, sealed by keys of its own, open to few, for a motive and for a time."""

from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from datasets.errors import InvalidParameter, NotFound, PermissionDenied
from portal.privacy.archive import Archive

NOW = datetime(2026, 11, 22, 10, 0, tzinfo=UTC)
END = date(2031, 11, 21)
READER = "dpd@example.org"


@pytest.fixture
def archive(tmp_path: Path) -> Archive:
    """An archive with one reader."""
    return Archive(tmp_path / "archive", tmp_path / "archive.key", (READER,))


def test_the_archive_opens_to_its_readers_with_a_motive(archive: Archive, tmp_path: Path) -> None:
    """A named reader opens a record for a motive that is kept; another, or without a motive, is refused, unnoted."""
    number = archive.put("request", {"who": "canari"}, END, once="A")
    with pytest.raises(PermissionDenied):
        archive.read(number, "other@example.org", "id", "curiosity", at=NOW)
    with pytest.raises(InvalidParameter):
        archive.read(number, READER, "id", " ", at=NOW)
    with pytest.raises(NotFound):
        archive.read(number + 1, READER, "id", "a trial", at=NOW)
    assert archive.list_reads() == []
    assert archive.read(number, READER, "id", "a trial", at=NOW) == {"who": "canari"}
    (noted,) = archive.list_reads()
    assert (noted["number"], noted["reader"], noted["motive"]) == (number, "id", "a trial")
    assert not [path for path in tmp_path.rglob("*") if path.is_file() and b"canari" in path.read_bytes()]
    files = [path for path in tmp_path.rglob("*.*") if path.is_file() and path.suffix != ".lock"]
    assert {path.stat().st_mode & 0o077 for path in files} == {0}


def test_an_archived_record_is_unreadable_after_its_end(archive: Archive, tmp_path: Path) -> None:
    """At its end a record goes, its key first, so that a copy of the folder opens no more; the others stay."""
    first, second = (archive.put("request", {"who": name}, END, once=name) for name in ("ada", "bob"))
    later = archive.put("request", {"who": "eve"}, END.replace(year=2032), once="eve")
    path = tmp_path / "archive" / f"{first:06}.json"
    copied = path.read_bytes()
    assert archive.purge(END) == 0
    assert archive.purge(date(2031, 11, 22)) == 2
    assert [entry.number for entry in archive.list_entries()] == [later]
    path.write_bytes(copied)
    with pytest.raises(NotFound):
        archive.read(first, READER, "id", "a trial", at=NOW)
    assert archive.read(later, READER, "id", "a trial", at=NOW) == {"who": "eve"}
    assert second not in {entry.number for entry in archive.list_entries()}


def test_a_record_is_archived_once(archive: Archive) -> None:
    """Stopped and done again, the same proof is in the archive once."""
    assert archive.put("request", {"who": "a"}, END, once="R") == archive.put("request", {"who": "a"}, END, once="R")
    assert len(archive.list_entries()) == 1


def test_readings_are_forgotten_in_their_turn(archive: Archive) -> None:
    """Who read what is kept for its time, then goes."""
    number = archive.put("request", {"who": "canari"}, END, once="A")
    archive.read(number, READER, "id", "a trial", at=NOW)
    assert archive.purge_reads(NOW) == 0
    assert archive.purge_reads(NOW.replace(year=2028)) == 1
    assert archive.list_reads() == []
