"""Attacks on sums: how far can a hidden sum of slots move when other sums of slots are known?

An attack is told as moves around the truth: z, one number per slot, between −down and +up, with Σ z = 0 over each
known sum, where each slot counts by its sign. A hidden sum that cannot move is known exactly; one that moves by d is
known within d. This runs in processes apart; the `field` is what is known, and tries the cheapest proof first.
"""

from collections.abc import Iterable, Sequence
from typing import Protocol

import numpy as np
from ortools import __version__ as ortools_version
from scipy import sparse

from datasets.disclosure.coalitions import Coalitions
from datasets.disclosure.counting import find_counted
from datasets.disclosure.field import SLACK, Field
from datasets.disclosure.orders import Attack, Reach


class Known(Protocol):
    """What is known of slots (`sums`, arrays of slots), the hidden sums to find out, and the attacks to try."""

    sums: Sequence[np.ndarray]
    targets: sparse.csr_matrix
    attacks: Sequence[Attack]
    sign: np.ndarray


def find_reaches(siege: Known) -> tuple[list[Reach], int, str]:
    """Return how each attack ends, the number of programmes solved, and the solver."""
    field = Field(siege.sign, reduce_sums(siege.sums), siege.targets)
    reaches = [_find_reach(field, attack) for attack in siege.attacks]
    return reaches, field.programmes, f"GLOP {ortools_version}"


def _find_reach(field: Field, attack: Attack) -> Reach:
    """Return how an outsider ends, then insiders and counters on the targets that he does not break."""
    fall, rise = field.find_moves(attack)
    passed = (fall >= attack.need_down * (1 - SLACK)) & (rise >= attack.need_up * (1 - SLACK))
    betrayed = Coalitions(field, attack, passed).find_betrayed() if attack.parties else ()
    counted = find_counted(field, attack, passed) if attack.whole else ()
    return Reach(fall, rise, betrayed, counted)


def reduce_sums(sums: Iterable[np.ndarray]) -> list[np.ndarray]:
    """Subtract from each known sum (an array of slots) the known sums that it contains; drop what is left empty.

    The knowledge is the same (each sum is its remainder plus sums that are known too), in far smaller pieces.
    """
    ordered = sorted({tuple(s.tolist()) for s in sums}, key=len, reverse=True)
    sets = [frozenset(s) for s in ordered]
    holding: dict[int, list[int]] = {}
    for i, slots in enumerate(ordered):
        for slot in slots:
            holding.setdefault(slot, []).append(i)
    left = {_subtract(i, sets, holding) for i in range(len(sets))}
    return [np.fromiter(sorted(s), dtype=np.int64) for s in sorted(left - {frozenset()}, key=sorted)]


def _subtract(i: int, sets: Sequence[frozenset[int]], holding: dict[int, list[int]]) -> frozenset[int]:
    rest = set(sets[i])
    for slot in sets[i]:
        if slot in rest:
            for other in holding[slot]:
                if other > i and sets[other] <= rest:
                    rest -= sets[other]
                    break
    return frozenset(rest)
