"""A workshop: rows on their way to a version, kept aside as Parquet files and worked on by the engine, step by step.

What is in a workshop is in the store's incoming area: it goes with its writer, or at the next purge.
"""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from datasets.errors import StoreError
from datasets.store.engine import Engine, Rows
from datasets.store.versions import ROW_GROUP, VersionStore

SECONDS = 3600.0
"""The time of one step."""


class Workshop:
    """Files of rows in one folder, and the engine that reads them: one batch in memory at a time."""

    def __init__(self, engine: Engine, folder: Path) -> None:
        self._engine, self._folder = engine, folder
        self._count = 0

    def keep(self, rows: pa.Table | Iterable[pa.RecordBatch], shape: pa.Schema) -> str:
        """Write rows of that shape to a new file, and return its path. Raises StoreError when the disk refuses."""
        self._count += 1
        path = self._folder / f"{self._count}.parquet"
        try:
            with pq.ParquetWriter(path, shape, compression="lz4") as writer:
                if isinstance(rows, pa.Table):
                    writer.write_table(rows.select(shape.names).cast(shape), row_group_size=ROW_GROUP)
                    return str(path)
                for group in gather(rows, shape):
                    writer.write_table(group)
        except OSError as error:
            raise StoreError(what=path.name, reason=error.strerror or str(error)) from error
        return str(path)

    def read(self, path: str) -> Iterator[pa.RecordBatch]:
        """Yield the rows of a file of this workshop, in its order."""
        with pq.ParquetFile(path) as file:
            yield from file.iter_batches(ROW_GROUP)

    def run(self, sql: str, params: Sequence[object]) -> Rows:
        """Run one SELECT over files of this workshop or of the store; the first parameter is a file."""
        return self._engine.run(sql, params, seconds=SECONDS)


@contextmanager
def open_workshop(store: VersionStore, engine: Engine) -> Iterator[Workshop]:
    """Open a workshop for a while; `engine` must be allowed to read the store, whose folder must be a local one."""
    with store.aside() as folder:
        yield Workshop(engine, Path(folder))


def gather(batches: Iterable[pa.RecordBatch], shape: pa.Schema) -> Iterator[pa.Table]:
    """Join small batches into tables of that shape, about a row group long each."""
    held: list[pa.RecordBatch] = []
    for batch in batches:
        held.append(batch)
        if sum(part.num_rows for part in held) >= ROW_GROUP:
            yield pa.Table.from_batches(held).select(shape.names).cast(shape)
            held = []
    if held:
        yield pa.Table.from_batches(held).select(shape.names).cast(shape)
