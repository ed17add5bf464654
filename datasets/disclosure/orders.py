"""What travels between the auditor and his attackers: known sums, hidden sums, attacks, and how they end.

Nothing here computes an attack: see `attacks`.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from scipy import sparse

TOLERANCE = 1e-5

Key = tuple[str, str, str, str, str]
"""A cell, as FULL_KEY."""


@dataclass(frozen=True)
class Finding:
    """A hidden cell about which an attacker learns too much (private: it names the cell)."""

    dataset: str
    cell: Key
    measure: str
    level: str
    problem: str


@dataclass(frozen=True)
class Party:
    """The contributors of one role: what each owns of each slot and where each is (contributors × slots), and how
    many are in each slot, nobody known counting for one.
    """

    own: sparse.csr_matrix
    there: sparse.csr_matrix
    count: np.ndarray


@dataclass(frozen=True)
class Attack:
    """One measure before one attacker: how far each slot may move, how far each target must be able to.

    `parties` are the insiders who attack too, in groups of `coalition` at most; `whole` says that moves are whole
    multiples of that unit (0: they are not).
    """

    down: np.ndarray
    up: np.ndarray
    need_down: np.ndarray
    need_up: np.ndarray
    parties: tuple[Party, ...] = ()
    coalition: int = 0
    whole: float = 0.0


@dataclass(frozen=True)
class Reach:
    """How an attack ends: how far each target falls and rises for an outsider; which ones insiders know too well
    (target, how many they are); which ones whole numbers betray.
    """

    fall: np.ndarray
    rise: np.ndarray
    betrayed: tuple[tuple[int, int], ...] = ()
    counted: tuple[int, ...] = ()


@dataclass(frozen=True)
class Siege:
    """One year of a subject, under one pattern of shown rows, and what is needed to judge how its attacks end.

    Of `n` unknowns the `sums` (arrays of unknowns) are known, where each counts by its `sign`; `targets` (targets ×
    unknowns, all of one sign) are the hidden cells `keys`, `close` those that are unsafe; `names` and `values` tell the
    measure, the level and the true values of each attack.
    """

    dataset: str
    keys: list[Key]
    close: np.ndarray
    values: list[np.ndarray]
    names: list[tuple[str, str]]
    n: int
    sums: list[np.ndarray]
    targets: sparse.csr_matrix
    attacks: list[Attack]
    sign: np.ndarray

    def judge(self, reaches: Sequence[Reach]) -> Iterator[Finding]:
        """Yield the hidden cells that cannot move as far as they need."""
        for (measure, level), attack, reach in zip(self.names, self.attacks, reaches, strict=True):
            short_down = reach.fall < attack.need_down * (1 - TOLERANCE)
            for i in np.flatnonzero(short_down | (reach.rise < attack.need_up * (1 - TOLERANCE))):
                problem = "exact" if reach.fall[i] + reach.rise[i] <= TOLERANCE else "too narrow"
                yield Finding(self.dataset, self.keys[i], measure, level, problem)
            for target, size in reach.betrayed:
                yield Finding(self.dataset, self.keys[target], measure, f"L{size + 1}", "known to contributors")
            for target in reach.counted:
                yield Finding(self.dataset, self.keys[target], measure, "L5", "too narrow")

    def find_width(self, reaches: Sequence[Reach]) -> float:
        """Return the smallest interval proven around an unsafe cell, relative to its value."""
        width = float("inf")
        for value, reach in zip(self.values, reaches, strict=True):
            kept = self.close & (value > 0)
            width = min(width, float(((reach.fall + reach.rise)[kept] / value[kept]).min(initial=float("inf"))))
        return width


def stack_sums(sums: Sequence[np.ndarray], n: int) -> sparse.csr_matrix:
    """Return the matrix sums × slots of arrays of slots."""
    row = np.repeat(np.arange(len(sums)), [len(s) for s in sums])
    col = np.concatenate(sums) if sums else np.zeros(0, dtype=int)
    return sparse.csr_matrix((np.ones(len(row)), (row, col)), shape=(len(sums), n))
