"""A file for libraries that write, whose bytes leave as they come: what makes their formats stream."""

import io
from typing import Any


class Sink(io.RawIOBase):
    """Keeps what is written until it is taken; it cannot be sought, so nothing is ever rewritten."""

    def __init__(self) -> None:
        super().__init__()
        self._parts: list[bytes] = []
        self._size = 0

    def writable(self) -> bool:
        """Tell that bytes may be written."""
        return True

    def write(self, data: Any) -> int:
        """Keep a copy of `data`, and return its length in bytes."""
        self._parts.append(bytes(data))
        self._size += len(self._parts[-1])
        return len(self._parts[-1])

    def tell(self) -> int:
        """Return how many bytes were written so far, taken or not."""
        return self._size

    def take(self) -> bytes:
        """Return what was written since the last time."""
        taken = b"".join(self._parts)
        self._parts.clear()
        return taken
