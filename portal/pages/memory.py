"""What was drawn or read from a version is kept: a version never changes, so neither does what comes of it."""

from collections.abc import Callable, Hashable
from threading import Lock
from typing import Any, TypeVar

Made = TypeVar("Made")


class Memory:
    """A few made things by key, the oldest forgotten first. Keys hold the versions that the thing was made from."""

    def __init__(self, most: int = 32) -> None:
        self._most = most
        self._kept: dict[Hashable, Any] = {}
        self._lock = Lock()

    def get(self, key: Hashable, make: Callable[[], Made]) -> Made:
        """Return the thing of that key, made now when it is not kept. Two threads may both make it: no harm."""
        with self._lock:
            if key in self._kept:
                return self._kept[key]
        made = make()
        with self._lock:
            self._kept[key] = made
            while len(self._kept) > self._most:
                del self._kept[next(iter(self._kept))]
        return made
