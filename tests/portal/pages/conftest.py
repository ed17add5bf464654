"""A portal with something to look at."""

from datetime import UTC, datetime

import pytest
from flask import Flask
from flask.testing import FlaskClient

from portal import create_app
from portal.clock import FixedClock
from portal.instance import prepare_instance
from tests.portal.pages.sample import fill_portal


@pytest.fixture(scope="session")
def site(tmp_path_factory: pytest.TempPathFactory) -> Flask:
    """A portal where the sample is published, for tests that only look."""
    instance = tmp_path_factory.mktemp("pages") / "instance"
    prepare_instance(instance)
    settings = {"instance": instance, "queue_url": "immediate", "limits_url": "memory://"}
    app = create_app(settings, clock=FixedClock(datetime(2026, 11, 22, 10, 0, tzinfo=UTC)))
    app.extensions["portal"].databases.migrate()
    with app.app_context():
        fill_portal(app)
    return app


@pytest.fixture
def visitor(site: Flask) -> FlaskClient:
    """A visitor of that portal."""
    return site.test_client()
