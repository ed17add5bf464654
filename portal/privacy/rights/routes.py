"""The pages where a person exercises their rights: in their account, or by a form and a letter without one."""

from datetime import date, timedelta

from flask import Blueprint, Response, redirect, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_login import current_user

from portal.accounts import service as accounts
from portal.accounts.access import keep_private, note_act, require_role
from portal.accounts.entrance import guard, link, send_later
from portal.extensions import portal
from portal.i18n import address, language
from portal.mail import write_letter
from portal.privacy.calendar import paris_day
from portal.privacy.erasure import find_stores
from portal.privacy.locking import service as locking
from portal.privacy.receipts import verify_receipt
from portal.privacy.rights import service
from portal.privacy.rights.answering import open_ledger, read_follow, tell
from portal.privacy.rights.forms import IdentityForm, OpenForm, RightForm
from portal.privacy.rights.kinds import CHANNELS, DECISIONS, RIGHTS
from portal.privacy.rights.service import Contact, Request
from portal.vault.tickets import open_ticket, seal_ticket

CONFIRMED = timedelta(days=7)
"""How long a request sent by the form may be confirmed; until then it is kept nowhere but in the letter."""

bp = Blueprint("rights", __name__)
bp.after_request(keep_private)
bp.app_template_global("rights")(lambda: RIGHTS)


@bp.route("/rights/", methods=["GET", "POST"])
@guard
def ask() -> ResponseReturnValue:
    """Let somebody without an account ask: nothing is kept until the letter comes back."""
    form, at = OpenForm(), portal.clock.now()
    if not form.validate_on_submit():
        return render_template("rights/ask.html", form=form), 400 if form.is_submitted() else 200
    names = ("right", "words", "email", "name")
    facts = {name: str(form[name].data or "") for name in names}
    facts["words"] = facts["words"][:1500]  # what a link can carry
    facts["received"] = paris_day(at).isoformat()
    ticket = seal_ticket(portal.vault.ring, "right", facts, at, CONFIRMED)
    send_later(write_letter("asked", facts["email"], language(), link=link(f"/rights/confirm/{ticket}/")))
    return render_template("accounts/sent.html", email=facts["email"])


@bp.route("/rights/confirm/<ticket>/", methods=["GET", "POST"])
@guard
def confirm(ticket: str) -> ResponseReturnValue:
    """Write down the request that a letter carried, once: the day that counts is the one of the form."""
    at = portal.clock.now()
    facts = open_ticket(portal.vault.ring, "right", ticket, at)
    if facts is None:
        return render_template("accounts/stale.html", again=address("/rights/")), 410
    if request.method == "GET":
        return render_template("rights/confirm.html", right=RIGHTS[facts["right"]])
    with portal.databases.session("accounts") as session:
        row = accounts.find_row(session, portal.vault, facts["email"])
        made = service.open_request(
            session, portal.vault, facts["right"], "form", Contact(facts["name"], facts["email"]), facts["words"],
            received=date.fromisoformat(facts["received"]), at=at, language=language(),
            account_id=row.id if row else None, once=ticket,
        )  # fmt: skip
    tell(find_stores(portal), "received", made)
    return render_template("rights/follow.html", **describe(made))


@bp.route("/rights/follow/<ticket>/", methods=["GET", "POST"])
@guard
def follow(ticket: str) -> ResponseReturnValue:
    """Show whoever has the letter where their request stands; receive the document that a doubt made necessary."""
    found = read_follow(find_stores(portal), ticket, portal.clock.now())
    if found is None:
        return render_template("accounts/stale.html", again=address("/rights/")), 410
    form = IdentityForm()
    if request.method == "POST":
        content = form.read()
        if content:
            with portal.databases.session("accounts") as session:
                service.keep_identity(session, portal.vault, found.reference, content)
            return redirect(request.path, 303)
        form.document.errors = [_("A PDF, JPEG or PNG file of at most 5 MB is expected.")]
    return render_template("rights/follow.html", form=form, **describe(found)), 400 if form.is_submitted() else 200


@bp.get("/account/rights/")
@require_role(secured=False)
def show() -> ResponseReturnValue:
    """Show the signed-in person what they asked, and what they can do by themselves."""
    return render_rights()


@bp.post("/account/rights/")
@guard
@require_role(secured=False)
def ask_here() -> ResponseReturnValue:
    """Write down a request of the signed-in person."""
    form, at = RightForm(), portal.clock.now()
    if not form.validate():
        return render_rights(form), 400
    with portal.databases.session("accounts") as session:
        made = service.open_request(
            session, portal.vault, form.right.data, "account", Contact(), form.words.data or "",
            received=paris_day(at), at=at, language=current_user.language or language(),
            account_id=current_user.account.id,
        )  # fmt: skip
    note_act("request_made", made.reference)
    tell(find_stores(portal), "received", made)
    return redirect(address("/account/rights/?done=asked"), 303)


@bp.post("/account/lock/")
@require_role(secured=False)
def lock() -> ResponseReturnValue:
    """Lock the account of the person who asks: kept, and not used, until they say otherwise."""
    with portal.databases.session("accounts") as session:
        key = accounts.get_key(portal.vault, current_user.account.id)
        locking.lock_account(session, key, "", at=portal.clock.now())
    note_act("locked")
    return redirect(address("/account/rights/?done=locked"), 303)


@bp.post("/account/unlock/")
@require_role(secured=False)
def unlock() -> ResponseReturnValue:
    """Lift the lock that the person asked for; a legal hold stays."""
    with portal.databases.session("accounts") as session:
        locking.unlock_account(session, current_user.account.id, locking.REQUEST)
    note_act("unlocked")
    return redirect(address("/account/rights/?done=unlocked"), 303)


@bp.get("/pages/receipt/")
def check_receipt() -> ResponseReturnValue:
    """Say whether the ledger holds what a receipt proves."""
    receipt = request.args.get("receipt", "")[:100]
    verdict = verify_receipt(open_ledger(find_stores(portal)).read(), receipt) if receipt else None
    return render_template(
        "rights/receipt.html", receipt=receipt, verdict=verdict
    ), 404 if receipt and not verdict else 200


@bp.get("/pages/ledger.jsonl")
def give_ledger() -> ResponseReturnValue:
    """Give the ledger, which names nobody, so that anybody may check its chain and their receipt."""
    path = open_ledger(find_stores(portal)).path
    content = path.read_bytes() if path.exists() else b""
    return Response(content, mimetype="application/jsonl")


def render_rights(form: RightForm | None = None) -> str:
    """Return the page of one's rights."""
    account_id = current_user.account.id
    with portal.databases.session("accounts") as session:
        mine = service.list_requests(session, portal.vault, account_id)
        locks = {one.ground: one for one in locking.list_locks(session, accounts.get_key(portal.vault, account_id))}
    words = {"channels": CHANNELS, "decisions": DECISIONS}
    return render_template(
        "rights/mine.html", form=form or RightForm(formdata=None), requests=mine, locks=locks, **words
    )


def describe(found: Request) -> dict[str, object]:
    """Return what the pages of a request show."""
    return {"request_": found, "right": RIGHTS[found.right], "decisions": DECISIONS, "channels": CHANNELS}
