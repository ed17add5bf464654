"""The indexed copy of a version: its rows in the engine's own format, with their identifiers, and their vocabulary.

    {root}/{dataset_id}/{version_id}/.made/indexed-{FORM}.duckdb

Made once beside the version, as exports are (datasets/store/made.py), and only from what the version tells: it may be
lost at any time. Queries read it instead of the file when it is there, and give the same answers sooner.
"""

import os
from collections import OrderedDict
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from threading import Lock

import duckdb

from datasets.errors import StoreError
from datasets.model import Schema, Version
from datasets.odsql.functions import MACROS
from datasets.odsql.statements import write_index, write_vocabulary
from datasets.odsql.vocabulary import FILE_ORDER
from datasets.store.made import MADE
from datasets.store.spatial import open_spatial
from datasets.store.versions import VersionStore

FORM = 2
"""Another number for another form: copies of a former one are not read, and go when the new one is made."""

FROM_ROWS = 5_000
"""Rows from which a copy is worth its room: a smaller file is read as soon."""

BLOCK = 40_960
"""Rows whose words are gathered at once, in little memory."""

MOST_SORTED = 2_000_000
"""Rows up to which the vocabulary is sorted: a word is found sooner, but sorting that of more takes much memory."""

MOST_OPEN = 64
"""Copies that one process keeps open."""


def locate_index(path: str) -> Path:
    """Return where the indexed copy of the file of a version stands."""
    return Path(path).parent / MADE / f"indexed-{FORM}.duckdb"


def is_indexable(version: Version) -> bool:
    """Return whether a version has, or will have, an indexed copy."""
    names = {name.lower() for name in version.schema.names}
    return version.rows >= FROM_ROWS and FILE_ORDER not in names


def make_index(version: Version, store: VersionStore, *, memory: str, threads: int) -> None:
    """Make the indexed copy of a version, unless it is there or the store is no local disk. Raises StoreError."""
    target = locate_index(store.locate(version))
    if not store.local or target.exists():
        return
    try:
        with store.aside() as aside:
            made = Path(aside) / target.name
            _write(made, store.locate(version), version.schema, memory, threads, aside)
            if target.parent.parent.exists():  # else the version is gone, and its copy with it
                target.parent.mkdir(exist_ok=True)
                os.rename(made, target)
                forget_former(target)
    except (OSError, duckdb.Error) as error:
        raise StoreError(what=f"{version.dataset_id}: {target.name}", reason=str(error)) from error


def _write(made: Path, path: str, schema: Schema, memory: str, threads: int, scratch: str) -> None:
    with open_spatial(memory_limit=memory, threads=threads, temp_directory=scratch) as database:
        for macro in MACROS:
            database.execute(macro)
        database.execute("SET TimeZone = 'UTC'")
        database.execute(f"ATTACH '{_doubled(str(made))}' AS made")
        database.execute(f"CREATE TABLE made.rows AS {write_index(schema)}", [path])
        [(rows,)] = database.execute("SELECT count(*) FROM made.rows").fetchall()
        database.execute("CREATE TEMP TABLE gathered (word VARCHAR, rows UINTEGER[])")
        for start in range(0, rows, BLOCK):
            database.execute(f"INSERT INTO gathered {write_vocabulary(schema)}", ["made", start, start + BLOCK])
        order = "ORDER BY word" if rows <= MOST_SORTED else ""
        database.execute(f"CREATE TABLE made.words AS SELECT word, rows FROM gathered {order}")
        database.execute("DETACH made")


def forget_former(index: Path) -> None:
    """Remove the copies of other forms that stand beside one."""
    for each in index.parent.glob("indexed-*.duckdb"):
        if each != index:
            each.unlink(missing_ok=True)


class Indexes:
    """The indexed copies that a database has open: those used last. Thread-safe."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._open: OrderedDict[str, tuple[tuple[int, int], str | None]] = OrderedDict()
        self._count = 0

    def find(self, path: str, connect: Callable[[], duckdb.DuckDBPyConnection]) -> str | None:
        """Return the name of the copy of a file, as queries know it, or None while it has none that can be read."""
        index = str(locate_index(path))
        try:
            found = os.stat(index)
        except (OSError, ValueError):
            return None
        identity = found.st_ino, found.st_mtime_ns
        with self._lock:
            known = self._open.get(index)
            if known is None or known[0] != identity:
                self._detach(known and known[1], connect)
                known = self._open[index] = identity, self._attach(index, connect)
            self._open.move_to_end(index)
            while len(self._open) > MOST_OPEN:
                self._detach(self._open.popitem(last=False)[1][1], connect)
        return known[1]

    def _attach(self, index: str, connect: Callable[[], duckdb.DuckDBPyConnection]) -> str | None:
        self._count += 1
        name = f"indexed_{self._count}"
        try:
            with connect() as database:
                database.execute(f"ATTACH '{_doubled(index)}' AS {name} (READ_ONLY)")
        except duckdb.Error:  # damaged, or of another version of the engine: the file is read instead
            return None
        return name

    def _detach(self, name: str | None, connect: Callable[[], duckdb.DuckDBPyConnection]) -> None:
        if name:
            with connect() as database, suppress(duckdb.Error):
                database.execute(f"DETACH {name}")


def _doubled(text: str) -> str:
    """Return a text as it stands between the quotation marks of SQL."""
    return text.replace("'", "''")
