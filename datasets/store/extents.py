"""Where the records of a version are: the box around their places, and the kinds of their shapes.

Measured while the version is written, one batch in memory at a time. Shapes are WKB (OGC 06-103r4, part 8; the
extended form of PostGIS too), longitude first; what cannot be read as such is left out.
"""

import struct
from collections.abc import Iterator

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from datasets.model import Schema

Box = tuple[float, float, float, float]
"""West, south, east, north."""

KINDS = ("Point", "LineString", "Polygon", "MultiPoint", "MultiLineString", "MultiPolygon", "GeometryCollection")
POINT, POLYGON, FIRST_OF_PARTS = 1, 3, 4
HAS_Z, HAS_M, HAS_SRID = 0x80000000, 0x40000000, 0x20000000


class Extent:
    """Grows with each batch of a version."""

    def __init__(self, schema: Schema) -> None:
        self._points = [field.name for field in schema if field.type == "geo_point_2d"]
        self._shapes = [field.name for field in schema if field.type == "geo_shape"]
        self._kinds: set[str] = set()
        self._low, self._high = np.full(2, np.inf), np.full(2, -np.inf)

    @property
    def box(self) -> Box | None:
        """The box around every place, or None when there is none."""
        west, south, east, north = (float(each) for each in (*self._low, *self._high))
        return (west, south, east, north) if west <= east and south <= north else None

    @property
    def kinds(self) -> tuple[str, ...]:
        """The kinds of geometry met, as GeoJSON calls them, by name."""
        return tuple(sorted(self._kinds))

    def add(self, table: pa.Table) -> None:
        """Take in more records, under the schema's names."""
        for name in self._shapes:
            for shape in _each(table[name]):
                if shape.is_valid:
                    self._add_shape(shape.as_py())
        for name in self._points:
            for chunk in _each(table[name]).chunks:
                self._add_points(chunk)

    def _add_points(self, column: pa.StructArray) -> None:
        pairs = np.column_stack([_floats(column, "lon"), _floats(column, "lat")])
        pairs = pairs[np.isfinite(pairs).all(axis=1)]
        if len(pairs):
            self._kinds.add("Point")
            self._grow(pairs)

    def _add_shape(self, wkb: bytes) -> None:
        try:
            kind, parts = read_shape(wkb)
        except (struct.error, ValueError, IndexError):
            return
        self._kinds.add(kind)
        for part in parts:
            self._grow(part[np.isfinite(part).all(axis=1)])

    def _grow(self, pairs: np.ndarray) -> None:
        if len(pairs):
            self._low = np.minimum(self._low, pairs.min(axis=0))
            self._high = np.maximum(self._high, pairs.max(axis=0))


def read_shape(wkb: bytes) -> tuple[str, list[np.ndarray]]:
    """Return the kind of a geometry and the positions (lon, lat) of its points, lines and outer rings.

    Raises struct.error, ValueError or IndexError when the bytes are no WKB.
    """
    kind, _, _, _ = _read_head(wkb, 0)
    return KINDS[kind - 1], list(_read_parts(wkb))


def _read_parts(wkb: bytes) -> Iterator[np.ndarray]:
    """Yield the positions of each part: parts follow one another, so that nothing needs a stack."""
    offset, pending = 0, 1
    while pending:
        pending -= 1
        kind, order, width, offset = _read_head(wkb, offset)
        if kind >= FIRST_OF_PARTS:
            pending += struct.unpack_from(f"{order}I", wkb, offset)[0]
            offset += 4
            continue
        rings, count = 1, 1
        if kind == POLYGON:
            [rings] = struct.unpack_from(f"{order}I", wkb, offset)
            offset += 4
        for ring in range(rings):
            if kind != POINT:
                [count] = struct.unpack_from(f"{order}I", wkb, offset)
                offset += 4
            positions = np.frombuffer(wkb, f"{order}f8", count * width, offset).reshape(count, width)
            offset += count * width * 8
            if ring == 0:
                yield positions[:, :2]


def _read_head(wkb: bytes, offset: int) -> tuple[int, str, int, int]:
    """Return the kind (1 to 7), the byte order, the numbers of a position, and where the rest begins."""
    order = "<" if wkb[offset] else ">"
    [code] = struct.unpack_from(f"{order}I", wkb, offset + 1)
    thousands, kind = divmod(code & 0xFFFF, 1000)
    if not 1 <= kind <= len(KINDS):
        raise ValueError(f"{kind} is no kind of geometry")
    width = 2 + (bool(code & HAS_Z) or thousands in (1, 3)) + (bool(code & HAS_M) or thousands in (2, 3))
    return kind, order, width, offset + (9 if code & HAS_SRID else 5)


def _each(column: pa.ChunkedArray) -> pa.ChunkedArray:
    """Return the values of a column, those of its lists one after the other."""
    return pc.list_flatten(column) if pa.types.is_list(column.type) else column


def _floats(column: pa.StructArray, name: str) -> np.ndarray:
    values = pc.struct_field(column, name)
    return values.to_numpy(zero_copy_only=False).astype(float)
