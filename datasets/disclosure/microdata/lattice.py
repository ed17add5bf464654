"""The lattice of generalisations, and the search of its best node.

A node is a level for each key variable. It is *feasible* when few enough records (`most`) belong to classes that break
a criterion; these records are suppressed. The search returns a feasible node of the least loss, exactly, because a node
is left aside only when

- it is finer than one where the lasting criteria alone suppress too much (they suppress no less below), or, without
  suppression, than any infeasible one (every criterion is then kept by merging); or
- its loss is proven no better: the loss of a finer node with nothing suppressed bounds it from below.

Nodes are tried along chains from the most promising one to the top, by bisection. Equal losses go to the node with
fewer levels climbed, then to the first in order: the answer does not depend on the path taken. When the time is over
the best node found is returned, and `gap` tells how far from the best of all it may be.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import product
from time import monotonic

import numpy as np

from datasets.disclosure.microdata.classes import Partition, Variable
from datasets.disclosure.microdata.criteria import CRITERIA, Criteria
from datasets.disclosure.microdata.losses import Loss
from datasets.errors import DisclosureError, Phrase

MOST_NODES = 500_000
MOST_CLASSES = 4_000_000
"""Classes of the partitions remembered, all together."""
DIGITS = 12
PROBE = 4
"""A part of the table that must prove a node infeasible has so many times the records that may be suppressed."""

Node = tuple[int, ...]
Rank = tuple[float, int, Node]


@dataclass(frozen=True)
class Choice:
    """The best node: its classes, those that are kept, its loss; how many nodes there were and were looked at."""

    classes: Partition
    kept: np.ndarray
    loss: float
    gap: float
    nodes: int
    visited: int


@dataclass(frozen=True)
class _Verdict:
    """What is known of a node that was looked at; `doomed` when every finer node is infeasible too."""

    feasible: bool
    doomed: bool


_DOOMED = _Verdict(feasible=False, doomed=True)


class Lattice:
    """Every node above the finest classes, and what the search learns about them."""

    def __init__(self, variables: Sequence[Variable], finest: Partition, criteria: Criteria, most: int, loss: Loss):
        sizes = [variable.height + 1 for variable in variables]
        if np.prod(sizes, dtype=float) > MOST_NODES:
            raise DisclosureError(table=_TABLE, reason=_TOO_MANY)
        self.variables, self.criteria, self.most, self.loss = variables, criteria, most, loss
        self.records = int(finest.counts.sum())
        self.nodes = np.array(list(product(*(range(size) for size in sizes))), dtype=np.int32)
        self.bounds = np.asarray(loss.bound(variables, self.nodes), dtype=float)
        self.climbed = self.nodes.sum(axis=1, dtype=int)
        self.open = np.ones(len(self.nodes), dtype=bool)
        self.strides = np.array([int(np.prod(sizes[i + 1 :])) for i in range(len(sizes))])
        self.known: dict[int, Partition] = {0: finest}
        self.probes = _list_probes(variables, finest, max(PROBE * most, self.records // 20))
        self.asked = [criterion for criterion in CRITERIA if criterion.asked(criteria)]
        self.best: tuple[Rank, Partition, np.ndarray] | None = None
        self.visited = 0

    def search(self, seconds: float) -> Choice:
        """Return the best node found within `seconds`. Raises DisclosureError when no node is feasible."""
        end = monotonic() + seconds
        while (start := self._next_open()) is not None and (monotonic() < end or self.best is None):
            self._bisect(start)
        if self.best is None:
            raise DisclosureError(table=_TABLE, reason=_INFEASIBLE)
        (loss, _, _), classes, kept = self.best
        left = self.bounds[self.open].min(initial=np.inf)
        gap = max(0.0, (loss - left) / loss) if start is not None and loss > 0 else 0.0
        return Choice(classes, kept, loss, gap, len(self.nodes), self.visited)

    def _rank(self, i: int, loss: float) -> Rank:
        return round(float(loss), DIGITS), int(self.climbed[i]), tuple(map(int, self.nodes[i]))

    def _next_open(self) -> int | None:
        """Return the open node of the least bound that may still be the best; close those that may not."""
        if self.best is not None:
            (loss, climbed, _), floor = self.best[0], np.round(self.bounds, DIGITS)
            self.open &= (floor < loss) | ((floor == loss) & (self.climbed <= climbed))
        return self._find_first(np.flatnonzero(self.open))

    def _find_first(self, nodes: np.ndarray) -> int | None:
        """Return the node of the least bound, then with the fewest levels climbed, then the first in order."""
        if not len(nodes):
            return None
        for values in (np.round(self.bounds, DIGITS), self.climbed):
            nodes = nodes[values[nodes] == values[nodes].min()]
        return int(nodes[0])

    def _bisect(self, start: int) -> None:
        chain = self._chain(start)
        low, high = 0, len(chain) - 1
        while low <= high:
            middle = (low + high) // 2
            if self._look(chain[middle]).feasible:
                high = middle - 1
            else:
                low = middle + 1

    def _chain(self, start: int) -> list[int]:
        """Return open nodes from `start` upwards, each the most promising of those one level above."""
        chain: list[int] = []
        following: int | None = start
        while following is not None:
            chain.append(following)
            above = following + self.strides[self.nodes[following] < self.nodes[-1]]
            following = self._find_first(above[self.open[above]])
        return chain

    def _look(self, i: int) -> _Verdict:
        """Look at an open node: count its classes, merge them if need be, and learn from them."""
        self.visited += 1
        self.open[i] = False
        node = tuple(map(int, self.nodes[i]))
        probe = next((p for j, p in self.probes if node[j] < self.variables[j].height), None)
        if probe is not None and self._count_few(i, probe)[0] > self.most:
            return self._close(i, _DOOMED)
        source = self._find_source(i)
        few, n = self._count_few(i, source)
        if few <= self.most or 2 * n < len(source):
            source = self._remember(i, source.merge(self.variables, node)[0])
        if few > self.most:
            return self._close(i, _DOOMED)
        kept, verdict = self._judge(source)
        if verdict.feasible:
            rank = self._rank(i, self.loss.value(self.variables, source, kept, self.records))
            if self.best is None or rank < self.best[0]:
                self.best = (rank, source, kept)
        return self._close(i, verdict)

    def _count_few(self, i: int, source: Partition) -> tuple[int, int]:
        """Return the records in classes of less than k, and the number of classes, of a node above `source`."""
        counts = source.count(self.variables, tuple(map(int, self.nodes[i])))
        refined = self.loss.refine(counts, self.records)
        if refined > self.bounds[i]:
            above = (self.nodes >= self.nodes[i]).all(axis=1)
            self.bounds[above] = np.maximum(self.bounds[above], refined)
        return int(counts[counts < self.criteria.k].sum()), len(counts)

    def _close(self, i: int, verdict: _Verdict) -> _Verdict:
        if verdict.doomed:
            self.open &= ~(self.nodes <= self.nodes[i]).all(axis=1)
        return verdict

    def _judge(self, classes: Partition) -> tuple[np.ndarray, _Verdict]:
        kept = np.ones(len(classes), dtype=bool)
        for criterion in (c for c in self.asked if c.lasting):
            kept &= criterion.passes(classes, self.criteria)
        if classes.counts[~kept].sum() > self.most:
            return kept, _DOOMED
        for criterion in (c for c in self.asked if not c.lasting):
            kept &= criterion.passes(classes, self.criteria)
        lost = int(classes.counts[~kept].sum())
        if lost > self.most or lost == self.records:
            return kept, _Verdict(feasible=False, doomed=not self.most)
        return kept, _Verdict(feasible=not lost or self._holds(classes.keep(kept)), doomed=False)

    def _holds(self, kept: Partition) -> bool:
        """Whether what is left satisfies everything by itself: a distance from the whole depends on the whole."""
        return all(criterion.passes(kept, self.criteria).all() for criterion in self.asked if not criterion.lasting)

    def _find_source(self, i: int) -> Partition:
        """Return the smallest partition known of a node below."""
        known = np.fromiter(self.known, dtype=int)
        finer = known[(self.nodes[known] <= self.nodes[i]).all(axis=1)]
        return min((self.known[int(j)] for j in finer), key=len)

    def _remember(self, i: int, classes: Partition) -> Partition:
        self.known[i] = classes
        while sum(map(len, self.known.values())) > MOST_CLASSES and len(self.known) > 1:
            del self.known[max((j for j in self.known if j), key=lambda j: len(self.known[j]))]
        return classes


def _list_probes(variables: Sequence[Variable], finest: Partition, wanted: int) -> list[tuple[int, Partition]]:
    """Return parts of the table, smallest first, each made of whole groups of one variable at its last level but one.

    Below the top of this variable a class is wholly inside such a part or wholly outside, so that records in small
    classes of the part are as many records in small classes of the table. The rarest groups come first.
    """
    probes = []
    for j, variable in enumerate(variables):
        if variable.height:
            group = variable.step(0, variable.height - 1)[finest.codes[j]]
            records = np.bincount(group, finest.counts)
            rarest = np.argsort(records, kind="stable")
            enough = int(np.searchsorted(np.cumsum(records[rarest]), wanted)) + 1
            probes.append((j, finest.keep(np.isin(group, rarest[:enough]))))
    return sorted(((j, part) for j, part in probes if 2 * len(part) < len(finest)), key=lambda probe: len(probe[1]))


_TABLE = Phrase("The table of records", "La table d’enregistrements")
_TOO_MANY = Phrase(
    "its hierarchies have too many combinations of levels; leave some levels out.",
    "ses hiérarchies ont trop de combinaisons de niveaux ; retirez des niveaux.",
)
_INFEASIBLE = Phrase(
    "no generalisation satisfies the criteria; ask less, suppress more records, or give hierarchies that go further.",
    "aucune généralisation ne satisfait les critères ; demandez moins, supprimez plus d’enregistrements, "
    "ou donnez des hiérarchies qui vont plus loin.",
)
