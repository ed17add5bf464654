"""The API of a small real portal."""

import pytest
from flask import Flask
from flask.testing import FlaskClient

from tests.portal.explore.communes import a_portal, publish_all


@pytest.fixture(scope="session")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Flask:
    """An application with two datasets published, that tests only read."""
    return a_portal(tmp_path_factory.mktemp("explore") / "instance")


@pytest.fixture
def api(shared: Flask) -> FlaskClient:
    """An anonymous program that calls the API."""
    return shared.test_client()


@pytest.fixture
def published(app: Flask) -> Flask:
    """The application of a test alone, with two datasets published."""
    publish_all(app)
    return app
