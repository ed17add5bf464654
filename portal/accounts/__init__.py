"""Accounts: sign up, sign in, what protects an account, API keys, erasure."""

from flask import Flask


def init_app(app: Flask) -> None:
    """Open the account pages, and let the other rooms know who is asking: a person, or a program with a key."""
    # Here, because the tables of this room are read without Flask.
    from portal.accounts import access, entrance, routes, second_step, security
    from portal.accounts.consents import routes as consents
    from portal.accounts.journal import recording
    from portal.accounts.journal import routes as journal
    from portal.accounts.keys import routes as keys
    from portal.accounts.partners import routes as partners
    from portal.accounts.passkeys import routes as passkeys
    from portal.accounts.people import routes as people
    from portal.accounts.photos import routes as photos
    from portal.extensions import set_api_clients

    access.init_app(app)
    for room in (entrance, second_step, routes, photos, security, passkeys, keys, consents, partners, journal, people):
        app.register_blueprint(room.bp)
    recording.init_app(app)
    set_api_clients(app, access.find_api_client)
