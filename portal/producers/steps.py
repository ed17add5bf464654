"""The steps of a draft after its file: each shows, takes decisions, leads to the next; all can be left and resumed."""

from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_login import current_user

from datasets.disclosure.identifiers import ANSWERS, KINDS
from datasets.errors import InvalidParameter, UnknownOption
from datasets.ingest import read_options, write_fixes
from datasets.ingest.identify import IDENTIFYING
from datasets.types import TYPES
from portal.extensions import portal
from portal.i18n import language
from portal.pages import points, projection
from portal.pages.cells import is_amount, show
from portal.pages.opening import find_ground
from portal.producers import review, service
from portal.producers.completeness import measure_completeness
from portal.producers.door import bp, my_draft, producer
from portal.producers.forms import DescriptionForm, read_answers, read_column_choices, read_fixed_cells
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


def show_step(stage: str, draft: DraftRow, status: int = 200, **values: Any) -> Answer:
    """Render the page of a step."""
    page = f"producers/{stage}.html"
    return render_template(page, draft=draft, found=draft.understood, stages=stages_of(draft, stage), **values), status


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
    preview = read_preview(
        found.understood["preview"], public_fields(found.understood["columns"], found.choices).fields
    )
    shown = {"offers": list_offers(found.understood), "preview": preview, "show": show, "is_amount": is_amount}
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
    context = {"columns": shown, "types": TYPES, "identifying": IDENTIFYING, "error": error}
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
    shown = {"form": form, "completeness": measure_completeness(form.describe())}
    renewed = service.is_published(portal, found.dataset_id)
    suggestions = service.suggest_words(portal, form.describe())
    return show_step(
        "description", found, 400 if form.errors else 200, suggestions=suggestions, renewed=renewed, **shown
    )


def name_dataset(found: DraftRow, form: DescriptionForm) -> bool:
    """Return whether the dataset may have the identifier that was written; the form says why otherwise."""
    try:
        with portal.databases.session("catalogue") as session:
            service.check_free(session, form.dataset_id.data or "", found.owner)
    except InvalidParameter:
        form.dataset_id.errors = [_("This identifier belongs to another dataset. Choose another one.")]
        return False
    return True


def add_suggestions(described: dict[str, str]) -> dict[str, str]:
    """Return a description with the words of the catalogue that were ticked (the boxes `add-FIELD`)."""
    for name in service.SUGGESTED:
        words = [described.get(name, ""), *request.form.getlist(f"add-{name}")]
        described[name] = ", ".join(word for word in words if word)
    return described


@bp.route("/<draft_id>/publish/", methods=["GET", "POST"])
@producer
def publish(draft_id: str) -> Answer:
    """Last step: see it as the public will, answer for what names persons, publish or ask an officer."""
    found = open_step(draft_id, "publish")
    if not isinstance(found, DraftRow):
        return found
    wrong = ""
    if request.method == "POST":
        role, now = current_user.role, portal.clock.now()
        found.choices = read_answers(request.form, found.understood["findings"], found.choices, role, now)
        service.change_draft(portal, draft_id, choices=found.choices)
        if not any(finding["unanswered"] for finding in list_findings(found)):
            review.submit(portal, found, role, now)
            return redirect(url_for("producers.draft", draft_id=draft_id), 303)
        wrong = _("Some columns tell of persons: say whose these are, or leave them out.")
    shown = [{**column, **found.choices.get(column["name"], {})} for column in found.understood["columns"]]
    fields = public_fields(shown, found.choices)
    preview = read_preview(found.understood["preview"], fields.fields)
    context = {"columns": shown, "fields": fields, "preview": preview, "answers": ANSWERS, "wrong": wrong}
    context |= {"findings": list_findings(found), "waits": review.needs_review(found), "show": show}
    return show_step("publish", found, 400 if wrong else 200, is_amount=is_amount, **draw(preview), **context)


def draw(preview: Any) -> dict[str, Any]:
    """Return the map of a preview: its places on the drawing, the ground under them, the radius of a dot."""
    spots = [spot for lon, lat, label in preview.places if (spot := points.place_spot(lon, lat, label))]
    ground = find_ground("departement") if spots else {}
    size = (projection.WIDTH, projection.HEIGHT)
    return {"spots": spots, "ground": ground, "map_size": size, "radius": points.spread(spots)}


def list_findings(found: DraftRow) -> list[dict[str, Any]]:
    """Return the identifiers found in a draft, each with its kind, its answer, and whether one is still needed."""
    published = {column["name"] for column in found.understood["columns"] if review.is_published(found, column)}
    findings = []
    for finding in found.understood["findings"]:
        answer = review.find_answer(found.choices, finding).get("reason", "")
        needed = finding["stops"] and finding["column"] in published
        told = {"row": KINDS[finding["kind"]], "answer": answer, "needed": needed, "unanswered": needed and not answer}
        findings.append({**finding, **told, "published": finding["column"] in published})
    return findings
