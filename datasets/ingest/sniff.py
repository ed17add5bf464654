"""How a delimited text is written: its encoding, judged on every byte, its delimiter, its quotation marks."""

import codecs
import csv
import io
import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO

from datasets.errors import EmptyFile, NotText, UnknownOption
from datasets.ingest.encodings import ENCODINGS, find_single, is_mostly_utf_8, restore_bytes
from datasets.ingest.layout import FIRST
from datasets.ingest.options import Reading

if TYPE_CHECKING:
    from _csv import Reader

BLOCK = 1 << 20
HEAD = 1 << 18
CELL = 1 << 24
"""Characters of a cell at most."""
DELIMITERS = ";,\t|"
QUOTES = "\"'"
BOMS = ((codecs.BOM_UTF8, "utf-8"), (codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be"))
CONTROLS = bytes(sorted(set(range(32)) - set(b"\t\n\r\x0b\x0c\x1a\x1b")))
INVISIBLE = dict.fromkeys(CONTROLS)
BINARY = 0.01
"""Share of control characters over which a file is no text."""
ESCAPED = re.compile(rb'\\"[^;,\t|\r\n"]')
"""A quotation mark after a backslash that opens and closes nothing; two of them may be one that is doubled."""

SURELY, PERHAPS = ("\\",), ("", "\\")
"""What may escape quotation marks, the likeliest first."""


@dataclass(frozen=True)
class Survey:
    """What every byte of a text told.

    `skip` is the length of its byte-order marks, `lines` its count of line feeds, `tail` how many of them end it;
    it is `dirty` when it holds control characters, `mixed` when some bytes are of another encoding; `escapes` is
    what may stand before quotation marks inside cells, the likeliest first ("" where they are doubled).
    """

    encoding: str
    skip: int = 0
    lines: int = 0
    tail: int = 0
    dirty: bool = False
    mixed: bool = False
    escapes: tuple[str, ...] = ("",)


@dataclass(frozen=True)
class Dialect:
    """How the cells of a text are told apart; `escape` is empty when quotation marks are doubled instead."""

    delimiter: str
    quote: str = '"'
    escape: str = ""

    def read(self, lines: Iterable[str]) -> list[list[str]]:
        """Return the first rows of some text, blank ones included."""
        return list(islice(self.reader(lines), FIRST))

    def reader(self, lines: Iterable[str]) -> "Reader":
        """Return a reader of the rows of some lines."""
        csv.field_size_limit(CELL)
        escape = self.escape or None
        if not self.quote:
            return csv.reader(lines, delimiter=self.delimiter, escapechar=escape, quoting=csv.QUOTE_NONE)
        return csv.reader(lines, delimiter=self.delimiter, quotechar=self.quote, escapechar=escape)


def survey(path: Path, name: str, encoding: str = "") -> Survey:
    """Read every byte of a text; the `encoding` is found unless it is given.

    Raises NotText for a file that is not text, UnknownOption for an encoding that is not one of ENCODINGS.
    """
    if encoding and encoding not in ENCODINGS:
        raise UnknownOption(name="encoding", value=encoding)
    with path.open("rb") as stream:
        skip, stated = find_mark(stream)
        encoding = encoding or stated
        stream.seek(skip)
        is_utf_8, found = _read_all(stream, skip, encoding, name)
        if not encoding and not is_utf_8:
            stream.seek(skip)
            mixed = is_mostly_utf_8(stream)
            stream.seek(skip)
            encoding = "utf-8" if mixed else find_single(stream)
            return Survey(encoding, mixed=mixed, **found)
    if not is_utf_8 and encoding.startswith("utf-16"):
        raise NotText(name=name, offset=skip)
    return Survey(encoding or "utf-8", mixed=not is_utf_8, **found)


def find_mark(stream: BinaryIO) -> tuple[int, str]:
    """Return the length of the byte-order marks at the head (some files have two) and the encoding they state.

    UTF-16 without a mark is told by its zeros, that stand at every other byte.
    """
    head = stream.read(1 << 12)
    for mark, encoding in BOMS:
        skip = 0
        while head.startswith(mark, skip):
            skip += len(mark)
        if skip:
            return skip, encoding
    even, odd = head[::2].count(0) * 2, head[1::2].count(0) * 2
    if max(even, odd) > len(head) * 0.4 and min(even, odd) < len(head) * 0.1:
        return 0, "utf-16-le" if odd > even else "utf-16-be"
    return 0, ""


def _read_all(stream: BinaryIO, skip: int, encoding: str, name: str) -> tuple[bool, dict[str, Any]]:
    """Return whether a text is of its encoding (UTF-8 when there is none) and what its bytes tell."""
    wide = encoding.startswith("utf-16")
    decoder = codecs.getincrementaldecoder(encoding or "utf-8")()
    decodes, lines, tail, controls, size = True, 0, 0, 0, 0
    escapes: tuple[str, ...] = ("",)
    first_control = 0
    while block := stream.read(BLOCK):
        decodes = decodes and _decodes(decoder, block)
        lines += block.count(b"\n")
        bare = len(block.rstrip(b"\r\n"))
        tail = block.count(b"\n", bare) + (0 if bare else tail)
        if not wide and (strange := len(block) - len(block.translate(None, CONTROLS))):
            first_control = first_control or size + next(i for i, byte in enumerate(block) if byte in CONTROLS) + 1
            controls += strange
        if b"\\" in block and escapes != SURELY:
            escapes = SURELY if ESCAPED.search(block) else PERHAPS if b'\\""' in block else escapes
        size += len(block)
    if controls > max(BINARY * size, 2):
        raise NotText(name=name, offset=skip + first_control - 1)
    decodes = decodes and _decodes(decoder, b"", final=True)
    found = {"skip": skip, "lines": lines, "tail": tail, "dirty": controls > 0, "escapes": escapes}
    return decodes, found


def read_head(path: Path, found: Survey, name: str) -> str:
    """Return the first characters of a text, cut at the end of a line. Raises EmptyFile when there are none."""
    with path.open("rb") as stream:
        stream.seek(found.skip)
        head = restore_bytes(stream.read(HEAD).decode(found.encoding, "surrogateescape" if found.mixed else "ignore"))
    head = head.translate(INVISIBLE)
    if not head.strip():
        raise EmptyFile(name=name)
    return head.rpartition("\n")[0] or head if len(head) >= HEAD // 4 else head


def find_dialect(head: str, found: Survey, reading: Reading) -> Dialect:
    """Return how the cells of a text are told apart: what is given is not looked for.

    The delimiter is the one that cuts the first lines most evenly, into the most cells. Raises UnknownOption for a
    delimiter or a quotation mark that is not one character.
    """
    for option in ("delimiter", "quote", "escape"):
        if len(getattr(reading, option) or "") > 1:
            raise UnknownOption(name=option, value=getattr(reading, option))
    escapes = found.escapes if reading.escape is None else [reading.escape]
    quotes = QUOTES if reading.quote is None else [reading.quote]
    delimiters = reading.delimiter or DELIMITERS
    dialects = [Dialect(one, quote, escape) for escape in escapes for one in delimiters for quote in quotes]
    return max(dialects, key=lambda dialect: _evenness(head, dialect))


def _evenness(head: str, dialect: Dialect) -> tuple[float, int]:
    """Return how well a dialect cuts the first lines: how evenly, then into how many cells."""
    if dialect.quote == "'" and not _is_quoted(head, dialect.delimiter):
        return -1.0, 0
    try:
        rows = [len(row) for row in dialect.read(io.StringIO(head, newline="")) if row]
    except csv.Error:
        return -1.0, 0
    width, count = Counter(rows).most_common(1)[0] if rows else (1, 0)
    titled = bool(rows) and rows[0] == width
    return (count / len(rows) + titled if width > 1 else 0.0, width)


def _is_quoted(head: str, delimiter: str) -> bool:
    """Return whether apostrophes open and close cells, and quotation marks do not."""
    around = re.escape(delimiter)
    opened = len(re.findall(rf"(?m)(?:^|{around})'", head))
    closed = len(re.findall(rf"(?m)'(?:{around}|\r?$)", head))
    return opened > 2 and opened == closed and not re.search(rf'(?m)(?:^|{around})"', head)


def _decodes(decoder: codecs.IncrementalDecoder, block: bytes, final: bool = False) -> bool:
    try:
        decoder.decode(block, final)
    except UnicodeDecodeError:
        return False
    return True
