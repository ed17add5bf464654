"""The envelopes of version 2.0: links beside each dataset and each record."""

from collections.abc import Mapping
from typing import Any

from datasets.query import Query
from portal.explore.calls import Call
from portal.explore.catalogue import Target
from portal.explore.shapes import dataset_address, link, write_json

Json = dict[str, Any]
PARTS = ("records", "facets", "exports", "aggregates", "attachments")
"""What the links of a dataset lead to."""


def write_page(call: Call, query: Query, total: int, name: str, objects: list[Json]) -> str:
    """Return a page: how many there are, the pages around, then the objects under `name`."""
    return write_json({"total_count": total, "links": call.links(query, total), name: objects})


def wrap_dataset(dataset: Mapping[str, Any], base: str) -> Json:
    """Return a dataset in its envelope; chosen fields without an identifier have no links."""
    identifier = dataset.get("dataset_id")
    if identifier is None:
        return {"links": [], "dataset": dataset}
    address = dataset_address(base, identifier)
    around = [link("self", address), link("datasets", f"{base}/catalog/datasets"), link("source", f"{base}/catalog")]
    return {"links": [*around, *(link(part, f"{address}/{part}") for part in PARTS)], "dataset": dataset}


def wrap_record(row: Mapping[str, Any], target: Target, base: str) -> Json:
    """Return a row in the envelope of a record; a group has no identifier, and no link of its own."""
    fields = {name: value for name, value in row.items() if name != "_id"}
    identifier = row.get("_id")
    address = dataset_address(base, target.dataset.dataset_id)
    own = [link("self", f"{address}/records/{identifier}")] if identifier else []
    record = {
        "id": identifier,
        "timestamp": target.version.created.isoformat(timespec="seconds"),
        "size": len(write_json(fields).encode()),
        "fields": fields,
    }
    return {"links": [*own, link("datasets", f"{base}/catalog/datasets"), link("dataset", address)], "record": record}
