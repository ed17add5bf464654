"""Examples of clauses for a dataset, made of its own fields and of its own first record, so that each works."""

import json
from collections.abc import Iterator, Mapping
from typing import Any

from datasets.model import Field, Schema
from datasets.odsql import nodes
from datasets.odsql.nodes import Node
from datasets.odsql.text import print_name, print_node
from datasets.query import Query, Source, run_query
from datasets.store.engine import Engine
from exports import EXPORTERS, ExportOptions
from portal.explore.openapi.asking import Examples

NUMBERS = ("int", "double")
MOMENTS = ("date", "datetime")
PLAIN = ("text", "int", "double", "boolean", "date", "datetime")


def read_first(source: Source, engine: Engine) -> Mapping[str, Any]:
    """Return the first record with its identifier, as the API gives it; nothing when there is none."""
    result = run_query(Query(limit=1), source, engine, app_metas="_id" not in source.schema.names)
    text = b"".join(EXPORTERS["json"].write(result.schema, result.rows, ExportOptions()))
    records = json.loads(text)
    return records[0] if records else {}


def write_examples(schema: Schema, record: Mapping[str, Any]) -> Mapping[str, Examples]:
    """Return examples by endpoint and parameter, for a dataset whose first record is `record`."""
    filters = dict(_filters(schema, record))
    sorted_by = {field.type: print_name(field.name) for field in schema if field.type in (*NUMBERS, *MOMENTS)}
    chosen = [print_name(field.name) for field in schema if field.type in PLAIN][:3]
    asked: dict[str, dict[str, str]] = {
        "where": filters,
        "order_by": {kind: f"{name} DESC" for kind, name in sorted_by.items()},
        "select": {"fields": ", ".join(chosen)} if chosen else {},
        "refine": dict(_refinements(schema, record)),
    }
    grouping = next((field for field in schema if "facet" in field.annotations), None)
    facets = {"facet": {"facet": grouping.name}} if grouping else {}
    conditions = {name: asked[name] for name in ("where", "refine")}
    return {"records": asked, "export": asked, "facets": {**conditions, **facets}}


def _filters(schema: Schema, record: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Yield a condition for each kind of field, which the record meets."""
    for field in schema:
        value = record.get(field.name)
        if value not in (None, [], "") and (node := _condition(field, value)):
            yield field.type, print_node(node)


def _condition(field: Field, value: Any) -> Node | None:
    name = nodes.Name(field.name)
    if field.multivalued:
        return nodes.Compare("=", name, nodes.Literal(value[0])) if field.type == "text" else None
    if field.type in MOMENTS:
        return nodes.Compare(">=", name, nodes.Date(value[:10]))
    if field.type in NUMBERS:
        return nodes.Compare(">=", name, nodes.Literal(value))
    return nodes.Compare("=", name, nodes.Literal(value)) if field.type in ("text", "boolean") else None


def _refinements(schema: Schema, record: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Yield the values of the record's facets, as `refine` takes them."""
    for field in schema:
        value = record.get(field.name)
        first = value[0] if field.multivalued and value else value
        if "facet" in field.annotations and field.type in PLAIN and first not in (None, "", []):
            shown = first[:4] if field.type in MOMENTS else str(first).lower() if field.type == "boolean" else first
            yield field.name, f"{print_name(field.name)}:{shown}"
