"""The steps of a draft between its file and its publication: each shows, takes decisions, leads to the next."""

from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from datasets.errors import InvalidParameter, UnknownOption
from datasets.ingest import read_options, write_fixes
from datasets.ingest.identify import IDENTIFYING
from datasets.types import TYPES
from portal.extensions import portal
from portal.i18n import language
from portal.pages.cells import is_amount, show
from portal.producers import service
from portal.producers.completeness import measure_completeness
from portal.producers.door import bp, my_draft, producer
from portal.producers.forms import DescriptionForm, read_column_choices, read_fixed_cells
from portal.producers.offers import CHOSEN, list_offers
from portal.producers.preview import read_preview
from portal.producers.problems import suggested_fixes
from portal.producers.stages import reach, stages_of
from portal.producers.tables import DraftRow
from portal.producers.understanding import public_fields

Answer = ResponseReturnValue


def open_step(draft_id: str, stage: str) -> DraftRow | Answer:
    """Return a draft whose `stage` can be shown, or where to go instead: a job is at work, or the step is too far."""
    found = my_draft(draft_id)
    shown = found.state == "understood" and next(each for each in stages_of(found, stage) if each.current).open
    return found if shown else redirect(url_for("producers.draft", draft_id=draft_id), 303)


def move_on(draft: DraftRow, stage: str, *, again: bool = False, **values: Any) -> Answer:
    """Keep `values` and lead to `stage`; when the file must be read `again`, by the page of progress."""
    if again:
        values |= {"state": "received", "step": ""}
    service.change_draft(portal, draft.draft_id, stage=reach(draft, stage), error={}, **values)
    if again:
        portal.queue.enqueue("read_draft", draft_id=draft.draft_id)
        return redirect(url_for("producers.draft", draft_id=draft.draft_id), 303)
    return redirect(url_for(f"producers.{stage}", draft_id=draft.draft_id), 303)


def show_step(stage: str, draft: DraftRow, status: int = 200, *, page: str = "", **values: Any) -> Answer:
    """Render the page of a step, or the `page` beside it."""
    name = f"producers/{page or stage}.html"
    return render_template(name, draft=draft, found=draft.understood, stages=stages_of(draft, stage), **values), status


@bp.route("/<draft_id>/reading/", methods=["GET", "POST"])
@producer
def reading(draft_id: str) -> Answer:
    """Second step: show how the file was read, and read it again otherwise when asked."""
    found = open_step(draft_id, "reading")
    if not isinstance(found, DraftRow):
        return found
    error = ""
    if request.form.get("action") == "again":
        wanted = {name: request.form[name] for name in CHOSEN if name in request.form}
        try:
            options = read_options(
                {**wanted, **{name: name in request.form for name in ("repair_letters", "swap_axes")}}
            )
            return move_on(found, "reading", again=True, reading=options.as_dict())
        except UnknownOption as unknown:
            error = unknown.message(language())
    elif request.method == "POST":
        return move_on(found, "columns")
    fields = public_fields(found.understood["columns"], found.choices)
    preview = read_preview(found.understood["before"] or found.understood["preview"], fields.fields)
    shown: dict[str, Any] = {
        "offers": list_offers(found.understood),
        "preview": preview,
        "show": show,
        "is_amount": is_amount,
    }
    return show_step("reading", found, 400 if error else 200, error=error, **shown)


@bp.route("/<draft_id>/columns/", methods=["GET", "POST"])
@producer
def columns(draft_id: str) -> Answer:
    """Third step: types, titles, words, what is published, and values put right in place."""
    found = open_step(draft_id, "columns")
    if not isinstance(found, DraftRow):
        return found
    understood, error = found.understood["columns"], ""
    if request.method == "POST":
        choices = read_column_choices(request.form, understood, found.choices)
        fixes = found.fixes + read_fixed_cells(request.form, found.understood["problems"]) + ask_suggestions(found)
        if any(f"published-{column['name']}" in request.form for column in understood):
            return decide_columns(found, choices, fixes)
        error = _("Keep at least one column.")
    shown = [{**column, **found.choices.get(column["name"], {})} for column in understood]
    context: dict[str, Any] = {"columns": shown, "types": TYPES, "identifying": IDENTIFYING, "error": error}
    return show_step("columns", found, 400 if error else 200, **context)


def decide_columns(found: DraftRow, choices: dict[str, Any], fixes: list[dict[str, Any]]) -> Answer:
    """Keep what was decided of the columns; what changes values is read again and shown before going on."""
    changed = fixes != found.fixes or any(
        choices.get(column["name"], {}).get(key, column[key]) != column[key]
        for column in found.understood["columns"]
        for key in ("type", "published")
    )
    if changed and request.form.get("action") == "next":
        flash(_("The file was read again with your decisions: check what becomes of the values."), "info")
    stage = "description" if request.form.get("action") == "next" and not changed else "columns"
    return move_on(found, stage, again=changed, choices=choices, fixes=fixes)


def ask_suggestions(found: DraftRow) -> list[dict[str, Any]]:
    """Return the suggested corrections that were asked for, as plain fixes: the button `suggest`, "reason column"."""
    reason, _space, column = request.form.get("suggest", "").partition(" ")
    if not column:
        return []
    return write_fixes(suggested_fixes(service.report_path(portal, found.draft_id), column, reason))


@bp.route("/<draft_id>/description/", methods=["GET", "POST"])
@producer
def description(draft_id: str) -> Answer:
    """Fourth step: what readers will see of the dataset, and how complete it is."""
    found = open_step(draft_id, "description")
    if not isinstance(found, DraftRow):
        return found
    defaults = {"publisher": portal.settings.publisher, "language": "fr"}
    form = DescriptionForm(data={**defaults, **found.description, "dataset_id": found.dataset_id})
    if form.validate_on_submit() and name_dataset(found, form):
        described = add_suggestions(form.describe())
        stage = "publish" if request.form.get("action") == "next" else "description"
        return move_on(found, stage, description=described, dataset_id=form.dataset_id.data or "")
    form.reuses.offer_another()
    shown: dict[str, Any] = {
        "form": form,
        "completeness": measure_completeness(form.describe()),
        "renewed": service.is_published(portal, found.dataset_id),
        "suggestions": service.suggest_words(portal, form.describe()),
    }
    return show_step("description", found, 400 if form.errors else 200, **shown)


def name_dataset(found: DraftRow, form: DescriptionForm) -> bool:
    """Return whether the dataset may have the identifier that was written; the form says why otherwise."""
    try:
        with portal.databases.session("catalogue") as session:
            service.check_free(session, form.dataset_id.data or "", found.owner)
    except InvalidParameter:
        form.dataset_id.errors = [_("This identifier belongs to another dataset. Choose another one.")]
        return False
    return True


def add_suggestions(described: dict[str, Any]) -> dict[str, Any]:
    """Return a description with the words of the catalogue that were ticked (the boxes `add-FIELD`)."""
    for name in service.SUGGESTED:
        words = [described.get(name, ""), *request.form.getlist(f"add-{name}")]
        described[name] = ", ".join(word for word in words if word)
    return described
