"""A GeoJSON file as texts: one column per property, and one for the geometry."""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import islice
from typing import Any

import pyarrow as pa

from datasets.errors import BrokenJson, EmptyFile
from datasets.ingest.coordinates import Converter, Positions, System, find_system
from datasets.ingest.formats.format import Format, Outcome
from datasets.ingest.formats.records import Columns, Record, write_cell
from datasets.ingest.formats.scanning import Scanner, walk
from datasets.ingest.options import Reading
from datasets.ingest.raw import RawTable, gather, text_schema
from datasets.ingest.report import Report
from datasets.ingest.source import Source
from datasets.ingest.tabulation import BATCH

GEOMETRIES = ("Point", "LineString", "Polygon", "MultiPoint", "MultiLineString", "MultiPolygon", "GeometryCollection")
LAYER = re.compile(rf'"type"\s*:\s*"(?:FeatureCollection|Feature|{"|".join(GEOMETRIES)})"')
LIST = ("features",)
CRS = ("crs", "properties", "name")


@dataclass
class Layer:
    """What going through a layer once tells: its columns, whether all its shapes are points, where they lie."""

    columns: Columns
    seen: Positions = field(default_factory=Positions)
    crs: str = ""
    points: int = 0
    shapes: int = 0

    @property
    def kind(self) -> str:
        """The type of the column of the geometry."""
        return "geo_point" if self.shapes and self.points == self.shapes else "geo_shape"

    def learn(self, feature: Record) -> None:
        """Take note of a feature."""
        self.columns.learn(properties(feature))
        if geometry := feature.get("geometry"):
            self.shapes += 1
            self.points += is_point(geometry)
            if position := first_position(geometry):
                self.seen.add(*position)


def read_features(source: Source, reading: Reading, report: Report) -> Outcome:
    """Return the features of a GeoJSON file as texts; the number of a record is the rank of its feature.

    The geometry comes last: as `geo_point_2d` when all are points, else as `geo_shape`. A property that JSON
    writes as text never becomes a number. Raises BrokenJson, UnknownSystem, and EmptyFile when there is no feature.
    """
    layer = Layer(Columns(source.name))
    for feature in features_of(source, layer):
        layer.learn(feature)
    if not layer.columns.records:
        raise EmptyFile(name=source.name)
    report.expected = layer.columns.records
    system = find_system(layer.crs, layer.seen, reading, report)
    labels = layer.columns.labels
    with Converter(system, "geojson", layer.kind, source.name) as converter:
        table = gather(batches_of(source, layer, converter), text_schema(len(labels) + 1), report.advance)
    label = "geo_point_2d" if layer.kind == "geo_point" else "geo_shape"
    types, barred = {len(labels): layer.kind}, layer.columns.barred
    return Outcome(RawTable([*labels, label], table, first_row=1, types=types, barred=barred), used_of(system))


def used_of(system: System) -> dict[str, str]:
    """Return the options that a coordinate system used."""
    return {"crs": system.crs or "EPSG:4326"}


def batches_of(source: Source, layer: Layer, converter: Converter) -> Iterator[pa.RecordBatch]:
    """Yield the texts of the features, the geometry last, in batches."""
    features = features_of(source, Layer(layer.columns))
    while part := list(islice(features, BATCH)):
        texts = next(layer.columns.batches(map(properties, part)))
        geometries = [feature.get("geometry") for feature in part]
        if layer.kind == "geo_point" and converter.system.is_plain:
            shapes = pa.array([point_text(geometry) if geometry else "" for geometry in geometries], pa.string())
        else:
            written = [write_cell(geometry) if geometry else None for geometry in geometries]
            shapes = pa.array(written, pa.string())
            shapes = shapes.fill_null("") if converter.system.is_plain else converter.texts(shapes)
        yield pa.RecordBatch.from_arrays([*texts.columns, shapes], schema=text_schema(len(texts.columns) + 1))


def features_of(source: Source, layer: Layer) -> Iterator[Record]:
    """Yield the features of a FeatureCollection, of one Feature, or of a bare geometry; raise BrokenJson otherwise.

    The coordinate system that the document states is noted on the `layer`.
    """
    document: dict[str, Any] = {}
    rank = 0
    with Scanner(source.path, source.name) as scanner:
        if scanner.peek() != "{":
            raise BrokenJson(name=source.name, line=1, column=1, found="no object")
        for path, value, listed in walk(scanner):
            if listed and path == LIST:
                rank += 1
                if not isinstance(value, dict) or value.get("type") != "Feature":
                    raise BrokenJson(name=source.name, line=1, column=1, found=f"feature {rank} is not a Feature")
                yield value
            elif path == CRS and isinstance(value, str):
                layer.crs = value
            elif path == ("type",):
                document["type"] = value
        scanner.end()
    if not rank and document.get("type") != "FeatureCollection":
        yield _lone_feature(source, document.get("type"))


def _lone_feature(source: Source, kind: Any) -> Record:
    if kind != "Feature" and kind not in GEOMETRIES:
        raise BrokenJson(name=source.name, line=1, column=1, found=f"type {kind!r}")
    with Scanner(source.path, source.name) as scanner:
        document: Record = scanner.value()
    return document if kind == "Feature" else {"type": "Feature", "properties": {}, "geometry": document}


def properties(feature: Record) -> Record:
    """Return the properties of a feature, with its identifier when it has one beside."""
    found = feature.get("properties")
    own: Record = found if isinstance(found, dict) else {}
    if "id" in feature and "id" not in own:
        return {"id": feature["id"], **own}
    return own


def is_point(geometry: Any) -> bool:
    """Return whether a geometry is a point."""
    return isinstance(geometry, dict) and geometry.get("type") == "Point" and len(geometry.get("coordinates") or ()) > 1


def point_text(geometry: Record) -> str:
    """Return a point as latitude, longitude, with every digit of the file."""
    longitude, latitude = (json.dumps(number) for number in geometry["coordinates"][:2])
    return f"{latitude}, {longitude}"


def first_position(geometry: Any) -> tuple[float, float] | None:
    """Return the first position of a geometry; None when it has none."""
    part = geometry
    while isinstance(part, dict):
        members = part.get("geometries")
        part = members[0] if isinstance(members, list) and members else part.get("coordinates")
    while isinstance(part, list) and part and isinstance(part[0], list):
        part = part[0]
    if isinstance(part, list) and len(part) > 1 and all(isinstance(one, int | float) for one in part[:2]):
        return part[0], part[1]
    return None


def is_layer(source: Source) -> bool:
    """Return whether a JSON document says, at its head or at its end, that it holds features."""
    if not source.text.lstrip().startswith("{"):
        return source.extension == "geojson"
    return bool(LAYER.search(source.text) or LAYER.search(source.tail)) or source.extension == "geojson"


FORMAT = Format(
    name="geojson",
    label={"fr": "couche GeoJSON", "en": "GeoJSON layer"},
    extensions=("geojson", "json"),
    is_it=lambda source: source.is_json and is_layer(source),
    read=read_features,
)
