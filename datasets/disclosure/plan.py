"""The attacks on one year: what each level knows, in units that a solver likes.

L0   an outsider: what cannot be negative is ≥ 0, the rest is unbounded
L1   he knows each hidden value beforehand, give or take half
L2   he is a contributor: he knows his own part of every cell, and the cells where he is alone; what others hold of
     unsafe cells is judged on the measures of dominance, those by which the p % rule judges what is shown
L3   two contributors of the same role put together what they know
L4   he has kept every earlier release
L5   he knows that counts are whole numbers
"""

from collections.abc import Iterator, Sequence

import numpy as np
from scipy import sparse

from datasets.disclosure.cubes import Measure
from datasets.disclosure.orders import Attack, Party
from datasets.disclosure.primary import Rules
from datasets.disclosure.subject import Subject
from datasets.disclosure.unknowns import Unknowns

FAR = 1e5
"""What stands for "unbounded", in units of the mean of the measure (a nearer bound makes the attacker stronger)."""


def choose_levels(rules: Rules) -> tuple[str, ...]:
    """Return the levels that a release must pass: insiders attack as many together as the rules protect against."""
    insiders = {0: (), 1: ("L2",), 2: ("L3",)}[rules.coalition]
    return tuple(sorted(("L0", "L1", *insiders, "L4", "L5")))


class Plan:
    """Draws the attacks on the measures of one year: its unknowns (`rows`), hidden `targets`, `close` ones."""

    def __init__(
        self,
        subject: Subject,
        unknowns: Unknowns,
        rows: np.ndarray,
        targets: sparse.csr_matrix,
        close: np.ndarray,
        rules: Rules,
    ) -> None:
        self.subject, self.targets, self.close, self.rules = subject, targets, close, rules
        self.frame, self.slots = unknowns.frame.iloc[rows], unknowns.slots[rows]

    def draw(self, measure: Measure, levels: Sequence[str]) -> Iterator[tuple[str, np.ndarray, Attack]]:
        """Yield (level, values of the targets in units of the measure's mean, attack)."""
        true = self.frame[measure.name].to_numpy(dtype=float)
        gross = self.frame[f"brut_{measure.name}"].to_numpy(dtype=float) if measure.signed else true
        scale = float(gross.mean()) or 1.0
        true, gross = true / scale, gross / scale
        value, rules = np.abs(self.targets @ true), self.rules
        if {"L0", "L2", "L3", "L5"} & set(levels):  # insiders and counters begin where the outsider fails
            unit = 1.0 / scale if measure.integer else 0.0
            share = np.where(self.close, rules.protection, rules.margin)
            # Which slots are active is taken as known: a sum of none of them is zero for everybody.
            active = self.targets @ (self.frame["n"].to_numpy(dtype=float) > 0) > 0
            need = np.maximum(share * value, unit or 1e-5) * active * bool(gross.any())
            need_up, far = np.where(self.close, need, 0.0), np.full(len(true), _far(unit))
            down, need_down = (far, need) if measure.signed else (true, np.minimum(need, value))
            coalition = (2 if "L3" in levels else int("L2" in levels)) * (measure.name in self.subject.dominance)
            parties = tuple(self._parties(measure, scale)) if coalition and gross.any() else ()
            yield "L0", value, Attack(down, far, need_down, need_up, parties, coalition, unit * ("L5" in levels))
        if "L1" in levels:
            need = np.where(self.close, rules.protection * value, 0.0)
            yield "L1", value, Attack(rules.prior * gross, rules.prior * gross, need, need)

    def _parties(self, measure: Measure, scale: float) -> Iterator[Party]:
        """Yield the insiders of each role: of a signed measure their own part bounds nothing."""
        for owners in self.subject.owners.values():
            slot, who = owners["slot"].to_numpy(), owners["contributor"].to_numpy() + 1  # 0 is nobody known
            shape = (int(who.max(initial=0)) + 1, self.slots.shape[1])
            part = np.abs(owners[measure.name].to_numpy(dtype=float)) / scale * (not measure.signed)
            own = sparse.csr_matrix((part, (who, slot)), shape=shape) @ self.slots.T
            there = sparse.csr_matrix((np.ones(len(who)), (who, slot)), shape=shape) @ self.slots.T
            there.data[:] = 1.0
            yield Party(own[1:].tocsr(), there[1:].tocsr(), np.asarray(there.sum(axis=0)).ravel())


def _far(unit: float) -> float:
    """Return FAR, rounded up to whole units where there are any: what is whole then has whole bounds."""
    return float(np.ceil(FAR / unit) * unit) if unit else FAR
