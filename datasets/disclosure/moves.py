"""Moves of hidden nodes, by linear programming (HiGHS), part by part."""

from collections.abc import Iterator

import highspy
import numpy as np
from scipy import sparse
from scipy.sparse.csgraph import connected_components

from datasets.disclosure.blocks import TOLERANCE


def open_solver() -> highspy.Highs:
    """Return a silent solver of one thread: the same problem always gives the same answer."""
    highs = highspy.Highs()
    highs.setOptionValue("output_flag", False)
    highs.setOptionValue("threads", 1)
    highs.setOptionValue("mip_rel_gap", 1e-6)
    return highs


def split_parts(
    equations: sparse.csr_matrix, hidden: np.ndarray, least: int = 2
) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """Yield (hidden nodes, equations) of each connected part that at least so many equations tie."""
    columns = np.flatnonzero(hidden)
    sub = equations[:, columns]
    rows = np.flatnonzero(np.diff(sub.indptr))
    sub = sub[rows]
    n = len(rows)
    graph = sparse.bmat([[None, sub], [sub.T, None]]) if n else sparse.csr_matrix((0, 0))
    labels = connected_components(graph, directed=False)[1] if n else np.zeros(0, dtype=int)
    order_rows, order_cols = np.argsort(labels[:n], kind="stable"), np.argsort(labels[n:], kind="stable")
    for label, count in zip(*np.unique(labels[:n], return_counts=True), strict=True):
        if count < least:
            continue
        r = order_rows[slice(*np.searchsorted(labels[:n][order_rows], [label, label + 1]))]
        c = order_cols[slice(*np.searchsorted(labels[n:][order_cols], [label, label + 1]))]
        yield columns[c], rows[r]


class Mover:
    """Moves of the hidden nodes of one part, by linear programming."""

    def __init__(self, equations: sparse.csr_matrix) -> None:
        rows, n = equations.shape
        self.all = np.arange(n, dtype=np.int32)
        self.highs = open_solver()
        model = highspy.HighsLp()
        model.num_col_, model.num_row_ = n, rows
        model.col_cost_ = model.col_lower_ = model.col_upper_ = np.zeros(n)
        model.row_lower_ = model.row_upper_ = np.zeros(rows)
        model.a_matrix_.format_ = highspy.MatrixFormat.kRowwise
        model.a_matrix_.start_, model.a_matrix_.index_ = equations.indptr, equations.indices
        model.a_matrix_.value_ = equations.data
        self.highs.passModel(model)
        self.highs.changeObjectiveSense(highspy.ObjSense.kMaximize)

    def take(self, down: np.ndarray, up: np.ndarray) -> None:
        """Look at another scenario."""
        self.down, self.up = down, up

    def _solve(self, objective: np.ndarray, down: np.ndarray, up: np.ndarray) -> np.ndarray:
        n = len(self.all)
        self.highs.changeColsCost(n, self.all, objective)
        self.highs.changeColsBounds(n, self.all, -down, up)
        self.highs.run()
        return np.asarray(self.highs.getSolution().col_value)

    def find_stuck(self, need: np.ndarray, sign: int) -> list[int]:
        """Return the nodes that no move carries by `need` in the direction `sign`.

        Many are tried at once (each stops at its need), as long as a move carries some of them; then one by one.
        """
        reach = self.up if sign > 0 else self.down
        enough = need * (1 - TOLERANCE)
        stuck = [int(i) for i in np.flatnonzero((need > 0) & (reach < enough))]
        open_ = np.flatnonzero((need > 0) & (reach >= enough))
        while len(open_) > 1:
            goal = np.zeros(len(need))
            goal[open_] = sign / need[open_]
            down, up = self.down.copy(), self.up.copy()
            (up if sign > 0 else down)[open_] = need[open_]
            move = self._solve(goal, down, up)
            carried = sign * move[open_] >= enough[open_]
            if not carried.any():
                break
            open_ = open_[~carried]
        for node in open_:
            goal = np.zeros(len(need))
            goal[node] = sign
            move = self._solve(goal, self.down, self.up)
            if sign * move[node] < enough[node]:
                stuck.append(int(node))
        return stuck

    def find_move(self, goal: np.ndarray, down: np.ndarray, up: np.ndarray) -> np.ndarray | None:
        """Return the move within bounds that does best for `goal`, None when there is none."""
        move = self._solve(goal, down, up)
        return move if self.highs.getModelStatus() == highspy.HighsModelStatus.kOptimal else None

    def get_duals(self, node: int, sign: int) -> np.ndarray:
        """Return the multiplier of each equation when sign·z[node] is as large as it can be."""
        goal = np.zeros(len(self.all))
        goal[node] = sign
        self._solve(goal, self.down, self.up)
        return np.asarray(self.highs.getSolution().row_dual)
