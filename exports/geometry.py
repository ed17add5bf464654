"""Geometries of whole columns: which field draws a row, points as WKB, kinds and boxes of WKB.

The store holds little-endian WKB of two dimensions (datasets/types/geo_shape.py), and the engine gives no other.
"""

import struct
from collections.abc import Iterable

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from datasets.model import Schema

KINDS = {
    1: "Point",
    2: "LineString",
    3: "Polygon",
    4: "MultiPoint",
    5: "MultiLineString",
    6: "MultiPolygon",
    7: "GeometryCollection",
}
"""The codes of WKB."""

POINT, LINE, POLYGON = 1, 2, 3
WKB_POINT = np.dtype([("order", "u1"), ("kind", "<u4"), ("lon", "<f8"), ("lat", "<f8")])
COUNTS = struct.Struct("<II")
COUNT = struct.Struct("<I")


def drawn_fields(schema: Schema) -> list[int]:
    """Return the places of the geographic fields: shapes, then points."""
    places = [place for kind in ("geo_shape", "geo_point_2d") for place, f in enumerate(schema) if f.type == kind]
    return [place for place in places if not schema.fields[place].multivalued]


def drawing_fields(schema: Schema) -> list[int]:
    """Return the places of the fields that draw a row: the first shape and, for rows without it, the first point."""
    drawn = drawn_fields(schema)
    firsts = {schema.fields[place].type: place for place in reversed(drawn)}
    return sorted(firsts.values(), key=drawn.index)


def point_wkb(column: pa.Array) -> pa.Array:
    """Return each geo_point_2d as WKB; null where a coordinate is missing or not finite."""
    lon, lat = pc.struct_field(column, "lon"), pc.struct_field(column, "lat")
    known = pc.fill_null(pc.and_(pc.is_finite(lon), pc.is_finite(lat)), False)
    records = np.zeros(len(column), WKB_POINT)
    records["order"], records["kind"] = 1, POINT
    for name, values in (("lon", lon), ("lat", lat)):
        records[name] = pc.fill_null(values, 0.0).to_numpy(zero_copy_only=False)
    offsets = pa.array(np.arange(len(column) + 1, dtype=np.int32) * WKB_POINT.itemsize)
    points = pa.BinaryArray.from_buffers(
        pa.binary(), len(column), [None, offsets.buffers()[1], pa.py_buffer(records.tobytes())]
    )
    return pc.if_else(known, points, pa.scalar(None, pa.binary()))


def wkb_column(column: pa.Array) -> pa.Array:
    """Return a geo_point_2d or geo_shape column as WKB; a column of nothing but nulls has no type."""
    return point_wkb(column) if pa.types.is_struct(column.type) else column.cast(pa.binary())


def kinds_of(shapes: pa.Array) -> np.ndarray:
    """Return the code of each WKB shape (KINDS), 0 for a null."""
    codes = np.zeros(len(shapes), np.uint32)
    valid = pc.is_valid(shapes).to_numpy(zero_copy_only=False)
    _, offsets, content = shapes.buffers()
    if content is None or not valid.any():
        return codes
    starts = np.frombuffer(offsets, np.int32)[shapes.offset : shapes.offset + len(shapes)][valid]
    data = np.frombuffer(content, np.uint8)
    codes[valid] = sum(data[starts + place].astype(np.uint32) << 8 * (place - 1) for place in range(1, 5))
    return codes


def box_of(shapes: pa.Array) -> tuple[float, float, float, float] | None:
    """Return the least and greatest coordinates (west, south, east, north); None when there is no position."""
    positions = np.frombuffer(_positions(shapes), "<f8").reshape(-1, 2)
    positions = positions[np.isfinite(positions).all(axis=1)]
    if not len(positions):
        return None
    west, south = positions.min(axis=0).tolist()
    east, north = positions.max(axis=0).tolist()
    return west, south, east, north


def _positions(shapes: pa.Array) -> bytes:
    """Return the coordinates of all shapes, one after the other."""
    known = shapes.drop_null()
    if (kinds_of(known) == POINT).all():
        points = np.frombuffer(b"".join(known.to_pylist()), WKB_POINT)
        return np.stack([points["lon"], points["lat"]], axis=1).tobytes()
    runs: list[memoryview] = []
    for shape in known.to_pylist():
        _add_runs(memoryview(shape), 0, runs)
    return b"".join(runs)


def widen(boxes: Iterable[tuple[float, float, float, float] | None]) -> tuple[float, float, float, float] | None:
    """Return the box that holds all `boxes`; None when there is none."""
    known = [box for box in boxes if box is not None]
    if not known:
        return None
    wests, souths, easts, norths = zip(*known, strict=True)
    return min(wests), min(souths), max(easts), max(norths)


def _add_runs(shape: memoryview, at: int, runs: list[memoryview]) -> int:
    """Add the positions of the geometry that begins at `at`, and return where it ends."""
    if shape[at + 1] == POINT:
        runs.append(shape[at + 5 : at + 21])
        return at + 21
    kind, count = COUNTS.unpack_from(shape, at + 1)
    at += 9
    if kind == LINE:
        runs.append(shape[at : at + 16 * count])
        return at + 16 * count
    for _ in range(count):
        if kind == POLYGON:
            (length,) = COUNT.unpack_from(shape, at)
            runs.append(shape[at + 4 : at + 4 + 16 * length])
            at += 4 + 16 * length
        else:
            at = _add_runs(shape, at, runs)
    return at
