"""The extension that computes on places is loaded at little cost, and only as its makers signed it."""

from pathlib import Path

import duckdb
import pytest

from datasets.store import spatial


def test_a_changed_extension_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The signature is checked once per file, and one byte that differs in another file is still seen."""
    monkeypatch.setattr(spatial, "_checked", set())
    trusting = []
    for _ in range(2):
        with spatial.open_spatial(threads=1) as database:
            assert database.execute("SELECT ST_X(ST_Point(1, 2))").fetchone() == (1.0,)
            trusting += database.execute("SELECT current_setting('allow_unsigned_extensions')").fetchone()
    assert trusting == [False, True]
    changed = bytearray(spatial.EXTENSION.read_bytes())
    changed[len(changed) // 2] ^= 1
    other = tmp_path / spatial.EXTENSION.name
    other.write_bytes(changed)
    monkeypatch.setattr(spatial, "EXTENSION", other)
    with pytest.raises(duckdb.Error):
        spatial.open_spatial()


def test_processes_that_share_a_record_check_the_extension_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What another process checked is trusted, as long as it is the same file."""
    record, trusting = tmp_path / "spatial.checked", []
    for told in ("", "keep", "another file"):
        monkeypatch.setattr(spatial, "_checked", set())
        if told == "another file":
            record.write_text(told, "ascii")
        with spatial.open_spatial(record, threads=1) as database:
            trusting += database.execute("SELECT current_setting('allow_unsigned_extensions')").fetchone()
    assert trusting == [False, True, False]
    assert [path.name for path in tmp_path.iterdir()] == ["spatial.checked"]
