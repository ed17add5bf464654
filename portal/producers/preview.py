"""What the public will see of a draft: its first records, its places and one chart, kept as plain values."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from datasets.model import Field, Schema

ROWS, PLACES, BARS = 20, 500, 10
LONGEST = 300
CHARTED = ("text", "int", "boolean", "date")


@dataclass(frozen=True)
class Preview:
    """The fields that a draft would publish, its first records, its places (lon, lat, label) and its chart."""

    fields: tuple[Field, ...]
    records: tuple[Mapping[str, Any], ...]
    places: tuple[tuple[float, float, str], ...]
    charted: Field | None
    bars: tuple[tuple[str, int], ...]


def make_preview(schema: Schema, table: pa.Table) -> dict[str, Any]:
    """Return the preview of rows about to be published, ready for JSON."""
    shown = [field for field in schema if field.type != "geo_shape"]
    head = table.select([field.name for field in shown]).slice(0, ROWS).to_pylist()
    charted, bars = make_chart(schema, table)
    return {
        "types": {field.name: field.type for field in shown},
        "records": [{name: plain(value) for name, value in row.items()} for row in head],
        "places": find_places(schema, table),
        "charted": charted,
        "bars": bars,
    }


def read_preview(kept: Mapping[str, Any], schema: Sequence[Field]) -> Preview:
    """Return a preview of those fields only, with values as the public pages show them."""
    types = kept.get("types", {})
    fields = tuple(field for field in schema if field.name in types)
    records = tuple(
        {field.name: lively(row.get(field.name), types[field.name]) for field in fields}
        for row in kept.get("records", ())
    )
    charted = next((field for field in schema if field.name == kept.get("charted")), None)
    placed = any(field.type == "geo_point_2d" for field in schema)
    places = tuple((lon, lat, label) for lon, lat, label in kept.get("places", ())) if placed else ()
    bars = tuple((label, count) for label, count in kept.get("bars", ())) if charted else ()
    return Preview(fields, records, places, charted, bars)


def plain(value: Any) -> Any:
    """Return a value ready for JSON; long texts are cut."""
    if isinstance(value, date | datetime):
        return value.isoformat()
    if isinstance(value, bytes):
        return ""
    return value[:LONGEST] if isinstance(value, str) else value


def lively(value: Any, kind: str) -> Any:
    """Return a value as it was before `plain`."""
    if value is None or kind not in ("date", "datetime"):
        return value
    return datetime.fromisoformat(value) if kind == "datetime" else date.fromisoformat(value)


def find_places(schema: Schema, table: pa.Table) -> list[tuple[float, float, str]]:
    """Return the first places of a table, each with the first text of its record."""
    point = next((field.name for field in schema if field.type == "geo_point_2d"), None)
    if point is None:
        return []
    label = next((field.name for field in schema if field.type == "text"), point)
    found = table.select([point, label] if label != point else [point])
    found = found.filter(pc.is_valid(found.column(point))).slice(0, PLACES).to_pylist()
    return [(row[point]["lon"], row[point]["lat"], plain(row[label]) if label != point else "") for row in found]


def make_chart(schema: Schema, table: pa.Table) -> tuple[str, list[tuple[str, int]]]:
    """Return the field worth a chart and its most frequent values: the first one that has few values."""
    for field in schema:
        if field.type not in CHARTED:
            continue
        column = table.column(field.name)
        values = pc.year(column) if field.type == "date" else column
        counts = values.drop_null().value_counts()
        if 2 <= len(counts) <= max(BARS * 4, 1) and len(counts) * 2 <= table.num_rows:
            pairs = [(str(pair["values"]), pair["counts"]) for pair in counts.to_pylist()]
            return field.name, sorted(pairs, key=lambda pair: (-pair[1], pair[0]))[:BARS]
    return "", []
