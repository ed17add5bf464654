"""Shapes: a GeoJSON geometry in a cell (longitude first), published as WKB."""

import json
import struct
from collections.abc import Sequence
from typing import Any

import geojson
import pyarrow as pa
import pyarrow.compute as pc

from datasets.types.column import ColumnType, by_pattern

CODES = {"Point": 1, "LineString": 2, "Polygon": 3, "MultiPoint": 4, "MultiLineString": 5, "MultiPolygon": 6}
PARTS = {"MultiPoint": "Point", "MultiLineString": "LineString", "MultiPolygon": "Polygon"}
COLLECTION = 7

looks_like = by_pattern(r"(?s)\{.*\"(?:coordinates|geometries)\".*\}")


def read_geometry(text: str) -> Any:
    """Return the GeoJSON geometry of a text, with its polygon rings closed; None when it is not a valid one."""
    try:
        return repaired(json.loads(text))
    except (ValueError, RecursionError):
        return None


def repaired(geometry: Any) -> Any:
    """Close the rings of a GeoJSON geometry, in place, and return it; None when something else is wrong with it."""
    if not isinstance(geometry, dict) or geometry.get("type") not in (*CODES, "GeometryCollection"):
        return None
    try:
        for ring in _rings(geometry):
            if ring and ring[0] != ring[-1]:
                ring.append(ring[0])
        known = geojson.GeoJSON.to_instance(geometry, strict=True)
        return geometry if known.is_valid and _on_earth(geometry) else None
    except (ValueError, TypeError, AttributeError, KeyError, IndexError):
        return None


def geometry_wkb(geometry: Any) -> bytes:
    """Return a GeoJSON geometry as little-endian WKB with two dimensions."""
    kind = geometry["type"]
    if kind == "GeometryCollection":
        members = [geometry_wkb(member) for member in geometry["geometries"]]
        return struct.pack("<BII", 1, COLLECTION, len(members)) + b"".join(members)
    head = struct.pack("<BI", 1, CODES[kind])
    coordinates = geometry["coordinates"]
    if kind in PARTS:
        members = [geometry_wkb({"type": PARTS[kind], "coordinates": part}) for part in coordinates]
        return head + struct.pack("<I", len(members)) + b"".join(members)
    if kind == "Point":
        return head + _positions([coordinates])
    if kind == "LineString":
        return head + _line(coordinates)
    return head + struct.pack("<I", len(coordinates)) + b"".join(_line(ring) for ring in coordinates)


def parse(texts: pa.StringArray) -> pa.BinaryArray:
    """Return the shapes as WKB; null where the text is not a valid GeoJSON geometry on the Earth."""
    found = (read_geometry(text) if text else None for text in texts.to_pylist())
    return pa.array([geometry_wkb(shape) if shape else None for shape in found], pa.binary())


def matches(texts: pa.StringArray) -> pa.BooleanArray:
    """Accept the texts that are a valid GeoJSON geometry; only those that look like one are read."""
    likely = looks_like(texts)
    return pc.is_valid(parse(pc.if_else(likely, texts, pa.scalar(None, pa.string()))))


def _line(positions: Sequence[Sequence[float]]) -> bytes:
    return struct.pack("<I", len(positions)) + _positions(positions)


def _positions(positions: Sequence[Sequence[float]]) -> bytes:
    return b"".join(struct.pack("<dd", *position[:2]) for position in positions)


def _rings(geometry: Any) -> list[list[Any]]:
    kind = geometry["type"]
    if kind == "GeometryCollection":
        return [ring for member in geometry["geometries"] for ring in _rings(member)]
    if kind == "Polygon":
        return list(geometry["coordinates"])
    return [ring for part in geometry["coordinates"] for ring in part] if kind == "MultiPolygon" else []


def _on_earth(geometry: Any) -> bool:
    return all(abs(position[0]) <= 180 and abs(position[1]) <= 90 for position in geojson.utils.coords(geometry))


TYPE = ColumnType(
    name="geo_shape",
    public="geo_shape",
    label={"fr": "Forme géographique", "en": "Geographic shape"},
    matches=matches,
    parse=parse,
    valid=(
        '{"type": "Point", "coordinates": [0.58, 43.64]}',
        '{"type": "Polygon", "coordinates": [[[0, 43], [1, 43], [1, 44], [0, 43]]]}',
        '{"type": "Polygon", "coordinates": [[[0, 43], [1, 43], [1, 44]]]}',
    ),
    invalid=(
        "",
        "{}",
        '{"type": "Point"}',
        '{"type": "Point", "coordinates": [700000, 6600000]}',
        '{"coordinates": "x"}',
        "POINT(1 2)",
    ),
)
