"""Audience: who uses the data, without knowing who."""

from flask import Flask


def init_app(app: Flask) -> None:
    """Record what each answer of `app` gave."""
    from portal.audience import routes  # the tables and the freeze of this room are used without Flask

    routes.init_app(app)
