"""One table of all that may go wrong in a format, and the same rows in the two forms of geometry."""

import datetime as dt
import json
from typing import Any

import pyarrow as pa

from datasets.model import Field, Schema
from datasets.types.geo_shape import geometry_wkb
from exports import EXPORTERS, ExportOptions
from tests.exports.conftest import ARROW_TYPES

SCHEMA = Schema(
    (
        Field("texte", "text", {"fr": "Un texte & « co »", "en": "A text"}),
        Field("nom de la commune é", "text", {"fr": "Nom"}),
        Field("nom de la commune è", "text", {"fr": "Nom"}),
        Field("OGC_FID", "int"),
        Field("32", "double"),
        Field("oui", "boolean"),
        Field("jour", "date"),
        Field("mois", "date", annotations={"timeserie_precision": "month"}),
        Field("an", "date", annotations={"timeserie_precision": "year"}),
        Field("heure", "datetime"),
        Field("labels", "text", annotations={"multivalued": ","}),
        Field("geometry", "geo_point_2d"),
        Field("ailleurs", "geo_point_2d"),
        Field("forme", "geo_shape"),
        Field("forme 2", "geo_shape"),
        Field("photo", "file"),
        Field("brut", "json_blob"),
    )
)
POLYGON = {"type": "Polygon", "coordinates": [[[0, 0], [4, 0], [4, 4], [0, 0]], [[1, 1], [2, 1], [2, 2], [1, 1]]]}
ANTIMERIDIAN = {
    "type": "MultiPolygon",
    "coordinates": [
        [[[179.5, -17], [180, -17], [180, -16], [179.5, -17]]],
        [[[-180, -17], [-179.5, -17], [-180, -16], [-180, -17]]],
    ],
}
LINES = {"type": "MultiLineString", "coordinates": [[[0, 0], [1, 1]], [[2, 2], [3, 3.5]]]}
MIXED = {"type": "GeometryCollection", "geometries": [{"type": "Point", "coordinates": [7, 8]}, LINES]}
EMPTY = {"type": "MultiPolygon", "coordinates": []}
FULL: dict[str, Any] = {
    "texte": "é🎭 \"'<&>;,\t|\r\n=1+1 \\ _x0041_  deux ",
    "nom de la commune é": "Auch",
    "nom de la commune è": "\x07cloche\x1f￾",
    "OGC_FID": 2**53 + 1,
    "32": 1e-7,
    "oui": True,
    "jour": dt.date(1900, 1, 1),
    "mois": dt.date(2024, 5, 1),
    "an": dt.date(987, 1, 1),
    "heure": dt.datetime(1789, 7, 14, 8, 30, 59, 999_999, tzinfo=dt.UTC),
    "labels": ["a;b", "c,d", ""],
    "geometry": {"lon": 0.5863, "lat": 43.6465},
    "ailleurs": {"lon": -180.0, "lat": 90.0},
    "forme": POLYGON,
    "forme 2": LINES,
    "photo": '{"url": "https://exemple.fr/?a=1&b=2"}',
    "brut": '{"a": ["é", null, 1.5]}',
}
ROWS: list[dict[str, Any]] = [
    FULL,
    {},
    {"texte": "", "oui": False, "labels": [], "forme": EMPTY, "32": 0.0, "OGC_FID": -(2**63)},
    {"texte": " x ", "forme": ANTIMERIDIAN, "jour": dt.date(9999, 12, 31), "OGC_FID": 2**53, "32": 1e300},
    {"texte": "a\nb", "forme": LINES, "jour": dt.date(1900, 3, 1), "OGC_FID": -5, "geometry": {"lon": 1.0, "lat": 2.0}},
    {"texte": "]]>", "forme": MIXED, "heure": dt.datetime(2024, 3, 31, 1, 0, tzinfo=dt.UTC), "32": -72.48},
    {"texte": "x", "forme": {"type": "MultiPoint", "coordinates": [[1, 2], [3, 4]]}, "32": float("nan")},
    {
        "texte": "y",
        "forme": {"type": "Point", "coordinates": [5.5, -6.25]},
        "geometry": {"lon": float("nan"), "lat": 1.0},
    },
]
"""The rows, their shapes as GeoJSON objects."""


def hostile_batch(geometry: str, rows: list[dict[str, Any]] = ROWS, schema: Schema = SCHEMA) -> pa.RecordBatch:
    """Return the rows as the engine would give them, shapes as GeoJSON text or WKB."""
    columns = []
    for field in schema:
        values = [row.get(field.name) for row in rows]
        kind = ARROW_TYPES[field.type]
        if field.type == "geo_shape":
            write = json.dumps if geometry == "geojson" else geometry_wkb
            values = [None if value is None else write(value) for value in values]
            kind = pa.string() if geometry == "geojson" else pa.binary()
        columns.append(pa.array(values, pa.list_(kind) if field.multivalued else kind))
    return pa.record_batch(columns, names=list(schema.names))


def written(name: str, *, batches: int = 1, **options: Any) -> bytes:
    """Return the hostile table in a format, cut in `batches` (0: no rows at all)."""
    exporter = EXPORTERS[name]
    whole = hostile_batch(exporter.geometry)
    size = -(-len(whole) // batches) if batches else 0
    parts = [whole.slice(start, size) for start in range(0, len(whole), size)] if batches else []
    return b"".join(exporter.write(SCHEMA, parts, ExportOptions(**options)))
