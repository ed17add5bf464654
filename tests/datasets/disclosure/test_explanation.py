"""What a dataset hides is told to people: how much, by which rules, at what cost, and how to hide less."""

import json
from collections.abc import Callable

import pandas as pd
import pytest

from datasets.disclosure import build_cube, protect, release_tables
from datasets.disclosure.auditor import LEVELS as TRIED
from datasets.disclosure.certificate import Certificate
from datasets.disclosure.explanation import ATTACKS, LEVELS, RULES, Explanation, explain, tell_explanation
from datasets.disclosure.layout import PERIODS, TERRITORIES
from datasets.disclosure.primary import PRIMARY_RULES

KM = "distance_contrefactuelle_km"


@pytest.fixture(scope="module")
def release(contributions: Callable[..., pd.DataFrame]) -> tuple[pd.DataFrame, Certificate]:
    """Rows as they are served, and their certificate."""
    options = {"holding": "holding", "levels": TERRITORIES[:3], "periods": PERIODS, "dominance_measures": [KM]}
    cube = build_cube(contributions(8000, 400, 1, seed=3), measures=[KM], name="essai", **options)
    protection = protect(cube, seconds=2)
    rows = protection.serve(cube)
    return rows, release_tables({"essai": rows}, [cube], protection)


@pytest.fixture(scope="module")
def found(release: tuple[pd.DataFrame, Certificate]) -> Explanation:
    """What is told of these rows."""
    return explain(release[0], release[1].to_dict())


def test_cells_are_counted_by_table(release: tuple[pd.DataFrame, Certificate], found: Explanation) -> None:
    """The counts are those of the rows, table by table, all years together and year by year."""
    rows = release[0]
    assert (found.cells, found.hidden) == (len(rows), int(rows["masque"].sum()))
    regions = next(table for table in found.tables if (table.level, table.period) == ("region", "trimestre"))
    mine = rows[(rows["niveau_geo"] == "region") & (rows["periode"].str.len() > 4)]
    assert (regions.cells, regions.hidden) == (len(mine), int(mine["masque"].sum()))
    assert sum(table.hidden for table in found.years) == found.hidden
    assert [table.level for table in found.tables] == sorted((t.level for t in found.tables), key=list(LEVELS).index)


def test_what_is_left_untold_is_what_any_reader_computes(
    release: tuple[pd.DataFrame, Certificate], found: Explanation
) -> None:
    """The cost in value is the part of the country’s total that the shown cells of a table do not make."""
    rows = release[0][release[0]["periode"].str.len() > 4]
    shown = rows.groupby("niveau_geo")[KM].sum()
    regions = next(table for table in found.tables if (table.level, table.period) == ("region", "trimestre"))
    assert regions.untold == pytest.approx(1 - shown["region"] / shown["pays"])
    country = next(table for table in found.tables if (table.level, table.period) == ("pays", "trimestre"))
    assert country.untold == 0


def test_a_coarser_table_is_proposed_when_it_hides_less(found: Explanation) -> None:
    """Each proposal is coarser and hides a smaller share of its cells."""
    assert found.merges
    for table, coarser in found.merges:
        assert coarser.share < table.share
        assert coarser.cells < table.cells
        assert coarser.level == table.level or coarser.period == table.period


def test_nothing_is_told_that_is_not_public(release: tuple[pd.DataFrame, Certificate]) -> None:
    """The report is made of the rows and of the certificate alone, as a stranger reads them from their files."""
    rows, certificate = release
    text = rows.to_csv(index=False).encode()
    read = explain(text, json.loads(json.dumps(certificate.to_dict())))
    assert list(tell_explanation(read)) == list(tell_explanation(explain(rows, certificate.to_dict())))


@pytest.mark.parametrize("lang", ["fr", "en"])
def test_the_report_says_it_in_words(found: Explanation, lang: str) -> None:
    """It names no code of a rule or of a level, and every rule that hid something is explained."""
    told = "\n".join(tell_explanation(found, lang))
    assert all(RULES[rule][lang] in told for rule in found.rules)
    assert all(ATTACKS[level][lang] in told for level in found.attacks)
    assert "trimestre" not in told or lang == "fr"


def test_every_rule_and_every_attack_has_its_words() -> None:
    """A rule or a level of attack that is added needs its sentence, in both languages."""
    assert set(RULES) == {rule.name for rule in PRIMARY_RULES} | {"secondary"}
    assert set(TRIED) <= set(ATTACKS)


def test_categories_that_are_mostly_hidden_are_named() -> None:
    """Where a table has categories, those of which most cells are hidden are to be merged with others."""
    rows = pd.DataFrame(
        [("region", code, "2026", mode, hidden, None if hidden else 5.0)
         for code in ("11", "75", "76") for mode, hidden in (("train", False), ("avion", True), ("car", code == "11"))],
        columns=["niveau_geo", "code_geo", "periode", "mode", "masque", "nb_dates"],
    )  # fmt: skip
    found = explain(rows)
    assert found.categories == {"mode": ("avion",)}
    assert found.attacks == ()
    assert "No certificate comes with these data." in list(tell_explanation(found))


def test_tables_that_are_not_there_are_listed() -> None:
    """A table withheld is listed, and so is what an earlier year lacks of the same levels."""
    rows = pd.DataFrame(
        {
            "niveau_geo": ["pays", "region", "pays"],
            "code_geo": ["FR", "75", "FR"],
            "periode": ["2025", "2025", "2026-T1"],
        }
    ).assign(masque=False, nb_dates=9.0)
    withheld = [{"level": "epci", "period": "trimestre", "block": "2026", "grid": ""}]
    found = explain(rows, {"withheld": withheld})
    assert found.absent == (
        ("epci", "annee", "2025"),
        ("region", "trimestre", "2026"),
        ("epci", "trimestre", "2026"),
    )
