"""The addresses of the Explore API v2.1: each view reads its call, asks, and answers."""

from collections.abc import Callable

from flask import Blueprint, Response, abort

from datasets.catalogue.catalogue import CATALOGUE_ID, get_dataset
from datasets.catalogue.snapshot import describe_for_api
from datasets.errors import NotFound
from datasets.facets import count_facets
from datasets.query import count_query, find_record, run_query
from exports import CATALOGUE_EXPORTERS, EXPORTERS
from portal.explore import shapes
from portal.explore.calls import (
    BASE,
    Call,
    answer_json,
    answer_page,
    complete_headers,
    find_catalogue,
    find_dataset,
    find_exporter,
    read_call,
)
from portal.explore.catalogue import Target, wants_objects
from portal.explore.files import answer_catalogue_file, answer_records_file, write_descriptions
from portal.extensions import api_limit, note_use, portal
from portal.respond import conditional

DATASETS = "/catalog/datasets"
DATASET = "/catalog/datasets/<dataset_id>"

bp = Blueprint("explore", __name__, url_prefix=BASE)
bp.after_request(complete_headers)
api_limit(bp)

View = Callable[..., Response]


def route(path: str, endpoint: str) -> Callable[[View], View]:
    """Register a view with and without a trailing slash, by GET and by form POST, without any redirect."""
    return bp.route(path, endpoint=endpoint, methods=["GET", "POST"], strict_slashes=False)


@route(DATASETS, "catalogue")
def answer_datasets() -> Response:
    """Answer a page of the catalogue: whole datasets, or the fields or groups asked."""
    call = read_call()
    query = call.page()
    note_use(None, "api")
    try:
        target = find_catalogue()
    except NotFound:  # nothing was ever published
        return answer_page(call, query, 0, "[]")

    def build() -> Response:
        total = count_query(query, target.source, portal.engine)
        if wants_objects(query):
            return answer_page(call, query, total, write_descriptions(call, query, target))
        result = run_query(query, target.source, portal.engine)
        return answer_page(call, query, total, shapes.write_rows(result, call.options))

    return conditional(target.version, build)


@route(DATASET, "dataset")
def answer_dataset(dataset_id: str) -> Response:
    """Answer the description of one dataset."""
    call = read_call()
    with portal.databases.session("catalogue") as session:
        dataset = get_dataset(session, dataset_id)
        described_by = get_dataset(session, CATALOGUE_ID).version
    note_use(dataset.dataset_id, "api")
    linked = call.values["include_links"]
    response = answer_json(shapes.shape_dataset(describe_for_api(dataset, call.lang), call.base, links=linked))
    return conditional(described_by, lambda: response) if described_by else response


@route(f"{DATASET}/records", "records")
def answer_records(dataset_id: str) -> Response:
    """Answer a page of records, or of groups."""
    call, target = read_call(), find_dataset(dataset_id)
    query = call.page()
    note_use(target.dataset.dataset_id, "api")
    linked, metas = call.values["include_links"], call.values["include_app_metas"]

    def build() -> Response:
        total = count_query(query, target.source, portal.engine)
        result = run_query(query, target.source, portal.engine, app_metas=linked or metas)
        rows = shapes.write_rows(result, call.options)
        if linked and "_id" in result.schema.names:
            rows = shapes.link_records(rows, call.base, target.dataset.dataset_id, keep_id=metas)
        return answer_page(call, query, total, rows)

    return conditional(target.version, build)


@route(f"{DATASET}/records/<record_id>", "record")
def answer_record(dataset_id: str, record_id: str) -> Response:
    """Answer one record, by the identifier that `include_app_metas` tells."""
    call, target = read_call(), find_dataset(dataset_id)
    note_use(target.dataset.dataset_id, "api")

    def build() -> Response:
        result = find_record(target.source, portal.engine, record_id)
        if result is None:
            raise NotFound(kind="record", name=record_id)
        return answer_json(shapes.write_rows(result, call.options)[1:-1])

    return conditional(target.version, build)


@route(f"{DATASET}/facets", "facets")
def answer_facets(dataset_id: str) -> Response:
    """Answer the facets of a dataset, with their counts."""
    call, target = read_call(), find_dataset(dataset_id)
    note_use(target.dataset.dataset_id, "api")
    return count(call, target, shapes.link("dataset", shapes.dataset_address(call.base, dataset_id)))


@route("/catalog/facets", "catalogue_facets")
def answer_catalogue_facets() -> Response:
    """Answer the facets of the catalogue, with their counts."""
    call, target = read_call(), find_catalogue()
    note_use(None, "api")
    return count(call, target, shapes.link("source", f"{call.base}/catalog"))


def count(call: Call, target: Target, parent: dict[str, str]) -> Response:
    """Answer the facets of `target` that the call asks for, or those it declares."""
    query = call.export()

    def build() -> Response:
        groups = count_facets(query, target.source, portal.engine)
        return answer_json(shapes.shape_facets(groups, [shapes.link("self", call.address), parent]))

    return conditional(target.version, build)


@route(f"{DATASET}/attachments", "attachments")
def answer_attachments(dataset_id: str) -> Response:
    """Answer the list of a dataset's attachments."""
    call, target = read_call(), find_dataset(dataset_id)
    note_use(target.dataset.dataset_id, "api")
    shaped = shapes.shape_dataset(describe_for_api(target.dataset, call.lang), call.base)
    return answer_json(shapes.shape_attachments(shaped, call.address))


@route(f"{DATASET}/exports", "exports")
def answer_formats(dataset_id: str) -> Response:
    """Answer the list of the exports of a dataset."""
    call, target = read_call(), find_dataset(dataset_id)
    note_use(target.dataset.dataset_id, "api")
    return answer_json(shapes.shape_formats(call.address, offered(target)))


@route("/catalog/exports", "catalogue_exports")
def answer_catalogue_formats() -> Response:
    """Answer the list of the exports of the catalogue."""
    note_use(None, "api")
    return answer_json(shapes.shape_formats(read_call().address, CATALOGUE_EXPORTERS))


@route(f"{DATASET}/exports/<name>", "export")
def answer_export(dataset_id: str, name: str) -> Response:
    """Answer a file of records, streamed."""
    call, target = read_call(), find_dataset(dataset_id)
    exporter = find_exporter(name, offered(target), EXPORTERS)
    query = call.export()
    note_use(target.dataset.dataset_id, "export", exporter.name)
    return conditional(target.version, lambda: answer_records_file(call, query, target, exporter))


@route("/catalog/exports/<name>", "catalogue_export")
def answer_catalogue_export(name: str) -> Response:
    """Answer the catalogue as a file, streamed."""
    call, target = read_call(), find_catalogue()
    exporter = find_exporter(name.replace("-", "_"), CATALOGUE_EXPORTERS, CATALOGUE_EXPORTERS)
    query = call.export()
    note_use(None, "export", exporter.name)
    return conditional(target.version, lambda: answer_catalogue_file(call, query, target, exporter))


def offered(target: Target) -> list[str]:
    """Return the formats that suit a dataset: those of maps only where there is geography."""
    geographic = shapes.is_geographic(target.source.schema)
    return [name for name, exporter in EXPORTERS.items() if geographic or not exporter.needs_geometry]


@route("/catalog/aggregates", "removed_catalogue_aggregates")
@route("/catalog/query", "removed_catalogue_query")
@route(f"{DATASET}/aggregates", "removed_aggregates")
@route(f"{DATASET}/query", "removed_query")
def answer_removed(dataset_id: str = "") -> Response:
    """Answer 410: version 2.0 had these addresses, `group_by` took their place."""
    abort(410)
