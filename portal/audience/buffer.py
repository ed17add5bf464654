"""Events wait here for half a second, then go to the database together, in a thread of their own."""

import atexit
import os
import weakref
from collections import Counter, deque
from collections.abc import Mapping
from datetime import date
from multiprocessing.util import Finalize
from threading import Event, Lock, Thread
from typing import Any

from datasets.errors import StoreUnavailable
from portal.audience import service
from portal.databases import Databases

MOST_WAITING = 50_000
BATCH = 5_000
SECONDS = 0.5
"""Between two writings: with the time of one, less than a second is lost on a kill."""

BUFFERS: "weakref.WeakSet[Buffer]" = weakref.WeakSet()
"""The buffers of this process, emptied when it ends."""


class Buffer:
    """The events that are not written yet. Adding one never waits for the disk.

    When the database does not answer they are kept for the next try; beyond `most` the newest are dropped and
    counted under "full".
    """

    def __init__(self, databases: Databases, *, most: int = MOST_WAITING, seconds: float = SECONDS) -> None:
        self.databases = databases
        self.most = most
        self.seconds = seconds
        self._events: deque[Mapping[str, Any]] = deque()
        self._tallies: Counter[tuple[date, str]] = Counter()
        self._counting = Lock()
        self._writing = Lock()
        self._stopped = Event()
        self._started = False
        BUFFERS.add(self)

    def add(self, event: Mapping[str, Any]) -> None:
        """Let `event` be written soon."""
        if len(self._events) >= self.most:
            self.count(event["day"], "full")
        else:
            self._events.append(event)
            self._start()

    def count(self, day: date, reason: str) -> None:
        """Count something that leaves no event."""
        with self._counting:
            self._tallies[day, reason] += 1
        self._start()

    def flush(self) -> bool:
        """Write everything that waits; False when the database did not take it (it goes on waiting)."""
        with self._writing:
            while self._events or self._tallies:
                if not self._write_batch():
                    return False
        return True

    def close(self) -> None:
        """Write what waits and stop the thread: nothing is lost on a clean stop."""
        self._stopped.set()
        self.flush()

    def _write_batch(self) -> bool:
        events = [self._events.popleft() for _ in range(min(BATCH, len(self._events)))]
        with self._counting:
            tallies, self._tallies = self._tallies, Counter()
        try:
            with self.databases.session("audience") as session:
                service.write_events(session, events)
                service.add_tallies(session, tallies)
        except StoreUnavailable:
            self._events.extendleft(reversed(events))
            with self._counting:
                self._tallies += tallies
            return False
        return True

    def forget(self) -> None:
        """Start afresh in a forked process: what waits belongs to the parent, and its thread did not follow."""
        self.__init__(self.databases, most=self.most, seconds=self.seconds)  # type: ignore[misc]

    def _start(self) -> None:
        if self._started:
            return
        with self._counting:
            started, self._started = self._started, True
        if not started:
            Thread(target=flush_often, args=(weakref.ref(self), self._stopped), name="audience", daemon=True).start()
            # Workers of multiprocessing end without atexit, but run this; twice does no harm.
            Finalize(None, close_buffers, exitpriority=10)


def flush_often(reference: "weakref.ref[Buffer]", stopped: Event) -> None:
    """Flush a buffer every half a second until it is closed, or forgotten by all others."""
    while (buffer := reference()) is not None and not stopped.wait(buffer.seconds):
        buffer.flush()
        del buffer


def close_buffers() -> None:
    """Write what waits in this process before it ends."""
    for buffer in list(BUFFERS):
        buffer.close()


def forget_buffers() -> None:
    """Leave to the parent of a forked process what it has to write."""
    for buffer in list(BUFFERS):
        buffer.forget()


atexit.register(close_buffers)
os.register_at_fork(after_in_child=forget_buffers)
