"""The addresses of maps: the drawing as a file, the tiles of a version, the operator's background."""

from collections.abc import Callable

from flask import Blueprint, Response, abort

from datasets.catalogue.catalogue import get_dataset
from datasets.tiles import check_tile
from portal.extensions import client_key, portal
from portal.i18n import language
from portal.pages.charts.routes import KEPT, answer
from portal.pages.charts.theme import THEMES
from portal.pages.charts.viewing import paint, read_look
from portal.pages.facets import label_fields
from portal.pages.maps import tiles
from portal.pages.maps.background import MOST_ZOOM, get_image
from portal.pages.maps.drawing import write_svg
from portal.pages.maps.showing import show_map
from portal.pages.opening import View, known_filters, open_source

bp = Blueprint("maps", __name__)
A_WEEK = "public, max-age=604800"
bp.add_url_rule("/explore/dataset/<dataset_id>/tiles/<version_id>/<int:z>/<int:x>/<int:y>.mvt", view_func=tiles.tile)


def draw_svg(view: View) -> bytes:
    """Return the map that the address asks for, as SVG."""
    labels = label_fields(view.source.schema, language())
    return write_svg(view.dataset, show_map(view), THEMES[read_look()[1]], labels=labels).encode()


MADE: dict[str, tuple[str, Callable[[View], bytes]]] = {
    "svg": ("image/svg+xml", draw_svg),
    "png": ("image/png", lambda view: paint(draw_svg(view))),
}
"""The forms of the drawing: media type, maker."""


@bp.get("/explore/dataset/<dataset_id>/map.<kind>")
def draw_map(dataset_id: str, kind: str) -> Response:
    """Answer the map that the address asks for as a file, with its legend and its source."""
    with portal.databases.session("catalogue") as session:
        found = get_dataset(session, dataset_id)
    source = open_source(found)
    view = View(found, source, *known_filters(source))
    if kind not in MADE or view.dataset.version is None or not view.mappable:
        abort(404)
    media_type, make = MADE[kind]
    return answer(view.dataset.version, media_type, lambda: make(view), KEPT)


@bp.get("/pages/map/<int:z>/<int:x>/<int:y>")
def background(z: int, x: int, y: int) -> Response:
    """Answer an image of the background that the operator chose; 404 when there is none. Raises FetchRefused, Busy."""
    template = portal.settings.tiles_url
    if not template:
        abort(404)
    content, media_type = get_image(template, check_tile(z, x, y, MOST_ZOOM), client_key())
    response = Response(content, content_type=media_type)
    response.headers["Cache-Control"] = A_WEEK
    return response
