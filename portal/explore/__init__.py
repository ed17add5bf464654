"""The Explore API v2.1, as clients of Opendatasoft call it. Open to all sites; knows no account."""

import re
from collections.abc import Iterable
from typing import TYPE_CHECKING

from flask import Flask, Response

from portal.explore import older, versions
from portal.explore.making import MAKER, Maker
from portal.explore.openapi import console
from portal.explore.openapi import routes as documents
from portal.extensions import API_PREFIX, is_api_call

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

CORS_HEADERS = {
    "Access-Control-Allow-Origin": "*",
    "Access-Control-Allow-Methods": "POST, GET, OPTIONS",
    "Access-Control-Max-Age": "1000",
    "Access-Control-Allow-Headers": "Authorization, X-Requested-With, Origin, ODS-API-Analytics-App, "
    "ODS-API-Analytics-Embed-Type, ODS-API-Analytics-Embed-Referrer, ODS-Widgets-Version, Accept",
    "Access-Control-Expose-Headers": "ODS-Explore-API-Deprecation, Link, Warning, ETag, Content-Disposition, "
    "Content-Range, Accept-Ranges, Repr-Digest, Retry-After, X-RateLimit-Remaining, X-RateLimit-Limit, "
    "X-RateLimit-Reset, X-RateLimit-dataset-Remaining, X-RateLimit-dataset-Limit, X-RateLimit-dataset-Reset, "
    "ods-analyze-truncated",
}
"""What lets a page of any site read the API, and ods-widgets send its own headers."""

SLASHES = re.compile("/{2,}")
NETWORK = re.compile(r"^(/api/(?:explore/)?v2(?:\.\d)?)/opendatasoft(/|$)")


class PlainAddresses:
    """Reads the addresses of the API as its routes are written, whatever clients make of them.

    Doubled slashes are one: clients glue a base that ends with one. The source `opendatasoft`, the network of all
    portals, is this catalogue.
    """

    def __init__(self, application: "WSGIApplication") -> None:
        self.application = application

    def __call__(self, environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
        path = environ.get("PATH_INFO", "")
        if path.startswith(API_PREFIX):
            environ["PATH_INFO"] = NETWORK.sub(r"\1/catalog\2", SLASHES.sub("/", path))
        return self.application(environ, start_response)


def init_app(app: Flask) -> None:
    """Serve the API in `app`."""
    app.register_blueprint(documents.bp)
    app.register_blueprint(versions.bp)
    app.register_blueprint(console.bp)
    older.init_app(app)
    parts = app.extensions["portal"]
    maker = app.extensions[MAKER] = Maker(parts)
    parts.queue.register("make_export", maker.run)
    parts.queue.repeat("make_exports", maker.catch_up, minutes=1)
    app.after_request(open_to_all_sites)
    app.wsgi_app = PlainAddresses(app.wsgi_app)  # type: ignore[method-assign]


def open_to_all_sites(response: Response) -> Response:
    """Let pages of other sites read what the API answers, errors included."""
    if is_api_call():
        response.headers.update(CORS_HEADERS)
    return response
