"""Where a producer uploads a file, sees what was understood, decides, and publishes."""

from functools import partial

from flask import Flask


def init_app(app: Flask) -> None:
    """Open the producers' pages, and register the jobs that they ask for."""
    from portal.producers import routes, work  # the tables of this room are read without Flask

    app.register_blueprint(routes.bp)
    parts = app.extensions["portal"]
    parts.queue.register("read_draft", partial(work.read_draft, parts))
    parts.queue.register("publish_draft", partial(work.publish_draft, parts))
