"""The instance folder: made once, private, and held by one server and one publication at a time."""

import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from filelock import FileLock, Timeout

from datasets.errors import Locked, StoreError
from portal.vault.keyring import make_keyring

FOLDERS = ("versions", "incoming", "private", "scratch", "territories", "archive")
KEY_FILE = "secret.key"
MASTER_KEY_FILE = "master.key"


def prepare_instance(folder: Path) -> None:
    """Make the instance folder and its secret when they are not there; change nothing that is.

    Raises StoreError when the folder cannot be written.
    """
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        for name in FOLDERS:
            (folder / name).mkdir(mode=0o700, exist_ok=True)
        _write_secret(folder / KEY_FILE)
        make_keyring(folder / MASTER_KEY_FILE)
    except OSError as error:
        raise StoreError(what=str(folder), reason=error.strerror or str(error)) from error


def _write_secret(path: Path) -> None:
    if path.exists():
        return
    aside = path.with_suffix(f".{os.getpid()}")
    aside.write_text(secrets.token_urlsafe(48), encoding="ascii")
    aside.chmod(0o600)
    aside.rename(path)


@contextmanager
def hold_instance(folder: Path, activity: str) -> Iterator[None]:
    """Hold the instance for one activity ("serving", "publishing"); raise Locked when another process does."""
    path = folder / f"{activity}.lock"
    lock = FileLock(path, timeout=0)
    try:
        lock.acquire()
    except Timeout:
        raise Locked(instance=str(folder), holder=_read_holder(path, activity)) from None
    try:
        (folder / f"{activity}.pid").write_text(str(os.getpid()), encoding="ascii")
        yield
    finally:
        (folder / f"{activity}.pid").unlink(missing_ok=True)
        lock.release()


def _read_holder(path: Path, activity: str) -> str:
    try:
        return f"process {path.with_suffix('.pid').read_text(encoding='ascii')} ({activity})"
    except OSError:
        return f"another process ({activity})"
