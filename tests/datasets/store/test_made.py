"""Files made from a version: whole or not there, beside it and gone with it, read from any place."""

import hashlib
import shutil
from datetime import UTC, datetime
from pathlib import Path

import pyarrow as pa
import pytest

from datasets.errors import DiskFull, StoreError
from datasets.model import Field, Schema, Version
from datasets.store import made
from datasets.store.made import MadeFiles
from datasets.store.versions import VersionStore

BYTES = bytes(range(256)) * 40


@pytest.fixture
def version(store: VersionStore) -> Version:
    """A version of three rows."""
    created = datetime(2026, 11, 22, 12, tzinfo=UTC)
    return store.write("towns", Schema((Field("n", "int"),)), pa.table({"n": [1, 2, 3]}), created=created)


def test_a_file_is_found_as_it_was_made(store, version):
    """Its bytes, size and checksum; other names and codings are other files."""
    files = MadeFiles(store)
    assert files.find(version, "csv") is None
    written = files.make(version, "csv", [BYTES, b"", b"end"])
    found = files.find(version, "csv")
    assert found == written
    assert b"".join(found.read()) == BYTES + b"end"
    assert (found.size, found.sha256) == (len(BYTES) + 3, hashlib.sha256(BYTES + b"end").hexdigest())
    assert files.find(version, "csv", "gzip") is None
    assert files.find(version, "cs") is None
    assert store.read("towns", version.version_id) == version
    store.verify(version)
    assert store.versions("towns") == [version.version_id]


@pytest.mark.parametrize("start", [0, 1, 100, len(BYTES) - 1, len(BYTES), len(BYTES) + 9])
def test_reading_begins_anywhere(store, version, monkeypatch, start):
    """From any byte on, in pieces of a bounded size."""
    monkeypatch.setattr(made, "PIECE", 100)
    pieces = MadeFiles(store).make(version, "csv", [BYTES]).read()
    pieces.seek(start)
    read = list(pieces)
    assert b"".join(read) == BYTES[start:]
    assert max(map(len, read), default=0) <= 100


def test_what_fails_leaves_nothing(store, version, monkeypatch):
    """A maker that fails, a disk that is full: no file, no part of one."""

    def failing():
        yield b"half"
        raise LookupError("no more")

    files = MadeFiles(store)
    with pytest.raises(LookupError):
        files.make(version, "csv", failing())
    monkeypatch.setattr(made, "ROOM", 1 << 62)
    with pytest.raises(DiskFull):
        files.make(version, "csv", [b"a"])
    assert files.find(version, "csv") is None
    assert list(Path(store.root).rglob("*csv*")) == []


def test_a_version_that_is_gone_does_not_come_back(store, version):
    """Files go with their version, and none is made for one that was removed meanwhile."""
    files = MadeFiles(store)
    files.make(version, "csv", [b"a"])
    shutil.rmtree(Path(store.locate(version)).parent)
    assert files.find(version, "csv") is None
    with pytest.raises(StoreError):
        files.make(version, "csv", [b"a"])
    assert store.versions("towns") == []


def test_files_of_other_versions_can_be_forgotten(store, version):
    """What was made from former versions goes; those versions, and the files of this one, stay."""
    files = MadeFiles(store)
    created = datetime(2026, 11, 23, 12, tzinfo=UTC)
    later = store.write("towns", version.schema, pa.table({"n": [4]}), created=created)
    for each in (version, later):
        files.make(each, "csv", [b"a"])
    files.forget_others(later)
    assert files.find(version, "csv") is None
    assert files.find(later, "csv")
    store.verify(version)
    assert len(store.versions("towns")) == 2


def test_a_store_elsewhere_makes_no_file():
    """In a store that is no local disk nothing is made, and nothing fails."""
    store = VersionStore("memory://made")
    created = datetime(2026, 11, 22, 12, tzinfo=UTC)
    version = store.write("towns", Schema((Field("n", "int"),)), pa.table({"n": [1]}), created=created)
    assert MadeFiles(store).make(version, "csv", [b"a"]) is None
    assert MadeFiles(store).find(version, "csv") is None
