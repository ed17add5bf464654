"""The page of what protects an account: password, second factor, browsers that are signed in."""

from datetime import timedelta
from typing import Any

from flask import Blueprint, redirect, render_template
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_login import current_user

from portal.accounts import second_factor
from portal.accounts.access import close_door, has_confirmed, keep_private, open_door, require_role
from portal.accounts.entering import service as entering
from portal.accounts.forms import ErasureForm, PasswordForm, SecondFactorForm
from portal.accounts.journal.service import note
from portal.accounts.routes import guard
from portal.extensions import portal
from portal.i18n import address
from portal.vault.tickets import open_ticket, seal_ticket

bp = Blueprint("security", __name__, url_prefix="/account")
bp.after_request(keep_private)
FACTOR = "factor-"
"""Begins the names of the fields that drop a second factor: the page has another password field."""

ENROLMENT_LIFE = timedelta(minutes=15)


@bp.get("/security/")
@require_role()
def show() -> ResponseReturnValue:
    """Show what protects the account of the signed-in person."""
    return render_security()


@bp.post("/password/")
@guard
@require_role()
def change_password() -> ResponseReturnValue:
    """Change the password; every other browser is signed out."""
    form = PasswordForm(current_user.account)
    if form.validate():
        person, at = current_user.account, portal.clock.now()
        with portal.databases.session("accounts") as accounts:
            if entering.change_password(accounts, portal.vault, person.id, form.current.data, form.new.data):
                note(accounts, portal.vault, person.id, "password_changed", at)
                token = entering.open_session(accounts, person.id, at)
                accounts.commit()
                open_door(token)
                return redirect(address("/account/security/?done=password"), 303)
        form.current.errors = [_("This is not your present password.")]
    return render_security(password=form), 400


@bp.route("/second-factor/", methods=["GET", "POST"])
@guard
@require_role(secured=False)
def add_second_factor() -> ResponseReturnValue:
    """Share a secret with an authenticator; it is kept once a code shows that the authenticator learnt it.

    Who has one drops it first, with their password: whoever finds a browser open cannot put theirs in its place.
    """
    form, at, person = SecondFactorForm(), portal.clock.now(), current_user.account
    if person.has_code:
        return redirect(address("/account/security/"), 303)
    pending = open_ticket(portal.vault.ring, f"factor {person.id}", form.ticket.data or "", at)
    secret = pending["secret"] if pending else second_factor.new_secret()
    status = 200
    if form.is_submitted():
        with portal.databases.session("accounts") as accounts:
            if pending and form.validate():
                code = form.code.data
                if entering.set_second_factor(accounts, portal.vault, person.id, secret, code, at):
                    note(accounts, portal.vault, person.id, "factor_added", at)
                    return redirect(address("/account/security/?done=factor"), 303)
        form.code.errors, status = [_("This code is not the one expected now. Wait for the next one.")], 400
    ring = portal.vault.ring
    form.ticket.data = seal_ticket(ring, f"factor {person.id}", {"secret": secret}, at, ENROLMENT_LIFE)
    drawing = second_factor.draw(second_factor.address_of(secret, person.email, portal.settings.site_name))
    return render_template("accounts/second_factor.html", form=form, secret=secret, drawing=drawing), status


@bp.post("/second-factor/forget/")
@guard
@require_role()
def forget_second_factor() -> ResponseReturnValue:
    """Stop asking for a code, once the person has confirmed with their password."""
    form = ErasureForm(prefix=FACTOR)
    if not has_confirmed(form):
        return render_security(forget=form), 400
    with portal.databases.session("accounts") as accounts:
        entering.drop_second_factor(accounts, current_user.account.id)
        note(accounts, portal.vault, current_user.account.id, "factor_dropped", portal.clock.now())
    return redirect(address("/account/security/?done=no-factor"), 303)


@bp.post("/sessions/")
@require_role()
def sign_out_everywhere() -> ResponseReturnValue:
    """Sign every browser out, this one included."""
    with portal.databases.session("accounts") as accounts:
        entering.sign_out_everywhere(accounts, current_user.account.id)
        note(accounts, portal.vault, current_user.account.id, "signed_out_everywhere", portal.clock.now())
    close_door()
    return redirect(address("/login/"), 303)


def render_security(**forms: Any) -> str:
    """Return the page, with the forms as they were filled in when something was wrong."""
    account = current_user.account
    password = forms.get("password") or PasswordForm(account, formdata=None)
    forget = forms.get("forget") or ErasureForm(formdata=None, prefix=FACTOR)
    return render_template("accounts/security.html", account=account, password=password, forget=forget)
