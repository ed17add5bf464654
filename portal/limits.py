"""Counters of the request limits in one SQLite file, shared by every process of one machine.

Registered in the `limits` library under the scheme `sqlite`; `redis://` (several machines) and `memory://`
(one process) are the library's own. Windows end on whole periods of UTC: a day's at midnight. The file holds
no address, only keys that `portal.extensions.client_key` made unreadable, and forgets them when a window ends.
"""

import os
import sqlite3
import threading
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from limits.storage import Storage

from portal.clock import Clock, SystemClock

SCHEMES: list[str] | None = ["sqlite"]
PURGE_SECONDS = 60
BATCH, FRESH = 32, 0.25
"""Hits that wait to be written together at most, and for how many seconds: processes that write each hit wait for
each other longer than they answer."""

TALLIES = 4096
"""Counters of which one process has hits to write."""

PRAGMAS = ("journal_mode = WAL", "synchronous = OFF", "busy_timeout = 1000")
TABLE = "CREATE TABLE IF NOT EXISTS counters (key TEXT PRIMARY KEY, hits INTEGER, ends REAL) WITHOUT ROWID"
INCREMENT = """
INSERT INTO counters VALUES (:key, :amount, :ends) ON CONFLICT (key) DO UPDATE
SET hits = CASE WHEN ends > :now THEN hits + :amount ELSE :amount END, ends = :ends RETURNING hits
"""


@dataclass
class Tally:
    """A counter as it was last written, and the hits that wait since."""

    hits: int
    written: float
    ends: float
    waiting: int = 0


def count_soon(storage: Storage, key: str, expiry: int, most: int) -> tuple[int, float]:
    """Count a hit, at once or soon as the storage can; return the hits of the window, and when it ends."""
    if isinstance(storage, SqliteStorage):
        return storage.count(key, expiry, most)
    return storage.incr(key, expiry), storage.get_expiry(key)


class SqliteStorage(Storage):
    """Counts hits by key; under 0.2 ms each. Safe between threads, between processes and across a fork."""

    STORAGE_SCHEME: list[str] | None = SCHEMES

    def __init__(self, uri: str, wrap_exceptions: bool = False, clock: Clock | None = None, **_: Any) -> None:
        super().__init__(uri, wrap_exceptions)
        self.path = Path(uri.removeprefix("sqlite:///"))
        self._clock = clock or SystemClock()
        self._local = threading.local()
        self._purged = 0.0
        self._tallies: dict[str, Tally] = {}
        self._lock = threading.Lock()

    @property
    def base_exceptions(self) -> type[Exception]:
        """What the file can raise."""
        return sqlite3.Error

    def incr(self, key: str, expiry: int, amount: int = 1) -> int:
        """Add `amount` to the counter of `key` in the present window of `expiry` seconds; return its hits."""
        now = self._now()
        ends = (now // expiry + 1) * expiry
        with self._lock:
            tally = self._tallies.pop(key, None)
        if tally and tally.ends == ends:
            amount += tally.waiting
        [(hits,)] = self._run(INCREMENT, {"key": key, "amount": amount, "ends": ends, "now": now})
        if now - self._purged > PURGE_SECONDS:
            self._purged = now
            self._run("DELETE FROM counters WHERE ends <= :now", {"now": now})
        return int(hits)

    def count(self, key: str, expiry: int, most: int) -> tuple[int, float]:
        """Add a hit to the counter of `key`, written soon; return its hits, and when its window ends.

        Other processes know of it BATCH hits or FRESH seconds later at most. Each hit is written when few of the
        `most` that are allowed are left.
        """
        now = self._now()
        with self._lock:
            tally = self._tallies.get(key)
            if tally and tally.waiting < BATCH and tally.written <= now < min(tally.written + FRESH, tally.ends):
                tally.waiting += 1
                return tally.hits + tally.waiting, tally.ends
        hits, ends = self.incr(key, expiry), (now // expiry + 1) * expiry
        if hits + BATCH * BATCH < most:
            with self._lock:
                if len(self._tallies) < TALLIES or key in self._tallies:
                    self._tallies[key] = Tally(hits, now, ends)
        return hits, ends

    def get(self, key: str) -> int:
        """Return the hits of `key` in its present window."""
        rows = self._run("SELECT hits FROM counters WHERE key = :key AND ends > :now", self._asked(key))
        tally = self._tallies.get(key)
        waiting = tally.waiting if tally and tally.ends > self._now() else 0
        return (int(rows[0][0]) if rows else 0) + waiting

    def get_expiry(self, key: str) -> float:
        """Return the end of the window of `key`, in seconds since 1970; now when it has none."""
        rows = self._run("SELECT ends FROM counters WHERE key = :key AND ends > :now", self._asked(key))
        return float(rows[0][0]) if rows else self._now()

    def check(self) -> bool:
        """Return whether the file answers."""
        try:
            return bool(self._run("SELECT 1", {}))
        except sqlite3.Error:
            return False

    def reset(self) -> int | None:
        """Forget every counter; return how many there were."""
        self._tallies.clear()
        return len(self._run("DELETE FROM counters RETURNING 1", {}))

    def clear(self, key: str) -> None:
        """Forget the counter of `key`."""
        self._tallies.pop(key, None)
        self._run("DELETE FROM counters WHERE key = :key", {"key": key})

    def _now(self) -> float:
        return self._clock.now().timestamp()

    def _asked(self, key: str) -> dict[str, Any]:
        return {"key": key, "now": self._now()}

    def _run(self, sql: str, params: dict[str, Any]) -> Sequence[tuple[Any, ...]]:
        return self._connection().execute(sql, params).fetchall()

    def _connection(self) -> sqlite3.Connection:
        """Return the connection of this thread, opened again after a fork."""
        owner, connection = getattr(self._local, "held", (None, None))
        if connection is None or owner != os.getpid():
            connection = _open(self.path)
            self._local.held = os.getpid(), connection
        return connection


def _open(path: Path) -> sqlite3.Connection:
    """Open the file, made readable by its owner only when it is not there."""
    try:
        os.close(os.open(path, os.O_RDWR | os.O_CREAT, 0o600))
    except OSError as error:
        raise sqlite3.OperationalError(f"{path}: {error.strerror}") from error
    connection = sqlite3.connect(path, isolation_level=None)
    for pragma in PRAGMAS:
        connection.execute(f"PRAGMA {pragma}")
    connection.execute(TABLE)
    return connection
