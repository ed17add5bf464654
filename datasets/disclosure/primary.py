"""Primary rules: which cells are unsafe by themselves, before anyone subtracts anything.

The rules are those of the INSEE for business statistics (at least three units, none above 85 %) and the p % rule,
each applied to every role separately: a cell with ten venues and two companies still tells one company about the
other. Statements of the rules: Hundepool et al., Statistical Disclosure Control (2012), chapter 4.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from datasets.disclosure.cubes import Cube
from datasets.errors import DisclosureError
from datasets.model import Texts


@dataclass(frozen=True)
class Rules:
    """The thresholds of a release. They are public: none of them tells anything about a cell."""

    frequency: int = 3
    """The least number of contributors of each role."""
    dominance: tuple[tuple[int, float], ...] = ((1, 0.85),)
    """(n, k): a cell is unsafe when its n largest contributors make the share k of it, or more."""
    p: float = 0.10
    """A cell is unsafe when its second contributor can estimate the largest one more closely than this share of it."""
    q: float = 1.0
    """What is known beforehand of each contribution, give or take this share (1: only that it is not negative)."""
    coalition: int = 0
    """How many contributors may put together what they know to attack what is hidden; 0: only outsiders attack."""
    zeros: int = 3
    """A cell where nothing happened is unsafe when fewer than so many could have contributed; 0: never."""
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
    cost: str = "interest"
    """What the pattern minimises: a name of `costs.COSTS`."""
    interest: Mapping[str, float] = field(default_factory=lambda: {"pays": 100.0, "region": 10.0})
    """How much dearer it is to hide a cell of a level than the same value elsewhere (costs "interest" and "rank")."""


@dataclass(frozen=True)
class PrimaryRule:
    """A rule: its name, what it says, and the test that returns the unsafe cells."""

    name: str
    label: Texts
    test: Callable[[Cube, Rules], np.ndarray]
    needs: str = ""
    """The column of the cells without which the rule cannot be tried."""


def is_dominated(shares: np.ndarray, n: int, k: float) -> np.ndarray:
    """Return the cells whose n largest contributors make at least k of the total ((n, k) rule).

    `shares`: cells × ranks, as `contributors.rank_shares`.
    """
    if n > shares.shape[1]:
        raise DisclosureError(
            table=f"({n}, {k})", reason=f"only {shares.shape[1]} contributors of each cell are ranked."
        )
    return shares[:, :n].sum(axis=1) >= k - 1e-12


def is_estimated(shares: np.ndarray, p: float, q: float = 1.0) -> np.ndarray:
    """Return the cells whose second contributor, subtracting his own, estimates the first within p (pq rule).

    The remainder X − x₁ − x₂ is known beforehand within q of itself; with q = 1 this is the p % rule.
    """
    first, second = shares[:, 0], shares[:, 1]
    return q * (1.0 - first - second) < p * first - 1e-12


def _few_contributors(cube: Cube, rules: Rules) -> np.ndarray:
    happened = cube.cells["n"].to_numpy() > 0
    counts = [cube.cells[f"n_{role}"].to_numpy() for role in cube.roles]
    return happened & (np.min(counts, axis=0) < rules.frequency) if counts else np.zeros(len(cube.cells), dtype=bool)


def _some_dominate(cube: Cube, rules: Rules) -> np.ndarray:
    broken = np.zeros(len(cube.cells), dtype=bool)
    for shares in cube.shares.values():
        for n, k in rules.dominance:
            broken |= is_dominated(shares, n, k)
    return broken


def _one_is_estimated(cube: Cube, rules: Rules) -> np.ndarray:
    broken = np.zeros(len(cube.cells), dtype=bool)
    for shares in cube.shares.values() if rules.p else ():
        broken |= is_estimated(shares, rules.p, rules.q)
    return broken


def _few_could_contribute(cube: Cube, rules: Rules) -> np.ndarray:
    """Cells of value zero: "nothing happened here" tells about the only ones who could have done something."""
    eligible = cube.cells["eligible"].to_numpy()
    return (cube.cells["n"].to_numpy() == 0) & (eligible > 0) & (eligible < rules.zeros)


def _few_links_apart(cube: Cube, rules: Rules) -> np.ndarray:
    """Cells of links with too few that share no end: all of a star are known to its centre."""
    return cube.cells["couplage"].to_numpy() < rules.frequency


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
        _some_dominate,
    ),
    PrimaryRule(
        "p-percent",
        {
            "fr": "Le deuxième contributeur pourrait estimer le premier à 10 % près.",
            "en": "The second contributor could estimate the first within 10 %.",
        },
        _one_is_estimated,
    ),
    PrimaryRule(
        "zeros",
        {
            "fr": "Rien ne s’est passé, et moins de trois lieux auraient pu agir.",
            "en": "Nothing happened, and fewer than three venues could have acted.",
        },
        _few_could_contribute,
        needs="eligible",
    ),
    PrimaryRule(
        "links",
        {
            "fr": "Moins de trois liens entre des lieux tous différents.",
            "en": "Fewer than three links between venues that are all different.",
        },
        _few_links_apart,
        needs="couplage",
    ),
)
"""The rules, the first one that a cell breaks being the one told. Their sentences speak of the default thresholds."""


def find_unsafe(cube: Cube, rules: Rules) -> pd.Series:
    """Return, for each cell of the cube, the name of the first rule that it breaks ("" when it is safe)."""
    broken = pd.Series("", index=cube.cells.index, dtype=object)
    for rule in reversed(list_tried(cube)):
        broken[rule.test(cube, rules)] = rule.name
    return broken


def list_tried(cube: Cube) -> list[PrimaryRule]:
    """Return the rules that can be tried on a cube."""
    return [rule for rule in PRIMARY_RULES if not rule.needs or rule.needs in cube.cells]
