"""The addresses of the Explore API v2.1: each view reads its call, asks, and answers."""

from collections.abc import Callable

from flask import Blueprint, Response, abort

from datasets.catalogue.snapshot import describe_for_api
from datasets.errors import NotFound, PermissionDenied
from datasets.facets import count_facets
from datasets.odsql.quoting import quote
from datasets.query import count_query, find_record, run_query
from datasets.store.versions import DATA
from exports import CATALOGUE_EXPORTERS, EXPORTERS
from exports.exporter import suits
from portal.explore import shapes
from portal.explore.calls import (
    BASE,
    Call,
    answer_file,
    answer_json,
    answer_unchanging,
    complete_headers,
    find_catalogue,
    find_dataset,
    find_exporter,
    read_call,
    write_call_page,
)
from portal.explore.catalogue import Target
from portal.explore.files import answer_catalogue_file, answer_records_file, answer_stored_file
from portal.explore.rows import write_datasets, write_records
from portal.extensions import api_limit, note_use, portal

CERTIFICATE = "certificate.json"
"""The attachment that tells the hash of the stored data."""
NAME_LENGTH = 100
"""Letters of an unknown name that an error repeats."""

DATASETS = "/catalog/datasets"
DATASET = "/catalog/datasets/<dataset_id>"

bp = Blueprint("explore", __name__, url_prefix=BASE)
bp.after_request(complete_headers)
api_limit(bp)

View = Callable[..., Response]


def route(path: str, endpoint: str) -> Callable[[View], View]:
    """Register a view with and without a trailing slash, by GET and by form POST, without any redirect."""
    return bp.route(path, endpoint=endpoint, methods=["GET", "POST"], strict_slashes=False)


@route("/catalog", "source")
def answer_source() -> Response:
    """Answer where the catalogue's parts are."""
    call = read_call()
    note_use(None, "api")
    return answer_json(shapes.shape_source(call.address))


@route(DATASETS, "catalogue")
def answer_datasets() -> Response:
    """Answer a page of the catalogue: whole datasets, or the fields or groups asked."""
    call = read_call()
    query = call.page()
    note_use(None, "api")
    try:
        target = find_catalogue(call.lang)
    except NotFound:  # nothing was ever published
        return answer_json(write_call_page(call, query, 0, "[]"))

    def write() -> str:
        total = count_query(query, target.source, portal.engine)
        return write_call_page(call, query, total, write_datasets(call, query, target))

    return answer_unchanging(call, target.version, write)


@route(DATASET, "dataset")
def answer_dataset(dataset_id: str) -> Response:
    """Answer the description of one dataset, as the catalogue has it."""
    call, target = read_call(), find_dataset(dataset_id)
    catalogue = find_catalogue(call.lang)
    query = call.one(f"dataset_id = {quote(target.dataset.dataset_id)}")
    note_use(target.dataset.dataset_id, "api")

    def write() -> str:
        described = write_datasets(call, query, catalogue)[1:-1]
        if not described:  # withdrawn this very moment
            raise NotFound(kind="dataset", name=dataset_id)
        return described

    return answer_unchanging(call, catalogue.version, write)


@route(f"{DATASET}/records", "records")
def answer_records(dataset_id: str) -> Response:
    """Answer a page of records, or of groups."""
    return answer_page(read_call(), find_dataset(dataset_id))


def answer_page(call: Call, target: Target) -> Response:
    """Answer the page of records, or of groups, that the call asks of `target`."""
    query = call.page(target)
    note_use(target.dataset.dataset_id, "api")

    def write() -> str:
        total = count_query(query, target.source, portal.engine)
        result = run_query(query, target.source, portal.engine, app_metas=call.needs_identifiers)
        return write_call_page(call, query, total, write_records(call, result, target))

    return answer_unchanging(call, target.version, write)


@route(f"{DATASET}/records/<record_id>", "record")
def answer_record(dataset_id: str, record_id: str) -> Response:
    """Answer one record, by the identifier that `include_app_metas` tells."""
    call, target = read_call(), find_dataset(dataset_id)
    query = call.one()
    note_use(target.dataset.dataset_id, "api")

    def write() -> str:
        result = find_record(target.source, portal.engine, record_id, query, app_metas=call.needs_identifiers)
        if result is None:
            raise NotFound(kind="record", name=record_id[:NAME_LENGTH])
        return write_records(call, result, target)[1:-1]

    return answer_unchanging(call, target.version, write)


@route(f"{DATASET}/facets", "facets")
def answer_facets(dataset_id: str) -> Response:
    """Answer the facets of a dataset, with their counts."""
    call, target = read_call(), find_dataset(dataset_id)
    note_use(target.dataset.dataset_id, "api")
    return count(call, target, shapes.link("dataset", shapes.dataset_address(call.base, target.dataset.dataset_id)))


@route("/catalog/facets", "catalogue_facets")
def answer_catalogue_facets() -> Response:
    """Answer the facets of the catalogue, with their counts."""
    call = read_call()
    target = find_catalogue(call.lang)
    note_use(None, "api")
    return count(call, target, shapes.link("source", f"{call.base}/catalog"))


def count(call: Call, target: Target, parent: dict[str, str]) -> Response:
    """Answer the facets of `target` that the call asks for, or those it declares."""
    query = call.export(target)

    def write() -> str:
        groups = count_facets(query, target.source, portal.engine)
        return shapes.write_json(shapes.shape_facets(groups, [shapes.link("self", call.address), parent]))

    return answer_unchanging(call, target.version, write)


@route(f"{DATASET}/attachments", "attachments")
def answer_attachments(dataset_id: str) -> Response:
    """Answer the list of a dataset's attachments."""
    call, target = read_call(), find_dataset(dataset_id)
    note_use(target.dataset.dataset_id, "api")
    shaped = shapes.shape_dataset(describe_for_api(target.dataset, call.lang), call.base)
    return answer_json(shapes.shape_attachments(shaped, call.address))


@route(f"{DATASET}/attachments/<attachment_id>", "attachment")
def answer_attachment(dataset_id: str, attachment_id: str) -> Response:
    """Answer a file attached to the data, or the data as they are stored when a certificate tells their hash."""
    target = find_dataset(dataset_id)
    attached = target.version.attachments
    attachment = next((each for each in attached if each.name == attachment_id), None)
    if attachment_id == DATA and any(each.name == CERTIFICATE for each in attached):
        attachment = target.version.find_file(DATA)
    if attachment is None:
        raise NotFound(kind="attachment", name=attachment_id[:NAME_LENGTH])
    note_use(target.dataset.dataset_id, "api")
    return answer_stored_file(target.version, attachment)


@route(f"{DATASET}/alternative_exports/<export_id>", "alternative_export")
def answer_alternative_export(dataset_id: str, export_id: str) -> Response:
    """Answer 404: no dataset has files made elsewhere."""
    find_dataset(dataset_id)
    raise NotFound(kind="alternative export", name=export_id[:NAME_LENGTH])


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
    return answer_export_of(read_call(), find_dataset(dataset_id), name)


def answer_export_of(call: Call, target: Target, name: str) -> Response:
    """Answer the records of `target` that the call asks for as a file in the format `name`, streamed."""
    exporter = find_exporter(name, offered(target), EXPORTERS)
    query = call.export(target)
    note_use(target.dataset.dataset_id, "export", exporter.name)
    return answer_records_file(call, query, target, exporter)


@route("/catalog/exports/<name>", "catalogue_export")
def answer_catalogue_export(name: str) -> Response:
    """Answer the catalogue as a file, streamed."""
    call = read_call()
    target = find_catalogue(call.lang)
    exporter = find_exporter(name.replace("-", "_"), CATALOGUE_EXPORTERS, CATALOGUE_EXPORTERS)
    query = call.export()
    note_use(None, "export", exporter.name)
    return answer_file(call, target.version, lambda: answer_catalogue_file(call, query, target, exporter))


def offered(target: Target) -> list[str]:
    """Return the formats that suit a dataset: maps where there is geography, calendars where there are dates."""
    types = {field.type for field in target.source.schema}
    return [name for name, exporter in EXPORTERS.items() if suits(exporter, types)]


@route("/catalog/aggregates", "removed_catalogue_aggregates")
@route("/catalog/query", "removed_catalogue_query")
@route(f"{DATASET}/aggregates", "removed_aggregates")
@route(f"{DATASET}/query", "removed_query")
def answer_removed(dataset_id: str = "") -> Response:
    """Answer 410: version 2.0 had these addresses, `group_by` took their place."""
    abort(410)


@route("/monitoring", "monitoring")
@route("/monitoring/<path:rest>", "monitoring")
def answer_monitoring(rest: str = "") -> Response:
    """Answer 403: how the portal is used is told by its pages, in safe counts."""
    raise PermissionDenied()
