"""The JSON shapes of version 1: records, datasets and facets, made from those of version 2.1."""

import json
from collections.abc import Container, Iterable, Iterator, Mapping
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from datasets.facets import FacetGroup, FacetValue
from datasets.model import Field, Schema
from datasets.query import Result
from exports import ExportOptions
from exports.exporter import join_rows, pieces
from exports.values import cell_texts, geometry_texts, json_texts, point_texts
from portal.explore.catalogue import Target
from portal.explore.shapes import write_json, write_rows
from portal.explore.v1 import places

IDENTIFIER = "_id"
INTEROPERABLE = ("dcat", "inspire", "dublin-core")
"""The templates of metadata that `interopmetas` shows; `extrametas` shows those that are neither these nor default."""


def read_rows(result: Result, options: ExportOptions) -> list[dict[str, Any]]:
    """Return the rows of a result as the objects of version 2.1."""
    rows: list[dict[str, Any]] = json.loads(write_rows(result, options))
    return rows


def read_records(result: Result, target: Target, options: ExportOptions) -> list[dict[str, Any]]:
    """Return the rows of a result, which hold `_id`, as records, all of them."""
    records: list[dict[str, Any]] = json.loads(b"".join(write_records(result, target, options)))
    return records


def write_records(result: Result, target: Target, options: ExportOptions) -> Iterator[bytes]:
    """Yield the rows of a result, which hold `_id`, as one JSON array of records, whole columns at a time."""
    yield b"["
    first = True
    for piece in pieces(result.rows):
        rows = join_rows([", ", *_record_parts(result.schema, piece, target, options)])
        yield rows[2:] if first else rows
        first = False
    yield b"]"


def _record_parts(
    schema: Schema, piece: pa.RecordBatch, target: Target, options: ExportOptions
) -> list[str | pa.Array]:
    """Return the parts of the JSON of each record: a null is left out, with its name."""
    columns = dict(zip(schema.names, piece.columns, strict=True))
    identifier = columns.pop(IDENTIFIER)
    members = [
        _member(field.name, _texts(columns[field.name], field, options)) for field in schema if field.name in columns
    ]
    moment = target.version.created.isoformat(timespec="seconds")
    return [
        f'{{"datasetid": {write_json(target.dataset.dataset_id)}, "recordid": "',
        identifier,
        '", "fields": {',
        pc.binary_replace_slice(pc.binary_join_element_wise(*members, ""), 0, 2, ""),
        "}",
        _member("geometry", _geometries(schema, columns)),
        f', "record_timestamp": "{moment}"}}',
    ]


def _member(name: str, texts: pa.Array) -> pa.Array:
    """Return `, "name": value` for each text, nothing for a null."""
    return pc.fill_null(pc.binary_join_element_wise(f", {write_json(name)}: ", texts, ""), "")


def _texts(column: pa.Array, field: Field, options: ExportOptions) -> pa.Array:
    """Return the JSON of each value as version 1 has it: a point is [lat, lon], a shape its bare geometry."""
    if field.type == "geo_shape" and not field.multivalued:
        return geometry_texts(column)
    if field.type == "geo_point_2d" and not field.multivalued:
        known = cell_texts(column, field, options)
        return pc.binary_join_element_wise("[", pc.if_else(pc.equal(known, ""), None, known), "]", "")
    texts = json_texts(column, field, options)
    return pc.if_else(pc.equal(texts, "null"), None, texts)


def _geometries(schema: Schema, columns: Mapping[str, pa.Array]) -> pa.Array:
    """Return the geometry of each record: its point, else its shape, null without either."""
    place = places.find_place(schema)
    if place is None:
        return pa.nulls(len(next(iter(columns.values()))), pa.string())
    return (point_texts if place.type == "geo_point_2d" else geometry_texts)(columns[place.name])


def plain(kind: str, value: Any) -> Any:
    """Return one value of version 2.1 as version 1 has it: a point is [lat, lon], a shape its bare geometry."""
    return [value["lat"], value["lon"]] if kind == "geo_point_2d" else value["geometry"]


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
