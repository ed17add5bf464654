"""The map of a dataset of places: its points over the outline of the country."""

from collections.abc import Sequence
from dataclasses import dataclass

from datasets.model import Field, Schema
from datasets.odsql.quoting import quote
from datasets.query import Source, count_query, run_query
from datasets.store.engine import Engine
from portal.pages.filters import Filters
from portal.pages.maps.projection import FRAMES

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
    """The places that fall in a frame of the map; `total` counts the records asked for."""

    spots: tuple[Spot, ...]
    total: int

    @property
    def cut(self) -> bool:
        """Whether some places are not drawn: too many, or outside the frames."""
        return len(self.spots) < self.total


def find_point(schema: Schema) -> Field | None:
    """Return the field that places records on a map, or None."""
    return next((field for field in schema if field.type == "geo_point_2d"), None)


def place_points(filters: Filters, source: Source, engine: Engine, field: Field) -> PointMap:
    """Return at most MOST_POINTS places of the records that `filters` asks for."""
    label = find_label(source.schema)
    select = f"{quote(field.name, '`')} as place" + (f", {quote(label.name, '`')} as label" if label else "")
    there = f"{quote(field.name, '`')} is not null"
    rows = run_query(filters.query(select=select, where=(there,), limit=MOST_POINTS), source, engine).rows
    records = rows.read_all().to_pylist()
    spots = (place_spot(row["place"]["lon"], row["place"]["lat"], row.get("label")) for row in records)
    return PointMap(tuple(spot for spot in spots if spot), count_query(filters.query(), source, engine))


def find_label(schema: Schema) -> Field | None:
    """Return the field that names a record: one that is called a name or a title, else the first text."""
    texts = [field for field in schema if field.type == "text" and not field.multivalued]
    return next((field for word in TITLES for field in texts if word in field.name), texts[0] if texts else None)


def place_spot(lon: float, lat: float, label: object) -> Spot | None:
    """Return a place on the drawing, None when it falls outside every frame of the map."""
    frame = next((frame for frame in FRAMES if frame.holds(lon, lat)), None)
    if frame is None:
        return None
    x, y = frame.project(lon, lat)
    return Spot(round(x, 1), round(y, 1), str(label or ""))


def spread(spots: Sequence[Spot]) -> float:
    """Return the radius of a dot, smaller when there are many."""
    return 5.0 if len(spots) < 200 else 3.5 if len(spots) < 1_000 else 2.5
