"""The commands that tell what a dataset hides, and what two of its releases tell together."""

from datetime import timedelta
from pathlib import Path

import pyarrow as pa
import pytest
from flask import Flask
from flask.testing import FlaskCliRunner

from datasets.catalogue.catalogue import get_dataset
from datasets.model import Field, Schema, Version
from datasets.publish import Release, publish
from portal.cli import cli
from tests.builders import a_description, a_release

SCHEMA = Schema(
    (
        Field("niveau_geo", "text"),
        Field("code_geo", "text"),
        Field("periode", "text"),
        Field("nb_dates", "int"),
        Field("masque", "boolean"),
    )
)


def release(country: int) -> Release:
    """Return a protected dataset: the country and three départements, one of them hidden."""
    dates = {"09": 12, "31": 40, "32": None, "65": 21}
    rows = [("pays", "FR", country), *(("departement", code, number) for code, number in dates.items())]
    records = [(level, code, "2026-T1", number, number is None) for level, code, number in rows]
    columns = zip(SCHEMA.names, zip(*records, strict=True), strict=True)
    return Release("dates", a_description("Dates"), SCHEMA, pa.table({name: list(values) for name, values in columns}))


@pytest.fixture
def published(app: Flask) -> list[Version]:
    """Two releases of a dataset: one date was entered late; and a dataset without secrets."""
    portal = app.extensions["portal"]
    at = portal.clock.now()

    def open_session() -> object:
        return portal.databases.session("catalogue")

    first = publish(open_session, portal.store, [release(90), a_release()], at=at)
    return [first[0], *publish(open_session, portal.store, [release(91)], at=at + timedelta(days=90))]


def test_two_releases_are_compared(runner: FlaskCliRunner, published: list[Version], tmp_path: Path) -> None:
    """The figure that moved is told with both its values; a file downloaded earlier says the same as its version."""
    old = f"dates/{published[0].version_id}"
    told = runner.invoke(cli, ["disclosure", "compare", old, "dates"]).output
    assert "pays FR 2026-T1 nb_dates 90 → 91" in told
    assert "The difference may expose one contributor." in told
    file = tmp_path / "dates.csv"
    file.write_text("niveau_geo;code_geo;periode;nb_dates;masque\npays;FR;2026-T1;90;false\n")
    assert "nb_dates 90 → 91" in runner.invoke(cli, ["disclosure", "compare", str(file), "dates"]).output
    assert "n’apprend rien" in runner.invoke(cli, ["disclosure", "compare", old, old, "--lang", "fr"]).output


def test_what_a_dataset_hides_is_reported(runner: FlaskCliRunner, published: list[Version]) -> None:
    """The report counts the hidden cells in the language that is asked for, of the current version or of another."""
    for name in ("dates", f"dates/{published[0].version_id}"):
        told = runner.invoke(cli, ["disclosure", "report", name, "--lang", "fr"]).output
        assert "Cases masquées : 1 sur 5." in told
        assert "département × trimestre : 1 sur 4 (25 %)" in told


@pytest.mark.parametrize("name", ["dates/nothing", "nothing", "communes-du-gers"])
def test_what_cannot_be_reported_is_said(runner: FlaskCliRunner, published: list[Version], name: str) -> None:
    """A version, a dataset or a field that is not there is named."""
    failed = runner.invoke(cli, ["disclosure", "report", name])
    assert failed.exception is not None
    assert "does not exist" in str(failed.exception)


def test_a_cell_is_locked(app: Flask, runner: FlaskCliRunner, published: list[Version]) -> None:
    """It is hidden in a new version, behind a neighbour; what readers are told of it follows, and the reason stays."""
    command = ["disclosure", "lock", "dates", "departement", "31", "2026-T1", "--reason", "Under correction"]
    told = runner.invoke(cli, command, catch_exceptions=False).output
    assert "hidden: departement 31 2026-T1" in told
    portal = app.extensions["portal"]
    with portal.databases.session("catalogue") as session:
        version = get_dataset(session, "dates").version
    assert version.provenance["locked"] == "Under correction"
    assert "Cases masquées : 2 sur 5." in runner.invoke(cli, ["disclosure", "report", "dates", "--lang", "fr"]).output


def test_a_cell_that_cannot_be_locked_changes_nothing(
    app: Flask, runner: FlaskCliRunner, published: list[Version]
) -> None:
    """A cell that is hidden already, or has nothing to hide behind, is refused in words."""
    store = app.extensions["portal"].store
    before = store.versions("dates")
    for cell in (("departement", "32", "2026-T1"), ("pays", "FR", "2026-T1")):
        failed = runner.invoke(cli, ["disclosure", "lock", "dates", *cell, "--reason", "Error"])
        assert "may not be released" in str(failed.exception)
    assert store.versions("dates") == before
