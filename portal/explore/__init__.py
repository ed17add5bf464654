"""The Explore API v2.1, as clients of Opendatasoft call it. Open to all sites; knows no account."""

from collections.abc import Iterable
from typing import TYPE_CHECKING

from flask import Flask, Response, request

from portal.explore.openapi import routes as documents
from portal.extensions import API_PREFIX

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

CORS_HEADERS = {
    "Access-Control-Allow-Origin": "*",
    "Access-Control-Allow-Methods": "POST, GET, OPTIONS",
    "Access-Control-Max-Age": "1000",
    "Access-Control-Allow-Headers": "Authorization, X-Requested-With, Origin, ODS-API-Analytics-App, "
    "ODS-API-Analytics-Embed-Type, ODS-API-Analytics-Embed-Referrer, ODS-Widgets-Version, Accept",
    "Access-Control-Expose-Headers": "ODS-Explore-API-Deprecation, Link, Warning, ETag, X-RateLimit-Remaining, "
    "X-RateLimit-Limit, X-RateLimit-Reset",
}
"""What lets a page of any site read the API, and ods-widgets send its own headers."""


class SingleSlashes:
    """Reads doubled slashes in the addresses of the API as one: clients glue a base that ends with one."""

    def __init__(self, application: "WSGIApplication") -> None:
        self.application = application

    def __call__(self, environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
        path = environ.get("PATH_INFO", "")
        if path.startswith(API_PREFIX):
            while "//" in path:
                path = path.replace("//", "/")
            environ["PATH_INFO"] = path
        return self.application(environ, start_response)


def init_app(app: Flask) -> None:
    """Serve the API in `app`."""
    app.register_blueprint(documents.bp)
    app.after_request(open_to_all_sites)
    app.wsgi_app = SingleSlashes(app.wsgi_app)  # type: ignore[method-assign]


def open_to_all_sites(response: Response) -> Response:
    """Let pages of other sites read what is under the API's prefix, errors included."""
    if request.path.startswith(API_PREFIX):
        response.headers.update(CORS_HEADERS)
    return response
