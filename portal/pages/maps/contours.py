"""The contours of territories, projected from the published reference."""

import json
from collections.abc import Mapping
from dataclasses import dataclass

from datasets.odsql.quoting import quote
from datasets.query import Query, Source, run_query
from datasets.store.engine import Engine
from portal.pages.maps.projection import Frame, draw_path, find_box, find_frame, find_middle

REFERENCE_ID = "referentiel-territoires"
"""The dataset that holds the contours: niveau_geo, code_geo, nom_geo and a geo_shape."""

MANY = 400
"""Contours beyond which each is small on the drawing: with less detail, and without its name."""


@dataclass(frozen=True)
class Contour:
    """A territory on the drawing: its name, its frame and its SVG path."""

    name: str
    frame: Frame
    path: str


def draw_level(level: str, source: Source, engine: Engine, *, step: float = 0.5) -> Mapping[str, Contour]:
    """Return the contours of `level` by code, projected; those outside every frame of the map are left out.

    They are drawn on a grid of `step` units, of twice that where there are many contours. Empty when the reference
    holds no contour.
    """
    shape = next((field.name for field in source.schema if field.type == "geo_shape"), None)
    if shape is None:
        return {}
    query = Query(
        select=f"code_geo, nom_geo, {quote(shape, '`')} as contour",
        where=(f"niveau_geo = {quote(level)} and {quote(shape, '`')} is not null",),
        limit=None,
    )
    rows = run_query(query, source, engine).rows.read_all().to_pylist()
    step = step if len(rows) <= MANY else 2 * step
    drawn: dict[str, Contour] = {}
    for row in rows:
        geometry = json.loads(row["contour"])
        box = find_box(geometry)
        frame = find_frame(*find_middle(box)) if box else None
        if box and frame:
            drawn[row["code_geo"]] = Contour(row["nom_geo"], frame, draw_path(geometry, frame, step=step))
    return drawn
