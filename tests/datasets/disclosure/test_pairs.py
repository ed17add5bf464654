"""Links between two contributors: how many share no end, and who dominates them."""

from itertools import combinations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from datasets.disclosure.cubes import build_cube
from datasets.disclosure.layout import Grid, Level, Period
from datasets.disclosure.pairs import ENDS, Links, count_apart, rank_ends
from datasets.disclosure.primary import Rules, find_unsafe

LINKS = st.lists(st.tuples(st.integers(0, 7), st.integers(0, 7)), max_size=9)


def search(links, most):
    """Return the answer of `count_apart` by trying every set of links."""
    for size in range(min(most, len(links)), 0, -1):
        for some in combinations(links, size):
            if len({end for link in some for end in link}) == 2 * size:
                return size
    return 0


@given(LINKS, st.integers(0, 4))
def test_links_apart_are_counted_exactly(links, most):
    """The largest set of links without a common end is that of a search of all sets."""
    assert count_apart(links, most) == search(links, most)


@pytest.mark.parametrize(
    ("links", "apart"),
    [
        ([(0, n) for n in range(1, 50)], 1),
        ([(0, 0), (1, 1), (2, 2)], 0),
        ([(0, 1), (2, 3), (4, 5)], 3),
        ([(0, 1), (1, 2), (2, 3), (3, 4), (4, 5)], 3),
        ([(0, n) for n in range(2, 40)] + [(1, n) for n in range(2, 40)], 2),
    ],
)
def test_a_star_counts_once(links, apart):
    """All the links of one end count as one, and a link with oneself as none."""
    assert count_apart(links, 3) == apart


@given(st.lists(st.tuples(st.integers(0, 4), st.integers(0, 4), st.integers(1, 9)), min_size=1, max_size=12))
def test_the_second_end_is_counted_without_the_first(rows):
    """What the second end knows of the others: its links, except those with the first, which are in the first's."""
    ends, value = np.array([row[:2] for row in rows]), np.array([row[2] for row in rows], dtype=float)
    known = {end: value[(ends == end).any(axis=1)].sum() for end in np.unique(ends)}
    first, second = rank_ends(ends, value)
    assert first == pytest.approx(max(known.values()) / value.sum())
    found = []
    for top in [end for end, total in known.items() if total == max(known.values())]:
        rest = (ends != top).all(axis=1)
        found.append(max(value[rest & (ends == end).any(axis=1)].sum() for end in known) / value.sum())
    assert any(second == pytest.approx(each) for each in found)


def flows(*links):
    """Return contributions to one flow between two regions: (venue, other venue, company, number)."""
    frame = pd.DataFrame(links, columns=["lieu_id", "vis_a_vis", "equipe_id", "nb"]).astype({"nb": float})
    return frame.assign(a="R1", b="R2", annee="2025", programmateur_id=frame["lieu_id"])


def rule_of(frame):
    """Return the rule that the flow of a frame breaks."""
    cube = build_cube(
        frame,
        measures=["nb"],
        dominance_measures=(),
        levels=(Level("pays"),),
        periods=(Period("annee", "annee"),),
        grids=(Grid("flux", ("a", "b"), ("pays",), ("annee",)),),
        links=Links("flux", ("lieu_id", "vis_a_vis"), ("nb",), ("equipe_id",)),
    )
    return find_unsafe(cube, Rules())[cube.cells["grille"] == "flux"].iloc[0]


def test_a_flow_needs_three_links_apart():
    """Three links of different venues are safe; the same three of one venue, or of one company, are not."""
    assert rule_of(flows((0, 3, 0, 1), (1, 4, 1, 1), (2, 5, 2, 1))) == ""
    assert rule_of(flows((0, 3, 0, 1), (1, 3, 1, 1), (2, 3, 2, 1))) == "dominance"
    assert rule_of(flows(*((a, b, a, 1) for a, b in combinations(range(5), 2)))) == "links"
    assert rule_of(flows((0, 3, 0, 1), (1, 4, 0, 1), (2, 5, 0, 1))) == "frequency"


def test_an_end_that_dominates_a_flow_is_found_on_either_side():
    """A venue with 90 % of the links is told by the rule of dominance, whichever side it is written on."""
    few = [(1, 4, 1, 1), (2, 5, 2, 1)]
    assert rule_of(flows(*few, *((n, 9, n, 1) for n in range(10, 28)))) == "dominance"
    assert rule_of(flows(*few, *((9, n, n, 1) for n in range(10, 28)))) == "dominance"
    assert rule_of(flows(*few, *((n, n + 50, n, 1) for n in range(10, 28)))) == ""


def test_what_a_flow_asks_is_not_asked_of_other_tables():
    """Cells of other grids have no links to count, and none is too few."""
    frame = flows((0, 3, 0, 1), (1, 4, 1, 1), (2, 5, 2, 1))
    cube = build_cube(
        frame,
        measures=["nb"],
        levels=(Level("pays"),),
        periods=(Period("annee", "annee"),),
        grids=(Grid("flux", ("a", "b"), ("pays",), ("annee",)),),
        links=Links("flux", ("lieu_id", "vis_a_vis"), ("nb",)),
    )
    other = (cube.cells["grille"] == "").to_numpy()
    assert np.isinf(cube.cells["couplage"][other]).all()
    assert (cube.shares[ENDS, "nb"][other] == 0).all()
