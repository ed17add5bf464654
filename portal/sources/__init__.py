"""Where rows come from: addresses that are fetched, programs that push, private records; and what is done to them."""

from functools import partial
from importlib import import_module

from flask import Flask

from portal.extensions import Portal

EVERY = 10
"""Minutes between two looks at the sources whose hour has come."""


def init_app(app: Flask) -> None:
    """Open the pages of sources and the push API, and fetch what is due while somebody works."""
    service, parts = import_module("portal.sources.service"), app.extensions["portal"]
    for name in ("push", "routes", "records"):  # the tables of this room are read without Flask
        app.register_blueprint(import_module(f"portal.sources.{name}").bp)
    private = import_module("portal.sources.private")

    def fetch_due() -> None:
        with app.app_context():  # whether an account is locked is known to the application
            service.run_due(parts)

    def fetch_source(source_id: str) -> None:
        with app.app_context():
            service.run_source(parts, source_id)

    parts.queue.register("run_source", fetch_source)
    parts.queue.register("check_private", partial(private.check_private, parts))
    parts.queue.register("publish_private", partial(private.publish_private, parts))
    parts.queue.repeat("purge_private", partial(forget_records, parts), minutes=EVERY)
    parts.queue.repeat("run_due_sources", fetch_due, minutes=EVERY)


def forget_records(parts: Portal) -> None:
    """Erase the private records that waited for a day."""
    private = import_module("portal.sources.private")
    private.purge_private(parts.settings.instance, parts.clock.now() - private.LIFE)
