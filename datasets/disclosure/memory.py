"""What is remembered of the attacks on nodes, from one pattern to the next and from one choice of tables to the next.

Hiding more, or releasing fewer tables, only helps: what could move still can.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

import numpy as np

from datasets.disclosure.blocks import Block
from datasets.disclosure.cuts import Attack


@dataclass
class Memory:
    """The attacks that succeeded; the parts (their hidden nodes) on which all of a kind failed; the nodes that move.

    What moves is known under the pattern `hidden`, and under those that hide more.
    """

    attacks: list[Attack] = field(default_factory=list)
    settled: set[bytes] = field(default_factory=set)
    hidden: np.ndarray | None = None
    moved: dict[tuple[str, int], np.ndarray] = field(default_factory=dict)

    def look_at(self, hidden: np.ndarray) -> None:
        """Turn to another pattern: what moved is forgotten, unless it hides more."""
        if self.hidden is not None and (self.hidden & ~hidden).any():
            self.moved.clear()
        self.hidden = hidden.copy()

    def find_moved(self, scenario: str, sign: int, n: int) -> np.ndarray:
        """Return which of the `n` nodes are known to move in a direction; what is learnt is noted in it."""
        return self.moved.setdefault((scenario, sign), np.zeros(n, dtype=bool))

    def note(self, attacks: Iterable[Attack]) -> list[Attack]:
        """Remember attacks that succeeded, and return them."""
        found = list(attacks)
        self.attacks += found
        return found

    def recall(self, block: Block) -> Iterator[Attack]:
        """Yield the attacks that are still true of a block of the same nodes, whose needs may be less."""
        scenarios = {scenario.name: scenario for scenario in block.scenarios}
        known, self.attacks = self.attacks, []
        for attack in known:
            scenario = scenarios.get(attack.scenario.name)
            if scenario is not None and (renewed := attack.renew(scenario)):
                self.attacks.append(renewed)
                yield renewed
