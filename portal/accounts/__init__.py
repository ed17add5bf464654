"""Accounts: sign up, sign in, API keys, erasure."""

from flask import Flask


def init_app(app: Flask) -> None:
    """Open the account pages, and let the other rooms know who is asking: a person, or a program with a key."""
    from portal.accounts import access, entrance, routes  # the tables of this room are read without Flask
    from portal.extensions import set_api_clients

    access.init_app(app)
    app.register_blueprint(entrance.bp)
    app.register_blueprint(routes.bp)
    set_api_clients(app, access.find_api_client)
