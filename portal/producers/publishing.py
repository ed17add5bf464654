"""The last step: see it as the public will, answer for what names persons, say how rows come, publish."""

from typing import Any

from flask import flash, redirect, request, url_for
from flask_babel import gettext as _
from flask_login import current_user

from datasets.catalogue.catalogue import find_dataset
from datasets.disclosure.identifiers import ANSWERS, KINDS
from datasets.history.changes import SchemaChange, compare_schemas
from datasets.history.updates import UPDATES
from datasets.model import Schema
from portal.extensions import portal
from portal.pages.cells import is_amount, show
from portal.pages.maps import points, projection
from portal.pages.opening import find_ground
from portal.producers import review, service
from portal.producers.door import bp, producer
from portal.producers.forms import read_answers
from portal.producers.preview import Preview, read_preview
from portal.producers.shaping import propose_coarser
from portal.producers.steps import Answer, move_on, open_step, show_step
from portal.producers.tables import DraftRow
from portal.producers.understanding import draft_fields


@bp.route("/<draft_id>/publish/", methods=["GET", "POST"])
@producer
def publish(draft_id: str) -> Answer:
    """Last step: see it as the public will, answer for what names persons, publish or ask an officer."""
    found = open_step(draft_id, "publish")
    if not isinstance(found, DraftRow):
        return found
    wrong = ""
    if request.method == "POST":
        keep_answers(found)
        if request.form.get("action") == "coarser":
            return tell_coarser(found)
        if not any(finding["unanswered"] for finding in list_findings(found)):
            review.submit(portal, found)
            return redirect(url_for("producers.draft", draft_id=draft_id), 303)
        wrong = _("Some columns tell of persons: say whose these are, or leave them out.")
    fields = draft_fields(found.understood, found.choices)
    preview = read_preview(found.understood["preview"], fields.fields)
    present = find_present(found)
    context: dict[str, Any] = {
        "fields": fields,
        "preview": preview,
        "findings": list_findings(found),
        "answers": ANSWERS,
        "changes": list_changes(found, present, fields),
        "updates": UPDATES if present is not None else {},
        "wrong": wrong,
    }
    context |= {"show": show, "is_amount": is_amount, **draw(preview)}
    return show_step("publish", found, 400 if wrong else 200, **context)


def keep_answers(found: DraftRow) -> None:
    """Keep what was answered of the identifiers, and how the rows come to those that are there."""
    role, now = current_user.role, portal.clock.now()
    found.choices = read_answers(request.form, found.understood["findings"], found.choices, role, now)
    asked = request.form.get("mode", found.mode)
    found.mode = asked if asked in UPDATES else "replace"
    service.change_draft(portal, found.draft_id, choices=found.choices, mode=found.mode)


def tell_coarser(found: DraftRow) -> Answer:
    """Add the transformation that tells the columns at risk more coarsely, and show what becomes of the rows."""
    if not found.understood["risk"]:
        return move_on(found, "publish")
    step = propose_coarser(found.understood["risk"], draft_fields(found.understood, found.choices))
    flash(_("The columns at risk are told more coarsely: check the preview. You can undo it in the transformations."))
    return move_on(found, "publish", again=True, steps=[*found.steps, step])


def find_present(found: DraftRow) -> Schema | None:
    """Return the fields that the dataset of a draft has now, None when it is not published."""
    with portal.databases.session("catalogue") as session:
        known = find_dataset(session, found.dataset_id)
    return known.version.schema if known and known.version else None


def list_changes(found: DraftRow, present: Schema | None, fields: Schema) -> list[SchemaChange]:
    """Return what a file that replaces the present rows changes for those who use the API."""
    if present is None or found.mode != "replace":
        return []
    return [change for change in compare_schemas(present, fields) if change.breaking or change.kind == "added"]


def draw(preview: Preview) -> dict[str, Any]:
    """Return the map of a preview: its places on the drawing, the ground under them, the radius of a dot."""
    spots = [spot for lon, lat, label in preview.places if (spot := points.place_spot(lon, lat, label))]
    ground = find_ground("departement") if spots else {}
    size = (projection.WIDTH, projection.HEIGHT)
    return {"spots": spots, "ground": ground, "map_size": size, "radius": points.spread(len(spots))}


def list_findings(found: DraftRow) -> list[dict[str, Any]]:
    """Return the identifiers found in a draft, each with its kind, its answer, and whether one is still needed."""
    published = draft_fields(found.understood, found.choices).names
    findings = []
    for finding in found.understood["findings"]:
        answer = review.find_answer(found.choices, finding).get("reason", "")
        needed = finding["stops"] and finding["column"] in published
        told = {"row": KINDS[finding["kind"]], "answer": answer, "needed": needed, "unanswered": needed and not answer}
        findings.append({**finding, **told, "published": finding["column"] in published})
    return findings
