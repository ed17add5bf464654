"""Tables of any dimensions: their cells, what ties them, and that they are protected together."""

from dataclasses import replace
from itertools import product

import numpy as np
import pandas as pd
import pytest

from datasets.disclosure import Rules
from datasets.disclosure.costs import COSTS, price_cells
from datasets.disclosure.crossings import cross, suppress
from datasets.errors import RecordsError

DIMENSIONS = {"activity": ["activity"], "size": ["size"]}

TWELVE = {
    ("01", "tr1"): [310, 290, 150, 90],
    ("01", "tr2"): [260, 240, 130, 80, 60],
    ("02", "tr1"): [40, 35],
    ("02", "tr2"): [70, 60, 45, 30],
    ("03", "tr1"): [200, 180, 150, 120, 90],
    ("03", "tr2"): [300, 280, 260, 220],
    ("04", "tr1"): [410, 400, 390],
    ("04", "tr2"): [520, 500, 480, 300],
    ("05", "tr1"): [150, 145, 140, 90],
    ("05", "tr2"): [210, 190, 170, 150],
    ("06", "tr1"): [55, 50, 48, 40],
    ("06", "tr2"): [300, 14, 10, 6],
}
"""Twelve cells: one of two firms only, and one where a single firm makes nine tenths."""


def list_firms(groups):
    """One row per firm, from the values of each (activity, size)."""
    rows = [(*key, value) for key, values in groups.items() for value in values]
    return pd.DataFrame(rows, columns=["activity", "size", "v"]).assign(firm=range(len(rows)))


def test_frequency_and_dominance_on_twelve_cells():
    """The cell of two firms and the dominated one are hidden, then the two that would betray them, and no other."""
    crossing = cross(list_firms(TWELVE), DIMENSIONS, [("activity", "size")], value="v", who="firm")
    told = suppress(crossing, Rules(p=0.0, cost="value")).cells.set_index(["activity", "size"])
    primary = told[told["status"] == "primary"]["rule"].to_dict()
    assert primary == {("02", "tr1"): "frequency", ("06", "tr2"): "dominance"}
    assert set(told.index[told["status"] == "secondary"]) == {("02", "tr2"), ("06", "tr1")}


def test_cells_of_linked_tables_are_counted_once():
    """Each cell of two tables appears once, with its sum, its contributors and its level, and the equations hold."""
    rng = np.random.default_rng(0)
    frame = pd.DataFrame({name: rng.integers(0, n, 500) for name, n in {"b": 6, "c": 3, "v": 9, "who": 30}.items()})
    frame = frame.assign(a=frame["b"] // 3, half=frame["who"] % 2)
    dimensions = {"place": ["a", "b"], "kind": ["c"], "half": ["half"]}
    cells = cross(frame, dimensions, [("place", "kind"), ("place", "half")], value="v", who="who")
    assert np.abs(cells.equations @ cells.cells["value"]).max() == 0
    assert not cells.cells.duplicated(["place", "kind", "half"]).any()
    assert len(cells.cells) == (1 + 2 + 6) * (1 + 3 + 2)
    one = cells.cells.set_index(["place", "kind", "half"]).loc[("1/4", "2", "")]
    mine = frame[(frame["b"] == 4) & (frame["c"] == 2)]
    assert one["value"] == mine["v"].sum()
    assert one["n"] == mine["who"].nunique()
    assert one["level"] == "b×c"


def test_a_missing_column_is_named():
    """The column that is not there is told, with those that are."""
    with pytest.raises(RecordsError, match="firm"):
        cross(pd.DataFrame({"a": [1], "v": [1]}), {"a": ["a"]}, [("a",)], value="v", who="firm")


def test_a_table_of_unsafe_cells_is_hidden_whole():
    """Where nothing else can protect, even the total is hidden."""
    crossing = cross(list_firms({("01", "tr1"): [5.0, 4.0]}), DIMENSIONS, [("activity", "size")], value="v", who="firm")
    assert (suppress(crossing).cells["status"] != "published").all()


@pytest.mark.parametrize("seed", range(3))
def test_each_cost_is_least_for_its_own_pattern(seed):
    """The pattern found for a cost is not dearer, so counted, than those found for the others."""
    rng = np.random.default_rng(seed)
    groups = {key: list(rng.integers(5, 90, rng.integers(1, 7))) for key in product("abcde", "1234")}
    crossing = cross(list_firms(groups), DIMENSIONS, [("activity", "size")], value="v", who="firm")
    values, levels = crossing.cells["value"].to_numpy(), crossing.cells["level"].to_numpy()
    rules = Rules(p=0.0, interest={"": 50.0, "activity": 4.0})
    found = {name: suppress(crossing, replace(rules, cost=name), seconds=10) for name in COSTS}
    for name in COSTS:
        price = price_cells(values, levels, replace(rules, cost=name))
        spent = {other: price[told.cells["status"] == "secondary"].sum() for other, told in found.items()}
        assert spent[name] <= min(spent.values()) * (1 + 1e-4), name
        assert found[name].pattern.gap <= 1e-4
