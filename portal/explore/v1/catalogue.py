"""The addresses of the catalogue in version 1: datasets, their records one by one, their files."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from flask import Response, redirect, url_for
from werkzeug.wrappers import Response as BaseResponse

from datasets.catalogue.snapshot import describe_for_api
from datasets.errors import InvalidParameter, NotFound
from datasets.query import Query, count_query, find_record
from exports import CATALOGUE_EXPORTERS
from portal.explore.calls import answer_file, find_catalogue, find_dataset
from portal.explore.catalogue import read_descriptions
from portal.explore.files import answer_catalogue_file
from portal.explore.routes import NAME_LENGTH
from portal.explore.shapes import shape_dataset as shape_present
from portal.explore.v1 import shapes
from portal.explore.v1.addresses import DATASET, DATASETS, facets_of, route
from portal.explore.v1.answers import answer_value, asked_format
from portal.explore.v1.params import Asked, echo, is_true, read_asked, read_language
from portal.extensions import note_use, portal


@route(f"{DATASETS}/search", "datasets")
def answer_datasets() -> Response:
    """Answer a page of the catalogue: JSON, CSV or RSS."""
    name = asked_format()
    note_use(None, "api")
    try:
        target = find_catalogue(read_language())
    except NotFound:  # nothing was ever published
        return answer_value({"nhits": 0, "parameters": {}, "datasets": []})
    asked = read_asked(target)
    page = replace(asked.page, select="")
    if name in ("csv", "rss"):
        exporter = CATALOGUE_EXPORTERS[name]
        return answer_file(
            asked.call, target.version, lambda: answer_catalogue_file(asked.call, page, target, exporter)
        )
    if name != "json":
        raise InvalidParameter(name="format", found=name[:100], expected="json, jsonp, csv, rss")
    return answer_file(asked.call, target.version, lambda: build_datasets(asked, page))


def build_datasets(asked: Asked, page: Query) -> Response:
    """Return a page of the catalogue."""
    described = read_descriptions(page, asked.target.source, portal.engine)
    total = count_query(page, asked.target.source, portal.engine)
    shaped = [show_dataset(each, asked.call.base) for each in described]
    return answer_value({"nhits": total, "parameters": echo(page), "datasets": shaped, **facets_of(asked, page)})


def show_dataset(described: Mapping[str, Any], base: str) -> dict[str, Any]:
    """Return a dataset as version 1 shows it, with the metadata that the request wants."""
    interop, extra = is_true("interopmetas"), is_true("extrametas")
    present = shape_present(described, base, app_metas=extra)
    return shapes.shape_dataset(present, portal.settings.domain, interop=interop, extra=extra)


@route(DATASET, "dataset")
def answer_dataset(dataset_id: str) -> Response:
    """Answer one dataset."""
    target = find_dataset(dataset_id)
    asked = read_asked(target)
    note_use(target.dataset.dataset_id, "api")

    def build() -> Response:
        return answer_value(show_dataset(describe_for_api(target.dataset, asked.call.lang), asked.call.base))

    return answer_file(asked.call, find_catalogue().version, build)


@route(f"{DATASET}/records/<record_id>", "record")
def answer_record(dataset_id: str, record_id: str) -> Response:
    """Answer one record, by its `recordid`."""
    target = find_dataset(dataset_id)
    asked = read_asked(target)
    note_use(target.dataset.dataset_id, "api")

    def build() -> Response:
        found = find_record(target.source, portal.engine, record_id, asked.call.one(), app_metas=True)
        if found is None:
            raise NotFound(kind="record", name=record_id[:NAME_LENGTH])
        [record] = shapes.read_records(found, target, asked.call.options)
        return answer_value(record)

    return answer_file(asked.call, target.version, build)


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


@route(f"{DATASET}/files/<file_id>", "file")
@route(f"{DATASET}/files/<file_id>/<int:size>", "thumbnail")
def answer_no_file(dataset_id: str, file_id: str, size: int = 0) -> Response:
    """Answer that a file is not there: published datasets hold no files in their records."""
    find_dataset(dataset_id)
    raise NotFound(kind="file", name=file_id[:NAME_LENGTH])
