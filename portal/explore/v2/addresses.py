"""How version 2.0 is addressed: its blueprint, its deprecation, the reading of its calls."""

from collections.abc import Callable
from dataclasses import replace
from types import MappingProxyType

from flask import Blueprint, Response, request, url_for
from werkzeug.wrappers import Response as BaseResponse

from portal.explore.calls import Call, complete_headers, read_call
from portal.explore.v2.differences import DEFAULTS
from portal.extensions import api_limit, portal

PREFIXES = ("/api/explore/v2.0", "/api/v2")
DATASETS = "/catalog/datasets"
DATASET = "/catalog/datasets/<dataset_id>"
DEPRECATION = "deprecated API version (v2.0), please use the current v2.1 version"

bp = Blueprint("explore_v2", __name__)
bp.after_request(complete_headers)
api_limit(bp)

View = Callable[..., BaseResponse]


def route(path: str, endpoint: str) -> Callable[[View], View]:
    """Register a view with and without a trailing slash, by GET and by form POST, without any redirect."""
    return bp.route(path, endpoint=endpoint, methods=["GET", "POST"], strict_slashes=False)


def tell_deprecation(response: Response) -> Response:
    """Say on every answer of version 2.0, errors included, that it is deprecated, and where what changed is told."""
    if any(request.path.startswith(f"{prefix}/") or request.path == prefix for prefix in PREFIXES):
        page = str(portal.settings.base_url) + url_for("api_versions.versions")
        response.headers["ODS-Explore-API-Deprecation"] = DEPRECATION
        response.headers["Link"] = f'<{page}>; rel="deprecation"; type="text/html"'
    return response


def read_older_call() -> Call:
    """Read the request as version 2.1 does, but for the defaults of version 2.0 and the address of the API.

    Links and identifiers are in every envelope.
    """
    call = read_call()
    unsaid = {name: value for name, value in DEFAULTS.items() if not request.values.get(name)}
    base = next(prefix for prefix in PREFIXES if request.path.startswith(f"{prefix}/"))
    root = str(portal.settings.base_url)
    values = {**call.values, **unsaid, "include_links": True, "include_app_metas": True}
    return replace(call, values=MappingProxyType(values), base=root + base)
