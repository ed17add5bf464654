"""The whole way from a file to typed rows, in the order of the steps."""

from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from errno import ENOSPC
from itertools import repeat
from pathlib import Path
from tempfile import TemporaryDirectory
from types import MappingProxyType

import pyarrow as pa

from datasets.disclosure.identifiers import Findings, find_identifiers
from datasets.errors import DiskFull, FileChanged, NotDegrees, UnknownOption
from datasets.ingest.fixes import AnyFix, apply_fixes, declared_types
from datasets.ingest.formats import FORMATS, TEXT
from datasets.ingest.formats.format import Format
from datasets.ingest.formats.unread import refuse_unread
from datasets.ingest.identify import identify, identify_names, remove_addresses
from datasets.ingest.infer import ColumnGuess, derived_point, infer_column
from datasets.ingest.judging import count_values
from datasets.ingest.load import parse_column
from datasets.ingest.mending import mend_letters
from datasets.ingest.naming import name_fields
from datasets.ingest.notice import notice_refused, notice_texts
from datasets.ingest.options import DETECTED, Reading
from datasets.ingest.places import find_pair, mend_shapes
from datasets.ingest.progress import Progress, Tell, counted
from datasets.ingest.raw import RawTable, keep
from datasets.ingest.report import Problem, Report
from datasets.ingest.restoring import written_forms
from datasets.ingest.source import Source, open_source
from datasets.model import Schema
from datasets.types import TYPES, get_type
from datasets.types.geo_point import points

POINT_FIELD = "geo_point_2d"
EXAMINED = 1 << 19
"""Rows in which identifiers are sought at once."""
THREADS = 2
"""Columns understood at once: Arrow computes outside the lock of the interpreter."""


@dataclass(frozen=True)
class Choice:
    """What a producer decided of a column; what is left empty stays as it was understood.

    `type` is a key of TYPES, `published` whether the column goes to the public, `label` its title for people;
    `answers` holds, by kind of identifier, what was answered of it (see `datasets.disclosure.identifiers.Decision`).
    """

    type: str = ""
    published: bool | None = None
    label: str = ""
    answers: Mapping[str, Mapping[str, str]] = field(default_factory=lambda: MappingProxyType({}))

    def applied_to(self, guess: ColumnGuess) -> ColumnGuess:
        """Return `guess` with the producer's decision on its publication and label."""
        published = guess.published if self.published is None else self.published
        return replace(guess, published=published, label=self.label or guess.label)


@dataclass(frozen=True)
class Ingested:
    """A file that became rows: `schema` and `table` hold what may be published, `columns` all that was understood.

    `dialect` is how the file was read, every option filled; `offers` holds what could be chosen instead, by option
    (the sheets of a workbook, the files of an archive…). `findings` are the identifiers of persons in all its
    columns; their rows are those of the file. `raw` holds the texts of the file, once its fixes are
    applied; `written` how each column of `table` that is not text is written there.
    """

    schema: Schema
    table: pa.Table
    report: Report
    columns: tuple[ColumnGuess, ...]
    dialect: Reading
    findings: Findings
    raw: RawTable
    written: Mapping[str, str]
    offers: Mapping[str, tuple[str, ...]] = field(default_factory=lambda: MappingProxyType({}))


def read_file(
    path: str | Path,
    declared: Mapping[str, Choice] | None = None,
    *,
    fixes: Sequence[AnyFix] = (),
    name: str | None = None,
    reading: Reading = DETECTED,
    tell: Tell = lambda progress: None,
) -> Ingested:
    """Return the typed rows of a file of any of FORMATS, judged on the whole of it.

    `declared` maps field names to what the producer decided, which wins over guesses; `fixes` are the small
    corrections to replay first, whose columns go by the names that the file itself gives. `name` is the name that
    messages give to the file. `reading` holds the options that are not to be detected. `tell` receives how far
    the reading is, from time to time. Raises IngestError (EmptyFile, NotText, UnclosedQuote, BrokenFile…) and DiskFull.
    """
    path = Path(path)
    name = name or path.name
    choices = with_types(declared or {}, fixes)
    for choice in choices.values():
        get_type(choice.type or "text")
    with telling_full_disk(name):
        report = Report(watch=lambda done, total: tell(Progress("read", done, total)))
        with TemporaryDirectory(prefix="portal-reading-") as folder:
            raw, dialect, offers = read_texts(path, name, reading, report, Path(folder), tell)
        named = name_fields(raw.labels)
        raw = apply_fixes(raw, fixes, report)
        choices = rename_choices(choices, named, name_fields(raw.labels))
        columns = understand(raw, choices, tell)
        refuse_foreign_degrees(raw, columns, name)
        columns, arrays = load(raw, columns, choices, report, tell)
        schema = Schema(tuple(column.field for column in columns if column.published))
        table = pa.table(arrays, names=list(schema.names))
        persons = find_persons(raw, columns, table)
        written = written_forms(raw, columns, table)
        return Ingested(schema, table, report, tuple(columns), dialect, persons, raw, written, offers)


def with_types(choices: Mapping[str, Choice], fixes: Sequence[AnyFix]) -> dict[str, Choice]:
    """Return the choices with the types that fixes give."""
    given = declared_types(fixes)
    return {**choices, **{name: replace(choices.get(name, Choice()), type=kind) for name, kind in given.items()}}


def rename_choices(choices: Mapping[str, Choice], before: list[str], after: list[str]) -> dict[str, Choice]:
    """Return the choices under the names that columns have after they were renamed."""
    renamed = {new: choices[old] for old, new in zip(before, after, strict=True) if old in choices}
    return {**choices, **renamed}


@contextmanager
def telling_full_disk(name: str) -> Iterator[None]:
    """Raise DiskFull when what is put aside while the file called `name` is read finds no room."""
    try:
        yield
    except OSError as error:
        if error.errno != ENOSPC:
            raise
        raise DiskFull(what=name) from error


def read_texts(
    path: Path, name: str, reading: Reading, report: Report, folder: Path, tell: Tell
) -> tuple[RawTable, Reading, Mapping[str, tuple[str, ...]]]:
    """Return the texts of a file, the options that were used, and what could be chosen instead.

    What is compressed is opened in `folder`. Raises IngestError, FileChanged when the file changed meanwhile.
    """
    tell(Progress("sniff"))
    before = path.stat()
    source = open_source(path, name, reading, report, folder)
    kind = find_format(source, reading, report)
    tell(Progress("read"))
    found = kind.read(source, reading, report)
    after = path.stat()
    if (before.st_size, before.st_mtime_ns) != (after.st_size, after.st_mtime_ns):
        raise FileChanged(name=name)
    report.kept = found.raw.table.num_rows
    report.received = report.kept + sum(count for (_, why), count in report.counts.items() if why == "too_many_cells")
    used = reading.having(format=kind.name, **source.used, **found.used)
    raw = mend_letters(found.raw, report) if reading.repair_letters else found.raw
    return raw, used, {"format": tuple(FORMATS), **source.offers, **found.offers}


def find_format(source: Source, reading: Reading, report: Report) -> Format:
    """Return the format of a file, told by its content; tell when its name announces another one.

    Raises UnknownFormat, and UnknownOption for a format that does not exist.
    """
    if reading.format and reading.format not in FORMATS:
        raise UnknownOption(name="format", value=reading.format)
    found = FORMATS.get(reading.format) or next(kind for kind in FORMATS.values() if kind.is_it(source))
    if found.name == TEXT:
        refuse_unread(source)
    announced = [kind for kind in FORMATS.values() if source.extension in kind.extensions]
    if announced and found not in announced:
        report.add(Problem(0, "", f"{source.inner} ({found.label['en']})", "wrong_extension"))
    return found


def understand(raw: RawTable, choices: Mapping[str, Choice], tell: Tell) -> list[ColumnGuess]:
    """Return what each column is, with the producer's choices."""

    def understand_column(position: int, name: str) -> ColumnGuess:
        values = count_values(raw.table.column(position))
        guess = infer_column(raw, position, name, values, declared=choices.get(name, Choice()).type)
        return identify(guess, values)

    names = name_fields(raw.labels)
    with ThreadPoolExecutor(THREADS) as threads:
        columns = counted(threads.map(understand_column, range(len(names)), names), "understand", len(names), tell)
    return [choices.get(column.name, Choice()).applied_to(column) for column in identify_names(columns)]


def load(
    raw: RawTable, columns: list[ColumnGuess], choices: Mapping[str, Choice], report: Report, tell: Tell
) -> tuple[list[ColumnGuess], list[pa.ChunkedArray]]:
    """Return the columns with those that are computed, and the values of the published ones, in order."""
    places = [position for position, guess in enumerate(columns) if guess.published]
    guesses, reports = [columns[position] for position in places], [Report() for _ in places]
    with ThreadPoolExecutor(THREADS) as threads:
        values = counted(threads.map(load_column, repeat(raw), places, guesses, reports), "load", len(places), tell)
    arrays = {guess.name: array for guess, array in zip(guesses, values, strict=True)}
    for own in reports:
        report.join(own)
    for guess, computed in derive(columns, arrays, raw, report):
        columns = [*columns, choices.get(guess.name, Choice()).applied_to(guess)]
        arrays[guess.name] = computed
    return columns, [arrays[guess.name] for guess in columns if guess.published]


def load_column(raw: RawTable, position: int, guess: ColumnGuess, report: Report) -> pa.ChunkedArray:
    """Return the values of one published column; what is refused, changed or strange goes to the report."""
    kind = TYPES[guess.type]
    if not kind.stays_text:
        values = parse_column(raw.table.column(position), kind)
        notice_refused(raw, position, guess, values, report)
        return keep(values)
    notice_texts(raw, position, guess, report)
    texts = raw.table.column(position)
    if guess.addressed and not guess.identifying:
        texts = remove_addresses(raw, position, guess.name, report)
    return texts if guess.values == len(texts) and not guess.addressed else keep(parse_column(texts, kind))


def derive(
    columns: list[ColumnGuess], arrays: dict[str, pa.ChunkedArray], raw: RawTable, report: Report
) -> Iterator[tuple[ColumnGuess, pa.ChunkedArray]]:
    """Yield the point column that others give: the centre of a shape, or a latitude and a longitude."""
    names = [column.name for column in columns]
    label = name_fields([*names, POINT_FIELD])[-1]
    shape = next((column for column in columns if column.type == "geo_shape" and column.published), None)
    if shape is not None:
        arrays[shape.name], centres, changed = mend_shapes(arrays[shape.name])
        position = columns.index(shape)
        for record in changed:
            text = raw.table.column(position)[record].as_py()
            report.add(Problem(raw.number(record), shape.name, text, "repaired_geometry"))
        yield derived_point(label, (shape,), centres), pa.chunked_array([centres])
    elif pair := find_pair(columns):
        lat, lon = (columns[i] for i in pair)
        if lat.published and lon.published:
            found = points(arrays[lat.name].combine_chunks(), arrays[lon.name].combine_chunks())
            yield derived_point(label, (lat, lon), found), pa.chunked_array([found])


def find_persons(raw: RawTable, columns: list[ColumnGuess], table: pa.Table) -> Findings:
    """Return the identifiers of persons in every column, as published or, when kept back, as written in the file."""
    kept_back = [
        (guess, raw.table.column(place))
        for place, guess in enumerate(columns)
        if not (guess.published or guess.computed or guess.type == "geo_shape")
    ]
    for guess, texts in kept_back:
        table = table.append_column(guess.name, texts)
    order = [guess.name for guess in columns if guess.name in table.column_names]
    found = find_identifiers(batches_of(table.select(order)), Schema(tuple(guess.field for guess in columns)))
    told = (replace(one, rows=tuple(raw.number(rank - 1) for rank in one.rows)) for one in found)
    return replace(found, findings=tuple(told))


def batches_of(table: pa.Table) -> Iterator[pa.RecordBatch]:
    """Yield the rows of a table, many at once: what is sought in distinct texts is sought as seldom as possible."""
    for start in range(0, table.num_rows, EXAMINED):
        yield from table.slice(start, EXAMINED).combine_chunks().to_batches()


def refuse_foreign_degrees(raw: RawTable, columns: list[ColumnGuess], name: str) -> None:
    """Raise NotDegrees when a geometry that the format states has no valid value at all."""
    for position, kind in raw.types.items():
        guess = columns[position]
        if guess.type == kind and guess.values and guess.score == 0:
            raise NotDegrees(name=name, found=guess.examples[0])
