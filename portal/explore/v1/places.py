"""Places as version 1 writes them: latitude first, as plain text."""

import re
from math import isfinite

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
