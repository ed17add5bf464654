"""A server of the tests that answers as it is told, on a port of this machine."""

import hashlib
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from portal.accounts.tables import AccountRow
from portal.producers.service import change_draft, create_draft, get_draft, owner_of
from portal.producers.work import publish_draft, read_draft
from tests.portal.producers.conftest import producer, sign_in

__all__ = ["producer", "sign_in"]  # fixtures of the desk, used here too
CSV = b"code;nom;habitants\n32013;Auch;22173\n32107;Condom;6500\n"


@dataclass
class Site:
    """What each path answers, and what was asked: (path, headers)."""

    port: int = 0
    answers: dict[str, Callable[[Any], None]] = field(default_factory=dict)
    asked: list[tuple[str, dict[str, str]]] = field(default_factory=list)

    def address(self, path: str, host: str = "127.0.0.1") -> str:
        """Return the address of a path."""
        return f"http://{host}:{self.port}{path}"

    def put(self, path: str, content: bytes = CSV, status: int = 200, **headers: str) -> None:
        """Answer this content at a path; 304 to whoever shows its ETag."""

        def answer(handler: Any) -> None:
            tag = headers.get("ETag")
            unchanged = tag is not None and handler.headers.get("If-None-Match") == tag
            handler.send_response(304 if unchanged else status)
            for name, value in headers.items():
                handler.send_header(name.replace("_", "-"), value)
            body = b"" if unchanged else content
            handler.send_header("Content-Length", str(len(body)))
            handler.end_headers()
            handler.wfile.write(body)

        self.answers[path] = answer

    def lead(self, path: str, to: str, status: int = 302) -> None:
        """Lead a path to another address."""
        self.put(path, b"", status, Location=to)

    def drip(self, path: str, seconds: float) -> None:
        """Answer a byte now and then, without end."""

        def answer(handler: Any) -> None:
            handler.send_response(200)
            handler.end_headers()
            for _ in range(1000):
                handler.wfile.write(b"x")
                handler.wfile.flush()
                time.sleep(seconds)

        self.answers[path] = answer

    def stop_early(self, path: str, content: bytes = CSV) -> None:
        """Announce more bytes than come."""

        def answer(handler: Any) -> None:
            handler.send_response(200)
            handler.send_header("Content-Length", str(len(content) + 100))
            handler.end_headers()
            handler.wfile.write(content)
            handler.close_connection = True

        self.answers[path] = answer


@pytest.fixture
def site() -> Iterator[Site]:
    """A site on this machine, empty."""
    found = Site()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            found.asked.append((self.path, dict(self.headers)))
            try:
                found.answers.get(self.path, lambda handler: handler.send_error(404))(self)
            except OSError:
                self.close_connection = True

        def log_message(self, format: str, *arguments: Any) -> None:
            return

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    server.block_on_close = False
    found.port = server.server_address[1]
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    yield found
    server.shutdown()
    server.server_close()
    thread.join()


@pytest.fixture
def published(app: Flask, producer: FlaskClient) -> str:
    """A dataset that the producer published at the desk, from CSV; its identifier."""
    parts = app.extensions["portal"]
    owner = owner_of_the_producer(app)
    folder = parts.settings.instance / "incoming"
    folder.mkdir(exist_ok=True)
    (folder / hashlib.sha256(CSV).hexdigest()).write_bytes(CSV)
    draft_id = create_draft(parts, owner, "villes.csv", hashlib.sha256(CSV).hexdigest(), len(CSV))
    read_draft(parts, draft_id)
    change_draft(parts, draft_id, dataset_id="villes", state="publishing")
    publish_draft(parts, draft_id)
    assert get_draft(parts, draft_id).state == "published", get_draft(parts, draft_id).error
    return "villes"


def owner_of_the_producer(app: Flask) -> str:
    """Return the name under which the only account holds drafts and sources."""
    parts = app.extensions["portal"]
    with parts.databases.session("accounts") as session:
        account_id = session.scalar(select(AccountRow.id))
    return owner_of(parts.settings.secret_key, account_id)
