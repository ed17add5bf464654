"""From cells to nodes: what must be hidden, what is known, what each hiding costs, how far each node must move."""

from collections.abc import Iterator, Mapping, Sequence

import numpy as np
import pandas as pd
from scipy import sparse

from datasets.disclosure.blocks import Block, Scenario
from datasets.disclosure.cubes import Cube, Measure
from datasets.disclosure.insiders import Insiders
from datasets.disclosure.layout import JOINT, PIECE, Table
from datasets.disclosure.primary import Rules
from datasets.disclosure.stacks import TABLE, Stack


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
    keys = zip(*(cells[name] for name in TABLE), strict=True)
    withheld = np.fromiter((Table(*k) in dropped for k in keys), dtype=bool, count=len(cells))
    unsafe = cells["rule"].to_numpy() != ""
    released = cells["published"].to_numpy() & ~withheld

    def at(mask: np.ndarray) -> np.ndarray:
        return np.bincount(node, mask, minlength=n) > 0

    shown = at(before > 0) & ~at(unsafe) & ~at(before < 0)
    hidden = (~at(released) | at(unsafe) | at(before < 0)) & ~shown
    close = at(unsafe & (released | _list_exposed(cells, dropped, cubes[0])))
    care = np.where(close, rules.protection, np.where(at(unsafe) | ~hidden | at(released), rules.margin, 0.0))
    weight = cells["weight"].to_numpy() / max(float(cells["weight"].max()), 1e-12) + 1e-4
    cost = np.zeros(n)
    np.maximum.at(cost, node, weight * cells["niveau_geo"].map(lambda x: rules.interest.get(x, 1.0)).to_numpy())
    first = np.zeros(n, dtype=int)
    first[node] = np.arange(len(node))
    scenarios = [
        scenario
        for cube in cubes
        for measure in cube.measures
        for scenario in _list_scenarios(cube, measure, values, first, care, close, rules, insiders[cube.name])
    ]
    kept = _drop_implied(equations, at(released) | shown, care > 0, cells, node)
    return Block(kept, cost, hidden, shown, scenarios, rules.coalition)


def list_insiders(cube: Cube, stack: Stack, mine: np.ndarray, node: np.ndarray) -> list[Insiders]:
    """Return the insiders of each role of a cube, for the nodes of one year."""
    first = np.zeros(int(node.max(initial=-1)) + 1, dtype=int)
    first[node] = mine
    slots = stack.members[first]
    return [Insiders.of(role, owners, stack.slot_of[cube.name], slots) for role, owners in cube.owners.items()]


def _list_exposed(cells: pd.DataFrame, dropped: set[Table], cube: Cube) -> np.ndarray:
    """Return the pieces that subtraction reaches: those whose every leaf level is released that year."""
    gone = {(t.period, t.block) for t in dropped if t.level in cube.layout.leaves and not t.grid}
    keys = zip(cells["genre"], cells["bloc"], strict=True)
    whole = np.fromiter((k not in gone for k in keys), dtype=bool, count=len(cells))
    outside = cells["code_geo"].str.strip(JOINT).eq("").to_numpy()
    return (cells["niveau_geo"] == PIECE).to_numpy() & (whole | outside)


def _list_scenarios(
    cube: Cube,
    measure: Measure,
    values: Mapping[tuple[str, str], np.ndarray],
    first: np.ndarray,
    care: np.ndarray,
    close: np.ndarray,
    rules: Rules,
    insiders: Sequence[Insiders],
) -> Iterator[Scenario]:
    """Yield the outsider (L0) and the attacker who knows every value give or take `prior` (L1), for one measure.

    A measure that cannot be negative is bounded by 0; a signed one is not bounded at all for the outsider, and
    within `prior` of its gross value Σ|x| for the other.
    """
    value = values[cube.name, measure.name][first]
    gross = values.get((cube.name, f"brut_{measure.name}"), values[cube.name, measure.name])[first]
    active = values[cube.name, "n"][first] > 0
    scale = float(gross[active].mean()) if active.any() else 0.0
    if scale <= 0:
        return
    least = 1.0 if measure.integer else 1e-4 * scale
    need = np.where(active & (care > 0), np.maximum(care * np.abs(value), least), 0.0) / scale
    far = np.where(active, 10 * gross.max(), 0.0) / scale
    down = far if measure.signed else value / scale
    # Outside the unsafe cells of released tables, not being exact is enough: one direction, and zeros may be known.
    need_up = np.where(close, need, 0.0)
    shares = [each.find_shares(measure.name, value, signed=measure.signed) for each in insiders]
    yield Scenario(f"{cube.name}.{measure.name}.L0", down, far, np.minimum(need, down), need_up, shares)
    reach = rules.prior * gross / scale
    need = np.where(active & close, rules.protection * np.abs(value), 0.0) / scale
    yield Scenario(f"{cube.name}.{measure.name}.L1", reach, reach, need, need)


def _drop_implied(
    equations: sparse.csr_matrix, seen: np.ndarray, cared: np.ndarray, cells: pd.DataFrame, node: np.ndarray
) -> sparse.csr_matrix:
    """Drop equations that tell an attacker nothing: sums that nobody will see, and sums of such sums.

    A yearly identity between territories follows from the quarterly ones; when none of its children is ever seen
    it only ties unknowns. A never-seen parent that needs nothing and appears in one single equation is free.
    """
    finest = (cells["genre"] == cells["genre"].iloc[0]).to_numpy()
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
