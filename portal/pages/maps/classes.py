"""Classes of a map: few, of equal numbers of territories, with bounds that people can read."""

import math
from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass

COUNT = 5


@dataclass(frozen=True)
class Classes:
    """Classes of non-negative values, bounded by `breaks` (ascending); values below zero have a class of their own."""

    breaks: tuple[float, ...]
    low: float
    high: float

    def rank(self, value: float) -> int:
        """Return the class of a value: 0 when negative, else 1 to the number of classes."""
        return 0 if value < 0 else bisect_right(self.breaks, value) + 1

    @property
    def bounds(self) -> list[tuple[int, float, float]]:
        """Return (class, from, to) for each class, from the lowest."""
        edges = [max(0.0, self.low), *self.breaks, self.high]
        below = [(0, self.low, 0.0)] if self.low < 0 else []
        above = [(rank, edges[rank - 1], edges[rank]) for rank in range(1, len(edges))]
        return below + (above if self.high >= 0 else [])


def classify(values: Sequence[float], count: int = COUNT) -> Classes:
    """Cut values into at most `count` classes of equal numbers (quantiles), with bounds of two digits.

    Bounds that rounding makes equal are merged, so few distinct values give few classes.
    """
    if not values:
        return Classes((), 0.0, 0.0)
    positive = sorted(value for value in values if value >= 0)
    quantiles = (positive[len(positive) * part // count] for part in range(1, count)) if positive else ()
    low, high = min(values), max(values)
    breaks = {round_digits(value) for value in quantiles}
    return Classes(tuple(sorted(edge for edge in breaks if max(0.0, low) < edge < high)), low, high)


def round_digits(value: float, digits: int = 2) -> float:
    """Return the value rounded to `digits` significant digits."""
    if value == 0 or not math.isfinite(value):
        return 0.0
    return round(value, digits - 1 - math.floor(math.log10(abs(value))))
