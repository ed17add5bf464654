"""Audience: who uses the data, without knowing who."""

from flask import Flask


def init_app(app: Flask) -> None:
    """Record what each answer of `app` gave, and open the page that tells it."""
    from portal.audience import pages, routes  # the tables and the freeze of this room are used without Flask

    routes.init_app(app)
    app.register_blueprint(pages.bp)
