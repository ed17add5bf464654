"""The whole way from a file to typed rows, in the order of the steps."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa

from datasets.ingest.identify import identify, remove_addresses
from datasets.ingest.infer import ColumnGuess, infer_column
from datasets.ingest.load import RawTable, parse_column, read_texts, refused_values
from datasets.ingest.naming import name_fields
from datasets.ingest.report import Report
from datasets.ingest.sniff import Dialect, sniff
from datasets.model import Schema
from datasets.types import TYPES, get_type


@dataclass(frozen=True)
class Ingested:
    """A file that became rows: `schema` and `table` hold what may be published, `columns` all that was understood."""

    schema: Schema
    table: pa.Table
    report: Report
    columns: tuple[ColumnGuess, ...]
    dialect: Dialect


def read_file(path: str | Path, declared: Mapping[str, str] | None = None, *, name: str | None = None) -> Ingested:
    """Return the typed rows of a CSV file, judged on the whole of it.

    `declared` maps field names to column types (keys of TYPES) that win over guesses; the type "" drops the column,
    and "+" publishes one that would be kept back. `name` is the name that messages give to the file.
    Raises IngestError (EmptyFile, NotText, UnclosedQuote, UnknownColumnType).
    """
    path = Path(path)
    name = name or path.name
    report = Report()
    dialect = sniff(path, name)
    raw = read_texts(path, dialect, report, name)
    columns = [
        identify(infer_column(raw, i, field, declared=(declared or {}).get(field)), raw.table.column(i))
        for i, field in enumerate(name_fields(raw.labels))
    ]
    return _load(raw, columns, report, dialect)


def _load(raw: RawTable, columns: list[ColumnGuess], report: Report, dialect: Dialect) -> Ingested:
    fields, arrays = [], []
    for position, guess in enumerate(columns):
        if not guess.published:
            continue
        kind = TYPES[guess.type]
        texts = raw.table.column(position)
        if kind.stays_text:
            texts, problems = remove_addresses(raw, position, guess.name)
            report.extend(problems)
        values = parse_column(texts, kind)
        if not kind.stays_text:
            report.extend(refused_values(raw, position, guess.name, values, geometry=kind.name == "geo_shape"))
        fields.append(guess.field)
        arrays.append(values)
    table = pa.table(arrays, names=[field.name for field in fields])
    return Ingested(Schema(tuple(fields)), table, report, tuple(columns), dialect)
