"""Where a trip goes: communes as people write them."""

import pytest

from portal.pages.ges.places import find_place, suggest_places


@pytest.mark.parametrize(
    ("text", "label"),
    [
        ("Auch", "Auch (32)"),
        ("auch (32)", "Auch (32)"),
        ("32013", "Auch (32)"),
        ("L'ISLE-JOURDAIN", "L'Isle-Jourdain (32)"),
        ("lisle jourdain", None),
        ("l’isle jourdain (86)", "L'Isle-Jourdain (86)"),
        ("Saint-Denis", "Saint-Denis (974)"),
        ("saint denis (93)", "Saint-Denis (93)"),
        ("Ajaccio (2a)", "Ajaccio (2A)"),
        ("2a004", "Ajaccio (2A)"),
        ("Bourg en Bresse", "Bourg-en-Bresse (01)"),
        ("43.65, 0.57", "43.65, 0.57"),
        ("", None),
        ("(32)", None),
        ("91, 0", None),
        ("\x00", None),
    ],
)
def test_a_commune_is_found_as_it_is_written(text: str, label: str | None) -> None:
    """A name goes without accents, capitals or hyphens; a département tells homonyms apart; codes and points do."""
    found = find_place(text)
    assert (found.label if found else None) == label


def test_suggestions_begin_as_what_is_typed() -> None:
    """The most populated communes come first, each under a label that finds it again; nothing answers nothing."""
    assert suggest_places("par")[0] == "Paris (75)"
    assert suggest_places("auch")[0] == "Auch (32)"
    assert all(find_place(label) for label in suggest_places("saint-"))
    assert suggest_places("  ") == suggest_places("zzzz") == []


def test_every_commune_has_a_point_in_france() -> None:
    """The table holds the 34,875 communes of France, overseas départements included, each at a plausible point."""
    toulouse = find_place("31555")
    assert toulouse is not None
    assert toulouse.point == pytest.approx((43.6, 1.44), abs=0.05)
    assert find_place("97105") is not None
