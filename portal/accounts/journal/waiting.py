"""Acts that wait: what programs did while the accounts were away, noted in the chain when these come back.

    acts.jsonl    {"act", "at", "subject"}: one line for each act, of nobody

The open data go on without the accounts, and so do the programs that push rows. An act keeps the instant at which it
was done. A kill between its noting and the end of its line may note it twice, never lose it.
"""

import json
import os
from datetime import UTC, datetime
from pathlib import Path

from filelock import FileLock

from datasets.errors import StoreError, StoreUnavailable
from portal.accounts.journal.service import note
from portal.databases import Databases
from portal.vault import Vault

FILE = "acts.jsonl"


def note_program(databases: Databases, vault: Vault, instance: Path, act: str, at: datetime, subject: str) -> None:
    """Note an act of a program that shows a secret, after those that wait; it waits too while the accounts are away.

    Raises StoreError when it can be written nowhere.
    """
    try:
        with databases.session("accounts") as session:
            note(session, vault, None, act, at, subject)
    except StoreUnavailable:
        _let_wait(instance / FILE, {"act": act, "at": at.astimezone(UTC).isoformat(), "subject": subject})
    else:
        note_waiting(databases, vault, instance)


def note_waiting(databases: Databases, vault: Vault, instance: Path) -> int:
    """Note the acts that waited; return how many. Raises StoreUnavailable: they go on waiting."""
    path = instance / FILE
    if not path.exists():
        return 0
    with _lock(path):
        lines = [json.loads(line) for line in path.read_text("utf-8").splitlines()] if path.exists() else []
        with databases.session("accounts") as session:
            for line in lines:
                note(session, vault, None, line["act"], datetime.fromisoformat(line["at"]), line["subject"])
        path.unlink(missing_ok=True)
    return len(lines)


def _let_wait(path: Path, line: dict[str, str]) -> None:
    try:
        with _lock(path), open(os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600), "a") as file:
            file.write(json.dumps(line) + "\n")
            file.flush()
            os.fsync(file.fileno())
    except OSError as error:
        raise StoreError(what=path.name, reason=error.strerror or str(error)) from error


def _lock(path: Path) -> FileLock:
    return FileLock(path.with_suffix(".lock"), timeout=10)
