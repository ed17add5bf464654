"""Fetching an address: unless it is unchanged, its content comes into the incoming folder, within limits."""

import http.client
import socket
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from time import monotonic
from urllib.parse import SplitResult, quote, unquote, urljoin, urlunsplit

from datasets.errors import FetchRefused, Phrase
from portal.producers.incoming import Reception
from portal.sources.network import Connection, Resolver, read_address

REDIRECTIONS = (301, 302, 303, 307, 308)
MOST_REDIRECTIONS = 5
PIECE = 1 << 18
VALIDATOR = 300
"""Letters of a validator, at most."""

AGENT = "gers-portal (open data; fetches on behalf of a producer)"
VALIDATORS = {"etag": ("ETag", "If-None-Match"), "last_modified": ("Last-Modified", "If-Modified-Since")}
"""What an answer says of its content, by the name under which it is kept: the header that tells, the one that asks."""

TOO_MANY = Phrase("it leads from one address to the next without end.", "elle mène d’adresse en adresse sans fin.")
DOWNGRADED = Phrase("it leads from https to http.", "elle mène de https à http.")
LATE = Phrase("it did not answer in time.", "elle n’a pas répondu à temps.")
CUT = Phrase("its answer stopped before its end.", "sa réponse s’est arrêtée avant la fin.")


@dataclass(frozen=True)
class Limits:
    """How much and how long: bytes, seconds in all; `hosts` may be reached in a private network."""

    size: int
    seconds: float
    hosts: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Fetched:
    """A file that was fetched: its checksum and name, and what the answer said of it, to ask again."""

    sha256: str
    name: str
    size: int
    seen: Mapping[str, str] = field(default_factory=dict)


def fetch(
    address: str, folder: Path, limits: Limits, seen: Mapping[str, str], *, resolve: Resolver = socket.getaddrinfo
) -> Fetched | None:
    """Fetch an address into `folder`; None when its content is the one that was `seen`.

    Each redirection is checked as the first address is. Raises FetchRefused, FileTooLarge, DiskFull and StoreError;
    nothing is left in the folder then.
    """
    end = monotonic() + limits.seconds
    for _ in range(MOST_REDIRECTIONS + 1):
        parts = read_address(address)
        connection = Connection(parts, max(end - monotonic(), 0.1), limits.hosts, resolve)
        try:
            answer = _ask(connection, parts, seen)
            if answer.status not in REDIRECTIONS:
                return _take(connection, answer, address, folder, limits.size, seen)
            following = urljoin(address, answer.headers.get("Location", ""))
        except (OSError, http.client.HTTPException) as error:
            raise FetchRefused(address=address, reason=_explain(connection, error)) from error
        finally:
            connection.end()
        if following.startswith("http:") and parts.scheme == "https":
            raise FetchRefused(address=following, reason=DOWNGRADED)
        address = following
    raise FetchRefused(address=address, reason=TOO_MANY)


def _ask(connection: Connection, parts: SplitResult, seen: Mapping[str, str]) -> http.client.HTTPResponse:
    asked = {VALIDATORS[name][1]: value for name, value in seen.items() if name in VALIDATORS}
    path = urlunsplit(("", "", quote(parts.path or "/", safe="/%:@!$&'()*+,;=~"), parts.query, ""))
    headers = {"User-Agent": AGENT, "Accept-Encoding": "identity", "Accept": "*/*", **asked}
    connection.request("GET", quote(path, safe="/%:@!$&'()*+,;=~?"), headers=headers)
    return connection.getresponse()


def _take(
    connection: Connection,
    answer: http.client.HTTPResponse,
    address: str,
    folder: Path,
    limit: int,
    seen: Mapping[str, str],
) -> Fetched | None:
    """Receive the content of an answer; None when it is unchanged, by its status or by its bytes."""
    if answer.status == 304 and seen:
        return None
    if answer.status != 200:
        reason = Phrase(f"it answered {answer.status}.", f"elle a répondu {answer.status}.")
        raise FetchRefused(address=address, reason=reason)
    name = unquote(read_address(address).path.rpartition("/")[2])[:100] or "fichier"
    reception = Reception(folder, name, limit)
    try:
        while piece := answer.read(PIECE):
            reception.write(piece)
        if connection.late or answer.length:
            raise FetchRefused(address=address, reason=LATE if connection.late else CUT)
        sha256 = reception.digest.hexdigest()
        if sha256 == seen.get("sha256"):
            return None
        reception.keep()
    finally:
        reception.close()
    said = {kept: answer.headers.get(header, "") for kept, (header, _) in VALIDATORS.items()}
    found = {kept: value for kept, value in said.items() if 0 < len(value) <= VALIDATOR and value.isprintable()}
    return Fetched(sha256, name, reception.size, {**found, "sha256": sha256})


def _explain(connection: Connection, error: Exception) -> Phrase:
    """Return why an answer did not come, in words."""
    if connection.late or isinstance(error, TimeoutError):
        return LATE
    if isinstance(error, http.client.IncompleteRead):
        return CUT
    said = str(error).partition("\n")[0][:200] or type(error).__name__
    return Phrase(f"it could not be read ({said}).", f"elle n’a pas pu être lue ({said}).")


def read_hosts(text: str) -> frozenset[str]:
    """Return the names of hosts that a setting lists, separated by commas."""
    return frozenset(name.strip().lower() for name in text.split(",") if name.strip())
