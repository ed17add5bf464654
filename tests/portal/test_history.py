"""At the command line, the history of a dataset is told and changed as at the desk."""

from datetime import timedelta

import pyarrow as pa
import pytest
from flask import Flask
from flask.testing import FlaskClient, FlaskCliRunner

from datasets.errors import NotFound
from datasets.model import Schema
from datasets.publish import Release, publish
from datasets.types.public import arrow_schema
from portal.cli import cli
from portal.clock import FixedClock
from portal.extensions import Portal
from portal.history import open_catalogue
from tests.builders import TOWN_ROWS, TOWNS, a_description, a_release

FEWER = Schema(TOWNS.fields[:3])


@pytest.fixture
def two(app: Flask, clock: FixedClock) -> tuple[str, str]:
    """The towns in two versions, the second without their population; their identifiers."""
    parts: Portal = app.extensions["portal"]
    rows = pa.Table.from_pylist([TOWN_ROWS[0] | {"nom": "AUCH"}, *TOWN_ROWS[1:]], schema=arrow_schema(FEWER))
    later = Release("communes-du-gers", a_description(), FEWER, rows)
    (first,) = publish(open_catalogue(parts), parts.store, [a_release()], at=clock.now())
    (second,) = publish(open_catalogue(parts), parts.store, [later], at=clock.now() + timedelta(days=1))
    return first.version_id, second.version_id


def tell(runner: FlaskCliRunner, *arguments: str) -> str:
    done = runner.invoke(cli, ["dataset", *arguments], catch_exceptions=False)
    assert done.exit_code == 0
    return done.output


def test_differences_are_told_in_lines(runner: FlaskCliRunner, two: tuple[str, str]) -> None:
    """What breaks comes first, then the counts, then the rows that differ with what changed of each."""
    lines = tell(runner, "diff", "communes-du-gers", *two).splitlines()
    assert lines[0].startswith("Field removed: population.")
    assert any(line.startswith("  breaks select=sum(population): ODSQL query is malformed") for line in lines)
    assert lines[-2:] == ["0 added, 0 removed, 1 changed, 2 kept", "  ~ '32013'  nom: 'Auch' → 'AUCH'"]
    assert "1 added, 1 removed, 0 changed, 2 kept" not in "\n".join(lines)


def test_going_back_withdrawing_and_renaming(client: FlaskClient, runner: FlaskCliRunner, two: tuple[str, str]) -> None:
    """Each command changes what is served at once, and says what it did."""
    address = "/api/explore/v2.1/catalog/datasets/{}/records"
    assert "communes-du-gers" in tell(runner, "list")
    assert "served again" in tell(runner, "restore", "communes-du-gers", two[0])
    assert "population" in client.get(address.format("communes-du-gers")).json["results"][0]
    assert "no longer served" in tell(runner, "withdraw", "communes-du-gers", "--version", two[1], "--reason", "Fuite")
    assert f"{two[1]}" in tell(runner, "versions", "communes-du-gers")
    assert "withdrawn: Fuite" in tell(runner, "versions", "communes-du-gers")
    tell(runner, "rename", "communes-du-gers", "villes")
    assert client.get(address.format("communes-du-gers"), follow_redirects=True).json["total_count"] == 3
    tell(runner, "withdraw", "communes-du-gers", "--reason", "Terminé")
    assert client.get(address.format("villes")).status_code == 410
    assert "current" not in tell(runner, "versions", "villes")
    with pytest.raises(NotFound):
        tell(runner, "versions", "nothing")


def test_the_pages_of_versions(client: FlaskClient, runner: FlaskCliRunner, two: tuple[str, str]) -> None:
    """Readers see each version, what it broke, and its records at an address of its own."""
    page = client.get("/explore/dataset/communes-du-gers/versions/?lang=fr").text
    assert page.index(two[1]) < page.index(two[0])
    assert "Champ supprimé : population." in page
    assert "sum(population)" in page
    old = client.get(f"/explore/dataset/communes-du-gers/version/{two[0]}/")
    assert (old.status_code, two[0] in old.text, "Population" in old.text) == (200, True, True)
    found = client.get(f"/explore/dataset/communes-du-gers/version/{two[0]}/?q=condom").text
    assert "Condom" in found
    assert "Marciac" not in found
    assert client.get("/explore/dataset/communes-du-gers/version/nothing/").status_code == 404
    tell(runner, "withdraw", "communes-du-gers", "--version", two[0], "--reason", "Une fuite")
    gone = client.get(f"/explore/dataset/communes-du-gers/version/{two[0]}/")
    assert (gone.status_code, "Une fuite" in gone.text) == (410, True)
    assert "Une fuite" in client.get("/explore/dataset/communes-du-gers/versions/").text
    tell(runner, "rename", "communes-du-gers", "villes")
    moved = client.get(f"/explore/dataset/communes-du-gers/version/{two[1]}/")
    assert moved.headers["Location"] == f"/explore/dataset/villes/version/{two[1]}/"
