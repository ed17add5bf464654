"""Turns at heavy work: how many queries run at once in this process, and how many of them for one client."""

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Condition

from datasets.errors import Busy


class Turns:
    """At most `total` pieces of work at once, `each` for one client; the others wait up to `seconds`. Thread-safe.

    Of those who wait, whoever has fewest pieces of work under way goes first: who asks much waits for who asks little.
    At most `waiting` wait, a third of them for one client.
    """

    def __init__(self, total: int, each: int, seconds: float, waiting: int) -> None:
        self.total, self.each, self.seconds, self.waiting = total, each, seconds, waiting
        self._running: Counter[str] = Counter()
        self._waiting: Counter[str] = Counter()
        self._changed = Condition()

    def begin(self, client: str) -> None:
        """Wait for a turn of `client`, to be given back by `end`. Raises Busy when none comes in time.

        Where too many wait already, the client is refused at once.
        """
        with self._changed:
            if self._waiting.total() >= self.waiting or self._waiting[client] * 3 >= self.waiting:
                raise Busy(seconds=self._soon)
            self._waiting[client] += 1
            try:
                if not self._changed.wait_for(lambda: self._may_run(client), self.seconds):
                    raise Busy(seconds=self._soon)
                self._running[client] += 1
            finally:
                self._waiting[client] -= 1
                self._forget(client)
                self._changed.notify_all()

    def end(self, client: str) -> None:
        """Give a turn back."""
        with self._changed:
            self._running[client] -= 1
            self._forget(client)
            self._changed.notify_all()

    @contextmanager
    def take(self, client: str) -> Iterator[None]:
        """Hold a turn of `client`. Raises Busy when none comes in time."""
        self.begin(client)
        try:
            yield
        finally:
            self.end(client)

    @property
    def _soon(self) -> int:
        """The seconds after which to try again."""
        return max(1, round(self.seconds))

    def _may_run(self, client: str) -> bool:
        mine = self._running[client]
        if mine >= self.each or self._running.total() >= self.total:
            return False
        others = [other for other, count in self._waiting.items() if count and self._running[other] < self.each]
        return all(mine <= self._running[other] for other in others)

    def _forget(self, client: str) -> None:
        """Keep no name of a client that does nothing."""
        for counts in (self._running, self._waiting):
            if counts[client] <= 0:
                del counts[client]
