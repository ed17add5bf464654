"""The addresses of the public site: Opendatasoft's, so that published links live on."""

from typing import Any

from flask import Blueprint, abort, redirect, render_template
from werkzeug.wrappers import Response

from datasets.catalogue.catalogue import list_history
from datasets.errors import NotFound
from portal.extensions import portal
from portal.i18n import explicit_language, language
from portal.pages import examples, feeds, grid, history, schema_org, searching, words
from portal.pages.cells import show
from portal.pages.charts.embedding import write_codes
from portal.pages.downloads import tell_downloads
from portal.pages.facets import label_fields
from portal.pages.front import Front, tell_front
from portal.pages.maps import choropleth, projection, showing
from portal.pages.opening import (
    View,
    address_of,
    answers,
    drawings,
    open_version,
    open_view,
)
from portal.pages.overview import tell_overview
from portal.pages.shelf import find_shelf

bp = Blueprint("pages", __name__)
bp.add_url_rule(searching.PATH, view_func=searching.catalogue)
bp.add_url_rule("/explore/feed.<format_>", view_func=feeds.feed)
SPEECH: dict[str, Any] = {
    "describe_dataset": schema_org.describe_dataset,
    "describe_map": words.describe_map,
    "describe_site": schema_org.describe_site,
    "label_fields": label_fields,
    "legend": choropleth.legend,
    "licence_name": words.licence_name,
    "list_facts": words.list_facts,
    "list_frames": showing.list_frames,
    "list_insets": choropleth.list_insets,
    "map_size": (projection.WIDTH, projection.HEIGHT),
    "say_area": words.say_area,
    "show": show,
    "type_name": words.type_name,
    "write_codes": write_codes,
}
"""What the templates of a dataset call to say things."""


@bp.get("/")
def home() -> str:
    """Say what this is, with key figures, the latest datasets and the themes."""
    year, lang, asked = portal.clock.now().year, language(), explicit_language()
    shelf, front = find_shelf(lang), Front()
    if shelf is not None:
        key = ("front", shelf.source.version_id, lang, asked, year)
        front = drawings.get(key, lambda: tell_front(shelf, lang=lang, asked=asked, year=year))
    return render_template("pages/home.html", front=front, **SPEECH)


@bp.get("/explore/dataset/<dataset_id>/")
def dataset(dataset_id: str) -> Response:
    """Lead to the first tab of a dataset."""
    return redirect(address_of(dataset_id, "information"))


@bp.get("/explore/dataset/<dataset_id>/information/")
def information(dataset_id: str) -> str:
    """Describe a dataset: what it is, its figures, its metadata, its fields."""
    view = open_view(dataset_id)
    return show_tab("information", view, **tell_overview(view))


@bp.get("/explore/dataset/<dataset_id>/disclosure/")
def disclosure(dataset_id: str) -> str:
    """Tell what a protected dataset hides and why, what it costs, how to hide less, and what was tried."""
    view = open_view(dataset_id)
    if view.secrecy is None:
        abort(404)
    return show_tab("disclosure", view)


@bp.get("/explore/dataset/<dataset_id>/table/")
def table(dataset_id: str) -> str:
    """Show the records, a page at a time, sorted and filtered."""
    view, lang = open_view(dataset_id), language()
    rows = answers.get(
        ("table", lang, *view.key),
        lambda: grid.build_grid(view.filters, view.source, portal.engine, path=view.path("table"), lang=lang),
    )
    return show_tab("table", view, grid=rows)


@bp.get("/explore/dataset/<dataset_id>/record/<record_id>/")
def record(dataset_id: str, record_id: str) -> str:
    """Show one record whole."""
    view = open_view(dataset_id)
    cells = grid.read_record(record_id, view.source, portal.engine)
    if cells is None:
        raise NotFound(kind="record", name=record_id)
    return show_tab("record", view, cells=cells, record_id=record_id)


@bp.get("/explore/dataset/<dataset_id>/map/")
def map_(dataset_id: str) -> str:
    """Draw the records on a map of France, with the same in a table."""
    view = open_view(dataset_id)
    return show_tab("map", view, **showing.show_map(view))


@bp.get("/explore/dataset/<dataset_id>/export/")
def export(dataset_id: str) -> str:
    """Offer the downloads, whole or filtered, and say what each is for."""
    view = open_view(dataset_id)
    return show_tab("export", view, addresses=addresses_of(view), **tell_downloads(view))


@bp.get("/explore/dataset/<dataset_id>/api/")
def api(dataset_id: str) -> str:
    """Show how programs read the dataset, with true addresses."""
    view = open_view(dataset_id)
    codes = [field.name for field in view.source.schema if field.type == "text" and "code" in field.name]
    addresses = addresses_of(view)
    placed = any(field.type in ("geo_point_2d", "geo_shape") for field in view.source.schema)
    ways = examples.write_examples(addresses, codes, placed=placed)
    return show_tab("api", view, addresses=addresses, examples=ways, shown=examples.SHOWN)


@bp.get("/explore/dataset/<dataset_id>/versions/")
def versions(dataset_id: str) -> str:
    """List the versions of a dataset, each with its address, its files and what it changed."""
    view = open_view(dataset_id)
    with portal.databases.session("catalogue") as session:
        entries = list_history(session, view.id)
    return show_tab("versions", view, states=history.tell_states(entries))


@bp.get("/explore/dataset/<dataset_id>/version/<version_id>/")
def version(dataset_id: str, version_id: str) -> str:
    """Show the records of one version, at an address that does not change."""
    view, lang = open_version(dataset_id, version_id), language()
    rows = answers.get(
        ("version", lang, *view.key),
        lambda: grid.build_grid(view.filters, view.source, portal.engine, path=view.path("table"), lang=lang),
    )
    return show_tab("version", view, grid=rows)


def show_tab(tab: str, view: View, **values: Any) -> str:
    """Render a tab of a dataset."""
    return render_template(f"pages/{tab}.html", tab=tab, view=view, **SPEECH, **values)


def addresses_of(view: View) -> examples.Addresses:
    """Return the addresses of the dataset in the API, with the reader's filters."""
    return examples.Addresses(str(portal.settings.base_url), view.id, tuple(view.filters.api_pairs()))
