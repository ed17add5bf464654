"""Sieges: the attacks on the hidden nodes of a part through all of its equations, from outside and from inside."""

from collections.abc import Callable, Iterable, Iterator
from itertools import combinations_with_replacement, islice

import numpy as np
from scipy import sparse

from datasets.disclosure.blocks import Block, Scenario
from datasets.disclosure.cuts import Attack, attack_equations, cut_from
from datasets.disclosure.insiders import ALONE
from datasets.disclosure.memory import Memory
from datasets.disclosure.moves import Mover, split_parts

MOST = 200
"""How many attacks are answered at once, at most."""
NEAR = 300
"""How many nodes around a target are tried before the whole of a large part."""


def find_attacks(block: Block, hidden: np.ndarray, memory: Memory) -> Iterator[Attack]:
    """Yield attacks that succeed against a pattern: those of one equation first, all the others only after.

    What the memory knows to fail is not tried again.
    """
    memory.look_at(hidden)
    found = list(attack_equations(block, hidden))
    yield from found or attack_systems(block, hidden, memory)


def attack_systems(block: Block, hidden: np.ndarray, memory: Memory) -> Iterator[Attack]:
    """Attack hidden nodes through all the equations of their part together: as outsiders, else as insiders."""
    watched = any(scenario.insiders for scenario in block.scenarios)
    parts = split_parts(block.equations, hidden, least=1 if watched else 2)
    sieges = [_Siege(block, nodes, block.equations[rows], memory) for nodes, rows in parts]
    found = list(islice(_assault(sieges, _Siege.attack_outside, memory.settled), MOST))
    yield from found or islice(_assault(sieges, _Siege.attack_inside, memory.settled), MOST)


def _assault(
    sieges: Iterable["_Siege"], attack: Callable[["_Siege", Scenario], Iterator[Attack]], settled: set[bytes]
) -> Iterator[Attack]:
    """Yield the attacks of one kind that succeed, siege after siege, and remember the sieges where none does."""
    for siege in sieges:
        key = attack.__name__.encode() + siege.nodes.tobytes()
        if key not in settled:
            safe = True
            for scenario in siege.block.scenarios:
                for success in attack(siege, scenario):
                    safe = False
                    yield success
            if safe:
                settled.add(key)


class _Siege:
    """The attacks on one part: its hidden nodes, and the equations that tie them."""

    def __init__(self, block: Block, nodes: np.ndarray, equations: sparse.csr_matrix, memory: Memory) -> None:
        self.block, self.nodes, self.equations, self.memory = block, nodes, equations, memory
        self.mover = Mover(equations[:, nodes])
        self.around: dict[int, _Siege] = {}

    def attack_outside(self, scenario: Scenario) -> Iterator[Attack]:
        """Yield the attacks of the outsider that succeed."""
        yield from self._try(scenario)

    def attack_inside(self, scenario: Scenario) -> Iterator[Attack]:
        """Yield the attacks of insiders that succeed, where the outsider's fail."""
        coveted = scenario.coveted[self.nodes]
        for shares in scenario.insiders if coveted.any() else ():
            near = shares[:, self.nodes].tocsr()
            if near.nnz:
                yield from self._watch(scenario, near, coveted, shares)

    def _watch(
        self, scenario: Scenario, near: sparse.csr_matrix, coveted: np.ndarray, shares: sparse.csr_matrix
    ) -> Iterator[Attack]:
        """Yield the attacks of the insiders of one role that succeed.

        A target that moves before all of them at once moves before each. For the others, those who are in the target
        (few, as it is unsafe) and those who are not are asked apart.
        """
        k, where = self.block.coalition, near.tocsc()
        crowd = np.minimum(k * near.max(axis=0).toarray().ravel(), 1.0)
        everyone = np.flatnonzero(np.diff(near.indptr))
        for target in map(int, np.flatnonzero(self._find_stuck(scenario, crowd, coveted))):
            inside = np.sort(where.indices[where.indptr[target] : where.indptr[target + 1]])
            outside = np.setdiff1d(everyone, inside, assume_unique=True)
            for groups in combinations_with_replacement([inside, outside], k):
                if all(len(group) for group in groups) and not self._clear(scenario, groups, target, shares):
                    only = np.arange(len(self.nodes)) == target
                    yield from self._search(scenario, near, groups, only, shares)

    def _clear(
        self, scenario: Scenario, groups: tuple[np.ndarray, ...], target: int, shares: sparse.csr_matrix
    ) -> bool:
        """Whether a target moves before one insider of each group even when all that is far from it stays still."""
        if len(self.nodes) <= NEAR:
            return False
        if target not in self.around:
            close = _surround(self.equations, self.nodes, target)
            rows = np.flatnonzero(np.diff(self.equations[:, close].indptr))
            self.around[target] = _Siege(self.block, close, self.equations[rows], self.memory)
        there = self.around[target]
        only = there.nodes == self.nodes[target]
        return not any(there._search(scenario, shares[:, there.nodes].tocsr(), groups, only, shares))

    def _search(
        self,
        scenario: Scenario,
        near: sparse.csr_matrix,
        groups: tuple[np.ndarray, ...],
        targets: np.ndarray,
        shares: sparse.csr_matrix,
    ) -> Iterator[Attack]:
        """Yield the attacks of one insider of each group that succeed against `targets`.

        What all the members of a group know, each for himself, is taken as known at once: the targets that resist
        resist each of them. For the others the groups are halved, until one insider of each is left.
        """
        if all(len(group) == 1 for group in groups):
            members = sorted({int(group[0]) for group in groups})
            share = np.minimum(np.asarray(shares[members].sum(axis=0)).ravel(), 1.0)
            yield from self._try(scenario.seen_by(share), targets)
            return
        share = np.minimum(sum(near[group].max(axis=0).toarray().ravel() for group in groups), 1.0)
        stuck = self._find_stuck(scenario, share, targets)
        if not stuck.any():
            return
        place = max(range(len(groups)), key=lambda i: len(groups[i]))
        half = len(groups[place]) // 2
        for part in (groups[place][:half], groups[place][half:]):
            divided = (*groups[:place], part, *groups[place + 1 :])
            yield from self._search(scenario, near, divided, stuck, shares)

    def _find_stuck(self, scenario: Scenario, share: np.ndarray, targets: np.ndarray) -> np.ndarray:
        """Return which targets do not move as far as they need when this share of every other node is known."""
        nodes, mover = self.nodes, self.mover
        known = share >= ALONE
        left = np.where(known, 0.0, 1.0 - share)
        down, up = scenario.down[nodes], scenario.up[nodes]
        stuck = np.zeros(len(nodes), dtype=bool)
        for sign, need in ((1, scenario.need_up[nodes]), (-1, scenario.need_down[nodes])):
            mover.take(down * left, np.where(known, 0.0, up))
            stuck[mover.find_stuck(np.where(targets & ~known, need, 0.0), sign)] = True
            for one in np.flatnonzero(targets & known & (need > 0)):
                free = left.copy()
                free[one] = 1.0
                mover.take(down * free, np.where(free > 0, up, 0.0))
                stuck[one] |= bool(mover.find_stuck(np.where(np.arange(len(nodes)) == one, need, 0.0), sign))
        return stuck

    def _try(self, scenario: Scenario, targets: np.ndarray | None = None) -> list[Attack]:
        """Return the attacks of a scenario that succeed (against `targets`, when given)."""
        nodes, found = self.nodes, []
        self.mover.take(scenario.down[nodes], scenario.up[nodes])
        for sign, need in ((1, scenario.need_up[nodes]), (-1, scenario.need_down[nodes])):
            moved = self.memory.find_moved(scenario.name, sign, len(self.block.cost)) if targets is None else None
            asked = need * (targets if moved is None else ~moved[nodes])
            stuck = self.mover.find_stuck(asked, sign)
            if moved is not None:
                moved[np.delete(nodes, stuck)] = True
            for target in stuck:
                slopes = -(self.equations.T @ self.mover.get_duals(target, sign))
                slopes[nodes[target]] += sign
                cut = cut_from(int(nodes[target]), np.arange(len(slopes)), slopes, scenario, sign)
                found.append(Attack(scenario, int(nodes[target]), sign, cut))
        return found


def _surround(equations: sparse.csr_matrix, nodes: np.ndarray, target: int) -> np.ndarray:
    """Return the nodes nearest to a target, NEAR of them or more, equation by equation."""
    ties = np.abs(equations[:, nodes])
    reached, before = np.arange(len(nodes)) == target, 0
    while before < reached.sum() < NEAR:
        before = int(reached.sum())
        reached |= ties.T @ (ties @ reached.astype(float)) > 0
    return nodes[reached]
