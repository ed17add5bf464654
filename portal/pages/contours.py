"""The contours of territories, drawn once per version of the reference and kept."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from threading import Lock

from datasets.odsql.quoting import quote
from datasets.query import Query, Source, run_query
from datasets.store.engine import Engine
from portal.pages.projection import Frame, draw_path, find_frame

REFERENCE_ID = "referentiel-territoires"
"""The dataset that holds the contours: niveau_geo, code_geo, nom_geo and a geo_shape."""
KEPT = 12


@dataclass(frozen=True)
class Contour:
    """A territory on the drawing: its name, its frame and its SVG path."""

    name: str
    frame: Frame
    path: str


class Contours:
    """The contours of each level, read and projected at first use; a version never changes, so neither do they."""

    def __init__(self) -> None:
        self._drawn: dict[tuple[str, str], Mapping[str, Contour]] = {}
        self._lock = Lock()

    def of_level(self, level: str, source: Source, engine: Engine) -> Mapping[str, Contour]:
        """Return the contours of `level` by code; empty when the reference holds none."""
        key = (source.version_id, level)
        with self._lock:
            if key not in self._drawn:
                while len(self._drawn) >= KEPT:
                    self._drawn.pop(next(iter(self._drawn)))
                self._drawn[key] = draw_level(level, source, engine)
            return self._drawn[key]


def draw_level(level: str, source: Source, engine: Engine) -> Mapping[str, Contour]:
    """Read and project the contours of `level`; territories outside every frame of the map are left out."""
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
            drawn[row["code_geo"]] = Contour(row["nom_geo"], frame, draw_path(geometry, frame))
    return drawn
