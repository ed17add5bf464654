"""Where a point of the Earth falls on the drawing: metropolitan France, and the overseas beside it.

Each frame is drawn by an equirectangular projection true at its middle latitude: shapes stay recognisable and
nothing more is asked of a small map.
"""

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from itertools import pairwise
from typing import Any

WIDTH, HEIGHT = 720, 612
Point = tuple[float, float]
Ring = Sequence[Sequence[float]]
Box = tuple[float, float, float, float]
"""West, south, east, north, in degrees."""


@dataclass(frozen=True)
class Frame:
    """A rectangle of the Earth (degrees) and the rectangle of the drawing (units) that it fills, centred."""

    name: str
    west: float
    south: float
    east: float
    north: float
    left: float
    top: float
    width: float
    height: float

    def holds(self, lon: float, lat: float) -> bool:
        """Whether a point of the Earth falls in this frame."""
        return self.west <= lon <= self.east and self.south <= lat <= self.north

    @property
    def box(self) -> Box:
        """The rectangle of the Earth."""
        return self.west, self.south, self.east, self.north

    @cached_property
    def scale(self) -> float:
        """Drawing units per degree of latitude."""
        return min(self.height / (self.north - self.south), self.width / ((self.east - self.west) * self._shrink))

    @cached_property
    def _shrink(self) -> float:
        return math.cos(math.radians((self.south + self.north) / 2))

    def project(self, lon: float, lat: float) -> Point:
        """Return the place of a point on the drawing, in units from its top left."""
        scale, shrink = self.scale, self._shrink
        x = self.left + self.width / 2 + (lon - (self.west + self.east) / 2) * shrink * scale
        y = self.top + self.height / 2 - (lat - (self.south + self.north) / 2) * scale
        return x, y

    @property
    def rectangle(self) -> Box:
        """The rectangle of the drawing: left, top, right, bottom."""
        return self.left, self.top, self.left + self.width, self.top + self.height

    @property
    def reach(self) -> Box:
        """What of the Earth its rectangle of the drawing would show: west, south, east, north, in degrees."""
        wide, high = self.width / 2 / self._shrink / self.scale, self.height / 2 / self.scale
        lon, lat = find_middle(self.box)
        return lon - wide, lat - high, lon + wide, lat + high


METROPOLE = Frame("Métropole", -5.3, 41.25, 9.7, 51.2, 90, 6, 625, 600)
INSETS: tuple[Frame, ...] = (
    Frame("Guadeloupe", -61.85, 15.8, -60.95, 16.55, 4, 24, 90, 84),
    Frame("Martinique", -61.27, 14.36, -60.78, 14.91, 4, 140, 90, 84),
    Frame("Guyane", -54.7, 2.05, -51.55, 5.85, 4, 256, 90, 96),
    Frame("La Réunion", 55.18, -21.42, 55.87, -20.84, 4, 384, 90, 84),
    Frame("Mayotte", 44.99, -13.05, 45.33, -12.6, 4, 500, 90, 84),
)
FRAMES = (METROPOLE, *INSETS)
"""The frames of the map of France, the largest first."""


def find_frame(lon: float, lat: float) -> Frame | None:
    """Return the frame that holds a point of the Earth, or None."""
    return next((frame for frame in FRAMES if frame.holds(lon, lat)), None)


def find_box(geometry: Mapping[str, Any]) -> Box | None:
    """Return the box around a GeoJSON geometry of any kind; None when it is empty."""
    points = list(positions(geometry))
    if not points:
        return None
    lons, lats = [point[0] for point in points], [point[1] for point in points]
    return min(lons), min(lats), max(lons), max(lats)


def find_middle(box: Box) -> Point:
    """Return the middle of a box."""
    west, south, east, north = box
    return (west + east) / 2, (south + north) / 2


def positions(geometry: Mapping[str, Any]) -> Iterator[Sequence[float]]:
    """Yield the positions of a GeoJSON geometry."""
    if geometry.get("type") == "GeometryCollection":
        for part in geometry["geometries"]:
            yield from positions(part)
    else:
        yield from _flatten(geometry.get("coordinates") or [])


def _flatten(nested: Sequence[Any]) -> Iterator[Sequence[float]]:
    if nested and isinstance(nested[0], int | float):
        yield nested
        return
    for part in nested:
        yield from _flatten(part)


def rings(geometry: Mapping[str, Any]) -> Iterator[Ring]:
    """Yield the rings of a GeoJSON Polygon or MultiPolygon; nothing for other shapes."""
    match geometry.get("type"):
        case "Polygon":
            yield from geometry["coordinates"]
        case "MultiPolygon":
            for polygon in geometry["coordinates"]:
                yield from polygon
        case "GeometryCollection":
            for part in geometry["geometries"]:
                yield from rings(part)


def draw_path(geometry: Mapping[str, Any], frame: Frame, *, step: float = 0.5) -> str:
    """Return the SVG path of a GeoJSON geometry, on a grid of `step` units.

    A place is put on the grid alike in the contours of two neighbours, so no gap opens between them.
    """
    return "".join(_draw_ring([frame.project(point[0], point[1]) for point in ring], step) for ring in rings(geometry))


def _draw_ring(points: Sequence[Point], step: float) -> str:
    """Return a ring as moves from crossing to crossing of the grid: short, and without drift."""
    kept = _straighten((round(x / step), round(y / step)) for x, y in points)
    if len(kept) < 3:
        return ""
    moves = "".join(_write(v - u, step) for start, end in pairwise(kept) for u, v in zip(start, end, strict=True))
    return f"M{kept[0][0] * step:g} {kept[0][1] * step:g}l{moves.strip()}Z"


def _straighten(places: Iterable[tuple[int, int]]) -> list[tuple[int, int]]:
    """Return the places where a line turns."""
    kept: list[tuple[int, int]] = []
    for x, y in places:
        if kept and (x, y) == kept[-1]:
            continue
        if len(kept) > 1:
            (u, v), (a, b) = kept[-2:]
            if (a - u) * (y - b) == (b - v) * (x - a) and (a - u) * (x - a) + (b - v) * (y - b) > 0:
                kept.pop()
        kept.append((x, y))
    return kept


@lru_cache(2048)
def _write(number: int, step: float) -> str:
    """Return a length of so many steps as SVG needs it: a sign or a space before, no zero that says nothing."""
    text = f"{abs(number) * step:g}"
    return f"{'-' if number < 0 else ' '}{text.removeprefix('0') if text != '0' else text}"
