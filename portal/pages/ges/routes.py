"""The addresses of the page of greenhouse gas."""

from typing import Any

from flask import Blueprint, Response, jsonify, render_template, request

from datasets.programming.factors import (
    DETOUR_UNCERTAINTY,
    DETOURS,
    FACTORS,
    FACTORS_VERSION,
    METHOD_VERSION,
    MODES,
    PLANE,
    read_factor_rows,
)
from portal.extensions import note_use, portal
from portal.i18n import explicit_language, language
from portal.pages.figures import SAVINGS
from portal.pages.front import draw_small_map
from portal.pages.ges import story, trips
from portal.pages.ges.places import suggest_places
from portal.pages.opening import answers, drawings, find_source
from portal.pages.routes import SPEECH as MAP_SPEECH

bp = Blueprint("ges", __name__)
PATH = "/pages/ges/"
SPEECH: dict[str, Any] = {
    "about": story.about,
    "car_kilometres": story.car_kilometres,
    "distance_name": trips.distance_name,
    "factors": FACTORS,
    "modes": MODES,
    "pairs": trips.PAIRS,
    "plane": PLANE,
    "read_factor_rows": read_factor_rows,
    "round_figures": story.round_figures,
    "say_change": story.say_change,
    "detours": DETOURS,
    "detour_uncertainty": DETOUR_UNCERTAINTY,
    "most_stops": trips.MOST_STOPS,
    "transport_lines": trips.LINES,
    "versions": (METHOD_VERSION, FACTORS_VERSION),
}
"""What the templates call to say things."""


@bp.get(PATH)
def page() -> str:
    """Tell what was saved, against what, how it is computed, and compute the visitor's own example."""
    territory = story.read_territory(request.args.get("territory", ""))
    year, source = portal.clock.now().year, find_source(SAVINGS)
    told, tongue = story.Story((), {}, ()), (language(), explicit_language())
    version = source.version_id if source else ""
    if source is not None:
        note_use(SAVINGS, "page")
        key = ("ges", version, territory, year)
        told = answers.get(key, lambda: story.read_story(territory, source, portal.engine, year=year))
    shown = {"story": told, "territory": territory}
    saved = answers.get(("ges saved", version, territory, year, tongue), lambda: render_saved(shown, version, year))
    factors = drawings.get(("ges factors", tongue), lambda: render_template("pages/ges_factors.html", **SPEECH))
    pieces = {"saved": saved, "factor_section": factors}
    return render_template("pages/ges.html", **shown, **pieces, **read_example(), **SPEECH)


def render_saved(shown: dict[str, Any], version: str, year: int) -> str:
    """Return the figures of a territory and the map of the régions, as they are kept."""
    chart = drawings.get(("ges", version, year), lambda: draw_small_map(year))
    return render_template("pages/ges_saved.html", **shown, chart=chart, **MAP_SPEECH, **SPEECH)


@bp.get(f"{PATH}example")
def example() -> str:
    """Compute the example alone: what the page's script asks for as one types."""
    return render_template("pages/ges_steps.html", **read_example(), **SPEECH)


@bp.get(f"{PATH}places")
def places() -> Response:
    """Answer the names of communes that begin as `q`, as a JSON list."""
    return jsonify(suggest_places(request.args.get("q", "")))


def read_example() -> dict[str, Any]:
    """Return the form of the example and, when nothing in it is wrong, its computation."""
    form = trips.read_trip(request.args)
    if form.trip is None:
        return {"form": form, "reckoning": None}
    from portal.pages.ges.reckoning import reckon  # the tools of tables, which other pages do not need

    trip = form.trip
    return {"form": form, "reckoning": answers.get(("trip", trip), lambda: reckon(trip))}
