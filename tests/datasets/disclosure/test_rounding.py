"""Controlled rounding: additive, close, as close as can be, and it tells no more than its base does."""

from itertools import product

import numpy as np
import pandas as pd
import pytest
from scipy import sparse
from scipy.optimize import linprog

from datasets.disclosure.cubes import build_cube
from datasets.disclosure.rounding import round_counts, round_cube, round_table, tie_margins
from datasets.errors import RecordsError

REGION_BY_GENDER = [[18, 2], [14, 19], [12, 10], [11, 14]]


def add_margins(inner):
    """The inner cells of a table and, last along each axis, their sums."""
    for axis in range(np.ndim(inner)):
        inner = np.concatenate([inner, np.sum(inner, axis=axis, keepdims=True)], axis=axis)
    return np.asarray(inner)


def find_least_error(inner, base):
    """Brute force: the least total error of all zero-restricted roundings of the inner cells, None without one."""
    inner = np.asarray(inner)
    rest = (inner % base).ravel()
    between = np.flatnonzero(rest)
    tried = np.repeat((inner.ravel() - rest)[None, :], 2 ** len(between), axis=0)
    tried[:, between] += base * np.array(list(product((0, 1), repeat=len(between))), dtype=int)
    rounded, true = tried.reshape(-1, *inner.shape), add_margins(inner)
    for axis in range(1, inner.ndim + 1):
        rounded = np.concatenate([rounded, rounded.sum(axis=axis, keepdims=True)], axis=axis)
    error = np.abs(rounded - true).reshape(len(rounded), -1)
    allowed = ((error < base) & ((error == 0) | (true.ravel() % base > 0))).all(axis=1)
    return int(error[allowed].sum(axis=1).min()) if allowed.any() else None


def check_sound(counts, equations, rounding):
    """What every rounding must satisfy, whatever its steps."""
    assert not (rounding.values % rounding.base).any()
    assert not (equations @ rounding.values).any()
    assert (rounding.values >= 0).all()
    assert (np.abs(rounding.values - counts) < rounding.base * (rounding.steps + 1)).all()
    assert not rounding.values[np.asarray(counts) == 0].any()
    assert rounding.error == np.abs(rounding.values - counts).sum()


@pytest.mark.parametrize(("base", "error"), [(3, 12), (5, 14)])
def test_region_by_gender(base, error):
    """The known answers of the 15 cells of a region × gender table: total errors of 12 (base 3) and 14 (base 5)."""
    table, rounding = round_table(pd.DataFrame(REGION_BY_GENDER, columns=["f", "h"]), base)
    assert (rounding.error, rounding.gap, rounding.steps) == (error, 0, 0)
    check_sound(add_margins(REGION_BY_GENDER).ravel(), tie_margins((5, 3)), rounding)
    assert list(table.columns) == ["f", "h", "Total"]
    assert (table["f"] + table["h"] == table["Total"]).all()
    assert (table.iloc[:-1].sum() == table.loc["Total"]).all()


@pytest.mark.parametrize("base", [2, 3, 5])
def test_two_dimensions_are_rounded_at_the_least_error(base):
    """On 100 small random tables the rounding is zero-restricted, and no other one is closer."""
    for seed in range(100):
        rng = np.random.default_rng(seed)
        inner = rng.integers(0, 3 * base, rng.integers(1, 4, 2)) * rng.integers(0, 2)
        inner = inner + rng.integers(0, base + 1, inner.shape)
        counts = add_margins(inner)
        equations = tie_margins(counts.shape)
        rounding = round_counts(counts.ravel(), equations, base, seconds=0)
        check_sound(counts.ravel(), equations, rounding)
        assert rounding.steps == 0
        assert (rounding.values == counts.ravel())[counts.ravel() % base == 0].all()
        assert (rounding.error, rounding.gap) == (find_least_error(inner, base), 0)


@pytest.mark.parametrize("seed", range(30))
def test_three_dimensions_are_rounded_at_the_least_error(seed):
    """In three dimensions, where a zero-restricted rounding exists, no other one is closer."""
    inner = np.random.default_rng(seed).integers(0, 4, (2, 3, 3))
    counts = add_margins(inner)
    rounding = round_counts(counts.ravel(), tie_margins(counts.shape), 3)
    check_sound(counts.ravel(), tie_margins(counts.shape), rounding)
    assert (rounding.error, rounding.gap, rounding.steps) == (find_least_error(inner, 3), 0, 0)


def test_a_table_that_no_rounding_fits_goes_one_step_further():
    """A 3 × 3 × 3 table without any zero-restricted rounding is rounded within twice the base, and says so."""
    inner = np.array(
        [[[0, 0, 0], [1, 0, 0], [0, 2, 0]], [[0, 1, 0], [1, 2, 0], [2, 2, 2]], [[0, 0, 2], [1, 0, 0], [0, 2, 1]]]
    )
    counts = add_margins(inner)
    rounding = round_counts(counts.ravel(), tie_margins(counts.shape), 3)
    assert find_least_error(inner, 3) is None
    check_sound(counts.ravel(), tie_margins(counts.shape), rounding)
    assert (rounding.steps, rounding.proven, rounding.gap) == (1, True, 0)


def test_a_rounded_table_is_rounded_to_itself():
    """Rounding twice changes nothing more."""
    first, _ = round_table(pd.DataFrame(np.random.default_rng(4).poisson(6, (8, 5))), 5)
    again, rounding = round_table(first.iloc[:-1, :-1], 5)
    assert rounding.error == 0
    pd.testing.assert_frame_equal(first, again)


def test_the_same_table_is_rounded_alike():
    """Ties are decided by the seed and nothing else: equal seeds agree, and some other seed decides otherwise."""
    counts = add_margins(np.full((4, 4), 2)).ravel()
    equations = tie_margins((5, 5))
    rounded = [round_counts(counts, equations, 4, seed=seed).values.tolist() for seed in (0, 0, 1, 2)]
    assert rounded[0] == rounded[1]
    assert any(other != rounded[0] for other in rounded[2:])


@pytest.mark.parametrize("seed", range(3))
def test_an_attacker_learns_no_more_than_the_base(seed):
    """From the rounded table and its equations alone every count may be anything within ± (base − 1)."""
    base, counts = 5, add_margins(np.random.default_rng(seed).poisson(4, (4, 3)))
    equations = tie_margins(counts.shape)
    shown = round_counts(counts.ravel(), equations, base).values
    bounds = [(max(0, y - base + 1), y + base - 1) for y in shown]
    zero = np.zeros(equations.shape[0])
    for cell, (low, high) in enumerate(bounds):
        goal = np.arange(len(shown)) == cell
        least = linprog(goal, A_eq=equations, b_eq=zero, bounds=bounds).fun
        most = -linprog(-goal.astype(float), A_eq=equations, b_eq=zero, bounds=bounds).fun
        assert (least, most) == (pytest.approx(low), pytest.approx(high))
        assert low <= counts.ravel()[cell] <= high


def test_linked_tables_share_their_cells():
    """Two groupings of the same eight regions are rounded together: both stay additive over the same regions."""
    rng = np.random.default_rng(2)
    regions = rng.integers(0, 30, 8)
    members = np.array([[1, 1, 1, 1, 0, 0, 0, 0], [0, 0, 0, 0, 1, 1, 1, 1], [0, 1, 0, 0, 1, 0, 1, 1], [1] * 8])
    equations = sparse.csr_matrix(np.hstack([-members, np.eye(4)]))
    counts = np.concatenate([regions, members @ regions])
    rounding = round_counts(counts, equations, 3)
    check_sound(counts, equations, rounding)
    assert rounding.steps == 0


def test_a_cube_is_rounded_over_all_its_cells(contributions):
    """Counts of a cube stay additive over territories and periods, pieces that nobody publishes included."""
    cube = build_cube(contributions(2000, 150, 1), measures=["nb_dates"], holding="holding")
    roundings = round_cube(cube, ("n", "nb_dates"), base=5, seconds=5)
    for name, rounding in roundings.items():
        check_sound(cube.cells[name].to_numpy(), cube.equations, rounding)
        assert rounding.steps == 0
    assert (roundings["n"].values == roundings["nb_dates"].values).all()


@pytest.mark.parametrize(
    ("counts", "base"),
    [([3, 1, 1], 3), ([-2, -1, -1], 3), ([3, 1.5, 1.5], 3), ([3, 1, 2], 1), ([3, 3], 3), ([np.nan, 1, 2], 3)],
)
def test_what_is_not_a_table_of_counts_is_refused(counts, base):
    """Counts that are negative, broken, not additive, too few or not known, and a base of 1, are refused."""
    with pytest.raises(RecordsError, match="Round the counts") as refused:
        round_counts(counts, sparse.csr_matrix([[1.0, -1.0, -1.0]]), base)
    assert "arrondi" in refused.value.message("fr")


def test_an_empty_table_is_rounded():
    """Nothing, and nothing but zeros, are rounded to themselves."""
    assert round_counts([], sparse.csr_matrix((0, 0)), 3).error == 0
    assert round_table(pd.DataFrame(np.zeros((2, 2))), 3)[0].to_numpy().sum() == 0
