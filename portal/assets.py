"""What browsers need beside pages: our styles and scripts, and libraries, each at an address that names its content.

`asset("portal.css")` in a template is that address: it may be kept for ever, and changes with the content.
"""

from collections.abc import Mapping
from functools import lru_cache
from hashlib import blake2b
from mimetypes import guess_type
from pathlib import Path
from typing import NamedTuple

from flask import Flask, Response, abort, request, url_for

from exports.compressed import compress
from portal.extensions import portal
from portal.respond import choose_coding

STATIC = Path(__file__).parent / "static"
LIBRARIES: Mapping[str, str] = {
    "maplibre-gl.mjs": "maplibre-gl/dist/maplibre-gl.mjs",
    "maplibre-gl-worker.mjs": "maplibre-gl/dist/maplibre-gl-worker.mjs",
    "maplibre-gl.css": "maplibre-gl/dist/maplibre-gl.css",
    "vega.js": "vega/build/vega.min.js",
    "vega-interpreter.mjs": "vega-interpreter/build/vega-interpreter.js",
}
"""Files of the packages of `package.json` that pages load, by the name under which they are served."""

IMPORTS: Mapping[bytes, bytes] = {b"'vega-util'": b"'./vega-util.js'"}
"""What modules import by a bare name, which browsers do not find, and the address of what stands for it."""

TYPES = {".mjs": "text/javascript", ".js": "text/javascript", ".svg": "image/svg+xml", ".css": "text/css"}
KEPT = "public, max-age=31536000, immutable"


class Asset(NamedTuple):
    """A file as it is served: its bytes, by content coding ("" for none), and a digest that names them."""

    media_type: str
    digest: str
    bodies: dict[str, bytes]


def init_app(app: Flask) -> None:
    """Serve the assets of `app`, and let its templates name them."""
    app.add_url_rule("/assets/<digest>/<path:name>", "assets", serve)
    app.jinja_env.globals["asset"] = address_of


def address_of(name: str) -> str:
    """Return the address of an asset; raise KeyError when there is none of that name."""
    found = find(name)
    if found is None:
        raise KeyError(name)
    return url_for("assets", digest=found.digest, name=name)


def serve(digest: str, name: str) -> Response:
    """Answer an asset; at an address that names another content, what it is now, not to be kept."""
    found = find(name)
    if found is None:
        abort(404)
    coding = choose_coding()
    if coding and coding not in found.bodies:
        found.bodies[coding] = b"".join(compress([found.bodies[""]], coding, thorough=True))
    response = Response(found.bodies[coding], content_type=found.media_type)
    response.headers["Cache-Control"] = KEPT if digest == found.digest else "no-cache"
    response.headers["Vary"] = "Accept-Encoding"
    response.set_etag(f"{found.digest}-{coding}")
    if coding:
        response.content_encoding = coding
    response.make_conditional(request)
    return response


def find(name: str) -> Asset | None:
    """Return the asset of that name, read again when its file has changed; None when there is none."""
    path = Path(portal.settings.packages) / LIBRARIES[name] if name in LIBRARIES else STATIC / name
    if name not in LIBRARIES and not path.resolve().is_relative_to(STATIC):
        return None
    return _read(path, path.stat().st_mtime_ns, name.endswith(".mjs")) if path.is_file() else None


@lru_cache(maxsize=64)
def _read(path: Path, _changed: int, module: bool) -> Asset:
    content = path.read_bytes()
    for name, address in IMPORTS.items() if module else ():
        content = content.replace(b"from " + name, b"from " + address)
    kind = TYPES.get(path.suffix) or guess_type(path.name)[0] or "application/octet-stream"
    text = kind.startswith("text/") or kind.endswith("+xml")
    return Asset(f"{kind}; charset=utf-8" if text else kind, blake2b(content, digest_size=8).hexdigest(), {"": content})
