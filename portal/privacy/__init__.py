"""Privacy: the policy as a program, its calendar, what it erases, the page that tells it."""

from flask import Flask


def init_app(app: Flask) -> None:
    """Open the privacy page, tell how a person is erased everywhere, and run the retention each night,
    with the calendar of openings, whose weeks go as they end."""
    from portal import extensions
    from portal.privacy import routes  # the calendar and the retention are used without Flask
    from portal.privacy.erasure import erase_with_receipt, find_stores
    from portal.privacy.locking import service as locking
    from portal.privacy.locking.routes import refuse_locked
    from portal.privacy.retention import run_retention
    from portal.privacy.rights import holds
    from portal.privacy.rights import routes as rights

    parts = app.extensions["portal"]
    stores = find_stores(parts)
    for bp in (routes.bp, rights.bp, holds.bp):  # those of the desk are one
        app.register_blueprint(bp)
    app.before_request(refuse_locked)

    def retain() -> None:
        with app.app_context():  # letters are written from templates
            run_retention(stores, parts.clock.now())

    def trim_calendar() -> None:
        from portal.openings import trim  # a second of imports that answering needs not

        list(trim(parts))

    def is_locked(account_id: str) -> bool:
        with parts.databases.session("accounts") as session:
            return locking.is_locked(session, account_id)

    extensions.set_locks(app, is_locked)
    extensions.set_eraser(app, lambda account_id: erase_with_receipt(stores, account_id, at=parts.clock.now()))
    parts.queue.schedule("retention", retain)
    parts.queue.schedule("calendar", trim_calendar, hour=0)
