"""A GeoJSON file becomes rows with valid shapes and their centres."""

import json
from pathlib import Path
from typing import Any

import pytest

from datasets.errors import BrokenFile, BrokenJson, EmptyFile, NotDegrees, UnknownSystem
from datasets.ingest import Ingested, Reading, read_file

SQUARE = [[0.5, 43.5], [0.7, 43.5], [0.7, 43.7], [0.5, 43.7], [0.5, 43.5]]
BOW = [[0, 0], [2, 2], [2, 0], [0, 2], [0, 0]]


def read(folder: Path, features: object, **options: Any) -> Ingested:
    """Read a GeoJSON document made of `features`."""
    path = folder / "carte.geojson"
    document = {"type": "FeatureCollection", "features": features} if isinstance(features, list) else features
    path.write_text(json.dumps(document), encoding="utf-8")
    return read_file(path, **options)


def feature(geometry: object, **properties: object) -> dict[str, object]:
    """Return a GeoJSON feature."""
    return {"type": "Feature", "geometry": geometry, "properties": properties}


def test_shapes_have_a_centre(tmp_path: Path) -> None:
    """A polygon becomes a shape (WKB) and a centre; properties keep the nature that JSON gives them."""
    found = read(
        tmp_path,
        [
            feature({"type": "Polygon", "coordinates": [SQUARE]}, code="01", nom="Carré", n=3, part=0.5, ouvert=True),
            feature(None, code="02", nom=None, n=None, part=1, ouvert=False),
        ],
    )
    assert {field.name: field.type for field in found.schema} == {
        "code": "text",
        "nom": "text",
        "n": "int",
        "part": "double",
        "ouvert": "boolean",
        "geo_shape": "geo_shape",
        "geo_point_2d": "geo_point_2d",
    }
    assert found.table["geo_point_2d"].to_pylist()[0] == pytest.approx({"lon": 0.6, "lat": 43.6})
    assert found.table["geo_shape"].to_pylist()[1] is None


def test_points_make_a_point_column(tmp_path: Path) -> None:
    """A layer of points needs no shape: the points are enough, with every digit."""
    found = read(tmp_path, [feature({"type": "Point", "coordinates": [0.123456789012, 43.5, 120]}, nom="A")])
    assert found.table.column_names == ["nom", "geo_point_2d"]
    assert found.table["geo_point_2d"].to_pylist() == [{"lon": 0.123456789012, "lat": 43.5}]


def test_numbers_written_as_text_stay_text(tmp_path: Path) -> None:
    """A code that JSON writes between quotation marks is no number."""
    found = read(tmp_path, [feature({"type": "Point", "coordinates": [0.5, 43.5]}, region="76")])
    assert found.table["region"].to_pylist() == ["76"]


def test_broken_shapes_are_mended_or_reported(tmp_path: Path) -> None:
    """An open or crossing ring is repaired and told; a shape outside the Earth is refused and told."""
    found = read(
        tmp_path,
        [
            feature({"type": "Polygon", "coordinates": [SQUARE[:-1]]}, n=1),
            feature({"type": "Polygon", "coordinates": [BOW]}, n=2),
            feature({"type": "LineString", "coordinates": [[700000, 6600000], [700001, 6600001]]}, n=3),
        ],
    )
    assert [(p.row, p.reason) for p in found.report.problems] == [(3, "broken_geometry"), (2, "repaired_geometry")]
    assert [shape is None for shape in found.table["geo_shape"].to_pylist()] == [False, False, True]


def test_metres_of_an_unknown_system_are_refused_with_advice(tmp_path: Path) -> None:
    """A layer in metres of a system that nothing tells is refused in words, since none of its shapes is in degrees."""
    with pytest.raises(NotDegrees, match="EPSG:4326"):
        read(tmp_path, [feature({"type": "LineString", "coordinates": [[300000, 4800000], [300001, 4800001]]})])


def test_lambert_93_is_recognised_by_its_values(tmp_path: Path) -> None:
    """Metres of Lambert-93 become degrees though the file states no system, and it is told."""
    found = read(tmp_path, [feature({"type": "Point", "coordinates": [500000, 6300000]}, n=1)])
    assert found.table["geo_point_2d"].to_pylist()[0] == pytest.approx({"lon": 0.516009, "lat": 43.770705}, abs=1e-6)
    assert [(p.row, p.value, p.reason) for p in found.report.problems] == [(0, "EPSG:2154", "lambert_93_guessed")]
    assert found.dialect.crs == "EPSG:2154"


def test_the_stated_system_is_converted(tmp_path: Path) -> None:
    """The member `crs` of older GeoJSON files, before or after the features, is believed."""
    place = feature({"type": "LineString", "coordinates": [[600000, 2300000], [600001, 2300000]]}, n=1)
    crs = {"type": "name", "properties": {"name": "urn:ogc:def:crs:EPSG::27572"}}
    for document in ({"crs": crs, "features": [place]}, {"features": [place], "crs": crs}):
        found = read(tmp_path, {"type": "FeatureCollection", **document})
        assert found.dialect.crs == "EPSG:27572"
        assert found.table["geo_point_2d"].to_pylist()[0] == pytest.approx({"lon": 2.3365, "lat": 47.6995}, abs=1e-3)


def test_exchanged_axes_are_noticed_and_exchanged_only_when_asked(tmp_path: Path) -> None:
    """Latitudes written first are told, never changed silently; the option exchanges them."""
    document = [feature({"type": "Point", "coordinates": [43.6465, 0.5863]}, n=1)]
    found = read(tmp_path, document)
    assert [p.reason for p in found.report.problems] == ["axes_look_swapped"]
    assert found.table["geo_point_2d"].to_pylist() == [{"lon": 43.6465, "lat": 0.5863}]
    found = read(tmp_path, document, reading=Reading(swap_axes=True))
    assert [p.reason for p in found.report.problems] == ["axes_swapped"]
    assert found.table["geo_point_2d"].to_pylist() == [{"lon": 0.5863, "lat": 43.6465}]


def test_an_unknown_system_is_refused(tmp_path: Path) -> None:
    """A code that PROJ does not know gives an error that names it."""
    with pytest.raises(UnknownSystem, match="EPSG:99"):
        read(tmp_path, [feature({"type": "Point", "coordinates": [1, 2]}, n=1)], reading=Reading(crs="EPSG:99"))


@pytest.mark.parametrize(
    ("text", "error"),
    [
        ('{"type": "FeatureCollection", "features": [', BrokenJson),
        ('{"type": "FeatureCollection", "features": []}', EmptyFile),
        ('{"type": "FeatureCollection", "features": [1]}', BrokenJson),
        ('{"type": "Topology"}', BrokenFile),
        ("[1, 2]", BrokenJson),
        ("[" * 100_000, BrokenJson),
        ("{}", BrokenJson),
    ],
)
def test_other_json_is_refused(tmp_path: Path, text: str, error: type[Exception]) -> None:
    """JSON that is not a layer of features is refused, at its place."""
    path = tmp_path / "carte.geojson"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(error, match=r"carte\.geojson"):
        read_file(path)


def test_strange_geometries_never_break_the_reading(tmp_path: Path) -> None:
    """Hostile geometry values are refused one by one, never an exception."""
    square = {"type": "Polygon", "coordinates": [SQUARE]}
    hostile = [
        7,
        "x",
        [],
        {"type": "Point"},
        {"type": "Polygon", "coordinates": [[[1]]]},
        {"type": "Polygon", "coordinates": 3},
    ]
    found = read(tmp_path, [feature(square)] + [feature(geometry) for geometry in hostile])
    assert found.table["geo_shape"].null_count == len(hostile)
