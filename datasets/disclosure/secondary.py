"""Secondary suppression: which other cells must be hidden so that the unsafe ones cannot be computed back.

One pattern serves every measure of a row. It is the cheapest one against every attack (Fischetti and Salazar's
formulation): a master problem chooses the cells, attacks on its choice give the inequalities it missed, until no
attack succeeds. HiGHS solves both. When the time is over the master's last choice is completed by the cheapest
moves that protect each cell still open; the distance to the proven bound is the gap.
"""

from collections.abc import Iterable
from time import monotonic

import numpy as np
from scipy import sparse

from datasets.disclosure.blocks import TOLERANCE, Block, Pattern, Unprotectable
from datasets.disclosure.cuts import Attack
from datasets.disclosure.master import Master
from datasets.disclosure.memory import Memory
from datasets.disclosure.moves import Mover
from datasets.disclosure.sieges import find_attacks


def find_pattern(block: Block, seconds: float = 10.0, memory: Memory | None = None) -> Pattern:
    """Return the cheapest pattern that protects every hidden node, or a sound one when the time is over.

    `memory` holds what was learnt of the same nodes when they needed more. Raises Unprotectable when no pattern does.
    """
    end, memory = monotonic() + seconds, memory or Memory()
    master = Master(block)
    hidden, bound, rounds = block.hidden.copy(), 0.0, 0
    attacks = list(memory.recall(block))
    while True:
        attacks = attacks or memory.note(_gather(find_attacks(block, hidden, memory), end))
        if not attacks or monotonic() > end:
            break
        rounds += 1
        master.add(attack.cut for attack in attacks)
        found = master.solve(max(end - monotonic(), 0.1))
        bound = max(bound, master.bound)
        if found is None:
            break
        hidden, attacks = found, []
    if attacks:
        hidden = _complete(block, hidden, attacks, memory)
    cost = float(block.cost[hidden & ~block.hidden].sum())
    gap = 0.0 if cost <= TOLERANCE else max(0.0, (cost - bound) / cost)
    return Pattern(hidden, cost, bound, gap, rounds)


def _gather(attacks: Iterable[Attack], end: float) -> list[Attack]:
    """Return the attacks that succeed; once the time is over the first one is enough."""
    found = []
    for attack in attacks:
        found.append(attack)
        if monotonic() > end:
            break
    return found


def _complete(block: Block, hidden: np.ndarray, attacks: list[Attack], memory: Memory) -> np.ndarray:
    """Hide, for each attack still open, the cells of the cheapest move that defeats it; until none is open."""
    hidden = hidden.copy()
    n = len(block.cost)
    mover = Mover(sparse.hstack([block.equations, -block.equations]).tocsr())
    while attacks:
        for attack in attacks:
            scenario, node, sign, need = attack.scenario, attack.node, attack.sign, attack.need
            up, down = scenario.up.copy(), scenario.down.copy()
            up[block.shown] = down[block.shown] = 0
            price = np.where(hidden, 0, block.cost / np.maximum(np.minimum(np.minimum(up, down), need), 1e-9))
            goal = -np.concatenate([price, price])
            low, high = np.zeros(2 * n), np.concatenate([up, down])
            low[node if sign > 0 else n + node] = -need
            high[n + node if sign > 0 else node] = 0
            move = mover.find_move(goal, low, high)
            if move is None:
                raise Unprotectable(node)
            hidden |= np.abs(move[:n] - move[n:]) > TOLERANCE * need
        attacks = memory.note(find_attacks(block, hidden, memory))
    return hidden
