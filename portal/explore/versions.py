"""The versions of a dataset: their list, and the permanent address of the records of each.

These addresses are ours, beside those of Opendatasoft: `/catalog/datasets/ID/versions/VERSION/records` takes what
`/catalog/datasets/ID/records` takes, and always answers the same.
"""

from collections.abc import Callable
from typing import Any

from flask import Blueprint, Response

from datasets.catalogue.catalogue import HistoryEntry, list_history
from datasets.errors import LimitExceeded
from datasets.history.changes import SchemaChange, compare_schemas
from datasets.history.differences import Comparison, find_key
from datasets.model import Version
from datasets.query import source_of
from datasets.table_schema import describe_table
from portal.explore import shapes
from portal.explore.calls import (
    BASE,
    answer_json,
    answer_unchanging,
    complete_headers,
    find_dataset,
    read_call,
)
from portal.explore.catalogue import Target, open_version
from portal.explore.routes import answer_export_of, answer_page, count, offered
from portal.extensions import api_limit, note_use, portal

VERSIONS = "/catalog/datasets/<dataset_id>/versions"
VERSION = f"{VERSIONS}/<version_id>"

UNCHANGING = "public, max-age=604800, immutable"
"""How long caches keep what never changes: a week, after which a version that was withdrawn is gone from them too."""

bp = Blueprint("explore_versions", __name__, url_prefix=BASE)
bp.after_request(complete_headers)
api_limit(bp)

View = Callable[..., Response]


def route(path: str, endpoint: str) -> Callable[[View], View]:
    """Register a view with and without a trailing slash, by GET and by form POST, without any redirect."""
    return bp.route(path, endpoint=endpoint, methods=["GET", "POST"], strict_slashes=False)


@route(VERSIONS, "versions")
def answer_versions(dataset_id: str) -> Response:
    """Answer the list of the versions of a dataset, the newest first."""
    call, target = read_call(), find_dataset(dataset_id)
    note_use(target.dataset.dataset_id, "api")
    with portal.databases.session("catalogue") as session:
        history = list_history(session, target.dataset.dataset_id)
    address = shapes.dataset_address(call.base, target.dataset.dataset_id)
    results = [shape_entry(entry, address) for entry in history]
    return answer_json({"total_count": len(results), "results": results})


@route(VERSION, "version")
def answer_version(dataset_id: str, version_id: str) -> Response:
    """Answer the description of one version: its fields and its addresses."""
    call, target = read_call(), find_target(dataset_id, version_id)
    note_use(target.dataset.dataset_id, "api")
    with portal.databases.session("catalogue") as session:
        history = list_history(session, target.dataset.dataset_id)
    address = shapes.dataset_address(call.base, target.dataset.dataset_id)
    entry = next(one for one in history if one.version.version_id == version_id)
    fields = [{"name": field.name, "type": field.type, "label": dict(field.label)} for field in target.version.schema]
    return answer_json({**shape_entry(entry, address), "fields": fields})


@route("/catalog/datasets/<dataset_id>/schema.json", "schema")
@route(f"{VERSION}/schema.json", "version_schema")
def answer_schema(dataset_id: str, version_id: str = "") -> Response:
    """Answer the Table Schema of a dataset, or of one of its versions."""
    call = read_call()
    target = find_target(dataset_id, version_id) if version_id else find_dataset(dataset_id)
    note_use(target.dataset.dataset_id, "api")
    return answer_unchanging(
        call, target.version, lambda: shapes.write_json(describe_table(target.version.schema, call.lang))
    )


@route(f"{VERSION}/records", "records")
def answer_records(dataset_id: str, version_id: str) -> Response:
    """Answer a page of records, or of groups, of one version."""
    return answer_page(read_call(), find_target(dataset_id, version_id))


@route(f"{VERSION}/facets", "facets")
def answer_facets(dataset_id: str, version_id: str) -> Response:
    """Answer the facets of one version, with their counts."""
    call, target = read_call(), find_target(dataset_id, version_id)
    note_use(target.dataset.dataset_id, "api")
    return count(call, target, shapes.link("version", call.address.removesuffix("/facets")))


@route(f"{VERSION}/exports", "exports")
def answer_formats(dataset_id: str, version_id: str) -> Response:
    """Answer the list of the exports of one version."""
    call, target = read_call(), find_target(dataset_id, version_id)
    note_use(target.dataset.dataset_id, "api")
    return answer_json(shapes.shape_formats(call.address, offered(target)))


@route(f"{VERSION}/exports/<name>", "export")
def answer_export(dataset_id: str, version_id: str, name: str) -> Response:
    """Answer the records of one version as a file, which caches may keep: it will never be another."""
    call = read_call()
    response = answer_export_of(call, find_target(dataset_id, version_id), name)
    if call.timeless:
        response.headers["Cache-Control"] = UNCHANGING
    return response


@route(f"{VERSION}/changes/<since>", "changes")
def answer_changes(dataset_id: str, version_id: str, since: str) -> Response:
    """Answer what changed from the version `since` to this one: fields, queries that it breaks, rows."""
    call, target = read_call(), find_target(dataset_id, version_id)
    before = find_target(dataset_id, since).version
    note_use(target.dataset.dataset_id, "api")
    return answer_unchanging(call, target.version, lambda: shapes.write_json(shape_changes(before, target.version)))


def find_target(dataset_id: str, version_id: str) -> Target:
    """Return one version of a published dataset; raise NotFound, or Withdrawn with the reason."""
    dataset = find_dataset(dataset_id).dataset
    with portal.databases.session("catalogue") as session:
        return open_version(session, portal.store, dataset, version_id)


def shape_entry(entry: HistoryEntry, address: str) -> dict[str, Any]:
    """Return a version as the list shows it; one that was withdrawn has its reason and no link."""
    version = entry.version
    here = f"{address}/versions/{version.version_id}"
    links = [shapes.link("self", here), *(shapes.link(part, f"{here}/{part}") for part in ("records", "exports"))]
    return {
        "version_id": version.version_id,
        "created": version.created.isoformat(),
        "published": entry.published.isoformat(),
        "records_count": version.rows,
        "current": entry.current,
        "withdrawn": entry.withdrawn_reason,
        "links": [] if entry.withdrawn_reason is not None else links,
    }


def shape_changes(before: Version, after: Version) -> dict[str, Any]:
    """Return what changed between two versions; the counts of rows are null when counting takes too long."""
    key = tuple(name for name in find_key(after.schema) if before.schema.find_field(name))
    try:
        comparison = Comparison(portal.engine, source_of(before, portal.store), source_of(after, portal.store), key)
        rows = comparison.count()
    except LimitExceeded:
        rows = None
    changes = compare_schemas(before.schema, after.schema)
    return {
        "from": before.version_id,
        "to": after.version_id,
        "key": list(key),
        "rows": rows,
        "fields": [shape_change(change) for change in changes],
    }


def shape_change(change: SchemaChange) -> dict[str, Any]:
    """Return what becomes of a field, with the queries that stop working."""
    return {
        "change": change.kind,
        "field": change.field,
        "before": change.before or None,
        "after": change.after or None,
        "breaking": change.breaking,
        "message": {lang: change.message(lang) for lang in ("fr", "en")},
        "broken_queries": [
            {"clause": one.clause, "text": one.text, "answer": dict(one.answer)} for one in change.broken
        ],
    }
