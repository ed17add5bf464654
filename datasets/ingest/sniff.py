"""What a file is before it is read: its kind, encoding, delimiter and titles. The encoding is checked on every byte."""

import codecs
import csv
import io
import re
from collections import Counter
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import BinaryIO

import pyarrow as pa
import pyarrow.compute as pc

from datasets.errors import EmptyFile, NotText
from datasets.types import TYPES

JSON = re.compile(r"\s*(?:\{\s*[\"}]|\[\s*[\[{\"\d\]-])")
BLOCK = 1 << 20
HEAD = 1 << 18
FIRST = 200
CELL = 1 << 30
DELIMITERS = ";,\t|"
BOMS = ((codecs.BOM_UTF8, "utf-8"), (codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be"))
UNDEFINED_1252 = bytes((0x81, 0x8D, 0x8F, 0x90, 0x9D))
BINARY = frozenset(range(32)) - frozenset(b"\t\n\r\x0b\x0c\x1a\x1b")
DATA_TYPES = ("year", "integer", "decimal", "date", "month", "datetime", "email", "url", "geo_point")


@dataclass(frozen=True)
class Dialect:
    """How a file is written.

    `skip` is the length of its byte-order marks, `preamble` its count of rows before the titles, `lines` its count
    of line feeds.
    """

    kind: str
    encoding: str
    skip: int = 0
    delimiter: str = ","
    has_header: bool = True
    preamble: int = 0
    lines: int = 0
    ends_with_line: bool = True


def sniff(path: Path, name: str | None = None) -> Dialect:
    """Return the dialect of the file at `path`; `name` is the one that people know it by.

    Raises EmptyFile, and NotText for binary files and NUL bytes.
    """
    name = name or path.name
    with path.open("rb") as stream:
        skip, encoding = find_bom(stream)
        stream.seek(skip)
        encoding, lines, ends = check_encoding(stream, encoding, name, skip)
        stream.seek(skip)
        head = stream.read(HEAD).decode(encoding, errors="ignore")
    if not head.strip():
        raise EmptyFile(name=name)
    if JSON.match(head):
        return Dialect("geojson", encoding, skip)
    if len(head) >= HEAD // 4:
        head = head.rpartition("\n")[0] or head
    delimiter = find_delimiter(head)
    rows = read_rows(head, delimiter)
    preamble = find_preamble(rows)
    return Dialect("csv", encoding, skip, delimiter, find_header(rows[preamble:]), preamble, lines, ends)


def find_bom(stream: BinaryIO) -> tuple[int, str | None]:
    """Return the length of the byte-order marks at the head (some files have two) and the encoding they state."""
    head = stream.read(64)
    for mark, encoding in BOMS:
        skip = 0
        while head.startswith(mark, skip):
            skip += len(mark)
        if skip:
            return skip, encoding
    return 0, None


def check_encoding(stream: BinaryIO, stated: str | None, name: str, offset: int) -> tuple[str, int, bool]:
    """Read every byte; return the encoding, the count of line feeds, and whether the file ends with one.

    UTF-8 when all of it is, else Windows-1252, else ISO-8859-1. Raises NotText at the first binary byte.
    """
    decoder = codecs.getincrementaldecoder(stated or "utf-8")()
    wide = (stated or "").startswith("utf-16")
    is_stated, is_1252, lines, last = True, True, 0, b"\n"
    while block := stream.read(BLOCK):
        if not wide:
            refuse_binary(block, name, offset)
        is_stated = is_stated and _decodes(decoder, block)
        is_1252 = is_1252 and block.translate(None, UNDEFINED_1252) == block
        lines += block.count(b"\n")
        last = block[-1:]
        offset += len(block)
    if is_stated and _decodes(decoder, b"", final=True):
        return stated or "utf-8", lines, last == b"\n"
    if wide:
        raise NotText(name=name, offset=0)
    return "cp1252" if is_1252 else "iso-8859-1", lines, last == b"\n"


def refuse_binary(block: bytes, name: str, offset: int) -> None:
    """Raise NotText when a block holds a NUL or another byte that no text has."""
    if len(block.translate(None, bytes(BINARY))) != len(block):
        position = next(i for i, byte in enumerate(block) if byte in BINARY)
        raise NotText(name=name, offset=offset + position)


def find_delimiter(head: str) -> str:
    """Return the delimiter that cuts the first lines most evenly, into the most cells."""

    def evenness(delimiter: str) -> tuple[float, int]:
        rows = [len(row) for row in read_rows(head, delimiter) if row]
        width, count = Counter(rows).most_common(1)[0] if rows else (1, 0)
        titled = rows and rows[0] == width
        return (count / len(rows) + bool(titled) if width > 1 else 0.0, width)

    return max(DELIMITERS, key=evenness)


def read_rows(head: str, delimiter: str) -> list[list[str]]:
    """Return the first rows of a file, blank ones included."""
    csv.field_size_limit(CELL)
    return list(islice(csv.reader(io.StringIO(head, newline=""), delimiter=delimiter), FIRST))


def find_preamble(rows: list[list[str]]) -> int:
    """Return how many rows come before the titles: those with one cell at most, in a table that has several."""
    width = Counter(sum(map(bool, row)) for row in rows if any(row)).most_common(1)
    if not width or width[0][0] < 2:
        return next((i for i, row in enumerate(rows) if row), 0)
    return next((i for i, row in enumerate(rows) if sum(map(bool, row)) > 1), 0)


def find_header(rows: list[list[str]]) -> bool:
    """Return whether the first row holds titles: it does unless it looks like the rows below it.

    A column speaks against titles when its first cell and all the next ones are numbers, dates or addresses,
    and for titles when only the next ones are, or when a year stands above numbers that are not.
    """
    rows = [row for row in rows if any(row)][:50]
    if len(rows) < 2:
        return True
    looks_like_data = False
    for first, *below in zip(*rows, strict=False):
        kinds = _data_kinds([cell for cell in below if cell.strip()])
        above = _data_kinds([first])
        if kinds and (not kinds & above or ("year" in above and "year" not in kinds)):
            return True
        looks_like_data = looks_like_data or bool(kinds)
    return not looks_like_data


def _data_kinds(cells: list[str]) -> set[str]:
    column = pa.array(cells, pa.string())
    return {name for name in DATA_TYPES if cells and pc.all(TYPES[name].matches(column)).as_py()}


def _decodes(decoder: codecs.IncrementalDecoder, block: bytes, final: bool = False) -> bool:
    try:
        decoder.decode(block, final)
    except UnicodeDecodeError:
        return False
    return True
