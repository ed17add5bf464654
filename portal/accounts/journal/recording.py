"""Acts noted by where they are done: what a room changes is in the journal without the room knowing of it.

Rooms that know more (whose account, what was decided) note by themselves.
"""

from collections.abc import Mapping
from types import MappingProxyType

from flask import Flask, Response, request
from flask_login import current_user

from portal.accounts.access import note_act
from portal.accounts.journal.waiting import note_program
from portal.extensions import portal

CHANGES = ("POST", "PUT", "PATCH", "DELETE")

ROUTES: Mapping[str, str] = MappingProxyType(
    {
        "producers.new": "file_sent",
        "producers.create": "file_sent",
        "producers.columns": "draft_changed",
        "producers.description": "draft_changed",
        "producers.edit": "draft_changed",
        "producers.reading": "draft_changed",
        "producers.recall": "draft_changed",
        "producers.restart": "draft_changed",
        "producers.transform": "draft_changed",
        "producers.delete": "draft_deleted",
        "producers.publish": "published",
        "producers.look": "decided",
        "producers.go_back": "restored",
        "producers.take_away": "withdrawn",
        "push.push": "pushed",
        "records.records": "records_sent",
        "records.check": "records_checked",
        "records.publish": "published",
        "records.erase": "records_erased",
        "rights.confirm": "request_made",
        "rights.follow": "request_handled",
        "sources.add": "source_changed",
        "sources.delete": "source_changed",
        "sources.run": "source_changed",
        "sources.change_schema": "source_changed",
    }
)
"""The act of each address that changes something and does not note it by itself, by endpoint."""

SUBJECTS = ("dataset_id", "draft_id")
"""What an act is about, when its address names it."""


def init_app(app: Flask) -> None:
    """Note what is done at the addresses of ROUTES, once it is done."""
    app.after_request(note_done)


def note_done(response: Response) -> Response:
    """Note the act of an address that answered without an error; of nobody when a program did it with a secret."""
    act = ROUTES.get(request.endpoint or "") if request.method in CHANGES else None
    if act is not None and response.status_code < 400:
        subject = next((str(value) for name, value in (request.view_args or {}).items() if name in SUBJECTS), "")
        if current_user.is_authenticated:
            note_act(act, subject)
        else:
            instance = portal.settings.instance
            note_program(portal.databases, portal.vault, instance, act, portal.clock.now(), subject)
    return response
