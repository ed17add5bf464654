"""From cells to nodes: what must be hidden, what is known, what each hiding costs, how far each node must move."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
from scipy import sparse

from datasets.disclosure.blocks import Block, Scenario
from datasets.disclosure.costs import LEAST, price_cells
from datasets.disclosure.cubes import Cube, Measure
from datasets.disclosure.insiders import Insiders
from datasets.disclosure.layout import JOINT, PIECE, Table
from datasets.disclosure.primary import Rules
from datasets.disclosure.stacks import TABLE, Stack


@dataclass(frozen=True)
class _Standing:
    """How each node stands before any search: `shown` (known already), `hidden` (for good), `seen` (in a released
    table), `close` (unsafe and within reach of subtraction), `care` (the share of its value that it must move by).
    """

    shown: np.ndarray
    hidden: np.ndarray
    seen: np.ndarray
    close: np.ndarray
    care: np.ndarray
    cost: np.ndarray


def make_block(
    cells: pd.DataFrame,
    equations: sparse.csr_matrix,
    values: Mapping[tuple[str, str], np.ndarray],
    cubes: Sequence[Cube],
    dropped: set[Table],
    rules: Rules,
    before: np.ndarray,
    insiders: Mapping[str, Sequence[Insiders]],
) -> Block:
    """Turn cells into nodes: what must be hidden, what is known, what each hiding costs, what each needs."""
    n, node = equations.shape[1], cells["node"].to_numpy()
    stand = _judge(cells, n, dropped, rules, before, cubes)
    first = np.zeros(n, dtype=int)
    first[node] = np.arange(len(node))
    scenarios = [
        scenario
        for cube in cubes
        for own in [_find_own(cells, cube, n)]
        for measure in cube.measures
        for scenario in _list_scenarios(cube, measure, values, first, own, stand, rules, insiders[cube.name])
    ]
    kept = _drop_implied(equations, stand.seen | stand.shown, stand.care > 0, cells, node)
    return Block(kept, stand.cost, stand.hidden, stand.shown, scenarios, rules.coalition)


def _judge(
    cells: pd.DataFrame, n: int, dropped: set[Table], rules: Rules, before: np.ndarray, cubes: Sequence[Cube]
) -> _Standing:
    """Return how the `n` nodes of cells stand; hiding a node costs what hiding all its released cells does."""
    node = cells["node"].to_numpy()
    keys = zip(*(cells[name] for name in TABLE), strict=True)
    withheld = np.fromiter((Table(*k) in dropped for k in keys), dtype=bool, count=len(cells))
    released = cells["published"].to_numpy() & ~withheld
    broken = cells["rule"].to_numpy() != ""

    def at(mask: np.ndarray) -> np.ndarray:
        return np.bincount(node, mask, minlength=n) > 0

    unsafe, seen, masked = at(broken), at(released), at(before < 0)
    shown = at(before > 0) & ~unsafe & ~masked
    hidden = (~seen | unsafe | masked) & ~shown
    close = at(broken & (released | _list_exposed(cells, dropped, cubes)))
    care = np.where(close, rules.protection, np.where(unsafe | ~hidden | seen, rules.margin, 0.0))
    price = price_cells(cells["weight"].to_numpy(), cells["niveau_geo"].to_numpy(), rules)
    cost = np.bincount(node, price * released, minlength=n)
    return _Standing(shown, hidden, seen, close, care, np.where(seen, cost, LEAST))


def list_insiders(cube: Cube, stack: Stack, mine: np.ndarray, node: np.ndarray) -> list[Insiders]:
    """Return the insiders of each role of a cube, for the nodes of one year."""
    first = np.zeros(int(node.max(initial=-1)) + 1, dtype=int)
    first[node] = mine
    slots = stack.members[first]
    return [Insiders.of(role, owners, stack.slot_of[cube.name], slots) for role, owners in cube.owners.items()]


def _list_exposed(cells: pd.DataFrame, dropped: set[Table], cubes: Sequence[Cube]) -> np.ndarray:
    """Return the pieces that subtraction reaches: those whose every leaf level is released that year."""
    leaves = cubes[0].layout.leaves
    gone = {(t.period, t.block, t.grid) for t in dropped if t.level in leaves}
    grids = [grid for cube in cubes for grid in cube.layout.every_grid]
    whole = {grid.name for grid in grids if set(leaves) <= set(grid.levels)}
    keys = zip(cells["genre"], cells["bloc"], cells["grille"], strict=True)
    near = np.fromiter((k not in gone and k[2] in whole for k in keys), dtype=bool, count=len(cells))
    outside = cells["code_geo"].str.strip(JOINT).eq("").to_numpy()
    return (cells["niveau_geo"] == PIECE).to_numpy() & (near | outside)


def _find_own(cells: pd.DataFrame, cube: Cube, n: int) -> np.ndarray:
    """Return which nodes hold a cell of a cube: the categories of another one's grids mean nothing in it."""
    own = cells["grille"].isin([grid.name for grid in cube.layout.every_grid])
    return np.bincount(cells["node"], own, minlength=n) > 0


def _list_scenarios(
    cube: Cube,
    measure: Measure,
    values: Mapping[tuple[str, str], np.ndarray],
    first: np.ndarray,
    own: np.ndarray,
    stand: _Standing,
    rules: Rules,
    insiders: Sequence[Insiders],
) -> Iterator[Scenario]:
    """Yield the scenarios of one measure of a cube, whose `own` nodes are to be protected.

    Insiders attack the measures of dominance: those by which the primary rules judge what one contributor may learn
    of another.
    """
    value = values[cube.name, measure.name][first]
    gross = values.get((cube.name, f"brut_{measure.name}"), values[cube.name, measure.name])[first]
    active = values[cube.name, "n"][first] > 0
    care, close = stand.care * (active & own), stand.close & active & own
    judged = insiders if measure.name in cube.dominance else ()
    shares = [each.find_shares(measure.name, value, signed=measure.signed) for each in judged]
    named = replace(measure, name=f"{cube.name}.{measure.name}")
    yield from draw_scenarios(named, value, gross, active, care, close, rules, shares)


def draw_scenarios(
    measure: Measure,
    value: np.ndarray,
    gross: np.ndarray,
    active: np.ndarray,
    care: np.ndarray,
    close: np.ndarray,
    rules: Rules,
    shares: Sequence[sparse.csr_matrix] = (),
) -> Iterator[Scenario]:
    """Yield the outsider (L0) and the attacker who knows every value give or take `prior` (L1), for one measure.

    A measure that cannot be negative is bounded by 0; a signed one is not bounded at all for the outsider, and
    within `prior` of its `gross` value Σ|x| for the other. Nodes that are not `active` are known to be empty. Those
    that are not `close` need not be more than inexact: one direction is enough, and zeros may be known.
    """
    scale = float(gross[active].mean()) if active.any() else 0.0
    if scale <= 0:
        return
    least = 1.0 if measure.integer else 1e-4 * scale
    need = np.where(care > 0, np.maximum(care * np.abs(value), least), 0.0) / scale
    far = np.where(active, 10 * gross.max(), 0.0) / scale
    down = far if measure.signed else value / scale
    need_up = np.where(close, need, 0.0)
    yield Scenario(f"{measure.name}.L0", down, far, np.minimum(need, down), need_up, shares)
    reach = rules.prior * gross / scale
    need = np.where(close, rules.protection * np.abs(value), 0.0) / scale
    yield Scenario(f"{measure.name}.L1", reach, reach, need, need)


def _drop_implied(
    equations: sparse.csr_matrix, seen: np.ndarray, cared: np.ndarray, cells: pd.DataFrame, node: np.ndarray
) -> sparse.csr_matrix:
    """Drop equations that tell an attacker nothing: sums that nobody will see, and sums of such sums.

    A yearly identity between territories follows from the quarterly ones of its grid, if it has any; when none of its
    children is ever seen it only ties unknowns. A never-seen parent that needs nothing and appears in one single
    equation is free.
    """
    finest = (cells["genre"] == cells.groupby("grille")["genre"].transform("first")).to_numpy()
    coarse = np.bincount(node, finest, minlength=equations.shape[1]) == 0
    entries = equations.tocoo()
    child = entries.data < 0
    visible = np.bincount(entries.row[child], seen[entries.col[child]], minlength=equations.shape[0]) > 0
    fine = np.bincount(entries.row[child], ~coarse[entries.col[child]], minlength=equations.shape[0]) > 0
    kept = np.flatnonzero(visible | fine)
    while True:
        equations = equations[kept]
        uses = np.bincount(equations.indices, minlength=equations.shape[1])
        entries = equations.tocoo()
        useless = (entries.data > 0) & ~(seen | cared)[entries.col] & (uses[entries.col] == 1)
        kept = np.setdiff1d(np.arange(equations.shape[0]), entries.row[useless])
        if len(kept) == equations.shape[0]:
            return equations
