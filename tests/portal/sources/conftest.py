"""A server of the tests that answers as it is told, on a port of this machine."""

import hashlib
import shutil
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from portal import create_app
from portal.accounts.service import create_account
from portal.clock import FixedClock
from portal.producers.service import change_draft, create_draft, get_draft, owner_of
from portal.producers.work import publish_draft, read_draft
from tests.portal.producers.conftest import PASSWORD, sign_in

__all__ = ["sign_in"]  # a fixture of the desk, used here too
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


@pytest.fixture(scope="session")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An instance where a producer published a dataset from CSV at the desk, made once and copied for each test."""
    instance = tmp_path_factory.mktemp("sources") / "instance"
    app = open_app(instance)
    parts = app.extensions["portal"]
    parts.databases.migrate()
    with parts.databases.session("accounts") as session:
        address = "producteur@example.org"
        account = create_account(session, parts.vault, address, PASSWORD, "producer", at=parts.clock.now())
    (instance / "producer").write_text(account.id, "ascii")
    sha256 = hashlib.sha256(CSV).hexdigest()
    (instance / "incoming" / sha256).write_bytes(CSV)
    draft_id = create_draft(parts, owner_of_the_producer(app), "villes.csv", sha256, len(CSV))
    read_draft(parts, draft_id)
    change_draft(parts, draft_id, dataset_id="villes", state="publishing")
    publish_draft(parts, draft_id)
    assert get_draft(parts, draft_id).state == "published", get_draft(parts, draft_id).error
    parts.databases.close()
    return instance


def open_app(instance: Path) -> Flask:
    """Return an application whose sources may read this machine."""
    settings = {"queue_url": "immediate", "limits_url": "memory://", "fetch_hosts": "127.0.0.1"}
    return create_app({"instance": instance, **settings}, clock=FixedClock(datetime(2026, 11, 22, 10, 0, tzinfo=UTC)))


@pytest.fixture
def app(tmp_path: Path, template: Path) -> Flask:
    """The application on a copy of that instance."""
    shutil.copytree(template, tmp_path / "instance")
    return open_app(tmp_path / "instance")


@pytest.fixture
def producer(app: Flask) -> FlaskClient:
    """The producer of the dataset, signed in."""
    browser = app.test_client()
    answer = browser.post("/login/", data={"email": "producteur@example.org", "password": PASSWORD})
    assert answer.status_code == 303
    return browser


def owner_of_the_producer(app: Flask) -> str:
    """Return the name under which the producer of the dataset holds drafts and sources."""
    settings = app.extensions["portal"].settings
    return owner_of(settings.secret_key, (settings.instance / "producer").read_text("ascii"))
