"""The page of one's consents and of one's degree of transparency, and the link of a letter that withdraws a consent."""

from flask import Blueprint, redirect, render_template, request
from flask.typing import ResponseReturnValue
from flask_login import current_user

from portal.accounts import service as accounts_service
from portal.accounts.access import keep_private, note_act, require_role
from portal.accounts.consents import service
from portal.accounts.consents.mailing import forget_objection
from portal.accounts.consents.purposes import PURPOSES
from portal.accounts.journal.service import note
from portal.accounts.partners.fields import DEGREES, FIELDS
from portal.accounts.partners.service import find_closed_programmer
from portal.extensions import portal
from portal.i18n import address, language
from portal.vault.tickets import open_ticket

bp = Blueprint("consents", __name__)
bp.after_request(keep_private)


@bp.get("/account/consents/")
@require_role()
def show() -> ResponseReturnValue:
    """Show what the signed-in person agrees to, the receipts, and what partners may read of them."""
    with portal.databases.session("accounts") as session:
        receipts = service.list_receipts(session, current_user.account.id)
    live = {receipt.purpose: receipt for receipt in receipts if receipt.withdrawn is None}
    told = {"purposes": PURPOSES, "live": live, "receipts": receipts}
    degree = current_user.account.transparency
    return render_template("accounts/consents.html", degree=degree, degrees=DEGREES, fields=FIELDS, **told)


@bp.post("/account/consents/<purpose>/<any(give,withdraw):choice>/")
@require_role()
def choose(purpose: str, choice: str) -> ResponseReturnValue:
    """Give or withdraw a consent: one button each, the same."""
    account_id, at = current_user.account.id, portal.clock.now()
    with portal.databases.session("accounts") as session:
        if choice == "give":
            service.give(session, account_id, purpose, language(), at)
            note(session, portal.vault, account_id, "consent_given", at, purpose)
            forget_objection(portal, current_user.account.email)
        elif service.withdraw(session, account_id, purpose, at):
            note(session, portal.vault, account_id, "consent_withdrawn", at, purpose)
    return redirect(address(f"/account/consents/?done={'given' if choice == 'give' else 'withdrawn'}"), 303)


@bp.post("/account/transparency/<degree>/")
@require_role()
def choose_degree(degree: str) -> ResponseReturnValue:
    """Change what partners may read; it holds at the very next call, that of the calendar of open dates too."""
    with portal.databases.session("accounts") as session:
        accounts_service.set_transparency(session, current_user.account.id, degree)
        closed = find_closed_programmer(session, current_user.account.id)
    note_act("transparency_changed", degree)
    if closed:
        from portal.openings import close_calendar  # a second of imports that other pages need not

        close_calendar(portal, closed)
    return redirect(address("/account/consents/?done=degree"), 303)


@bp.route("/consents/<ticket>/", methods=["GET", "POST"])
def withdraw(ticket: str) -> ResponseReturnValue:
    """Withdraw the consent that a letter was sent by, without signing in; opening the link is not enough, robots do."""
    at = portal.clock.now()
    facts = open_ticket(portal.vault.ring, "withdrawal", ticket, at)
    if facts is None:
        return render_template("accounts/stale.html", again=address("/account/consents/")), 410
    done = request.method == "POST"
    if done:
        with portal.databases.session("accounts") as session:
            if service.withdraw(session, facts["account"], facts["purpose"], at, "letter"):
                note(session, portal.vault, facts["account"], "consent_withdrawn", at, facts["purpose"])
    return render_template("accounts/withdrawal.html", done=done, purpose=PURPOSES[facts["purpose"]])
