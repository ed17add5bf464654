"""Read-only queries over stored versions, under limits of time, memory and reach.

One in-memory DuckDB with its spatial extension; a cursor per query, so that threads never wait for each other.
The SQL that arrives here was compiled by us, its values bound; the locks below are the second door.
"""

import os
import threading
import weakref
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from functools import partial
from pathlib import Path
from types import TracebackType
from typing import TypeVar

import duckdb
import pyarrow as pa

from datasets.errors import LimitExceeded, Phrase, QueryError, StoreError
from datasets.lean import hidden_pandas
from datasets.odsql.functions import MACROS
from datasets.store.deadlines import Deadlines
from datasets.store.indexed import Indexes
from datasets.store.spatial import open_spatial

BATCH_ROWS = 8_192
SCRATCH_SIZE = "10GB"
EXTENSION_CHECKED = "spatial.checked"
MOST_THREADS = 64
MODESTY = 5
"""How much less urgent than the rest of the process the work of queries is, in the steps of `nice`."""

SELECT_ONLY = Phrase("Only one SELECT is run here.", "Seul un SELECT est exécuté ici.")
FILE = Phrase("The file of a version", "Le fichier d’une version")
UNREADABLE = Phrase("it is missing, damaged or out of the store", "il manque, il est abîmé ou hors de l’entrepôt")
OVERFLOW = Phrase(
    "Overflow: a number is too great for 64 bits.", "Dépassement : un nombre est trop grand pour 64 bits."
)
TIME, MEMORY = Phrase("time", "temps"), Phrase("memory", "mémoire")


Done = TypeVar("Done")


class Engine:
    """Runs compiled queries over the files of some folders, and nothing else. Thread-safe.

    Its work is done by threads of its own, less urgent than the others: what needs no query does not wait for one.
    Beyond `memory`, a query may spill into the folder `scratch`, when there is one, before it is stopped.
    """

    def __init__(
        self,
        *,
        folders: Sequence[str],
        memory: str = "1GB",
        threads: int = 2,
        seconds: float = 30.0,
        scratch: str | None = None,
    ) -> None:
        self.seconds = seconds
        self.memory = memory
        self._threads, self._folders, self._scratch = threads, tuple(folders), scratch or ""
        self._projections: set[int] = set()
        self.deadlines = Deadlines()
        self._indexes = Indexes()
        self._lock = threading.Lock()
        self._opened: duckdb.DuckDBPyConnection | None = None
        self._threads_at_work = ThreadPoolExecutor(MOST_THREADS, "queries", initializer=be_modest)

    @property
    def _database(self) -> duckdb.DuckDBPyConnection:
        """The database, opened at the first query: a server forks before that, and threads do not survive a fork."""
        with self._lock:
            if self._opened is None:
                self._opened = self.do(self._open)  # its own threads are as modest as the one that opens it
            return self._opened

    def do(self, work: Callable[[], Done]) -> Done:
        """Have a piece of work done by a modest thread, and return what it gives."""
        return self._threads_at_work.submit(work).result()

    def _open(self) -> duckdb.DuckDBPyConnection:
        record = Path(self._scratch) / EXTENSION_CHECKED if self._scratch else None
        database = open_spatial(record, memory_limit=self.memory, threads=self._threads)
        for macro in MACROS:
            database.execute(macro)
        allowed = ", ".join(_quoted(folder.rstrip("/") + "/") for folder in self._folders)
        for name, value in (
            ("TimeZone", "'UTC'"),
            ("temp_directory", _quoted(self._scratch)),
            ("max_temp_directory_size", _quoted(SCRATCH_SIZE)),
            ("allowed_directories", f"[{allowed}]"),
            ("enable_external_access", "false"),
            ("autoinstall_known_extensions", "false"),
            ("lock_configuration", "true"),
        ):
            database.execute(f"SET GLOBAL {name} = {value}")
        return database

    def run(self, sql: str, params: Sequence[object] = (), *, seconds: float | None = None) -> "Rows":
        """Run one SELECT and return its rows, the first batch already fetched; the first parameter is the file.

        Raises LimitExceeded over the time (`seconds`, the engine's own by default) or the memory,
        QueryError for what the engine cannot compute, and StoreError for a file that it cannot read.
        """
        return Rows(self, self._database.cursor(), sql, params, seconds or self.seconds)

    def find_index(self, path: str) -> str | None:
        """Return the name of what a query may read instead of the file of a version; None when it has no copy."""
        return self._indexes.find(path, lambda: self._database.cursor())

    def warm_up(self) -> None:
        """Open the database now, that the first query need not wait for it."""
        self._database.cursor().close()

    def knows_projection(self, code: int) -> bool:
        """Whether coordinates of WGS84 can be told in the system of this EPSG code."""
        if code not in self._projections:
            params = ("EPSG:4326", f"EPSG:{code:d}")
            try:
                self._database.cursor().execute("SELECT ST_Transform(ST_Point(0, 45), $1, $2)", params)
            except duckdb.Error:
                return False
            self._projections.add(code)
        return True

    def close(self) -> None:
        """End the engine and free its memory."""
        with self._lock:
            if self._opened is not None:
                self._opened.close()
        self._threads_at_work.shutdown(wait=False)
        self.deadlines.close()


class Rows:
    """The rows of a running query: Arrow batches, one in memory at a time."""

    def __init__(
        self, engine: Engine, cursor: duckdb.DuckDBPyConnection, sql: str, params: Sequence[object], seconds: float
    ) -> None:
        self._cursor, self._do = cursor, engine.do
        self._file = str(params[0]) if params else "\0"
        self._limits = {"time": f"{seconds:g} s", "memory": engine.memory}
        self._deadline = engine.deadlines.set(seconds, partial(_interrupt, cursor))
        weakref.finalize(self, self._deadline.cancel)
        try:
            self._reader, self._first = self._do(lambda: self._start(sql, params))
            self.schema: pa.Schema = self._reader.schema
        except BaseException:
            self.close()
            raise

    @property
    def filled(self) -> bool:
        """Whether there is at least one row left."""
        return self._first is not None and self._first.num_rows > 0

    def __iter__(self) -> Iterator[pa.RecordBatch]:
        try:
            while self._first is not None:
                batch, self._first = self._first, None
                yield batch
                self._first = self._do(self._next)
        finally:
            self.close()

    def __enter__(self) -> "Rows":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def read_all(self) -> pa.Table:
        """Return every remaining row as one table, and end the query."""
        return pa.Table.from_batches(list(self), self.schema)

    def close(self) -> None:
        """End the query, finished or not, and free what it holds."""
        self._deadline.cancel()
        _interrupt(self._cursor)
        self._cursor.close()

    def _start(self, sql: str, params: Sequence[object]) -> tuple[pa.RecordBatchReader, pa.RecordBatch | None]:
        """Run the statement, and return its batches to come with the first of them."""
        try:
            statements = self._cursor.extract_statements(sql)
            if len(statements) != 1 or statements[0].type != duckdb.StatementType.SELECT:
                raise QueryError(detail=SELECT_ONLY, clause="")
            with hidden_pandas():
                reader = self._cursor.execute(statements[0], list(params)).to_arrow_reader(BATCH_ROWS)
        except duckdb.Error as error:
            raise self._translated(error) from error
        return reader, self._next(reader)

    def _next(self, reader: pa.RecordBatchReader | None = None) -> pa.RecordBatch | None:
        try:
            return (reader or self._reader).read_next_batch()
        except StopIteration:
            return None
        except (duckdb.Error, pa.ArrowException, OSError) as error:
            raise self._translated(error) from error

    def _translated(self, error: Exception) -> LimitExceeded | StoreError | QueryError:
        """Return the error of our tree that tells what the engine met; Arrow wraps some of its errors as text."""
        text = str(error)
        if isinstance(error, duckdb.InterruptException) or "INTERRUPT" in text:
            return LimitExceeded(what=TIME, limit=self._limits["time"])
        if isinstance(error, duckdb.OutOfMemoryException) or "Out of Memory" in text:
            return LimitExceeded(what=MEMORY, limit=self._limits["memory"])
        if isinstance(error, duckdb.IOException | duckdb.PermissionException) or self._file in text:
            return StoreError(what=FILE, reason=UNREADABLE)
        if isinstance(error, duckdb.OutOfRangeException) or "Overflow" in text:
            return QueryError(detail=OVERFLOW, clause="")
        reason = _reason(text)
        return QueryError(detail=Phrase(f"{reason}.", f"{reason} (message du moteur)."), clause="")


def be_modest() -> None:
    """Make the calling thread less urgent than the others, on systems where threads may be."""
    with suppress(OSError, AttributeError):
        thread = threading.get_native_id()
        os.setpriority(os.PRIO_PROCESS, thread, os.getpriority(os.PRIO_PROCESS, thread) + MODESTY)


def _interrupt(cursor: duckdb.DuckDBPyConnection) -> None:
    """End what a cursor is doing, if it is still open."""
    with suppress(duckdb.Error):
        cursor.interrupt()


def _reason(text: str) -> str:
    """Return the first line of what the engine says, without its class."""
    line = text.partition("\n")[0]
    return (line.partition(" Error: ")[2] or line).rstrip(".")


def _quoted(text: str) -> str:
    """Return an SQL string literal, for settings, which cannot be bound."""
    return "'" + text.replace("'", "''") + "'"
