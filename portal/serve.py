"""Serving: a production WSGI server (granian) and a worker for the queue, started and stopped together."""

import os
import socket
import subprocess
import sys
import textwrap
from threading import Thread
from time import monotonic, sleep
from urllib.error import HTTPError
from urllib.parse import urlencode
from urllib.request import urlopen

import click
from granian import Granian
from granian.constants import Interfaces
from granian.log import LogLevels

from datasets.errors import StoreError
from portal.extensions import Portal
from portal.instance import hold_instance

THREADS = 8
"""Requests that one process answers at once."""

BACKLOG = 64
"""Requests that one process lets wait; the others wait at the door."""

EXAMPLE = "/api/explore/v2.1/catalog/datasets/economies-ges/records"
QUERY = {"where": "niveau_geo = 'pays'", "order_by": "periode desc", "limit": 1}
"""The request whose answer is shown at the start."""


def serve(portal: Portal, host: str, port: int) -> None:
    """Serve on `host`:`port` until a signal ends it.

    Raises Locked when another server holds the instance, StoreError when the port is taken.
    """
    settings = portal.settings
    with hold_instance(settings.instance, "serving"):
        check_port(host, port)
        portal.databases.migrate()
        portal.store.purge_abandoned()
        os.environ["PORTAL_INSTANCE"] = str(settings.instance)
        with Worker() as worker:
            server = Granian(
                "portal:create_app",
                factory=True,
                address=host,
                port=port,
                interface=Interfaces.WSGI,
                workers=settings.workers,
                blocking_threads=THREADS,
                backpressure=BACKLOG,
                log_level=LogLevels.error,
                respawn_failed_workers=True,
            )
            Thread(target=welcome, args=(worker, settings.site_name, f"http://{host}:{port}"), daemon=True).start()
            server.serve()
    click.echo("Stopped.")


def check_port(host: str, port: int) -> None:
    """Raise StoreError, saying what to do, when something already listens on `host`:`port`."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            reason = f"{error.strerror}. Choose another with --port, or stop what uses it."
            raise StoreError(what=f"Port {port} of {host}", reason=reason) from error


class Worker:
    """`portal work`, run beside the server and stopped with it."""

    def __init__(self) -> None:
        self.process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start to work."""
        self.process = subprocess.Popen([sys.executable, "-m", "portal", "work"], start_new_session=True)

    def __enter__(self) -> "Worker":
        return self

    def __exit__(self, *_: object) -> None:
        if self.process:
            self.process.terminate()
            self.process.wait(timeout=10)


def welcome(worker: Worker, site_name: str, address: str) -> None:
    """Once the server answers, say so, and let the worker start: people come first."""
    show_welcome(site_name, address)
    worker.start()


def show_welcome(site_name: str, address: str) -> None:
    """Wait until the server answers, then print what to open and one request with its true answer."""
    example = f"{address}{EXAMPLE}?{urlencode(QUERY)}"
    answer = wait_for(example, seconds=60)
    click.echo(f"\n  {site_name}: {address}/\n")
    click.echo(f"  curl '{example}'\n")
    click.echo(textwrap.indent(answer, "    "))
    click.echo("\n  Ctrl-C stops it.")


def wait_for(address: str, *, seconds: float) -> str:
    """Return what `address` answers as soon as something answers there."""
    deadline = monotonic() + seconds
    while True:
        try:
            with urlopen(address, timeout=seconds) as answer:  # noqa: S310 – our own address
                return answer.read().decode()
        except HTTPError as error:
            return error.read().decode()
        except OSError as error:
            if monotonic() > deadline:
                return f"No answer after {seconds:.0f} s: {error}"
            sleep(0.1)
