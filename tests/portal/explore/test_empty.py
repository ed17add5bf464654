"""A portal that has published nothing: its catalogue is empty, not missing."""

import shutil
from datetime import UTC, datetime
from pathlib import Path

import pytest
from flask import Flask

from datasets import publish as publishing
from datasets.catalogue.snapshot import SCHEMA, build_snapshot
from datasets.model import Schema
from datasets.publish import publish_catalogue
from portal import create_app
from portal.clock import FixedClock

CATALOGUE = "/api/explore/v2.1/catalog"


@pytest.fixture(scope="module")
def empty(migrated: Path, tmp_path_factory: pytest.TempPathFactory) -> Flask:
    """The application as `portal work` leaves it at the start, for tests that only look."""
    instance = shutil.copytree(migrated, tmp_path_factory.mktemp("empty") / "instance")
    clock = FixedClock(datetime(2026, 11, 22, 10, 0, tzinfo=UTC))
    app = create_app({"instance": instance, "queue_url": "immediate", "limits_url": "memory://"}, clock=clock)
    portal = app.extensions["portal"]
    assert publish_catalogue(lambda: portal.databases.session("catalogue"), portal.store, at=portal.clock.now())
    assert not publish_catalogue(lambda: portal.databases.session("catalogue"), portal.store, at=portal.clock.now())
    return app


@pytest.mark.parametrize(
    "address",
    [
        "/datasets",
        "/facets",
        "/facets?facet=theme",
        "/exports/csv",
        "/exports/json",
        "/exports/xlsx",
        "/exports/dcat",
        "/exports/ttl",
        "/exports/rss",
        "/exports/data.json",
    ],
)
def test_an_empty_catalogue_is_answered_everywhere(empty: Flask, address: str) -> None:
    """Each address of the catalogue answers 200 and says that there is nothing yet."""
    response = empty.test_client().get(CATALOGUE + address)
    assert response.status_code == 200, response.text
    if address == "/datasets":
        assert response.get_json() == {"total_count": 0, "results": []}
    if address == "/exports/json":
        assert response.get_json() == []


def test_nothing_is_listed_on_the_pages(empty: Flask) -> None:
    """The pages of a visitor open, and show no dataset."""
    client = empty.test_client()
    assert client.get("/").status_code == 200
    assert 'catalogue"' not in client.get("/explore/").text.split("<main", 1)[1]


def test_a_catalogue_of_another_release_is_served_then_made_again(
    migrated: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The catalogue that a former release of the software published, without some fields, is read as it is, then
    published as this release does."""
    instance = shutil.copytree(migrated, tmp_path / "instance")
    clock = FixedClock(datetime(2026, 11, 22, 10, 0, tzinfo=UTC))
    app = create_app({"instance": instance, "queue_url": "immediate", "limits_url": "memory://"}, clock=clock)
    portal = app.extensions["portal"]
    with monkeypatch.context() as former:
        fewer = Schema(tuple(field for field in SCHEMA if field.name != "default.keyword"))
        former.setattr(publishing, "SCHEMA", fewer)
        former.setattr(publishing, "build_snapshot", lambda datasets: build_snapshot(datasets).select(fewer.names))
        assert publish_catalogue(lambda: portal.databases.session("catalogue"), portal.store, at=portal.clock.now())
    client = app.test_client()
    assert client.get(CATALOGUE + "/datasets?refine=publisher:x").status_code == 200
    assert client.get(CATALOGUE + "/datasets?where=keyword=1").status_code == 400
    assert publish_catalogue(lambda: portal.databases.session("catalogue"), portal.store, at=portal.clock.now())
    assert client.get(CATALOGUE + "/datasets?refine=keyword:x").status_code == 200
    assert not publish_catalogue(lambda: portal.databases.session("catalogue"), portal.store, at=portal.clock.now())
