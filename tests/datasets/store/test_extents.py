"""Where records are: the box and the kinds of their geometries, whatever the bytes."""

import struct

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from datasets.model import Field, Schema
from datasets.store.extents import Extent, read_shape
from datasets.types.public import arrow_schema

SCHEMA = Schema((Field("lieu", "geo_point_2d"), Field("contour", "geo_shape")))
LISTS = (("lieux", "geo_point_2d"), ("contours", "geo_shape"))


def a_point(lon, lat, order="<"):
    return struct.pack(f"{order}BIdd", order == "<", 1, lon, lat)


def a_polygon(*rings):
    body = b"".join(
        struct.pack("<I", len(ring)) + b"".join(struct.pack("<dd", *each) for each in ring) for ring in rings
    )
    return struct.pack("<BII", 1, 3, len(rings)) + body


def a_collection(kind, *parts):
    return struct.pack("<BII", 1, kind, len(parts)) + b"".join(parts)


def measure(*rows):
    extent = Extent(SCHEMA)
    extent.add(pa.Table.from_pylist([dict(zip(SCHEMA.names, row, strict=True)) for row in rows], arrow_schema(SCHEMA)))
    return extent


def test_an_extent_holds_every_place():
    """Points and shapes grow one box; nulls and what is not finite do not."""
    ring = [(0.5, 43.0), (0.9, 43.0), (0.9, 44.0), (0.5, 43.0)]
    extent = measure(
        ({"lon": 0.1, "lat": 43.5}, None),
        (None, a_polygon(ring)),
        ({"lon": float("nan"), "lat": 99.0}, None),
        ({"lon": None, "lat": 98.0}, a_collection(6, a_polygon(ring))),
    )
    assert extent.box == (0.1, 43.0, 0.9, 44.0)
    assert extent.kinds == ("MultiPolygon", "Point", "Polygon")


def test_without_places_there_is_no_box():
    """Nulls, empty collections and unreadable bytes leave no box."""
    extent = measure((None, None), (None, a_collection(7)), (None, b"\x01junk"))
    assert (extent.box, extent.kinds) == (None, ("GeometryCollection",))


@pytest.mark.parametrize(
    ("wkb", "kind", "positions"),
    [
        (a_point(1, 2), "Point", [[1, 2]]),
        (a_point(1, 2, ">"), "Point", [[1, 2]]),
        (struct.pack("<BIddd", 1, 1001, 1, 2, 3), "Point", [[1, 2]]),
        (struct.pack("<BIdddd", 1, 3001, 1, 2, 3, 4), "Point", [[1, 2]]),
        (struct.pack("<BIIdd", 1, 0x20000001, 4326, 1, 2), "Point", [[1, 2]]),
        (struct.pack("<BIddd", 1, 0x80000001, 1, 2, 3), "Point", [[1, 2]]),
        (struct.pack("<BIIdddd", 1, 2, 2, 1, 2, 3, 4), "LineString", [[1, 2], [3, 4]]),
        (a_polygon([(0, 0), (4, 0), (0, 0)], [(9, 9), (9, 9)]), "Polygon", [[0, 0], [4, 0], [0, 0]]),
        (a_collection(7, a_collection(4, a_point(1, 2)), a_point(3, 4)), "GeometryCollection", [[1, 2], [3, 4]]),
    ],
)
def test_every_form_of_wkb_is_read(wkb, kind, positions):
    """Both byte orders, Z and M, the codes of PostGIS, nested collections; holes are inside their ring."""
    found, parts = read_shape(wkb)
    assert found == kind
    assert np.concatenate(parts).tolist() == positions


def test_a_deep_nest_is_read_without_a_stack():
    """A collection a hundred thousand deep is an answer, not a crash."""
    deep = b"\x01\x07\x00\x00\x00\x01\x00\x00\x00" * 100_000 + a_point(1, 2)
    assert measure((None, deep)).box == (1, 2, 1, 2)


@given(st.binary(max_size=80))
def test_any_bytes_are_measured_or_left_out(wkb):
    """Bytes of any kind never stop a publication."""
    measure((None, wkb), (None, b"\x01\x02\x00\x00\x00" + wkb), (None, b"\x01\x06\x00\x00\x00" + wkb))


def test_an_extent_holds_the_places_of_lists():
    """A record with several places grows the box by each of them; an empty or missing list does not."""
    schema = Schema(tuple(Field(name, kind, annotations={"multivalued": ","}) for name, kind in LISTS))
    extent = Extent(schema)
    places = [{"lon": 0.5, "lat": 43.0}, {"lon": 1.0, "lat": 44.0}]
    rows = [{"lieux": places, "contours": [a_point(2.0, 45.0)]}, {"lieux": [], "contours": None}]
    extent.add(pa.Table.from_pylist(rows, arrow_schema(schema)))
    assert extent.box == (0.5, 43.0, 2.0, 45.0)
    assert extent.kinds == ("Point",)
