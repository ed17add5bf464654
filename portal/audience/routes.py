"""Listens to the answers of the other rooms: the only place of the audience that knows HTTP."""

from datetime import datetime
from typing import TYPE_CHECKING

from flask import Flask, Response, current_app, request

from portal.audience.buffer import Buffer
from portal.audience.pages import has_objected
from portal.audience.pseudonym import DailyKey
from portal.audience.record import Recorder, Signal
from portal.extensions import Use, find_use, portal

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIEnvironment


def init_app(app: Flask) -> None:
    """Record what each answer of `app` gave, once the answer is made."""
    parts = app.extensions["portal"]
    key, buffer = DailyKey(parts.settings.instance), Buffer(parts.databases)
    app.extensions["audience"] = Recorder(parts.settings.domain, key, buffer)
    app.after_request(listen)


def listen(response: Response) -> Response:
    """Record the use that the route noted, if any; the answer is untouched."""
    use = find_use()
    if use is not None:
        signal = read_signal(use, response.status_code, request.environ, portal.clock.now())
        current_app.extensions["audience"].record(signal)
    return response


def read_signal(use: Use, status: int, asked: "WSGIEnvironment", instant: datetime) -> Signal:
    """Return what is known of an answer; nothing is kept of it but what `record` leaves."""
    return Signal(
        instant=instant,
        dataset=use.dataset_id or "",
        kind=use.kind,
        format=use.export_format or "",
        status=status,
        method=asked["REQUEST_METHOD"],
        address=asked.get("REMOTE_ADDR", ""),
        agent=asked.get("HTTP_USER_AGENT", ""),
        came_from=asked.get("HTTP_REFERER", ""),
        objection=has_objected(asked),
        preload="prefetch" in str(asked.get("HTTP_SEC_PURPOSE", asked.get("HTTP_PURPOSE", ""))),
    )
