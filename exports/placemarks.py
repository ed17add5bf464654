"""KML 2.2 (OGC 12-007): one placemark per row, for globes; longitude first, WGS84."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any, Literal

import pyarrow as pa
import pyarrow.compute as pc

from datasets.model import Schema
from exports.drawings import check_degrees, drawings_of, naming_field
from exports.exporter import ExportOptions, headings, join_rows, pieces
from exports.geometry import drawing_fields
from exports.markup import HEADER, xml_attribute, xml_texts
from exports.values import cell_texts, point_pairs

OPENING = f'{HEADER}<kml xmlns="http://www.opengis.net/kml/2.2"><Document>'
PARTS = {"MultiPoint": "Point", "MultiLineString": "LineString", "MultiPolygon": "Polygon"}


@dataclass(frozen=True)
class Placemarks:
    """Writes a placemark with its name, every value that is not null, and its geometry when it has one."""

    name: str = "kml"
    extension: str = "kml"
    media_type: str = "application/vnd.google-earth.kml+xml; charset=utf-8"
    geometry: Literal["geojson", "wkb"] = "geojson"
    needs_geometry: bool = True
    needs_date: bool = False

    def write(self, schema: Schema, batches: Iterable[pa.RecordBatch], options: ExportOptions) -> Iterator[bytes]:
        """Yield the document. Raises InvalidParameter for a name field or a coordinate system that it cannot have."""
        check_degrees(options)
        named, drawing = naming_field(schema, options), drawing_fields(schema)
        kept = [place for place, field in enumerate(schema) if place not in drawing or field.type != "geo_shape"]
        titles = headings(schema, options)
        yield OPENING.encode()
        for piece in pieces(batches):
            parts: list[str | pa.Array] = ["<Placemark>"]
            texts = [
                xml_texts(cell_texts(column, field, options))
                for column, field in zip(piece.columns, schema, strict=True)
            ]
            if named is not None:
                parts += ["<name>", texts[named], "</name>"]
            parts.append("<ExtendedData>")
            for place in kept:
                parts.append(_data(titles[place], texts[place], piece.column(place)))
            parts += [
                "</ExtendedData>",
                _geometries([piece.column(place) for place in drawing], len(piece)),
                "</Placemark>\n",
            ]
            yield join_rows(parts)
        yield b"</Document></kml>\n"


def _data(title: str, texts: pa.Array, column: pa.Array) -> pa.Array:
    written = pc.binary_join_element_wise(f"<Data name={xml_attribute(title)}><value>", texts, "</value></Data>", "")
    return pc.if_else(pc.is_valid(column), written, "")


def _geometries(columns: list[pa.Array], rows: int) -> pa.Array:
    nothing = pa.array([""] * rows, pa.string())
    return pc.coalesce(*(_elements(column) for column in columns if not pa.types.is_null(column.type)), nothing)


def _elements(column: pa.Array) -> pa.Array:
    """Return the element of each shape or point; null for a null."""
    if pa.types.is_struct(column.type):
        lon, lat = point_pairs(column)
        return pc.binary_join_element_wise("<Point><coordinates>", lon, ",", lat, "</coordinates></Point>", "")
    return pa.array([None if shape is None else _geometry(shape) for shape in drawings_of(column)], pa.string())


def _geometry(shape: dict[str, Any]) -> str:
    """Return the element of a GeoJSON geometry; nothing for an empty one."""
    kind = shape["type"]
    if kind == "GeometryCollection":
        return _multiple(_geometry(member) for member in shape["geometries"])
    coordinates = shape["coordinates"]
    if kind in PARTS:
        return _multiple(_geometry({"type": PARTS[kind], "coordinates": part}) for part in coordinates)
    if not coordinates:
        return ""
    if kind == "Polygon":
        sides = ["outer", *["inner"] * (len(coordinates) - 1)]
        rings = (
            f"<{side}BoundaryIs><LinearRing>{_positions(ring)}</LinearRing></{side}BoundaryIs>"
            for side, ring in zip(sides, coordinates, strict=True)
        )
        return f"<Polygon>{''.join(rings)}</Polygon>"
    return f"<{kind}>{_positions([coordinates] if kind == 'Point' else coordinates)}</{kind}>"


def _multiple(members: Iterable[str]) -> str:
    written = "".join(members)
    return f"<MultiGeometry>{written}</MultiGeometry>" if written else ""


def _positions(positions: list[list[str]]) -> str:
    return f"<coordinates>{' '.join([','.join(position[:2]) for position in positions])}</coordinates>"
