"""The store of versions: whole or not at all, never changed, checked against its manifest."""

import json
import os
import random
import time
from datetime import UTC, datetime
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from datasets.errors import NotFound, StoreError
from datasets.model import Field, Schema
from datasets.store.versions import INCOMING, ROW_GROUP, VersionStore
from tests.datasets.store.writer import start_writer

SCHEMA = Schema((Field("n", "int"), Field("t", "text", {"fr": "Texte"}, annotations={"multivalued": ","})))
NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)


def table(rows: int = 3) -> pa.Table:
    return pa.table(
        {"n": range(rows), "t": [["a", "b"]] * rows},
        schema=pa.schema([("n", pa.int64()), ("t", pa.list_(pa.string()))]),
    )


def test_a_version_is_read_as_it_was_written(store: VersionStore) -> None:
    """Rows, schema, provenance and the other files come back; the manifest tells sizes and checksums."""
    files = {"contours.geojson": b"{}", "notice.txt": b"bonjour"}
    written = store.write("towns", SCHEMA, table(), created=NOON, provenance={"source": "hand"}, files=files)
    read = store.read("towns", written.version_id)
    assert read == written
    assert (read.rows, read.provenance, read.created) == (3, {"source": "hand"}, NOON)
    assert [each.name for each in read.distributions] == ["contours.geojson", "data.parquet", "notice.txt"]
    assert store.open(read, "notice.txt").read() == b"bonjour"
    assert pq.read_table(store.locate(read))["n"].to_pylist() == [0, 1, 2]
    store.verify(read)


def test_versions_sort_by_time(store: VersionStore) -> None:
    """The identifiers of versions are in the order of their instants."""
    written = [store.write("towns", SCHEMA, table(), created=NOON.replace(second=s)).version_id for s in (2, 0, 1)]
    assert store.versions("towns") == sorted(written)
    assert store.versions("nothing") == []


def test_the_same_content_at_the_same_instant_is_the_same_version(store: VersionStore) -> None:
    """Writing twice the same thing gives one version; another content gives another."""
    first = store.write("towns", SCHEMA, table(), created=NOON)
    assert store.write("towns", SCHEMA, table(), created=NOON) == first
    assert store.write("towns", SCHEMA, table(4), created=NOON) != first
    assert len(store.versions("towns")) == 2


def test_batches_are_streamed_into_full_row_groups(store: VersionStore) -> None:
    """Small batches, in any order of columns, become row groups of the size that queries like."""
    rows = ROW_GROUP + 5_000
    batches = (pa.record_batch({"t": [["x"]] * 1000, "n": range(i, i + 1000)}) for i in range(0, rows, 1000))
    version = store.write("towns", SCHEMA, batches, created=NOON)
    groups = pq.ParquetFile(store.locate(version)).metadata
    assert (version.rows, groups.num_row_groups, groups.row_group(0).num_rows) == (128_000, 2, ROW_GROUP)


def test_an_empty_version_is_a_version(store: VersionStore) -> None:
    """A dataset without rows is written and read."""
    version = store.write("towns", SCHEMA, [], created=NOON)
    assert pq.read_table(store.locate(version)).num_rows == version.rows == 0


def test_what_is_not_there_is_not_found(store: VersionStore) -> None:
    """An unknown version or file raises NotFound."""
    version = store.write("towns", SCHEMA, table(), created=NOON)
    with pytest.raises(NotFound):
        store.read("towns", "20200101T000000Z-00000000")
    with pytest.raises(NotFound):
        store.open(version, "absent.csv")


@pytest.mark.parametrize("name", ["..", "../out", "a/b", "", ".hidden", "a\0b", "a\nb", "/etc"])
def test_no_name_leaves_the_store(store: VersionStore, name: str) -> None:
    """Names of datasets, versions and files cannot walk out of their folder."""
    with pytest.raises(StoreError):
        store.write(name, SCHEMA, table(), created=NOON)
    with pytest.raises(StoreError):
        store.read("towns", name)
    with pytest.raises(StoreError):
        store.write("towns", SCHEMA, table(), created=NOON, files={name: b""})
    assert store.versions("towns") == []


def test_two_fields_that_sql_would_confuse_are_refused(store: VersionStore) -> None:
    """Fields whose names differ by capitals alone cannot be written."""
    with pytest.raises(StoreError):
        store.write("towns", Schema((Field("Nom", "text"), Field("nom", "text"))), [], created=NOON)


def test_rows_of_other_types_are_refused_and_leave_nothing(store: VersionStore) -> None:
    """A row that does not fit the schema is a StoreError, and nothing of it remains."""
    with pytest.raises(StoreError):
        store.write("towns", SCHEMA, pa.table({"n": ["x"], "t": [["a"]]}), created=NOON)
    with pytest.raises(StoreError):
        store.write("towns", SCHEMA, pa.table({"n": [1]}), created=NOON)
    assert store.versions("towns") == []
    assert list((Path(store.root) / INCOMING).iterdir()) == []


def test_a_changed_byte_is_noticed(store: VersionStore) -> None:
    """verify() refuses a version whose file is not the one that was written, or is gone."""
    version = store.write("towns", SCHEMA, table(), created=NOON)
    data = Path(store.locate(version))
    content = bytearray(data.read_bytes())
    content[10] ^= 1
    data.write_bytes(content)
    with pytest.raises(StoreError, match="differs"):
        store.verify(version)
    data.unlink()
    with pytest.raises(StoreError):
        store.verify(version)


def test_a_damaged_manifest_is_told(store: VersionStore) -> None:
    """A manifest that is cut or of another format is a StoreError."""
    version = store.write("towns", SCHEMA, table(), created=NOON)
    manifest = Path(store.locate(version, "manifest.json"))
    whole = json.loads(manifest.read_text())
    for text in ("{", "[]", "{}", json.dumps(whole | {"format": 9}), json.dumps(whole | {"schema": [{"x": 1}]})):
        manifest.write_text(text)
        with pytest.raises(StoreError, match="manifest"):
            store.read("towns", version.version_id)


def test_a_killed_writer_leaves_old_or_new_versions_whole(tmp_path: Path) -> None:
    """Killed at twenty random instants, a writer never leaves a version that is not whole; the rest is purged."""
    chance = random.Random(7)
    store = VersionStore(tmp_path)
    for _ in range(20):
        writer = start_writer(tmp_path, 300_000)
        time.sleep(chance.uniform(0, 0.2))
        writer.kill()
        writer.join()
        for version_id in store.versions("big"):
            version = store.read("big", version_id)
            store.verify(version)
            assert pq.read_metadata(store.locate(version)).num_rows == version.rows == 300_000
    left = len(list((tmp_path / INCOMING).iterdir()))
    assert store.purge_abandoned() == left
    assert list((tmp_path / INCOMING).iterdir()) == []


def test_purging_spares_a_writer_at_work(tmp_path: Path) -> None:
    """What a living process is writing is not abandoned."""
    store = VersionStore(tmp_path)

    def batches():  # type: ignore[no-untyped-def]
        assert store.purge_abandoned() == 0
        yield pa.record_batch({"n": [1], "t": [["a"]]})

    assert store.write("towns", SCHEMA, batches(), created=NOON).rows == 1


@pytest.mark.parametrize("limit", [4, 100, 5_000, 200_000])
def test_a_full_disk_is_told_and_leaves_nothing(tmp_path: Path, limit: int) -> None:
    """When no more byte can be written, the error is a StoreError and neither a version nor a leftover is seen."""
    writer = start_writer(tmp_path, 1_000_000, limit)
    writer.join(60)
    said = (tmp_path.parent / f"{tmp_path.name}.said").read_text()
    assert said.startswith("StoreError big:")
    assert "File too large" in said
    store = VersionStore(tmp_path)
    assert store.versions("big") == []
    assert store.purge_abandoned() == 0


def test_a_folder_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    """A store whose root is not a folder is a StoreError."""
    (tmp_path / "file").write_text("")
    with pytest.raises(StoreError):
        VersionStore(tmp_path / "file").write("towns", SCHEMA, table(), created=NOON)


def test_the_store_may_live_elsewhere_than_on_a_disk() -> None:
    """Any file system of fsspec serves: here the one in memory."""
    store = VersionStore("memory://portal-test")
    version = store.write("towns", SCHEMA, table(), created=NOON, files={"a.txt": b"a"})
    assert store.versions("towns") == [version.version_id]
    assert store.read("towns", version.version_id) == version
    store.verify(version)
    assert store.open(version, "a.txt").read() == b"a"
    assert store.locate(version).startswith("memory://")
    assert store.purge_abandoned() == 0


def test_files_may_come_from_disk(store: VersionStore, tmp_path: Path) -> None:
    """A file given by its path is copied into the version."""
    (tmp_path / "x.bin").write_bytes(os.urandom(3_000_000))
    version = store.write("towns", SCHEMA, table(), created=NOON, files={"x.bin": tmp_path / "x.bin"})
    assert store.open(version, "x.bin").read() == (tmp_path / "x.bin").read_bytes()
