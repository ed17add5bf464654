"""The producers' desk: my datasets, a new file, and a draft as a whole."""

from functools import partial
from typing import IO, Any, cast

from flask import Response, flash, jsonify, redirect, render_template, request, send_file, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from werkzeug.datastructures import FileStorage
from werkzeug.exceptions import RequestEntityTooLarge
from werkzeug.formparser import FormDataParser

from datasets.errors import FileTooLarge, NotFound
from portal.extensions import portal
from portal.i18n import language
from portal.producers import review, service
from portal.producers.door import bare_name, bp, incoming, my_draft, owner, producer
from portal.producers.forms import UploadForm
from portal.producers.incoming import Reception, find_unfinished
from portal.producers.problems import report_lines
from portal.producers.shelf import STATES, list_entries
from portal.producers.stages import PATIENCE, STEP_NAMES, progress_of, stages_of
from portal.producers.tables import DraftRow

FORM_TEXT = 2**20
"""Bytes that a form may take beside its files."""


@bp.get("/")
@producer
def desk() -> ResponseReturnValue:
    """Show what the producer has published, what waits, what is under way, and what to do next."""
    text, state = request.args.get("q", "").strip(), request.args.get("state", "")
    entries = list_entries(portal, owner(), text=text, state=state, lang=language())
    waiting = len(review.list_waiting(portal))
    unfinished = find_unfinished(incoming(), owner())
    shown: dict[str, Any] = {"entries": entries, "text": text, "state": state, "states": STATES}
    return render_template("producers/desk.html", waiting=waiting, unfinished=unfinished, **shown)


@bp.route("/new/", methods=["GET", "POST"])
@producer
def new() -> ResponseReturnValue:
    """First step: send a file, or several; one that renews a dataset of the producer when `dataset` names it."""
    dataset_id = request.args.get("dataset", "")
    renewed = service.find_published(portal, dataset_id, owner()) if dataset_id else None
    form, status = UploadForm(formdata=None), 200
    if request.method == "POST":
        drafts, form, status = receive_files(dataset_id)
        if drafts:
            target = url_for("producers.draft", draft_id=drafts[0]) if len(drafts) == 1 else url_for("producers.desk")
            return redirect(target, 303)
    return render_template("producers/file.html", form=form, renewed=renewed, stages=stages_of(None, "file")), status


def receive_files(dataset_id: str) -> tuple[list[str], UploadForm, int]:
    """Receive the files of a plain form, written to the disk as they come; return their drafts.

    Without any, the form says why, with the status that it deserves.
    """
    form, limit = UploadForm(formdata=None), portal.settings.upload_limit
    receptions: list[Reception] = []
    request.max_content_length = limit + FORM_TEXT

    def receive(
        total_content_length: int | None,
        content_type: str | None,
        filename: str | None,
        content_length: int | None = None,
    ) -> IO[bytes]:
        receptions.append(Reception(incoming(), bare_name(filename), limit))
        return cast(IO[bytes], receptions[-1])

    try:
        parser = FormDataParser(receive, max_form_memory_size=FORM_TEXT, max_form_parts=100)
        stream, kind = request.stream, request.mimetype
        _stream, _texts, files = parser.parse(stream, kind, request.content_length, request.mimetype_params)
        sent = [file for file in files.getlist("file") if file.filename]
        if not sent:
            form.file.errors = [_("Choose a file.")]
            return [], form, 400
        return [begin(file, dataset_id) for file in sent], form, 303
    except (RequestEntityTooLarge, FileTooLarge):
        form.file.errors = [FileTooLarge(name=_("Your file"), limit=f"{limit / 1e6:.0f} MB").message(language())]
        return [], form, 413
    finally:
        for reception in receptions:
            reception.close()


def begin(file: FileStorage, dataset_id: str) -> str:
    """Make a received file a draft, which is about to be read."""
    reception: Any = file.stream
    sha256 = reception.keep()
    draft_id = service.create_draft(portal, owner(), reception.name, sha256, reception.size, dataset_id=dataset_id)
    portal.queue.enqueue("read_draft", draft_id=draft_id)
    return draft_id


@bp.get("/<draft_id>/")
@producer
def draft(draft_id: str) -> ResponseReturnValue:
    """Lead to where a draft is: its progress, why it is refused, the officer, or the step that was reached."""
    found = my_draft(draft_id)
    if found.state in service.BUSY:
        context = {"progress": progress_of(found), "lost": is_lost(found), "names": STEP_NAMES}
        return render_template("producers/progress.html", draft=found, **context)
    if found.state in ("refused", "review"):
        return render_template(f"producers/{found.state}.html", draft=found, reasons=review.list_reasons(found))
    if found.state == "published":
        return redirect(url_for("producers.dataset", dataset_id=found.dataset_id), 303)
    return redirect(url_for(f"producers.{found.stage}", draft_id=draft_id), 303)


@bp.get("/<draft_id>/progress.json")
@producer
def progress(draft_id: str) -> ResponseReturnValue:
    """Tell how far the job of a draft is, to the page that waits for it."""
    found = my_draft(draft_id)
    step = progress_of(found)
    text = str(step.name)
    if step.number:
        text = _("%(step)s: step %(number)s of %(count)s", step=text, number=step.number, count=step.count)
    busy, lost = found.state in service.BUSY, is_lost(found)
    return jsonify(busy=busy, lost=lost, value=step.value, max=step.count, text=text, said=step.said)


def is_lost(found: DraftRow) -> bool:
    """Return whether nothing has moved for so long that the job of a draft was probably interrupted."""
    return portal.clock.now() - found.modified > PATIENCE


@bp.post("/<draft_id>/restart/")
@producer
def restart(draft_id: str) -> ResponseReturnValue:
    """Start again a job that was lost."""
    found = my_draft(draft_id)
    job = "publish_draft" if found.state == "publishing" else "read_draft"
    if found.state in service.BUSY:
        portal.queue.enqueue(job, draft_id=draft_id)
    return redirect(url_for("producers.draft", draft_id=draft_id), 303)


@bp.post("/<draft_id>/recall/")
@producer
def recall(draft_id: str) -> ResponseReturnValue:
    """Take back a draft that waits for an officer, to change it."""
    if my_draft(draft_id).state == "review":
        service.change_draft(portal, draft_id, state="understood")
    return redirect(url_for("producers.draft", draft_id=draft_id), 303)


@bp.post("/<draft_id>/delete/")
@producer
def delete(draft_id: str) -> ResponseReturnValue:
    """Delete a draft and its file; what it published stays."""
    service.delete_draft(portal, my_draft(draft_id))
    flash(_("The draft and its file are deleted."), "success")
    return redirect(url_for("producers.desk"), 303)


@bp.get("/<draft_id>/report.csv")
@producer
def report(draft_id: str) -> ResponseReturnValue:
    """Give the report of a reading as a CSV file."""
    path = service.report_path(portal, my_draft(draft_id).draft_id)
    return send_lines(partial(report_lines, path, language()), "report.csv")


@bp.get("/<draft_id>/errors.csv")
@producer
def annotated(draft_id: str) -> ResponseReturnValue:
    """Give the file of a draft as a CSV with a last column that says what is wrong on each row."""
    found = my_draft(draft_id)
    path = service.annotated_path(portal, found.draft_id)
    if not path.exists():
        raise NotFound(kind="file", name="errors.csv")
    return send_file(path, mimetype="text/csv", as_attachment=True, download_name="errors.csv")


def send_lines(lines: Any, name: str) -> Response:
    """Send lines of CSV as a file."""
    response = Response((line.encode() for line in lines()), content_type="text/csv; charset=utf-8")
    response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return response
