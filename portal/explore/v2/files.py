"""The files of version 2.0: attachments and exports, those of version 2.1 but for their defaults and one name."""

from flask import Response, redirect, url_for
from werkzeug.wrappers import Response as BaseResponse

from datasets.catalogue.snapshot import describe_for_api
from exports import CATALOGUE_EXPORTERS, EXPORTERS
from portal.explore import shapes
from portal.explore.calls import (
    answer_file,
    answer_json,
    find_catalogue,
    find_dataset,
    find_exporter,
)
from portal.explore.files import answer_catalogue_file, answer_records_file
from portal.explore.routes import offered
from portal.explore.v2.addresses import DATASET, read_older_call, route
from portal.explore.v2.differences import (
    FORMATS,
    drop_null_groups,
)
from portal.extensions import note_use


@route(f"{DATASET}/attachments", "attachments")
def answer_attachments(dataset_id: str) -> Response:
    """Answer the list of a dataset's attachments."""
    call, target = read_older_call(), find_dataset(dataset_id)
    note_use(target.dataset.dataset_id, "api")
    shaped = shapes.shape_dataset(describe_for_api(target.dataset, call.lang), call.base)
    return answer_json(shapes.shape_attachments(shaped, call.address))


@route(f"{DATASET}/attachments/<attachment_id>", "attachment")
def answer_attachment(dataset_id: str, attachment_id: str) -> BaseResponse:
    """Lead to an attached file."""
    present = find_dataset(dataset_id).dataset.dataset_id
    return redirect(url_for("explore.attachment", dataset_id=present, attachment_id=attachment_id))


@route(f"{DATASET}/alternative_exports/<export_id>", "alternative_export")
def answer_alternative_export(dataset_id: str, export_id: str) -> BaseResponse:
    """Lead to a file that the producer made beside the exports."""
    present = find_dataset(dataset_id).dataset.dataset_id
    return redirect(url_for("explore.alternative_export", dataset_id=present, export_id=export_id))


@route(f"{DATASET}/exports", "exports")
def answer_formats(dataset_id: str) -> Response:
    """Answer the list of the exports of a dataset, spreadsheets under their former name."""
    call, target = read_older_call(), find_dataset(dataset_id)
    former = {present: name for name, present in FORMATS.items()}
    names = [former.get(name, name) for name in offered(target)]
    note_use(target.dataset.dataset_id, "api")
    return answer_json(shapes.shape_formats(call.address, names))


@route("/catalog/exports", "catalogue_exports")
def answer_catalogue_formats() -> Response:
    """Answer the list of the exports of the catalogue."""
    note_use(None, "api")
    return answer_json(shapes.shape_formats(read_older_call().address, CATALOGUE_EXPORTERS))


@route(f"{DATASET}/exports/<name>", "export")
def answer_export(dataset_id: str, name: str) -> Response:
    """Answer a file of records, streamed."""
    call, target = read_older_call(), find_dataset(dataset_id)
    exporter = find_exporter(FORMATS.get(name, name), offered(target), EXPORTERS)
    query = drop_null_groups(call.export(target), target.source)
    note_use(target.dataset.dataset_id, "export", exporter.name)
    return answer_records_file(call, query, target, exporter)


@route("/catalog/exports/<name>", "catalogue_export")
def answer_catalogue_export(name: str) -> Response:
    """Answer the catalogue as a file."""
    call = read_older_call()
    target = find_catalogue(call.lang)
    exporter = find_exporter(FORMATS.get(name, name).replace("-", "_"), CATALOGUE_EXPORTERS, CATALOGUE_EXPORTERS)
    query = call.export(target)
    note_use(None, "export", exporter.name)
    return answer_file(call, target.version, lambda: answer_catalogue_file(call, query, target, exporter))
