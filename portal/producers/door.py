"""The door of the producers' room: who may come in, and under which name they hold drafts."""

from pathlib import Path

from flask import Blueprint, Response
from flask_login import current_user

from datasets.ingest.traits import TRAITS
from portal.accounts.access import require_role
from portal.extensions import portal
from portal.producers import service
from portal.producers.tables import DraftRow

bp = Blueprint("producers", __name__, url_prefix="/producer")
producer = require_role("producer", "officer")
officer = require_role("officer")


@bp.after_request
def keep_private(response: Response) -> Response:
    """Let no cache keep a page about a draft."""
    response.headers["Cache-Control"] = "no-store"
    return response


@bp.context_processor
def show_traits() -> dict[str, object]:
    """Give to the pages the traits of persons, which some of them explain."""
    return {"TRAITS": TRAITS}


def owner() -> str:
    """Return the name under which the signed-in person holds drafts."""
    return service.owner_of(portal.settings.secret_key, current_user.account.id)


def incoming() -> Path:
    """Return the folder of incoming files."""
    return Path(portal.settings.instance) / "incoming"


def my_draft(draft_id: str) -> DraftRow:
    """Return a draft of the signed-in person. Raises NotFound."""
    return service.get_draft(portal, draft_id, owner())


def bare_name(name: str | None) -> str:
    """Return the name of an uploaded file without any folder nor invisible character, never empty."""
    last = (name or "").replace("\\", "/").rpartition("/")[2]
    return "".join(letter for letter in last if letter.isprintable()).strip()[:255] or "fichier"
