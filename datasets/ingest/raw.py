"""The texts of a file, column by column: in memory when they are few, else in a mapped file of their own."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import chain
from tempfile import NamedTemporaryFile

import pyarrow as pa
import pyarrow.compute as pc

HELD = 64 << 20
"""Bytes of texts kept in memory; beyond, they go to the disk."""


@dataclass(frozen=True)
class RawTable:
    """The texts of a file: one column of strings per title, and the row number in the file of each record.

    By column index, `types` holds the types that the format itself states and `barred` those that it rules out.
    """

    labels: list[str]
    table: pa.Table
    first_row: int = 2
    numbers: pa.Array | None = None
    types: Mapping[int, str] = field(default_factory=dict)
    barred: Mapping[int, tuple[str, ...]] = field(default_factory=dict)

    def number(self, record: int) -> int:
        """Return the row of the file where the record at that index starts."""
        return self.first_row + record if self.numbers is None else self.numbers[record].as_py()

    def find_all(self, rows: Sequence[int]) -> list[int | None]:
        """Return the index of the record that starts at each of those rows of the file; None where there is none."""
        if self.numbers is None:
            places = [row - self.first_row for row in rows]
            return [place if 0 <= place < self.table.num_rows else None for place in places]
        return pc.index_in(pa.array(rows, pa.int64()), value_set=self.numbers).to_pylist()


def text_schema(width: int) -> pa.Schema:
    """Return the schema of a raw table: `width` columns of texts, named by their rank."""
    return pa.schema([(str(position), pa.string()) for position in range(width)])


def text_batch(rows: list[list[str]], width: int) -> pa.RecordBatch:
    """Return rows of texts, each of `width` cells, as a batch of columns."""
    columns = zip(*rows, strict=True) if rows else [()] * width
    return pa.RecordBatch.from_arrays([pa.array(column, pa.string()) for column in columns], schema=text_schema(width))


def gather(
    batches: Iterable[pa.RecordBatch], schema: pa.Schema, see: Callable[[int], object] = lambda rows: None
) -> pa.Table:
    """Return batches as one table; when they exceed HELD bytes they lie on the disk, in a file that has no name.

    `see` is told how many rows each of them has, as it comes.
    """
    held: list[pa.RecordBatch] = []
    size, rest = 0, _seen(batches, see)
    for batch in rest:
        held.append(batch)
        size += batch.nbytes
        if size > HELD:
            return _spill(chain(_emptied(held), rest), schema)
    return pa.Table.from_batches(held, schema)


def keep(column: pa.ChunkedArray) -> pa.ChunkedArray:
    """Return a column as it is, but on the disk when it exceeds HELD bytes."""
    if column.nbytes <= HELD:
        return column
    schema = pa.schema([("column", column.type)])
    batches = (pa.RecordBatch.from_arrays([chunk], schema=schema) for chunk in column.chunks)
    return gather(batches, schema).column(0)


def _spill(batches: Iterable[pa.RecordBatch], schema: pa.Schema) -> pa.Table:
    with NamedTemporaryFile(prefix="portal-rows-") as file:
        with pa.ipc.new_file(file, schema) as writer:
            for batch in batches:
                writer.write_batch(batch)
        file.flush()
        return pa.ipc.open_file(pa.memory_map(file.name)).read_all()


def _seen(batches: Iterable[pa.RecordBatch], see: Callable[[int], object]) -> Iterator[pa.RecordBatch]:
    for batch in batches:
        see(batch.num_rows)
        yield batch


def _emptied(batches: list[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
    while batches:
        yield batches.pop(0)
