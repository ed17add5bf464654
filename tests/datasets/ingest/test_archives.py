"""What is compressed is opened under limits; the files of an archive may be chosen, and their names lead nowhere."""

import gzip
import io
import zipfile
from pathlib import Path
from typing import Any

import pytest

from datasets.errors import BrokenArchive, EmptyFile, EncryptedArchive, TooManyBytes, UnknownFormat, UnknownOption
from datasets.ingest import Ingested, Reading, read_file, unpacking

TABLE = b"ville;habitants\nAuch;22000\nCondom;6500\n"
OTHER = b"a;b\n1;2\n"


def read(folder: Path, content: bytes, name: str, **options: Any) -> Ingested:
    """Read `content` as a file called `name`."""
    path = folder / name
    path.write_bytes(content)
    return read_file(path, reading=Reading(**options))


def zipped(**files: bytes) -> bytes:
    """Return a zip archive of these files; two underscores stand for a point."""
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name.replace("__", "."), content)
    return target.getvalue()


def test_a_gzip_file_is_its_content(tmp_path: Path) -> None:
    """A compressed table is read as if it were not."""
    assert read(tmp_path, gzip.compress(TABLE), "villes.csv.gz").table["habitants"].to_pylist() == [22000, 6500]


def test_the_table_of_an_archive_is_found_and_the_others_told(tmp_path: Path) -> None:
    """Beside a readme and what a system leaves, the table is read; another one may be asked for."""
    content = zipped(lisezmoi__txt=b"Bonjour", villes__csv=TABLE, autre__csv=OTHER, __MACOSX=b"x")
    found = read(tmp_path, content, "envoi.zip")
    assert found.table["habitants"].to_pylist() == [22000, 6500]
    assert found.dialect.member == "villes.csv"
    assert [(p.row, p.reason) for p in found.report.problems] == [(0, "other_members")]
    assert set(found.offers["member"]) >= {"lisezmoi.txt", "villes.csv", "autre.csv"}
    assert read(tmp_path, content, "envoi.zip", member="autre.csv").table["b"].to_pylist() == [2]
    with pytest.raises(UnknownOption, match="absent"):
        read(tmp_path, content, "envoi.zip", member="absent.csv")


def test_archives_may_lie_one_in_another_but_not_for_ever(tmp_path: Path) -> None:
    """A compressed table in an archive is read; archives in archives without end are refused."""
    inner = zipped(**{"villes__csv__gz": gzip.compress(TABLE)})
    assert read(tmp_path, inner, "envoi.zip").table.num_rows == 2
    for _ in range(4):
        inner = gzip.compress(inner)
    with pytest.raises(BrokenArchive):
        read(tmp_path, inner, "envoi.gz")


def test_bombs_are_refused_while_they_unfold(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What comes out is counted, whatever the archive promises: by size and by ratio."""
    bomb = b"\0" * (1 << 24)
    monkeypatch.setattr(unpacking, "FREE", 1 << 20)
    for content, name in ((gzip.compress(bomb), "b.csv.gz"), (zipped(b__csv=bomb), "b.zip")):
        with pytest.raises(TooManyBytes, match=name):
            read(tmp_path, content, name)
    monkeypatch.setattr(unpacking, "MEMBERS", 1)
    with pytest.raises(TooManyBytes):
        read(tmp_path, zipped(a__csv=TABLE, b__csv=TABLE), "c.zip")


@pytest.mark.parametrize("member", ["../../evasion.csv", "/etc/evasion.csv", "..\\evasion.csv"])
def test_names_of_an_archive_are_no_paths(tmp_path: Path, member: str) -> None:
    """A name that climbs out of the archive is only a name: nothing is written under it."""
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w") as archive:
        archive.writestr(member, TABLE)
    folder = tmp_path / "bas"
    folder.mkdir()
    assert read(folder, target.getvalue(), "envoi.zip").table.num_rows == 2
    assert not list(tmp_path.rglob("*evasion*"))


def test_broken_empty_and_closed_archives_are_refused(tmp_path: Path) -> None:
    """A cut archive, an empty one and one under a password are told apart."""
    whole = zipped(villes__csv=TABLE * 100)
    with pytest.raises(BrokenArchive):
        read(tmp_path, whole[:-30], "a.zip")
    with pytest.raises(BrokenArchive):
        read(tmp_path, gzip.compress(TABLE * 100)[:-12], "a.csv.gz")
    with pytest.raises(EmptyFile):
        read(tmp_path, b"PK\x05\x06" + b"\0" * 18, "a.zip")
    closed = bytearray(whole)
    closed[6] |= 1
    closed[closed.index(b"PK\x01\x02") + 8] |= 1
    with pytest.raises(EncryptedArchive):
        read(tmp_path, bytes(closed), "a.zip")


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"%PDF-1.7\n%\xe2\xe3", "a PDF document"),
        (b"<!DOCTYPE html>\n<html><table><tr><td>1</td></tr></table></html>", "a web page"),
        (b"\x89PNG\r\n\x1a\n\0\0", "a picture"),
        (zipped(**{"[Content_Types]__xml": b"x", "word/document__xml": b"x"}), "office suite"),
        (b"<?xml version='1.0'?><lignes><l>1</l></lignes>", "an XML document"),
        (b"Rar!\x1a\x07\x00" + b"\0" * 40, "another kind than zip"),
    ],
)
def test_files_that_are_no_tables_are_named(tmp_path: Path, content: bytes, said: str) -> None:
    """A document sent as a table is refused by what it is, in both languages."""
    with pytest.raises(UnknownFormat, match=said) as refused:
        read(tmp_path, content, "tableau.xls")
    assert "tableau.xls : ce fichier semble être" in refused.value.message("fr")
