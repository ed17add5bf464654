"""Workbooks written by other programs give their cells as they are seen: dates, zeros, values of formulas, titles."""

import struct
import zipfile
from collections.abc import Callable
from datetime import date, datetime, time
from pathlib import Path
from typing import Any

import openpyxl
import pyarrow as pa
import pyogrio
import pytest

from datasets.errors import BrokenArchive, BrokenFile, EmptyFile, EncryptedArchive, TooManyBytes, UnknownOption
from datasets.ingest import Ingested, Reading, apart, read_file
from datasets.ingest.formats.workbooks import Facts

Fill = Callable[[Any, Any], None]


def read(folder: Path, fill: Fill, **options: Any) -> Ingested:
    """Let `fill` write a workbook and its first sheet, then read it."""
    book = openpyxl.Workbook()
    fill(book, book.active)
    book.save(folder / "classeur.xlsx")
    return read_file(folder / "classeur.xlsx", reading=Reading(**options))


def told(found: Ingested) -> list[tuple[int, str, str]]:
    """Return row, reason and value of each problem."""
    return [(problem.row, problem.reason, problem.value) for problem in found.report.problems]


def test_tables_side_by_side_are_told(tmp_path: Path) -> None:
    """Columns are named as the spreadsheet names them, wherever its cells begin; same titles are two tables."""

    def fill(_book: Any, sheet: Any) -> None:
        for row, line in enumerate(
            [("an", "nb", None, "an", "nb"), (2023, 5, None, 2024, 6), (2022, 4, None, 2023, 7)]
        ):
            for place, value in enumerate(line):
                sheet.cell(row + 2, place + 2, value)

    found = read(tmp_path, fill)
    assert (0, "table_beside", "E:F (an, nb)") in told(found)
    assert found.offers["columns"] == ("B:C", "E:F")
    assert found.table["nb"].to_pylist() == [5, 4]
    assert read(tmp_path, fill, columns="E:F").table["nb"].to_pylist() == [6, 7]


@pytest.mark.parametrize(
    ("facts", "ways"),
    [
        (Facts(size=1), ("quick",)),
        (Facts(size=150 << 20), ("quick", "exact")),
        (Facts(size=500 << 20), ("exact",)),
        (Facts(size=1, faults=True), ("exact",)),
        (Facts(size=150 << 20, padded=True), ("exact",)),
    ],
)
def test_the_quick_reader_is_tried_first_where_it_loses_nothing(facts: Facts, ways: tuple[str, ...]) -> None:
    """A large sheet is read row by row only when it must be: for its zeros and errors, or for want of memory."""
    assert facts.ways == ways


def test_a_reader_out_of_memory_says_so_whatever_the_environment(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The end is clear and comes at once, even where the environment asks for long traces of crashes."""
    book = openpyxl.Workbook(write_only=True)
    sheet = book.create_sheet("Feuille")
    for rank in range(1_000):
        sheet.append([f"{rank} {place} " * 20 for place in range(60)])
    book.save(tmp_path / "classeur.xlsx")
    monkeypatch.setenv("RUST_BACKTRACE", "full")
    for megabytes in (16, 24, 32):
        monkeypatch.setattr(apart, "MEMORY", megabytes << 20)
        with pytest.raises(TooManyBytes):
            read_file(tmp_path / "classeur.xlsx")


def museums(book: Any, sheet: Any) -> None:
    """Write a table under a title, with titles on two rows, a total, and other sheets."""
    sheet.title = "Données"
    sheet["A1"] = "Fréquentation des musées"
    sheet.merge_cells("A1:D1")
    sheet["A3"], sheet["B3"], sheet["D3"] = "Commune", "Entrées", "Visite"
    sheet.merge_cells("B3:C3")
    sheet["B4"], sheet["C4"] = 2023, 2024
    sheet.append(["Auch", 12, 15.5, date(2024, 3, 12)])
    sheet.append(["Condom", 1, None, date(2024, 3, 13)])
    sheet.append(["Total", 13, 15.5])
    sheet.append(["Source : comptages"])
    book.create_sheet("Secrets")["A1"] = 1
    book["Secrets"].sheet_state = "hidden"
    book.create_sheet("Autre")["A1"] = 2


def test_a_sheet_as_people_make_them(tmp_path: Path) -> None:
    """Merged titles are joined, what surrounds the table is told, hidden sheets are said, dates are dates."""
    found = read(tmp_path, museums)
    assert [column.label for column in found.columns] == ["Commune", "Entrées – 2023", "Entrées – 2024", "Visite"]
    assert found.table.to_pylist()[0] == {
        "commune": "Auch",
        "entrees_2023": 12,
        "entrees_2024": 15.5,
        "visite": date(2024, 3, 12),
    }
    assert (found.dialect.sheet, found.dialect.header, found.dialect.header_rows) == ("Données", 3, 2)
    assert found.offers["sheet"] == ("Données", "Secrets", "Autre")
    assert [reason for _, reason, _ in told(found)] == [
        "hidden_sheet",
        "other_sheets",
        "before_titles",
        "after_rows",
        "after_rows",
    ]


def test_the_first_sheet_that_holds_rows_is_read(tmp_path: Path) -> None:
    """An empty first sheet is passed over; another one may be asked for, by its name."""

    def fill(book: Any, sheet: Any) -> None:
        for name, value in (("Un", 1), ("Deux", 2)):
            book.create_sheet(name).append(["n"])
            book[name].append([value])

    assert read(tmp_path, fill).table["n"].to_pylist() == [1]
    assert read(tmp_path, fill, sheet="Deux").table["n"].to_pylist() == [2]
    with pytest.raises(UnknownOption, match="Trois"):
        read(tmp_path, fill, sheet="Trois")


def test_values_keep_every_digit(tmp_path: Path) -> None:
    """Numbers, times and instants become texts that lose nothing."""

    def fill(_: Any, sheet: Any) -> None:
        sheet.append(["n", "x", "heure", "instant", "oui"])
        sheet.append(
            [123456789012345, 0.1234567890123, time(14, 30), datetime.fromisoformat("2024-03-12T14:30:15"), True]
        )
        sheet.append([2, 1e-7, time(9, 5), datetime.fromisoformat("2024-03-13T00:00:00"), False])

    found = read(tmp_path, fill, header=1)
    assert found.table["n"].to_pylist() == [123456789012345, 2]
    assert found.table["x"].to_pylist() == [0.1234567890123, 1e-7]
    assert found.table["instant"][0].as_py().isoformat() == "2024-03-12T14:30:15+00:00"
    assert found.table["oui"].to_pylist() == [True, False]


def test_zeros_that_a_format_shows_are_written(tmp_path: Path) -> None:
    """A postcode and a telephone kept as numbers under a format keep the zeros that people see; it is told."""

    def fill(_: Any, sheet: Any) -> None:
        sheet.append(["code postal", "téléphone"])
        sheet.append([1130, 562001122])
        sheet["A2"].number_format = "00000"
        sheet["B2"].number_format = '0#" "##" "##" "##" "##'

    found = read(tmp_path, fill)
    assert found.table["code_postal"].to_pylist() == ["01130"]
    assert found.table["telephone"].to_pylist() == ["0562001122"]
    assert told(found) == [(2, "zeros_shown", "01130"), (2, "zeros_shown", "0562001122")]


def test_errors_and_formulas_never_computed_are_told(tmp_path: Path) -> None:
    """An error of a cell has its row; formulas that no program computed are said for the whole sheet."""

    def fill(_: Any, sheet: Any) -> None:
        sheet.append(["a", "b"])
        sheet.append(["#N/A", 1])
        sheet.append([2, "=A3+1"])
        sheet["A2"].data_type = "e"

    assert told(read(tmp_path, fill)) == [(0, "formula_without_value", ""), (2, "error_cell", "#N/A")]


def test_merged_cells_of_rows_are_told(tmp_path: Path) -> None:
    """A cell over two rows gives its value to the first one alone."""

    def fill(_: Any, sheet: Any) -> None:
        for row in (["canton", "n"], ["Auch", 1], [None, 2], ["Condom", 3]):
            sheet.append(row)
        sheet.merge_cells("A2:A3")

    found = read(tmp_path, fill)
    assert found.table["canton"].to_pylist() == ["Auch", None, "Condom"]
    assert told(found) == [(2, "merged_cells", "2 × 1")]


def test_an_open_document_sheet(tmp_path: Path) -> None:
    """An ODS file written by another library gives its values."""
    table = pa.table({"ville": ["Auch", "Condom"], "n": [22000, 6500], "jour": [date(2024, 3, 12), date(2024, 3, 13)]})
    pyogrio.write_arrow(table, tmp_path / "villes.ods", driver="ODS")
    found = read_file(tmp_path / "villes.ods")
    assert found.table.to_pylist()[1] == {"ville": "Condom", "n": 6500, "jour": date(2024, 3, 13)}


def write_xls(path: Path, rows: list[list[str | float]]) -> None:
    """Write a minimal BIFF8 workbook in its container of 512-byte sectors."""

    def record(kind: int, data: bytes) -> bytes:
        return struct.pack("<HH", kind, len(data)) + data

    begin = struct.pack("<HHHHII", 0x600, 5, 0, 0, 0, 0)
    name = struct.pack("<BB", 6, 0) + b"Villes"
    start = len(record(0x809, begin)) + len(record(0x85, b"\0" * 6 + name)) + 4
    stream = record(0x809, begin) + record(0x85, struct.pack("<IBB", start, 0, 0) + name) + record(0x0A, b"")
    stream += record(0x809, begin[:2] + b"\x10\0" + begin[4:])
    for place, cells in enumerate(rows):
        for column, cell in enumerate(cells):
            at = struct.pack("<HHH", place, column, 0)
            if isinstance(cell, str):
                stream += record(0x204, at + struct.pack("<HB", len(cell), 1) + cell.encode("utf-16-le"))
            else:
                stream += record(0x203, at + struct.pack("<d", cell))
    stream += record(0x0A, b"")
    stream = stream.ljust(max(4096, -(-len(stream) // 512) * 512), b"\0")
    count = len(stream) // 512
    fat = [0xFFFFFFFD, 0xFFFFFFFE, *range(3, count + 2), 0xFFFFFFFE]
    sectors = struct.pack("<128I", *fat, *[0xFFFFFFFF] * (128 - len(fat)))

    def entry(title: str, kind: int, child: int, first: int, size: int) -> bytes:
        text = title.encode("utf-16-le")
        length = len(text) + 2 if title else 0
        head = text.ljust(64, b"\0") + struct.pack("<HBBIII", length, kind, 1, *[0xFFFFFFFF] * 2, child)
        return head + b"\0" * 36 + struct.pack("<IQ", first, size)

    folder = entry("Root Entry", 5, 1, 0xFFFFFFFE, 0) + entry("Workbook", 2, 0xFFFFFFFF, 2, len(stream))
    folder += entry("", 0, 0xFFFFFFFF, 0, 0) * 2
    head = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 16 + struct.pack("<HHHHH", 0x3E, 3, 0xFFFE, 9, 6) + b"\0" * 6
    head += struct.pack("<IIIIIIIII", 0, 1, 1, 0, 4096, 0xFFFFFFFE, 0, 0xFFFFFFFE, 0)
    head += struct.pack("<109I", 0, *[0xFFFFFFFF] * 108)
    path.write_bytes(head + sectors + folder + stream)


def test_an_old_workbook(tmp_path: Path) -> None:
    """An XLS file gives its texts and its numbers."""
    write_xls(tmp_path / "villes.xls", [["ville", "n"], ["Auch", 22000.0], ["Fleurance", 6000.5]])
    found = read_file(tmp_path / "villes.xls")
    assert found.table.to_pylist() == [{"ville": "Auch", "n": 22000.0}, {"ville": "Fleurance", "n": 6000.5}]
    assert (found.dialect.format, found.dialect.sheet) == ("workbook", "Villes")


@pytest.mark.parametrize("name", ["classeur.xls", "classeur.csv", "classeur"])
def test_the_content_wins_over_the_name(tmp_path: Path, name: str) -> None:
    """A workbook is one under any name, or under none."""
    read(tmp_path, museums)
    (tmp_path / "classeur.xlsx").rename(tmp_path / name)
    assert read_file(tmp_path / name).dialect.format == "workbook"


def test_a_workbook_under_a_password_is_refused(tmp_path: Path) -> None:
    """The container of a locked workbook is told from a broken one."""
    write_xls(tmp_path / "ferme.xls", [["EncryptedPackage", "n"], ["Auch", 1.0]])
    with pytest.raises(EncryptedArchive):
        read_file(tmp_path / "ferme.xls")


def test_a_workbook_made_to_fill_the_memory_is_refused(tmp_path: Path) -> None:
    """One cell at the last row and column makes a table of milliards of cells: the reader ends, the portal does not."""

    def fill(_: Any, sheet: Any) -> None:
        sheet.append(["a", "b"])
        sheet["XFD1048576"] = 1

    with pytest.raises(TooManyBytes, match=r"classeur\.xlsx"):
        read(tmp_path, fill)


def rewritten(source: Path, target: Path, member: str, content: bytes) -> None:
    """Copy a workbook with another content in one of its parts."""
    with zipfile.ZipFile(source) as old, zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            new.writestr(name, content if name == member else old.read(name))


def test_entities_that_grow_are_refused(tmp_path: Path) -> None:
    """An XML bomb in a sheet is refused before any library reads it."""
    read(tmp_path, museums)
    bomb = b'<?xml version="1.0"?><!DOCTYPE b [<!ENTITY a "ha"><!ENTITY b "&a;&a;">]><worksheet>&b;</worksheet>'
    rewritten(tmp_path / "classeur.xlsx", tmp_path / "b.xlsx", "xl/worksheets/sheet1.xml", bomb)
    with pytest.raises(BrokenFile, match="entity"):
        read_file(tmp_path / "b.xlsx")


def test_broken_workbooks_are_refused_in_words(tmp_path: Path) -> None:
    """A cut, a hollow and a false workbook give errors that name the file, never one of a library."""
    read(tmp_path, museums)
    whole = (tmp_path / "classeur.xlsx").read_bytes()
    (tmp_path / "coupe.xlsx").write_bytes(whole[: len(whole) // 2])
    (tmp_path / "faux.xls").write_bytes(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(3000))
    rewritten(tmp_path / "classeur.xlsx", tmp_path / "creux.xlsx", "xl/workbook.xml", b"<workbook/>")
    for name, error in (("coupe.xlsx", BrokenArchive), ("faux.xls", BrokenFile), ("creux.xlsx", BrokenFile)):
        with pytest.raises(error, match=name):
            read_file(tmp_path / name)
    with pytest.raises(EmptyFile):
        read(tmp_path, lambda book, sheet: None)
