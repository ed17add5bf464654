"""What whole numbers betray: hidden counts that could move by fractions, but not by whole units.

Most counts move by a swap: a unit passes between two slots that are in the same known sums, one in the target and one
outside. Of the others, most moves that linear programming finds are whole. Each target that is left gets a programme
of its own, small because slots that are in the same sums, and all in the target or all outside, move as one.
"""

from collections.abc import Mapping

import numpy as np
from ortools.linear_solver import pywraplp
from scipy import sparse

from datasets.disclosure.field import Field
from datasets.disclosure.orders import Attack
from datasets.disclosure.part import PATIENCE, SLACK, Move
from datasets.disclosure.swaps import sort_kinds, swap

NEAR = 100
"""How many slots around a target are tried before all of them."""


def find_counted(field: Field, attack: Attack, open_: np.ndarray) -> tuple[int, ...]:
    """Return the targets that cannot move by whole units as far as they need, though by fractions they could."""
    found: set[int] = set()
    for sign, need in ((1, attack.need_up), (-1, attack.need_down)):
        steps = attack.whole * np.ceil(need / attack.whole * (1 - 10 * SLACK))
        bounds = (attack.up, attack.down) if sign > 0 else (attack.down, attack.up)
        left = set(np.flatnonzero(open_ & (steps > 0) & (swap(field.targets, field.kinds, *bounds) < steps)).tolist())
        left -= _carry(field, attack, sign, {target: float(steps[target]) for target in left})
        found |= {target for target in left if not _can_step(field, target, sign, float(steps[target]), attack)}
        field.programmes += len(left)
    return tuple(sorted(found))


def _carry(field: Field, attack: Attack, sign: int, wanted: Mapping[int, float]) -> set[int]:
    """Return the targets, among those of one single part, that a whole move of a linear programme carries."""
    carried: set[int] = set()
    pairs = np.flatnonzero(np.isin(field.target_of, list(wanted)) & (field.ties[field.within] > 1))
    for k in np.unique(field.within[pairs]):
        part, moves = field.part(int(k)), list[Move]()
        part.set_bounds(attack.down, attack.up)
        goals = field.target_of[pairs[field.within[pairs] == k]].tolist()
        part.carry({target: wanted[target] for target in goals}, sign, moves)
        field.programmes += part.take_count()
        carried |= {target for move in moves if _is_whole(move, attack.whole) for target in move.targets}
    return carried


def _is_whole(move: Move, unit: float) -> bool:
    steps = move.kinds / unit
    return bool(np.all(np.abs(steps - np.round(steps)) < 1e-4))


def _can_step(field: Field, target: int, sign: int, need: float, attack: Attack) -> bool:
    """Whether a target can move by whole units, as far as it needs, in the direction `sign`.

    The slots near it are tried before all those of its parts: what they can do while the others are still, all can.
    """
    slots = np.flatnonzero(np.isin(field.part_of, field.within[field.target_of == target]))
    near = _surround(field, slots, target)
    return any(_move(field, some, target, sign, need, attack) for some in ([near] if near is slots else [near, slots]))


def _surround(field: Field, slots: np.ndarray, target: int) -> np.ndarray:
    """Return the slots nearest to a target, NEAR of them or more, sum by sum."""
    ties = field.sums[:, slots]
    reached, before = np.isin(slots, field.targets[target].indices), 0
    while before < reached.sum() < NEAR:
        before = int(reached.sum())
        reached |= ties.T @ (ties @ reached.astype(float)) > 0
    return slots if reached.all() else slots[reached]


def _move(field: Field, slots: np.ndarray, target: int, sign: int, need: float, attack: Attack) -> bool:
    """Whether a target can move so when only `slots` do; the time is limited, and not to know is not to move."""
    sums, inside = field.sums[:, slots], field.targets[target][:, slots]
    kinds = sort_kinds(sparse.vstack([sums, inside]), field.sign[slots]).tocsc()
    kept = np.flatnonzero(np.diff(kinds.indptr))
    first = kinds.indices[kinds.indptr[kept]]
    low, high = (np.floor(bound[slots] @ kinds[:, kept] / attack.whole + SLACK) for bound in (attack.down, attack.up))
    solver = pywraplp.Solver.CreateSolver("SCIP")
    solver.SetTimeLimit(PATIENCE)
    steps = [solver.IntVar(-a, b, "") for a, b in zip(low.tolist(), high.tolist(), strict=True)]
    side = field.sign[slots[first]].tolist()
    tied = sums[np.flatnonzero(np.diff(sums.indptr))][:, first]
    for start, end in zip(tied.indptr, tied.indptr[1:], strict=False):
        solver.Add(sum(side[i] * steps[i] for i in tied.indices[start:end].tolist()) == 0)
    moved = sum(steps[i] for i in inside[:, first].indices.tolist())
    solver.Add(sign * moved >= round(need / attack.whole))
    return solver.Solve() in (pywraplp.Solver.OPTIMAL, pywraplp.Solver.FEASIBLE)
