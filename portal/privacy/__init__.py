"""Privacy: the policy as a program, its calendar, what it erases, the page that tells it."""

from flask import Flask


def init_app(app: Flask) -> None:
    """Open the privacy page."""
    from portal.privacy import routes  # the calendar and the retention are used without Flask

    app.register_blueprint(routes.bp)
