"""Answers that are files: exports of records and of the catalogue, streamed."""

from collections.abc import Callable, Iterator
from dataclasses import replace

from flask import Response

from datasets.query import Query, run_query
from exports import Exporter
from exports.compressed import compress
from portal.explore import shapes
from portal.explore.calls import Call
from portal.explore.catalogue import Target, read_descriptions, select_flat, wants_objects
from portal.extensions import portal
from portal.respond import stream

CATALOGUE_STEM = "datasets"


def answer_records_file(call: Call, query: Query, target: Target, exporter: Exporter) -> Response:
    """Answer the records that `query` keeps, in the format of `exporter`."""
    return _answer_rows(call, query, target, exporter, target.dataset.dataset_id)


def answer_catalogue_file(call: Call, query: Query, target: Target, exporter: Exporter) -> Response:
    """Answer the catalogue: in JSON the datasets as the API describes them, elsewhere one flat row for each."""
    if not wants_objects(query):
        return _answer_rows(call, query, target, exporter, CATALOGUE_STEM)
    if exporter.name == "json":
        text = write_descriptions(call, query, target)
        return _send(call, iter((text.encode(),)), exporter, CATALOGUE_STEM, lambda: None)
    flat = replace(query, select=select_flat(target.source.schema))
    return _answer_rows(call, flat, target, exporter, CATALOGUE_STEM)


def write_descriptions(call: Call, query: Query, target: Target) -> str:
    """Return the JSON array of the datasets that `query` keeps, whole."""
    linked = call.values["include_links"]
    described = read_descriptions(query, target.source, portal.engine)
    return shapes.write_json([shapes.shape_dataset(each, call.base, links=linked) for each in described])


def _answer_rows(call: Call, query: Query, target: Target, exporter: Exporter, stem: str) -> Response:
    seconds = portal.settings.export_seconds
    result = run_query(query, target.source, portal.engine, geometry=exporter.geometry, seconds=seconds)
    chunks = exporter.write(result.schema, result.rows, call.options)
    return _send(call, chunks, exporter, stem, result.rows.close)


def _send(call: Call, chunks: Iterator[bytes], exporter: Exporter, stem: str, close: Callable[[], None]) -> Response:
    filename = f"{stem}.{exporter.extension}"
    if call.values["compressed"]:
        return stream(compress(chunks), "application/gzip", f"{filename}.gzip", close=close)
    return stream(chunks, exporter.media_type, filename, close=close)
