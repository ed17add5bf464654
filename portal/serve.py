"""Serving: a production WSGI server (granian) and a worker for the queue, started and stopped together."""

import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager

import click
from granian import Granian
from granian.constants import Interfaces
from granian.log import LogLevels

from datasets.errors import StoreError
from portal.databases import Databases
from portal.extensions import Portal
from portal.instance import hold_instance, prepare_instance
from portal.programming import show_first_answer


def serve(portal: Portal, host: str, port: int) -> None:
    """Serve on `host`:`port` until a signal ends it.

    Raises Locked when another server holds the instance, StoreError when the port is taken.
    """
    settings = portal.settings
    prepare_instance(settings.instance)
    with hold_instance(settings.instance, "serving"):
        check_port(host, port)
        migrate(portal.databases)
        portal.store.purge_abandoned()
        os.environ["PORTAL_INSTANCE"] = str(settings.instance)
        with worker():
            server = Granian(
                "portal:create_app",
                factory=True,
                address=host,
                port=port,
                interface=Interfaces.WSGI,
                workers=settings.workers,
                log_level=LogLevels.warning,
                respawn_failed_workers=True,
            )
            server.on_startup(lambda: show_welcome(portal, host, port))
            server.serve()
    click.echo("Stopped.")


def migrate(databases: Databases) -> None:
    """Bring the four databases to their newest form."""
    databases.migrate()


def check_port(host: str, port: int) -> None:
    """Raise StoreError, saying what to do, when something already listens on `host`:`port`."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            reason = f"{error.strerror}. Choose another with --port, or stop what uses it."
            raise StoreError(what=f"Port {port} of {host}", reason=reason) from error


@contextmanager
def worker() -> Iterator[None]:
    """Run `portal work` beside the server, and stop it with it."""
    process = subprocess.Popen([sys.executable, "-m", "portal", "work"], start_new_session=True)
    try:
        yield
    finally:
        process.terminate()
        process.wait(timeout=10)


def show_welcome(portal: Portal, host: str, port: int) -> None:
    """Print what to open, and one request with its true answer."""
    address = f"http://{host}:{port}"
    click.echo(f"\n  {portal.settings.site_name}: {address}/\n")
    for line in show_first_answer(portal, address):
        click.echo(f"  {line}")
    click.echo("\n  Ctrl-C stops it.")
