"""What version 2.0 does otherwise than version 2.1, in tables: defaults, formats, groups, dates."""

from collections.abc import Iterator, Mapping
from dataclasses import fields, replace
from datetime import datetime
from types import MappingProxyType
from typing import Any

from datasets.model import Field
from datasets.odsql import nodes
from datasets.odsql.functions import FUNCTIONS
from datasets.odsql.nodes import Is, Item, Name, Node, Not
from datasets.odsql.parser import parse_items
from datasets.odsql.text import print_where
from datasets.query import Query, Source

DEFAULTS: Mapping[str, Any] = MappingProxyType({"with_bom": False, "use_extension": False})
"""Parameters whose absence means something else than in version 2.1."""

FORMATS: Mapping[str, str] = MappingProxyType({"xls": "xlsx"})
"""Formats by their former names."""

DATE_TEXTS = ("year", "quarter", "month", "day", "dayofweek", "hour", "minute", "second", "millisecond")
"""Functions whose results are texts in version 2.0."""

MOMENTS = ("date", "datetime")


def drop_null_groups(query: Query, source: Source) -> Query:
    """Return a query whose groups leave out the records without a key, where a condition can say so."""
    items = parse_items(query.group_by, "group_by")
    named = {each.name for item in items if not _tells_null(item.expression) for each in _names(item.expression)}
    known = {name for name in named if _find_field(name, source) is not None}
    told = tuple(print_where(Not(Is(Name(name), "null"))) for name in sorted(known))
    return replace(query, where=(*query.where, *told))


def is_aggregated(query: Query) -> bool:
    """Return whether a query gives groups or totals rather than records."""
    calls = (each for item in parse_items(query.select, "select") for each in _parts(item.expression))
    return bool(query.group_by.strip()) or any(
        isinstance(each, nodes.Call) and FUNCTIONS[each.name].aggregate for each in calls
    )


def read_groups(rows: list[dict[str, Any]], query: Query, source: Source) -> list[dict[str, Any]]:
    """Return groups as version 2.0 has them: no null key, dates as numbers of milliseconds, date parts as texts."""
    groups = parse_items(query.group_by, "group_by")
    keys = {_key(item) for item in groups}
    texts = {_key(item) for item in (*groups, *parse_items(query.select, "select")) if _is_date_part(item)}
    moments = {_key(item) for item in groups if _is_moment(item, source)}
    kept = (row for row in rows if all(row.get(key, "") is not None for key in keys))
    return [{key: _value(value, key in texts, key in moments) for key, value in row.items()} for row in kept]


def read_fields(row: Mapping[str, Any], query: Query) -> dict[str, Any]:
    """Return the fields of a record as version 2.0 has them: date parts as texts."""
    texts = {_key(item) for item in parse_items(query.select, "select") if _is_date_part(item)}
    return {key: _value(value, key in texts, False) for key, value in row.items()}


def _value(value: Any, as_text: bool, as_number: bool) -> Any:
    if value is None:
        return None
    if as_text:
        return str(value)
    return _milliseconds(value) if as_number else value


def _milliseconds(text: str) -> int:
    """Return the milliseconds since 1970 of an ISO date, cut or not, in universal time when it has no offset."""
    padded = {4: f"{text}-01-01", 7: f"{text}-01"}.get(len(text), text)
    moment = datetime.fromisoformat(padded if "T" in padded else f"{padded}T00:00:00+00:00")
    return round(moment.timestamp() * 1000)


def _key(item: Item) -> str:
    if item.alias:
        return item.alias
    return item.expression.name if isinstance(item.expression, Name) else item.text


def _is_date_part(item: Item) -> bool:
    return isinstance(item.expression, nodes.Call) and item.expression.name in DATE_TEXTS


def _is_moment(item: Item, source: Source) -> bool:
    found = _find_field(item.expression.name, source) if isinstance(item.expression, Name) else None
    return found is not None and found.type in MOMENTS


def _find_field(name: str, source: Source) -> Field | None:
    return source.schema.find_field(name) or source.schema.find_field(source.aliases.get(name, ""))


def _tells_null(node: Node) -> bool:
    return any(isinstance(each, nodes.Call) and each.name == "ifnull" for each in _parts(node))


def _names(node: Node) -> Iterator[Name]:
    return (each for each in _parts(node) if isinstance(each, Name))


def _parts(node: Node) -> Iterator[Node]:
    """Yield a node and all that it is made of."""
    yield node
    for field in fields(node):
        value = getattr(node, field.name)
        for part in value if isinstance(value, tuple) else (value,):
            if isinstance(part, Node):
                yield from _parts(part)
