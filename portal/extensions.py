"""What rooms share at a request: the portal's parts, who calls, the limits of calls, and what was used."""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import cast

from flask import Flask, Response, current_app, g, request
from flask_limiter import Limiter
from werkzeug.local import LocalProxy

from datasets.errors import AuthenticationFailed, StoreUnavailable
from datasets.store.engine import Engine
from datasets.store.versions import VersionStore
from portal.clock import Clock
from portal.databases import Databases
from portal.jobs import Queue
from portal.limits import SqliteStorage
from portal.mail import Post
from portal.memory import Memory
from portal.settings import Settings
from portal.state import CatalogueState
from portal.turns import Turns
from portal.vault import Vault

API_PREFIX = "/api/"
API_BODY = 2**20
"""Bytes that a call may send: clauses, never files."""

CLIENTS = "api_clients"
UNCHANGING = "portal.unchanging"
ERASER = "eraser"
LOCKS = "locks"
STORAGES = (SqliteStorage,)
"""The counters' storages beyond those of the `limits` library, which finds them by their scheme."""

FindClient = Callable[[str, str], str | None]
"""Returns the name of the client that holds an API key, or None, given the scope that is needed; raises KeyExpired,
OutOfScope and StoreUnavailable."""

SCOPES = {"push": "push", "partners": "partners"}
"""The scope that an API key needs, by blueprint; "read" for the others."""


@dataclass(frozen=True)
class Portal:
    """The parts of one installation, made once by `create_app`.

    `answers` are bytes that it gave already, `opened` the datasets that it read, by the state of the catalogue;
    `queries` and `downloads` are the turns of clients at heavy work.
    """

    settings: Settings
    clock: Clock
    databases: Databases
    state: CatalogueState
    store: VersionStore
    engine: Engine
    queue: Queue
    answers: Memory
    opened: Memory
    queries: Turns
    downloads: Turns
    vault: Vault
    post: Post


@dataclass(frozen=True)
class Use:
    """What an answer gave of which dataset: `kind` is "page", "api" or "export"."""

    dataset_id: str | None
    kind: str
    export_format: str | None = None


portal = cast(Portal, LocalProxy(lambda: current_app.extensions["portal"]))
"""The parts of the application that answers."""


def is_api_call() -> bool:
    """Return whether a program is asking, so that every answer, errors included, is the API's."""
    if request.blueprint == "console":  # a page, which stands among the addresses of the API
        return False
    return request.path.startswith(API_PREFIX) or (request.blueprint or "").startswith("explore")


def note_use(dataset_id: str | None, kind: str, export_format: str | None = None) -> None:
    """Note, for the audience, what this answer gives. Nothing is kept but on this request."""
    g.use = Use(dataset_id, kind, export_format)


def find_use() -> Use | None:
    """Return what this answer gives, when its route noted it."""
    return g.get("use")


def note_unchanging() -> None:
    """Note that the same question has the same answer as long as the catalogue is the same."""
    request.environ[UNCHANGING] = find_use()


def set_api_clients(app: Flask, find_api_client: FindClient) -> None:
    """Tell how the holder of an API key is found: the room of the accounts gives it at the start."""
    app.extensions[CLIENTS] = find_api_client


def set_eraser(app: Flask, erase: Callable[[str], str]) -> None:
    """Tell how a person is erased everywhere: the room of privacy gives it at the start."""
    app.extensions[ERASER] = erase


def erase_person(account_id: str) -> str:
    """Erase everything that the portal keeps of the person who holds `account_id`; return the receipt.

    Raises Conflict when the law forbids it for now.
    """
    receipt: str = current_app.extensions[ERASER](account_id)
    return receipt


def set_locks(app: Flask, is_locked: Callable[[str], bool]) -> None:
    """Tell how one knows that an account is kept and not used: the room of privacy gives it at the start."""
    app.extensions[LOCKS] = is_locked


def is_locked(account_id: str) -> bool:
    """Tell whether an account is kept and not used: nothing is sent, shown or published for it."""
    find: Callable[[str], bool] | None = current_app.extensions.get(LOCKS)
    return find is not None and find(account_id)


def find_api_client() -> str | None:
    """Return the name of the client whose API key came with the request; None for an anonymous call.

    Raises AuthenticationFailed for an unknown or expired key, OutOfScope for one made for something else. With the
    store of keys away the call is anonymous: open data stay open.
    """
    key = read_api_key()
    find: FindClient | None = current_app.extensions.get(CLIENTS)
    if not key or find is None:
        return None
    try:
        client = find(key, SCOPES.get(request.blueprint or "", "read"))
    except StoreUnavailable:
        return None
    if client is None:
        raise AuthenticationFailed()
    return client


def read_api_key() -> str | None:
    """Return the API key of the request: `?apikey=KEY`, or `Authorization: Apikey KEY` in any case."""
    scheme, _, key = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() == "apikey":
        return key.strip()
    return request.values.get("apikey")


def client_key() -> str:
    """Return the name under which a client's calls are counted: its API client, else its address made unreadable."""
    client = g.get("api_client")
    if client is not None:
        return f"client:{client}"
    return address_key(request.remote_addr or "", portal.settings.secret_key)


def address_key(address: str, secret: str) -> str:
    """Return the name under which the calls of an anonymous client are counted: its address made unreadable."""
    return "address:" + hashlib.blake2b(address.encode(), key=secret.encode()[:64], digest_size=16).hexdigest()


limiter = Limiter(client_key, strategy="fixed-window", in_memory_fallback_enabled=True)
"""Limits of calls, by client. When the counters' store fails, each process counts on its own."""


def read_api_limit() -> str:
    """Return the limit of API calls of one client."""
    return str(portal.settings.api_limit)


def _is_free() -> bool:
    return request.method == "OPTIONS"


def _counts(response: Response) -> bool:
    return response.status_code != 304


API_SCOPE = "api"
api_limit = limiter.shared_limit(read_api_limit, scope=API_SCOPE, exempt_when=_is_free, deduct_when=_counts)
"""Decorates what counts as an API call; preflights and unchanged answers (304) are free."""


def init_app(app: Flask) -> None:
    """Identify API clients and count calls in `app`, before anything else happens to a request."""
    app.config["RATELIMIT_STORAGE_URI"] = app.extensions["portal"].settings.limits_url
    app.before_request(_identify)
    app.after_request(_tell_limit)
    limiter.init_app(app)


def _identify() -> None:
    if is_api_call() and request.method != "OPTIONS":
        request.max_content_length = API_BODY
        g.api_client = find_api_client()


def _tell_limit(response: Response) -> Response:
    """Say how many calls are left, in Opendatasoft's words."""
    current = limiter.current_limit
    if current is not None and is_api_call():
        ends = datetime.fromtimestamp(current.window.reset_time, UTC)
        response.headers["X-RateLimit-Limit"] = str(current.limit.amount)
        response.headers["X-RateLimit-Remaining"] = str(current.remaining)
        response.headers["X-RateLimit-Reset"] = str(ends.replace(microsecond=0))
    return response
