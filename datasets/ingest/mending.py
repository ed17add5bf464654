"""Letters that a wrong encoding damaged (Ã©) are repaired in a whole table, when the producer asks for it."""

from dataclasses import replace

import pyarrow as pa
import pyarrow.compute as pc

from datasets.ingest.encodings import repair_letters
from datasets.ingest.naming import name_fields
from datasets.ingest.raw import RawTable
from datasets.ingest.report import Problem, Report

SUSPECT = r"[\x{C2}-\x{F4}][^\x00-\x7F]"


def mend_letters(raw: RawTable, report: Report) -> RawTable:
    """Return a table whose damaged letters are repaired, in its titles too; each repaired cell is told."""
    labels = [repair_letters(label) for label in raw.labels]
    table = raw.table
    for place, name in enumerate(name_fields(labels)):
        table = table.set_column(place, table.schema.field(place), _mend(raw, place, name, report))
    return replace(raw, labels=labels, table=table)


def _mend(raw: RawTable, place: int, name: str, report: Report) -> pa.ChunkedArray:
    texts = raw.table.column(place)
    suspect = pc.match_substring_regex(texts, SUSPECT).combine_chunks()
    records = pc.indices_nonzero(suspect)
    cells = texts.take(records).to_pylist()
    mended = [repair_letters(cell) for cell in cells]
    for record, cell, whole in zip(records.to_pylist(), cells, mended, strict=True):
        if cell != whole:
            report.add(Problem(raw.number(record), name, cell, "letters_repaired", whole))
    return pc.replace_with_mask(texts, suspect, pa.array(mended, pa.string())) if mended else texts
