"""What whole numbers betray: hidden counts that could move by fractions, but not by whole units."""

import numpy as np

from datasets.disclosure.field import Field
from datasets.disclosure.part import SLACK, Move
from datasets.disclosure.siege import Attack


def find_counted(field: Field, attack: Attack, open_: np.ndarray) -> tuple[int, ...]:
    """Return the targets that cannot move by whole units as far as they need, though by fractions they could."""
    found: set[int] = set()
    hard = field.ties[field.within] > 1
    for k in np.unique(field.within[hard]):
        part = field.part(int(k))
        part.set_bounds(attack.down, attack.up)
        alone = [t for t in map(int, part.goals) if open_[t] and np.sum(field.target_of == t) == 1]
        for sign, need in ((1, attack.need_up), (-1, attack.need_down)):
            moves: list[Move] = []
            part.carry({t: float(need[t]) for t in alone if need[t] > 0}, sign, moves)
            doubtful = [t for move in moves for t in move.targets if not _is_whole(move, attack.whole)]
            if doubtful:
                counting = part.count_in(attack.whole)
                counting.set_bounds(attack.down, attack.up)
                found |= {t for t in doubtful if counting.push(t, sign) < need[t] * (1 - 10 * SLACK)}
        field.programmes += part.take_count()
    return tuple(sorted(found))


def _is_whole(move: Move, unit: float) -> bool:
    steps = move.kinds / unit
    return bool(np.all(np.abs(steps - np.round(steps)) < 1e-4))
