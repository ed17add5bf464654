"""Writes the cells of one sheet of a workbook as texts, in marshal values: first what the workbook holds, then rows.

    python -I workbook.py MEMORY SECONDS PATH quick|exact SHEET

`quick` reads XLSX, XLS and ODS with calamine. `exact` reads XLSX with openpyxl, slowly, row by row: it keeps the errors
of cells and the leading zeros that a format of numbers shows. An empty SHEET is the first visible one that holds rows.

It ends with 3 for a password, 4 for a sheet that is not there, 5 when there is no memory left.
"""

import marshal
import re
import resource
import sys
from collections.abc import Iterable, Iterator
from datetime import date, datetime, time, timedelta
from itertools import islice
from typing import Any

BATCH = 2_000
PADDED = re.compile(r"0{2,}")
GROUPED = re.compile(r'0[0#](?:(?:"[ .\-]"|\\[ .\-]|[ .\-])?[0#]{2})+')
Row = tuple[list[str], list[tuple[int, str, str]]]


def main(path: str, way: str, wanted: str) -> int:
    """Write the sheet and return how the program ends."""
    try:
        (read_exactly if way == "exact" else read_quickly)(path, wanted)
    except MemoryError:
        return 5
    except LookupError as error:
        print(error, file=sys.stderr)
        return 4
    return 0


def read_quickly(path: str, wanted: str) -> None:
    """Read with calamine."""
    import python_calamine as calamine

    try:
        book = calamine.load_workbook(path)
    except calamine.PasswordError:
        sys.exit(3)
    known = [sheet for sheet in book.sheets_metadata if sheet.typ == calamine.SheetTypeEnum.WorkSheet]
    visible = {sheet.name: sheet.visible == calamine.SheetVisibleEnum.Visible for sheet in known}
    for name in candidates(visible, wanted):
        sheet = book.get_sheet_by_name(name)
        if wanted or sheet.height > 1:
            break
    merged = sheet.merged_cell_ranges or []
    left = sheet.start[1] if sheet.start else 0
    areas = [[top, first - left, bottom, last - left] for (top, first), (bottom, last) in merged]
    put({"sheets": visible, "sheet": name, "merged": areas, "rows": sheet.height, "left": left})
    send((list(map(write_value, row)), []) for row in sheet.iter_rows())


def read_exactly(path: str, wanted: str) -> None:
    """Read with openpyxl."""
    import openpyxl

    book = openpyxl.load_workbook(path, read_only=True, data_only=True)
    visible = {sheet.title: sheet.sheet_state == "visible" for sheet in book.worksheets}
    for name in candidates(visible, wanted):
        if wanted or len(list(islice(book[name].iter_rows(), 2))) > 1:
            break
    put({"sheets": visible, "sheet": name, "merged": [], "rows": book[name].max_row or 0, "left": 0})
    send(map(write_cells, book[name].iter_rows()))


def candidates(visible: dict[str, bool], wanted: str) -> list[str]:
    """Return the sheets among which to choose: the visible ones first."""
    if wanted:
        if wanted not in visible:
            raise LookupError(wanted)
        return [wanted]
    found = sorted(visible, key=lambda name: not visible[name])
    if not found:
        raise ValueError("no sheet")
    return found


def write_cells(cells: Iterable[Any]) -> Row:
    """Return the texts of a row of openpyxl, and what is to be told: column, text, reason."""
    texts, told = [], []
    for place, cell in enumerate(cells):
        text = write_value(cell.value)
        if cell.data_type == "e":
            told.append((place, text, "error_cell"))
            text = ""
        elif (shown := pad(text, cell.number_format or "")) != text:
            told.append((place, shown, "zeros_shown"))
            text = shown
        texts.append(text)
    return texts, told


def pad(text: str, form: str) -> str:
    """Return a whole number with the leading zeros that a format of numbers shows: 00000, 0# ## ## ## ##."""
    if text.isdecimal() and (PADDED.fullmatch(form) or GROUPED.fullmatch(form)):
        digits = sum(form.count(mark) for mark in "0#")
        return text.zfill(digits)
    return text


def write_value(value: Any) -> str:
    """Return the text of a value: a number with all its digits, a date as ISO 8601 writes it."""
    if value is None or isinstance(value, str):
        return value or ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() and abs(value) < 1e15 else repr(value)
    if isinstance(value, datetime):
        return value.isoformat(sep=" ")
    if isinstance(value, timedelta):
        minutes, seconds = divmod(round(value.total_seconds()), 60)
        return f"{minutes // 60:02d}:{minutes % 60:02d}:{seconds:02d}"
    return value.isoformat() if isinstance(value, date | time) else str(value)


def send(rows: Iterable[Row]) -> None:
    """Write rows in batches, then an empty one."""
    rest: Iterator[Row] = iter(rows)
    while batch := list(islice(rest, BATCH)):
        put(batch)
    put([])


def put(value: Any) -> None:
    """Write a value."""
    marshal.dump(value, sys.stdout.buffer)


if __name__ == "__main__":
    resource.setrlimit(resource.RLIMIT_DATA, (int(sys.argv[1]),) * 2)
    resource.setrlimit(resource.RLIMIT_CPU, (int(sys.argv[2]),) * 2)
    sys.exit(main(*sys.argv[3:6]))
