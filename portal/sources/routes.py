"""The pages of sources: where the rows of a dataset come from, and the schema that its new files must respect."""

import json

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from datasets.errors import PortalError
from datasets.history.updates import UPDATES
from portal.commands.datasets import split_names
from portal.extensions import portal
from portal.i18n import language
from portal.producers.door import keep_private, owner, producer
from portal.producers.service import find_published
from portal.sources import forms, recipes, service

bp = Blueprint("sources", __name__, url_prefix="/producer/datasets/<dataset_id>")
bp.after_request(keep_private)


@bp.get("/sources/")
@producer
def sources(dataset_id: str) -> ResponseReturnValue:
    """Show where the rows of a dataset come from."""
    return show_sources(dataset_id)


@bp.post("/sources/")
@producer
def add(dataset_id: str) -> ResponseReturnValue:
    """Add a source; the secret of a push is shown on this answer and never again."""
    form = request.form
    try:
        _id, secret = service.create_source(
            portal,
            owner(),
            dataset_id,
            form.get("kind", ""),
            address=form.get("address", "").strip(),
            update=form.get("update", ""),
            key=split_names(form.get("key", "")),
            hours=forms.read_hours(form.get("hours", "24")),
        )
    except PortalError as error:
        return show_sources(dataset_id, wrong=error.message(language()))
    if secret:
        return show_sources(dataset_id, secret=secret)
    flash(_("The address will be read within ten minutes."), "success")
    return redirect(url_for("sources.sources", dataset_id=dataset_id), 303)


@bp.post("/sources/<source_id>/run/")
@producer
def run(dataset_id: str, source_id: str) -> ResponseReturnValue:
    """Fetch an address now."""
    service.get_source(portal, source_id, owner())
    portal.queue.enqueue("run_source", source_id=source_id)
    flash(_("The address is being read."), "success")
    return redirect(url_for("sources.sources", dataset_id=dataset_id), 303)


@bp.post("/sources/<source_id>/delete/")
@producer
def delete(dataset_id: str, source_id: str) -> ResponseReturnValue:
    """Delete a source; what it published stays."""
    service.delete_source(portal, source_id, owner())
    flash(_("The source is deleted. What it published stays."), "success")
    return redirect(url_for("sources.sources", dataset_id=dataset_id), 303)


def show_sources(dataset_id: str, *, wrong: str = "", secret: str = "") -> ResponseReturnValue:
    """Render the sources of a dataset of the producer; raises NotFound when it is not theirs."""
    draft = find_published(portal, dataset_id, owner())
    page = render_template(
        "sources/sources.html",
        dataset_id=dataset_id,
        title=draft.description.get("title") or dataset_id,
        sources=service.list_sources(portal, owner(), dataset_id),
        updates=UPDATES,
        hours=forms.HOURS,
        wrong=wrong,
        secret=secret,
        push_address=f"{portal.settings.base_url}{url_for('push.push', dataset_id=dataset_id)}",
    )
    return page, 400 if wrong else 200


@bp.get("/schema/")
@producer
def schema(dataset_id: str) -> ResponseReturnValue:
    """Show the Table Schema that the new files of a dataset must respect."""
    return show_schema(dataset_id)


@bp.post("/schema/")
@producer
def change_schema(dataset_id: str) -> ResponseReturnValue:
    """Keep a Table Schema, or forget it when nothing was written."""
    find_published(portal, dataset_id, owner())
    written = request.form.get("table_schema", "")
    steps, _kept = recipes.read_kept(portal, dataset_id)
    try:
        recipes.keep_recipe(portal, dataset_id, steps, forms.read_table_schema(written))
    except PortalError as error:
        return show_schema(dataset_id, wrong=error.message(language()), written=written)
    flash(_("Kept. The next file will be compared with it."), "success")
    return redirect(url_for("sources.schema", dataset_id=dataset_id), 303)


def show_schema(dataset_id: str, *, wrong: str = "", written: str = "") -> ResponseReturnValue:
    """Render the Table Schema of a dataset of the producer; raises NotFound when it is not theirs."""
    draft = find_published(portal, dataset_id, owner())
    _steps, kept = recipes.read_kept(portal, dataset_id)
    text = written or (json.dumps(kept, ensure_ascii=False, indent=2) if kept else "")
    title = draft.description.get("title") or dataset_id
    page = render_template("sources/schema.html", dataset_id=dataset_id, title=title, text=text, wrong=wrong)
    return page, 400 if wrong else 200
