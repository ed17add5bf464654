"""A portal that has published nothing: its catalogue is empty, not missing."""

import shutil
from datetime import UTC, datetime
from pathlib import Path

import pytest
from flask import Flask

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
