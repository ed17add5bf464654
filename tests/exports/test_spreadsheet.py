"""Spreadsheets: xlsx read by openpyxl, ods by GDAL and as XML; numbers and dates are such, texts are whole."""

import io
import re
import zipfile
from datetime import datetime
from pathlib import Path
from xml.etree import ElementTree

import openpyxl
import pyarrow as pa
import pyogrio
import pytest

from datasets.errors import LimitExceeded
from datasets.model import Field, Schema
from exports import EXPORTERS, ExportOptions, opendocument, spreadsheet
from tests.exports.hostile import ROWS, SCHEMA, written

moment = datetime.fromisoformat
TEXTS = Schema((Field("a", "text"),))
TABLE = "{urn:oasis:names:tc:opendocument:xmlns:table:1.0}"
TEXT = "{urn:oasis:names:tc:opendocument:xmlns:text:1.0}"
OFFICE = "{urn:oasis:names:tc:opendocument:xmlns:office:1.0}"


def of(name: str, schema: Schema, batches: list[pa.RecordBatch], **options) -> bytes:
    return b"".join(EXPORTERS[name].write(schema, batches, ExportOptions(**options)))


def sheets(data: bytes) -> dict[str, list[tuple]]:
    """The sheets of an xlsx file, as the values of their lines."""
    book = openpyxl.load_workbook(io.BytesIO(data))
    return {sheet.title: [tuple(cell.value for cell in line) for line in sheet.iter_rows()] for sheet in book}


def unescaped(text: str | None) -> str | None:
    """A text as ECMA-376 reads it (ST_Xstring), which openpyxl leaves to its callers for texts inside cells."""
    return text and re.sub("_x([0-9A-Fa-f]{4})_", lambda found: chr(int(found[1], 16)), text)


def cells_of_ods(data: bytes) -> dict[str, list[list[tuple[str | None, str]]]]:
    """The tables of an ods file: for each cell its kind and its text, or its value when it has one."""
    root = ElementTree.fromstring(zipfile.ZipFile(io.BytesIO(data)).read("content.xml"))
    return {
        table.get(f"{TABLE}name"): [[read_cell(cell) for cell in row] for row in table.iter(f"{TABLE}table-row")]
        for table in root.iter(f"{TABLE}table")
    }


def texts_of_ods(data: bytes) -> dict[str, list[tuple]]:
    """The tables of an ods file, as the texts of their lines."""
    return {title: [tuple(text for _, text in row) for row in rows] for title, rows in cells_of_ods(data).items()}


READERS = {"xlsx": sheets, "ods": texts_of_ods}


def read_cell(cell: ElementTree.Element) -> tuple[str | None, str]:
    value = next(
        (cell.get(f"{OFFICE}{k}") for k in ("value", "date-value", "boolean-value") if cell.get(f"{OFFICE}{k}")), None
    )
    return cell.get(f"{OFFICE}value-type"), value or "\n".join(map(read_paragraph, cell))


def read_paragraph(element: ElementTree.Element) -> str:
    inside = {f"{TEXT}s": " ", f"{TEXT}tab": "\t"}
    parts = [part for child in element for part in (inside[child.tag], child.tail or "")]
    return (element.text or "") + "".join(parts)


def test_numbers_and_dates_of_xlsx_are_typed():
    """openpyxl finds integers, doubles, booleans and dates; what no cell can hold as such is its text."""
    [lines] = sheets(written("xlsx", batches=2)).values()
    full = dict(zip(lines[0], lines[1], strict=True))
    assert lines[0] == SCHEMA.names
    assert (full["32"], full["oui"], full["mois"]) == (1e-7, True, moment("2024-05-01T00:00"))
    assert (full["OGC_FID"], full["jour"], full["an"]) == (str(2**53 + 1), "1900-01-01", "0987")
    assert full["heure"] == "1789-07-14T08:30:59+00:00"
    assert (full["labels"], full["geometry"]) == ("a;b,c,d,", "43.6465, 0.5863")
    assert lines[2] == (None,) * len(SCHEMA)
    columns = dict(zip(lines[0], zip(*lines[1:], strict=True), strict=True))
    assert columns["OGC_FID"][2:5] == (str(-(2**63)), 2**53, -5)
    assert columns["32"][2:] == (0, 1e300, None, -72.48, None, None)
    assert columns["jour"][3:5] == (moment("9999-12-31T00:00"), moment("1900-03-01T00:00"))
    assert columns["heure"][5] == moment("2024-03-31T01:00")


@pytest.mark.parametrize("name", ["xlsx", "ods"])
def test_texts_come_back_whole(name, a_batch):
    """Accents, emoji, markup, formulas, spaces, tabs and line breaks are the text of the cell, never anything else."""
    texts = [row["texte"] for row in ROWS if row.get("texte")]
    texts += ["  a   b ", "\ta\t b", "\n\n", " \n ", "=1+1", "_x0041_x0042_", "&amp;", "a\r\nb", "\r"]
    data = of(name, TEXTS, [a_batch(TEXTS, [{"a": text} for text in texts])])
    if name == "xlsx":
        [lines] = sheets(data).values()
        assert [unescaped(line[0]) for line in lines[1:]] == texts
    else:
        [rows] = cells_of_ods(data).values()
        assert rows[1:] == [[("string", text)] for text in texts]


def test_what_xml_cannot_hold_is_escaped_or_replaced(a_batch):
    """Control characters are escaped in xlsx, as its readers expect, and are replacement characters in ods."""
    bell = [{"a": "".join(map(chr, range(1, 32))) + "\x00\ufffe"}]
    [lines] = sheets(of("xlsx", TEXTS, [a_batch(TEXTS, bell)])).values()
    assert unescaped(lines[1][0]) == bell[0]["a"]
    [rows] = cells_of_ods(of("ods", TEXTS, [a_batch(TEXTS, bell)])).values()
    assert rows[1][0][1].replace("\ufffd", "") == "\t\n\r"


def test_the_time_zone_is_that_of_the_clock():
    """A spreadsheet knows no offset: its instants are the clock time of `timezone`."""
    [lines] = sheets(written("xlsx", timezone="Europe/Paris")).values()
    assert lines[6][SCHEMA.names.index("heure")] == moment("2024-03-31T03:00")
    [rows] = cells_of_ods(written("ods", timezone="Europe/Paris")).values()
    assert rows[6][SCHEMA.names.index("heure")] == ("date", "2024-03-31T03:00:00")


def test_labels_name_the_columns():
    """`use_labels` gives the labels of the language asked, equal ones with the name beside."""
    [lines] = sheets(written("xlsx", use_labels=True, lang="fr")).values()
    assert lines[0][:3] == ("Un texte & « co »", "Nom (nom de la commune é)", "Nom (nom de la commune è)")
    [rows] = cells_of_ods(written("ods", use_labels=True, lang="en")).values()
    assert rows[0][0] == ("string", "A text")


def test_ods_keeps_every_date():
    """ods cells are dates before 1900 too; integers that a double cannot hold are text."""
    [rows] = cells_of_ods(written("ods")).values()
    full = dict(zip(SCHEMA.names, rows[1], strict=True))
    assert full["jour"] == ("date", "1900-01-01")
    assert full["an"] == ("date", "0987-01-01")
    assert full["heure"] == ("date", "1789-07-14T08:30:59")
    assert full["OGC_FID"] == ("string", str(2**53 + 1))
    assert (full["32"], full["oui"]) == (("float", "1e-7"), ("boolean", "true"))
    assert rows[2] == [(None, "")] * len(SCHEMA)


@pytest.mark.parametrize("name", ["xlsx", "ods"])
def test_gdal_reads_the_sheet(name, tmp_path: Path):
    """A reader of another house finds the lines and the columns."""
    path = tmp_path / f"x.{name}"
    path.write_bytes(written(name))
    _, table = pyogrio.raw.read_arrow(path)
    assert table.column_names == list(SCHEMA.names)
    assert table["nom de la commune é"].to_pylist()[0] == "Auch"
    assert table["32"].to_pylist()[5] == -72.48


def test_a_long_text_is_cut_and_says_so(a_batch):
    """A cell of xlsx holds 32,767 UTF-16 units: a longer text ends by an ellipsis, never inside a character."""
    texts = ["x" * 32_767, "x" * 32_768, "🎭" * 16_383, "🎭" * 16_384, "é" * 10_000_000]
    [lines] = sheets(of("xlsx", TEXTS, [a_batch(TEXTS, [{"a": text} for text in texts])])).values()
    read = [line[0] for line in lines[1:]]
    assert read == [texts[0], "x" * 32_766 + "…", texts[2], "🎭" * 16_383 + "…", "é" * 32_766 + "…"]


@pytest.mark.parametrize("name", ["xlsx", "ods"])
def test_more_rows_than_a_sheet_go_to_the_next(name, a_batch, monkeypatch):
    """Every sheet has the headings; together they have every row; names are those of the language."""
    monkeypatch.setattr(spreadsheet, "MOST_ROWS", 4)
    monkeypatch.setattr(opendocument, "MOST_ROWS", 4)
    batches = [a_batch(TEXTS, [{"a": f"{n}"} for n in range(start, start + 2)]) for start in range(0, 10, 2)]
    data = of(name, TEXTS, batches, lang="fr")
    read = READERS[name](data)
    assert list(read) == ["Données", "Données 2", "Données 3", "Données 4", "Données 5"]
    assert [line[0] for lines in read.values() for line in lines] == [
        each for n in range(0, 10, 2) for each in ("a", str(n), str(n + 1))
    ]


def test_a_sheet_too_long_for_zip_goes_to_the_next(a_batch, monkeypatch):
    """A sheet of xlsx ends before its XML reaches what old readers of ZIP can read."""
    monkeypatch.setattr(spreadsheet, "MOST_BYTES", 600)
    batches = [a_batch(TEXTS, [{"a": "x" * 400}])] * 3
    assert len(sheets(of("xlsx", TEXTS, batches))) == 3


def test_an_ods_beyond_its_limit_is_refused(a_batch, monkeypatch):
    """The one part of ods that grows is refused beyond what readers of ZIP can read."""
    monkeypatch.setattr(opendocument, "MOST_BYTES", 1000)
    with pytest.raises(LimitExceeded, match="ods"):
        of("ods", TEXTS, [a_batch(TEXTS, [{"a": "x" * 900}])])


@pytest.mark.parametrize("name", ["xlsx", "ods"])
def test_zero_rows_are_a_heading(name):
    """An empty result is a sheet with its headings."""
    data = written(name, batches=0)
    read = READERS[name](data)
    assert list(read.values()) == [[SCHEMA.names]]


def test_the_packages_are_well_formed():
    """Every part is in the archive once and parses; ods begins by its type, uncompressed, as its readers look there."""
    for name in ("xlsx", "ods"):
        archive = zipfile.ZipFile(io.BytesIO(written(name)))
        assert archive.testzip() is None
        assert len(set(archive.namelist())) == len(archive.namelist())
        for part in archive.namelist():
            if part != "mimetype":
                ElementTree.fromstring(archive.read(part))
    assert archive.namelist()[0] == "mimetype"
    assert written("ods")[30:84] == b"mimetypeapplication/vnd.oasis.opendocument.spreadsheet"
