"""DuckDB with its spatial extension: a database in memory that computes on places."""

import os
from pathlib import Path

import duckdb
import duckdb_extension_spatial

EXTENSION = next(Path(duckdb_extension_spatial.__file__).parent.rglob("spatial.duckdb_extension"))
_checked: set[tuple[int, ...]] = set()


def open_spatial(record: Path | None = None, **config: str | int) -> duckdb.DuckDBPyConnection:
    """Return a new database in memory, its spatial extension loaded, with these settings of DuckDB.

    DuckDB reads all of the extension (80 MB) to check its signature, which costs far more than loading it: a process
    has it checked once, and again when the file is another one; with a `record`, the processes that share it.
    """
    found = EXTENSION.stat()
    identity = (found.st_dev, found.st_ino, found.st_size, found.st_mtime_ns)
    if record and record.exists() and record.read_text("ascii") == repr(identity):
        _checked.add(identity)
    database = duckdb.connect(":memory:", config={"allow_unsigned_extensions": identity in _checked, **config})
    database.load_extension(str(EXTENSION))
    if record and identity not in _checked:
        aside = record.with_suffix(f".{os.getpid()}")
        aside.write_text(repr(identity), "ascii")
        aside.replace(record)
    _checked.add(identity)
    return database
