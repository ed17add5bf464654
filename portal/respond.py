"""Answers of every room: streams, validators, security headers, and the refusal of forms from other sites."""

from collections.abc import Callable, Iterator, Mapping
from functools import lru_cache
from itertools import chain
from typing import Any

from flask import Flask, Response, has_request_context, request
from werkzeug.datastructures import Accept
from werkzeug.http import parse_accept_header

from datasets.errors import CrossSiteRequest
from datasets.model import Version
from exports.compressed import CODINGS, compress
from portal.cutting import break_connection, hides_errors
from portal.extensions import is_api_call, portal

SAFE_METHODS = ("GET", "HEAD", "OPTIONS", "TRACE")
SECURITY_HEADERS = {
    "Content-Security-Policy": "default-src 'self'; base-uri 'none'; object-src 'none'; form-action 'self'; "
    "frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "strict-origin-when-cross-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
    "Cross-Origin-Opener-Policy": "same-origin",
}
"""What every answer carries unless its room says otherwise."""

BROKEN = b'\n"ERROR: this file is not complete. Ask for it again.'
"""An open quote that no format of text forgives: servers may hide a broken connection, readers will not."""

TEXTS = {
    *("text/html", "text/plain", "text/csv", "text/turtle", "text/n3", "text/xml", "image/svg+xml"),
    *("application/json", "application/geo+json", "application/ld+json", "application/schema+json", "application/xml"),
    *("application/rdf+xml", "application/rss+xml", "application/atom+xml"),
}
COMPRESSED_FROM = 1024
"""Bytes from which a text is worth compressing."""

TRANSPORT_SECURITY = "max-age=31536000"


def stream(
    chunks: Iterator[bytes], media_type: str, filename: str, *, close: Callable[[], None], coding: str = ""
) -> Response:
    """Answer a file piece by piece, the first of which is made here: what is wrong with a query shows before any byte.

    `close` ends the query, whether the answer was read whole, abandoned or never started. The pieces are compressed by
    `coding` ("" for none). An error after the first byte leaves BROKEN at the end and breaks the connection: no reader
    takes a part for the whole.
    """
    try:
        first = next(chunks, b"")
    except BaseException:
        close()
        raise
    whole = chain((first,), chunks)
    environ = request.environ if has_request_context() else {}
    sent = _broken_by_errors(compress(whole, coding) if coding else whole, environ)
    response = Response(sent, content_type=media_type)
    response.implicit_sequence_conversion = False  # nobody makes it one block to measure it
    response.call_on_close(close)
    if coding:
        response.content_encoding = coding
    name_file(response, filename)
    return response


def name_file(response: Response, filename: str) -> None:
    """Say that an answer is a file to keep, of that name."""
    response.headers["Content-Disposition"] = f'attachment; filename="{filename}"'


def choose_coding() -> str:
    """Return the content coding that the reader likes best among ours, the cheapest of equals; "" for none."""
    return coding_for(request.headers.get("Accept-Encoding", ""))


@lru_cache(maxsize=256)
def coding_for(accepted: str) -> str:
    """Return the content coding for a header Accept-Encoding.

    Only those that it names: who accepts "*" seldom means Brotli.
    """
    asked = {name.lower(): quality for name, quality in parse_accept_header(accepted, Accept)}
    best = max(CODINGS, key=lambda coding: asked.get(coding, 0))  # the first of the best
    return best if asked.get(best, 0) > 0 and asked[best] >= asked.get("identity", 0) else ""


def _broken_by_errors(chunks: Iterator[bytes], environ: Mapping[str, Any]) -> Iterator[bytes]:
    try:
        yield from chunks
    except Exception:  # whatever it is, it goes on its way once the reader is warned
        yield BROKEN
        if hides_errors(environ):
            yield from break_connection()
        raise


def conditional(version: Version, build: Callable[[], Response], *, variant: str = "") -> Response:
    """Answer 304 to a client that has the answer for `version` already, else what `build` makes, dated by it.

    `variant` tells apart the answers that one address gives from one version, such as their language.
    """
    response = Response(status=304) if holds(version, variant) else build()
    response.set_etag(tag_of(version, variant), weak=True)
    response.last_modified = version.created
    response.headers["Cache-Control"] = "no-cache"
    return response


def tag_of(version: Version, variant: str) -> str:
    """Return the validator of an answer for `version`."""
    return f"{version.version_id}-{variant}" if variant else version.version_id


def holds(version: Version, variant: str) -> bool:
    """Return whether the client says that it has the answer for `version` already."""
    if request.method not in SAFE_METHODS:
        return False
    if request.if_none_match:
        return request.if_none_match.contains_weak(tag_of(version, variant))
    since = request.if_modified_since
    return since is not None and version.created.replace(microsecond=0) <= since


def init_app(app: Flask) -> None:
    """Guard `app`: forms from other sites are refused, every answer carries the security headers, texts are small."""
    app.before_request(refuse_cross_site)
    app.after_request(compress_text)
    app.after_request(add_security_headers)


def refuse_cross_site() -> None:
    """Raise CrossSiteRequest for a change asked from another site's page.

    Browsers say where a request comes from (Sec-Fetch-Site, Origin), so forms need no token and anonymous
    visitors no cookie. The open API changes nothing and is open to all.
    """
    if request.method in SAFE_METHODS or is_api_call():
        return
    origin = request.headers.get("Origin")
    ours = (f"{request.scheme}://{request.host}", portal.settings.base_url)
    foreign = request.headers.get("Sec-Fetch-Site") in ("cross-site", "same-site")
    if foreign or (origin is not None and origin not in ours):
        raise CrossSiteRequest(origin=origin or "unknown")


def compress_text(response: Response) -> Response:
    """Compress a text that is ready, for whoever accepts it.

    Not for a person who is signed in: what is secret in a page must not show in its length (BREACH).
    """
    if response.mimetype not in TEXTS or response.is_streamed or response.direct_passthrough:
        return response
    response.vary.add("Accept-Encoding")
    named = "Cookie" in request.headers or "Authorization" in request.headers
    strong = "ETag" in response.headers and not response.get_etag()[1]
    coding = choose_coding()
    if named or strong or not coding or response.status_code != 200 or response.content_encoding:
        return response
    content = response.get_data()
    if len(content) >= COMPRESSED_FROM:
        response.set_data(b"".join(compress([content], coding)))
        response.content_encoding = coding
    return response


def add_security_headers(response: Response) -> Response:
    """Complete the headers of `response` with those of SECURITY_HEADERS that it lacks."""
    for name, value in SECURITY_HEADERS.items():
        response.headers.setdefault(name, value)
    if request.is_secure:
        response.headers.setdefault("Strict-Transport-Security", TRANSPORT_SECURITY)
    return response
