"""Primary rules: which cells are unsafe by themselves, before anyone subtracts anything.

The rules are those of the INSEE for business statistics (at least three units, none above 85 %), applied to each
role separately: a cell with ten venues and two companies still tells one company about the other.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from datasets.disclosure.cubes import Cube
from datasets.model import Texts


@dataclass(frozen=True)
class Rules:
    """The thresholds of a release. They are public: none of them tells anything about a cell."""

    frequency: int = 3
    """The least number of contributors of each role."""
    dominance: float = 0.85
    """The share of the largest contributor from which (≥) a cell is unsafe."""
    protection: float = 0.10
    """An attacker's interval around an unsafe cell holds at least the value ± this share of it."""
    margin: float = 0.01
    """The same for what is hidden without being unsafe, and for unsafe cells of tables that are not released."""
    prior: float = 0.50
    """What a well-informed attacker knows beforehand: every hidden value, give or take this share."""
    most_hidden: float = 0.50
    """A table (a level, a kind of period, a year) that would hide more of its value is not released at all."""
    weight: str | None = None
    """The measure by which the share hidden is counted (default: the first one of dominance)."""
    interest: Mapping[str, float] = field(default_factory=lambda: {"pays": 100.0, "region": 10.0})
    """How much dearer it is to hide a cell of a level than the same value elsewhere."""


@dataclass(frozen=True)
class PrimaryRule:
    """A rule: its name, what it says, and the test that returns the unsafe cells."""

    name: str
    label: Texts
    test: Callable[[Cube, Rules], np.ndarray]


def _few_contributors(cube: Cube, rules: Rules) -> np.ndarray:
    counts = [cube.cells[f"n_{role}"].to_numpy() for role in cube.roles]
    return np.min(counts, axis=0) < rules.frequency if counts else np.zeros(len(cube.cells), dtype=bool)


def _one_dominates(cube: Cube, rules: Rules) -> np.ndarray:
    shares = [cube.cells[f"part_{r}_{m}"].to_numpy() for r in cube.roles for m in cube.dominance]
    return np.max(shares, axis=0) >= rules.dominance if shares else np.zeros(len(cube.cells), dtype=bool)


PRIMARY_RULES = (
    PrimaryRule(
        "frequency",
        {
            "fr": "Moins de trois lieux, équipes ou programmateurs distincts.",
            "en": "Fewer than three distinct venues, companies or programmers.",
        },
        _few_contributors,
    ),
    PrimaryRule(
        "dominance",
        {
            "fr": "Un seul contributeur fait 85 % de la valeur ou davantage.",
            "en": "A single contributor makes 85 % of the value or more.",
        },
        _one_dominates,
    ),
)


def find_unsafe(cube: Cube, rules: Rules) -> pd.Series:
    """Return, for each cell of the cube, the name of the first rule that it breaks ("" when it is safe)."""
    broken = pd.Series("", index=cube.cells.index, dtype=object)
    for rule in reversed(PRIMARY_RULES):
        broken[rule.test(cube, rules)] = rule.name
    return broken
