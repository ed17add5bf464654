"""Serving: a production WSGI server (granian) and a worker for the queue, started and stopped together."""

import gc
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from threading import Thread

import click
from flask import Flask
from granian import Granian
from granian.constants import Interfaces
from granian.log import LogLevels

from datasets.errors import StoreError
from portal import create_app
from portal.extensions import Portal
from portal.instance import hold_instance

THREADS = 48
"""Requests that one process answers at once."""

BACKLOG = 64
"""Requests that one process lets wait; the others wait at the door."""

MODESTY = 5
"""How much less urgent the programs beside the server are, in the steps of `nice`."""

SWITCH_SECONDS = 0.0005
"""How long a thread of Python works before another may."""

WELCOME = Path(__file__).with_name("welcome.py")


def serve(portal: Portal, host: str, port: int) -> None:
    """Serve on `host`:`port` until a signal ends it.

    Raises Locked when another server holds the instance, StoreError when the port is taken.
    """
    settings = portal.settings
    with hold_instance(settings.instance, "serving"):
        check_port(host, port)
        portal.databases.prepare()
        portal.store.purge_abandoned()
        address = f"http://{host}:{port}"
        os.environ["PORTAL_INSTANCE"] = str(settings.instance)
        os.environ.setdefault("PORTAL_BASE_URL", address)
        os.register_at_fork(before=gc.freeze, after_in_child=forget_signals)
        with beside([str(WELCOME), settings.site_name, address], ["-m", "portal", "work"]):
            server = Granian(
                "portal.serve:create_worker",
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
            server.serve()
    click.echo("Stopped.")


def create_worker() -> Flask:
    """Return the application of one process of the server, its engine opened before somebody waits for it.

    Threads take turns more often than Python has them by default: a page of a microsecond's work does not wait behind
    those of a long export.
    """
    sys.setswitchinterval(SWITCH_SECONDS)
    app = create_app()
    Thread(target=app.extensions["portal"].engine.warm_up, name="opening", daemon=True).start()
    return app


def forget_signals() -> None:
    """Let a process that is still starting be ended: the handlers that it has from its parent would only note it."""
    for each in (signal.SIGTERM, signal.SIGINT):
        signal.signal(each, signal.SIG_DFL)


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
def beside(*commands: Sequence[str]) -> Iterator[None]:
    """Run Python programs beside the server, and stop them with it.

    They are programs, not threads: the server forks its processes, and a thread may hold a lock at that instant.
    """
    processes = [subprocess.Popen([sys.executable, *command], start_new_session=True) for command in commands]  # noqa: S603 (our own programs)
    for process in processes:
        os.setpriority(os.PRIO_PROCESS, process.pid, MODESTY)
    try:
        yield
    finally:
        for process in processes:
            process.terminate()
        for process in processes:
            process.wait(timeout=10)
