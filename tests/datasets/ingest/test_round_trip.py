"""What must never break: the round trip through a file loses no character."""

import csv
from pathlib import Path
from tempfile import TemporaryDirectory

from hypothesis import example, given, settings
from hypothesis import strategies as st

from datasets.ingest import Choice, Reading, read_file
from datasets.types import TYPES

LETTERS = st.characters(blacklist_categories=("Cs", "Cc"), whitelist_characters="\n\t\r")
CELLS = st.text(LETTERS, max_size=12)
ROWS = st.lists(st.tuples(CELLS, CELLS).filter(lambda row: any(map(str.strip, row))), min_size=1, max_size=12)
AS_IT_IS = Reading(header=1, header_rows=1, footer=0)


def write(rows: list[tuple[str, str]], path: Path, delimiter: str) -> None:
    """Write rows as a CSV file, each cell quoted."""
    with path.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.writer(stream, delimiter=delimiter, quoting=csv.QUOTE_ALL)
        writer.writerow(("un titre", "un autre titre"))
        writer.writerows(rows)


@settings(max_examples=150, deadline=None)
@given(rows=ROWS, delimiter=st.sampled_from(";,\t|"))
def test_text_columns_lose_no_character(rows: list[tuple[str, str]], delimiter: str) -> None:
    """Published texts are those of the file, character for character; only the empty text becomes no value."""
    texts = {"un_titre": Choice(type="text", published=True), "un_autre_titre": Choice(type="text", published=True)}
    with TemporaryDirectory() as folder:
        path = Path(folder) / "f.csv"
        write(rows, path, delimiter)
        found = read_file(path, declared=texts, reading=AS_IT_IS)
    assert [tuple(row.values()) for row in found.table.to_pylist()] == [
        tuple(cell or None for cell in row) for row in rows
    ]


@settings(max_examples=100, deadline=None)
@given(cells=st.lists(st.one_of(CELLS, st.from_regex(r"[+-]?[0-9 ,.]{0,8}(E-?[0-9])?", fullmatch=True)), min_size=1))
@example(cells=['\\"'])
@example(cells=['a\\"b', '\\"'])
def test_every_value_is_published_or_reported(cells: list[str]) -> None:
    """Whatever the type that was found, a value that is not in the table is in the report."""
    with TemporaryDirectory() as folder:
        path = Path(folder) / "f.csv"
        write([(cell, "x") for cell in cells], path, ";")
        found = read_file(path)
    kind = TYPES[found.columns[0].type]
    values = found.table["un_titre"].to_pylist()
    assert len(values) == len(cells)
    reported = {problem.value for problem in found.report.problems if problem.column == "un_titre"}
    for cell, value in zip(cells, values, strict=True):
        assert value is not None or not cell.strip() or cell in reported
        if kind.stays_text and cell not in reported:
            assert value == (cell or None)
