"""Static files under addresses that change with their content, so that browsers may keep them for good."""

import hashlib
from functools import cache
from pathlib import Path
from typing import Any

from flask import Flask

KEPT = 365 * 24 * 3600
"""Seconds that a browser may keep a stamped file."""


@cache
def stamp(path: Path) -> str:
    """Return eight digits of the content of a file."""
    return hashlib.sha256(path.read_bytes()).hexdigest()[:8]


def init_app(app: Flask) -> None:
    """Stamp the addresses of the static files of `app`."""
    folder = Path(str(app.static_folder))

    def add_stamp(endpoint: str, values: dict[str, Any]) -> None:
        path = folder / str(values.get("filename", ""))
        if endpoint == "static" and path.is_file():
            values["v"] = stamp(path)

    app.url_defaults(add_stamp)
    app.config["SEND_FILE_MAX_AGE_DEFAULT"] = KEPT
