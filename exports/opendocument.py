"""Spreadsheets of OpenDocument 1.3 (ISO 26300): ods, written forwards with typed cells.

A sheet holds MOST_ROWS lines: what is beyond goes to the next sheet, under the same headings. Dates are ISO texts with
a type, so all of them are dates; integers beyond 2^53 are text, as spreadsheets count in doubles.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Literal
from zipfile import ZIP_DEFLATED, ZIP_STORED, ZipFile

import pyarrow as pa
import pyarrow.compute as pc

from datasets.errors import LimitExceeded, Phrase
from datasets.model import Field, Schema
from exports.exporter import ExportOptions, headings, join_rows, pieces
from exports.markup import HEADER, xml_attribute, xml_texts
from exports.sink import Sink
from exports.spreadsheet import LEVEL, MOST_ROWS, exact_integers
from exports.values import cell_texts, local_seconds
from exports.workbook import sheet_name

MOST_BYTES = 2**31 - 1
"""How long the XML of all sheets may be: beyond, a ZIP needs the form that old readers do not know."""

NAMES = "urn:oasis:names:tc:opendocument:xmlns"
MEDIA_TYPE = "application/vnd.oasis.opendocument.spreadsheet"
OPENING = (
    f'{HEADER}<office:document-content xmlns:office="{NAMES}:office:1.0" xmlns:table="{NAMES}:table:1.0" '
    f'xmlns:text="{NAMES}:text:1.0" office:version="1.3"><office:body><office:spreadsheet>'
)
CLOSING = "</table:table></office:spreadsheet></office:body></office:document-content>"
MANIFEST = (
    f'{HEADER}<manifest:manifest xmlns:manifest="{NAMES}:manifest:1.0" manifest:version="1.3">'
    f'<manifest:file-entry manifest:full-path="/" manifest:media-type="{MEDIA_TYPE}"/>'
    '<manifest:file-entry manifest:full-path="content.xml" manifest:media-type="text/xml"/></manifest:manifest>'
)
EMPTY = "<table:table-cell/>"
SIZE = Phrase("size of an ods file", "taille d’un fichier ods")


@dataclass(frozen=True)
class OpenDocument:
    """Writes one table, or several for more rows than a sheet holds."""

    name: str = "ods"
    extension: str = "ods"
    media_type: str = MEDIA_TYPE
    geometry: Literal["geojson", "wkb"] = "geojson"
    needs_geometry: bool = False
    needs_date: bool = False

    def write(self, schema: Schema, batches: Iterable[pa.RecordBatch], options: ExportOptions) -> Iterator[bytes]:
        """Yield the tables as they fill, then the manifest. Raises LimitExceeded beyond MOST_BYTES."""
        sink, size = Sink(), 0
        with ZipFile(sink, "w", ZIP_DEFLATED, compresslevel=LEVEL) as archive:
            archive.writestr("mimetype", MEDIA_TYPE, ZIP_STORED)
            with archive.open("content.xml", "w") as part:
                for text in _tables(schema, batches, options):
                    size += len(text)
                    if size > MOST_BYTES:
                        raise LimitExceeded(what=SIZE, limit="2 GB")
                    part.write(text)
                    yield sink.take()
            archive.writestr("META-INF/manifest.xml", MANIFEST)
        yield sink.take()


def _tables(schema: Schema, batches: Iterable[pa.RecordBatch], options: ExportOptions) -> Iterator[bytes]:
    titles = join_rows([_text_cells(pa.array([title])) for title in headings(schema, options)] or [pa.array([""])])
    heading = b"<table:table-row>" + titles + b"</table:table-row>"
    sheet, rows = 1, 1
    yield f"{OPENING}<table:table table:name={_name(sheet, options)}>".encode() + heading
    for piece in pieces(batches):
        if rows + len(piece) > MOST_ROWS:
            sheet, rows = sheet + 1, 1
            yield f"</table:table><table:table table:name={_name(sheet, options)}>".encode() + heading
        cells = [_cells(column, field, options) for column, field in zip(piece.columns, schema, strict=True)]
        yield join_rows(["<table:table-row>", *cells, "</table:table-row>"])
        rows += len(piece)
    yield CLOSING.encode()


def _name(sheet: int, options: ExportOptions) -> str:
    return xml_attribute(sheet_name(sheet, options.lang))


def _cells(column: pa.Array, field: Field, options: ExportOptions) -> pa.Array:
    texts = pc.if_else(pc.is_valid(column), cell_texts(column, field, options), pa.scalar(None, pa.string()))
    cells = _typed_cells(column, field, texts, options)
    written = _text_cells(texts) if cells is None else pc.coalesce(cells, _text_cells(texts))
    return pc.fill_null(written, EMPTY)


def _typed_cells(column: pa.Array, field: Field, texts: pa.Array, options: ExportOptions) -> pa.Array | None:
    """Return the cells that are numbers, booleans or dates, null where there is none."""
    if field.multivalued or pa.types.is_null(column.type):
        return None
    if field.type in ("int", "double"):
        numbers = exact_integers(column, texts) if field.type == "int" else texts
        return _valued("float", "value", numbers, texts)
    if field.type == "boolean":
        return _valued("boolean", "boolean-value", pc.utf8_lower(texts), texts)
    if field.type == "date" and not pa.types.is_timestamp(column.type):
        return _valued("date", "date-value", column.cast(pa.string()), texts)
    if field.type in ("date", "datetime"):
        clock = local_seconds(column, options).cast(pa.timestamp("s")).cast(pa.string())
        return _valued("date", "date-value", pc.replace_substring(clock, " ", "T"), texts)
    return None


def _valued(kind: str, attribute: str, values: pa.Array, shown: pa.Array) -> pa.Array:
    start = f'<table:table-cell office:value-type="{kind}" office:{attribute}="'
    return _join(start, values, '"><text:p>', shown, "</text:p></table:table-cell>")


def _text_cells(texts: pa.Array) -> pa.Array:
    """Return cells of text: a paragraph for each line, and elements for the tabs and spaces that XML would join."""
    texts = xml_texts(texts)
    if pc.any(pc.match_substring_regex(texts, "[\t\n]|^ | $|  ")).as_py():
        spaced = pc.match_substring_regex(texts, "(^|[\t\n ]) | ([\t\n]|$)")
        texts = pc.if_else(spaced, pc.replace_substring(texts, " ", "<text:s/>"), texts)
        texts = pc.replace_substring(texts, "\t", "<text:tab/>")
        texts = pc.replace_substring(texts, "\n", "</text:p><text:p>")
    return _join('<table:table-cell office:value-type="string"><text:p>', texts, "</text:p></table:table-cell>")


def _join(*parts: str | pa.Array) -> pa.Array:
    return pc.binary_join_element_wise(*parts, "")
