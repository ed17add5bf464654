"""Spreadsheets of Office Open XML (ECMA-376): xlsx, written forwards with typed cells.

A sheet holds MOST_ROWS lines: what is beyond goes to the next sheet, under the same headings. What a cell cannot hold
as a number or a date (integers beyond 2^53, days before March 1900) is text; a text beyond MOST_UNITS is cut.
"""

from collections.abc import Iterable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from typing import IO, Literal
from zipfile import ZIP_DEFLATED, ZipFile

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from datasets.model import Field, Schema
from exports.exporter import ExportOptions, headings, join_rows, pieces
from exports.markup import FORBIDDEN, HEADER, xml_text, xml_texts
from exports.sink import Sink
from exports.values import cell_texts, local_seconds
from exports.workbook import MAIN, SHEET_TYPE, STYLES, first_part, parts_of

MOST_ROWS = 1_048_576
MOST_BYTES = 2**30
"""How long a sheet may grow: its lines, its XML (beyond 2 GiB a ZIP needs a form that old readers do not know)."""

MOST_UNITS = 32_767
"""How many UTF-16 units a cell holds."""

LEVEL = 1
EXACT = 2**53
EPOCH = 25_569
FIRST_DAY, LAST_DAY = 61, 2_958_465
"""Days of a spreadsheet: 1970-01-01; those that every reader counts alike (it believes in 29 February 1900)."""


@dataclass(frozen=True)
class Spreadsheet:
    """Writes one sheet, or several for more rows than a sheet holds."""

    name: str = "xlsx"
    extension: str = "xlsx"
    media_type: str = f"{SHEET_TYPE}.sheet"
    geometry: Literal["geojson", "wkb"] = "geojson"
    needs_geometry: bool = False
    needs_date: bool = False

    def write(self, schema: Schema, batches: Iterable[pa.RecordBatch], options: ExportOptions) -> Iterator[bytes]:
        """Yield the sheets as they fill, then the parts that name them."""
        sink = Sink()
        with ZipFile(sink, "w", ZIP_DEFLATED, compresslevel=LEVEL) as archive, ExitStack() as parts:
            name, text = first_part()
            archive.writestr(name, HEADER + text)
            sheets = 1
            sheet = _Sheet(parts.enter_context(_open_part(archive, sheets)), schema, options)
            yield sink.take()
            for piece in pieces(batches):
                if not sheet.takes(piece):
                    sheet.close()
                    sheets += 1
                    sheet = _Sheet(parts.enter_context(_open_part(archive, sheets)), schema, options)
                sheet.add(piece)
                yield sink.take()
            sheet.close()
            for name, text in parts_of(sheets, options.lang):
                archive.writestr(name, HEADER + text)
        yield sink.take()


class _Sheet:
    """A sheet that is being written."""

    def __init__(self, part: IO[bytes], schema: Schema, options: ExportOptions) -> None:
        self._part = part
        self._schema, self._options = schema, options
        self._letters = [_letters(place) for place in range(len(schema))]
        self._rows, self._size = 1, 0
        titles = (
            f'<c r="{letters}1" s="{STYLES["heading"]}" t="inlineStr"><is><t xml:space="preserve">'
            f"{xml_text(title)}</t></is></c>"
            for letters, title in zip(self._letters, headings(schema, options), strict=True)
        )
        self._write(
            f'{HEADER}<worksheet {MAIN}><sheetViews><sheetView workbookViewId="0"><pane ySplit="1" topLeftCell="A2" '
            'activePane="bottomLeft" state="frozen"/></sheetView></sheetViews>'
            f'<sheetData><row r="1">{"".join(titles)}</row>'.encode()
        )

    def takes(self, piece: pa.RecordBatch) -> bool:
        """Tell whether the sheet has room for `piece`."""
        return self._rows + len(piece) <= MOST_ROWS and self._size < MOST_BYTES

    def add(self, piece: pa.RecordBatch) -> None:
        """Write the lines of `piece`."""
        numbers = pa.array(np.arange(self._rows + 1, self._rows + 1 + len(piece))).cast(pa.string())
        cells: list[str | pa.Array] = []
        for letters, field, column in zip(self._letters, self._schema, piece.columns, strict=True):
            cells.append(_cells(_join(f'<c r="{letters}', numbers), column, field, self._options))
        self._write(join_rows(['<row r="', numbers, '">', *cells, "</row>"]))
        self._rows += len(piece)

    def close(self) -> None:
        """End the sheet."""
        self._write(b"</sheetData></worksheet>")
        self._part.close()

    def _write(self, data: bytes) -> None:
        self._part.write(data)
        self._size += len(data)


def _open_part(archive: ZipFile, number: int) -> IO[bytes]:
    return archive.open(f"xl/worksheets/sheet{number}.xml", "w")


def _cells(start: pa.Array, column: pa.Array, field: Field, options: ExportOptions) -> pa.Array:
    """Return the cell of each value, each beginning by its `start`; nothing for a null."""
    texts = pc.if_else(pc.is_valid(column), cell_texts(column, field, options), pa.scalar(None, pa.string()))
    number, style = _numbers(column, field, texts, options)
    written = _join(start, '" t="inlineStr"><is><t xml:space="preserve">', _strings(texts), "</t></is></c>")
    if number is not None:
        written = pc.coalesce(_join(start, f'"{style}><v>', number, "</v></c>"), written)
    return pc.fill_null(written, "")


def _numbers(column: pa.Array, field: Field, texts: pa.Array, options: ExportOptions) -> tuple[pa.Array | None, str]:
    """Return the number of each cell, null where there is none, and the attributes that all share."""
    if field.multivalued or pa.types.is_null(column.type):
        return None, ""
    if field.type in ("int", "double"):
        return (exact_integers(column, texts) if field.type == "int" else texts), ""
    if field.type == "boolean":
        return pc.if_else(column, "1", "0"), ' t="b"'
    if field.type == "date" and not pa.types.is_timestamp(column.type):
        days = pc.add(column.cast(pa.int32()).cast(pa.int64()), EPOCH)
        style = str(field.annotations.get("timeserie_precision"))
        return _days(days, days), f' s="{STYLES.get(style, STYLES["date"])}"'
    if field.type in ("date", "datetime"):
        days = pc.add(pc.divide(local_seconds(column, options).cast(pa.float64()), 86_400.0), float(EPOCH))
        return _days(days, days), f' s="{STYLES["datetime"]}"'
    return None, ""


def exact_integers(column: pa.Array, texts: pa.Array) -> pa.Array:
    """Return the texts of the integers that a double holds exactly, null for the others."""
    inside = pc.and_(pc.less_equal(column, EXACT), pc.greater_equal(column, -EXACT))
    return pc.if_else(inside, texts, pa.scalar(None, pa.string()))


def _days(days: pa.Array, values: pa.Array) -> pa.Array:
    inside = pc.and_(pc.greater_equal(days, FIRST_DAY), pc.less(days, LAST_DAY + 1))
    return pc.if_else(inside, values.cast(pa.string()), pa.scalar(None, pa.string()))


def _strings(texts: pa.Array) -> pa.Array:
    """Return texts as a cell holds them: cut, and with the escapes of ECMA-376 for what XML cannot hold."""
    if pc.any(pc.greater(pc.utf8_length(texts), MOST_UNITS // 2)).as_py():
        texts = pa.array([text and _cut(text) for text in texts.to_pylist()], pa.string())
    if pc.any(pc.match_substring_regex(texts, "_x[0-9A-Fa-f]{4}")).as_py():
        texts = pc.replace_substring_regex(texts, "_(x[0-9A-Fa-f]{4})", r"_x005F_\1")
    if pc.any(pc.match_substring_regex(texts, FORBIDDEN)).as_py():
        for code in (*range(0x20), 0xFFFE, 0xFFFF):
            if chr(code) not in "\t\n\r":
                texts = pc.replace_substring(texts, chr(code), f"_x{code:04X}_")
    return xml_texts(texts)


def _cut(text: str) -> str:
    units = text.encode("utf-16-le")
    if len(units) <= 2 * MOST_UNITS:
        return text
    return units[: 2 * (MOST_UNITS - 1)].decode("utf-16-le", "ignore") + "…"


def _letters(place: int) -> str:
    """Return the letters of a column: A to Z, AA…"""
    before, last = divmod(place, 26)
    return (_letters(before - 1) if before else "") + chr(ord("A") + last)


def _join(*parts: str | pa.Array) -> pa.Array:
    return pc.binary_join_element_wise(*parts, "")
