"""The producers' pages: the desk, and one draft from its file to its publication."""

from datetime import timedelta
from typing import Any

from flask import Blueprint, Response, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_login import current_user
from werkzeug.exceptions import RequestEntityTooLarge

from datasets.disclosure.identifiers import ANSWERS, KINDS
from datasets.errors import FileTooLarge, InvalidParameter, StoreError
from datasets.ingest.identify import IDENTIFYING
from datasets.types import TYPES
from portal.accounts.access import require_role
from portal.extensions import portal
from portal.i18n import language
from portal.producers import service
from portal.producers.forms import DescriptionForm, UploadForm, read_answers, read_column_choices
from portal.producers.incoming import receive
from portal.producers.tables import DraftRow
from portal.producers.work import PUBLISHING_STEPS, READING_STEPS, report_lines

bp = Blueprint("producers", __name__, url_prefix="/producer")
producer = require_role("producer", "officer")
PATIENCE = timedelta(minutes=2)
"""After that time without a step, a job is taken for lost and its producer may start it again."""


@bp.after_request
def keep_private(response: Response) -> Response:
    """Let no cache keep a page about a draft."""
    response.headers["Cache-Control"] = "no-store"
    return response


@bp.route("/", methods=["GET", "POST"])
@producer
def desk() -> ResponseReturnValue:
    """Show the producer's drafts; receive a new file."""
    form, status = UploadForm(formdata=None), 200
    if request.method == "POST":
        form, status = read_upload()
        if status == 200:
            sha256, size = receive(incoming(), form.file.data.stream, name_of(form), portal.settings.upload_limit)
            draft_id = service.create_draft(portal, owner(), name_of(form), sha256, size)
            portal.queue.enqueue("read_draft", draft_id=draft_id)
            return redirect(url_for("producers.draft", draft_id=draft_id), 303)
    drafts = service.list_drafts(portal, owner())
    return render_template("producers/desk.html", form=form, drafts=drafts, busy=service.BUSY), status


@bp.route("/<draft_id>/", methods=["GET", "POST"])
@producer
def draft(draft_id: str) -> ResponseReturnValue:
    """Show how far a draft is, what was understood, and take the producer's decisions."""
    found = service.get_draft(portal, draft_id, owner())
    if found.state in service.BUSY:
        lost = portal.clock.now() - found.modified > PATIENCE
        steps = PUBLISHING_STEPS if found.state == "publishing" else READING_STEPS
        return render_template("producers/progress.html", draft=found, steps=steps, lost=lost)
    if found.state == "refused":
        return render_template("producers/refused.html", draft=found)
    form = DescriptionForm(data={**found.description, "dataset_id": found.dataset_id})
    if form.validate_on_submit() and decide(found, form):
        return redirect(url_for("producers.draft", draft_id=draft_id), 303)
    columns = shown_columns(found)
    context = {"types": TYPES, "identifying": IDENTIFYING, "columns": columns, "answers": ANSWERS}
    context["findings"] = shown_findings(found, columns)
    return render_template("producers/draft.html", draft=found, form=form, **context), 400 if form.errors else 200


@bp.post("/<draft_id>/restart/")
@producer
def restart(draft_id: str) -> ResponseReturnValue:
    """Start again a job that was lost."""
    found = service.get_draft(portal, draft_id, owner())
    job = "publish_draft" if found.state == "publishing" else "read_draft"
    if found.state in service.BUSY:
        portal.queue.enqueue(job, draft_id=draft_id)
    return redirect(url_for("producers.draft", draft_id=draft_id), 303)


@bp.post("/<draft_id>/delete/")
@producer
def delete(draft_id: str) -> ResponseReturnValue:
    """Delete a draft and its file; what it published stays."""
    found = service.get_draft(portal, draft_id, owner())
    service.delete_draft(portal, found)
    flash(_("The draft and its file are deleted."), "success")
    return redirect(url_for("producers.desk"), 303)


@bp.get("/<draft_id>/report.csv")
@producer
def report(draft_id: str) -> ResponseReturnValue:
    """Give the report of a reading as a CSV file."""
    found = service.get_draft(portal, draft_id, owner())
    lines = report_lines(service.report_path(portal, found.draft_id), language())
    response = Response((line.encode() for line in lines), content_type="text/csv; charset=utf-8")
    response.headers["Content-Disposition"] = 'attachment; filename="report.csv"'
    return response


def decide(found: DraftRow, form: DescriptionForm) -> bool:
    """Keep the decisions and start what they ask for; False, with the reason on the form, when it cannot be."""
    columns = found.understood["columns"]
    choices = read_choices(found)
    fields = ("title", "description", "keywords", "licence")
    values: dict[str, Any] = {"description": {name: form[name].data or "" for name in fields}, "choices": choices}
    retyped = any(choices.get(column["name"], {}).get("type", column["type"]) != column["type"] for column in columns)
    try:
        with portal.databases.session("catalogue") as session:
            service.check_free(session, form.dataset_id.data, found.owner)
    except InvalidParameter:
        form.dataset_id.errors = [_("This identifier belongs to another dataset. Choose another one.")]
        return False
    if not any(f"published-{column['name']}" in request.form for column in columns):
        form.form_errors.append(_("Keep at least one column."))
        return False
    publishing = request.form.get("action") == "publish" and not retyped
    if publishing and any(finding["unanswered"] for finding in shown_findings(found, shown_columns(found))):
        form.form_errors.append(_("Some columns tell of persons: say whose these are, or leave them out."))
        return False
    job, state = ("publish_draft", "publishing") if publishing else ("read_draft", "received")
    service.change_draft(
        portal, found.draft_id, dataset_id=form.dataset_id.data, state=state, step="", error={}, **values
    )
    if request.form.get("action") == "publish" and retyped:
        flash(_("You changed types: check what becomes of the values, then publish."), "info")
    portal.queue.enqueue(job, draft_id=found.draft_id)
    return True


def shown_columns(found: DraftRow) -> list[dict[str, Any]]:
    """Return the columns of a draft as they are to be shown: what was just sent wins over what was understood."""
    columns = found.understood["columns"]
    choices = read_choices(found) if request.method == "POST" else {}
    return [{**column, **choices.get(column["name"], {})} for column in columns]


def read_choices(found: DraftRow) -> dict[str, Any]:
    """Return what was just sent of the columns of a draft and of the identifiers found in them."""
    choices = read_column_choices(request.form, found.understood["columns"], found.choices)
    findings = found.understood.get("findings", [])
    return read_answers(request.form, findings, choices, current_user.account.role, portal.clock.now())


def shown_findings(found: DraftRow, columns: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return the identifiers found in a draft, each with its kind, its answer, and whether one is still needed."""
    choices = read_choices(found) if request.method == "POST" else found.choices
    published = {column["name"] for column in columns if column["published"]}
    findings = []
    for finding in found.understood.get("findings", []):
        kind, column = finding["kind"], finding["column"]
        answer = choices.get(column, {}).get("answers", {}).get(kind, {}).get("reason", "")
        needed = finding["stops"] and column in published
        told = {"row": KINDS[kind], "answer": answer, "needed": needed, "unanswered": needed and not answer}
        findings.append({**finding, **told, "published": column in published})
    return findings


def read_upload() -> tuple[UploadForm, int]:
    """Return the form of an upload and the status that it deserves: 200, 400, or 413 when the file is too large."""
    try:
        form = UploadForm()
        return form, 200 if form.validate() else 400
    except RequestEntityTooLarge:
        form = UploadForm(formdata=None)
        limit = f"{portal.settings.upload_limit / 1e6:.0f} MB"
        form.file.errors = [FileTooLarge(name=_("Your file"), limit=limit).message(language())]
        return form, 413
    except OSError as error:
        raise StoreError(what=_("Your file"), reason=error.strerror or str(error)) from error


def name_of(form: UploadForm) -> str:
    """Return the name of an uploaded file without any folder."""
    return (form.file.data.filename or "").replace("\\", "/").rpartition("/")[2].strip() or "fichier"


def owner() -> str:
    """Return the name under which the signed-in person holds drafts."""
    return service.owner_of(portal.settings.secret_key, current_user.account.id)


def incoming() -> Any:
    """Return the folder of incoming files."""
    return portal.settings.instance / "incoming"
