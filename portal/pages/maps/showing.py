"""What the map page of a dataset shows: the drawing of the server, and what the script needs to make it live."""

from typing import Any

from flask import abort, request
from flask_babel import gettext as _

from datasets.catalogue.catalogue import find_dataset
from datasets.model import Field
from datasets.tiles import COUNT, FINE_ZOOM, find_place
from portal.assets import address_of as asset
from portal.extensions import portal
from portal.i18n import language, unit
from portal.pages.facets import label_fields
from portal.pages.filters import Filters
from portal.pages.maps import choropleth, points
from portal.pages.maps.contours import REFERENCE_ID
from portal.pages.maps.projection import FRAMES, METROPOLE, Box
from portal.pages.maps.tiles import choose_told, narrow
from portal.pages.opening import View, answers, drawings, find_ground, find_source

GROUND = "departement"
"""The level whose contours are under places."""
CONTOURS_ZOOM = 10
"""Contours are drawn once for all the zooms from this one on: they hold no finer detail."""


def show_map(view: View) -> dict[str, Any]:
    """Return what the page shows of a dataset: a map by territory, or of places. 404 when it has neither."""
    schema = view.source.schema
    if choropleth.has_territories(schema):
        chart = draw_choropleth(view)
        return {"chart": chart, "live": tell_areas(chart) if chart.drawn else None, **tell_files(view)}
    point = points.find_point(schema)
    if point is None:
        abort(404)
    places = answers.get(
        ("places", *view.key), lambda: points.place_points(view.filters, view.source, portal.engine, point)
    )
    live = tell_places(view) if find_place(schema) else None
    return {"places": places, "ground": find_ground(GROUND), "live": live, **tell_files(view)}


def draw_choropleth(view: View) -> choropleth.Choropleth:
    """Return the map that the address asks for."""
    year, measure, source = portal.clock.now().year, request.args.get("measure", ""), view.source
    choices = drawings.get(
        ("choices", source.path, source.version_id), lambda: choropleth.list_choices(source, portal.engine)
    )

    def draw() -> choropleth.Choropleth:
        chosen = choropleth.choose(view.filters, measure, source.schema, choices, year=year)
        return choropleth.fill(chosen, view.filters, source, portal.engine, find_ground(chosen.level.chosen))

    return answers.get(("map", measure, year, *view.key), draw)


def tell_files(view: View) -> dict[str, Any]:
    """Return the addresses of the drawing as files, with the state of the page, and whose contours it shows."""
    query = request.query_string.decode()
    files = {kind: f"/explore/dataset/{view.id}/map.{kind}" + (f"?{query}" if query else "") for kind in ("svg", "png")}
    return {"files": files, "credit": find_credit()}


def find_credit() -> str:
    """Return whose work the contours are; "" when none are published."""
    with portal.databases.session("catalogue") as session:
        reference = find_dataset(session, REFERENCE_ID)
    return ", ".join(reference.metadata.get("attributions") or ()) if reference else ""


def tell_areas(chart: choropleth.Choropleth) -> dict[str, Any]:
    """Return what the script needs to draw territories: their contours; their figures are in the page's table."""
    return {
        **tell_frame(chart.level.chosen, METROPOLE.box),
        "kind": "areas",
        "frames": [{"on": frame.rectangle, "of": frame.reach} for frame in FRAMES],
        "words": {
            **tell_words(),
            "nothing": _("No territory here."),
        },
    }


def tell_places(view: View) -> dict[str, Any]:
    """Return what the script needs to draw places: their tiles, and how to say what each of them tells."""
    schema, version = view.source.schema, view.dataset.version
    told, labels = choose_told(schema), label_fields(schema, language())
    return {
        **tell_frame(GROUND, frame_places(version.box if version else None)),
        "kind": "places",
        "places": address_tiles(view.id, view.source.version_id, view.filters),
        "shaped": any(field.type == "geo_shape" for field in schema),
        "zoom": FINE_ZOOM,
        "count": COUNT,
        "label": getattr(points.find_label(schema), "name", None),
        "fields": [_tell_field(field, labels) for field in told],
        "words": {
            **tell_words(),
            "nothing": _("No place here."),
            "colon": _(": "),
            "many": _("%(count)s places: come nearer to tell them apart.", count="{count}"),
        },
    }


def _tell_field(field: Field, labels: dict[str, str]) -> dict[str, Any]:
    measured = unit(field.annotations.get("unit"))
    return {"name": field.name, "label": labels[field.name], "unit": measured, "year": field.name in ("annee", "year")}


def tell_frame(level: str, home: Box) -> dict[str, Any]:
    """Return what any live map needs: the library, the contours of a level, where to begin."""
    reference = find_source(REFERENCE_ID)
    of_level = Filters(refined=((choropleth.LEVEL, level),))
    return {
        "library": asset("maplibre-gl.mjs"),
        "worker": asset("maplibre-gl-worker.mjs"),
        "look": asset("map-style.js"),
        "picture": asset("map-picture.js"),
        "ground": address_tiles(REFERENCE_ID, reference.version_id, of_level) if reference else None,
        "groundZoom": CONTOURS_ZOOM,
        "background": f"{request.script_root}/pages/map/{{z}}/{{x}}/{{y}}" if portal.settings.tiles_url else None,
        "code": choropleth.CODE,
        "home": home,
    }


def address_tiles(dataset_id: str, version_id: str, filters: Filters) -> str:
    """Return the address of the tiles of a version, with braces for the numbers of a tile."""
    folder = f"{request.script_root}/explore/dataset/{dataset_id}/tiles/{version_id}"
    return narrow(filters).address(f"{folder}/{{z}}/{{x}}/{{y}}.mvt")


def frame_places(box: Box | None) -> Box:
    """Return what a map of places shows first: metropolitan France, or what they fill of it, or where they are."""
    if box is None:
        return METROPOLE.box
    west, south, east, north = box
    low, high = METROPOLE.box[:2], METROPOLE.box[2:]
    if west >= high[0] or east <= low[0] or south >= high[1] or north <= low[1]:
        return box
    return max(west, low[0]), max(south, low[1]), min(east, high[0]), min(north, high[1])


def tell_words() -> dict[str, str]:
    """Return what the script says on any map."""
    return {
        "title": _("Map: arrows move it, plus and minus zoom, Enter reads what is in the middle."),
        "show": _("Show %(name)s on the map", name="{name}"),
        "wheel": _("Hold Ctrl and scroll to zoom the map"),
        "wheelMac": _("Hold ⌘ and scroll to zoom the map"),
        "touch": _("Use two fingers to move the map"),
    }


def list_frames() -> list[tuple[str, str]]:
    """Return (name, box) of each part of France that a reader may go to; the box as four numbers."""
    return [(frame.name, ",".join(f"{edge:g}" for edge in frame.box)) for frame in FRAMES]
