"""XLSX, XLS and ODS workbooks: one sheet as texts, with its real dates and the values of its formulas."""

import marshal
import re
import zipfile
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from itertools import chain, islice
from pathlib import Path
from typing import Any, BinaryIO

import pyarrow.compute as pc

from datasets.errors import BrokenFile, EmptyFile, EncryptedArchive, TooManyBytes
from datasets.ingest.apart import reading_apart
from datasets.ingest.beside import WHOLE, Block, choose_block
from datasets.ingest.formats.format import Format, Outcome
from datasets.ingest.layout import FIRST, Layout, find_layout
from datasets.ingest.naming import name_fields
from datasets.ingest.options import Reading
from datasets.ingest.raw import RawTable
from datasets.ingest.report import Problem, Report
from datasets.ingest.source import Source
from datasets.ingest.tabulation import Row, Tabulation, check_width
from datasets.ingest.unpacking import blocks_of

OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
LOCKED = "EncryptedPackage".encode("utf-16-le")
"""The part of an old container where a workbook under a password lies."""
BLOCK = 1 << 20
LARGE, STREAMED = 100 << 20, 300 << 20
"""Bytes of the sheets of a workbook beyond which they may not fit in memory, and beyond which they do not."""
OVERLAP = 1 << 12
ENTITY = re.compile(rb"<!\s*(?:ENTITY|DOCTYPE)")
UNCOMPUTED = re.compile(rb"<f[^>]*(?:/>|>[^<]*</f>)\s*(?:<v\s*/>|<v></v>)?\s*</c>")
FAULT = re.compile(rb'<c [^>]*t="e"')
PADDED = re.compile(rb'formatCode="(?:0{2,}|0[0#][^";]*)"')
CONTENT = "content.xml"
SPACED = re.compile(rb"(</?table:[^<>]*>|</text:p>)\s+(?=<)")
DAY, INSTANT = r"^\d{4}-\d\d-\d\d$", r"^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d"
SHOWN = 20


@dataclass
class Facts:
    """What the parts of an XLSX workbook tell before it is read."""

    size: int = 0
    uncomputed: bool = False
    faults: bool = False
    padded: bool = False
    spaced: bool = False

    @property
    def ways(self) -> tuple[str, ...]:
        """How the sheet is to be read: "exact" when a quick reading would lose something, or finds no memory."""
        if self.faults or self.padded or self.size > STREAMED:
            return ("exact",)
        return ("quick", "exact") if self.size > LARGE else ("quick",)


def read_workbook(source: Source, reading: Reading, report: Report) -> Outcome:
    """Return the texts of one sheet: the one that is asked for, else the first visible one that holds rows.

    Raises BrokenFile, EncryptedArchive, TooManyBytes, TooManyColumns, EmptyFile, and UnknownOption for a sheet that
    is not there.
    """
    kind = kind_of(source)
    if kind == "XLS" and holds(source.path, LOCKED):
        raise EncryptedArchive(name=source.name)
    facts = inspect(source, kind) if source.members else Facts()
    if facts.uncomputed:
        report.add(Problem(0, "", "", "formula_without_value"))
    path = source.folder / f"book.{kind.lower()}"  # libraries believe the name more than the content
    if facts.spaced:
        tighten(source, path)
    else:
        path.symlink_to(source.path.resolve())
    *tried, last = facts.ways if kind == "XLSX" else ("quick",)
    for way in tried:
        with suppress(TooManyBytes):
            return _read_apart(path, way, kind, source, reading, report)
    return _read_apart(path, last, kind, source, reading, report)


def _read_apart(path: Path, way: str, kind: str, source: Source, reading: Reading, report: Report) -> Outcome:
    """Read one sheet in a process of its own; what it tells is kept only when it succeeds."""
    own = Report(watch=report.watch)
    with reading_apart("workbook", str(path), way, reading.sheet, name=source.name, kind=kind) as stream:
        outcome = _tabulate(stream, source, reading, own)
    report.join(own)
    return outcome


def _tabulate(stream: BinaryIO, source: Source, reading: Reading, report: Report) -> Outcome:
    book = marshal.load(stream)  # noqa: S302 (written by our own program)
    report.expected = book["rows"]
    rows = numbered(stream)
    head = list(islice(rows, FIRST))
    first = [texts for _, texts, _ in head]
    check_width(first, source.name)
    block, columns = choose_block(first, reading.columns, report, book["left"])
    layout = find_layout([block.cut(row) for row in first], reading.header, reading.header_rows)
    tell_sheets(book, report)
    tell_merged(book["merged"], layout, report)
    tabulation = Tabulation(layout, report, ";", reading.footer)
    raw = tabulation.read(told(chain(head, rows), block, layout, report))
    if raw.table.num_rows == 0:
        raise EmptyFile(name=source.name)
    used = {
        "sheet": book["sheet"],
        "header": layout.header,
        "header_rows": layout.titles,
        "footer": tabulation.footer,
        "columns": block.name(book["left"]),
    }
    headers = tuple(str(row) for row in (layout.header, *tabulation.tables))
    offers = {"sheet": tuple(book["sheets"]), "header": headers, "columns": columns}
    return Outcome(level_instants(raw), used, offers)


def level_instants(raw: RawTable) -> RawTable:
    """Return a table whose columns of instants write midnight too: libraries give a day for an instant at midnight."""
    table = raw.table
    for place, texts in enumerate(table.columns):
        days = pc.match_substring_regex(texts, DAY)
        if pc.any(days).as_py() and pc.any(pc.match_substring_regex(texts, INSTANT)).as_py():
            whole = pc.if_else(days, pc.binary_join_element_wise(texts, "00:00:00", " "), texts)
            table = table.set_column(place, table.schema.field(place), whole)
    return replace(raw, table=table)


def numbered(stream: BinaryIO) -> Iterator[tuple[int, list[str], list[tuple[int, str, str]]]]:
    """Yield the rows that the program wrote, with their numbers and what it tells of their cells."""
    number = 0
    while batch := marshal.load(stream):  # noqa: S302 (written by our own program)
        for texts, notes in batch:
            number += 1
            yield number, texts, notes


def told(
    rows: Iterator[tuple[int, list[str], list[tuple[int, str, str]]]], block: Block, layout: Layout, report: Report
) -> Iterator[Row]:
    """Yield the cells of one table row by row, and tell what was noticed of them."""
    names = name_fields(layout.labels)
    for number, texts, notes in rows:
        for place, text, reason in notes:
            if place >= block.first and (place < block.end or block == WHOLE):
                name = names[place - block.first] if place - block.first < len(names) else ""
                report.add(Problem(number, name, text, reason))
        yield number, block.cut(texts) if block != WHOLE else texts


def tell_sheets(book: Mapping[str, Any], report: Report) -> None:
    """Tell the sheets that are not read, the hidden ones apart."""
    others = {name: visible for name, visible in book["sheets"].items() if name != book["sheet"]}
    for name in (name for name, visible in others.items() if not visible):
        report.add(Problem(0, "", name, "hidden_sheet"))
    if shown := [name for name, visible in others.items() if visible]:
        report.add(Problem(0, "", ", ".join(shown), "other_sheets"))


def tell_merged(merged: list[list[int]], layout: Layout, report: Report) -> None:
    """Tell the merged cells of the rows of the table: only their first cell holds the value."""
    body = [area for area in merged if area[0] >= layout.first + layout.titles]
    for top, first, bottom, last in body[:SHOWN]:
        report.add(Problem(top + 1, "", f"{bottom - top + 1} × {last - first + 1}", "merged_cells"))


def inspect(source: Source, kind: str) -> Facts:
    """Unpack every part of a workbook once, counting its bytes, and return what they tell.

    Raises BrokenFile for declarations that no workbook needs (entities that grow), BrokenArchive and TooManyBytes.
    """
    facts = Facts()
    for member in source.members:
        if not member.lower().endswith((".xml", ".rels")):
            continue
        sheet, styles = member.startswith("xl/worksheets/"), member == "xl/styles.xml"
        before = b""
        for block in blocks_of(source.path, member, source.name):
            text = before + block
            if ENTITY.search(text):
                raise BrokenFile(name=source.name, format=kind, found="an entity declaration")
            if sheet:
                facts.size += len(block)
                facts.uncomputed = facts.uncomputed or UNCOMPUTED.search(text) is not None
                facts.faults = facts.faults or FAULT.search(text) is not None
            facts.padded = facts.padded or (styles and PADDED.search(text) is not None)
            facts.spaced = facts.spaced or (member == CONTENT and SPACED.search(text) is not None)
            before = block[-OVERLAP:]
    return facts


def tighten(source: Source, target: Path) -> None:
    """Write an ODS workbook without the spaces that some programs put between cells: its reader wants none."""
    with zipfile.ZipFile(source.path) as old, zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as new:
        new.writestr("mimetype", old.read("mimetype"))
        with new.open(CONTENT, "w") as out:
            rest = b""
            for block in blocks_of(source.path, CONTENT, source.name):
                text = SPACED.sub(rb"\1", rest + block)
                end = text.rfind(b"<table:") + 1
                out.write(text[: end - 1] if end else b"")
                rest = text[end - 1 :] if end else text
            out.write(SPACED.sub(rb"\1", rest))
        for member in source.members:
            if member.endswith(".xml") and member != CONTENT:
                new.writestr(member, old.read(member))


def holds(path: Path, part: bytes) -> bool:
    """Return whether a file holds some bytes."""
    before = b""
    with path.open("rb") as stream:
        while block := stream.read(BLOCK):
            if part in before + block:
                return True
            before = block[-len(part) :]
    return False


def kind_of(source: Source) -> str:
    """Return what a workbook is called; empty when the file is none."""
    if source.head.startswith(OLE):
        return "XLS"
    if any(member.startswith("xl/") for member in source.members):
        return "XLSB" if "xl/workbook.bin" in source.members else "XLSX"
    return "ODS" if "mimetype" in source.members and b"opendocument.spreadsheet" in source.head[:200] else ""


FORMAT = Format(
    name="workbook",
    label={"fr": "classeur (XLSX, XLS ou ODS)", "en": "workbook (XLSX, XLS or ODS)"},
    extensions=("xlsx", "xls", "ods", "xlsm", "xlsb", "xltx"),
    is_it=lambda source: kind_of(source) != "",
    read=read_workbook,
)
