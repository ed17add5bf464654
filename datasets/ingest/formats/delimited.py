"""CSV and TSV in any dialect: a fast reader first, a patient one for what the fast one cannot vouch for."""

import csv
import io
from collections import deque
from collections.abc import Iterator
from itertools import islice
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
from pyarrow import csv as arrow_csv

from datasets.errors import CellTooLong, EmptyFile, UnclosedQuote
from datasets.ingest.beside import WHOLE, choose_block, cut_rows
from datasets.ingest.encodings import ENCODINGS, restore_bytes
from datasets.ingest.formats.format import Format, Outcome
from datasets.ingest.layout import LAST, Layout, find_footer, find_layout
from datasets.ingest.naming import name_fields
from datasets.ingest.options import Reading
from datasets.ingest.raw import RawTable, gather, text_schema
from datasets.ingest.report import Problem, Report
from datasets.ingest.sniff import CELL, DELIMITERS, INVISIBLE, Dialect, Survey, find_dialect, read_head, survey
from datasets.ingest.source import Source
from datasets.ingest.tabulation import Row, Tabulation, check_width

BLOCK = 1 << 24
END = "\ue000end-of-file\ue000"


def read_delimited(source: Source, reading: Reading, report: Report) -> Outcome:
    """Return every cell of a delimited text; rows that cannot be read go to the report.

    Raises NotText, UnclosedQuote, CellTooLong, TooManyColumns, UnknownOption, and EmptyFile when no row follows the
    titles.
    """
    found = survey(source.path, source.name, reading.encoding)
    head = read_head(source.path, found, source.name)
    dialect = find_dialect(head, found, reading)
    rows = dialect.read(io.StringIO(head, newline=""))
    check_width(rows, source.name)
    block, columns = choose_block(rows, reading.columns, report)
    layout = find_layout([block.cut(row) for row in rows], reading.header, reading.header_rows)
    text = Text(source.path, source.name, found, dialect)
    report.expected = found.lines
    tables: list[int] = []
    if block == WHOLE and (fast := text.read_fast(layout, reading.footer, report)):
        raw, footer = fast
    else:
        report.received = 0
        tabulation = Tabulation(layout, report, dialect.delimiter, reading.footer)
        names = [""] * block.first + name_fields(layout.labels)
        raw = tabulation.read(cut_rows(text.read_patiently(names, report), block))
        footer, tables = tabulation.footer or 0, tabulation.tables
    if raw.table.num_rows == 0:
        raise EmptyFile(name=source.name)
    used = {
        "encoding": found.encoding,
        "delimiter": dialect.delimiter,
        "quote": dialect.quote,
        "escape": dialect.escape,
        "header": layout.header,
        "header_rows": layout.titles,
        "footer": footer,
        "columns": block.name(),
    }
    headers = tuple(str(row) for row in (layout.header, *tables))
    offers = {"encoding": ENCODINGS, "delimiter": tuple(DELIMITERS), "header": headers, "columns": columns}
    return Outcome(raw, used, offers)


class Text:
    """A delimited text whose encoding and dialect are known."""

    def __init__(self, path: Path, name: str, found: Survey, dialect: Dialect) -> None:
        self.path, self.name, self.found, self.dialect = path, name, found, dialect

    def read_fast(self, layout: Layout, footer: int | None, report: Report) -> tuple[RawTable, int] | None:
        """Read with Arrow; None when a row is ragged, blank or strange, or when lines are missing in the result.

        Else the rows and how many at the end were set aside.
        """
        if self.found.dirty or self.found.mixed or self.found.encoding.startswith("utf-16"):
            return None
        rows = self.dialect.reader(self._lines())
        before = list(islice(rows, layout.first))
        deque(islice(rows, layout.titles), maxlen=0)
        table = self._read_arrow(len(layout.labels), rows.line_num, report)
        if table is None or not self._vouches(table, layout, rows.line_num):
            return None
        for rank, row in enumerate(before, start=1):
            if any(row):
                report.add(Problem(rank, "", self.dialect.delimiter.join(row), "before_titles"))
        return self._without_footer(table, layout, footer, report)

    def _read_arrow(self, width: int, skipped: int, report: Report) -> pa.Table | None:
        names = [str(place) for place in range(width)]
        reading = arrow_csv.ReadOptions(
            column_names=names, block_size=BLOCK, encoding=self.found.encoding, skip_rows=skipped
        )
        parsing = arrow_csv.ParseOptions(
            delimiter=self.dialect.delimiter,
            quote_char=self.dialect.quote or False,
            escape_char=self.dialect.escape or False,
            newlines_in_values=True,
            ignore_empty_lines=width > 1,
        )
        texts = arrow_csv.ConvertOptions(column_types=dict.fromkeys(names, pa.string()), strings_can_be_null=False)
        try:
            with self.path.open("rb") as stream:
                stream.seek(self.found.skip)
                return gather(arrow_csv.open_csv(stream, reading, parsing, texts), text_schema(width), report.advance)
        except pa.ArrowInvalid:
            return None

    def _vouches(self, table: pa.Table, layout: Layout, skipped: int) -> bool:
        """Return whether no line is lost, no row is blank or repeats the titles, and no quotation mark is left open."""
        lines = self.found.lines - self.found.tail + 1 - skipped
        if table.num_rows == 0 or (table.num_rows != lines and table.num_rows + _inner_lines(table) != lines):
            return False
        first = table.column(0)
        if layout.titles and pc.any(pc.equal(first, layout.labels[0])).as_py():
            return False
        empty = pc.equal(first, "")
        for column in table.columns[1:]:
            if not pc.any(empty).as_py():
                break
            empty = pc.and_(empty, pc.equal(pc.utf8_trim_whitespace(column), ""))
        return not (table.num_columns > 1 and pc.any(empty).as_py()) and "\n" not in table.column(-1)[-1].as_py()

    def _without_footer(
        self, table: pa.Table, layout: Layout, footer: int | None, report: Report
    ) -> tuple[RawTable, int]:
        first_row = layout.first + layout.titles + 1
        last = [list(row.values()) for row in table.slice(max(0, table.num_rows - LAST)).to_pylist()]
        footer = find_footer(last) if footer is None else footer
        kept = table.num_rows - footer
        for rank, row in enumerate(table.slice(kept).to_pylist(), start=first_row + kept):
            report.add(Problem(rank, "", self.dialect.delimiter.join(row.values()), "after_rows"))
        return RawTable(list(layout.labels), table.slice(0, kept), first_row), footer

    def read_patiently(self, names: list[str], report: Report) -> Iterator[Row]:
        """Yield each row with its number; raise UnclosedQuote when the end of the file falls inside a cell."""
        number = 0
        strange = self.found.dirty or self.found.mixed
        try:
            for number, row in enumerate(self.dialect.reader(self._lines(END)), start=1):
                if row == [END]:
                    return
                if row and row[-1].endswith(END):
                    raise UnclosedQuote(name=self.name, row=number)
                yield number, self._clean(number, row, names, report) if strange else row
        except csv.Error as error:
            # A cell over the limit of size: nothing but a quotation mark left open makes one.
            raise UnclosedQuote(name=self.name, row=number + 1) from error

    def _clean(self, number: int, row: list[str], names: list[str], report: Report) -> list[str]:
        """Return a row without control characters and in one encoding; tell each cell that was not so."""
        for place, cell in enumerate(row):
            name = names[place] if place < len(names) else ""
            bare = cell.translate(INVISIBLE)
            whole = restore_bytes(bare)
            if bare != cell:
                report.add(Problem(number, name, bare, "control_characters"))
            if whole != bare:
                report.add(Problem(number, name, whole, "other_encoding"))
            row[place] = whole
        return row

    def _lines(self, end: str = "") -> Iterator[str]:
        """Yield the lines of the text, then `end` as a line of its own. Raises CellTooLong."""
        last, number = "\n", 0
        with self.path.open("rb") as stream:
            stream.seek(self.found.skip)
            errors = "surrogateescape" if self.found.mixed else "strict"
            text = io.TextIOWrapper(stream, encoding=self.found.encoding, errors=errors, newline="")
            while line := text.readline(CELL):
                if len(line) == CELL:
                    raise CellTooLong(name=self.name, row=number + 1, limit=CELL)
                last, number = line, number + 1
                yield line
        if end:
            if not last.endswith(("\n", "\r")):
                yield "\n"
            yield end


def _inner_lines(table: pa.Table) -> int:
    """Return how many line feeds stand inside the cells of a table."""
    return sum(pc.sum(pc.count_substring(column, "\n")).as_py() or 0 for column in table.columns)


FORMAT = Format(
    name="csv",
    label={"fr": "tableau CSV", "en": "CSV table"},
    extensions=("csv", "tsv", "tab", "txt", "dat", "asc"),
    is_it=lambda source: True,
    read=read_delimited,
)
