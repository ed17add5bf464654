"""Private records come through the desk, are never public, and are gone once their protected datasets are published."""

import io
import os
import zipfile
from datetime import timedelta
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from datasets.errors import FileTooLarge
from datasets.programming.columns import TABLES
from datasets.programming.sample import write_sample
from portal.privacy.calendar import Duration
from portal.privacy.policy import POLICY
from portal.programming import find_territories
from portal.sources import private
from tests.portal.sources.conftest import owner_of_the_producer

PAGE = "/producer/records/"


@pytest.fixture(scope="module")
def tables(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The ten tables, with one row in all, which is wrong."""
    folder = tmp_path_factory.mktemp("tables")
    for name, columns in TABLES.items():
        text = ",".join(column.name for column in columns) + "\n"
        row = ",".join("x" for _ in columns) + "\n" if name == "lieux" else ""
        (folder / f"{name}.csv").write_text(text + row, "utf-8")
    return folder


def zipped(folder: Path, inside: str = "") -> bytes:
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as archive:
        for name in TABLES:
            archive.write(folder / f"{name}.csv", f"{inside}{name}.csv")
    return content.getvalue()


def send(producer: FlaskClient, content: bytes, name: str) -> TestResponse:
    return producer.post(PAGE, data={"files": (io.BytesIO(content), name)})


def test_records_come_as_a_zip_and_show_their_report(app: Flask, producer: FlaskClient, tables: Path) -> None:
    """A zip of the ten tables is read: the page and a CSV tell what was repaired, and nothing is public."""
    assert send(producer, zipped(tables, "export 2026/"), "export.zip").status_code == 303
    shown = producer.get(f"{PAGE}?lang=fr").text
    assert "non reçue" not in shown
    assert producer.post(f"{PAGE}check/").status_code == 303
    page = producer.get(f"{PAGE}?lang=fr").text
    assert "Les tables ont été lues" in page
    report = producer.get(f"{PAGE}report.csv")
    assert report.data.startswith(b"table,ligne,colonne")
    assert b"lieux" in report.data
    report.close()
    found = app.test_client().get("/api/explore/v2.1/catalog/datasets").json
    assert [each["dataset_id"] for each in found["results"]] == ["villes"]
    folder = private.folder_of(app.extensions["portal"], owner_of_the_producer(app))
    assert folder.stat().st_mode & 0o077 == 0
    for name in TABLES:
        assert (folder / f"{name}.csv").read_bytes() == (tables / f"{name}.csv").read_bytes()
    (folder / "equipes.csv").unlink()
    private.check_private(app.extensions["portal"], owner_of_the_producer(app))
    told = private.read_state(app.extensions["portal"], owner_of_the_producer(app)).told
    assert "la table equipes.csv manque" in told["fr"]
    assert str(folder) not in told["fr"]


def test_tables_come_one_by_one(app: Flask, producer: FlaskClient, tables: Path) -> None:
    """Each table is kept under its name, the last one sent wins; the page says which are missing."""
    send(producer, (tables / "lieux.csv").read_bytes(), "LIEUX.CSV")
    assert private.table_of("C:\\temp\\Lieux.csv") == "lieux"
    parts, owner = app.extensions["portal"], owner_of_the_producer(app)
    sizes = private.list_tables(parts, owner)
    assert [name for name, size in sizes.items() if size is not None] == ["lieux"]
    assert "lieux" in producer.get(PAGE).text


OTHERS = [
    ("autre.csv", b"a;b\n"),
    ("lieux.exe", b"MZ"),
    ("../../etc/passwd", b"root"),
    ("x.zip", b"not a zip"),
    ("x.zip", b"PK\x03\x04" + b"\0" * 50),
]


def test_other_files_are_refused(app: Flask, producer: FlaskClient) -> None:
    """Whatever is no table is refused in words, and nothing is written."""
    for name, content in OTHERS:
        assert send(producer, content, name).status_code == 400, name
    assert not list(private.folder_of(app.extensions["portal"], owner_of_the_producer(app)).glob("*.csv"))


def test_a_zip_cannot_write_elsewhere_nor_without_end(app: Flask, producer: FlaskClient) -> None:
    """Paths inside a zip are idle, other members are passed over, and all of them together have a limit."""
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("../../../lieux.csv", "id\n1\n")
        archive.writestr("../../evil.sh", "rm")
    assert send(producer, content.getvalue(), "x.zip").status_code == 303
    parts, owner = app.extensions["portal"], owner_of_the_producer(app)
    folder = private.folder_of(parts, owner)
    assert sorted(path.name for path in folder.iterdir()) == ["lieux.csv", private.STATE]
    parts.settings.__dict__["upload_limit"] = 1000
    bomb = io.BytesIO()
    with zipfile.ZipFile(bomb, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("dates.csv", "0" * 10_000_000)
    with pytest.raises(FileTooLarge):
        private.receive_records(parts, owner, "x.zip", io.BytesIO(bomb.getvalue()))
    assert not (folder / "dates.csv").exists()


def test_records_are_erased_when_they_waited_and_when_asked(app: Flask, producer: FlaskClient) -> None:
    """A day after the last table they are gone; the button and the end of the account erase them at once."""
    parts, owner = app.extensions["portal"], owner_of_the_producer(app)
    send(producer, b"id\n", "lieux.csv")
    folder = private.folder_of(parts, owner)
    now = parts.clock.now()
    for path in folder.iterdir():
        os.utime(path, (now.timestamp(), now.timestamp()))
    assert private.purge_private(parts.settings.instance, now + timedelta(hours=23) - private.LIFE) == 0
    assert folder.exists()
    assert private.purge_private(parts.settings.instance, now + timedelta(hours=25) - private.LIFE) == 1
    assert not folder.exists()
    assert POLICY.duration("P4") == Duration(days=private.LIFE.days)
    send(producer, b"id\n", "lieux.csv")
    assert producer.post(f"{PAGE}erase/").status_code == 303
    assert not folder.exists()


def test_nobody_else_sees_them(app: Flask, producer: FlaskClient) -> None:
    """A visitor is led to sign in, and no address serves the private folder."""
    send(producer, b"id\n", "lieux.csv")
    visitor = app.test_client()
    for path in ("", "report.csv"):
        assert visitor.get(PAGE + path).status_code == 303
    assert visitor.get("/private/lieux.csv").status_code == 404


@pytest.mark.verify
def test_protected_datasets_are_published_and_the_tables_erased(
    app: Flask, producer: FlaskClient, tmp_path: Path
) -> None:
    """From a zip to public datasets: only these stay, with the report."""
    write_sample(tmp_path / "sample", "S", 32, find_territories(app.extensions["portal"]), lambda table, done, n: None)
    send(producer, zipped(tmp_path / "sample"), "export.zip")
    assert producer.post(f"{PAGE}publish/").status_code == 303
    parts, owner = app.extensions["portal"], owner_of_the_producer(app)
    state = private.read_state(parts, owner)
    assert state.state == "published", state.told
    assert not any(private.list_tables(parts, owner).values())
    found = app.test_client().get("/api/explore/v2.1/catalog/datasets?limit=100").json
    assert "economies-ges" in [each["dataset_id"] for each in found["results"]]
