"""JSON and JSON Lines: a list of objects, wherever it stands in the document, becomes rows."""

import re
from collections.abc import Iterator
from typing import Any

from datasets.errors import EmptyFile, UnknownOption
from datasets.ingest.formats.format import Format, Outcome
from datasets.ingest.formats.records import Columns, Record, write_cell
from datasets.ingest.formats.scanning import Keys, Scanner, walk
from datasets.ingest.layout import FIRST, find_layout
from datasets.ingest.options import Reading
from datasets.ingest.raw import RawTable, gather, text_schema
from datasets.ingest.report import Problem, Report
from datasets.ingest.source import Source
from datasets.ingest.tabulation import Row, Tabulation, check_width

LINES = re.compile(r"\s*[\[{][^\n]*[\]}]\s*\n\s*[\[{]")
ROOT = "$"


def read_objects(source: Source, reading: Reading, report: Report) -> Outcome:
    """Return the records of a JSON document as texts; the number of a record is its rank.

    Among several lists of objects the longest is read, and the others are told. A list of lists is a table, a
    document without a list is one record. Raises BrokenJson, TooManyColumns, EmptyFile, and UnknownOption for a list
    that is not there.
    """
    lists = survey_lists(source)
    named = {write_path(path): path for path in lists}
    if reading.sheet and reading.sheet not in named:
        raise UnknownOption(name="sheet", value=reading.sheet)
    if not lists:
        return _one_record(source)
    chosen = reading.sheet or max(named, key=lambda name: (lists[named[name]].objects, lists[named[name]].records))
    path, columns = named[chosen], lists[named[chosen]]
    for other in (name for name in named if name != chosen):
        report.add(Problem(0, "", f"{other} ({lists[named[other]].records})", "other_sheets"))
    report.expected = columns.records
    if columns.lists == columns.records:
        outcome = _read_rows(source, path, reading, report)
    else:
        records = (as_record(value) for value in values_at(source, path))
        table = gather(columns.batches(records), text_schema(len(columns.places)), report.advance)
        outcome = Outcome(RawTable(columns.labels, table, first_row=1, barred=columns.barred))
    return Outcome(outcome.raw, {"sheet": chosen, **outcome.used}, {"sheet": tuple(named)})


def survey_lists(source: Source) -> dict[Keys, Columns]:
    """Return the columns of each list of a document that may be read: a list of objects or of lists, or the root.

    Lists inside records are values of theirs, not lists of the document.
    """
    lists: dict[Keys, Columns] = {}
    for path, value in listed_values(source):
        columns = lists.setdefault(path, Columns(source.name))
        columns.learn(as_record(value))
        columns.objects += isinstance(value, dict)
        columns.lists += isinstance(value, list)
    return {path: columns for path, columns in lists.items() if columns.objects or columns.lists or not path}


def as_record(value: Any) -> Record:
    """Return an element of a list as a record: one that is no object has one column."""
    return value if isinstance(value, dict) else {"value": write_cell(value) if isinstance(value, list) else value}


def values_at(source: Source, path: Keys) -> Iterator[Any]:
    """Yield the elements of the list of a document at that path."""
    return (value for place, value in listed_values(source) if place == path)


def listed_values(source: Source) -> Iterator[tuple[Keys, Any]]:
    """Yield each element of each list of a document, or each line of JSON Lines, with the path of its list."""
    with Scanner(source.path, source.name) as scanner:
        if LINES.match(source.text):
            while scanner.peek():
                yield (), scanner.value()
            return
        yield from ((found.path, found.value) for found in walk(scanner) if found.listed)
        scanner.end()


def write_path(path: Keys) -> str:
    """Return the name of a list of a document: its keys joined by points, `$` for the document itself."""
    return ".".join(path) or ROOT


def _one_record(source: Source) -> Outcome:
    with Scanner(source.path, source.name) as scanner:
        record = scanner.value()
    if not isinstance(record, dict) or not record:
        raise EmptyFile(name=source.name)
    columns = Columns(source.name)
    columns.learn(record)
    table = gather(columns.batches([record]), text_schema(len(columns.places)))
    return Outcome(RawTable(columns.labels, table, first_row=1, barred=columns.barred))


def _read_rows(source: Source, path: Keys, reading: Reading, report: Report) -> Outcome:
    """Return a list of lists as the rows of a sheet."""

    def rows() -> Iterator[Row]:
        for number, value in enumerate(values_at(source, path), start=1):
            yield number, list(map(write_cell, value if isinstance(value, list) else [value]))

    head = [row for (_, row), _ in zip(rows(), range(FIRST), strict=False)]
    check_width(head, source.name)
    layout = find_layout(head, reading.header, reading.header_rows)
    tabulation = Tabulation(layout, report, ";", reading.footer)
    raw = tabulation.read(rows())
    if raw.table.num_rows == 0:
        raise EmptyFile(name=source.name)
    return Outcome(raw, {"header": layout.header, "header_rows": layout.titles, "footer": tabulation.footer})


FORMAT = Format(
    name="json",
    label={"fr": "objets JSON", "en": "JSON objects"},
    extensions=("json", "jsonl", "ndjson"),
    is_it=lambda source: source.is_json,
    read=read_objects,
)
