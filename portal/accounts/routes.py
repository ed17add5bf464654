"""The pages of one's own account: what is kept, profile, password, second factor, keys, sessions, erasure."""

from datetime import timedelta
from typing import Any

from flask import Blueprint, Response, redirect, render_template
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_login import current_user

from portal.accounts import second_factor, service
from portal.accounts.access import close_door, open_door, require_role
from portal.accounts.forms import ErasureForm, KeyForm, PasswordForm, ProfileForm, SecondFactorForm
from portal.accounts.journal.service import ACTS, list_acts, note
from portal.accounts.keys import service as keys
from portal.accounts.passwords import verify_password
from portal.extensions import erase_person, limiter, portal
from portal.i18n import address
from portal.vault.tickets import open_ticket, seal_ticket

bp = Blueprint("accounts", __name__)
FACTOR = "factor-"
"""Begins the names of the fields that drop a second factor: the page has another confirmation."""

ENROLMENT_LIFE = timedelta(minutes=15)
guard = limiter.limit(lambda: portal.settings.sign_in_limit, methods=["POST"])


@bp.after_request
def keep_private(response: Response) -> Response:
    """Let no cache, shared or the browser's own, keep a page about a person."""
    response.headers["Cache-Control"] = "no-store"
    return response


@bp.post("/logout/")
def sign_out() -> ResponseReturnValue:
    """End this session, here and in the database."""
    if current_user.is_authenticated:
        with portal.databases.session("accounts") as accounts:
            service.sign_out(accounts, current_user.token)
            note(accounts, portal.vault, current_user.account.id, "signed_out", portal.clock.now())
    close_door()
    return redirect(address("/"), 303)


@bp.get("/account/")
@require_role()
def show_account() -> ResponseReturnValue:
    """Show a person everything that is kept about them."""
    return render_account()


@bp.post("/account/profile/")
@require_role()
def update_profile() -> ResponseReturnValue:
    """Rectify the profile."""
    form = ProfileForm()
    if not form.validate():
        return render_account(profile=form), 400
    with portal.databases.session("accounts") as accounts:
        values = form.given_name.data, form.family_name.data, form.language.data
        service.update_profile(accounts, portal.vault, current_user.account.id, *values)
        note(accounts, portal.vault, current_user.account.id, "profile_changed", portal.clock.now())
    return redirect(address("/account/?done=profile"), 303)


@bp.post("/account/password/")
@guard
@require_role()
def change_password() -> ResponseReturnValue:
    """Change the password; every other browser is signed out."""
    form = PasswordForm(current_user.account)
    if form.validate():
        person, at = current_user.account, portal.clock.now()
        with portal.databases.session("accounts") as accounts:
            if service.change_password(accounts, portal.vault, person.id, form.current.data, form.new.data):
                note(accounts, portal.vault, person.id, "password_changed", at)
                token = service.open_session(accounts, person.id, at)
                accounts.commit()
                open_door(token)
                return redirect(address("/account/?done=password"), 303)
        form.current.errors = [_("This is not your present password.")]
    return render_account(password=form), 400


@bp.route("/account/second-factor/", methods=["GET", "POST"])
@guard
@require_role(secured=False)
def add_second_factor() -> ResponseReturnValue:
    """Share a secret with an authenticator; it is kept once a code shows that the authenticator learnt it."""
    form, at, person = SecondFactorForm(), portal.clock.now(), current_user.account
    pending = open_ticket(portal.vault.ring, f"factor {person.id}", form.ticket.data or "", at)
    secret = pending["secret"] if pending else second_factor.new_secret()
    status = 200
    if form.is_submitted():
        with portal.databases.session("accounts") as accounts:
            if pending and form.validate():
                code = form.code.data
                if service.set_second_factor(accounts, portal.vault, person.id, secret, code, at):
                    note(accounts, portal.vault, person.id, "factor_added", at)
                    return redirect(address("/account/?done=factor"), 303)
        form.code.errors, status = [_("This code is not the one expected now. Wait for the next one.")], 400
    ring = portal.vault.ring
    form.ticket.data = seal_ticket(ring, f"factor {person.id}", {"secret": secret}, at, ENROLMENT_LIFE)
    drawing = second_factor.draw(second_factor.address_of(secret, person.email, portal.settings.site_name))
    return render_template("accounts/second_factor.html", form=form, secret=secret, drawing=drawing), status


@bp.post("/account/second-factor/forget/")
@guard
@require_role()
def forget_second_factor() -> ResponseReturnValue:
    """Stop asking for a code, once the person has confirmed with their password."""
    form = ErasureForm(prefix=FACTOR)
    with portal.databases.session("accounts") as accounts:
        kept = service.get_row(accounts, current_user.account.id).password
        if form.validate() and verify_password(kept, form.confirmation.data):
            service.drop_second_factor(accounts, current_user.account.id)
            note(accounts, portal.vault, current_user.account.id, "factor_dropped", portal.clock.now())
            return redirect(address("/account/?done=no-factor"), 303)
    form.confirmation.errors = form.confirmation.errors or [_("This is not your present password.")]
    return render_account(forget=form), 400


@bp.post("/account/sessions/")
@require_role()
def sign_out_everywhere() -> ResponseReturnValue:
    """Sign every browser out, this one included."""
    with portal.databases.session("accounts") as accounts:
        service.sign_out_everywhere(accounts, current_user.account.id)
        note(accounts, portal.vault, current_user.account.id, "signed_out_everywhere", portal.clock.now())
    close_door()
    return redirect(address("/login/"), 303)


@bp.post("/account/keys/")
@require_role()
def create_key() -> ResponseReturnValue:
    """Create an API key and show its secret, this once."""
    form = KeyForm()
    if not form.validate():
        return render_account(key=form), 400
    with portal.databases.session("keys") as store:
        secret = keys.create_key(store, find_holder(), form.name.data, at=portal.clock.now())
    note_act("key_made")
    return render_account(secret=secret, key=KeyForm(formdata=None)), 201


@bp.post("/account/keys/<key_id>/revoke/")
@require_role()
def revoke_key(key_id: str) -> ResponseReturnValue:
    """Revoke an API key: it stops working at its next use."""
    with portal.databases.session("keys") as store:
        revoked = keys.revoke_key(store, find_holder(), key_id)
    if revoked:
        note_act("key_revoked")
    return redirect(address("/account/?done=key"), 303)


@bp.post("/account/erase/")
@guard
@require_role()
def erase() -> ResponseReturnValue:
    """Erase the person who asks, once they have confirmed with their password."""
    form = ErasureForm()
    person = current_user.account
    with portal.databases.session("accounts") as accounts:
        kept = service.get_row(accounts, person.id).password
    if not (form.validate() and verify_password(kept, form.confirmation.data)):
        form.confirmation.errors = form.confirmation.errors or [_("This is not your present password.")]
        return render_account(erasure=form), 400
    erase_person(person.id)
    close_door()
    return render_template("accounts/erased.html")


def note_act(act: str) -> None:
    """Note an act of the signed-in person, in a transaction of its own."""
    with portal.databases.session("accounts") as accounts:
        note(accounts, portal.vault, current_user.account.id, act, portal.clock.now())


def find_holder() -> str:
    """Return the name under which the signed-in person holds keys."""
    return keys.holder_of(portal.settings.secret_key, current_user.account.id)


def render_account(**forms: Any) -> str:
    """Return the account page, with the forms as they were filled in when something was wrong."""
    account = current_user.account
    blank = {
        "profile": lambda: ProfileForm(formdata=None, obj=account),
        "password": lambda: PasswordForm(account, formdata=None),
        "key": lambda: KeyForm(formdata=None),
        "erasure": lambda: ErasureForm(formdata=None),
        "forget": lambda: ErasureForm(formdata=None, prefix=FACTOR),
    }
    parts = {name: forms.get(name) or make() for name, make in blank.items()}
    with portal.databases.session("keys") as store:
        held = keys.list_keys(store, find_holder())
    with portal.databases.session("accounts") as accounts:
        acts = list_acts(accounts, service.get_key(portal.vault, account.id), 20)
    told = {"acts": acts, "words": ACTS, "keys": held, "secret": forms.get("secret")}
    return render_template("accounts/account.html", account=account, **told, **parts)
