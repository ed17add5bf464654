"""GeoJSON: one FeatureCollection, as RFC 7946 and the Explore API have it."""

import geojson
import pytest

from datasets.model import Field, Schema
from exports import EXPORTERS, ExportOptions

POINTS = Schema((Field("nom", "text"), Field("geo_point_2d", "geo_point_2d")))


def written(schema, batches, **options):
    text = b"".join(EXPORTERS["geojson"].write(schema, batches, ExportOptions(**options))).decode()
    return geojson.loads(text)


def test_the_shape_is_the_geometry_and_leaves_the_properties(communes):
    """The point stays in the properties as lon and lat; a row without geometry has a null one."""
    auch, unknown = written(communes[0], [communes[1]])["features"]
    assert auch["geometry"]["type"] == "Polygon"
    assert "geo_shape" not in auch["properties"]
    assert auch["properties"]["geo_point_2d"] == {"lon": 0.5863, "lat": 43.6465}
    assert unknown["geometry"] is None
    assert set(auch["properties"]) == set(communes[0].names) - {"geo_shape"}


def test_the_collection_is_valid(communes):
    """A GeoJSON reader finds a collection of features, with longitude first."""
    collection = written(communes[0], [communes[1]])
    assert collection.is_valid
    assert collection["features"][0]["geometry"]["coordinates"][0][0] == [0.5, 43.6]


def test_a_point_is_the_geometry_when_there_is_no_shape(a_batch):
    """Without a geo_shape the geo_point_2d makes the geometry, longitude first."""
    rows = [{"nom": "Auch", "geo_point_2d": {"lon": 0.5863, "lat": 43.6465}}, {"nom": "Ailleurs"}]
    auch, elsewhere = written(POINTS, [a_batch(POINTS, rows)])["features"]
    assert auch["geometry"] == {"type": "Point", "coordinates": [0.5863, 43.6465]}
    assert elsewhere["geometry"] is None


def test_labels_rename_the_properties(communes):
    """`use_labels` names the properties by the labels of the language asked."""
    feature = written(communes[0], [communes[1]], use_labels=True, lang="en")["features"][0]
    assert feature["properties"]["Name"] == "Auch"


@pytest.mark.parametrize("batches", [0, 1])
def test_zero_rows_are_an_empty_collection(a_batch, batches):
    """An empty result is a collection without features."""
    assert written(POINTS, [a_batch(POINTS, [])] * batches) == {"type": "FeatureCollection", "features": []}


def test_rows_of_a_selection_without_geography_have_null_geometry(a_batch):
    """A grouped or narrowed result is still a valid collection."""
    schema = Schema((Field("n", "int"),))
    assert written(schema, [a_batch(schema, [{"n": 2**53 + 1}])])["features"][0] == {
        "type": "Feature",
        "geometry": None,
        "properties": {"n": 2**53 + 1},
    }


@pytest.mark.parametrize(
    "text",
    [
        '{"type":"Point","coordinates":[1.0,2.0]}',
        '{"type": "MultiPolygon", "coordinates": [[[[0,0],[1,0],[1,1],[0,0]]]]}',
        '{"type":"GeometryCollection","geometries":[{"type":"Point","coordinates":[1,2]}]}',
        '{"type":"Polygon","coordinates":[]}',
    ],
)
def test_each_geometry_keeps_its_meaning(a_batch, text):
    """The text of a geometry changes its spaces and order of members, never its content."""
    schema = Schema((Field("s", "geo_shape"),))
    feature = written(schema, [a_batch(schema, [{"s": text}])])["features"][0]
    assert feature["geometry"] == geojson.loads(text)
    assert feature["properties"] == {}
