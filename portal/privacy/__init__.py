"""Privacy: the policy as a program, its calendar, what it erases, the page that tells it."""

from flask import Flask


def init_app(app: Flask) -> None:
    """Open the privacy page, tell how a person is erased everywhere, and run the retention each night,
    with the calendar of openings, whose weeks go as they end."""
    from portal import extensions
    from portal.privacy import routes  # the calendar and the retention are used without Flask
    from portal.privacy.erasure import erase_person, find_stores
    from portal.privacy.retention import run_retention

    parts = app.extensions["portal"]
    stores = find_stores(parts)
    app.register_blueprint(routes.bp)

    def retain() -> None:
        with app.app_context():  # letters are written from templates
            run_retention(stores, parts.clock.now())

    def trim_calendar() -> None:
        from portal.programming import trim  # a second of imports that answering needs not

        list(trim(parts))

    extensions.set_eraser(app, lambda account_id: erase_person(stores, account_id, at=parts.clock.now()))
    parts.queue.schedule("retention", retain)
    parts.queue.schedule("calendar", trim_calendar, hour=0)
