"""The addresses of the public site: Opendatasoft's, so that published links live on."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from flask import Blueprint, abort, redirect, render_template, request
from werkzeug.wrappers import Response

from datasets.catalogue.catalogue import find_dataset, get_dataset, list_datasets
from datasets.catalogue.snapshot import get_catalogue_source
from datasets.errors import NotFound
from datasets.model import Dataset
from datasets.query import Source, source_of
from portal.extensions import note_use, portal
from portal.i18n import explicit_language, language
from portal.pages import choropleth, examples, figures, formats, grid, listing, points, projection, words
from portal.pages.cells import is_hidden, show
from portal.pages.contours import REFERENCE_ID, Contour, draw_level
from portal.pages.facets import label_fields
from portal.pages.filters import Filters, read_filters
from portal.pages.memory import Memory

bp = Blueprint("pages", __name__)
memory = Memory()
SPEECH: dict[str, Any] = {
    "describe_map": words.describe_map,
    "is_hidden": is_hidden,
    "label_fields": label_fields,
    "legend": choropleth.legend,
    "licence_name": words.licence_name,
    "list_facts": words.list_facts,
    "list_insets": choropleth.list_insets,
    "map_size": (projection.WIDTH, projection.HEIGHT),
    "radius": points.spread,
    "say_area": words.say_area,
    "show": show,
    "type_name": words.type_name,
}
"""What the templates of a dataset call to say things."""
LATEST = 4
THEMES = 12


@dataclass(frozen=True)
class View:
    """A dataset as a page needs it: itself, its rows, what the address asks for, and what was ignored of it."""

    dataset: Dataset
    source: Source
    filters: Filters
    ignored: tuple[str, ...]

    @property
    def id(self) -> str:
        """The identifier of the dataset."""
        return self.dataset.dataset_id

    @property
    def mappable(self) -> bool:
        """Whether the records can be put on a map."""
        schema = self.source.schema
        return choropleth.has_territories(schema) or points.find_point(schema) is not None

    def path(self, tab: str) -> str:
        """Return the path of a tab, without the filters."""
        return f"/explore/dataset/{self.id}/{tab}/"

    def tab(self, tab: str) -> str:
        """Return the address of a tab, with the filters."""
        return self.filters.address(self.path(tab))


@bp.get("/")
def home() -> str:
    """Say what this is, with key figures, the latest datasets and the themes."""
    with portal.databases.session("catalogue") as session:
        datasets = {dataset.dataset_id: dataset for dataset in list_datasets(session)}
        source = get_catalogue_source(session, portal.store) if datasets else None
    values: dict[str, Any] = {"latest": [], "themes": [], "figures": [], "chart": None, "total": len(datasets)}
    if source is not None:
        lang, filters = language(), Filters(lang=explicit_language())
        values["latest"] = listing.list_entries(
            filters, source, portal.engine, lang=lang, order_by=listing.SORTS["modified"], limit=LATEST
        )
        facets = listing.list_facets(filters, source, portal.engine, ("theme",), path="/explore/", lang=lang)
        values["themes"] = facets[0].choices[:THEMES] if facets else []
        key = ("home", source.version_id, portal.clock.now().year)
        values |= memory.get(key, lambda: tell_figures(datasets, portal.clock.now().year))
    return render_template("pages/home.html", **SPEECH, **values)


@bp.get("/explore/")
def catalogue() -> str:
    """Search the catalogue: words, facets, order, pages."""
    with portal.databases.session("catalogue") as session:
        source = get_catalogue_source(session, portal.store)
    filters, ignored = known_filters({*source.schema.names, *source.aliases})
    results = listing.search_catalogue(filters, source, portal.engine, path="/explore/", lang=language())
    return render_template(
        "pages/catalogue.html", results=results, filters=filters, ignored=ignored, sorts=list(listing.SORTS)
    )


@bp.get("/explore/dataset/<dataset_id>/")
def dataset(dataset_id: str) -> Response:
    """Lead to the first tab of a dataset."""
    return redirect(f"{request.script_root}/explore/dataset/{dataset_id}/information/{query_string()}")


@bp.get("/explore/dataset/<dataset_id>/information/")
def information(dataset_id: str) -> str:
    """Describe a dataset: what it is, its metadata, its fields."""
    return show_tab("information", open_view(dataset_id))


@bp.get("/explore/dataset/<dataset_id>/table/")
def table(dataset_id: str) -> str:
    """Show the records, fifty at a time, sorted and filtered."""
    view = open_view(dataset_id)
    rows = grid.build_grid(view.filters, view.source, portal.engine, path=view.path("table"), lang=language())
    return show_tab("table", view, grid=rows)


@bp.get("/explore/dataset/<dataset_id>/map/")
def map_(dataset_id: str) -> str:
    """Draw the records on a map of France, with the same in a table."""
    view = open_view(dataset_id)
    if choropleth.has_territories(view.source.schema):
        return show_tab("map", view, chart=draw_choropleth(view))
    point = points.find_point(view.source.schema)
    if point is None:
        abort(404)
    places = points.place_points(view.filters, view.source, portal.engine, point)
    return show_tab("map", view, places=places, ground=draw_ground("departement"))


@bp.get("/explore/dataset/<dataset_id>/export/")
def export(dataset_id: str) -> str:
    """Offer the downloads, whole or filtered, and say what each is for."""
    view = open_view(dataset_id)
    offered = formats.list_formats(geographic="geo_" in "".join(field.type for field in view.source.schema))
    return show_tab("export", view, formats=offered, addresses=addresses_of(view))


@bp.get("/explore/dataset/<dataset_id>/api/")
def api(dataset_id: str) -> str:
    """Show how programs read the dataset, with true addresses."""
    view = open_view(dataset_id)
    codes = [field.name for field in view.source.schema if field.type == "text" and "code" in field.name]
    addresses = addresses_of(view)
    return show_tab("api", view, addresses=addresses, examples=examples.write_examples(addresses, codes))


def open_view(dataset_id: str) -> View:
    """Find the dataset and read the address; a former identifier leads to the present one."""
    with portal.databases.session("catalogue") as session:
        found = get_dataset(session, dataset_id)
    if found.dataset_id != dataset_id:
        tab = request.path.split("/")[-2]
        there = f"{request.script_root}/explore/dataset/{found.dataset_id}/{tab}/{query_string()}"
        abort(redirect(there, 301))
    note_use(found.dataset_id, "page")
    source = open_source(found)
    return View(found, source, *known_filters(set(source.schema.names)))


def query_string() -> str:
    """Return the query string of the address, with its question mark, or nothing."""
    return f"?{request.query_string.decode()}" if request.query_string else ""


def open_source(dataset: Dataset) -> Source:
    """Return the rows of a published dataset."""
    if dataset.version is None:
        raise NotFound(kind="dataset", name=dataset.dataset_id)
    return source_of(dataset.version, portal.store)


def known_filters(names: set[str]) -> tuple[Filters, tuple[str, ...]]:
    """Read the address; filters on unknown fields are left out and named."""
    filters = read_filters(request.args, explicit_language())
    ignored = tuple(name for name in filters.names() if name not in names)
    return filters.without(ignored), ignored


def show_tab(tab: str, view: View, **values: Any) -> str:
    """Render a tab of a dataset."""
    return render_template(f"pages/{tab}.html", tab=tab, view=view, **SPEECH, **values)


def addresses_of(view: View) -> examples.Addresses:
    """Return the addresses of the dataset in the API, with the reader's filters."""
    return examples.Addresses(str(portal.settings.base_url), view.id, tuple(view.filters.api_pairs()))


def draw_choropleth(view: View) -> choropleth.Choropleth:
    """Return the map that the address asks for."""
    year = portal.clock.now().year
    measure = request.args.get("measure", "")
    chosen = choropleth.choose(view.filters, measure, view.source, portal.engine, year=year)
    return choropleth.fill(chosen, view.source, portal.engine, draw_ground(chosen.level.chosen))


def tell_figures(datasets: Mapping[str, Dataset], year: int) -> dict[str, Any]:
    """Return the key figures of the last full year, and the first of them on a small map of the régions."""
    told = figures.read_figures(datasets, open_source, portal.engine, year=year)
    savings = datasets.get(figures.SAVINGS)
    if savings is None or not choropleth.has_territories((source := open_source(savings)).schema):
        return {"figures": told, "chart": None}
    regions = Filters(refined=((choropleth.LEVEL, "region"),))
    chosen = choropleth.choose(regions, "", source, portal.engine, year=year)
    chart = choropleth.fill(chosen, source, portal.engine, draw_ground("region", step=2))
    return {"figures": told, "chart": chart if chart.drawn and chart.count_state("shown") else None}


def draw_ground(level: str, *, step: float = 0.5) -> Mapping[str, Contour]:
    """Return the contours of a level, by code; none when the reference is not published."""
    with portal.databases.session("catalogue") as session:
        reference = find_dataset(session, REFERENCE_ID)
    if reference is None:
        return {}
    source = open_source(reference)
    return memory.get((source.version_id, level, step), lambda: draw_level(level, source, portal.engine, step=step))
