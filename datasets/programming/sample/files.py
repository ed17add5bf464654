"""A sample on the disk: ten CSV files, and beside them what was planted and what must be found."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from io import BytesIO
from pathlib import Path

import pyarrow as pa
import pyarrow.csv

from datasets.programming.sample import bookings, logs, people
from datasets.programming.sample.actors import Planted, World, build_world
from datasets.programming.sample.blocks import build_block
from datasets.programming.sample.expected import Expected
from datasets.programming.sample.expected_tables import ExpectedTables
from datasets.programming.sample.figures import block_figures
from datasets.programming.sample.sizes import ACTORS, BLOCK_TABLES, DEFECTS, LOGS, TABLES
from datasets.programming.territories import Territories

BOM = b"\xef\xbb\xbf"
ENCODINGS: Mapping[str, tuple[str, bytes]] = {"equipes": ("iso-8859-1", b""), "lieux": ("utf-8", 2 * BOM)}
"""The files that are not plain UTF-8: their encoding, and what precedes their first line."""

Progress = Callable[[str, int, int], None]
"""Called with the table, the rows written so far and the rows of the sample."""

_ACTOR_WRITERS = {
    "lieux": people.write_venues,
    "programmateurs": people.write_programmers,
    "equipes": people.write_companies,
}
_BLOCK_WRITERS = {
    "projets": bookings.write_projects,
    "dates": bookings.write_dates,
    "tournees": bookings.write_tours,
    "etapes": bookings.write_steps,
    "transports": bookings.write_transports,
}
_LOG_WRITERS = {"mises_en_relation": logs.write_contacts, "connexions": logs.write_visits}


@dataclass(frozen=True)
class SampleReport:
    """What was written: rows and defects by name, and the part of the dominated département's saving."""

    folder: Path
    rows: Mapping[str, int]
    defects: Mapping[str, int]
    dominance: float


def make_chunk(
    size: str, seed: int, table: str, chunk: int, territories: Territories, *, today: date | None = None
) -> bytes:
    """Return one chunk of one table as bytes of CSV, without its header; no other chunk is made."""
    return _csv(table, _make_table(build_world(size, seed, territories, today), table, chunk))


def write_sample(
    folder: Path,
    size: str,
    seed: int,
    territories: Territories,
    progress: Progress | None = None,
    *,
    today: date | None = None,
) -> SampleReport:
    """Write the ten tables of a sample of `size` ("S", "M" or "L") in `folder`, and its truth in `folder`/verite.

    What is planned begins on `today` (default: the end of the sample); the same day gives the same bytes.
    `progress` receives the table, the rows written so far and those to write. Memory does not grow with the size.
    """
    world = build_world(size, seed, territories, today)
    expected, tables = Expected(world), ExpectedTables(world)
    (folder / "verite").mkdir(parents=True, exist_ok=True)
    writer = _Writer(folder, world, progress)
    try:
        _write_all(world, writer, expected, tables)
    finally:
        writer.close()
    for name, truth in (("totals", expected.frame()), ("tables", tables.frame())):
        truth.to_csv(folder / "verite" / f"{name}.csv", index=False, lineterminator="\n")
    return SampleReport(folder, writer.rows, writer.defects, expected.dominance)


def _make_table(world: World, table: str, chunk: int) -> pa.Table:
    if table in ACTORS:
        return _ACTOR_WRITERS[table](world)[0]
    if table in LOGS:
        return _LOG_WRITERS[table](world, chunk)
    return _BLOCK_WRITERS[table](world, build_block(world, chunk))


def _csv(table: str, rows: pa.Table, *, header: bool = False) -> bytes:
    sink = BytesIO()
    pyarrow.csv.write_csv(rows, sink, pyarrow.csv.WriteOptions(include_header=header))
    text = sink.getvalue()
    encoding, start = ENCODINGS.get(table, ("utf-8", b""))
    return (start if header else b"") + (text if encoding == "utf-8" else text.decode().encode(encoding))


class _Writer:
    """The open files of a sample: each table is appended chunk by chunk, each defect is recorded."""

    def __init__(self, folder: Path, world: World, progress: Progress | None) -> None:
        self.files = {table: (folder / f"{table}.csv").open("wb") for table in TABLES}
        self.truth = (folder / "verite" / "defects.csv").open("w", encoding="utf-8", newline="\n")
        self.truth.write("defaut,table,ligne,colonnes,effet\n")
        self.rows = dict.fromkeys(TABLES, 0)
        self.defects = dict.fromkeys(DEFECTS, 0)
        self.total = sum(world.size.rows.values())
        self.progress = progress

    def write(self, table: str, rows: pa.Table, planted: tuple[Planted, ...] = (), offset: int = 0) -> None:
        """Append a chunk and record its defects; lines are numbered from 1, the header being line 1."""
        self.files[table].write(_csv(table, rows, header=self.rows[table] == 0))
        self.rows[table] += len(rows)
        for defect in planted:
            self.defects[defect.defect] += len(defect.rows)
            kind = DEFECTS[defect.defect]
            columns = "|".join(kind.columns)
            lines = (f"{kind.name},{kind.table},{offset + row + 2},{columns},{kind.effect}\n" for row in defect.rows)
            self.truth.writelines(lines)
        if self.progress:
            self.progress(table, sum(self.rows.values()), self.total)

    def close(self) -> None:
        """Close every file."""
        for file in (*self.files.values(), self.truth):
            file.close()


def _write_all(world: World, writer: _Writer, expected: Expected, tables: ExpectedTables) -> None:
    for table in ACTORS:
        rows, planted = _ACTOR_WRITERS[table](world)
        writer.write(table, rows, planted)
    for number in range(world.size.blocks):
        block = build_block(world, number)
        for table in BLOCK_TABLES:
            rows = _BLOCK_WRITERS[table](world, block)
            writer.write(table, rows, block.planted[table], block.offsets[table])
        figures = block_figures(world, block)
        expected.add_stops(figures)
        tables.add_stops(figures)
        tables.add_plans(block)
    for table in LOGS:
        for chunk in range(world.size.chunks(table)):
            writer.write(table, _LOG_WRITERS[table](world, chunk))
    for chunk in range(world.size.chunks("connexions")):
        expected.add_visits(*logs.draw_visits(world, chunk))
    for chunk in range(world.size.chunks("mises_en_relation")):
        one, other, seconds = logs.draw_contacts(world, chunk)
        expected.add_contacts(one, seconds)
        tables.add_contacts(one, other, seconds)
