"""Rows become JSON arrays: records with what is asked of them, datasets whole or by chosen fields."""

import json

from datasets.query import Query, Result, run_query
from portal.explore import shapes
from portal.explore.calls import Call
from portal.explore.catalogue import Target, read_descriptions, wants_objects
from portal.extensions import portal


def write_records(call: Call, result: Result, target: Target) -> str:
    """Return the JSON array of records or groups; records with their identifiers and links, when asked."""
    rows = shapes.write_rows(result, call.options)
    if "_id" not in result.schema.names or not call.needs_identifiers:
        return rows
    address = shapes.dataset_address(call.base, target.dataset.dataset_id)
    records = json.loads(rows)
    published = shapes.in_zone(target.version.created.isoformat(), call.values["timezone"])
    for record in records:
        record_id = record.pop("_id")
        size = len(shapes.write_json(record).encode())
        if call.values["include_app_metas"]:
            record |= {"_id": record_id, "_timestamp": published, "_size": size}
        if call.values["include_links"]:
            record["_links"] = shapes.record_links(address, record_id)
    return shapes.write_json(records)


def write_datasets(call: Call, query: Query, target: Target) -> str:
    """Return the JSON array of the datasets that `query` keeps: whole, or the fields or groups that it selects."""
    if not wants_objects(query):
        return shapes.write_rows(run_query(query, target.source, portal.engine), call.options)
    described = read_descriptions(query, target.source, portal.engine)
    asked = {"links": call.values["include_links"], "app_metas": call.values["include_app_metas"]}
    zone = call.values["timezone"]
    return shapes.write_json([shapes.shape_dataset(each, call.base, zone=zone, **asked) for each in described])
