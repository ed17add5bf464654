"""Crossings: tables of any dimensions, linked by the margins that they share, protected together.

    dimensions = {"activity": ["section", "class"], "size": ["size"], "place": ["region", "place"]}
    tables = [("activity", "size"), ("place", "size")]
    suppressed = suppress(cross(frame, dimensions, tables, value="turnover", who="firm"))

A dimension is a list of columns, from the widest category to the finest; each nests in the one before. A table
crosses dimensions, margins included. Tables that cross the same dimension share its margin, and are tied by it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import product
from math import prod

import numpy as np
import pandas as pd
from scipy import sparse

from datasets.disclosure.blocks import Block, Pattern
from datasets.disclosure.contributors import rank_shares
from datasets.disclosure.costs import price_cells
from datasets.disclosure.cubes import Measure
from datasets.disclosure.layout import JOINT, tie_cells
from datasets.disclosure.nodes import draw_scenarios
from datasets.disclosure.primary import Rules, is_dominated, is_estimated
from datasets.disclosure.secondary import find_pattern
from datasets.disclosure.stacks import fold_equations, merge_cells
from datasets.errors import RecordsError

WITHIN = "/"
"""What joins a category and those around it, "C/10/10.1"; the total of a dimension is ""."""


@dataclass(frozen=True)
class Crossing:
    """The cells of linked tables (private), and the equations that tie them.

    `cells`: one column for each dimension (the category with those around it, "" for the total), `level` (the columns
    that it crosses), `value`, `n` (the number of contributors). `shares`: cells × 2, those of the two largest
    contributors. `equations`: one row per identity "parent − Σ children = 0".
    """

    cells: pd.DataFrame
    shares: np.ndarray
    equations: sparse.csr_matrix


@dataclass(frozen=True)
class _Axis:
    """The categories of a dimension: names, columns, parents, and those of each row, from the total down.

    `radix` is the place of the dimension in the number of a cell.
    """

    names: np.ndarray
    columns: np.ndarray
    parents: np.ndarray
    paths: np.ndarray
    radix: int

    @classmethod
    def of(cls, frame: pd.DataFrame, columns: Sequence[str], radix: int) -> "_Axis":
        path = pd.Series("", index=frame.index)
        names, parents, paths = [np.array([""], dtype=object)], [np.zeros(1, dtype=int)], [np.zeros(len(frame), int)]
        for depth, column in enumerate(columns):
            path = path + (WITHIN if depth else "") + frame[column].fillna("").astype(str)
            codes, found = pd.factorize(path, sort=True)
            parents.append(paths[-1][np.unique(codes, return_index=True)[1]])
            paths.append(codes + sum(map(len, names)))
            names.append(found.to_numpy(dtype=object))
        where = np.repeat(np.array(["", *columns], dtype=object), [len(each) for each in names])
        return cls(np.concatenate(names), where, np.concatenate(parents), np.stack(paths), radix)

    def read(self, keys: np.ndarray) -> np.ndarray:
        """Return the category of each cell, from their numbers."""
        return keys // self.radix % len(self.names)

    def link(self, keys: np.ndarray) -> np.ndarray:
        """Return the pairs (parent, child) of cells along this dimension."""
        mine = self.read(keys)
        children = np.flatnonzero(mine)
        above = keys[children] + (self.parents[mine[children]] - mine[children]) * self.radix
        return np.stack([np.searchsorted(keys, above), children], axis=1)


def cross(
    frame: pd.DataFrame,
    dimensions: Mapping[str, Sequence[str]],
    tables: Sequence[Sequence[str]],
    *,
    value: str,
    who: str,
) -> Crossing:
    """Return the cells of `tables`, each a choice of dimensions, with the sums of the column `value`.

    `frame` has one row per contribution, never negative; `who` tells its contributor. Raises RecordsError when a
    column is missing.
    """
    wanted = [*(column for columns in dimensions.values() for column in columns), value, who]
    if missing := [column for column in wanted if column not in frame]:
        found = ", ".join(map(str, frame.columns))
        raise RecordsError(where="cross", found=found, expected=", ".join(missing), advice="Add the missing columns.")
    axes: dict[str, _Axis] = {}
    for name, columns in dimensions.items():
        axes[name] = _Axis.of(frame, columns, prod(len(axis.names) for axis in axes.values()))
    codes = _number_cells(axes, tables)
    keys, cell = np.unique(np.concatenate(codes), return_inverse=True)
    cells = pd.DataFrame({name: axis.names[axis.read(keys)] for name, axis in axes.items()})
    crossed = zip(*(axis.columns[axis.read(keys)] for axis in axes.values()), strict=True)
    cells["level"] = [JOINT.join(filter(None, columns)) for columns in crossed]
    shares = _count(cells, cell, np.tile(pd.factorize(frame[who])[0], len(codes)), np.tile(frame[value], len(codes)))
    return Crossing(cells, shares, tie_cells([axis.link(keys) for axis in axes.values()], len(keys)))


def _number_cells(axes: Mapping[str, _Axis], tables: Sequence[Sequence[str]]) -> list[np.ndarray]:
    """Return for each choice of depths that some table shows the number of the cell of each row."""
    depths = {
        depth
        for table in tables
        for depth in product(*(range(len(axis.paths) if name in table else 1) for name, axis in axes.items()))
    }
    return [
        np.sum([axis.paths[d] * axis.radix for axis, d in zip(axes.values(), depth, strict=True)], axis=0)
        for depth in sorted(depths)
    ]


def _count(cells: pd.DataFrame, cell: np.ndarray, who: np.ndarray, value: np.ndarray) -> np.ndarray:
    """Add `value` and `n` to the cells; return the shares of their two largest contributors."""
    width = int(who.max(initial=0)) + 2
    pairs, pair_of = np.unique(cell * width + who + 1, return_inverse=True)
    owned = np.bincount(pair_of, value)
    cells["value"] = np.bincount(cell, value, minlength=len(cells))
    cells["n"] = np.bincount(pairs // width, pairs % width > 0, minlength=len(cells)).astype(int)
    return rank_shares(pairs // width, owned, len(cells), 2)


@dataclass(frozen=True)
class Suppressed:
    """The cells of a crossing with their `status` (published, primary, secondary) and `rule`; how they were chosen."""

    cells: pd.DataFrame
    pattern: Pattern


def suppress(crossing: Crossing, rules: Rules | None = None, *, seconds: float = 20.0) -> Suppressed:
    """Hide the unsafe cells of a crossing, and the cheapest others that protect them (`Rules.cost`).

    The rules are those on frequency, dominance and p %. A pattern always exists: the total may be hidden too.
    """
    rules = rules or Rules()
    rule = _find_unsafe(crossing, rules)
    pattern = find_pattern(_block(crossing, rule != "", rules), seconds)
    hidden = pattern.hidden[_number_nodes(crossing)]
    status = np.where(rule != "", "primary", np.where(hidden, "secondary", "published"))
    return Suppressed(crossing.cells.assign(status=status, rule=rule), pattern)


def _find_unsafe(crossing: Crossing, rules: Rules) -> np.ndarray:
    rule = np.full(len(crossing.cells), "", dtype=object)
    if rules.p:
        rule[is_estimated(crossing.shares, rules.p, rules.q)] = "p-percent"
    for n, k in rules.dominance:
        rule[is_dominated(crossing.shares, n, k)] = "dominance"
    rule[crossing.cells["n"].to_numpy() < rules.frequency] = "frequency"
    return rule


def _number_nodes(crossing: Crossing) -> np.ndarray:
    return np.unique(merge_cells(crossing.equations), return_inverse=True)[1]


def _block(crossing: Crossing, unsafe: np.ndarray, rules: Rules) -> Block:
    node = _number_nodes(crossing)
    n, values = int(node.max()) + 1, crossing.cells["value"].to_numpy()
    value = np.zeros(n)
    value[node] = values
    hidden = np.bincount(node, unsafe, minlength=n) > 0
    cost = np.bincount(node, price_cells(values, crossing.cells["level"].to_numpy(), rules), minlength=n)
    care = np.where(hidden, rules.protection, rules.margin)
    scenarios = list(draw_scenarios(Measure("value"), value, value, value > 0, care * (value > 0), hidden, rules))
    return Block(fold_equations(crossing.equations, node), cost, hidden, np.zeros(n, dtype=bool), scenarios)
