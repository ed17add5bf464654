"""A portal with something to look at."""

import pytest
from flask import Flask
from flask.testing import FlaskClient

from tests.portal.pages.sample import fill_portal


@pytest.fixture
def visitor(app: Flask) -> FlaskClient:
    """A visitor of a portal where the sample is published."""
    fill_portal(app)
    return app.test_client()
