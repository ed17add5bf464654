"""GeoJSON (RFC 7946): a FeatureCollection, WGS84, longitude first."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Literal

import pyarrow as pa
import pyarrow.compute as pc

from datasets.model import Schema
from exports.exporter import ExportOptions, join_rows, write_pieces
from exports.objects import object_parts, without_first_comma
from exports.values import geometry_texts, point_texts

GEOMETRIES = {"geo_shape": geometry_texts, "geo_point_2d": point_texts}
"""The field types that can be a feature's geometry, best first."""


@dataclass(frozen=True)
class Features:
    """Writes one feature per row.

    The geometry is the first geo_shape, else the first geo_point_2d, else null. That geo_shape leaves the
    properties; a geo_point_2d stays in them.
    """

    name: str = "geojson"
    extension: str = "geojson"
    media_type: str = "application/geo+json; charset=utf-8"
    geometry: Literal["geojson", "wkb"] = "geojson"
    needs_geometry: bool = True
    needs_date: bool = False

    def write(self, schema: Schema, batches: Iterable[pa.RecordBatch], options: ExportOptions) -> Iterator[bytes]:
        """Yield the collection."""
        shape = next((i for i, field in enumerate(schema) if field.type == "geo_shape"), None)
        kept = [i for i in range(len(schema)) if i != shape]
        properties = Schema(tuple(schema.fields[i] for i in kept))
        yield b'{"type": "FeatureCollection", "features": ['

        def write(piece: pa.RecordBatch) -> bytes:
            values = object_parts(properties, piece.select(kept), options)
            geometry = _geometries(schema, piece)
            return join_rows([', {"type": "Feature", "geometry": ', geometry, ', "properties": ', *values, "}"])

        yield from without_first_comma(write_pieces(batches, write))
        yield b"]}"


def _geometries(schema: Schema, piece: pa.RecordBatch) -> pa.Array:
    candidates = []
    for kind, writer in GEOMETRIES.items():
        column = next((i for i, field in enumerate(schema) if field.type == kind), None)
        if column is not None:
            candidates.append(writer(piece.column(column)))
    nulls = pa.array(["null"] * piece.num_rows, pa.string())
    return pc.coalesce(*candidates, nulls)
