"""Ends what lasts too long: one thread watches every query, as starting one for each costs more than many queries."""

import heapq
import threading
import time
from collections.abc import Callable
from itertools import count


class Deadline:
    """An act that is done at an instant unless it is cancelled before."""

    def __init__(self, act: Callable[[], None]) -> None:
        self._act: Callable[[], None] | None = act

    def cancel(self) -> None:
        """Forget the act and all that it holds."""
        self._act = None

    def fall(self) -> None:
        """Do the act, unless it was cancelled."""
        if act := self._act:
            self._act = None
            act()


class Deadlines:
    """The deadlines of one owner; their thread begins with the first and ends with `close`. Thread-safe."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._due: list[tuple[float, int, Deadline]] = []
        self._count = count()
        self._watcher: threading.Thread | None = None
        self._closed = False

    def set(self, seconds: float, act: Callable[[], None]) -> Deadline:
        """Do `act` after so many seconds, in a thread of its own; return what cancels it."""
        deadline, due = Deadline(act), time.monotonic() + seconds
        with self._changed:
            heapq.heappush(self._due, (due, next(self._count), deadline))
            if self._watcher is None:
                self._watcher = threading.Thread(target=self._watch, name="deadlines", daemon=True)
                self._watcher.start()
            elif self._due[0][2] is deadline:
                self._changed.notify()
        return deadline

    def close(self) -> None:
        """Watch no more."""
        with self._changed:
            self._closed = True
            self._due.clear()
            self._changed.notify()

    def _watch(self) -> None:
        while True:
            with self._changed:
                if self._closed:
                    return
                wait = self._due[0][0] - time.monotonic() if self._due else None
                if wait is None or wait > 0:
                    self._changed.wait(wait)
                    continue
                deadline = heapq.heappop(self._due)[2]
            deadline.fall()
