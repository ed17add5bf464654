"""The officer's desk: requests and their deadlines, decisions, legal holds, the archive."""

from collections.abc import Callable, Mapping
from datetime import datetime
from types import MappingProxyType
from typing import Any

from flask import Blueprint, Response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user

from datasets.errors import NotFound, PermissionDenied
from portal.accounts import service as accounts
from portal.accounts.access import keep_private, note_act, require_role
from portal.accounts.entering import service as entering
from portal.extensions import portal
from portal.privacy.archive import open_archive
from portal.privacy.erasure import find_stores
from portal.privacy.policy import POLICY
from portal.privacy.portability import collect, pack
from portal.privacy.rights import service
from portal.privacy.rights.answering import answer_request, find_email, tell
from portal.privacy.rights.forms import DecisionForm, DoubtForm, OrderForm, PostForm, ReadingForm
from portal.privacy.rights.handover import name_tables, open_file, seal_copy
from portal.privacy.rights.kinds import DECISIONS, FACTS, ORDER
from portal.privacy.rights.routes import describe
from portal.privacy.rights.service import Contact, Request

bp = Blueprint("rights_desk", __name__, url_prefix="/desk")
bp.after_request(keep_private)
officer = require_role("officer")
COPIED = ("access", "portability")
"""The requests that are answered with a copy; that of a legal order goes through the archive."""


@bp.get("/")
@officer
def show() -> ResponseReturnValue:
    """List the requests: those that wait for an answer first, the nearest deadline first."""
    with portal.databases.session("accounts") as session:
        found = service.list_requests(session, portal.vault)
    return render_template("rights/desk.html", requests=[describe(one) for one in found], now=portal.clock.now())


@bp.route("/new/", methods=["GET", "POST"])
@officer
def record() -> ResponseReturnValue:
    """Write down a request that came by post: the day that counts is the one of its arrival."""
    form, at = PostForm(), portal.clock.now()
    if not form.validate_on_submit():
        return render_template("rights/record.html", form=form), 400 if form.is_submitted() else 200
    with portal.databases.session("accounts") as session:
        contact = Contact(form.name.data or "", "", form.address.data or "")
        made = service.open_request(
            session, portal.vault, form.right.data, "post", contact, form.words.data or "", received=form.received.data,
            at=at, language=form.language.data, account_id=find_account(form.account.data),
            clerk=current_user.account.id,
        )  # fmt: skip
    note_act("request_recorded", made.reference)
    return redirect(url_for("rights_desk.look", reference=made.reference), 303)


@bp.get("/<reference>/")
@officer
def look(reference: str) -> ResponseReturnValue:
    """Show a request and what can be done with it."""
    return render_request(reference)


@bp.post("/<reference>/<act>/")
@officer
def act_on(reference: str, act: str) -> ResponseReturnValue:
    """Ask for a proof of identity, accept it, extend the delay, or decide."""
    if act not in ACTS:
        raise NotFound(kind="request", name=f"{reference}/{act}")
    failed = ACTS[act](reference, portal.clock.now())
    if failed:
        return render_request(reference, **failed), 400
    note_act("decided" if act == "decide" else "request_handled", reference)
    return redirect(url_for("rights_desk.look", reference=reference), 303)


@bp.get("/<reference>/identity")
@officer
def show_identity(reference: str) -> ResponseReturnValue:
    """Give the copy of an identity document, while it is looked at."""
    with portal.databases.session("accounts") as session:
        content = service.read_identity(session, portal.vault, reference)
    note_act("request_handled", reference)
    answer = Response(content, mimetype="application/octet-stream")
    answer.headers["Content-Disposition"] = f'attachment; filename="{reference}"'
    return answer


@bp.post("/<reference>/copy")
@officer
def give_copy(reference: str) -> ResponseReturnValue:
    """Give the officer the copy to send to a person who asked by post for access to their account."""
    with portal.databases.session("accounts") as session:
        found = service.get_request(session, portal.vault, reference)
    if found.account_id is None or found.right not in COPIED:
        raise NotFound(kind="account", name=reference)
    content = pack(collect(find_stores(portal), found.account_id))
    note_act("copy_given", reference)
    return send_zip(content, reference)


@bp.post("/<reference>/order")
@officer
def seal_order(reference: str) -> ResponseReturnValue:
    """Seal in the archive the copy of what a legal order names: done by another officer than who wrote it down."""
    form = OrderForm()
    with portal.databases.session("accounts") as session:
        found = service.get_request(session, portal.vault, reference)
    if found.right != ORDER or found.answered is not None:
        raise NotFound(kind="request", name=reference)
    refuse_alone(found)
    if not form.validate():
        return render_request(reference, order=form), 400
    number = seal_copy(find_stores(portal), found, form.tables.data or (), portal.clock.now())
    note_act("copy_sealed", reference)
    return redirect(url_for("rights_desk.read_archive", record=number), 303)


@bp.route("/archive/", methods=["GET", "POST"])
@officer
def read_archive() -> ResponseReturnValue:
    """List the archive, and open one record for a motive that is kept; a closed file is given as it is."""
    archive, record_ = open_archive(portal.settings), None
    form = ReadingForm(number=request.args.get("record", type=int))
    if form.validate_on_submit():
        POLICY.require("archive", "proof")
        account, number = current_user.account, form.number.data
        record_ = archive.read(number, account.email, account.id, form.motive.data, at=portal.clock.now())
        note_act("archive_opened", str(number))
        if form.file.data:
            content = open_file(record_)
            note_act("copy_given", record_["reference"])
            return send_zip(content, record_["reference"])
    facts = {"entries": archive.list_entries(), "reads": len(archive.list_reads()), "record": record_, "facts": FACTS,
             "decisions": DECISIONS, "name_tables": name_tables}  # fmt: skip
    return render_template("rights/archive.html", form=form, may_read=current_user.account.email in archive.readers,
                           **facts)  # fmt: skip


def send_zip(content: bytes, name: str) -> Response:
    """Return a zip to be kept as a file."""
    answer = Response(content, mimetype="application/zip")
    answer.headers["Content-Disposition"] = f'attachment; filename="{name}.zip"'
    return answer


def refuse_alone(found: Request) -> None:
    """Refuse to deal alone with a legal order: another officer must have written it down. Raises PermissionDenied."""
    if found.right == ORDER and found.clerk == current_user.account.id:
        raise PermissionDenied()


def find_account(email: str | None) -> str | None:
    """Return the account that has an address, if any."""
    if not email:
        return None
    with portal.databases.session("accounts") as session:
        row = accounts.find_row(session, portal.vault, entering.read_address(email))
    return row.id if row else None


def render_request(reference: str, **forms: Any) -> str:
    """Return the page of one request, with the forms as they were filled in when something was wrong."""
    stores = find_stores(portal)
    with portal.databases.session("accounts") as session:
        found = service.get_request(session, portal.vault, reference)
    blank = {"doubt": DoubtForm, "decide": DecisionForm, "order": OrderForm}
    parts = {**{name: kind(formdata=None) for name, kind in blank.items()}, **forms}
    mine = {"email": find_email(stores, found), "now": portal.clock.now()}
    return render_template("rights/request.html", **describe(found), **mine, **parts)


Failed = dict[str, Any] | None
"""The form that was wrong, by its name in the page."""


def _doubt(reference: str, at: datetime) -> Failed:
    form = DoubtForm()
    if not form.validate():
        return {"doubt": form}
    _change(service.doubt_identity, reference, form.motive.data, at, letter="doubted")
    return None


def _verify(reference: str, at: datetime) -> Failed:
    _change(service.verify_identity, reference, at, letter="resumed")
    return None


def _extend(reference: str, at: datetime) -> Failed:
    _change(service.extend_delay, reference, at, letter="extended")
    return None


def _decide(reference: str, at: datetime) -> Failed:
    form = DecisionForm()
    if not form.validate() or (form.decision.data != "granted" and not (form.reasons.data or "").strip()):
        return {"decide": form}
    with portal.databases.session("accounts") as session:
        refuse_alone(service.get_request(session, portal.vault, reference))
    reasons, silent = form.reasons.data or "", bool(form.silent.data)
    answer_request(find_stores(portal), reference, form.decision.data, reasons, at, silent=silent)
    return None


def _change(change: Callable[..., Request], *arguments: Any, letter: str) -> None:
    with portal.databases.session("accounts") as session:
        changed = change(session, portal.vault, *arguments)
    tell(find_stores(portal), letter, changed)


ACTS: Mapping[str, Callable[[str, datetime], Failed]] = MappingProxyType(
    {"doubt": _doubt, "verify": _verify, "extend": _extend, "decide": _decide}
)
"""What an officer does with a request, by the end of its address."""
