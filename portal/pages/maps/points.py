"""The map of a dataset of places: its points over the outline of the country."""

import json
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from datasets.model import Field, Schema
from datasets.odsql.quoting import quote
from datasets.query import Source, run_query
from datasets.store.engine import Engine
from portal.pages.filters import Filters
from portal.pages.maps.projection import FRAMES, find_box, find_frame, find_middle

MOST_POINTS = 3_000
MOST_NAMED = 500
"""Places that are each drawn with their name: more of them are dots."""

TOGETHER = 100
"""Dots of one path: those of another show through, so that crowds look dense."""

TITLES = ("nom", "titre", "name", "title", "libelle")


@dataclass(frozen=True)
class Spot:
    """A place on the drawing."""

    x: float
    y: float
    label: str


@dataclass(frozen=True)
class PointMap:
    """The places that fall in a frame of the map: `spots` when they are few, else `dots`, the paths of an SVG.

    `drawn` counts them, `placed` the records that have a place, `total` all of them.
    """

    spots: tuple[Spot, ...]
    dots: tuple[str, ...]
    drawn: int
    placed: int
    total: int

    @property
    def cut(self) -> bool:
        """Whether some places are not drawn: too many, or outside the frames."""
        return self.drawn < self.total

    @property
    def radius(self) -> float:
        """The radius of a dot, smaller when there are many."""
        return spread(self.drawn)


def find_point(schema: Schema) -> Field | None:
    """Return the field that places records on a map: a point, else a shape; None when there is neither."""
    kinds = ("geo_point_2d", "geo_shape")
    return next((field for kind in kinds for field in schema if field.type == kind and not field.multivalued), None)


def place_points(filters: Filters, source: Source, engine: Engine, field: Field) -> PointMap:
    """Return at most MOST_POINTS places of the records that `filters` asks for."""
    place, label = quote(field.name, "`"), find_label(source.schema)
    select = place + (f", {quote(label.name, '`')}" if label else "")
    rows = run_query(filters.query(select=select, where=(f"{place} is not null",), limit=MOST_POINTS), source, engine)
    columns = rows.rows.read_all().columns
    drawn = project(read_places(columns[0], field))
    counts = filters.query(select=f"count(*), count({place})", limit=None)
    total, placed = (column[0].as_py() for column in run_query(counts, source, engine).rows.read_all().columns)
    if len(drawn) > MOST_NAMED:
        return PointMap((), write_dots(drawn), len(drawn), placed, total)
    names = columns[1].to_pylist() if label else {}
    spots = (Spot(x, y, str((names[rank] if label else "") or "")) for rank, x, y in drawn)
    return PointMap(tuple(spots), (), len(drawn), placed, total)


def read_places(column: pa.ChunkedArray, field: Field) -> np.ndarray:
    """Return where records are, a longitude and a latitude each: their points, or the middles of their shapes."""
    if field.type == "geo_point_2d":
        table = pa.Table.from_struct_array(column)
        return np.column_stack([table[name].to_numpy() for name in ("lon", "lat")])
    boxes = (find_box(json.loads(shape)) for shape in column.to_pylist())
    middles = [find_middle(box) if box else (np.nan, np.nan) for box in boxes]
    return np.array(middles, float).reshape(-1, 2)


def project(places: np.ndarray) -> list[tuple[int, float, float]]:
    """Return (rank, x, y) of the places that fall in a frame of the map, in tenths of a unit."""
    lon, lat = places.T
    drawn = np.full(places.shape, np.nan)
    for frame in reversed(FRAMES):  # the first that holds a place has the last word
        held = (frame.west <= lon) & (lon <= frame.east) & (frame.south <= lat) & (lat <= frame.north)
        drawn[held] = np.column_stack(frame.project(lon[held], lat[held]))
    ranks = np.flatnonzero(~np.isnan(drawn[:, 0]))
    return [(int(rank), x, y) for rank, (x, y) in zip(ranks, drawn[ranks].round(1).tolist(), strict=True)]


def write_dots(drawn: Sequence[tuple[int, float, float]]) -> tuple[str, ...]:
    """Return places as paths without length, which round ends make dots."""
    dots = [f"M{x:g} {y:g}h0" for _rank, x, y in drawn]
    return tuple("".join(dots[first : first + TOGETHER]) for first in range(0, len(dots), TOGETHER))


def find_label(schema: Schema) -> Field | None:
    """Return the field that names a record: one that is called a name or a title, else the first text."""
    texts = [field for field in schema if field.type == "text" and not field.multivalued]
    return next((field for word in TITLES for field in texts if word in field.name), texts[0] if texts else None)


def place_spot(lon: float, lat: float, label: object) -> Spot | None:
    """Return a place on the drawing, None when it falls outside every frame of the map."""
    frame = find_frame(lon, lat)
    if frame is None:
        return None
    x, y = frame.project(lon, lat)
    return Spot(round(x, 1), round(y, 1), str(label or ""))


def spread(count: int) -> float:
    """Return the radius of so many dots."""
    return 5.0 if count < 200 else 3.5 if count < 1_000 else 2.5
