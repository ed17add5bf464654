"""CSV files of programming records become batches of texts: encoding, header, and only the columns asked for."""

import codecs
import csv
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import BinaryIO

import pyarrow as pa
import pyarrow.csv

from datasets.errors import EmptyTable, MissingColumn, MissingTable, UnclosedQuote, UnreadableTable

BLOCK = 128 << 20
"""Bytes read at once: bounds the memory; each block looks its references up anew, so blocks are large."""

PIECE = 1 << 20
"""Bytes decoded at once while the encoding is sought."""

UNASSIGNED = b"\x81\x8d\x8f\x90\x9d"
"""Bytes that Windows-1252 does not define."""

Notify = Callable[[int], None]


def detect_encoding(path: Path) -> tuple[str, int]:
    """Return the encoding of a text (utf-8, windows-1252 or iso-8859-1) and the bytes of its byte-order marks.

    The whole file is read: a single accent at its end decides. Raise UnreadableTable for what is not such a text.
    """
    with path.open("rb") as file:
        start = file.read(4096)
        marks = len(start) - len(_without_marks(start))
        if start.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)) or b"\0" in start:
            raise UnreadableTable(where=path.name, found="UTF-16 / NUL", expected="UTF-8")
        file.seek(marks)
        if _is_utf8(file):
            return "utf-8", marks
        file.seek(marks)
        high = {byte for piece in iter(lambda: file.read(PIECE), b"") for byte in set(piece) if 0x80 <= byte < 0xA0}
    return ("windows-1252" if high and not high & set(UNASSIGNED) else "iso-8859-1"), marks


def _is_utf8(file: BinaryIO) -> bool:
    decoder = codecs.getincrementaldecoder("utf-8")()
    try:
        for piece in iter(lambda: file.read(PIECE), b""):
            decoder.decode(piece)
        decoder.decode(b"", True)
    except UnicodeDecodeError:
        return False
    return True


def _without_marks(start: bytes) -> bytes:
    while start.startswith(codecs.BOM_UTF8):
        start = start.removeprefix(codecs.BOM_UTF8)
    return start


def open_table(
    folder: Path, table: str, columns: Sequence[str], malformed: Notify
) -> tuple[str, Iterator[pa.RecordBatch]]:
    """Return the encoding of folder/table.csv and its batches of texts, an empty cell being null.

    `malformed` receives the number of each line with a wrong number of cells, which is skipped. Raise MissingTable,
    EmptyTable, MissingColumn, UnreadableTable, or UnclosedQuote at the end.
    """
    path = folder / f"{table}.csv"
    if not path.is_file():
        present = ", ".join(sorted(each.name for each in folder.glob("*.csv")))
        raise MissingTable(where=str(folder), found=present or "∅", name=path.name)
    encoding, marks = detect_encoding(path)
    header, delimiter = _read_header(path, encoding, marks)
    missing = [column for column in columns if column not in header]
    if missing:
        raise MissingColumn(where=path.name, found=", ".join(header), expected=", ".join(missing))
    return encoding, _read_batches(path, encoding, marks, (header, delimiter), columns, malformed)


def _read_header(path: Path, encoding: str, marks: int) -> tuple[list[str], str]:
    with path.open("rb") as file:
        file.seek(marks)
        line = file.readline(1 << 16).decode(encoding).strip("\r\n")
    if not line.strip():
        raise EmptyTable(where=path.name)
    delimiter = max(",;\t", key=line.count)
    return [name.strip() for name in next(csv.reader([line], delimiter=delimiter))], delimiter


def _read_batches(
    path: Path, encoding: str, marks: int, form: tuple[list[str], str], columns: Sequence[str], malformed: Notify
) -> Iterator[pa.RecordBatch]:
    swallowed: list[int] = []

    def skip(row: pyarrow.csv.InvalidRow) -> str:
        if "\n" in row.text.strip():
            swallowed.append(row.number or 0)
        malformed(row.number or 0)
        return "skip"

    header, delimiter = form
    with path.open("rb") as file:
        file.seek(marks)
        try:
            yield from pyarrow.csv.open_csv(
                pa.PythonFile(file, mode="r"),
                pyarrow.csv.ReadOptions(
                    block_size=BLOCK, encoding=encoding, use_threads=False, column_names=header, skip_rows=1
                ),
                pyarrow.csv.ParseOptions(delimiter=delimiter, newlines_in_values=True, invalid_row_handler=skip),
                pyarrow.csv.ConvertOptions(
                    include_columns=list(columns),
                    column_types=dict.fromkeys(columns, pa.string()),
                    null_values=[""],
                    strings_can_be_null=True,
                ),
            )
        except (pa.ArrowInvalid, UnicodeDecodeError) as error:
            told = str(error).split(":")[0]  # the rest may quote the row
            raise UnreadableTable(where=path.name, found=told, expected="CSV") from error
    if swallowed:
        raise UnclosedQuote(name=path.name, row=swallowed[0])
