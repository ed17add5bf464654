"""How many audience events a second are recorded, by the clock on the wall: `python -m bench.recording --help`.

Processes record together, as those of the server do, into one database: events come at a steady rate, are written in
the background, and are counted in the database once the processes have stopped, or have been killed.
"""

import argparse
import mmap
import os
import resource
import signal
import struct
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import SimpleNamespace
from typing import NoReturn

from sqlalchemy import func, select

from portal.audience.buffer import Buffer
from portal.audience.pseudonym import DailyKey
from portal.audience.record import Recorder, Signal
from portal.audience.tables import EventRow
from portal.clock import SystemClock
from portal.databases import Databases

AGENT = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"
COUNT = struct.Struct("q")
PAUSE = 0.002
"""Seconds between two looks at the clock."""


@dataclass(frozen=True)
class Recorded:
    """What was recorded and what was kept: events, in so many seconds of the wall and of processor."""

    sent: int
    kept: int
    seconds: float
    worked: float

    @property
    def rate(self) -> float:
        """Events recorded a second."""
        return self.sent / self.seconds

    @property
    def lost_seconds(self) -> float:
        """Of how many seconds the events are lost."""
        return (self.sent - self.kept) / self.rate

    def __str__(self) -> str:
        lost = f"{self.sent - self.kept:,} lost ({self.lost_seconds:.2f} s)"
        cost = (
            f"{self.sent:,} events in {self.seconds:.1f} s: {self.rate:,.0f} a second, {self.worked:.1f} s of processor"
        )
        return f"{cost}; {self.kept:,} kept, {lost}"


def measure(folder: Path, *, processes: int, rate: int, seconds: float, killed: bool = False) -> Recorded:
    """Record `rate` events a second for some seconds, by several processes that are then stopped, or killed."""
    databases = Databases(SimpleNamespace(instance=folder))  # type: ignore[arg-type] (all that it reads of settings)
    databases.migrate(["audience"])
    before, used = _count(databases), resource.getrusage(resource.RUSAGE_CHILDREN)
    databases.close()
    with mmap.mmap(-1, COUNT.size * processes) as counts:
        began = time.monotonic()
        children = [_start(folder, counts, place, rate / processes) for place in range(processes)]
        time.sleep(seconds)
        with _stopping(children, signal.SIGKILL if killed else signal.SIGTERM):
            ended = time.monotonic()
        sent = sum(COUNT.unpack_from(counts, COUNT.size * place)[0] for place in range(processes))
    now = resource.getrusage(resource.RUSAGE_CHILDREN)
    worked = now.ru_utime + now.ru_stime - used.ru_utime - used.ru_stime
    kept = _count(databases) - before
    databases.close()
    return Recorded(sent, kept, ended - began, worked)


def _count(databases: Databases) -> int:
    with databases.session("audience") as session:
        return session.scalar(select(func.count(EventRow.id))) or 0


def _start(folder: Path, counts: mmap.mmap, place: int, rate: float) -> int:
    """Begin to record in a process of its own; return its number."""
    child = os.fork()
    if child == 0:
        _record(folder, counts, place, rate)
    return child


def _record(folder: Path, counts: mmap.mmap, place: int, rate: float) -> NoReturn:
    """Record at a steady rate until a signal comes, and say how many events there were."""
    stopped: list[int] = []
    signal.signal(signal.SIGTERM, lambda number, _frame: stopped.append(number))
    databases = Databases(SimpleNamespace(instance=folder))  # type: ignore[arg-type] (all that it reads of settings)
    recorder, began, number = Recorder("bench.example", DailyKey(folder), Buffer(databases)), time.monotonic(), 0
    clock = SystemClock()
    while not stopped:
        due = int((time.monotonic() - began) * rate)
        while number < due and not stopped:
            recorder.record(Signal(clock.now(), f"dataset-{number % 20}", "page", "", 200, "GET",
                                   f"192.0.{number % 250}.{place}", AGENT, "", False, False))  # fmt: skip
            number += 1
            COUNT.pack_into(counts, COUNT.size * place, number)
        time.sleep(PAUSE)
    recorder.buffer.close()
    os._exit(0)


@contextmanager
def _stopping(children: list[int], number: int) -> Iterator[None]:
    """Send a signal to processes, and wait at the end until they are gone."""
    for child in children:
        os.kill(child, number)
    yield
    for child in children:
        os.waitpid(child, 0)


def main() -> None:
    """Measure, and print what was recorded and kept: on a clean stop, then on a kill."""
    parser = argparse.ArgumentParser(description="Record audience events at a steady rate, then stop, or kill.")
    parser.add_argument("--rate", type=int, default=5000, help="events a second, all processes together (5000)")
    parser.add_argument("--processes", type=int, default=2, help="processes that record (2)")
    parser.add_argument("--seconds", type=float, default=20, help="how long (20)")
    asked = parser.parse_args()
    for killed in (False, True):
        with tempfile.TemporaryDirectory() as folder:
            done = measure(
                Path(folder), processes=asked.processes, rate=asked.rate, seconds=asked.seconds, killed=killed
            )
        print(f"{'killed ' if killed else 'stopped'}  {done}", flush=True)


if __name__ == "__main__":
    main()
