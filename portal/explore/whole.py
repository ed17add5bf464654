"""Answers that are files already: the whole of a version, with all that HTTP offers for a file."""

from base64 import b64encode
from dataclasses import replace
from pathlib import Path
from urllib.parse import quote

from flask import Response, request

from datasets.query import Query
from datasets.store.made import PLAIN, MadeFile
from exports import Exporter
from exports.compressed import compress
from exports.layouts import PACKED
from portal.explore.calls import Call
from portal.explore.catalogue import Target
from portal.explore.making import Whole, maker, whole_of
from portal.extensions import portal
from portal.respond import choose_coding, holds, name_file, stream

EVERYTHING = Query(limit=None)


def answer_whole(call: Call, query: Query, target: Target, exporter: Exporter, stem: str) -> Response | None:
    """Answer the file of a call that asks all records in a layout that is kept; None when it is not made yet.

    What is missing is asked for, to be there the next time.
    """
    whole = find_whole(call, query, target, exporter, stem)
    if whole is None:
        return None
    filename = f"{stem}.{exporter.extension}"
    if call.values["compressed"]:
        return _answer(call, whole, "gzip", "application/gzip", f"{filename}.gzip", coded=False)
    coding = PLAIN if exporter.name in PACKED else choose_coding() or PLAIN
    return _answer(call, whole, coding, exporter.media_type, filename, coded=coding != PLAIN)


def find_whole(call: Call, query: Query, target: Target, exporter: Exporter, stem: str) -> Whole | None:
    """Return the whole that a call asks: every record, every field, in their order, in a layout that is kept."""
    asked = replace(query, select="" if query.select.strip() == "*" else query.select)
    if replace(asked, lang=EVERYTHING.lang, timezone=EVERYTHING.timezone, facet=()) != EVERYTHING:
        return None
    options = replace(call.options, address=f"{call.base}/catalog/datasets/{stem}")
    return whole_of(target.version, exporter, options)


def _answer(call: Call, whole: Whole, coding: str, media_type: str, filename: str, *, coded: bool) -> Response | None:
    made, plain = maker.find(whole, coding), maker.find(whole)
    if made is None:
        maker.ask(whole, coding)
    if (made or plain) and request.if_none_match and holds(whole.version, call.lang):
        response = Response(status=304)  # to who read it as a stream
    elif made is not None:
        response = send_file(made, media_type)
    elif plain is not None:
        response = send_compressed(plain, coding, media_type, filename)
    else:
        return None
    if coded:
        response.content_encoding = coding
    response.vary.add("Accept-Encoding")
    response.last_modified = whole.version.created
    response.headers["Cache-Control"] = "no-cache"
    name_file(response, filename)
    here = made is not None and "X-Accel-Redirect" not in response.headers
    response.make_conditional(request, accept_ranges=here, complete_length=made.size if made and here else None)
    if response.status_code == 304:  # else the server in front would send the file all the same
        response.headers.pop("X-Accel-Redirect", None)
    return response


def send_compressed(plain: MadeFile, coding: str, media_type: str, filename: str) -> Response:
    """Answer a made file compressed on its way, as long as nobody has done it for all."""
    chunks = compress(plain.read(), coding)
    response = stream(chunks, media_type, filename, close=chunks.close)
    response.set_etag(f"{plain.sha256[:32]}-{coding}", weak=True)
    return response


def send_file(made: MadeFile, media_type: str) -> Response:
    """Answer a made file: its checksum is its validator; the server in front sends it, where there is one that can."""
    prefix = portal.settings.sendfile_prefix
    if prefix:
        response = Response(content_type=media_type)
        inside = made.path.relative_to(Path(portal.settings.store_url).resolve())
        response.headers["X-Accel-Redirect"] = quote(f"{prefix}/{inside}")
    else:
        response = Response(made.read(), content_type=media_type, direct_passthrough=True)
        response.content_length = made.size
    response.set_etag(made.sha256[:32])
    response.headers["Repr-Digest"] = f"sha-256=:{b64encode(bytes.fromhex(made.sha256)).decode()}:"
    return response
