"""The contours of territories, projected from the published reference."""

import json
from collections.abc import Mapping
from dataclasses import dataclass

from datasets.odsql.quoting import quote
from datasets.query import Query, Source, run_query
from datasets.store.engine import Engine
from portal.pages.maps.projection import Frame, draw_path, find_frame

REFERENCE_ID = "referentiel-territoires"
"""The dataset that holds the contours: niveau_geo, code_geo, nom_geo and a geo_shape."""


@dataclass(frozen=True)
class Contour:
    """A territory on the drawing: its name, its frame and its SVG path."""

    name: str
    frame: Frame
    path: str


def draw_level(level: str, source: Source, engine: Engine, *, step: float = 0.5) -> Mapping[str, Contour]:
    """Return the contours of `level` by code, projected; those outside every frame of the map are left out.

    Points nearer than `step` units of the drawing are merged. Empty when the reference holds no contour.
    """
    shape = next((field.name for field in source.schema if field.type == "geo_shape"), None)
    if shape is None:
        return {}
    query = Query(
        select=f"code_geo, nom_geo, {quote(shape, '`')} as contour",
        where=(f"niveau_geo = {quote(level)} and {quote(shape, '`')} is not null",),
        limit=None,
    )
    drawn: dict[str, Contour] = {}
    for row in run_query(query, source, engine).rows.read_all().to_pylist():
        geometry = json.loads(row["contour"])
        frame = find_frame(geometry)
        if frame is not None:
            drawn[row["code_geo"]] = Contour(row["nom_geo"], frame, draw_path(geometry, frame, step=step))
    return drawn
