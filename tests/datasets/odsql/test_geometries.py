"""Geometries in WKT, WKB and GeoJSON: read alike, written alike, refused with their place."""

import json
import struct
from contextlib import suppress

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from datasets.odsql.geometries import MAX_NESTING, Shape, WrongGeometry, parse_geometry

SQUARE = [[0.0, 0.0], [1.0, 0.0], [1.0, 1.0], [0.0, 0.0]]


@pytest.mark.parametrize(
    ("wkt", "kind", "coordinates"),
    [
        ("POINT(1 2)", "Point", [1, 2]),
        ("LINESTRING(0 0, 1 1)", "LineString", [[0, 0], [1, 1]]),
        ("POLYGON((0 0,1 0,1 1,0 0))", "Polygon", [SQUARE]),
        ("MULTIPOINT((0 0),(1 1))", "MultiPoint", [[0, 0], [1, 1]]),
        ("MULTILINESTRING((0 0,1 1),(2 2,3 3))", "MultiLineString", [[[0, 0], [1, 1]], [[2, 2], [3, 3]]]),
        ("MULTIPOLYGON(((0 0,1 0,1 1,0 0)))", "MultiPolygon", [[SQUARE]]),
    ],
)
def test_the_three_forms_tell_the_same_geometry(wkt: str, kind: str, coordinates: object) -> None:
    """WKT, GeoJSON and the WKB that is written from either are one geometry."""
    shape = parse_geometry(wkt)
    assert parse_geometry(json.dumps({"type": kind, "coordinates": coordinates})) == shape
    assert parse_geometry(shape.wkb.hex()) == shape


def test_other_dialects_are_understood() -> None:
    """Big-endian WKB, EWKB with SRID 4326, a third ordinate and collections are read; height is left."""
    point = Shape(1, ((1.0, 2.0),))
    assert parse_geometry(struct.pack(">BIdd", 0, 1, 1, 2).hex()) == point
    assert parse_geometry(struct.pack("<BIIdd", 1, 0x20000001, 4326, 1, 2).hex()) == point
    assert parse_geometry(struct.pack("<BIddd", 1, 1001, 1, 2, 3).hex()) == point
    assert parse_geometry(struct.pack("<BIddd", 1, 0x80000001, 1, 2, 3).hex()) == point
    assert parse_geometry("POINT Z (1 2 3)") == point
    assert parse_geometry("GEOMETRYCOLLECTION(POINT(1 2))").parts == (point,)


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("", 0),
        ("POINT", 5),
        ("POINT(1)", 7),
        ("POINT(1 2) x", 11),
        ("POINT(1e999 0)", 6),
        ("LINESTRING(0 0)", 10),
        ("POLYGON((0 0,1 0,1 1,0 1))", 8),
        ("SRID=2154;POINT(0 0)", 5),
        ('{"type": "Point", "coordinates": [0, NaN]}', 0),
        ('{"type": "Point", ', 18),
        ('{"type": "MultiPoint", "coordinates": [[[0, 0]]]}', 0),
        ("[" * 9, 0),
        ("00", 2),
        ("0104000000010000000103000000" + "00" * 4, 36),
        ("0102000000FFFFFFFF", 18),
        ("GEOMETRYCOLLECTION(" * (MAX_NESTING + 2), 19 * (MAX_NESTING + 1)),
    ],
)
def test_what_is_no_geometry_is_refused_at_its_place(text: str, place: int) -> None:
    """Nothing but WrongGeometry comes out, with the place of what was found."""
    with pytest.raises(WrongGeometry) as refused:
        parse_geometry(text)
    assert refused.value.place == place


@settings(max_examples=300, deadline=None)
@given(
    st.one_of(
        st.text(max_size=40), st.binary(max_size=60).map(bytes.hex), st.text("POINTLYG(),.0123 {}[]", max_size=40)
    )
)
def test_no_text_crashes_the_reader(text: str) -> None:
    """Any text is a geometry or is refused."""
    with suppress(WrongGeometry):
        assert parse_geometry(parse_geometry(text).wkb.hex()).kind
