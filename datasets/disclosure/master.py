"""The master problem: which nodes to hide, at the least cost, under the cuts known so far (HiGHS)."""

from collections.abc import Iterable

import highspy
import numpy as np

from datasets.disclosure.blocks import TOLERANCE, Block, Unprotectable
from datasets.disclosure.cuts import Cut
from datasets.disclosure.moves import open_solver


class Master:
    """The master problem: choose nodes to hide, at the least cost, under the cuts known so far."""

    def __init__(self, block: Block) -> None:
        self.block = block
        self.free = np.flatnonzero(~block.hidden & ~block.shown)
        self.column = np.full(len(block.cost), -1)
        self.column[self.free] = np.arange(len(self.free))
        self.bound = 0.0
        self.highs = open_solver()
        n = len(self.free)
        self.highs.addVars(n, np.zeros(n), np.ones(n))
        self.highs.changeColsCost(n, np.arange(n, dtype=np.int32), block.cost[self.free])
        self.highs.changeColsIntegrality(n, np.arange(n, dtype=np.int32), np.full(n, highspy.HighsVarType.kInteger))

    def add(self, cuts: Iterable[Cut]) -> None:
        """Add inequalities; what is hidden or shown for good goes to the right-hand side."""
        for cut in cuts:
            settled = self.block.hidden[cut.nodes]
            right = -float(cut.coefficients[settled].sum())
            kept = self.column[cut.nodes] >= 0
            index, value = self.column[cut.nodes[kept]], cut.coefficients[kept]
            if self.block.hidden[cut.node]:
                right += cut.bound
                if right <= TOLERANCE * cut.bound:
                    continue
                value = np.minimum(value, right)
            else:
                index, value = np.append(index, self.column[cut.node]), np.append(value, -cut.bound)
            if not len(index):
                raise Unprotectable(cut.node)
            scale = max(float(np.abs(value).max()), 1e-12)
            self.highs.addRow(right / scale, highspy.kHighsInf, len(index), index.astype(np.int32), value / scale)

    def solve(self, seconds: float) -> np.ndarray | None:
        """Return the nodes hidden by the best choice found, None when the time was too short for any."""
        self.highs.setOptionValue("time_limit", self.highs.getRunTime() + seconds)
        self.highs.run()
        status = self.highs.getModelStatus()
        if status == highspy.HighsModelStatus.kInfeasible:
            raise Unprotectable(-1)
        info = self.highs.getInfo()
        self.bound = max(0.0, info.mip_dual_bound)
        if info.primal_solution_status != highspy.SolutionStatus.kSolutionStatusFeasible:
            return None
        hidden = self.block.hidden.copy()
        hidden[self.free] = np.asarray(self.highs.getSolution().col_value) > 0.5
        return hidden
