"""A GeoJSON file as texts: one column per property, and one for the geometry."""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pyarrow as pa

from datasets.errors import BrokenJson, EmptyFile
from datasets.ingest.formats.format import Format, Outcome
from datasets.ingest.options import Reading
from datasets.ingest.raw import RawTable
from datasets.ingest.report import Report
from datasets.ingest.sniff import find_mark
from datasets.ingest.source import Source

GEOMETRIES = ("Point", "LineString", "Polygon", "MultiPoint", "MultiLineString", "MultiPolygon", "GeometryCollection")
JSON = re.compile(r"\s*(?:\{\s*[\"}]|\[\s*[\[{\"\d\]-])")
NUMBERS = ("integer", "decimal")


def read_features(source: Source, reading: Reading, report: Report) -> Outcome:
    """Return the features of a GeoJSON file as texts; the number of a record is the rank of its feature.

    The geometry comes last: as `geo_point_2d` when all are points, else as `geo_shape`. A property that JSON
    writes as text never becomes a number. Raises BrokenJson, and EmptyFile when there is no feature.
    """
    name = source.name
    features = list(find_features(read_json(source.path, name), name))
    if not features:
        raise EmptyFile(name=name)
    labels = list(dict.fromkeys(key for feature in features for key in _properties(feature)))
    columns = [[_properties(feature).get(label) for feature in features] for label in labels]
    barred = {i: NUMBERS for i, column in enumerate(columns) if any(isinstance(cell, str) for cell in column)}
    arrays = [pa.array([write_cell(cell) for cell in column], pa.string()) for column in columns]
    label, kind, shapes = write_geometries([feature.get("geometry") for feature in features])
    table = pa.table([*arrays, shapes], names=[str(i) for i in range(len(arrays) + 1)])
    return Outcome(RawTable([*labels, label], table, first_row=1, types={len(arrays): kind}, barred=barred))


def read_json(path: Path, name: str) -> Any:
    """Return the JSON document of a file; raise BrokenJson where it breaks."""
    with path.open("rb") as stream:
        skip, encoding = find_mark(stream)
        stream.seek(skip)
        text = stream.read().decode(encoding or "utf-8")
    try:
        return json.loads(text)
    except json.JSONDecodeError as error:
        raise BrokenJson(name=name, line=error.lineno, column=error.colno, found=error.msg) from error
    except RecursionError:
        raise BrokenJson(name=name, line=1, column=1, found="too many nested brackets") from None


def find_features(document: Any, name: str) -> Iterator[dict[str, Any]]:
    """Yield the features of a FeatureCollection, of one Feature, or of a bare geometry; raise BrokenJson otherwise."""
    kind = document.get("type") if isinstance(document, dict) else None
    if kind == "FeatureCollection" and isinstance(document.get("features"), list):
        for rank, feature in enumerate(document["features"], start=1):
            if not isinstance(feature, dict) or feature.get("type") != "Feature":
                raise BrokenJson(name=name, line=1, column=1, found=f"feature {rank} is not a Feature")
            yield feature
    elif kind == "Feature":
        yield document
    elif kind in GEOMETRIES:
        yield {"type": "Feature", "properties": {}, "geometry": document}
    else:
        raise BrokenJson(name=name, line=1, column=1, found=f"type {kind!r}")


def write_cell(value: Any) -> str:
    """Return a JSON value as the text of a cell: empty for null, as it is for a text, else as JSON writes it."""
    if value is None:
        return ""
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def write_geometries(geometries: list[Any]) -> tuple[str, str, pa.StringArray]:
    """Return the label, the type and the texts of the geometry column."""
    present = [geometry for geometry in geometries if geometry]
    if present and all(_is_point(geometry) for geometry in present):
        texts = [_point_text(geometry["coordinates"]) if geometry else "" for geometry in geometries]
        return "geo_point_2d", "geo_point", pa.array(texts, pa.string())
    return "geo_shape", "geo_shape", pa.array([write_cell(geometry) for geometry in geometries], pa.string())


def _properties(feature: dict[str, Any]) -> dict[str, Any]:
    properties = feature.get("properties") or {}
    if "id" in feature and "id" not in properties:
        return {"id": feature["id"], **properties}
    return properties


def _is_point(geometry: Any) -> bool:
    return isinstance(geometry, dict) and geometry.get("type") == "Point" and len(geometry.get("coordinates") or ()) > 1


def _point_text(coordinates: list[Any]) -> str:
    return f"{coordinates[1]}, {coordinates[0]}"


FORMAT = Format(
    name="geojson",
    label={"fr": "couche GeoJSON", "en": "GeoJSON layer"},
    extensions=("geojson", "json"),
    is_it=lambda source: JSON.match(source.text) is not None,
    read=read_features,
)
