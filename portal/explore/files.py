"""Answers that are files: exports of records and of the catalogue, streamed."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import replace
from functools import partial

from flask import Response, request

from datasets.model import Distribution, Version
from datasets.query import Query, Source, run_query
from exports import CatalogueExporter, Exporter, ExportOptions, Site
from exports.compressed import compress
from exports.layouts import PACKED
from portal.explore.calls import BASE, Call, answer_stream
from portal.explore.catalogue import Target, read_descriptions, select_flat, wants_objects
from portal.explore.rows import write_datasets
from portal.explore.whole import answer_whole
from portal.extensions import client_key, portal
from portal.respond import choose_coding, stream

CATALOGUE_STEM = "datasets"
PIECE = 2**16
"""Bytes of a stored file in memory at once."""

DESCRIPTIONS = {
    "fr": "Les jeux de données ouverts publiés par : {publisher}.",
    "en": "The open datasets published by: {publisher}.",
}
"""What the documents of the catalogue say of it, by language."""

FALLBACK = "fr"
"""The language of descriptions that were not written in the one asked."""


def answer_records_file(call: Call, query: Query, target: Target, exporter: Exporter) -> Response:
    """Answer the records that `query` keeps, in the format of `exporter`: a file made already, or a stream."""
    stem = target.dataset.dataset_id
    made = answer_whole(call, query, target, exporter, stem)
    return made or answer_stream(call, target.version, lambda: _answer_rows(call, query, target, exporter, stem))


def answer_catalogue_file(call: Call, query: Query, target: Target, exporter: Exporter | CatalogueExporter) -> Response:
    """Answer the catalogue: a document, in JSON its datasets as the API describes them, else a flat row for each."""
    if isinstance(exporter, CatalogueExporter):
        return _answer_document(call, query, target, exporter)
    if not wants_objects(query):
        return _answer_rows(call, query, target, exporter, CATALOGUE_STEM)
    if exporter.name == "json":
        text = write_datasets(call, query, target)
        return _send(call, iter((text.encode(),)), exporter, CATALOGUE_STEM, lambda: None)
    flat = replace(query, select=select_flat(target.source.schema))
    return _answer_rows(call, flat, target, exporter, CATALOGUE_STEM)


def _answer_document(call: Call, query: Query, target: Target, exporter: CatalogueExporter) -> Response:
    """Answer the whole datasets that `query` keeps as one document; what was made is remembered."""

    def write() -> bytes:
        described = read_descriptions(replace(query, select="", group_by=""), target.source, portal.engine)
        return b"".join(exporter.write(described, read_site(call), call.options))

    key = (call.key(target.version), exporter.name, query)
    content = portal.answers.get(key, write) if call.timeless else write()
    return _send(call, iter((content,)), exporter, CATALOGUE_STEM, lambda: None)


def read_site(call: Call) -> Site:
    """Return what the documents of the catalogue say of the portal, in the language of the call.

    The addresses are those of the present version of the API, whichever is asked: harvesters know files by them.
    """
    settings = portal.settings
    lang = call.lang if call.lang in DESCRIPTIONS else FALLBACK
    return Site(
        address=str(settings.base_url),
        api=f"{settings.base_url}{BASE}",
        title=settings.site_name,
        description=DESCRIPTIONS[lang].format(publisher=settings.publisher),
        publisher=settings.publisher,
        language=lang,
    )


def answer_stored_file(version: Version, file: Distribution) -> Response:
    """Answer a stored file of a version, whole; its validator is its checksum."""
    content = portal.store.open(version, file.name)
    response = Response(iter(partial(content.read, PIECE), b""), content_type=file.media_type)
    response.call_on_close(content.close)
    response.headers["Content-Disposition"] = f'attachment; filename="{file.name}"'
    response.content_length = file.size
    response.set_etag(file.sha256)
    response.last_modified = version.created
    response.headers["Cache-Control"] = "no-cache"
    response.make_conditional(request)
    return response


def _answer_rows(call: Call, query: Query, target: Target, exporter: Exporter, stem: str) -> Response:
    """Answer the rows of a query, streamed; the client holds a turn until the last byte."""
    client, held = client_key(), ExitStack()
    portal.downloads.begin(client)
    held.callback(portal.downloads.end, client)
    options = replace(call.options, address=f"{call.base}/catalog/datasets/{stem}")
    return _send(call, _write_rows(query, target.source, exporter, options, held), exporter, stem, held.close)


def _write_rows(
    query: Query, source: Source, exporter: Exporter, options: ExportOptions, held: ExitStack
) -> Iterator[bytes]:
    """Yield the file of the rows of a query; in the end the query is over, and what was `held` for it given back."""
    with held:
        result = run_query(
            query, source, portal.engine, geometry=exporter.geometry, seconds=portal.settings.export_seconds
        )
        held.callback(result.rows.close)
        yield from exporter.write(result.schema, result.rows, options)


def _send(
    call: Call,
    chunks: Iterator[bytes],
    exporter: Exporter | CatalogueExporter,
    stem: str,
    close: Callable[[], None],
) -> Response:
    filename = f"{stem}.{exporter.extension}"
    if call.values["compressed"]:
        chunks = compress(chunks, thorough=True)
        return stream(chunks, "application/gzip", f"{filename}.gzip", close=close)
    coding = "" if exporter.name in PACKED else choose_coding()
    response = stream(chunks, exporter.media_type, filename, close=close, coding=coding)
    response.vary.add("Accept-Encoding")
    return response
