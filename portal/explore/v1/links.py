"""Addresses of pages that version 1 named and the site has under another: people are led there."""

from flask import Blueprint, redirect, url_for
from werkzeug.wrappers import Response

bp = Blueprint("old_pages", __name__)
TABS = ("information", "table", "map", "export", "api")
"""The tabs of a dataset that kept their name."""


@bp.get("/explore/dataset/<dataset_id>/<any(analyze,calendar,custom,images,metas):tab>/")
@bp.get("/explore/embed/dataset/<dataset_id>/")
@bp.get("/explore/embed/dataset/<dataset_id>/<tab>/")
def lead_to_tab(dataset_id: str, tab: str = "information") -> Response:
    """Lead to the tab of that name, or to the description of the dataset."""
    name = tab if tab in TABS else "information"
    endpoint = "pages.map_" if name == "map" else f"pages.{name}"
    return redirect(url_for(endpoint, dataset_id=dataset_id), 301)
