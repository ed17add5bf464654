"""A published dataset at the desk: its versions, a new file, going back, withdrawing."""

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from datasets.catalogue.catalogue import list_history
from datasets.publish import restore, withdraw
from portal.extensions import portal
from portal.producers import service
from portal.producers.door import bp, owner, producer

LONGEST = 500


@bp.get("/datasets/<dataset_id>/")
@producer
def dataset(dataset_id: str) -> ResponseReturnValue:
    """Show a dataset of the producer: its state, its versions, and what can be done."""
    return show_dataset(dataset_id)


def show_dataset(dataset_id: str, wrong: str = "") -> ResponseReturnValue:
    """Render the page of a dataset; `wrong` says what was missing in what was sent."""
    draft = service.find_published(portal, dataset_id, owner())
    row = service.find_datasets(portal, [dataset_id])[dataset_id]
    with portal.databases.session("catalogue") as session:
        history = list_history(session, dataset_id)
    page = render_template("producers/dataset.html", draft=draft, row=row, history=history, wrong=wrong)
    return page, 400 if wrong else 200


@bp.post("/datasets/<dataset_id>/restore/")
@producer
def go_back(dataset_id: str) -> ResponseReturnValue:
    """Serve again a former version."""
    service.find_published(portal, dataset_id, owner())
    version_id = request.form.get("version", "")
    restore(service.catalogue_of(portal), portal.store, dataset_id, version_id, at=portal.clock.now())
    flash(_("The version is served again. Nothing was erased: you can come back to the other one."), "success")
    return redirect(url_for("producers.dataset", dataset_id=dataset_id), 303)


@bp.post("/datasets/<dataset_id>/withdraw/")
@producer
def take_away(dataset_id: str) -> ResponseReturnValue:
    """Stop serving a dataset, saying why: its address goes on to explain."""
    service.find_published(portal, dataset_id, owner())
    reason = request.form.get("reason", "").strip()[:LONGEST]
    if not reason:
        return show_dataset(dataset_id, _("Say why: readers will see it at the address of the dataset."))
    withdraw(service.catalogue_of(portal), portal.store, dataset_id, reason=reason, at=portal.clock.now())
    flash(_("The dataset is withdrawn; its address says why."), "success")
    return redirect(url_for("producers.dataset", dataset_id=dataset_id), 303)


@bp.post("/datasets/<dataset_id>/edit/")
@producer
def edit(dataset_id: str) -> ResponseReturnValue:
    """Change the description or the columns of the file that was published last: the steps are open again."""
    draft = service.find_published(portal, dataset_id, owner())
    draft_id = service.copy_draft(portal, draft)
    portal.queue.enqueue("read_draft", draft_id=draft_id)
    return redirect(url_for("producers.draft", draft_id=draft_id), 303)
