"""Costs: what is minimised, by name."""

import numpy as np
import pytest

from datasets.disclosure import Rules
from datasets.disclosure.blocks import Block, Scenario
from datasets.disclosure.costs import COSTS, price_cells
from datasets.disclosure.layout import tie_cells
from datasets.disclosure.secondary import find_pattern
from datasets.errors import DisclosureError

LEVELS = np.array(["pays", "region", "region", *["departement"] * 6])
VALUES = np.array([600.0, 12.0, 588.0, 2.0, 4.0, 6.0, 90.0, 98.0, 400.0])
"""A country of two régions; the small one has three small départements, the other three large ones."""


def choose(cost, unsafe=3):
    """The cells hidden under a cost when one département is unsafe."""
    links = [
        np.array([(0, 1), (0, 2)]),
        np.array([(1, 3), (1, 4), (1, 5)]),
        np.array([(2, 6), (2, 7), (2, 8)]),
    ]
    hidden = np.zeros(9, dtype=bool)
    hidden[unsafe] = True
    need = np.where(hidden, 0.2, 0.0)
    block = Block(
        tie_cells(links, 9),
        price_cells(VALUES, LEVELS, Rules(cost=cost)),
        hidden,
        np.zeros(9, dtype=bool),
        [Scenario("L0", VALUES, np.full(9, 1e4), need, need)],
    )
    return set(np.flatnonzero(find_pattern(block).hidden & ~hidden))


@pytest.mark.parametrize("cost", ["value", "cells", "log", "interest", "rank"])
def test_a_departement_is_hidden_before_a_region(cost):
    """Under each cost the cheapest companion of an unsafe département is the smallest département beside it."""
    assert choose(cost) in ({4}, {5}) if cost == "cells" else choose(cost) == {4}


def test_the_price_of_a_level_follows_the_declared_interest():
    """A région costs ten times its value, the country a hundred times; other levels their value."""
    plain, dear = (price_cells(VALUES, LEVELS, Rules(cost=name)) for name in ("value", "interest"))
    assert (dear / plain).tolist() == [100, 10, 10, *[1] * 6]


def test_a_rank_outweighs_all_that_is_below():
    """One région is dearer than all départements together, and the country than all régions and départements."""
    price = price_cells(VALUES, LEVELS, Rules(cost="rank"))
    assert price[1:3].min() > price[3:].sum()
    assert price[0] > price[1:].sum()


def test_the_number_of_cells_and_the_logarithm():
    """Each cell counts for one; a logarithm grows with the value, far less than it."""
    assert (price_cells(VALUES, LEVELS, Rules(cost="cells")) == 1).all()
    logs = price_cells(VALUES, LEVELS, Rules(cost="log"))
    assert (np.argsort(logs) == np.argsort(VALUES)).all()
    assert logs.max() / logs.min() < 10


@pytest.mark.parametrize("cost", COSTS)
def test_nothing_is_hidden_for_nothing(cost):
    """Even an empty cell costs something, and no cost is negative or undefined where all is zero."""
    price = price_cells(np.zeros(3), np.array(["pays", "region", "epci"]), Rules(cost=cost))
    assert np.isfinite(price).all()
    assert (price > 0).all()


def test_an_unknown_cost_is_refused():
    """The names that exist are told."""
    with pytest.raises(DisclosureError, match="interest"):
        price_cells(VALUES, LEVELS, Rules(cost="beauty"))
