"""The pages by which one enters: sign up, confirm, sign in, forgotten password. Only signing in sets a cookie.

Known and unknown addresses get the same answers; what differs is the letter, which only the address's owner reads.
Letters leave once the answer is given, so that its time tells nothing either.
"""

import logging
from datetime import timedelta

from flask import Blueprint, Response, after_this_request, redirect, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from datasets.errors import InvalidParameter, StoreUnavailable
from portal.accounts import passwords, service
from portal.accounts.access import keep_private
from portal.accounts.entering import service as entering
from portal.accounts.forms import ForgottenForm, NewPasswordForm, SignInForm, SignUpForm
from portal.accounts.journal.service import note
from portal.accounts.second_step import ask_passkey, ask_second_step, guard, let_in
from portal.extensions import portal
from portal.i18n import address, language
from portal.mail import Letter, write_letter
from portal.vault.tickets import open_ticket, seal_ticket

bp = Blueprint("entrance", __name__)
bp.after_request(keep_private)

SIGN_UP_LIFE = timedelta(hours=24)
RESET_LIFE = timedelta(hours=1)


@bp.route("/signup/", methods=["GET", "POST"])
@guard
def sign_up() -> ResponseReturnValue:
    """Send a letter that makes the account once it is confirmed; until then nothing is kept of who asks."""
    form = SignUpForm()
    if not form.validate_on_submit():
        return render_template("accounts/sign_up.html", form=form), 400 if form.is_submitted() else 200
    facts = {name: form[name].data for name in ("email", "given_name", "family_name", "language")}
    ticket = issue("sign up", {**facts, "password": passwords.hash_password(form.password.data)}, SIGN_UP_LIFE)
    with portal.databases.session("accounts") as accounts:
        known = service.find_row(accounts, portal.vault, facts["email"]) is not None
    told = {"sign_in": link("/login/"), "forgotten": link("/login/forgotten/"), "policy": link("/pages/privacy/")}
    name = "known" if known else "confirm"
    send_later(write_letter(name, facts["email"], facts["language"], link=link(f"/signup/{ticket}/"), **told))
    return render_template("accounts/sent.html", email=facts["email"])


@bp.route("/signup/<ticket>/", methods=["GET", "POST"])
@guard
def confirm(ticket: str) -> ResponseReturnValue:
    """Make the account of a ticket when its owner confirms: opening the link is not enough, robots do it."""
    facts = open_ticket(portal.vault.ring, "sign up", ticket, portal.clock.now())
    if facts is None:
        return render_template("accounts/stale.html", again=address("/signup/")), 410
    if request.method == "GET":
        return render_template("accounts/confirm.html", email=facts["email"])
    names = {name: facts[name] for name in ("given_name", "family_name", "language")}
    try:
        with portal.databases.session("accounts") as accounts:
            email, hashed, at = facts["email"], facts["password"], portal.clock.now()
            made = service.keep_account(accounts, portal.vault, email, hashed, "beneficiary", at=at, **names)
            note(accounts, portal.vault, made.id, "account_made", at)
    except InvalidParameter:  # confirmed twice: the account is there
        return redirect(address("/login/"), 303)
    return redirect(address("/login/?welcome=1"), 303)


@bp.route("/login/", methods=["GET", "POST"])
@guard
def sign_in() -> ResponseReturnValue:
    """Sign in. A wrong password and an unknown address get the same words, as fast."""
    form = SignInForm()
    if not form.validate_on_submit():
        return render_sign_in(form), 400 if form.is_submitted() else 200
    with portal.databases.session("accounts") as accounts:
        row = entering.authenticate(accounts, portal.vault, form.email.data, form.password.data)
        if row is None:
            tried = service.find_row(accounts, portal.vault, entering.read_address(form.email.data))
            note(accounts, portal.vault, tried.id if tried else None, "refused", portal.clock.now())
            return render_sign_in(form, wrong=True), 400
        if entering.has_second_factor(row):
            return ask_second_step(row.id)
        token = entering.enter(accounts, portal.vault, row.id, portal.clock.now())
    return let_in(token)


def render_sign_in(form: SignInForm, *, wrong: bool = False) -> str:
    """Return the page where one signs in, by password or by passkey."""
    return render_template("accounts/sign_in.html", form=form, wrong=wrong, signature=ask_passkey())


@bp.route("/login/forgotten/", methods=["GET", "POST"])
@guard
def forget_password() -> ResponseReturnValue:
    """Send a letter from which a new password may be chosen, whether the address has an account or not."""
    form = ForgottenForm()
    if not form.validate_on_submit():
        return render_template("accounts/forgotten.html", form=form), 400 if form.is_submitted() else 200
    email = form.email.data
    with portal.databases.session("accounts") as accounts:
        row = service.find_row(accounts, portal.vault, email)
        lang = row.language if row else language()
    if row is None:
        send_later(write_letter("unknown", email, lang))
    else:
        ticket = issue("password", {"account": row.id, "before": entering.digest_of(row.password)}, RESET_LIFE)
        send_later(write_letter("reset", email, lang, link=link(f"/login/password/{ticket}/")))
    return render_template("accounts/sent.html", email=email)


@bp.route("/login/password/<ticket>/", methods=["GET", "POST"])
@guard
def choose_password(ticket: str) -> ResponseReturnValue:
    """Replace a forgotten password; the ticket is worth nothing once the password has changed."""
    facts = open_ticket(portal.vault.ring, "password", ticket, portal.clock.now())
    form = NewPasswordForm()
    with portal.databases.session("accounts") as accounts:
        row = entering.find_for_reset(accounts, facts)
        if row is None:
            return render_template("accounts/stale.html", again=address("/login/forgotten/")), 410
        account = service.get_account(accounts, portal.vault, row.id)
        form.account = account
        if not form.validate_on_submit():
            return render_template("accounts/new_password.html", form=form), 400 if form.is_submitted() else 200
        entering.set_password(accounts, portal.vault, row, form.new.data)
        note(accounts, portal.vault, row.id, "password_changed", portal.clock.now())
    what = _("The password was changed, and every browser was signed out.")
    send_later(write_letter("changed", account.email, account.language, what=what))
    return redirect(address("/login/?changed=1"), 303)


def issue(purpose: str, facts: dict[str, str], life: timedelta) -> str:
    """Return a ticket of the portal."""
    return seal_ticket(portal.vault.ring, purpose, facts, portal.clock.now(), life)


def link(path: str) -> str:
    """Return the public address of a path, for a letter."""
    return f"{portal.settings.base_url}{path}"


def send_later(letter: Letter) -> None:
    """Send a letter once the answer is given; a failure is logged without its address."""
    post = portal.post

    def send() -> None:
        try:
            post.send(letter)
        except StoreUnavailable as error:
            logging.getLogger(__name__).error("a letter could not leave: %s", error)

    @after_this_request
    def arrange(response: Response) -> Response:
        response.call_on_close(send)
        return response
