"""What insiders deduce: contributors who subtract their own part from the served sums, alone or in small groups.

Few groups need to be looked at. Where one known sum ties a part, a group can only narrow a target when what it owns
of the rest leaves less room than the target needs. Where several sums tie it, whole crowds are cleared at once, and
cut in two where they are not (`crowds`). The groups that are left are judged exactly, by linear programming.
"""

from collections.abc import Iterator
from itertools import combinations, pairwise
from typing import TYPE_CHECKING

import numpy as np
from scipy import sparse

from datasets.disclosure.crowds import SLACK, Crowds, Group
from datasets.disclosure.orders import Attack, Party

if TYPE_CHECKING:
    from datasets.disclosure.field import Field


class Coalitions:
    """The insiders of an attack on a field, against the unsafe targets that resist the outsider (`open_`)."""

    def __init__(self, field: "Field", attack: Attack, open_: np.ndarray) -> None:
        self.field, self.attack = field, attack
        self.need = np.where(open_ & (attack.need_up > 0), np.maximum(attack.need_up, attack.need_down), 0.0)
        self.low = np.asarray(field.targets @ attack.down).ravel()

    def find_betrayed(self) -> tuple[tuple[int, int], ...]:
        """Return (target, size of the smallest group that knows it too well) for each target betrayed."""
        found: dict[int, int] = {}
        for party in self.attack.parties:
            judged: set[tuple[Group, int]] = set()
            watched = _Watched(self, party)
            for group, target in watched.suspect():
                if (group, target) not in judged and found.get(target, 9) > len(group):
                    judged.add((group, target))
                    if watched.is_betrayed(group, target):
                        found[target] = len(group)
        return tuple(sorted(found.items()))


class _Watched:
    """The insiders of one role."""

    def __init__(self, coalitions: Coalitions, party: Party) -> None:
        self.field, self.attack, self.party = coalitions.field, coalitions.attack, party
        self.need, self.low = coalitions.need, coalitions.low
        signed = not party.own.nnz or not party.own.data.any()
        weight = sparse.diags(np.where(party.count > 0, self.attack.down / np.maximum(party.count, 1), 0.0))
        self.own = (party.there @ weight if signed else party.own).tocsr()
        """What each takes away from the room of each slot; of a signed measure, an equal share of what is unbounded."""

    def bounds(self, group: Group) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Return how far each slot may fall and rise in the eyes of a group, and the slots that it knows whole."""
        rows = list(group)
        there = np.asarray(self.party.there[rows].sum(axis=0)).ravel()
        known = (there > 0) & (there >= self.party.count)
        own = np.asarray(self.party.own[rows].sum(axis=0)).ravel()
        down = np.where(known, 0.0, np.maximum(self.attack.down - own, 0.0))
        return down, np.where(known, 0.0, self.attack.up), known

    def left(self, group: Group, target: int) -> float:
        """Return the share of a target that a group does not know."""
        slots = self.field.targets[target].indices
        down, _, known = self.bounds(group)
        if known[slots].all():
            return 0.0
        return float(down[slots].sum() / self.low[target]) if self.low[target] > 0 else 1.0

    def is_betrayed(self, group: Group, target: int) -> bool:
        """Whether a group can narrow what others hold of a target more than that needs."""
        left = self.left(group, target)
        down, up, _ = self.bounds(group)
        for sign, need in ((1, self.attack.need_up[target]), (-1, self.attack.need_down[target])):
            wanted = need * left
            if left > SLACK and wanted > 0 and self._reach(target, sign, down, up, wanted) < wanted * (1 - 10 * SLACK):
                return True
        return False

    def _reach(self, target: int, sign: int, down: np.ndarray, up: np.ndarray, enough: float) -> float:
        """Return how far a target can move within bounds, over all its parts; no more than is `enough` is sought."""
        field, reach = self.field, 0.0
        for pair in np.flatnonzero(field.target_of == target):
            k = int(field.within[pair])
            slots = field.slots_by_part[k]
            inside = np.isin(slots, field.targets[target].indices)
            same, other = (up, down) if sign > 0 else (down, up)
            if field.ties[k] == 0:
                reach += float(same[slots[inside]].sum())
            elif field.ties[k] == 1 and not field.mixed[k]:
                reach += min(float(same[slots[inside]].sum()), float(other[slots[~inside]].sum()))
            else:
                part = field.part(k)
                swapped = float(part.find_swaps(same, other)[part.row[target]])
                if swapped < enough:
                    part.set_bounds(down, up)
                    swapped = part.push(target, sign)
                reach += swapped
                field.programmes += part.take_count()
        return reach

    def suspect(self) -> Iterator[tuple[Group, int]]:
        """Yield the groups that might know a target too well, the smallest first for each target."""
        wanted = self.need[self.field.target_of] > 0
        hard = (self.field.ties[self.field.within] > 1) | self.field.mixed[self.field.within]
        yield from self._suspect_closed(np.flatnonzero(wanted & ~hard & (self.field.ties[self.field.within] == 1)))
        for k in np.unique(self.field.within[wanted & hard]):
            yield from self._suspect_hard(int(k))

    def _suspect_closed(self, pairs: np.ndarray) -> Iterator[tuple[Group, int]]:
        """Yield those who own so much of the rest of a part that too little is left to move."""
        field = self.field
        if not len(pairs):
            return
        n, entries = len(field.part_of), np.arange(len(field.part_of))
        by_part = (self.own @ sparse.csr_matrix((np.ones(n), (entries, field.part_of)), shape=(n, field.parts))).tocsc()
        spots = sparse.csr_matrix(
            (np.ones(len(field.entry_slot)), (field.entry_slot, field.pair_of)), shape=(n, len(field.pairs))
        )
        by_pair = (self.own @ spots).tocsc()
        by_target = (self.own @ field.targets.T).tocsc()
        room = np.bincount(field.part_of, self.attack.down, minlength=field.parts)
        low = np.bincount(field.pair_of, self.attack.down[field.entry_slot], minlength=len(field.pairs))
        for pair in pairs:
            target, k = int(field.target_of[pair]), int(field.within[pair])
            column = by_part[:, k]
            who, owned = column.indices, column.data
            need = self.need[target]
            share = _pick(by_target, target, who) / self.low[target] if self.low[target] > 0 else np.zeros(len(who))
            takes = owned - _pick(by_pair, int(pair), who) - need * share
            spare = room[k] - low[pair] - need
            yield from ((group, target) for group in _exceed(who, takes, spare, self.attack.coalition))

    def _suspect_hard(self, k: int) -> Iterator[tuple[Group, int]]:
        """Yield those who may know too much of a part that several sums tie."""
        part = self.field.part(k)
        there = self.party.there[:, part.slots].tocsr()
        who = np.flatnonzero(np.diff(there.indptr))
        targets = [t for t in part.row if self.need[t] > 0]
        if not len(who) or not targets:
            return
        crowds = Crowds(self.field, self.attack, part, self.own, there, self.party.count)
        if self.attack.coalition == 1:
            targets, inside = crowds.look_inside(who, targets)
            yield from inside
        yield from self._halve(crowds, (who,) * self.attack.coalition, targets)

    def _halve(self, crowds: Crowds, groups: tuple[np.ndarray, ...], targets: list[int]) -> Iterator[tuple[Group, int]]:
        """Yield the groups made of one insider of each crowd that may know one of `targets` too well.

        A target that moves when all that the members of a crowd know, each for himself, is known at once, moves for
        each of them. For the others one crowd is cut in two, until one insider of each is left.
        """
        if all(len(group) == 1 for group in groups):
            group = tuple(sorted({int(each[0]) for each in groups}))
            yield from ((group, target) for target in targets)
            return
        stuck = targets and crowds.find_stuck(groups, targets)
        if stuck:
            place = max(range(len(groups)), key=lambda i: len(groups[i]))
            middle = len(groups[place]) // 2
            for crowd in (groups[place][:middle], groups[place][middle:]):
                divided = (*groups[:place], crowd, *groups[place + 1 :])
                if all(first[0] <= second[-1] for first, second in pairwise(divided)):
                    yield from self._halve(crowds, divided, stuck)


def _pick(matrix: sparse.csc_matrix, column: int, rows: np.ndarray) -> np.ndarray:
    """Return the values of a column at `rows`."""
    span = slice(matrix.indptr[column], matrix.indptr[column + 1])
    out = np.zeros(matrix.shape[0])
    out[matrix.indices[span]] = matrix.data[span]
    return out[rows]


def _exceed(who: np.ndarray, takes: np.ndarray, spare: float, coalition: int) -> Iterator[Group]:
    """Yield the groups, of `coalition` at most, who take more than what is to spare: single ones first."""
    yield from ((int(one),) for one in who[takes > spare])
    if coalition < 2 or len(who) < 2:
        return
    likely = np.flatnonzero(takes + takes.max() > spare)
    for i, j in combinations(likely[np.argsort(-takes[likely])], 2):
        if takes[i] + takes[j] > spare:
            yield tuple(sorted((int(who[i]), int(who[j]))))
