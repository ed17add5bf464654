"""Rows of every field type, as the engine gives them."""

import datetime as dt
from collections.abc import Callable
from typing import Any

import pyarrow as pa
import pytest

from datasets.model import Field, Schema

ARROW_TYPES = {
    "text": pa.string(),
    "int": pa.int64(),
    "double": pa.float64(),
    "boolean": pa.bool_(),
    "date": pa.date32(),
    "datetime": pa.timestamp("us", tz="UTC"),
    "geo_point_2d": pa.struct([("lon", pa.float64()), ("lat", pa.float64())]),
    "geo_shape": pa.string(),
    "file": pa.string(),
    "json_blob": pa.string(),
}


def build_batch(schema: Schema, rows: list[dict[str, Any]]) -> pa.RecordBatch:
    """Return the rows as the batch that the engine would give for `schema`."""
    columns = []
    for field in schema:
        kind = ARROW_TYPES[field.type]
        columns.append(pa.array([row.get(field.name) for row in rows], pa.list_(kind) if field.multivalued else kind))
    return pa.record_batch(columns, names=list(schema.names))


@pytest.fixture(scope="session")
def a_batch() -> Callable[[Schema, list[dict[str, Any]]], pa.RecordBatch]:
    """The builder of batches."""
    return build_batch


@pytest.fixture
def communes() -> tuple[Schema, pa.RecordBatch]:
    """The example of the Explore reference: one full commune, and one of which nothing is known."""
    schema = Schema(
        (
            Field("code_insee", "text", {"fr": "Code INSEE"}),
            Field("nom", "text", {"fr": "Nom", "en": "Name"}),
            Field("population", "int", {"fr": "Population"}),
            Field("surface_km2", "double", {"fr": "Surface"}),
            Field("prefecture", "boolean", {"fr": "Préfecture"}),
            Field("maj", "date", {"fr": "MAJ"}),
            Field("vu_le", "datetime", {"fr": "Vu le"}),
            Field("labels", "text", {"fr": "Labels"}, annotations={"multivalued": ","}),
            Field("geo_point_2d", "geo_point_2d", {"fr": "Point"}),
            Field("geo_shape", "geo_shape", {"fr": "Contour"}),
            Field("photo", "file", {"fr": "Photo"}),
        )
    )
    auch = {
        "code_insee": "32013",
        "nom": "Auch",
        "population": 22173,
        "surface_km2": 72.48,
        "prefecture": True,
        "maj": dt.date(2024, 5, 17),
        "vu_le": dt.datetime(2024, 5, 17, 8, 30, 0, 999999, tzinfo=dt.UTC),
        "labels": ["ville-porte", "art"],
        "geo_point_2d": {"lon": 0.5863, "lat": 43.6465},
        "geo_shape": '{"type":"Polygon","coordinates":[[[0.5,43.6],[0.6,43.6],[0.6,43.7],[0.5,43.6]]]}',
        "photo": None,
    }
    return schema, build_batch(schema, [auch, {"code_insee": "32001"}])
