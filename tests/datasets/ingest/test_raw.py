"""Texts that are many lie on the disk, and are the same as those that lie in memory."""

from contextlib import nullcontext
from pathlib import Path

import pyarrow as pa
import pytest

from datasets.errors import DiskFull
from datasets.ingest import raw, read_file


def test_what_lies_on_the_disk_is_what_was_given(monkeypatch: pytest.MonkeyPatch) -> None:
    """Past the limit, batches are written once and mapped, in their order."""
    batches = [raw.text_batch([[f"é{rank}", ""]] * 50, 2) for rank in range(20)]
    held = raw.gather(iter(batches), raw.text_schema(2))
    before = pa.total_allocated_bytes()
    monkeypatch.setattr(raw, "HELD", 500)
    kept = raw.gather(iter(batches), raw.text_schema(2))
    assert kept.equals(held)
    assert raw.keep(held.column(0)).equals(held.column(0))
    assert pa.total_allocated_bytes() - before < held.nbytes


def test_no_file_is_left_behind(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What was written aside has no name any more once the file is read, and the rows are still there."""
    monkeypatch.setattr(raw, "HELD", 100)
    aside = tmp_path / "ailleurs"
    aside.mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(aside))
    path = tmp_path / "f.csv"
    path.write_text("nom;n\n" + "".join(f"Théâtre {rank};{rank}\n" for rank in range(500)), encoding="utf-8")
    found = read_file(path)
    assert list(aside.iterdir()) == []
    assert found.table["n"].to_pylist() == list(range(500))


def test_a_full_disk_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """When there is no room for what is put aside, the error says so, and names the file."""
    monkeypatch.setattr(raw, "HELD", 100)
    path = tmp_path / "f.csv"
    path.write_text("nom;n\n" + "Théâtre;1\n" * 500, encoding="utf-8")
    with Path("/dev/full").open("wb", buffering=0) as full:
        monkeypatch.setattr(raw, "NamedTemporaryFile", lambda **_: nullcontext(full))
        with pytest.raises(DiskFull, match=r"f\.csv"):
            read_file(path)
