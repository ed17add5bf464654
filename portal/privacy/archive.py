"""The intermediate archive: what must be proven after it has left the portal, apart, for few readers, for a time.

    archive/000001.json     {"number", "kind", "end", "mark", "sealed"}: one record, sealed with a key of its own
    archive.key             the keys, one line for each record: never copied with the rest

A record whose end has come loses its key first, so that its copies are unreadable too. Each reading is noted with its
motive in `archive/reads.jsonl`.
"""

import hashlib
import json
import os
from base64 import b64decode, b64encode
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

from filelock import FileLock

from datasets.errors import InvalidParameter, NotFound, PermissionDenied
from portal.settings import Settings
from portal.vault.cipher import new_key, seal, unseal
from portal.vault.keyring import Keyring, read_keyring, write_keyring

FOLDER = "archive"
READS = "reads.jsonl"


@dataclass(frozen=True)
class Entry:
    """A record as the list shows it, closed."""

    number: int
    kind: str
    end: date


@dataclass(frozen=True)
class Archive:
    """The archive of an instance: its folder, its file of keys, the addresses of those who may read it."""

    folder: Path
    keys: Path
    readers: tuple[str, ...]

    def put(self, kind: str, facts: Mapping[str, str], end: date, *, once: str) -> int:
        """Seal the facts that must be proven until `end`, and return the number of the record; `once` for each name."""
        self.folder.mkdir(mode=0o700, exist_ok=True)
        mark = hashlib.sha256(f"archive|{once}".encode()).hexdigest()
        with self._lock():
            ring = self._ring()
            for row in self._rows():
                if row["mark"] == mark and row["number"] in ring.keys:
                    return int(row["number"])
            number = max((*ring.keys, *(entry.number for entry in self.list_entries())), default=0) + 1
            key = new_key()
            write_keyring(self.keys, Keyring({**ring.keys, number: key}))
            content = seal(key, json.dumps(dict(facts)).encode(), self._place(number))
            row = {
                "number": number,
                "kind": kind,
                "end": end.isoformat(),
                "mark": mark,
                "sealed": b64encode(content).decode(),
            }
            aside = self.folder / f"{number:06}.new"
            aside.write_text(json.dumps(row), encoding="ascii")
            aside.chmod(0o600)
            aside.rename(self._path(number))
        return number

    def list_entries(self) -> list[Entry]:
        """Return the records, oldest first."""
        return [Entry(row["number"], row["kind"], date.fromisoformat(row["end"])) for row in self._rows()]

    def read(self, number: int, reader: str, name: str, motive: str, *, at: datetime) -> dict[str, str]:
        """Open a record for one of the readers (an address), once the reading and its motive are noted under `name`.

        Raises PermissionDenied for anybody else, InvalidParameter without a motive, NotFound.
        """
        if reader not in self.readers:
            raise PermissionDenied()
        if not motive.strip():
            raise InvalidParameter(name="motive", found="nothing", expected="why this record is opened")
        path, keys = self._path(number), self._ring().keys
        if number not in keys or not path.exists():
            raise NotFound(kind="record", name=str(number))
        note = {"number": number, "reader": name, "motive": motive[:300], "at": at.astimezone(UTC).isoformat()}
        with open(os.open(self.folder / READS, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600), "a") as file:
            file.write(json.dumps(note) + "\n")
            file.flush()
            os.fsync(file.fileno())
        sealed = b64decode(json.loads(path.read_text(encoding="ascii"))["sealed"])
        return dict(json.loads(unseal(keys[number], sealed, self._place(number))))

    def list_reads(self) -> list[dict[str, str]]:
        """Return who opened what, when and why."""
        path = self.folder / READS
        return [json.loads(line) for line in path.read_text().splitlines()] if path.exists() else []

    def purge_reads(self, before: datetime) -> int:
        """Forget the readings older than an instant; return how many."""
        known = self.list_reads()
        kept = [row for row in known if datetime.fromisoformat(row["at"]) >= before]
        if len(kept) < len(known):
            aside = self.folder / f"{READS}.new"
            aside.write_text("".join(json.dumps(row) + "\n" for row in kept), encoding="ascii")
            aside.chmod(0o600)
            aside.rename(self.folder / READS)
        return len(known) - len(kept)

    def purge(self, before: date) -> int:
        """Destroy the records whose end comes before a day: their keys first. Return how many."""
        over = [entry.number for entry in self.list_entries() if entry.end < before]
        if over:
            with self._lock():
                ring = self._ring()
                write_keyring(self.keys, Keyring({n: key for n, key in ring.keys.items() if n not in over}))
            for number in over:
                self._path(number).unlink(missing_ok=True)
        return len(over)

    def _rows(self) -> list[dict[str, Any]]:
        return [json.loads(path.read_text(encoding="ascii")) for path in sorted(self.folder.glob("[0-9]*.json"))]

    def _ring(self) -> Keyring:
        return read_keyring(self.keys) if self.keys.exists() and self.keys.stat().st_size else Keyring({})

    def _lock(self) -> FileLock:
        return FileLock(self.keys.with_name(f"{self.keys.name}.lock"), timeout=10)

    def _path(self, number: int) -> Path:
        return self.folder / f"{number:06}.json"

    def _place(self, number: int) -> str:
        return f"archive|{number}"


def open_archive(settings: Settings) -> Archive:
    """Return the archive of an installation."""
    readers = tuple(address.strip().casefold() for address in settings.archive_readers.split(",") if address.strip())
    return Archive(settings.instance / FOLDER, settings.archive_key, readers)
