"""Measures that a factor ties: who reads one reads the other.

Emissions are kilometres times a factor that anybody can look up. The factor need not be declared: it is seen in the
true values. A ratio that stays within a few per cent is a factor too, for an attacker who is content with that.
"""

from collections.abc import Iterable
from itertools import combinations_with_replacement, product

import numpy as np
import pandas as pd

from datasets.disclosure.primary import Rules
from datasets.disclosure.subject import Subject


def link_measures(subjects: Iterable[Subject], rules: Rules) -> dict[str, frozenset[str]]:
    """Return, for each measure by name, the measures that tell it: itself, and those in a constant ratio to it.

    The ratio counts as constant when it varies by no more than `rules.protection` between slots that hold something.
    """
    frames = [_lay_by_slot(subject) for subject in subjects]
    linked = {str(name): {str(name)} for frame in frames for name in frame}
    for one, other in combinations_with_replacement(frames, 2):
        left, right = _align(one, other)
        for (i, name), (j, twin) in product(enumerate(one), enumerate(other)):
            if _is_tied(left[:, i], right[:, j], rules.protection):
                linked[str(name)].add(str(twin))
                linked[str(twin)].add(str(name))
    return {name: frozenset(names) for name, names in linked.items()}


def _lay_by_slot(subject: Subject) -> pd.DataFrame:
    """Return the measures of each slot, under the names of its territories, periods and categories."""
    index = pd.MultiIndex.from_frame(subject.slots[sorted(subject.layout.columns)].fillna("").astype(str))
    return subject.slots[[measure.name for measure in subject.measures]].astype(float).set_index(index)


def _align(one: pd.DataFrame, other: pd.DataFrame) -> tuple[np.ndarray, np.ndarray]:
    """Return the measures of the slots that both have, over the dimensions that both have."""
    shared = [name for name in one.index.names if name in other.index.names]
    if one is not other and shared and (one.index.names != shared or other.index.names != shared):
        one, other = (frame.groupby(level=shared).sum() for frame in (one, other))
    slots = one.index.intersection(other.index) if shared else one.index[:0]
    return one.reindex(slots).to_numpy(), other.reindex(slots).to_numpy()


def _is_tied(x: np.ndarray, y: np.ndarray, slack: float) -> bool:
    held = x != 0
    if not held.any() or (held != (y != 0)).any():
        return False
    ratio = y[held] / x[held]
    low, high = np.abs(ratio).min(), np.abs(ratio).max()
    return bool((np.sign(ratio) == np.sign(ratio[0])).all() and high <= low * (1 + slack))
