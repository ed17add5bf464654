"""Whether the catalogue has changed: what tells, in microseconds, that what was read of it still holds."""

import os
import sqlite3
from collections.abc import Hashable
from pathlib import Path
from threading import Lock

from portal.databases import Databases, find_file


class CatalogueState:
    """The state of the catalogue's database, as SQLite counts its commits by any process.

    Thread-safe, opened again after a fork or when the file was replaced. None on another engine, or when the file is
    not there: then nothing may be held for true.
    """

    def __init__(self, databases: Databases) -> None:
        self._path: Path | None = find_file(databases.urls["catalogue"])
        self._lock = Lock()
        self._opened: tuple[Hashable, sqlite3.Connection] | None = None

    def read(self) -> Hashable | None:
        """Return the present state: equal to an earlier one of this process only if nothing was committed since."""
        if self._path is None:
            return None
        try:
            found = os.stat(self._path)
            identity = (os.getpid(), found.st_dev, found.st_ino)
            with self._lock:
                if self._opened is None or self._opened[0] != identity:
                    uri = f"{self._path.absolute().as_uri()}?mode=ro"
                    connection = sqlite3.connect(uri, uri=True, isolation_level=None, check_same_thread=False)
                    self._opened = identity, connection
                connection = self._opened[1]
                [(commits,)] = connection.execute("PRAGMA data_version").fetchall()
        except (OSError, sqlite3.Error):
            return None
        return id(connection), commits, identity
