"""The journal of what was erased: one line per act, chained to the one before, without any personal value.

Each line holds the hash of the previous one, so that a line changed, removed or inserted afterwards shows.
"""

import hashlib
import json
import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from filelock import FileLock

from datasets.errors import StoreError

FILE = "ledger.jsonl"
FIRST = "0" * 64


@dataclass(frozen=True)
class Ledger:
    """The ledger kept in one file, a JSON object per line."""

    path: Path

    def append(self, clause: str, category: str, count: int, *, at: datetime, policy: str, **more: Any) -> str:
        """Write that `count` things of `category` were dealt with under `clause`; return the line's hash.

        `more` are facts beside, never of anybody: the proof of a receipt, a run that was taken up again.
        Raises StoreError when the ledger cannot be written or was tampered with.
        """
        fact = {
            "clause": clause,
            "category": category,
            "count": count,
            "at": at.astimezone(UTC).isoformat(timespec="seconds"),
            "policy": policy,
            **more,
        }
        try:
            with FileLock(self.path.with_suffix(".lock"), timeout=10):
                line = chain(self.verify(), fact)
                descriptor = os.open(self.path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
                with open(descriptor, "a", encoding="ascii") as file:
                    file.write(json.dumps(line, sort_keys=True) + "\n")
                    file.flush()
                    os.fsync(file.fileno())
        except OSError as error:
            raise StoreError(what=str(self.path), reason=error.strerror or str(error)) from error
        return str(line["hash"])

    def verify(self) -> str:
        """Check the chain from its first line and return the hash of the last. Raises StoreError."""
        last = FIRST
        for number, line in enumerate(self.read(), 1):
            fact = {key: value for key, value in line.items() if key not in ("previous", "hash")}
            if line != chain(last, fact):
                raise StoreError(what=str(self.path), reason=f"line {number} is not the one that was written")
            last = line["hash"]
        return last

    def read(self) -> Iterator[dict[str, Any]]:
        """Yield the lines, oldest first. Raises StoreError for what is no line of a ledger."""
        if not self.path.exists():
            return
        with self.path.open(encoding="ascii", errors="replace") as file:
            for number, text in enumerate(file, 1):
                try:
                    yield dict(json.loads(text))
                except ValueError as error:
                    raise StoreError(what=str(self.path), reason=f"line {number} cannot be read") from error


def chain(previous: str, fact: Mapping[str, Any]) -> dict[str, Any]:
    """Return the line that states `fact` after the line whose hash is `previous`."""
    line = {**fact, "previous": previous}
    text = json.dumps(line, sort_keys=True, separators=(",", ":"))
    return {**line, "hash": hashlib.sha256(text.encode("ascii")).hexdigest()}
