"""What was answered already is answered again before any route is looked for, as long as the catalogue is the same.

Only answers of the API made from versions alone (`note_unchanging`), to anonymous programs. Each is still counted in
the limits of its client and noted for the audience, as if it had been made again.
"""

from collections.abc import Hashable, Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from flask import Flask
from limits import parse_many

from portal.audience.routes import read_signal
from portal.extensions import API_PREFIX, API_SCOPE, UNCHANGING, Use, address_key, limiter
from portal.limits import count_soon
from portal.memory import Memory
from portal.respond import coding_for

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment

Headers = list[tuple[str, str]]
ENTRY_BYTES = 4096
"""What keeping an answer costs beside its body."""

OF_THE_CALL = ("X-RateLimit-Remaining", "X-RateLimit-Reset")
"""Headers that each call has of its own."""

KEYED = ("HTTP_AUTHORIZATION", "HTTP_IF_NONE_MATCH", "HTTP_IF_MODIFIED_SINCE")
"""What makes a call more than a question: an API key, an answer that the client holds."""


read_limits = lru_cache(parse_many)


@lru_cache
def tell_instant(seconds: int) -> str:
    """Return an instant, in seconds since 1970, as headers tell it."""
    return str(datetime.fromtimestamp(seconds, UTC))


@dataclass(frozen=True)
class Given:
    """An answer as it was given: its headers, its body, and what it gave of which dataset."""

    headers: Headers
    body: bytes
    use: Use


class Repeated:
    """The application `app`, with a memory before it."""

    def __init__(self, app: Flask) -> None:
        parts = app.extensions["portal"]
        self._app, self._inner, self._parts = app, app.wsgi_app, parts
        self._memory = Memory(parts.settings.answers_memory, weigh=lambda given: len(given.body) + ENTRY_BYTES)

    def __call__(self, environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
        key = self._key(environ)
        if key is None:
            return self._inner(environ, start_response)
        given = self._memory.find(key)
        if given is None:
            return self._watch(key, environ, start_response)
        told = self._count(environ.get("REMOTE_ADDR", ""))
        if told is None:
            return self._inner(environ, start_response)
        self._app.extensions["audience"].record(read_signal(given.use, 200, environ, self._parts.clock.now()))
        start_response("200 OK", given.headers + told)
        return [given.body]

    def _key(self, environ: "WSGIEnvironment") -> Hashable | None:
        """Return all that an answer to an anonymous question depends on; None for any other request."""
        path, query = environ["PATH_INFO"], environ.get("QUERY_STRING", "")
        if environ["REQUEST_METHOD"] != "GET" or not path.startswith(API_PREFIX):
            return None
        if "apikey" in query or any(name in environ for name in KEYED):
            return None
        state = self._parts.state.read()
        coding = coding_for(environ.get("HTTP_ACCEPT_ENCODING", ""))
        return state and (state, path, query, coding, environ.get("HTTP_ACCEPT_LANGUAGE"), environ["wsgi.url_scheme"])

    def _count(self, address: str) -> Headers | None:
        """Count a call, and return the headers that tell how many are left; None when the limiter must say."""
        limits, counters = read_limits(self._parts.settings.api_limit), limiter.limiter
        if len(limits) != 1:
            return None
        limit = limits[0]
        key = limit.key_for(address_key(address, self._parts.settings.secret_key), API_SCOPE)
        try:
            hits, ends = count_soon(counters.storage, key, limit.get_expiry(), limit.amount)
        except counters.storage.base_exceptions:
            return None
        if hits > limit.amount:
            return None
        return list(zip(OF_THE_CALL, (str(limit.amount - hits), tell_instant(int(ends))), strict=True))

    def _watch(self, key: Hashable, environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
        """Let the application answer, and keep what it gives when the same question has the same answer."""
        told: list[tuple[str, Headers]] = []

        def start(status: str, headers: Headers, *failure: Any) -> Any:
            told.append((status, headers))
            return start_response(status, headers, *failure)

        answer = self._inner(environ, start)
        use = environ.get(UNCHANGING)
        if use is None or not told or not told[-1][0].startswith("200 "):
            return answer
        body = b"".join(answer)
        if hasattr(answer, "close"):
            answer.close()
        headers = [(name, value) for name, value in told[-1][1] if name not in OF_THE_CALL]
        self._memory.get(key, lambda: Given(headers, body, use))
        return [body]
