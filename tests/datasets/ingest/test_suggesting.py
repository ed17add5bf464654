"""A value that does not fit is offered what it was probably meant to be."""

import csv
import io
from pathlib import Path

import pyarrow as pa
import pytest

from datasets.ingest import Choice, Fix, Ingested, read_file
from datasets.ingest.annotating import annotated_rows
from datasets.ingest.suggesting import suggest
from datasets.types import TYPES


def read(folder: Path, content: str, **options: object) -> Ingested:
    """Read `content` as a CSV file."""
    path = folder / "f.csv"
    path.write_text(content, encoding="utf-8")
    return read_file(path, **options)


@pytest.mark.parametrize(
    ("kind", "text", "meant"),
    [
        ("integer", "1 2O3", "1203"),
        ("integer", "l2", "12"),
        ("integer", "12,0", "12"),
        ("integer", "~12", "12"),
        ("integer", "12 €", "12"),
        ("integer", "douze", None),
        ("integer", "7 bis", None),
        ("decimal", "1,,5", "1,5"),
        ("decimal", "1;5", "1,5"),
        ("decimal", "1.234,5", "1234,5"),
        ("date", "31/02/2024", "29/02/2024"),
        ("date", "2023-02-30", "2023-02-28"),
        ("date", "12/25/2024", "25/12/2024"),
        ("date", "12 / 03 / 2024", "12/03/2024"),
        ("date", "12_03_2024", "12/03/2024"),
        ("date", "45363", "12/03/2024"),
        ("year", "02/01/2015 00:00", "2015"),
        ("boolean", "O", "oui"),
        ("boolean", "0", "non"),
        ("insee_commune", "1001", "01001"),
        ("insee_commune", "2A 004", "2A004"),
        ("insee_commune", "O1001", "01001"),
        ("postcode", "32 000", "32000"),
        ("phone", "562000000", "0562000000"),
        ("phone", "O562000000", "0562000000"),
        ("siret", "552-081-317-66522", "55208131766522"),
        ("email", "accueil (at) musee.example", "accueil@musee.example"),
        ("url", "http//www.gers.example/a", "http://www.gers.example/a"),
        ("url", "fetes-du-gers.example", "https://fetes-du-gers.example"),
    ],
)
def test_what_was_meant_is_offered(kind: str, text: str, meant: str | None) -> None:
    """The nearest text of the type is offered, and nothing when the value may mean anything."""
    assert suggest(pa.array([text]), TYPES[kind]).to_pylist() == [meant]


def test_an_offer_is_always_of_the_type() -> None:
    """Whatever the text, what is offered fits the column: applying it settles the matter."""
    texts = pa.array(
        ["1 2O3", "31/02/2024", "x", "0", "00", "1.2.3", "٣", "é" * 400, "32 OOO", "12,5 %", "@", "http:", ""]
    )
    for kind in TYPES.values():
        offered = suggest(texts, kind).drop_null()
        assert all(kind.matches(offered).to_pylist())


def test_the_value_that_spoils_a_column_is_told_with_its_offer(tmp_path: Path) -> None:
    """One wrong value keeps a thousand numbers as text: it is told, and its correction makes numbers of all."""
    content = "visites\n" + "".join(f"{n}\n" for n in range(1000)) + "1 2O3\n"
    found = read(tmp_path, content)
    problem = found.report.problems[0]
    assert (problem.row, problem.value, problem.reason, problem.suggestion) == (1002, "1 2O3", "against_type", "1203")
    mended = read(tmp_path, content, fixes=(Fix("visites", problem.suggestion, row=problem.row, was=problem.value),))
    assert mended.columns[0].type == "integer"
    assert mended.table["visites"][1000].as_py() == 1203


def test_categories_written_almost_alike_are_told(tmp_path: Path) -> None:
    """A rarer spelling of a category is told with the usual one; two usual spellings are left in peace."""
    rows = ["Gers"] * 6 + ["gers", "Gers ", "GERS"] + ["Lot"] * 3 + ["LOT"] * 2
    found = read(tmp_path, "n;departement_nom\n" + "".join(f"{n};{row}\n" for n, row in enumerate(rows)))
    told = {(p.row, p.value, p.suggestion) for p in found.report.problems if p.reason == "near_value"}
    assert told == {(8, "gers", "Gers"), (9, "Gers ", "Gers"), (10, "GERS", "Gers")}
    assert found.table["departement_nom"].to_pylist() == rows


def test_digits_lost_in_a_power_of_ten_are_told(tmp_path: Path) -> None:
    """A SIRET that a spreadsheet wrote as 5,52E+13 is lost: it is said, and nothing is invented."""
    found = read(tmp_path, "siret\n" + "55208131766522\n" * 5 + "5,52081E+13\n")
    assert [(p.row, p.reason, p.suggestion) for p in found.report.problems] == [(7, "lost_digits", "")]


def test_problems_come_by_groups_with_exact_counts(tmp_path: Path) -> None:
    """Groups have their exact count, refusals first, the first cases and how many can be mended."""
    content = "n;cp\n" + "1;32000\n" * 30 + "x;6400\n" * 8
    groups = read(tmp_path, content, declared={"n": Choice(type="integer")}).report.groups(shown=3)
    assert [(g.column, g.reason, g.severity, g.count, len(g.cases), g.mendable) for g in groups] == [
        ("n", "not_of_type", "refused", 8, 3, 0),
        ("cp", "lost_zero", "noticed", 8, 3, 3),
    ]


def test_counts_stay_exact_when_problems_are_many(tmp_path: Path) -> None:
    """Beyond the number of problems that are kept one by one, they are still counted."""
    found = read(tmp_path, "cp\n" + "32000\n" * 90_000 + "6400\n" * 25_000)
    assert found.report.counts["cp", "lost_zero"] == 25_000
    assert len(found.report.problems) == 20_000


def test_the_file_with_its_errors_can_be_had(tmp_path: Path) -> None:
    """Every row of the file comes back with its texts, in order, and what is wrong with it; rows set aside too."""
    content = "Âge;cp\n1;32000\nx;6400\n3;32100;trop\n5;32200\n"
    found = read(tmp_path, content, declared={"age": Choice(type="integer")})
    rows = list(annotated_rows(found.raw, found.report))
    assert [row[:2] for row in rows] == [
        *(["Âge", "cp"], ["1", "32000"], ["x", "6400"], ["3;32100;trop", ""], ["5", "32200"])
    ]
    assert rows[0][2] == "erreurs"
    assert rows[1][2] == rows[4][2] == ""
    assert rows[2][2].startswith("Âge : La valeur n’est pas du type")
    assert rows[2][2].endswith("Proposition : 06400")
    assert "mise de côté" in rows[3][2]
    written = io.StringIO()
    csv.writer(written).writerows(annotated_rows(found.raw, found.report, "en"))
    assert "Suggestion: 06400" in written.getvalue()
