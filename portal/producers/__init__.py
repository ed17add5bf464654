"""Where a producer uploads a file, sees what was understood, decides, and publishes."""

from functools import partial
from importlib import import_module

from flask import Flask

PAGES = ("routes", "steps", "transforming", "publishing", "published", "reviews", "tus")
"""The modules that put addresses on the blueprint; imported late, as the tables of this room are read without Flask."""


def init_app(app: Flask) -> None:
    """Open the producers' pages, and register the jobs that they ask for."""
    for name in PAGES:
        import_module(f"portal.producers.{name}")
    app.register_blueprint(import_module("portal.producers.door").bp)
    work = import_module("portal.producers.work")
    parts = app.extensions["portal"]
    parts.queue.register("read_draft", partial(work.read_draft, parts))
    parts.queue.register("publish_draft", partial(work.publish_draft, parts))
