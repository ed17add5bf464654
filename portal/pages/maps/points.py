"""The map of a dataset of places: its points over the outline of the country."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from datasets.model import Field, Schema
from datasets.odsql.quoting import quote
from datasets.query import Source, count_query, run_query
from datasets.store.engine import Engine
from portal.pages.filters import Filters
from portal.pages.maps.projection import Point, find_box, find_frame, find_middle

MOST_POINTS = 3_000
TITLES = ("nom", "titre", "name", "title", "libelle")


@dataclass(frozen=True)
class Spot:
    """A place on the drawing."""

    x: float
    y: float
    label: str


@dataclass(frozen=True)
class PointMap:
    """The places that fall in a frame of the map; `placed` counts the records that have one, `total` all of them."""

    spots: tuple[Spot, ...]
    placed: int
    total: int

    @property
    def cut(self) -> bool:
        """Whether some places are not drawn: too many, or outside the frames."""
        return len(self.spots) < self.total


def find_point(schema: Schema) -> Field | None:
    """Return the field that places records on a map: a point, else a shape; None when there is neither."""
    kinds = ("geo_point_2d", "geo_shape")
    return next((field for kind in kinds for field in schema if field.type == kind and not field.multivalued), None)


def place_points(filters: Filters, source: Source, engine: Engine, field: Field) -> PointMap:
    """Return at most MOST_POINTS places of the records that `filters` asks for."""
    label = find_label(source.schema)
    select = f"{quote(field.name, '`')} as place" + (f", {quote(label.name, '`')} as label" if label else "")
    there = f"{quote(field.name, '`')} is not null"
    rows = run_query(filters.query(select=select, where=(there,), limit=MOST_POINTS), source, engine).rows
    records = rows.read_all().to_pylist()
    middles = ((read_place(row["place"]), row.get("label")) for row in records)
    spots = (place_spot(*middle, label) for middle, label in middles if middle)
    placed = count_query(filters.query(where=(there,)), source, engine)
    return PointMap(tuple(spot for spot in spots if spot), placed, count_query(filters.query(), source, engine))


def read_place(place: Any) -> Point | None:
    """Return where a record is: its point, or the middle of its shape (GeoJSON text)."""
    if isinstance(place, str):
        box = find_box(json.loads(place))
        return find_middle(box) if box else None
    return place["lon"], place["lat"]


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


def spread(spots: Sequence[Spot]) -> float:
    """Return the radius of a dot, smaller when there are many."""
    return 5.0 if len(spots) < 200 else 3.5 if len(spots) < 1_000 else 2.5
