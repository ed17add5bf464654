"""The JSON shapes of version 1: records, datasets and facets, made from those of version 2.1."""

import json
from collections.abc import Container, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import pyarrow as pa

from datasets.facets import FacetGroup, FacetValue
from datasets.model import Schema
from datasets.query import Result
from exports import EXPORTERS, ExportOptions
from exports.exporter import pieces
from portal.explore.catalogue import Target
from portal.explore.shapes import write_json, write_rows
from portal.explore.v1 import places

IDENTIFIER = "_id"
INTEROPERABLE = ("dcat", "inspire", "dublin-core")
"""The templates of metadata that `interopmetas` shows; `extrametas` shows those that are neither these nor default."""


@dataclass(frozen=True)
class Shaper:
    """Makes rows the records of one dataset; `schema` is that of the rows."""

    target: Target
    schema: Schema

    def records(self, rows: Iterable[dict[str, Any]]) -> Iterator[dict[str, Any]]:
        """Yield records from the objects of version 2.1, each with its identifier."""
        moment = self.target.version.created.isoformat(timespec="seconds")
        types = {field.name: field.type for field in self.schema}
        for row in rows:
            identifier = row.pop(IDENTIFIER, None)
            fields = {name: plain(types.get(name, ""), value) for name, value in row.items() if value is not None}
            geometry = self.geometry(fields)
            yield {
                "datasetid": self.target.dataset.dataset_id,
                "recordid": identifier,
                "fields": fields,
                **({"geometry": geometry} if geometry else {}),
                "record_timestamp": moment,
            }

    def geometry(self, fields: Mapping[str, Any]) -> dict[str, Any] | None:
        """Return the geometry of a record: its point, else its shape, else None."""
        place = places.find_place(self.schema)
        found = fields.get(place.name) if place else None
        if place is None or found is None:
            return None
        return {"type": "Point", "coordinates": found[::-1]} if place.type == "geo_point_2d" else found


def plain(kind: str, value: Any) -> Any:
    """Return a value as version 1 has it: a point is [lat, lon], a shape its bare geometry."""
    if isinstance(value, list):
        return [plain(kind, each) for each in value]
    if kind == "geo_point_2d":
        return [value["lat"], value["lon"]]
    return value["geometry"] if kind == "geo_shape" else value


def read_rows(result: Result, options: ExportOptions) -> list[dict[str, Any]]:
    """Return the rows of a result as the objects of version 2.1."""
    rows: list[dict[str, Any]] = json.loads(write_rows(result, options))
    return rows


def read_records(result: Result, target: Target, options: ExportOptions) -> list[dict[str, Any]]:
    """Return the rows of a result as records, all of them."""
    return list(_shape_rows(result.schema, result.rows, target, options))


def write_records(result: Result, target: Target, options: ExportOptions) -> Iterator[bytes]:
    """Yield the rows of a result as one JSON array of records, one piece in memory at a time."""
    yield b"["
    separator = b""
    for piece in pieces(result.rows):
        written = write_json(list(_shape_rows(result.schema, [piece], target, options)))
        yield separator + written[1:-1].encode()
        separator = b", "
    yield b"]"


def _shape_rows(
    schema: Schema, batches: Iterable[pa.RecordBatch], target: Target, options: ExportOptions
) -> Iterator[dict[str, Any]]:
    text = b"".join(EXPORTERS["json"].write(schema, batches, options))
    return Shaper(target, schema).records(json.loads(text))


def shape_collection(records: Iterable[Mapping[str, Any]]) -> dict[str, Any]:
    """Return records as a GeoJSON FeatureCollection."""
    features = [
        {
            "type": "Feature",
            "id": record["recordid"],
            "geometry": record.get("geometry"),
            "properties": record["fields"],
        }
        for record in records
    ]
    return {"type": "FeatureCollection", "features": features}


def shape_facets(groups: Iterable[FacetGroup], names: Iterable[str], moments: Container[str]) -> list[dict[str, Any]]:
    """Return the facet groups asked; the values of `moments`, which are dates, are numbers, months too."""
    wanted = set(names)
    return [
        {
            "name": group.name,
            "count": sum(value.count for value in group.values),
            "facets": [_facet(value, dated=group.name in moments) for value in group.values],
            **({"truncated": True} if group.truncated else {}),
        }
        for group in groups
        if group.name in wanted
    ]


def _facet(value: FacetValue, *, dated: bool) -> dict[str, Any]:
    shaped: dict[str, Any] = {
        "name": value.value.rpartition("/")[2] if dated else value.name,
        "path": value.value,
        "count": value.count,
        "state": value.state,
    }
    children = [_facet(child, dated=dated) for child in value.children]
    return shaped | {"facets": children} if children else shaped


def shape_dataset(
    dataset: Mapping[str, Any], domain: str, *, interop: bool = False, extra: bool = False
) -> dict[str, Any]:
    """Return a dataset of version 1 from that of version 2.1: flat metadata without nulls, annotations in lists."""
    templates = dataset["metas"]
    others = {name: each for name, each in templates.items() if name not in ("default", *INTEROPERABLE)}
    shaped = {
        "datasetid": dataset["dataset_id"],
        "metas": _told({**templates["default"], "domain": domain, "visibility": dataset["visibility"]}),
        "has_records": dataset["has_records"],
        "data_visible": dataset["data_visible"],
        "features": dataset["features"],
        "attachments": dataset["attachments"],
        "alternative_exports": dataset["alternative_exports"],
        "fields": [{**field, "annotations": _annotations(field["annotations"])} for field in dataset["fields"]],
        "basic_metas": {"default": _told(templates["default"])},
    }
    if interop:
        shaped["interop_metas"] = {name: _told(templates.get(name, {})) for name in INTEROPERABLE}
    if extra:
        shaped["extra_metas"] = {"visualization": {}, **{name: _told(each) for name, each in others.items()}}
    return shaped


def _told(metas: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in metas.items() if value is not None}


def _annotations(annotations: Mapping[str, Any]) -> list[dict[str, Any]]:
    return [
        {"name": name, "args": [] if value is True else [str(value)]}
        for name, value in annotations.items()
        if value is not False
    ]
