"""Hierarchies nest, level in level, whatever they are made of; values they do not know are refused."""

from datetime import date

import numpy as np
import pandas as pd
import pytest

from datasets.disclosure.microdata import dates, explicit, intervals, prefixes, territory, whole
from datasets.errors import RecordsError


def climb(hierarchy, values):
    """The labels of each value, level by level."""
    return [labels.take(codes).tolist() for codes, labels in hierarchy.climb(pd.Index(values))]


def test_days_become_decades():
    """day → month → quarter → year → decade → *, from texts, dates and instants alike."""
    told = [["2026-03-31"], ["2026-03"], ["2026-T1"], ["2026"], ["2020–2029"], ["*"]]
    assert climb(dates(), ["2026-03-31"]) == told
    for value in (date(2026, 3, 31), pd.Timestamp("2026-03-31T23:59"), np.datetime64("2026-03-31")):
        assert climb(dates(), [value])[1:] == told[1:]
    assert climb(dates(), ["1999-12-31", "2000-01-01"])[4] == ["1990–1999", "2000–2009"]


def test_ages_become_intervals():
    """Widths nest, ends are told apart, bounds are closed on the left."""
    told = climb(intervals(5, 10, low=18, high=90), [17, 18, 20, 24.5, 25, 89, 90, 104])
    assert told[1] == ["< 18", "[18 ; 20[", "[20 ; 25[", "[20 ; 25[", "[25 ; 30[", "[85 ; 90[", "≥ 90", "≥ 90"]
    assert told[2] == ["< 18", "[18 ; 20[", "[20 ; 30[", "[20 ; 30[", "[20 ; 30[", "[80 ; 90[", "≥ 90", "≥ 90"]
    assert climb(intervals(0.5, 1000), [-0.2, 1234567])[1] == ["[-0.5 ; 0[", "[1234567 ; 1234567.5["]


def test_codes_become_prefixes():
    """A code is told by fewer and fewer of its characters."""
    assert climb(prefixes(3, 2), ["32013", "32107"]) == [
        ["32013", "32107"],
        ["320*", "321*"],
        ["32*", "32*"],
        ["*", "*"],
    ]


def test_an_epci_that_crosses_a_border_is_told_by_its_pieces():
    """commune → EPCI → département → région: an EPCI of two départements, and no EPCI, give pieces that nest."""
    places = {
        "32013": ("E1", "32", "76"),
        "32107": ("E2", "32", "76"),
        "40001": ("E2", "40", "75"),
        "29083": (None, "29", "53"),
    }
    told = climb(territory(places), list(places))
    assert told[1] == ["E1", "E2×32", "E2×40", "×29"]
    assert told[2:] == [["32", "32", "40", "29"], ["76", "76", "75", "53"], ["*"] * 4]


def test_levels_that_do_not_nest_are_refused():
    """Two values told alike and then apart, and interval widths that cross, are refused with the value."""
    with pytest.raises(RecordsError, match="levels that nest") as refused:
        explicit({"a": ["x", "1"], "b": ["x", "2"]}, ("groupe", "ensemble")).climb(pd.Index(["a", "b"]))
    assert "emboîtés" in refused.value.message("fr")
    with pytest.raises(RecordsError, match="levels that nest"):
        intervals(4, 10).climb(pd.Index([9, 10]))


@pytest.mark.parametrize(
    ("hierarchy", "value"),
    [(explicit({"a": ["x"]}), "b"), (territory({}), "32013"), (dates(), "hier"), (intervals(5), "âgé")],
)
def test_unknown_values_are_refused_not_hidden(hierarchy, value):
    """A value without a label is an error to correct, even when no place at all is known."""
    with pytest.raises(RecordsError, match="a value that the hierarchy knows"):
        hierarchy.climb(pd.Index([value]))


def test_all_or_nothing():
    """The hierarchy of a column that is told as it is, or not at all, has these two levels."""
    assert climb(whole(), ["F", "H"]) == [["F", "H"], ["*", "*"]]
    assert climb(whole(), []) == [[], []]
