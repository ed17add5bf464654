"""Listens to the answers of the other rooms: the only place of the audience that knows HTTP."""

from datetime import datetime

from flask import Flask, Response, current_app, request
from werkzeug import Request

from portal.audience.buffer import Buffer
from portal.audience.pages import has_objected
from portal.audience.pseudonym import DailyKey
from portal.audience.record import Recorder, Signal
from portal.extensions import Use, find_use, portal


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
        current_app.extensions["audience"].record(read_signal(use, response.status_code, request, portal.clock.now()))
    return response


def read_signal(use: Use, status: int, asked: Request, instant: datetime) -> Signal:
    """Return what is known of an answer; nothing is kept of it but what `record` leaves."""
    headers = asked.headers
    return Signal(
        instant=instant,
        dataset=use.dataset_id or "",
        kind=use.kind,
        format=use.export_format or "",
        status=status,
        method=asked.method,
        address=asked.remote_addr or "",
        agent=headers.get("User-Agent", ""),
        came_from=headers.get("Referer", ""),
        objection=has_objected(asked),
        preload="prefetch" in headers.get("Sec-Purpose", headers.get("Purpose", "")),
    )
