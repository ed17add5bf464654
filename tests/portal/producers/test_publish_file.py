"""The command line publishes a file as the form does, line by line."""

from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient

from datasets.errors import IngestError, InvalidParameter
from portal.producers.service import publish_file

MUSEUMS = "nom;cp;courriel\nMusée A;01130;a@example.invalid\nMusée B;43130;b@example.invalid\n"


@pytest.fixture
def museums(tmp_path: Path) -> Path:
    """A small table."""
    path = tmp_path / "mes_musées.csv"
    path.write_text(MUSEUMS, encoding="latin-1")
    return path


def test_without_publish_nothing_is_published(app: Flask, client: FlaskClient, museums: Path) -> None:
    """What was understood is told, column by column, and the catalogue stays as it was."""
    lines = list(publish_file(app.extensions["portal"], museums, "musees"))
    assert lines[0] == "2 rows (csv, cp1252)"
    assert any("courriel" in line and "NOT PUBLISHED: email" in line for line in lines)
    assert client.get("/api/explore/v2.1/catalog/datasets/musees").status_code == 404


def test_publishing_again_makes_a_version_and_keeps_the_description(
    app: Flask, client: FlaskClient, museums: Path
) -> None:
    """The title of the first time stays, unless another is given; rows are those of the last file."""
    parts = app.extensions["portal"]
    assert "2 records" in list(publish_file(parts, museums, "musees", title="Musées", published=True))[-1]
    museums.write_text(MUSEUMS + "Musée C;32000;\n", encoding="utf-8")
    assert "3 records" in list(publish_file(parts, museums, "musees", published=True))[-1]
    found = client.get("/api/explore/v2.1/catalog/datasets/musees?lang=fr").json
    assert found["metas"]["default"]["title"] == "Musées"
    assert [field["name"] for field in found["fields"]] == ["nom", "cp"]


@pytest.mark.parametrize("dataset_id", ["", "a", "A B", "../x", "catalogue", "é" * 4, "a" * 101])
def test_an_identifier_that_cannot_be_one_is_refused(app: Flask, museums: Path, dataset_id: str) -> None:
    """An identifier is 3 to 100 of a-z, 0-9, hyphen and underscore, and not the catalogue's own."""
    with pytest.raises(InvalidParameter):
        list(publish_file(app.extensions["portal"], museums, dataset_id, published=True))


def test_a_broken_file_changes_nothing(app: Flask, client: FlaskClient, museums: Path) -> None:
    """When a new file cannot be read, the published version stays."""
    parts = app.extensions["portal"]
    list(publish_file(parts, museums, "musees", published=True))
    museums.write_bytes(b"PK\x03\x04\x00")
    with pytest.raises(IngestError):
        list(publish_file(parts, museums, "musees", published=True))
    assert client.get("/api/explore/v2.1/catalog/datasets/musees/records").json["total_count"] == 2
