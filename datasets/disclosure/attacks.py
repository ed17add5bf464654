"""Attacks on sums: how far can a hidden sum of slots move when other sums of slots are known?

An attack is told as moves around the truth: z, one number per slot, between −down and +up, with Σ z = 0 over each
known sum. A hidden sum that cannot move is known exactly; one that moves by d is known within d.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Protocol

import numpy as np
from ortools import __version__ as ortools_version
from ortools.linear_solver import pywraplp
from scipy import sparse
from scipy.sparse.csgraph import connected_components
from scipy.sparse.linalg import splu

from datasets.disclosure.audit import Attack, Reach
from datasets.disclosure.coalitions import Coalitions, find_counted

SLACK = 1e-6
UNBOUNDED = 1e4
PATIENCE = 5_000
"""Milliseconds for one linear programme."""


class Siege(Protocol):
    """What is known of `n` slots (`sums`, arrays of slots), the hidden sums to find out, and the attacks to try."""

    n: int
    sums: Sequence[np.ndarray]
    targets: sparse.csr_matrix
    attacks: Sequence[Attack]


def find_reaches(siege: Siege) -> tuple[list[Reach], int, str]:
    """Return how each attack ends, the number of programmes solved, and the solver."""
    field = Field(siege.n, reduce_sums(siege.sums), siege.targets)
    reaches = [field.find_reach(attack) for attack in siege.attacks]
    return reaches, field.programmes, f"GLOP {ortools_version}"


def reduce_sums(sums: Iterable[np.ndarray]) -> list[np.ndarray]:
    """Subtract from each known sum (an array of slots) the known sums that it contains; drop what is left empty.

    The knowledge is the same (each sum is its remainder plus sums that are known too), in far smaller pieces.
    """
    ordered = sorted({tuple(s.tolist()) for s in sums}, key=len, reverse=True)
    sets = [frozenset(s) for s in ordered]
    holding: dict[int, list[int]] = {}
    for i, slots in enumerate(ordered):
        for slot in slots:
            holding.setdefault(slot, []).append(i)
    left = {_subtract(i, sets, holding) for i in range(len(sets))}
    return [np.fromiter(sorted(s), dtype=np.int64) for s in sorted(left - {frozenset()}, key=sorted)]


def _subtract(i: int, sets: Sequence[frozenset[int]], holding: dict[int, list[int]]) -> frozenset[int]:
    rest = set(sets[i])
    for slot in sets[i]:
        if slot in rest:
            for other in holding[slot]:
                if other > i and sets[other] <= rest:
                    rest -= sets[other]
                    break
    return frozenset(rest)


class Field:
    """The known sums over `n` slots, and the hidden sums (`targets`, a matrix targets × slots) to find out."""

    def __init__(self, n: int, sums: Sequence[np.ndarray], targets: sparse.csr_matrix) -> None:
        self.targets, self.count = targets, targets.shape[0]
        rows = np.repeat(np.arange(len(sums)), [len(s) for s in sums])
        slots = np.concatenate(sums) if sums else np.zeros(0, dtype=np.int64)
        self.sums = sparse.csr_matrix((np.ones(len(slots)), (rows, slots)), shape=(len(sums), n))
        graph = sparse.bmat([[None, self.sums], [self.sums.T, None]]) if len(sums) else sparse.csr_matrix((n, n))
        labels = connected_components(graph, directed=False)[1]
        self.part_of_sum, self.part_of = labels[: len(sums)], labels[len(sums) :]
        self.parts = int(labels.max(initial=-1)) + 1
        self.ties = np.bincount(self.part_of_sum, minlength=self.parts)
        entries = targets.tocoo()
        pair = entries.row.astype(np.int64) * self.parts + self.part_of[entries.col]
        self.pairs, self.pair_of = np.unique(pair, return_inverse=True)
        self.entry_slot = entries.col
        self.target_of, self.within = self.pairs // max(self.parts, 1), self.pairs % max(self.parts, 1)
        self.programmes = 0

    def find_reach(self, attack: Attack) -> Reach:
        """Return how far each target can fall and rise (exactly, or as far as it needs), and who knows more."""
        fall, rise = self._settle(attack.down, attack.up)
        hard = self.ties[self.within] > 1
        fall[hard] = rise[hard] = 0.0
        needs = ((fall, -1, attack.need_down[self.target_of]), (rise, 1, attack.need_up[self.target_of]))
        short = np.zeros(len(hard), dtype=bool)
        for reached, _, need in needs:
            short |= hard & (self._total(reached) < need * (1 - SLACK))
        if short.any():
            glide = Glide(self, attack.down, attack.up)
            glide.move(np.flatnonzero(short), np.maximum(needs[0][2], needs[1][2]), fall, rise)
        for reached, sign, need in needs:
            asked = np.flatnonzero(hard & (self._total(reached) < need * (1 - SLACK)))
            for k in np.unique(self.within[asked]):
                pairs = asked[self.within[asked] == k]
                self._solve_part(int(k), pairs, (attack.down, attack.up), need, sign, reached)
        total_fall, total_rise = (np.bincount(self.target_of, each, minlength=self.count) for each in (fall, rise))
        passed = (total_fall >= attack.need_down * (1 - SLACK)) & (total_rise >= attack.need_up * (1 - SLACK))
        betrayed = Coalitions(self, attack, passed).find_betrayed() if attack.parties else ()
        counted = find_counted(self, attack, passed) if attack.whole else ()
        return Reach(total_fall, total_rise, betrayed, counted)

    def _total(self, reached: np.ndarray) -> np.ndarray:
        """Return for each (target, part) what its target reaches over all its parts."""
        return np.bincount(self.target_of, reached, minlength=self.count)[self.target_of]

    def _solve_part(
        self,
        k: int,
        pairs: np.ndarray,
        bounds: tuple[np.ndarray, np.ndarray],
        need: np.ndarray,
        sign: int,
        reached: np.ndarray,
    ) -> None:
        part = self.part(k)
        part.set_bounds(*bounds)
        alone = np.bincount(self.target_of, minlength=self.count)[self.target_of[pairs]] == 1
        for pair in pairs[~alone]:
            reached[pair] = part.push(int(self.target_of[pair]), sign)
        wanted = {int(self.target_of[pair]): float(need[pair]) for pair in pairs[alone]}
        moved = part.carry(wanted, sign)
        for pair in pairs[alone]:
            reached[pair] = moved[int(self.target_of[pair])]
        self.programmes += part.take_count()

    def _settle(self, down: np.ndarray, up: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Return the closed form of each (target, part): its own bounds, or what the rest of one sum allows."""
        n = len(self.pairs)
        size = np.bincount(self.pair_of, minlength=n)
        low = np.bincount(self.pair_of, down[self.entry_slot], minlength=n)
        high = np.bincount(self.pair_of, up[self.entry_slot], minlength=n)
        whole = np.bincount(self.part_of, minlength=self.parts)[self.within]
        rest_low = np.bincount(self.part_of, down, minlength=self.parts)[self.within] - low
        rest_high = np.bincount(self.part_of, up, minlength=self.parts)[self.within] - high
        rest_low, rest_high = (np.where(size == whole, 0.0, np.maximum(r, 0.0)) for r in (rest_low, rest_high))
        tied = self.ties[self.within] > 0
        return np.where(tied, np.minimum(low, rest_high), low), np.where(tied, np.minimum(high, rest_low), high)

    def part(self, k: int) -> "Part":
        """Return a part, made once."""
        found = self._made.get(k)
        if found is None:
            slots = self.slots_by_part[k]
            sums = np.flatnonzero(self.part_of_sum == k)
            columns = self._columns[:, slots]
            wanted = np.unique(columns.indices)
            found = self._made[k] = Part(slots, self.sums[sums][:, slots], self.targets[wanted][:, slots], wanted)
        return found

    @cached_property
    def _made(self) -> dict[int, "Part"]:
        return {}

    @cached_property
    def _columns(self) -> sparse.csc_matrix:
        return self.targets.tocsc()

    @cached_property
    def slots_by_part(self) -> dict[int, np.ndarray]:
        order = np.argsort(self.part_of, kind="stable")
        cuts = np.flatnonzero(np.diff(self.part_of[order])) + 1
        return {int(self.part_of[group[0]]): group for group in np.split(order, cuts) if len(group)}


class Glide:
    """Moves found without a solver: push a hidden sum, let the slots of its part compensate in proportion.

    A move that stays within bounds proves that its target can move; a move that does not proves nothing. One
    factorisation serves all the targets of all the parts that several sums tie.
    """

    def __init__(self, field: Field, down: np.ndarray, up: np.ndarray) -> None:
        self.field = field
        self.slots = np.flatnonzero(field.ties[field.part_of] > 1)
        self.local = np.full(len(field.part_of), -1)
        self.local[self.slots] = np.arange(len(self.slots))
        self.down, self.up, self.part = down[self.slots], up[self.slots], field.part_of[self.slots]
        least = np.minimum(self.down, self.up)
        self.weight = np.where(least > UNBOUNDED, 1.0, least)
        self.rows = np.flatnonzero(field.ties[field.part_of_sum] > 1)
        self.sums = field.sums[self.rows][:, self.slots]
        weighted = self.sums @ sparse.diags(self.weight)
        normal = (weighted @ weighted.T).tocsc()
        ridge = 1e-10 * max(float(normal.diagonal().mean()), 1e-12)
        self.factor = splu(normal + ridge * sparse.identity(len(self.rows), format="csc"))
        self.spread = sparse.diags(self.weight) @ weighted.T

    def move(self, pairs: np.ndarray, need: np.ndarray, fall: np.ndarray, rise: np.ndarray, width: int = 64) -> None:
        """Try each (target, part) of `pairs`; raise `fall` and `rise` where a move proves more."""
        part = self.field.within[pairs]
        order = np.argsort(part, kind="stable")
        starts = np.searchsorted(part[order], part[order])
        column = np.empty(len(pairs), dtype=int)
        column[order] = np.arange(len(pairs)) - starts
        for first in range(0, int(column.max()) + 1, width):
            here = (column >= first) & (column < first + width)
            self._move_some(pairs[here], column[here] - first, need, fall, rise)

    def _move_some(
        self, pairs: np.ndarray, column: np.ndarray, need: np.ndarray, fall: np.ndarray, rise: np.ndarray
    ) -> None:
        at = np.full(len(self.field.pairs), -1)
        at[pairs] = np.arange(len(pairs))
        entry = np.flatnonzero(at[self.field.pair_of] >= 0)
        slot, pair = self.local[self.field.entry_slot[entry]], at[self.field.pair_of[entry]]
        weight = self.weight[slot]
        total = np.bincount(pair, weight, minlength=len(pairs))
        size = np.bincount(pair, minlength=len(pairs))
        share = np.where(total[pair] > 0, weight / np.where(total[pair] > 0, total[pair], 1.0), 1.0 / size[pair])
        push = np.zeros((len(self.slots), int(column.max()) + 1))
        push[slot, column[pair]] = share * need[pairs][pair]
        move = push
        for _ in range(3):
            move = move - self.spread @ self.factor.solve(self.sums @ move)
        broken = self._by_part(np.abs(self.sums @ move), self.field.part_of_sum[self.rows], np.maximum, 0.0)
        reached = np.bincount(pair, move[slot, column[pair]], minlength=len(pairs))
        where = self.field.within[pairs]
        sound = broken[where, column] <= 1e-7 * need[pairs]
        for out, same, other in ((rise, self.up, self.down), (fall, self.down, self.up)):
            room = np.where(move > 0, same[:, None], other[:, None])
            size_of = np.abs(move)
            steps = np.divide(room, size_of, out=np.full_like(move, UNBOUNDED), where=size_of > 1e-9)
            limit = self._by_part(steps, self.part, np.minimum, UNBOUNDED)[where, column]
            out[pairs] = np.maximum(out[pairs], np.where(sound, limit * np.maximum(reached, 0.0), 0.0))

    def _by_part(self, values: np.ndarray, part: np.ndarray, reduce: np.ufunc, empty: float) -> np.ndarray:
        out = np.full((self.field.parts, values.shape[1]), empty)
        reduce.at(out, part, values)
        return out


@dataclass(frozen=True)
class Move:
    """A move of the kinds of slots of a part, its direction, and the targets that it carries as far as they need."""

    kinds: np.ndarray
    sign: int
    targets: tuple[int, ...]


class Part:
    """Slots tied by several known sums: moves found by linear programming (GLOP).

    Slots that appear in the same sums and the same targets move as one.
    """

    def __init__(
        self,
        slots: np.ndarray,
        sums: sparse.csr_matrix,
        targets: sparse.csr_matrix,
        names: np.ndarray,
        unit: float = 0.0,
    ) -> None:
        self.slots, self.sums, self.targets, self.names, self.unit = slots, sums, targets, names, unit
        signature = sparse.vstack([sums, targets]).tocsc()
        kinds: dict[bytes, int] = {}
        spans = zip(signature.indptr, signature.indptr[1:], strict=False)
        self.kind = np.array([kinds.setdefault(signature.indices[a:b].tobytes(), len(kinds)) for a, b in spans])
        self.solver = pywraplp.Solver.CreateSolver("SCIP" if unit else "GLOP")
        self.solver.SetTimeLimit(PATIENCE)
        make = self.solver.IntVar if unit else self.solver.NumVar
        self.moves = [make(0, 0, "") for _ in kinds]
        self.goals: dict[int, pywraplp.Variable] = {}
        for row in range(sums.shape[0]):
            self._tie(sums, row)
        for row, name in enumerate(names):
            constraint = self._tie(targets, row)
            goal = self.goals[int(name)] = self.solver.NumVar(-self.solver.infinity(), self.solver.infinity(), "")
            constraint.SetCoefficient(goal, -1.0)
        self.solver.Objective().SetMaximization()
        self._solved = 0

    def count_in(self, unit: float) -> "Part":
        """Return the same part where slots move by whole multiples of `unit`."""
        return Part(self.slots, self.sums, self.targets, self.names, unit)

    def _tie(self, matrix: sparse.csr_matrix, row: int) -> pywraplp.Constraint:
        constraint = self.solver.Constraint(0.0, 0.0)
        for kind in np.unique(self.kind[matrix.indices[matrix.indptr[row] : matrix.indptr[row + 1]]]):
            constraint.SetCoefficient(self.moves[kind], 1.0)
        return constraint

    def set_bounds(self, down: np.ndarray, up: np.ndarray) -> None:
        """Say how far each slot may move."""
        low = np.bincount(self.kind, down[self.slots])
        high = np.bincount(self.kind, up[self.slots])
        if self.unit:
            low, high = (np.floor(bound / self.unit + SLACK) for bound in (low, high))
        for variable, a, b in zip(self.moves, low.tolist(), high.tolist(), strict=True):
            variable.SetBounds(-a, b)

    def take_count(self) -> int:
        """Return the number of programmes solved since the last call."""
        count, self._solved = self._solved, 0
        return count

    def push(self, target: int, sign: int) -> float:
        """Return how far one target can move in the direction `sign`; 0 when the solver does not know."""
        self._aim({target: float(sign)})
        reached = max(0.0, sign * self.goals[target].solution_value()) if self._solve() else 0.0
        return reached * (self.unit or 1.0)

    def carry(self, need: dict[int, float], sign: int, moves: list["Move"] | None = None) -> dict[int, float]:
        """Return how far each target can move: its need when it can go as far, else as far as it goes.

        Many are carried at once, each stopped at its need, as long as a move carries some; then one by one.
        `moves` receives what shows it.
        """
        reached: dict[int, float] = {}
        open_ = [t for t in need if need[t] > 0]
        while open_:
            self._aim({t: sign / need[t] for t in open_})
            for t in open_:
                self._stop(t, sign, need[t])
            solved = self._solve()
            moved = {t: sign * self.goals[t].solution_value() if solved else 0.0 for t in open_}
            carried = {t: need[t] for t in open_ if moved[t] >= need[t] * (1 - SLACK)}
            if carried and moves is not None:
                moves.append(Move(self._values(), sign, tuple(carried)))
            for t in open_:
                self._stop(t, sign, self.solver.infinity())
            if not carried:
                break
            reached |= carried
            open_ = [t for t in open_ if t not in carried]
        for t in open_:
            reached[t] = self.push(t, sign)
            if moves is not None and reached[t] >= need[t] * (1 - SLACK):
                moves.append(Move(self._values() * need[t] / reached[t], sign, (t,)))
        return dict.fromkeys(need, 0.0) | reached

    def _values(self) -> np.ndarray:
        return np.array([move.solution_value() for move in self.moves])

    def _aim(self, goals: dict[int, float]) -> None:
        objective = self.solver.Objective()
        objective.Clear()
        objective.SetMaximization()
        for target, slope in goals.items():
            objective.SetCoefficient(self.goals[target], slope)

    def _stop(self, target: int, sign: int, limit: float) -> None:
        goal = self.goals[target]
        goal.SetBounds(*((-self.solver.infinity(), limit) if sign > 0 else (-limit, self.solver.infinity())))

    def _solve(self) -> bool:
        """Solve, by the primal simplex, else by the dual one; return whether the optimum was found."""
        self._solved += 1
        if self.unit:
            return self.solver.Solve() == pywraplp.Solver.OPTIMAL
        for dual in ("false", "true"):
            self.solver.SetSolverSpecificParametersAsString(f"use_dual_simplex: {dual}")
            if self.solver.Solve() == pywraplp.Solver.OPTIMAL:
                return True
        return False
