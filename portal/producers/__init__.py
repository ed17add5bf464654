"""Where a producer uploads a file, sees what was understood, and publishes it."""

from flask import Flask


def init_app(app: Flask) -> None:
    """Open the producers' pages."""
