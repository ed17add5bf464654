"""The page of one's API keys: made, shown once, listed, revoked."""

from datetime import timedelta

from flask import Blueprint, redirect, render_template
from flask.typing import ResponseReturnValue
from flask_login import current_user

from datasets.errors import InvalidParameter
from portal.accounts.access import keep_private, note_act, require_role
from portal.accounts.keys import service
from portal.accounts.keys.forms import KeyForm
from portal.accounts.service import STAFF
from portal.extensions import portal
from portal.i18n import address, language

bp = Blueprint("keys", __name__, url_prefix="/account/keys")
bp.after_request(keep_private)


@bp.get("/")
@require_role()
def show() -> ResponseReturnValue:
    """Show the keys of the signed-in person."""
    return render_keys(KeyForm(formdata=None).allow(allowed_scopes()))


@bp.post("/")
@require_role()
def create() -> ResponseReturnValue:
    """Make a key and show its secret, this once."""
    form, at = KeyForm().allow(allowed_scopes()), portal.clock.now()
    if not form.validate():
        return render_keys(form), 400
    try:
        with portal.databases.session("keys") as store:
            name, scopes, expires = form.name.data or "", form.scopes.data or (), at + timedelta(days=form.life.data)
            secret = service.create_key(store, find_holder(), name, at=at, scopes=scopes, expires=expires)
    except InvalidParameter as error:  # as many keys as allowed
        form.name.errors = [error.message(language())]
        return render_keys(form), 400
    note_act("key_made")
    return render_keys(KeyForm(formdata=None).allow(allowed_scopes()), secret), 201


@bp.post("/<key_id>/revoke/")
@require_role()
def revoke(key_id: str) -> ResponseReturnValue:
    """Revoke a key: it stops working at its next use."""
    with portal.databases.session("keys") as store:
        revoked = service.revoke_key(store, find_holder(), key_id)
    if revoked:
        note_act("key_revoked")
    return redirect(address("/account/keys/?done=revoked"), 303)


def allowed_scopes() -> list[str]:
    """Return what a key of the signed-in person may be made for."""
    return [scope for scope in service.SCOPES if current_user.role in STAFF or scope not in service.STAFF_SCOPES]


def find_holder() -> str:
    """Return the name under which the signed-in person holds keys."""
    return service.holder_of(portal.settings.secret_key, current_user.account.id)


def render_keys(form: KeyForm, secret: str = "") -> str:
    """Return the page, with the form as it was filled in and the secret of a new key."""
    with portal.databases.session("keys") as store:
        held = service.list_keys(store, find_holder())
    told = {"scopes": service.SCOPES, "now": portal.clock.now(), "secret": secret}
    return render_template("accounts/keys.html", form=form, keys=held, **told)
