"""What was made from a version is kept: a version never changes, so neither does what comes of it."""

from collections.abc import Callable, Hashable
from threading import Event, Lock
from typing import Any, TypeVar, cast

Made = TypeVar("Made")
MISSING = object()
PATIENCE = 60.0
"""Seconds that one waits for what another makes: longer than any query may last."""


class Memory:
    """Made things by key, up to a weight in all; the least recently asked are forgotten first. Thread-safe.

    Keys hold all that the thing depends on, the versions first. `weigh` says how much a thing
    weighs, 1 by default: `most` is then a number of things.
    """

    def __init__(self, most: int = 32, weigh: Callable[[Any], int] = lambda made: 1) -> None:
        self._most, self._weigh = most, weigh
        self._kept: dict[Hashable, Any] = {}
        self._weight = 0
        self._making: dict[Hashable, Event] = {}
        self._lock = Lock()

    @property
    def weight(self) -> int:
        """The weight of what is kept."""
        return self._weight

    def find(self, key: Hashable, otherwise: Any = None) -> Any:
        """Return the thing of that key, or `otherwise` when it is not kept."""
        with self._lock:
            if key not in self._kept:
                return otherwise
            self._kept[key] = self._kept.pop(key)
            return self._kept[key]

    def get(self, key: Hashable, make: Callable[[], Made]) -> Made:
        """Return the thing of that key, made now when it is not kept.

        Who asks while another thread makes it waits for that, and makes it only when the other could not, or when
        it is too heavy to be kept.
        """
        kept = self.find(key, MISSING)
        if kept is not MISSING:
            return cast(Made, kept)
        with self._lock:
            other = self._making.get(key)
            mine = self._making.setdefault(key, Event())
        if other is not None:
            other.wait(PATIENCE)
            kept = self.find(key, MISSING)
            return self._make(key, make) if kept is MISSING else cast(Made, kept)
        try:
            return self._make(key, make)
        finally:
            del self._making[key]
            mine.set()

    def _make(self, key: Hashable, make: Callable[[], Made]) -> Made:
        made = make()
        weight = self._weigh(made)
        if weight <= self._most:
            self._keep(key, made, weight)
        return made

    def _keep(self, key: Hashable, made: object, weight: int) -> None:
        with self._lock:
            if key in self._kept:
                return
            self._kept[key] = made
            self._weight += weight
            while self._weight > self._most:
                self._weight -= self._weigh(self._kept.pop(next(iter(self._kept))))
