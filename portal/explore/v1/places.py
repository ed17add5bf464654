"""Places as version 1 writes them: latitude first, as plain text."""

import re
from collections.abc import Callable, Mapping
from math import isfinite
from types import MappingProxyType

from datasets.errors import InvalidParameter, Phrase
from datasets.model import Field, Schema
from datasets.odsql.nodes import Call, Geometry, Literal, Name, Node

NUMBER = r"\s*([-+]?\d+(?:\.\d*)?(?:[eE][-+]?\d+)?)\s*"
PAIR = re.compile(rf"\(?{NUMBER},{NUMBER}\)?", re.ASCII)
PAIRS = re.compile(rf"\({NUMBER},{NUMBER}\)", re.ASCII)
MOST_CORNERS = 5_000
FIRST_TYPES = ("geo_point_2d", "geo_shape")
POINT = Phrase("latitude,longitude in degrees", "latitude,longitude en degrés")
POLYGON = Phrase("at least three (latitude,longitude)", "au moins trois (latitude,longitude)")


def find_place(schema: Schema) -> Field | None:
    """Return the field that geographic filters are about: the first point, else the first shape, else None."""
    found = (field for kind in FIRST_TYPES for field in schema if field.type == kind)
    return next(found, None)


def near(place: str, point: str, metres: float, parameter: str) -> Node:
    """Return the condition of being at most `metres` from "lat,lon"; raise InvalidParameter."""
    match = PAIR.fullmatch(point.strip())
    if match is None or not isfinite(metres) or metres < 0:
        raise InvalidParameter(name=parameter, found=point[:100], expected=POINT)
    lat, lon = (_degrees(text, parameter) for text in match.groups())
    return Call("within_distance", (Name(place), Geometry(f"POINT({lon} {lat})"), Literal(metres)))


def inside(place: str, corners: str, parameter: str) -> Node:
    """Return the condition of touching the polygon "(lat,lon),(lat,lon),…"; raise InvalidParameter."""
    pairs = [tuple(_degrees(text, parameter) for text in match.groups()) for match in PAIRS.finditer(corners)]
    left = PAIRS.sub("", corners).replace(",", "").strip(" ()")
    if not 3 <= len(pairs) <= MOST_CORNERS or left:
        raise InvalidParameter(name=parameter, found=corners[:100], expected=POLYGON)
    ring = pairs if pairs[0] == pairs[-1] else [*pairs, pairs[0]]
    text = ", ".join(f"{lon} {lat}" for lat, lon in ring)
    return Call("intersects", (Name(place), Geometry(f"POLYGON(({text}))")))


def _degrees(text: str, parameter: str) -> float:
    degrees = float(text)
    if not abs(degrees) <= 360:
        raise InvalidParameter(name=parameter, found=text[:100], expected=POINT)
    return degrees


def read_circle(text: str) -> tuple[float, float, float]:
    """Return the latitude, longitude and metres of `geofilter.distance`."""
    numbers = _numbers("geofilter.distance", text)
    if len(numbers) != 3:
        expected = Phrase("latitude,longitude,metres", "latitude,longitude,mètres")
        raise InvalidParameter(name="geofilter.distance", found=text[:100], expected=expected)
    return numbers[0], numbers[1], numbers[2]


def _numbers(parameter: str, text: str) -> list[float]:
    parts = text.split(",")
    try:
        found = [float(part) for part in parts if part.strip()]
    except ValueError:
        found = []
    if not found or not all(map(isfinite, found)):
        expected = Phrase("numbers with commas between", "des nombres séparés par des virgules")
        raise InvalidParameter(name=parameter, found=text[:100], expected=expected)
    return found


def _within(place: str, text: str) -> Node:
    lat, lon, metres = read_circle(text)
    return near(place, f"{lat},{lon}", metres, "geofilter.distance")


def _polygon(place: str, text: str) -> Node:
    return inside(place, text, "geofilter.polygon")


def _box(place: str, text: str) -> Node:
    numbers = _numbers("geofilter.bbox", text)
    if len(numbers) != 4:
        expected = Phrase("lat1,lon1,lat2,lon2", "lat1,lon1,lat2,lon2")
        raise InvalidParameter(name="geofilter.bbox", found=text[:100], expected=expected)
    return Call("in_bbox", (Name(place), *map(Literal, numbers)))


GEOFILTERS: Mapping[str, Callable[[str, str], Node]] = MappingProxyType(
    {"geofilter.distance": _within, "geofilter.polygon": _polygon, "geofilter.bbox": _box}
)
"""The geographic filters, by their parameter."""
