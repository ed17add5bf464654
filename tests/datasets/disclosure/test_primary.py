"""Primary rules: known answers, weights, and what each rule says of small cells."""

import numpy as np
import pandas as pd
import pytest

from datasets.disclosure.contributors import SAMPLE, UNITS, rank_shares
from datasets.disclosure.cubes import build_cube
from datasets.disclosure.layout import Level, Period
from datasets.disclosure.primary import Rules, find_unsafe, is_dominated, is_estimated
from datasets.errors import DisclosureError

REGION_BY_GENDER = {
    ("A", "female"): [11, 9],
    ("A", "male"): [18, 15, 13, 13, 12, 11, 10, 10, 10, 9, 9, 9, 8, 7, 7, 6, 6, 5],
    ("B", "female"): [18, 16, 14, 14, 13, 13, 12, 12, 11, 10, 10, 9, 9, 8, 8, 8, 7, 7, 5],
    ("B", "male"): [15, 14, 14, 12, 11, 10, 10, 10, 9, 8, 8, 7, 7, 5],
    ("C", "female"): [19, 12, 12, 11, 10, 9, 9, 9, 8, 7],
    ("C", "male"): [18, 12, 12, 11, 11, 11, 10, 9, 6, 6, 6, 6],
    ("D", "female"): [18, 16, 14, 14, 11, 11, 11, 10, 10, 9, 9, 7, 6, 6],
    ("D", "male"): [280, 11, 10, 9, 9, 9, 8, 8, 8, 7, 7],
}
"""A hundred contributions in eight cells: one cell of two, one where a single contributor makes three quarters."""

GROUPS = {"v1": [100], "v2": [90, 10], "v3": [80, 20], "v4": [70, 30], "v5": [80, 10, 10], "v6": [70, 10, 10, 10]}
WEIGHTS = {"v1": [1], "v2": [2, 1], "v3": [2, 1], "v4": [2, 1], "v5": [2, 1, 1], "v6": [2, 1, 1, 1]}


def rank(groups, weights=None, weighting=UNITS):
    """The ranked shares of cells given as lists of contributions."""
    cell = np.repeat(np.arange(len(groups)), [len(values) for values in groups.values()])
    value = np.concatenate([np.asarray(values, dtype=float) for values in groups.values()])
    weight = None if weights is None else np.concatenate([np.asarray(w, dtype=float) for w in weights.values()])
    return rank_shares(cell, value, len(groups), 2, weight=weight, weighting=weighting)


def with_margins():
    """The cells of the table with its margins, by (region, gender), "" standing for all."""
    cells = dict(REGION_BY_GENDER)
    for (region, gender), values in REGION_BY_GENDER.items():
        for key in ((region, ""), ("", gender), ("", "")):
            cells[key] = cells.get(key, []) + values
    return cells


@pytest.mark.parametrize(
    "test",
    [lambda s: is_dominated(s, 2, 0.75), lambda s: is_estimated(s, 0.70), lambda s: is_estimated(s, 0.60, 0.80)],
    ids=["(2, 75)", "p=70", "pq=(60, 80)"],
)
def test_known_answers_on_region_by_gender(test):
    """The (2,75), p = 70 and pq = (60,80) rules all find the cell of two and the dominated one, and no margin."""
    cells = with_margins()
    unsafe = {key for key, broken in zip(cells, test(rank(cells)), strict=True) if broken}
    assert unsafe == {("A", "female"), ("D", "male")}
    assert {key for key, values in cells.items() if len(values) <= 2} == {("A", "female")}


def test_weighted_dominance():
    """With weights, (2,90) counts a contributor of weight 2 twice, or only in the total, as one prefers."""
    assert is_dominated(rank(GROUPS), 2, 0.901).tolist() == [True, True, True, True, False, False]
    assert is_dominated(rank(GROUPS, WEIGHTS), 2, 0.90).tolist() == [True, True, False, False, False, False]
    sampled = is_dominated(rank(GROUPS, WEIGHTS, SAMPLE), 2, 0.90)
    assert sampled.tolist() == [True, False, False, False, False, False]


def test_a_rule_that_needs_more_ranks_than_are_counted_says_so():
    """Asking for the three largest when two are ranked is an error, not a wrong answer."""
    with pytest.raises(DisclosureError, match="ranked"):
        is_dominated(rank(GROUPS), 3, 0.9)


@pytest.mark.parametrize(("rest", "unsafe"), [(4.9, True), (5.0, False), (50.0, False)])
def test_p_percent_starts_below_the_threshold(rest, unsafe):
    """With 10 %, what the two largest leave must reach a tenth of the largest."""
    shares = rank({"cell": [50.0, 40.0, rest]})
    assert is_estimated(shares, 0.10).tolist() == [unsafe]


def test_a_sole_contributor_breaks_every_rule_on_magnitudes():
    """One contributor alone is dominant and exactly known; a cell without value is neither."""
    shares = rank({"alone": [7.0], "none": [0.0, 0.0]})
    assert is_dominated(shares, 1, 0.85).tolist() == [True, False]
    assert is_estimated(shares, 0.10).tolist() == [True, False]


def make_cube(rows, directory=None, **options):
    """A cube of one level and one period: rows are (place, contributor, value)."""
    frame = pd.DataFrame(rows, columns=["place", "who", "v"]).assign(annee="2026")
    return build_cube(
        frame,
        measures=["v"],
        levels=(Level("pays"), Level("lieu", "place", "pays")),
        periods=(Period("annee", "annee"),),
        roles={"lieux": "who"},
        directory=directory,
        **options,
    )


def test_zeros_tell_about_the_only_ones_who_could_act():
    """Where nothing happened the cell is unsafe with one or two eligible units, and a plain zero with three."""
    directory = pd.DataFrame({"place": ["A", "A", "A", "B", "B", "C", "C", "C"]})
    cube = make_cube([("A", i, 5.0) for i in range(4)], directory)
    rules = dict(zip(cube.cells["code_geo"], find_unsafe(cube, Rules()), strict=True))
    assert rules == {"FR": "", "A": "", "B": "zeros", "C": ""}
    assert cube.cells.set_index("code_geo")["v"].groupby(level=0).first()["C"] == 0
    assert set(find_unsafe(cube, Rules(zeros=0))) == {""}


def test_weights_reach_the_cube():
    """Values are weighted sums, and dominance is judged with the weights."""
    rows = pd.DataFrame(
        {"place": "A", "who": [1, 2, 3], "v": [90.0, 10.0, 10.0], "w": [1.0, 10.0, 10.0], "annee": "2026"}
    )
    options = {"levels": (Level("pays"),), "periods": (Period("annee", "annee"),), "roles": {"lieux": "who"}}
    plain, weighted = (build_cube(rows, measures=["v"], weight=w, **options) for w in (None, "w"))
    assert plain.cells["v"].iloc[0] == 110
    assert weighted.cells["v"].iloc[0] == 290
    assert plain.shares["lieux", "v"][0, 0] == pytest.approx(90 / 110)
    assert weighted.shares["lieux", "v"][0, 0] == pytest.approx(90 / 290)
