"""Costs: what hiding a cell costs, hence which of all safe patterns is chosen. A table of named costs."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

import numpy as np

from datasets.disclosure.primary import Rules
from datasets.errors import DisclosureError
from datasets.model import Texts

LEAST = 1e-4
"""What it costs at least to hide a cell, in units of the dearest: nothing is hidden for nothing."""


@dataclass(frozen=True)
class Cost:
    """A way to count: what it minimises, and the function of (values, levels, rules) that returns a cost per cell."""

    label: Texts
    count: Callable[[np.ndarray, np.ndarray, Rules], np.ndarray]


def price_cells(values: np.ndarray, levels: np.ndarray, rules: Rules) -> np.ndarray:
    """Return what hiding each cell costs under `Rules.cost`, from its value (not negative) and the name of its level.

    Raises DisclosureError when there is no cost of that name.
    """
    if rules.cost not in COSTS:
        raise DisclosureError(table=rules.cost, reason=f"a cost is one of {', '.join(COSTS)}.")
    return COSTS[rules.cost].count(values, levels, rules)


def _count_value(values: np.ndarray, levels: np.ndarray, rules: Rules) -> np.ndarray:
    return values / max(float(values.max(initial=0.0)), 1e-12) + LEAST


def _count_cells(values: np.ndarray, levels: np.ndarray, rules: Rules) -> np.ndarray:
    return np.ones(len(values))


def _count_log(values: np.ndarray, levels: np.ndarray, rules: Rules) -> np.ndarray:
    """Return log(1 + value), in units of the smallest value that is not zero."""
    least = float(values[values > 0].min(initial=np.inf))
    return np.log1p(values / least) + LEAST


def _count_interest(values: np.ndarray, levels: np.ndarray, rules: Rules) -> np.ndarray:
    return _count_value(values, levels, rules) * _declare(levels, rules)


def _count_rank(values: np.ndarray, levels: np.ndarray, rules: Rules) -> np.ndarray:
    """Return costs of which one outweighs all those of the levels of less interest together."""
    interest, cost, below = _declare(levels, rules), np.zeros(len(values)), 0.0
    for rank in np.unique(interest):
        mine = interest == rank
        cost[mine] = below + 0.5 + 0.5 * values[mine] / max(float(values[mine].max()), 1e-12)
        below += float(cost[mine].sum())
    return cost


def _declare(levels: np.ndarray, rules: Rules) -> np.ndarray:
    return np.fromiter((rules.interest.get(level, 1.0) for level in levels), dtype=float, count=len(levels))


COSTS: Mapping[str, Cost] = MappingProxyType(
    {
        "value": Cost({"fr": "La somme des valeurs masquées.", "en": "The sum of the values hidden."}, _count_value),
        "cells": Cost({"fr": "Le nombre de cases masquées.", "en": "The number of cells hidden."}, _count_cells),
        "log": Cost(
            {
                "fr": "La somme des logarithmes : peu de cases, plutôt petites.",
                "en": "The sum of logarithms: few cells, rather small ones.",
            },
            _count_log,
        ),
        "interest": Cost(
            {
                "fr": "La valeur multipliée par l’intérêt déclaré de son niveau.",
                "en": "The value times the declared interest of its level.",
            },
            _count_interest,
        ),
        "rank": Cost(
            {
                "fr": "Jamais un niveau de plus d’intérêt quand d’autres cases suffisent, puis la valeur.",
                "en": "Never a level of more interest where other cells are enough, then the value.",
            },
            _count_rank,
        ),
    }
)
"""The costs, by the name that `Rules.cost` gives."""
