"""The addresses of version 1 for programs: search, download and analyze here, maps and the catalogue beside."""

from typing import Any

from flask import Response, abort, request, url_for

from datasets.catalogue.snapshot import describe_for_api
from datasets.errors import InvalidParameter
from datasets.query import Query, count_query, find_record, run_query
from exports import EXPORTERS
from portal.explore.calls import answer_file, find_dataset, find_exporter
from portal.explore.catalogue import Target
from portal.explore.files import answer_records_file
from portal.explore.routes import offered
from portal.explore.v1 import catalogue, map_routes, shapes
from portal.explore.v1.addresses import DATASETS, RECORDS, bp, facets_of, find_asked, route
from portal.explore.v1.analysis import read_analysis
from portal.explore.v1.answers import answer_value, asked_format
from portal.explore.v1.conditions import Fields
from portal.explore.v1.feed import Feed, write_atom, write_rss
from portal.explore.v1.params import Asked, echo, read_asked, read_whole, without_page
from portal.extensions import note_use, portal
from portal.respond import stream

__all__ = ["bp", "catalogue", "map_routes"]

OLD_NAMES = {"xls": "xlsx"}
"""Formats by their former names."""

FEEDS = {"rss": (write_rss, "application/rss+xml"), "atom": (write_atom, "application/atom+xml")}


@route(f"{RECORDS}/search", "search")
def answer_search() -> Response:
    """Answer a page of records, with facets when asked: JSON, GeoJSON, RSS or Atom."""
    target = find_asked()
    asked = read_asked(target)
    note_use(target.dataset.dataset_id, "api")
    page, name = asked.page, asked_format()
    return answer_file(asked.call, target.version, lambda: build_search(asked, page, name))


def build_search(asked: Asked, page: Query, name: str) -> Response:
    """Return the page of records in the format of that name; raise InvalidParameter for another."""
    target = asked.target
    if name not in ("json", "geojson", *FEEDS):
        raise InvalidParameter(name="format", found=name[:100], expected=f"json, jsonp, geojson, {', '.join(FEEDS)}")
    records = read_page(asked, page)
    if name == "geojson":
        return answer_value(shapes.shape_collection(records))
    if name in FEEDS:
        write, media_type = FEEDS[name]
        return Response(write(describe_feed(asked), records), content_type=f"{media_type}; charset=utf-8")
    total = count_query(page, target.source, portal.engine)
    return answer_value({"nhits": total, "parameters": echo(page), "records": records, **facets_of(asked, page)})


def read_page(asked: Asked, page: Query) -> list[dict[str, Any]]:
    """Return the records of the page, or the one that a map points at (`geo_digest`)."""
    target, digest = asked.target, request.values.get("geo_digest")
    if not digest:
        result = run_query(page, target.source, portal.engine, app_metas=True)
        return shapes.read_records(result, target, asked.call.options)
    found = find_record(target.source, portal.engine, digest, asked.call.one(), app_metas=True)
    return shapes.read_records(found, target, asked.call.options) if found else []


def describe_feed(asked: Asked) -> Feed:
    """Return what a feed of records says of its dataset."""
    dataset, root = asked.target.dataset, str(portal.settings.base_url)
    title = describe_for_api(dataset, asked.call.lang)["metas"]["default"]["title"] or dataset.dataset_id
    page = root + url_for("pages.dataset", dataset_id=dataset.dataset_id)
    return Feed(title, page, asked.call.address, portal.settings.publisher, asked.target.version.created)


@route(f"{RECORDS}/download", "download")
def answer_download() -> Response:
    """Answer every record that the call keeps, as a file, streamed."""
    return download(find_asked())


@route("/explore/dataset/<dataset_id>/download", "old_download")
def answer_old_download(dataset_id: str) -> Response:
    """Answer the address that Opendatasoft's pages gave for files: the same, the dataset in the address."""
    return download(find_dataset(dataset_id))


def download(target: Target) -> Response:
    """Answer a file of records: CSV by default, in JSON the records of version 1."""
    name = (request.values.get("format") or "csv").lower()
    asked = read_asked(target, name)
    name = OLD_NAMES.get(name, name)
    exporter = find_exporter(name, offered(target), EXPORTERS)
    note_use(target.dataset.dataset_id, "export", exporter.name)
    if name != "json":
        return answer_records_file(asked.call, asked.whole, target, exporter)

    def build() -> Response:
        seconds = portal.settings.export_seconds
        result = run_query(asked.whole, target.source, portal.engine, app_metas=True, seconds=seconds)
        chunks = shapes.write_records(result, target, asked.call.options)
        filename = f"{target.dataset.dataset_id}.json"
        return stream(chunks, exporter.media_type, filename, close=result.rows.close)

    return answer_file(asked.call, target.version, build)


@route(f"{RECORDS}/analyze", "analyze")
def answer_analyze() -> Response:
    """Answer series of figures along one or several fields."""
    target = find_asked()
    asked = read_asked(target, ordered=False)
    fields = Fields(target.source.schema, target.source.aliases)
    note_use(target.dataset.dataset_id, "api")
    most = portal.settings.group_limit
    analysis = read_analysis(request.values, fields, read_whole("maxpoints", 0, 10**9))

    def build() -> Response:
        result = run_query(analysis.query(without_page(asked), most), target.source, portal.engine)
        points = analysis.shape(shapes.read_rows(result, asked.call.options))
        kept = points[: min(analysis.points or most, most)]
        response = answer_value(kept)
        if len(points) > len(kept):
            response.headers["ods-analyze-truncated"] = "true"
        return response

    return answer_file(asked.call, target.version, build)


@route(f"{RECORDS}/<path:rest>", "no_records")
@route(f"{DATASETS}/<path:rest>", "no_datasets")
def answer_nothing(rest: str) -> Response:
    """Answer in the words of version 1 that an address is none."""
    abort(404)
