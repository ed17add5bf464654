"""What is known and what is sought: slots, the sums that tie them, the hidden sums; cut into independent parts."""

from collections.abc import Sequence
from functools import cached_property

import numpy as np
from scipy import sparse
from scipy.sparse.csgraph import connected_components

from datasets.disclosure.orders import Attack
from datasets.disclosure.part import SLACK, Part
from datasets.disclosure.swaps import sort_kinds


class Field:
    """The known sums over slots of a `sign`, and the hidden sums (`targets`, targets × slots) to find out.

    The slots of a target are all of one sign.
    """

    def __init__(self, sign: np.ndarray, sums: Sequence[np.ndarray], targets: sparse.csr_matrix) -> None:
        self.sign, self.targets, self.count, n = sign, targets, targets.shape[0], len(sign)
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
        self.backwards = sign[self.entry_slot[np.unique(self.pair_of, return_index=True)[1]]] < 0
        negative = np.bincount(self.part_of, sign < 0, minlength=self.parts)
        self.mixed = (negative > 0) & (negative < np.bincount(self.part_of, minlength=self.parts))
        self.programmes = 0

    def find_moves(self, attack: Attack) -> tuple[np.ndarray, np.ndarray]:
        """Return how far each target can fall and rise: exactly, or as far as it needs."""
        fall, rise = self._settle(attack.down, attack.up)
        hard = self.ties[self.within] > 1
        fall[hard] = rise[hard] = 0.0
        needs = ((fall, -1, attack.need_down[self.target_of]), (rise, 1, attack.need_up[self.target_of]))
        for reached, sign, need in needs:
            asked = np.flatnonzero(hard & (self._total(reached) < need * (1 - SLACK)))
            for k in np.unique(self.within[asked]):
                pairs = asked[self.within[asked] == k]
                self._solve_part(int(k), pairs, (attack.down, attack.up), need, sign, reached)
        by_target = [np.bincount(self.target_of, each, minlength=self.count) for each in (fall, rise)]
        return by_target[0], by_target[1]

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
        down, up = np.where(self.sign > 0, down, up), np.where(self.sign > 0, up, down)
        size = np.bincount(self.pair_of, minlength=n)
        low = np.bincount(self.pair_of, down[self.entry_slot], minlength=n)
        high = np.bincount(self.pair_of, up[self.entry_slot], minlength=n)
        whole = np.bincount(self.part_of, minlength=self.parts)[self.within]
        rest_low = np.bincount(self.part_of, down, minlength=self.parts)[self.within] - low
        rest_high = np.bincount(self.part_of, up, minlength=self.parts)[self.within] - high
        rest_low, rest_high = (np.where(size == whole, 0.0, np.maximum(r, 0.0)) for r in (rest_low, rest_high))
        tied = self.ties[self.within] > 0
        fall, rise = np.where(tied, np.minimum(low, rest_high), low), np.where(tied, np.minimum(high, rest_low), high)
        return np.where(self.backwards, rise, fall), np.where(self.backwards, fall, rise)

    def part(self, k: int) -> "Part":
        """Return a part, made once."""
        found = self._made.get(k)
        if found is None:
            slots = self.slots_by_part[k]
            sums = np.flatnonzero(self.part_of_sum == k)
            columns = self._columns[:, slots]
            wanted = np.unique(columns.indices)
            known, sought = self.sums[sums][:, slots], self.targets[wanted][:, slots]
            found = self._made[k] = Part(slots, self.sign[slots], known, sought, wanted)
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

    @cached_property
    def kinds(self) -> sparse.csr_matrix:
        """Slots × kinds, see `swaps`."""
        return sort_kinds(self.sums, self.sign)
