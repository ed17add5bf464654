"""The charts and maps that the style guide shows: those of the savings, once they are published."""

from typing import Any

import numpy as np

from datasets.catalogue.catalogue import find_dataset
from portal.extensions import portal
from portal.i18n import language
from portal.pages.charts.builder import list_choices
from portal.pages.charts.routes import SPEECH, picture_of
from portal.pages.charts.viewing import Sight, find_sight
from portal.pages.figures import SAVINGS
from portal.pages.filters import Filters
from portal.pages.front import draw_small_map
from portal.pages.maps.points import PointMap, Spot, project
from portal.pages.maps.showing import GROUND, find_credit
from portal.pages.opening import View, drawings, find_ground, open_source

TOWNS = {"Auch": (0.5855, 43.6465), "Condom": (0.3722, 43.9578), "L’Isle-Jourdain": (1.0815, 43.6136)}
"""Three towns of the Gers, with their longitudes and latitudes."""


def find_specimens() -> dict[str, Any]:
    """Return what the guide draws charts and maps with; nothing before the savings are published."""
    with portal.databases.session("catalogue") as session:
        dataset = find_dataset(session, SAVINGS)
    if dataset is None or dataset.version is None:
        return {}
    view = View(dataset, open_source(dataset), Filters(lang=language()), ())
    sight = find_sight(dataset, view.source, view.filters)
    return {**SPEECH, **(_tell_chart(sight) if sight else {}), **_tell_maps(view)}


def _tell_chart(sight: Sight) -> dict[str, Any]:
    return {
        "sight": sight,
        "picture": picture_of(sight),
        "choices": list_choices(sight.chart),
    }


def _tell_maps(view: View) -> dict[str, Any]:
    year = portal.clock.now().year
    areas = drawings.get(("specimen", view.source.version_id, year), lambda: draw_small_map(year))
    spots = tuple(Spot(x, y, tuple(TOWNS)[rank]) for rank, x, y in project(np.array(list(TOWNS.values()))))
    return {
        "view": view,
        "areas": areas,
        "places": PointMap(spots, (), len(spots), len(spots), len(spots)),
        "ground": find_ground(GROUND),
        "files": {kind: f"{view.path('map')[:-1]}.{kind}" for kind in ("svg", "png")},
        "credit": find_credit(),
    }
