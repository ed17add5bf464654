"""Cuts: what a pattern must satisfy for a node to move far enough, and the attacks that one equation is enough for."""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace

import numpy as np

from datasets.disclosure.blocks import TOLERANCE, Block, Scenario


@dataclass(frozen=True)
class Cut:
    """An inequality Σ coefficient·x ≥ bound·x[node] that every protected pattern satisfies."""

    node: int
    nodes: np.ndarray
    coefficients: np.ndarray
    bound: float

    def relax(self, less: float) -> "Cut":
        """Return the cut of a node that needs to move by so much less."""
        return Cut(self.node, self.nodes, self.coefficients, self.bound - less)


@dataclass
class Attack:
    """A node that cannot move far enough: in which scenario, in which direction, and the cut that says so."""

    scenario: Scenario
    node: int
    sign: int
    cut: Cut = field(repr=False)

    @property
    def need(self) -> float:
        """How far the node must be able to move."""
        return float((self.scenario.need_up if self.sign > 0 else self.scenario.need_down)[self.node])

    def renew(self, scenario: Scenario) -> "Attack | None":
        """Return the attack under the same scenario with other needs; None when the cut says nothing any more."""
        renewed = Attack(scenario, self.node, self.sign, self.cut)
        less = self.need - renewed.need
        if less < 0 or less >= self.cut.bound:
            return None
        return replace(renewed, cut=self.cut.relax(less))


def attack_equations(block: Block, hidden: np.ndarray) -> Iterator[Attack]:
    """Attack each hidden node through each equation alone; one attack, the worst, per (equation, node)."""
    entries = block.equations.tocoo()
    kept = hidden[entries.col]
    row, col, parent = entries.row[kept], entries.col[kept], entries.data[kept] > 0
    worst: dict[tuple[int, int], tuple[float, Scenario, int]] = {}
    for scenario in block.scenarios:
        rise = np.where(parent, scenario.up[col], scenario.down[col])
        fall = np.where(parent, scenario.down[col], scenario.up[col])
        n = block.equations.shape[0]
        others_rise = np.bincount(row, rise, minlength=n)[row] - rise
        others_fall = np.bincount(row, fall, minlength=n)[row] - fall
        for sign, need in ((1, scenario.need_up[col]), (-1, scenario.need_down[col])):
            room = np.where(parent == (sign > 0), others_fall, others_rise)
            lack = need * (1 - TOLERANCE) - room
            for i in np.flatnonzero(lack > 0):
                share = lack[i] / need[i]
                key = (int(row[i]), int(col[i]))
                if key not in worst or worst[key][0] < share:
                    worst[key] = (share, scenario, sign)
    for (equation, node), (_, scenario, sign) in worst.items():
        yield Attack(scenario, node, sign, _cut_equation(block, equation, node, scenario, sign))


def _cut_equation(block: Block, equation: int, node: int, scenario: Scenario, sign: int) -> Cut:
    span = slice(block.equations.indptr[equation], block.equations.indptr[equation + 1])
    nodes, signs = block.equations.indices[span], block.equations.data[span]
    slopes = -signs * signs[nodes == node][0] * sign
    slopes[nodes == node] = 0
    return cut_from(node, nodes, slopes, scenario, sign)


def cut_from(node: int, nodes: np.ndarray, slopes: np.ndarray, scenario: Scenario, sign: int) -> Cut:
    """Return the cut of an upper bound sign·z[node] ≤ Σ slopes·z[nodes], true whatever is hidden."""
    need = float(scenario.need_up[node] if sign > 0 else scenario.need_down[node])
    reach = np.where(slopes > 0, slopes * scenario.up[nodes], -slopes * scenario.down[nodes])
    need -= float(reach[nodes == node].sum())
    others = (nodes != node) & (reach > TOLERANCE * need)
    return Cut(node, nodes[others], np.minimum(reach[others], need), need)
