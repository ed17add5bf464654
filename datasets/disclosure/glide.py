"""Moves found without a solver, for all the targets of all the parts at once."""

from typing import TYPE_CHECKING

import numpy as np
from scipy import sparse
from scipy.sparse.linalg import splu

if TYPE_CHECKING:
    from datasets.disclosure.field import Field

UNBOUNDED = 1e4
"""The room from which a slot counts as free."""


class Glide:
    """Moves found without a solver: push a hidden sum, let the slots of its part compensate in proportion.

    A move that stays within bounds proves that its target can move; a move that does not proves nothing. One
    factorisation serves all the targets of all the parts that several sums tie.
    """

    def __init__(self, field: "Field", down: np.ndarray, up: np.ndarray) -> None:
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
