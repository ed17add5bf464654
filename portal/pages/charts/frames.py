"""The pages that stand in the frames of other sites: one chart, map or table, and the line that says its source."""

from typing import Any

from flask import Blueprint, Response, abort, make_response, render_template

from portal.extensions import portal
from portal.i18n import language
from portal.pages import grid
from portal.pages.charts.routes import SPEECH, picture_of
from portal.pages.charts.viewing import cite, find_sight
from portal.pages.maps import showing
from portal.pages.opening import View, answers, open_view
from portal.respond import SECURITY_HEADERS

bp = Blueprint("embed", __name__)
POLICY = "Content-Security-Policy"
NOBODY, ANYBODY = "frame-ancestors 'none'", "frame-ancestors *"


@bp.get("/embed/<dataset_id>/<any(chart, map, table):kind>/")
def show_frame(dataset_id: str, kind: str) -> Response:
    """Show a chart, a map or a table alone, for any site to hold in a frame; links lead out of it."""
    view = open_view(dataset_id)
    shown = SHOWN[kind](view)
    page = render_template(
        "pages/charts/embed.html", kind=kind, view=view, source_line=cite(view.dataset), **SPEECH, **shown
    )
    response = make_response(page)
    response.headers[POLICY] = SECURITY_HEADERS[POLICY].replace(NOBODY, ANYBODY)
    return response


def _show_chart(view: View) -> dict[str, Any]:
    sight = find_sight(view.dataset, view.source, view.filters)
    if sight is None:
        abort(404)
    return {"sight": sight, "chart": sight.chart, "figures": sight.figures, "picture": picture_of(sight)}


def _show_table(view: View) -> dict[str, Any]:
    lang = language()
    rows = answers.get(
        ("table", lang, *view.key),
        lambda: grid.build_grid(view.filters, view.source, portal.engine, path=view.path("table"), lang=lang),
    )
    return {"grid": rows}


SHOWN = {"chart": _show_chart, "map": showing.show_map, "table": _show_table}
"""What each kind of frame shows."""
