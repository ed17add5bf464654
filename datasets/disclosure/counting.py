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

NEAR = (100, 800)
"""How many slots around a target are tried before all of them."""


def find_counted(field: Field, attack: Attack, open_: np.ndarray) -> tuple[int, ...]:
    """Return the targets that cannot move by whole units as far as they need, though by fractions they could."""
    found: set[int] = set()
    for sign, need in ((1, attack.need_up), (-1, attack.need_down)):
        steps = attack.whole * np.ceil(need / attack.whole * (1 - 10 * SLACK))
        bounds = (attack.up, attack.down) if sign > 0 else (attack.down, attack.up)
        left = set(np.flatnonzero(open_ & (steps > 0) & (swap(field.targets, field.kinds, *bounds) < steps)).tolist())
        left -= _carry(field, attack, sign, {target: float(steps[target]) for target in left})
        while left:
            target = min(left)
            move = _find_move(field, target, sign, float(steps[target]), attack)
            field.programmes += 1
            if move is None:
                found.add(target)
                left.remove(target)
            else:
                carried = sign * (field.targets @ move) > steps - attack.whole / 2
                left -= {target, *np.flatnonzero(carried).tolist()}
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


def _find_move(field: Field, target: int, sign: int, need: float, attack: Attack) -> np.ndarray | None:
    """Return a whole move of the slots that carries a target as far as it needs, in the direction `sign`, or None.

    The slots near it are tried before all those of its parts: what they can do while the others are still, all can.
    """
    every = np.flatnonzero(np.isin(field.part_of, field.within[field.target_of == target]))
    slots = every[:0]
    for least in (*NEAR, len(every)):
        if len(slots) < least and len(slots) < len(every):
            slots = _surround(field, every, target, least)
            move = _move(field, slots, target, sign, need, attack)
            if move is not None:
                return move
    return None


def _surround(field: Field, slots: np.ndarray, target: int, least: int) -> np.ndarray:
    """Return the slots nearest to a target, `least` of them or more, sum by sum."""
    ties = field.sums[:, slots]
    reached, before = np.isin(slots, field.targets[target].indices), 0
    while before < reached.sum() < least:
        before = int(reached.sum())
        reached |= ties.T @ (ties @ reached.astype(float)) > 0
    return slots[reached]


def _move(field: Field, slots: np.ndarray, target: int, sign: int, need: float, attack: Attack) -> np.ndarray | None:
    """Return such a move when only `slots` do; the time is limited, and not to know is not to move."""
    sums, inside = field.sums[:, slots], field.targets[target][:, slots]
    kinds = sort_kinds(sparse.vstack([sums, inside]), field.sign[slots]).tocsc()
    kinds = kinds[:, np.flatnonzero(np.diff(kinds.indptr))]
    first = kinds.indices[kinds.indptr[:-1]]
    low, high = (np.floor(bound[slots] @ kinds / attack.whole + SLACK) for bound in (attack.down, attack.up))
    solver = pywraplp.Solver.CreateSolver("SCIP")
    solver.SetTimeLimit(PATIENCE)
    steps = [solver.IntVar(-a, b, "") for a, b in zip(low.tolist(), high.tolist(), strict=True)]
    side = field.sign[slots[first]].tolist()
    tied = sums[np.flatnonzero(np.diff(sums.indptr))][:, first]
    for start, end in zip(tied.indptr, tied.indptr[1:], strict=False):
        known = solver.Constraint(0.0, 0.0)
        for i in tied.indices[start:end].tolist():
            known.SetCoefficient(steps[i], float(side[i]))
    wanted = solver.Constraint(round(need / attack.whole), solver.infinity())
    for i in inside[:, first].indices.tolist():
        wanted.SetCoefficient(steps[i], float(sign))
    if solver.Solve() not in (pywraplp.Solver.OPTIMAL, pywraplp.Solver.FEASIBLE):
        return None
    return _share_out(np.array([step.solution_value() for step in steps]), field, slots, kinds, attack)


def _share_out(
    steps: np.ndarray, field: Field, slots: np.ndarray, kinds: sparse.csc_matrix, attack: Attack
) -> np.ndarray:
    """Return the moves of all slots of the field: each kind's is made by its slots in turn, as far as each can."""
    move = np.zeros(len(field.part_of))
    for step, members in zip(steps * attack.whole, np.split(kinds.indices, kinds.indptr[1:-1]), strict=True):
        own = slots[members]
        reach = np.cumsum((attack.up if step > 0 else attack.down)[own])
        move[own] = np.sign(step) * np.diff(np.minimum(reach, abs(step)), prepend=0.0)
    return move
