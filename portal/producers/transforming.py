"""The transformations of a draft: declared one after the other, shown before and after, undone at will."""

from typing import Any

from flask import redirect, request, url_for

from datasets.errors import StepRefused
from datasets.transforms.registry import TRANSFORMATIONS
from datasets.transforms.steps import read_steps
from portal.extensions import portal
from portal.i18n import language
from portal.pages.cells import is_amount, show
from portal.producers import service
from portal.producers.door import bp, producer
from portal.producers.preview import read_preview
from portal.producers.shaping import read_step, say_step
from portal.producers.steps import Answer, open_step, show_step
from portal.producers.tables import DraftRow
from portal.producers.understanding import draft_fields, public_fields


@bp.route("/<draft_id>/transformations/", methods=["GET", "POST"])
@producer
def transform(draft_id: str) -> Answer:
    """Show the transformations with the first rows before and after, add one, or take one away."""
    found = open_step(draft_id, "columns")
    if not isinstance(found, DraftRow):
        return found
    chosen, wrong = request.args.get("step", ""), ""
    if request.method == "POST":
        try:
            return keep_steps(found, change_steps(found))
        except StepRefused as refused:
            chosen, wrong = request.form.get("step", ""), refused.message(language())
    before = public_fields(found.understood["columns"], found.choices).fields
    context: dict[str, Any] = {
        "before": read_preview(found.understood["before"] or found.understood["preview"], before),
        "after": read_preview(found.understood["preview"], draft_fields(found.understood, found.choices).fields),
        "kinds": TRANSFORMATIONS,
        "chosen": chosen if chosen in TRANSFORMATIONS else "",
        "say_step": say_step,
        "wrong": wrong,
    }
    context |= {"show": show, "is_amount": is_amount}
    return show_step("columns", found, 400 if wrong else 200, page="transformations", **context)


def change_steps(found: DraftRow) -> list[dict[str, object]]:
    """Return the steps of a draft once the one that was asked is added or taken away. Raises StepRefused."""
    place = request.form.get("remove", "")
    if place.isdecimal():
        return [step for number, step in enumerate(found.steps) if number != int(place)]
    steps = [*found.steps, read_step(request.form)]
    read_steps(steps, TRANSFORMATIONS)
    return steps


def keep_steps(found: DraftRow, steps: list[dict[str, object]]) -> Answer:
    """Keep the steps and read the file again with them; the page of progress leads back here."""
    service.change_draft(portal, found.draft_id, steps=steps, state="received", step="", error={})
    portal.queue.enqueue("read_draft", draft_id=found.draft_id)
    return redirect(url_for("producers.transform", draft_id=found.draft_id), 303)
