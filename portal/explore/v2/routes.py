"""The addresses of version 2.0: the building blocks of version 2.1, in the envelopes of version 2.0."""

import json
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from flask import Response, abort

from datasets.catalogue.snapshot import describe_for_api
from datasets.errors import NotAllowed, NotFound, Phrase
from datasets.facets import count_facets
from datasets.query import Query, count_query, find_record, run_query
from portal.explore import routes, shapes
from portal.explore.calls import (
    Call,
    answer_json,
    answer_unchanging,
    find_catalogue,
    find_dataset,
)
from portal.explore.catalogue import Target, read_descriptions, wants_objects
from portal.explore.params import Limits, page_query
from portal.explore.routes import NAME_LENGTH
from portal.explore.v2 import files
from portal.explore.v2.addresses import DATASET, DATASETS, PREFIXES, bp, read_older_call, route, tell_deprecation
from portal.explore.v2.differences import (
    drop_null_groups,
    is_aggregated,
    read_fields,
    read_groups,
)
from portal.explore.v2.wrapping import wrap_dataset, wrap_record, write_page
from portal.extensions import note_use, portal

__all__ = ["PREFIXES", "bp", "files", "tell_deprecation"]


@route("/catalog", "source")
def answer_source() -> Response:
    """Answer where the catalogue's parts are."""
    note_use(None, "api")
    return answer_json(shapes.shape_source(read_older_call().address))


@route(DATASETS, "catalogue")
def answer_datasets() -> Response:
    """Answer a page of the catalogue."""
    call = read_older_call()
    query = call.page()
    note_use(None, "api")
    try:
        target = find_catalogue(call.lang)
    except NotFound:  # nothing was ever published
        return answer_json(write_page(call, query, 0, "datasets", []))

    def write() -> str:
        total = count_query(query, target.source, portal.engine)
        if wants_objects(query):
            described = read_descriptions(query, target.source, portal.engine)
            objects = [shapes.shape_dataset(each, call.base) for each in described]
        else:
            objects = [read_fields(row, query) for row in read_rows(call, query, target)]
        return write_page(call, query, total, "datasets", [wrap_dataset(each, call.base) for each in objects])

    return answer_unchanging(call, target.version, write)


@route(DATASET, "dataset")
def answer_dataset(dataset_id: str) -> Response:
    """Answer the description of one dataset."""
    call, target = read_older_call(), find_dataset(dataset_id)
    note_use(target.dataset.dataset_id, "api")

    def write() -> str:
        shaped = shapes.shape_dataset(describe_for_api(target.dataset, call.lang), call.base)
        return shapes.write_json(wrap_dataset(shaped, call.base))

    return answer_unchanging(call, find_catalogue().version, write)


@route(f"{DATASET}/records", "records")
def answer_records(dataset_id: str) -> Response:
    """Answer a page of records."""
    call, target = read_older_call(), find_dataset(dataset_id)
    query = drop_null_groups(call.page(target), target.source)
    note_use(target.dataset.dataset_id, "api")
    return answer_unchanging(call, target.version, lambda: write_records(call, query, target))


def write_records(call: Call, query: Query, target: Target) -> str:
    """Return a page of records, or of groups, each in its envelope."""
    total = count_query(query, target.source, portal.engine)
    if is_aggregated(query):
        rows = read_groups(read_rows(call, query, target), query, target.source)
    else:
        rows = [read_fields(row, query) for row in read_rows(call, query, target, app_metas=True)]
    return write_page(call, query, total, "records", [wrap_record(row, target, call.base) for row in rows])


def read_rows(call: Call, query: Query, target: Target, *, app_metas: bool = False) -> list[dict[str, Any]]:
    """Return the rows of a query as the objects of version 2.1."""
    rows = shapes.write_rows(run_query(query, target.source, portal.engine, app_metas=app_metas), call.options)
    return list(json.loads(rows))


@route(f"{DATASET}/records/<record_id>", "record")
def answer_record(dataset_id: str, record_id: str) -> Response:
    """Answer one record, by its identifier."""
    call, target = read_older_call(), find_dataset(dataset_id)
    note_use(target.dataset.dataset_id, "api")

    def write() -> str:
        found = find_record(target.source, portal.engine, record_id, call.one(), app_metas=True)
        if found is None:
            raise NotFound(kind="record", name=record_id[:NAME_LENGTH])
        [row] = json.loads(shapes.write_rows(found, call.options))
        return shapes.write_json(wrap_record(row, target, call.base))

    return answer_unchanging(call, target.version, write)


@route(f"{DATASET}/aggregates", "aggregates")
def answer_aggregates(dataset_id: str) -> Response:
    """Answer groups or totals of records."""
    call, target = read_older_call(), find_dataset(dataset_id)
    note_use(target.dataset.dataset_id, "api")
    return aggregate(call, target)


@route("/catalog/aggregates", "catalogue_aggregates")
def answer_catalogue_aggregates() -> Response:
    """Answer groups or totals of datasets."""
    call = read_older_call()
    note_use(None, "api")
    return aggregate(call, find_catalogue(call.lang))


@route(f"{DATASET}/query", "query")
def answer_query(dataset_id: str) -> Response:
    """Answer records or groups under `results`, without envelopes: QGIS reads what version 2.1 gives."""
    return routes.answer_records(dataset_id)


@route("/catalog/query", "catalogue_query")
def answer_catalogue_query() -> Response:
    """Answer datasets or groups under `results`, without envelopes: QGIS reads what version 2.1 gives."""
    return routes.answer_datasets()


def aggregate(call: Call, target: Target) -> Response:
    """Answer the groups of a query, all of them unless `limit` says otherwise; raise NotAllowed when it has none."""
    most = portal.settings.group_limit
    values = {**call.values, "limit": most if call.values["limit"] in (None, -1) else call.values["limit"]}
    conditions = call.export(target).where
    page = page_query({**values, "offset": 0}, call.lang, Limits(most, most, most))
    query = drop_null_groups(replace(page, where=conditions), target.source)
    if not is_aggregated(query):
        detail = Phrase("An aggregate or group_by is missing.", "Il manque un agrégat ou group_by.")
        raise NotAllowed(detail=detail, clause="select")

    def write() -> str:
        rows = read_groups(read_rows(call, query, target), query, target.source)
        return shapes.write_json({"aggregations": rows})

    return answer_unchanging(call, target.version, write)


@route(f"{DATASET}/facets", "facets")
def answer_facets(dataset_id: str) -> Response:
    """Answer the facets of a dataset, with their counts."""
    call, target = read_older_call(), find_dataset(dataset_id)
    address = shapes.dataset_address(call.base, target.dataset.dataset_id)
    note_use(target.dataset.dataset_id, "api")
    return count(call, target, shapes.link("dataset", address))


@route("/catalog/facets", "catalogue_facets")
def answer_catalogue_facets() -> Response:
    """Answer the facets of the catalogue, with their counts."""
    call = read_older_call()
    note_use(None, "api")
    return count(call, find_catalogue(call.lang), shapes.link("source", f"{call.base}/catalog"))


def count(call: Call, target: Target, parent: Mapping[str, str]) -> Response:
    """Answer the facets that the call asks for, or those that are declared."""
    query = call.export(target)

    def write() -> str:
        groups = count_facets(query, target.source, portal.engine)
        return shapes.write_json(shapes.shape_facets(groups, [shapes.link("self", call.address), dict(parent)]))

    return answer_unchanging(call, target.version, write)


@route("/<path:rest>", "nothing")
def answer_nothing(rest: str) -> Response:
    """Answer that an address is none."""
    abort(404)
