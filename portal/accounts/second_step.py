"""The second step of a sign-in: a code of an authenticator, a recovery code, or a passkey (which needs no first)."""

from datetime import timedelta

from flask import Blueprint, redirect, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from portal.accounts import service
from portal.accounts.access import keep_private, open_door, read_next
from portal.accounts.entering import service as entering
from portal.accounts.forms import CodeForm
from portal.accounts.journal.service import note
from portal.accounts.passkeys import service as passkeys
from portal.accounts.passkeys.challenge import find_site, issue_challenge, open_challenge
from portal.accounts.passkeys.forms import SignatureForm
from portal.accounts.recovery import service as recovery
from portal.accounts.tables import PasskeyRow
from portal.extensions import limiter, portal
from portal.i18n import address
from portal.vault.tickets import open_ticket, seal_ticket

bp = Blueprint("second_step", __name__, url_prefix="/login")
bp.after_request(keep_private)
guard = limiter.limit(lambda: portal.settings.sign_in_limit, methods=["POST"])

CODE_LIFE = timedelta(minutes=5)
CODE_LIMIT = "10 per 10 minutes"


def ask_second_step(account_id: str) -> ResponseReturnValue:
    """Render the page that asks for the second factor of whoever gave the right password."""
    facts, at = {"account": account_id}, portal.clock.now()
    ticket = seal_ticket(portal.vault.ring, "code", facts, at, CODE_LIFE)
    return render_step(CodeForm(formdata=None, ticket=ticket), account_id)


def render_step(form: CodeForm, account_id: str) -> str:
    """Return that page: a code when there is an authenticator or a recovery code, a passkey when there is one."""
    with portal.databases.session("accounts") as session:
        row = service.get_row(session, account_id)
        coded = row.second_factor is not None or recovery.count_codes(session, account_id) > 0
        held = passkeys.list_rows(session, account_id)
    return render_template("accounts/code.html", form=form, coded=coded, signature=ask_passkey(held) if held else None)


def ask_passkey(held: list[PasskeyRow] | None = None) -> tuple[SignatureForm, str] | None:
    """Return the form that a passkey fills in and what it is asked; None on a site that passkeys cannot know."""
    from portal.accounts.passkeys import ceremonies  # its library takes a while to load

    site = find_site()
    if site is None:
        return None
    challenge, ticket = issue_challenge("entrance", CODE_LIFE)
    form = SignatureForm(formdata=None, ticket=ticket)
    return form, ceremonies.ask_signature(site, challenge, held or ())


@bp.post("/code/")
@guard
def give_code() -> ResponseReturnValue:
    """Finish signing in with a code of the authenticator or a recovery code, within five minutes of the password."""
    form, at = CodeForm(), portal.clock.now()
    pending = open_ticket(portal.vault.ring, "code", form.ticket.data or "", at)
    if pending is None:
        return redirect(address("/login/"), 303)
    account_id, token = pending["account"], None
    # Counted by account, after the password: nobody else can use up the tries of somebody.
    if form.validate() and try_code(account_id):
        with portal.databases.session("accounts") as accounts:
            if entering.check_code(accounts, portal.vault, account_id, form.code.data, at):
                token = entering.enter(accounts, portal.vault, account_id, at)
            elif recovery.use_code(accounts, account_id, form.code.data or ""):
                note(accounts, portal.vault, account_id, "recovery_used", at)
                token = entering.enter(accounts, portal.vault, account_id, at)
            else:
                note(accounts, portal.vault, account_id, "code_refused", at)
    if token is None:
        form.code.errors = [_("This code is not the one expected now. Wait for the next one and try again.")]
        return render_step(form, account_id), 400
    return let_in(token)


@bp.post("/passkey/")
@guard
def sign_in_with_passkey() -> ResponseReturnValue:
    """Sign in with what a passkey signed: its device proved who held it, so nothing else is asked."""
    from portal.accounts.passkeys import ceremonies  # its library takes a while to load

    form, at, site = SignatureForm(), portal.clock.now(), find_site()
    asked = open_challenge("entrance", form.ticket.data or "")
    if site is None or asked is None or not form.validate():
        return redirect(address("/login/?passkey=no"), 303)
    token = None
    with portal.databases.session("accounts") as accounts:
        found = ceremonies.find_signer(accounts, site, asked.challenge, asked.asked, form.answer.data or "")
        if found is None:
            note(accounts, portal.vault, None, "passkey_refused", at)
        else:
            token = entering.enter(accounts, portal.vault, found, at)
    return let_in(token) if token else redirect(address("/login/?passkey=no"), 303)


def let_in(token: str | None) -> ResponseReturnValue:
    """Open this browser's door with a new session, and go where the person was going."""
    if token is None:  # erased between the password and the session
        return redirect(address("/login/"), 303)
    open_door(token)
    return redirect(read_next(request.args.get("next")), 303)


def try_code(account_id: str) -> bool:
    """Count one try of a code; False when an account has had too many lately."""
    from limits import parse

    return limiter.limiter.hit(parse(CODE_LIMIT), "code", account_id)
