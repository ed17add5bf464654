"""How far a reading is, told as it goes: rows while they are read, then columns."""

import json
from pathlib import Path

import openpyxl
import pytest

from datasets.ingest import STEPS, Progress, read_file

ROWS = 45_000
TITLES, VALUES = ("code", "nom"), ("01001", "L’Abergement")


def write_workbook(path: Path) -> None:
    """Write a workbook of fewer rows, which take longer."""
    book = openpyxl.Workbook(write_only=True)
    sheet = book.create_sheet("Feuille")
    for row in (TITLES, *[VALUES] * (ROWS // 10)):
        sheet.append(row)
    book.save(path)


@pytest.mark.parametrize("kind", ["fast.csv", "patient.csv", "rows.jsonl", "book.xlsx"])
def test_rows_then_columns_are_counted(kind: str, tmp_path: Path) -> None:
    """Each step comes in its turn; counts only grow, up to all the rows and columns that there are."""
    path = tmp_path / kind
    if kind == "book.xlsx":
        write_workbook(path)
    elif kind == "rows.jsonl":
        path.write_text(f"{json.dumps(dict(zip(TITLES, VALUES, strict=True)))}\n" * ROWS, encoding="utf-8")
    else:
        blank = "\n\n" if kind == "patient.csv" else ""
        path.write_text("code;nom\n" + "01001;L’Abergement\n" * ROWS + blank, encoding="utf-8")
    told: list[Progress] = []
    found = read_file(path, tell=told.append)
    assert list(dict.fromkeys(one.step for one in told)) == list(STEPS)
    rows = [one for one in told if one.step == "read"]
    assert rows[0] == Progress("read")
    assert [one.done for one in rows] == sorted(one.done for one in rows)
    assert rows[-1].done == found.report.kept == found.report.received
    assert rows[-1].done <= rows[-1].total <= rows[-1].done + 3
    for step in STEPS[2:]:
        assert [(one.done, one.total) for one in told if one.step == step] == [(0, 2), (1, 2), (2, 2)]
