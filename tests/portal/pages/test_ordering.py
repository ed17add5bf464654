"""Values stand in the order in which people expect them."""

from random import Random

import pytest

from portal.pages.ordering import find_moment, natural


@pytest.mark.parametrize(
    "ordered",
    [
        ["janvier", "Février", "mars", "AVRIL", "août", "décembre"],
        ["Jan", "Feb", "Mar", "Apr", "Sept", "Dec"],
        ["janv.", "févr.", "juil.", "déc."],
        ["décembre 2024", "janvier 2025", "mars 2025"],
        ["T4 2024", "T1 2025", "T3 2025"],
        ["Q4 2024", "Q1 2025"],
        ["1er trimestre", "2e trimestre", "3ème trimestre"],
        ["4th quarter 2024", "1st quarter 2025"],
        ["2024-T4", "2025-T1", "2025-T2"],
        ["2025-S09", "2025-S49", "2026-S01"],
        ["2024", "2025"],
        ["lundi", "mardi", "dimanche"],
        ["moins de 250 km", "250 à 1 000 km", "1 000 à 3 000 km", "3 000 km et plus"],
        ["cirque", "Écriture", "théâtre"],
    ],
)
def test_values_go_as_people_expect(ordered: list[str]) -> None:
    """Months, quarters and days in words go by time, classes by their number, words by letter."""
    assert sorted(Random(1).sample(ordered, len(ordered)), key=natural) == ordered


@pytest.mark.parametrize("text", ["", "mars attaque", "T5 2024", "may be", "2024-13", "12", "trimestre", "décembre 24"])
def test_what_is_no_moment_is_not_taken_for_one(text: str) -> None:
    """Words that begin as a month does, numbers and impossible periods are not moments."""
    assert find_moment(text) is None
