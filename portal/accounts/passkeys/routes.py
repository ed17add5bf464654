"""The page of one's passkeys and recovery codes."""

from datetime import timedelta

from flask import Blueprint, redirect, render_template
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_login import current_user

from datasets.errors import InvalidParameter
from portal.accounts import service as accounts_service
from portal.accounts.access import has_confirmed, keep_private, note_act, require_role
from portal.accounts.entrance import send_later
from portal.accounts.forms import ErasureForm
from portal.accounts.passkeys import service
from portal.accounts.passkeys.challenge import find_site, issue_challenge, open_challenge
from portal.accounts.passkeys.forms import PasskeyForm
from portal.accounts.recovery import service as recovery
from portal.accounts.routes import guard
from portal.extensions import portal
from portal.i18n import address
from portal.mail import write_letter

bp = Blueprint("passkeys", __name__, url_prefix="/account")
bp.after_request(keep_private)
ENROLMENT_LIFE = timedelta(minutes=15)


@bp.get("/passkeys/")
@require_role(secured=False)
def show() -> ResponseReturnValue:
    """Show the passkeys of the signed-in person, and let them add one."""
    return render_passkeys(PasskeyForm(formdata=None))


@bp.post("/passkeys/")
@guard
@require_role(secured=False)
def add() -> ResponseReturnValue:
    """Keep the passkey that this browser just made, once the person has confirmed with their password; tell them."""
    from portal.accounts.passkeys import ceremonies  # its library takes a while to load

    form, at, person, site = PasskeyForm(), portal.clock.now(), current_user.account, find_site()
    asked = open_challenge(f"new {person.id}", form.ticket.data or "")
    if site is None or asked is None or not has_confirmed(form):
        return render_passkeys(form, _("The passkey was not kept. Give it a name, and your password.")), 400
    try:
        with portal.databases.session("accounts") as session:
            made = asked.challenge, form.answer.data or "", form.name.data or ""
            ceremonies.keep_passkey(session, portal.vault, site, person.id, *made, at)
    except InvalidParameter:
        return render_passkeys(form, _("This passkey cannot be kept: it is there already, or was not made here.")), 400
    note_act("passkey_added")
    what = _("A passkey was added: %(name)s.", name=form.name.data)
    send_later(write_letter("changed", person.email, person.language, what=what))
    return redirect(address("/account/security/?done=passkey"), 303)


@bp.post("/passkeys/<passkey_id>/remove/")
@guard
@require_role()
def remove(passkey_id: str) -> ResponseReturnValue:
    """Forget a passkey, once the person has confirmed with their password."""
    form = ErasureForm()
    if not has_confirmed(form):
        return render_passkeys(PasskeyForm(formdata=None), _("This is not your present password.")), 400
    with portal.databases.session("accounts") as session:
        removed = service.remove_passkey(session, current_user.account.id, passkey_id)
    if removed:
        note_act("passkey_removed")
    return redirect(address("/account/passkeys/?done=removed"), 303)


@bp.post("/recovery/")
@guard
@require_role()
def make_recovery() -> ResponseReturnValue:
    """Show new recovery codes, this once; those that were left are worth nothing any more."""
    form = ErasureForm(prefix="recovery-")
    if not has_confirmed(form):
        return render_passkeys(PasskeyForm(formdata=None), _("This is not your present password.")), 400
    with portal.databases.session("accounts") as session:
        codes = recovery.make_codes(session, current_user.account.id)
    note_act("recovery_made")
    return render_template("accounts/recovery.html", codes=codes), 201


def render_passkeys(form: PasskeyForm, wrong: str = "") -> str:
    """Return the page, with a new challenge for the browser."""
    from portal.accounts.passkeys import ceremonies  # its library takes a while to load

    person, site = current_user.account, find_site()
    with portal.databases.session("accounts") as session:
        rows = service.list_rows(session, person.id)
        held = service.list_passkeys(session, portal.vault, person.id)
        left = recovery.count_codes(session, person.id)
        has_factor = accounts_service.get_row(session, person.id).second_factor is not None or bool(rows)
    asked = ""
    if site is not None:
        challenge, form.ticket.data = issue_challenge(f"new {person.id}", ENROLMENT_LIFE)
        asked = ceremonies.ask_new(site, person, rows, challenge)
    confirm = [ErasureForm(formdata=None) for _passkey in held]
    for number, one in enumerate(confirm):
        one.confirmation.id = f"confirmation-{number}"
    told = {"held": zip(held, confirm, strict=True), "left": left, "has_factor": has_factor, "asked": asked}
    renew = ErasureForm(formdata=None, prefix="recovery-")
    return render_template("accounts/passkeys.html", form=form, renew=renew, wrong=wrong, **told)
