"""A process that writes versions one after the other, until it is killed or refused."""

import multiprocessing
import resource
from datetime import UTC, datetime
from multiprocessing.context import ForkServerProcess
from pathlib import Path

import pyarrow as pa

from datasets.errors import PortalError
from datasets.model import Field, Schema
from datasets.store.versions import VersionStore

SCHEMA = Schema((Field("n", "int"),))


def start_writer(root: Path, rows: int, limit: int | None = None) -> ForkServerProcess:
    """Start the process and wait until it writes; `limit` is how many bytes a file may hold."""
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["tests.datasets.store.writer"])
    ready, here = context.Pipe()
    process = context.Process(target=write_versions, args=(root, rows, limit, here))
    process.start()
    ready.recv()
    return process


def write_versions(root: Path, rows: int, limit: int | None, ready) -> None:  # type: ignore[no-untyped-def]
    """Write versions; what refuses one is told in a file beside the store."""
    store = VersionStore(root)
    said = (root.parent / f"{root.name}.said").open("w", buffering=1)
    ready.send(True)
    if limit is not None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (limit, resource.RLIM_INFINITY))
    for day in range(1, 29):
        batches = (pa.record_batch({"n": range(i, i + 10_000)}) for i in range(0, rows, 10_000))
        try:
            store.write("big", SCHEMA, batches, created=datetime(2026, 1, day, tzinfo=UTC))
        except PortalError as error:
            resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
            said.write(f"{type(error).__name__} {error}")
            return
