"""The addresses of charts: the page where one is made, its drawings, previews and social cards."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from flask import Blueprint, Flask, Response, abort, render_template, request

from datasets.catalogue.catalogue import CATALOGUE_ID, find_dataset, get_dataset
from datasets.model import Version
from exports.compressed import compress
from portal.extensions import portal
from portal.i18n import explicit_language, language, number, said
from portal.pages.charts import words
from portal.pages.charts.builder import list_choices
from portal.pages.charts.cards import write_card
from portal.pages.charts.drawing import Drawer
from portal.pages.charts.embedding import write_chart_codes
from portal.pages.charts.figures import parameters_of
from portal.pages.charts.plan import SIZES, Drawing
from portal.pages.charts.previews import WAITING, init_previews, previews
from portal.pages.charts.theme import DAY_AND_NIGHT, THEMES
from portal.pages.charts.viewing import (
    DRAWER,
    Sight,
    ask,
    describe,
    draw_svg,
    find_sight,
    open_sight,
    paint,
    read_look,
    revision,
    state_of,
)
from portal.pages.examples import Addresses
from portal.pages.figures import read_figures
from portal.pages.opening import find_source, open_view
from portal.pages.routes import SPEECH as DATASETS
from portal.respond import choose_coding, conditional

bp = Blueprint("charts", __name__)
KEPT = "public, max-age=31536000, immutable"
AN_HOUR = "public, max-age=3600"
SPEECH: dict[str, Any] = {
    **DATASETS,
    "describe_chart": words.describe,
    "label_field": words.label_field,
    "label_place": words.label_place,
    "name_measure": words.name_measure,
    "name_unit": words.name_unit,
    "say_interval": words.say_interval,
    "write_amount": words.write_amount,
    "write_title": words.write_title,
}
"""What the templates of charts call to say things, those of datasets included."""


def init_app(app: Flask) -> None:
    """Serve charts from `app`; nothing that draws is started before somebody asks."""
    app.extensions[DRAWER] = Drawer(app.extensions["portal"].settings.instance)
    init_previews(app)
    app.register_blueprint(bp)


@bp.get("/explore/dataset/<dataset_id>/chart/")
def show_chart(dataset_id: str) -> str:
    """Show the chart that the address asks for, the form that makes another, and the same in words and in a table."""
    view = open_view(dataset_id)
    sight = find_sight(view.dataset, view.source, view.filters)
    if sight is None:
        return render_template("pages/charts/nothing.html", tab="chart", view=view, **SPEECH)
    return render_template(
        "pages/charts/chart.html",
        tab="chart",
        view=view,
        sight=sight,
        chart=sight.chart,
        figures=sight.figures,
        choices=list_choices(sight.chart),
        picture=picture_of(sight),
        addresses=figures_of(sight),
        codes=write_chart_codes(sight),
        **SPEECH,
    )


def picture_of(sight: Sight) -> dict[str, object]:
    """Return the addresses of the drawings of a chart by (size, theme), and their sizes."""
    sized = {name: Drawing(sight.chart, sight.figures, SIZES[name], THEMES["light"]) for name in ("wide", "narrow")}
    return {
        "sources": {
            (size, theme): address_of(sight, "chart.svg", ("size", size), ("theme", theme))
            for size in sized
            for theme in DAY_AND_NIGHT
        },
        "sizes": {name: (each.size.width, each.height) for name, each in sized.items()},
        "vega": address_of(sight, "chart.json"),
        "svg": address_of(sight, "chart.svg", ("titled", "1")),
        "png": address_of(sight, "chart.png", ("titled", "1")),
    }


def address_of(sight: Sight, name: str, *more: tuple[str, str]) -> str:
    """Return the address of a drawing that never changes: it names the version and the language."""
    kept = Sight(sight.dataset, sight.source, replace(sight.filters, lang=language()), sight.chart, sight.figures)
    return kept.address(name, *more, ("v", state_of(sight.source.version_id)))


def figures_of(sight: Sight) -> dict[str, str]:
    """Return the addresses where the API gives the figures of a chart, by format."""
    pairs = tuple(parameters_of(sight.chart, sight.filters))
    addresses = Addresses(str(portal.settings.base_url), sight.dataset.dataset_id, pairs)
    return {name: addresses.of(f"exports/{name}") for name in ("csv", "json")}


@bp.get("/explore/dataset/<dataset_id>/chart.<kind>")
def draw_chart(dataset_id: str, kind: str) -> Response:
    """Answer the chart that the address asks for as SVG, as PNG, or as what Vega runs in a browser (JSON)."""
    if kind not in MADE:
        abort(404)
    dataset, sight = open_sight(dataset_id)
    if sight is None or dataset.version is None:
        abort(404)
    media_type, make = MADE[kind]
    drawn = sight
    return answer(dataset.version, media_type, lambda: make(drawn), KEPT)


def _make_svg(sight: Sight) -> bytes:
    size, theme, titled = read_look()
    return draw_svg(sight, size=size, theme=theme, titled=titled)


def _make_vega(sight: Sight) -> bytes:
    size, theme, _ = read_look()
    return ask("vega", describe(sight, size=size, theme=theme))


MADE: dict[str, tuple[str, Callable[[Sight], bytes]]] = {
    "svg": ("image/svg+xml", _make_svg),
    "png": ("image/png", lambda sight: paint(_make_svg(sight))),
    "json": ("application/json", _make_vega),
}


@bp.get("/explore/dataset/<dataset_id>/preview.svg")
def draw_preview(dataset_id: str) -> Response:
    """Answer the chart of a dataset in small, without words: what stands beside it says them.

    One that is not made yet is not waited for: a quiet picture is answered, which nobody keeps.
    """
    with portal.databases.session("catalogue") as session:
        version = get_dataset(session, dataset_id).version
    if version is None:
        abort(404)
    drawn = previews.find(version)
    if drawn is None:
        return Response(WAITING, content_type="image/svg+xml", headers={"Cache-Control": "no-store"})
    return answer(version, "image/svg+xml", lambda: drawn, AN_HOUR)


@bp.get("/explore/dataset/<dataset_id>/card.png")
def draw_card(dataset_id: str) -> Response:
    """Answer the social card of a dataset: its title over its chart."""
    dataset, sight = open_sight(dataset_id)
    if dataset.version is None:
        abort(404)
    title = said(dataset.metadata.get("title")) or dataset.dataset_id

    def make() -> bytes:
        chart = draw_svg(sight, size="card").decode() if sight and sight.figures.shown else ""
        subtitle = words.write_title(sight.chart) if sight else ""
        return paint(write_card(portal.settings.site_name, title, subtitle, chart).encode(), 1.0)

    return answer(dataset.version, "image/png", make, AN_HOUR)


@bp.get("/card.png")
def draw_site() -> Response:
    """Answer the social card of the site: what it is about, with the key figures of the last full year."""
    with portal.databases.session("catalogue") as session:
        catalogue = find_dataset(session, CATALOGUE_ID)
    if catalogue is None or catalogue.version is None:
        abort(404)

    def make() -> bytes:
        told = read_figures(find_source, portal.engine, year=portal.clock.now().year)
        figures = [(f"{number(each.value, 0)} {each.unit}".strip(), str(each.label)) for each in told]
        subtitle = words.say_country(told[0].period) if told else ""
        title = str(words.SITE_TITLE)
        return paint(write_card(portal.settings.site_name, title, subtitle, figures=figures).encode(), 1.0)

    return answer(catalogue.version, "image/png", make, AN_HOUR)


def answer(version: Version, media_type: str, make: Callable[[], bytes], kept: str) -> Response:
    """Answer what was drawn of a version, and how long it may be `kept`.

    For ever only where the address names the version and the language; else it is asked again, and costs no drawing.
    """
    coding = "" if media_type == "image/png" else choose_coding()

    def build() -> Response:
        body = b"".join(compress([make()], coding)) if coding else make()
        response = Response(body, content_type=media_type)
        if coding:
            response.content_encoding = coding
        return response

    variant = f"{language()}-{portal.clock.now().year}-{revision()}-{coding}"
    response = conditional(version, build, variant=variant)
    if kept == AN_HOUR or (request.args.get("v") == state_of(version.version_id) and explicit_language()):
        response.headers["Cache-Control"] = kept
    response.vary.update(("Accept-Encoding", *(() if explicit_language() else ("Accept-Language",))))
    return response
