"""The problem of secondary suppression: nodes, the equations that tie them, and those who attack.

A *node* is one or several cells that hold the same contributions, hence the same values. An attack is a *move*:
a change z of the hidden nodes that leaves every equation and every published node as it is. A node is protected
when it can move by `need_up` upwards and by `need_down` downwards.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy import sparse

from datasets.disclosure.insiders import ALONE

TOLERANCE = 1e-7


@dataclass(frozen=True)
class Scenario:
    """One measure before one attacker: how far each node may move in his eyes, and how far it must be able to."""

    name: str
    down: np.ndarray
    up: np.ndarray
    need_down: np.ndarray
    need_up: np.ndarray
    insiders: Sequence[sparse.csr_matrix] = ()
    """For each role, contributors × nodes: the share of each node that each of them knows (1: all of it)."""

    @property
    def coveted(self) -> np.ndarray:
        """The nodes of which insiders must not know what the others hold: the unsafe ones within reach."""
        return self.need_up > 0

    def seen_by(self, share: np.ndarray) -> "Scenario":
        """Return the scenario of those who know this share of each node; what is left is to be protected."""
        left = np.where(share >= ALONE, 0.0, 1.0 - share)
        need, up = left * self.coveted, np.where(left > 0, self.up, 0.0)
        return Scenario(f"{self.name} inside", self.down * left, up, self.need_down * need, self.need_up * need)


@dataclass(frozen=True)
class Block:
    """One part of the problem: equations (rows) over nodes (columns), their cost, and what is settled already."""

    equations: sparse.csr_matrix
    cost: np.ndarray
    hidden: np.ndarray
    """Nodes that must stay hidden (bool)."""
    shown: np.ndarray
    """Nodes that everyone knows already (bool)."""
    scenarios: Sequence[Scenario]
    coalition: int = 1
    """How many contributors may put together what they know."""


@dataclass(frozen=True)
class Pattern:
    """The nodes hidden; the cost of what was added, the proven lower bound of it, and the relative gap."""

    hidden: np.ndarray
    cost: float
    bound: float
    gap: float
    rounds: int


class Unprotectable(ValueError):
    """No pattern protects some node while `shown` stays shown: something must be generalised."""
