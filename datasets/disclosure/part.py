"""One part: slots tied by several known sums, whose moves are found by linear programming."""

from dataclasses import dataclass

import numpy as np
from ortools.linear_solver import pywraplp
from scipy import sparse

from datasets.disclosure.swaps import sort_kinds, swap

SLACK = 1e-6
PATIENCE = 5_000
"""Milliseconds for one linear programme."""


@dataclass(frozen=True)
class Move:
    """A move of the kinds of slots of a part, its direction, and the targets that it carries as far as they need."""

    kinds: np.ndarray
    sign: int
    targets: tuple[int, ...]


class Part:
    """Slots tied by several known sums: moves found by linear programming (GLOP).

    Slots that appear in the same sums and the same targets, by the same `sign`, move as one.
    """

    def __init__(
        self,
        slots: np.ndarray,
        sign: np.ndarray,
        sums: sparse.csr_matrix,
        targets: sparse.csr_matrix,
        names: np.ndarray,
    ) -> None:
        self.slots, self.sign, self.targets, self.kinds = slots, sign, targets, sort_kinds(sums, sign)
        self.row = {int(name): row for row, name in enumerate(names)}
        signature = sparse.vstack([sums, targets]).tocsc()
        kinds: dict[tuple[bytes, int], int] = {}
        spans = zip(signature.indptr, signature.indptr[1:], sign.tolist(), strict=False)
        self.kind = np.array(
            [kinds.setdefault((signature.indices[a:b].tobytes(), one), len(kinds)) for a, b, one in spans]
        )
        self.side = np.zeros(len(kinds))
        self.side[self.kind] = sign
        self.solver = pywraplp.Solver.CreateSolver("GLOP")
        self.solver.SetTimeLimit(PATIENCE)
        self.moves = [self.solver.NumVar(0, 0, "") for _ in kinds]
        self.goals: dict[int, pywraplp.Variable] = {}
        for row in range(sums.shape[0]):
            self._tie(sums, row, self.side)
        for row, name in enumerate(names):
            constraint = self._tie(targets, row, np.ones(len(kinds)))
            goal = self.goals[int(name)] = self.solver.NumVar(-self.solver.infinity(), self.solver.infinity(), "")
            constraint.SetCoefficient(goal, -1.0)
        self.solver.Objective().SetMaximization()
        self._solved = 0

    def _tie(self, matrix: sparse.csr_matrix, row: int, slopes: np.ndarray) -> pywraplp.Constraint:
        constraint = self.solver.Constraint(0.0, 0.0)
        for kind in np.unique(self.kind[matrix.indices[matrix.indptr[row] : matrix.indptr[row + 1]]]).tolist():
            constraint.SetCoefficient(self.moves[kind], float(slopes[kind]))
        return constraint

    def set_bounds(self, down: np.ndarray, up: np.ndarray) -> None:
        """Say how far each slot may move."""
        low = np.bincount(self.kind, down[self.slots])
        high = np.bincount(self.kind, up[self.slots])
        for variable, a, b in zip(self.moves, low.tolist(), high.tolist(), strict=True):
            variable.SetBounds(-a, b)

    def find_swaps(self, inside: np.ndarray, outside: np.ndarray) -> np.ndarray:
        """Return how far each target of the part moves by swaps (see `swaps`), in the order of `row`."""
        return swap(self.targets, self.kinds, inside[self.slots], outside[self.slots])

    def take_count(self) -> int:
        """Return the number of programmes solved since the last call."""
        count, self._solved = self._solved, 0
        return count

    def push(self, target: int, sign: int) -> float:
        """Return how far one target can move in the direction `sign`; 0 when the solver does not know."""
        self._aim({target: float(sign)})
        return max(0.0, sign * self.goals[target].solution_value()) if self._solve() else 0.0

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
        for dual in ("false", "true"):
            self.solver.SetSolverSpecificParametersAsString(f"use_dual_simplex: {dual}")
            if self.solver.Solve() == pywraplp.Solver.OPTIMAL:
                return True
        return False
