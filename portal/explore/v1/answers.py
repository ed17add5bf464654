"""Answers of version 1: JSON, JavaScript that calls back, and errors in both vocabularies."""

import json
from typing import Any
from urllib.parse import quote

from flask import Response, g, request
from werkzeug.exceptions import HTTPException

from datasets.errors import PortalError
from portal import errors
from portal.explore.calls import JSON, SHOWN_NAMES
from portal.explore.v1.params import is_true, read_callback

SCRIPT = "application/javascript; charset=utf-8"


def answer_value(value: Any) -> Response:
    """Answer a JSON value, pretty when asked, or given to the function that the caller names."""
    text = json.dumps(value, ensure_ascii=False, indent=4 if is_true("pretty_print") else None)
    callback = read_callback()
    if callback is None:
        return Response(text, content_type=JSON)
    # U+2028 and U+2029 end a line in older JavaScript; the comment keeps the answer from being anything but a script.
    safe = text.replace("\u2028", "\\u2028").replace("\u2029", "\\u2029")
    return Response(f"/**/{callback}({safe});", content_type=SCRIPT)


def answer_error(error: PortalError | HTTPException) -> Response:
    """Answer an error with the words of version 1 beside those of version 2.1."""
    response = errors.answer(error)
    body = response.get_json(silent=True)
    if isinstance(body, dict):
        words = {"errorcode": response.status_code, "error": body.get("message")}
        response.set_data(json.dumps({**words, **body}, ensure_ascii=False, indent=2))
    return response


def complete_headers(response: Response) -> Response:
    """Say the language of the answer, and which parameters were ignored."""
    response.vary.add("Accept-Language")
    if "answer_language" in g:
        response.content_language.add(g.answer_language)
    if ignored := g.get("ignored"):
        names = ", ".join(quote(name[:50], safe=" =") for name in list(dict.fromkeys(ignored))[:SHOWN_NAMES])
        response.headers["Warning"] = f'299 - "Unknown parameters were ignored: {names}"'
    return response


def asked_format() -> str:
    """Return the format of the request, json by default; jsonp and geojsonp are their plain forms called back."""
    name = (request.values.get("format") or "json").lower()
    return name.removesuffix("p") if name in ("jsonp", "geojsonp") else name
