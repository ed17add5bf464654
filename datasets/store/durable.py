"""What keeps a local disk's promises: synchronised files and folders, locks that die with their holder."""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager


def sync_tree(folder: str, *, files: bool = True) -> None:
    """Force a folder, and the files straight in it unless told otherwise, onto the disk."""
    if files:
        for entry in os.scandir(folder):
            _sync(entry.path)
    _sync(folder)


@contextmanager
def lock_folder(folder: str, *, wait: bool) -> Iterator[bool]:
    """Hold an exclusive lock on a folder; give whether it was obtained. It ends with the process, even killed."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | (0 if wait else fcntl.LOCK_NB))
        yield True
    except BlockingIOError:
        yield False
    finally:
        os.close(handle)


def _sync(path: str) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
