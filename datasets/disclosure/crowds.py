"""Crowds: all the contributors of a part, cleared at once of knowing too much of its targets.

A target that moves when all that the members of a crowd know, each for himself, is known at once, moves for each of
them. Small targets never do: somebody is alone in each of their slots. Of those, whoever is outside knows nothing of
the inside, and those who are inside are few: they are tried one by one, by swaps.
"""

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
from scipy import sparse

from datasets.disclosure.orders import Attack

if TYPE_CHECKING:
    from datasets.disclosure.field import Field
    from datasets.disclosure.part import Part

SLACK = 1e-6
ENOUGH = 1 - 10 * SLACK
Group = tuple[int, ...]


class Crowds:
    """A part seen by the contributors of one role: `own` and `there` as in Party, `own` for the whole field."""

    def __init__(
        self,
        field: "Field",
        attack: Attack,
        part: "Part",
        own: sparse.csr_matrix,
        there: sparse.csr_matrix,
        count: np.ndarray,
    ) -> None:
        self.field, self.attack, self.part = field, attack, part
        self.there, self.own, self.count = there.tocsc(), own[:, part.slots].tocsc(), count[part.slots]

    def find_stuck(self, groups: Sequence[np.ndarray], targets: Sequence[int]) -> list[int]:
        """Return the targets that do not move enough when the best informed of each crowd is believed everywhere."""
        bounds = self._believe(groups)
        stuck: set[int] = set()
        for sign, need in self._needs():
            same, other = bounds if sign > 0 else bounds[::-1]
            swapped = self.part.find_swaps(same, other)
            wanted = {t: float(need[t]) for t in targets if t not in stuck and swapped[self.part.row[t]] < need[t]}
            if wanted:
                self.part.set_bounds(bounds[1], bounds[0])
                reached = self.part.carry(wanted, sign)
                stuck |= {t for t, far in reached.items() if far < wanted[t] * ENOUGH}
        self.field.programmes += self.part.take_count()
        return sorted(stuck)

    def look_inside(self, who: np.ndarray, targets: Sequence[int]) -> tuple[list[int], list[tuple[Group, int]]]:
        """Return the targets that this does not settle, and who may know too much among those inside of the others.

        A target is settled when it moves enough for whoever is not inside: its own slots move freely, the others as
        far as the best informed believes.
        """
        stuck = self.find_stuck([who], targets)
        up, down = self._believe([who])
        left: set[int] = set()
        for sign, need in self._needs():
            free, other = (self.attack.up, down) if sign > 0 else (self.attack.down, up)
            swapped = self.part.find_swaps(free, other)
            for t in (t for t in stuck if t not in left and swapped[self.part.row[t]] < need[t]):
                inside = self.field.targets[t].indices
                loose_up, loose_down = up.copy(), down.copy()
                loose_up[inside], loose_down[inside] = self.attack.up[inside], self.attack.down[inside]
                self.part.set_bounds(loose_down, loose_up)
                if self.part.push(t, sign) < need[t] * ENOUGH:
                    left.add(t)
        self.field.programmes += self.part.take_count()
        settled = [t for t in stuck if t not in left]
        return sorted(left), [((int(one),), t) for t in settled for one in self._list_inside(t)]

    def _list_inside(self, target: int) -> np.ndarray:
        """Return the contributors inside of a target whom swaps do not clear."""
        row = self.part.row[target]
        mask = np.zeros(len(self.part.slots), dtype=bool)
        mask[self.part.targets[row].indices] = True
        who = np.unique(self.there[:, mask].indices)
        cleared = np.ones(len(who), dtype=bool)
        down, up = self.attack.down[self.part.slots], self.attack.up[self.part.slots]
        alone = self.there[who].toarray() * (self.count == 1)
        known = {1: alone * up, -1: np.maximum(self.own[who].toarray(), alone * down)}
        held = known[-1][:, mask].sum(axis=1)
        whole = float((self.field.targets[target] @ self.attack.down)[0])
        share = 1 - held / whole if whole > 0 else np.ones(len(who))
        for sign, need in self._needs():
            same, other = (up, down) if sign > 0 else (down, up)
            room_in = (np.maximum(same - known[sign], 0.0) * mask) @ self.part.kinds
            room_out = (np.maximum(other - known[-sign], 0.0) * ~mask) @ self.part.kinds
            cleared &= np.minimum(room_in, room_out).sum(axis=1) >= need[target] * share
        return who[~cleared]

    def _needs(self) -> tuple[tuple[int, np.ndarray], ...]:
        return (1, self.attack.need_up), (-1, self.attack.need_down)

    def _believe(self, groups: Sequence[np.ndarray]) -> tuple[np.ndarray, np.ndarray]:
        """Return how far each slot may rise and fall when all that crowds know is known."""
        own = sum(self.own[group].max(axis=0).toarray().ravel() for group in groups)
        seen = sum(self.there[group].max(axis=0).toarray().ravel() for group in groups)
        known = (seen > 0) & (seen >= self.count)
        slots, up, down = self.part.slots, self.attack.up.copy(), self.attack.down.copy()
        down[slots] = np.where(known, 0.0, np.maximum(down[slots] - own, 0.0))
        up[slots] = np.where(known, 0.0, up[slots])
        return up, down
