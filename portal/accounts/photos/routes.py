"""One's photo: sent, shown to oneself, removed."""

from flask import Blueprint, Response, abort, redirect, request
from flask.typing import ResponseReturnValue
from flask_login import current_user

from datasets.errors import IngestError
from portal.accounts.access import keep_private, note_act, require_role
from portal.accounts.photos import service
from portal.accounts.routes import guard, render_account
from portal.extensions import portal
from portal.i18n import address, language

bp = Blueprint("photos", __name__, url_prefix="/account/photo")
bp.after_request(keep_private)


@bp.get("/")
@require_role()
def show() -> ResponseReturnValue:
    """Show the signed-in person their photo; nobody else has an address for it."""
    with portal.databases.session("accounts") as session:
        photo = service.find_photo(session, portal.vault, current_user.account.id)
    return Response(photo, mimetype=service.MEDIA_TYPE) if photo else abort(404)


@bp.post("/")
@guard
@require_role()
def send() -> ResponseReturnValue:
    """Keep a photo in the place of the one before."""
    request.max_content_length = service.LARGEST + 2**16
    content = b""
    if sent := request.files.get("photo"):
        content = sent.read(service.LARGEST + 1)
        sent.close()
    try:
        with portal.databases.session("accounts") as session:
            service.keep_photo(session, portal.vault, current_user.account.id, content, portal.clock.now())
    except IngestError as error:
        return render_account(wrong=error.message(language())), 422
    note_act("profile_changed")
    return redirect(address("/account/?done=photo"), 303)


@bp.post("/remove/")
@require_role()
def remove() -> ResponseReturnValue:
    """Forget the photo."""
    with portal.databases.session("accounts") as session:
        removed = service.remove_photo(session, current_user.account.id)
    if removed:
        note_act("profile_changed")
    return redirect(address("/account/?done=no-photo"), 303)
