"""A column's type is judged on the whole of it: score, reason, second reading, rows against."""

from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pytest

from datasets.ingest import Choice, read_file
from datasets.ingest.infer import ColumnGuess
from datasets.ingest.judging import COUNTING, count_values, judge
from datasets.types import TYPES


def guess(folder: Path, title: str, cells: list[str], **options: object) -> ColumnGuess:
    """Return what is understood of one column beside a column of texts."""
    path = folder / "f.csv"
    path.write_text(f"lieu;{title}\n" + "".join(f"Lieu {n};{cell}\n" for n, cell in enumerate(cells)), encoding="utf-8")
    return read_file(path, **options).columns[1]


def kind_of(title: str, *cells: str) -> str:
    """Return the type of a column whose title has that slug."""
    return judge(count_values(pa.chunked_array([pa.array(cells)])), title).kind.name


@pytest.mark.parametrize(
    ("cells", "expected"),
    [
        (("03/04/2024", "13/04/2024"), "date"),
        (("03/04/2024", "04/13/2024"), "date_month_first"),
        (("03/04/2024", "05/06/2024"), "date"),
        (("13/04/2024", "04/13/2024"), "text"),
        (("03/04/2024 10:00", "04/13/2024 11:00"), "datetime_month_first"),
    ],
)
def test_the_whole_column_decides_between_day_and_month(cells: tuple[str, ...], expected: str) -> None:
    """One day above 12 settles the order for all; without any, the day comes first, as in France."""
    assert kind_of("le", *cells) == expected


def test_a_late_value_changes_the_order_of_all_days() -> None:
    """Five thousand days that read both ways, then one that does not: no sample could tell."""
    cells = [f"{1 + n % 12:02}/{1 + n // 12 % 12:02}/{1600 + n // 144}" for n in range(5000)]
    assert kind_of("le", *cells) == "date"
    assert kind_of("le", *cells, "12/31/2024") == "date_month_first"


@pytest.mark.parametrize(
    ("cells", "expected"),
    [
        (("1,5", "2,25"), "decimal"),
        (("1.5", "1 234,56"), "decimal"),
        (("1.234,56", "12"), "decimal_point_thousands"),
        (("1,234.56", "12"), "decimal_comma_thousands"),
        (("1.234,56", "1,234.56"), "text"),
        (("(1 234)", "56"), "decimal_brackets"),
        (("(1)", "(2)"), "text"),
        (("12 %", "3,5 %"), "percentage"),
        (("12 %", "3,5"), "text"),
        (("12 €", "1 234,50 €"), "euros"),
        (("1.234 €", "2.500,50 €"), "euros"),
        (("$1,200.00", "$5"), "us_dollars"),
        (("12 €", "12 $"), "text"),
        (("12345678901234567890", "2"), "text"),
        (("1", "007"), "text"),
    ],
)
def test_numbers_hold_to_one_way_of_writing(cells: tuple[str, ...], expected: str) -> None:
    """Commas, points, brackets and units mean the same thing in the whole column, or all stays text."""
    assert kind_of("valeur", *cells) == expected


def test_points_of_thousands_are_read_alike_in_a_column_of_euros() -> None:
    """A column holds "1.234 €" and "2.500,50 €": both are thousands, since one of them can only be."""
    values = TYPES["euros"].parse(pa.array(["1.234 €", "2.500,50 €"]))
    assert values.to_pylist() == [1234.0, 2500.5]


@pytest.mark.parametrize(
    ("title", "cells", "expected"),
    [
        ("gratuit", ("O", "N"), "boolean_letter"),
        ("orientation", ("N", "n"), "text"),
        ("orientation", ("N", "S", "O", "E"), "text"),
        ("ferme", ("x", "X", ""), "boolean_cross"),
        ("ferme", ("x", "X"), "text"),
        ("est_ouvert", ("0", "1"), "boolean_digit"),
        ("enfants", ("0", "1"), "integer"),
        ("est_ouvert", ("1", "1"), "integer"),
    ],
)
def test_short_marks_are_a_yes_only_when_the_column_says_so(title: str, cells: tuple[str, ...], expected: str) -> None:
    """O, x and 1 mean yes only where the whole column, or its title, leaves no other sense."""
    assert kind_of(title, *cells) == expected


@pytest.mark.parametrize(
    ("title", "cells", "expected"),
    [
        ("code_commune", ("1001", "1002"), "insee_commune"),
        ("code_commune", ("2A004", "1001"), "insee_commune"),
        ("population_code_commune", ("1001", "32013"), "integer"),
        ("cp", ("6000", "1000"), "postcode"),
        ("nb_cp", ("6000", "1000"), "integer"),
        ("departement", ("1", "2", "32"), "departement"),
        ("prix_moyen", ("32000", "31000"), "integer"),
        ("valeur", ("32000", "31000"), "integer"),
        ("date_debut", ("45363", "45400"), "date_serial"),
        ("montant", ("45363", "45400"), "integer"),
        ("jour", ("20240312", "20240401"), "date_compact"),
        ("numero", ("20240312", "20240401"), "integer"),
    ],
)
def test_codes_and_serials_need_their_title(title: str, cells: tuple[str, ...], expected: str) -> None:
    """Five digits are a code, and a number a day, only where the title says so; a quantity never is one."""
    assert kind_of(title, *cells) == expected


def test_a_reason_has_its_figures_in_both_languages(tmp_path: Path) -> None:
    """The reason counts the values, in French and in English."""
    found = guess(tmp_path, "n", [*map(str, range(1200)), "12a"])
    assert found.reason["fr"] == (
        "1\u202f200 des 1\u202f201 valeurs (99,92 %) sont du type « Nombre entier », les autres non : tout reste en "
        "texte, rien n’est perdu."
    )
    assert "1,200 of the 1,201 values (99.92%)" in found.reason["en"]
    assert (found.type, found.runner_up, found.against_count, found.against) == ("text", "integer", 1, ((1202, "12a"),))


def test_an_ambiguous_column_says_its_other_reading(tmp_path: Path) -> None:
    """Days that all read both ways, or commas that may part thousands, are told with the other reading."""
    days = guess(tmp_path, "le", ["03/04/2024", "05/06/2024"])
    assert (days.type, days.runner_up, days.runner_up_score) == ("date", "date_month_first", 1.0)
    assert "vérifiez" in days.reason["fr"]
    numbers = guess(tmp_path, "valeur", ["1,234", "12,500"])
    assert (numbers.type, numbers.runner_up) == ("decimal", "decimal_comma_thousands")
    assert not guess(tmp_path, "valeur", ["1", "2"]).runner_up


def test_every_row_against_is_counted_and_the_first_are_shown(tmp_path: Path) -> None:
    """The count is exact; five rows are listed with their text."""
    found = guess(tmp_path, "valeur", [*["1"] * 50, *["x"] * 7, "n.d."], declared={"valeur": Choice(type="integer")})
    assert found.against_count == 7
    assert found.against == tuple((row, "x") for row in range(52, 57))


def test_a_title_of_quantity_is_known() -> None:
    """The pattern of quantities is tried on words, never inside them."""
    assert pc.match_substring_regex(pa.array(["nb_entrees", "prix", "partenaire"]), COUNTING).to_pylist() == [
        *(True, True, False)
    ]
