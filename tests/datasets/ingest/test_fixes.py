"""Small corrections are data: applied, told, and replayed on another file."""

import json
from pathlib import Path

import pytest

from datasets.errors import InvalidParameter
from datasets.ingest import Fix, Ingested, Rename, Retype, read_file, read_fixes, write_fixes

FILE = "commune;;visites\nAuch;1;12\nauch;2;1 3\nCondom;3;1O4\nauch;4;5\n"
FIXES = (
    Fix("visites", "104", row=4, was="1O4"),
    Fix("visites", "13", row=3),
    Fix("commune", "Auch", was="auch"),
    Rename("colonne_2", "Rang"),
    Retype("colonne_2", "text"),
)


def read(folder: Path, content: str = FILE, fixes: tuple = FIXES) -> Ingested:
    """Read `content` with fixes that went through JSON."""
    path = folder / "f.csv"
    path.write_text(content, encoding="utf-8")
    return read_file(path, fixes=read_fixes(json.loads(json.dumps(write_fixes(fixes)))))


def test_values_types_and_titles_are_corrected(tmp_path: Path) -> None:
    """A cell, every cell of a text, a title and a type: the file is read again as if it had been right."""
    found = read(tmp_path)
    assert found.table.to_pydict() == {
        "commune": ["Auch", "Auch", "Condom", "Auch"],
        "rang": ["1", "2", "3", "4"],
        "visites": [12, 13, 104, 5],
    }
    assert found.columns[1].label == "Rang"


def test_each_corrected_cell_is_told(tmp_path: Path) -> None:
    """The report says what each corrected cell was and what it became: nothing is changed silently."""
    told = [(p.row, p.column, p.value, p.reason, p.suggestion) for p in read(tmp_path).report.problems]
    assert told == [
        (3, "commune", "auch", "corrected", "Auch"),
        (5, "commune", "auch", "corrected", "Auch"),
        (4, "visites", "1O4", "corrected", "104"),
        (3, "visites", "1 3", "corrected", "13"),
    ]


def test_a_fix_that_does_not_find_its_cell_is_told(tmp_path: Path) -> None:
    """On another file, a fix is applied only where it still stands: never on a cell that holds something else."""
    found = read(
        tmp_path,
        "visites\n7\n8\n",
        (Fix("visites", "1", row=2, was="6"), Fix("visites", "1", row=9), Fix("visites", "1", was="5"), Fix("x", "1")),
    )
    assert found.table["visites"].to_pylist() == [7, 8]
    assert [(p.row, p.column, p.reason) for p in found.report.problems] == [
        (0, "x", "fix_not_applied"),
        (0, "visites", "fix_not_applied"),
        (2, "visites", "fix_not_applied"),
        (9, "visites", "fix_not_applied"),
    ]


def test_rows_are_those_of_the_report(tmp_path: Path) -> None:
    """Below a preamble and blank rows, a fix goes to the row that the report names."""
    found = read(tmp_path, "Un titre;\n\nnom;n\nA;1\n\nB;x\n", (Fix("n", "2", row=6, was="x"),))
    assert found.table["n"].to_pylist() == [1, 2]


@pytest.mark.parametrize(
    "kept",
    [
        {},
        {"kind": "erase"},
        {"kind": "value"},
        {"kind": "title", "column": "a", "x": 1},
        {"kind": "value", "column": "a", "text": 3},
        {"kind": "value", "column": "a", "text": "b", "row": "2"},
    ],
)
def test_what_is_not_a_fix_is_refused(kept: dict[str, object]) -> None:
    """Plain values that make no fix are refused with the kinds that exist."""
    with pytest.raises(InvalidParameter, match="value, type, title"):
        read_fixes([kept])


def test_a_renamed_column_goes_by_both_names(tmp_path: Path) -> None:
    """The report gives new names after a rename; a fix under the new one finds its column all the same."""
    found = read(tmp_path, "n;x\nA;1\n", (Rename("x", "Rang"), Fix("rang", "2", row=2), Retype("rang", "decimal")))
    assert found.table["rang"].to_pylist() == [2.0]


def test_a_cell_may_be_fixed_twice(tmp_path: Path) -> None:
    """A second correction of a cell may speak of the file's text or of the first correction; the last one wins."""
    first = Fix("n", "104", row=2, was="1O4")
    for was in ("1O4", "104", None):
        found = read(tmp_path, "n\n1O4\n5\n", (first, Fix("n", "105", row=2, was=was)))
        assert found.table["n"].to_pylist() == [105, 5]
        assert [(p.value, p.suggestion) for p in found.report.problems] == [("1O4", "105")]


def test_a_fix_without_row_nor_former_text_fills_nothing(tmp_path: Path) -> None:
    """Empty cells are filled only when the fix says that they are empty."""
    content = "lieu;n\nA;\nB;5\n"
    assert read(tmp_path, content, (Fix("n", "1"),)).table["n"].to_pylist() == [None, 5]
    assert read(tmp_path, content, (Fix("n", "1", was=""),)).table["n"].to_pylist() == [1, 5]


def test_many_fixes_are_quick(tmp_path: Path) -> None:
    """Ten thousand cells below blank rows are found together, not one by one."""
    content = "cp;n\n\n" + "".join(f"{1000 + n};x\n" for n in range(8000))
    fixes = tuple(Fix("cp", f"0{1000 + n}", row=n + 3, was=str(1000 + n)) for n in range(8000))
    found = read(tmp_path, content, fixes)
    assert found.report.counts["cp", "corrected"] == 8000
    assert found.table["cp"][-1].as_py() == "08999"
