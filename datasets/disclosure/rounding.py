"""Controlled rounding: counts become multiples of a base, and margins stay the sums of what they add up.

Every count goes to one of the two multiples around it, so that the error is below the base, and a count that is a
multiple already stays (the rounding is *zero-restricted*). Among all such tables the one with the least total error is
chosen, exactly: one 0/1 variable per count, one equation per margin, solved by HiGHS. In two dimensions it always
exists and its linear relaxation finds it. In three or more it may not exist; then counts may go further, by as few
multiples as possible (`steps`), still without a negative count and with zeros left at zero.

Equal errors are decided by weights drawn from a seed, by position: the same table is always rounded alike (when the
time is not over: see `gap`).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from time import monotonic

import numpy as np
import pandas as pd
from scipy import sparse
from scipy.optimize import Bounds, LinearConstraint, milp

from datasets.disclosure.cubes import Cube
from datasets.errors import DisclosureError, Phrase, RecordsError

SUM = "Total"
INFEASIBLE = 2


@dataclass(frozen=True)
class Rounding:
    """Rounded counts and how good they are.

    `error` is Σ|rounded − count|, `bound` a proven lower bound of it for these `steps`, `gap` their relative distance
    (0: no rounding does better). `steps` is 0 for a zero-restricted rounding; with 1 or more an error may reach
    base × (steps + 1), excluded. `proven` tells that fewer steps were proven impossible, not only out of time.
    """

    values: np.ndarray
    base: int
    error: int
    bound: float
    gap: float
    steps: int = 0
    proven: bool = True


def round_counts(
    counts: Sequence[int] | np.ndarray, equations: sparse.spmatrix, base: int, *, seed: int = 0, seconds: float = 60.0
) -> Rounding:
    """Return multiples of `base` that satisfy the same `equations` (rows, "= 0") as the counts, at the least error.

    `counts` are integers ≥ 0, one per column of `equations`; these may hold several linked tables, with coefficients
    as those of a `Cube`. `seconds` is the budget of each number of steps tried; a table in two dimensions needs
    none of it (linear programming is enough). Raises RecordsError when counts are negative, not whole or not
    additive, or the base is below 2; DisclosureError when the time was too short.
    """
    given, matrix = np.asarray(counts, dtype=float), sparse.csr_matrix(equations)
    _check(given, matrix, base)
    whole = np.rint(given).astype(np.int64)
    steps, proven = 0, True
    while base * steps <= whole.max(initial=0) + base:
        found, impossible = _Model(whole, matrix, base, steps, seed).solve(monotonic() + seconds)
        if found is not None:
            return Rounding(found.values, base, found.error, found.bound, found.gap, steps, proven)
        proven &= impossible
        steps += 1
    raise DisclosureError(
        table=Phrase("The table of counts", "Le tableau de comptages"),
        reason=Phrase(
            "no additive rounding was found in the time given; give more time, or publish fewer linked tables.",
            "aucun arrondi additif trouvé dans le temps imparti ; donnez plus de temps ou liez moins de tableaux.",
        ),
    )


def round_cube(
    cube: Cube, measures: Sequence[str] = ("n",), base: int = 5, *, seed: int = 0, seconds: float = 60.0
) -> dict[str, Rounding]:
    """Return the rounding of additive counts of a cube, one per measure, over all its cells and equations.

    The pieces that nobody publishes are rounded too, because subtraction reaches them. Distinct counts (`n_<role>`)
    are not additive and are refused.
    """
    return {
        name: round_counts(cube.cells[name].to_numpy(), cube.equations, base, seed=seed, seconds=seconds)
        for name in measures
    }


def round_table(
    table: pd.DataFrame, base: int, *, seed: int = 0, seconds: float = 60.0
) -> tuple[pd.DataFrame, Rounding]:
    """Round a cross table of inner counts (rows × columns, without margins); return it with its margins, `Total`."""
    rows, cols = table.shape
    inner = table.to_numpy(dtype=float)
    counts = np.block([[inner, inner.sum(axis=1, keepdims=True)], [inner.sum(axis=0), inner.sum()]])
    rounding = round_counts(counts.ravel(), tie_margins(counts.shape), base, seed=seed, seconds=seconds)
    index, columns = [*table.index, SUM], [*table.columns, SUM]
    return pd.DataFrame(rounding.values.reshape(rows + 1, cols + 1), index, columns), rounding


def tie_margins(shape: Sequence[int]) -> sparse.csr_matrix:
    """Return the equations of a table of any dimension whose last index, along each axis, is the margin."""
    cell = np.arange(int(np.prod(shape))).reshape(shape)
    blocks = []
    for axis in range(cell.ndim):
        lines = np.moveaxis(cell, axis, -1).reshape(-1, shape[axis])
        signs = np.full(lines.shape, -1.0)
        signs[:, -1] = 1.0
        row = np.repeat(np.arange(len(lines)), shape[axis])
        blocks.append(sparse.csr_matrix((signs.ravel(), (row, lines.ravel())), shape=(len(lines), cell.size)))
    return sparse.vstack(blocks).tocsr()


def _check(counts: np.ndarray, equations: sparse.csr_matrix, base: int) -> None:
    expected = None
    if base < 2:
        expected = Phrase("a base of 2 or more", "une base d’au moins 2")
    elif counts.shape != (equations.shape[1],) or not np.isfinite(counts).all():
        expected = Phrase("one count per column of the equations", "un comptage par colonne des équations")
    elif (counts < 0).any() or np.abs(counts - np.rint(counts)).max(initial=0) > 1e-6:
        expected = Phrase("whole counts, zero or more", "des comptages entiers, positifs ou nuls")
    elif np.abs(equations @ counts).max(initial=0) > 1e-6:
        expected = Phrase("counts that add up to their margins", "des comptages dont les marges sont les sommes")
    if expected is not None:
        raise RecordsError(
            where=Phrase("rounding", "arrondi"),
            found=Phrase(f"{len(counts)} counts, base {base}", f"{len(counts)} comptages, base {base}"),
            expected=expected,
            advice=Phrase("Round the counts of additive tables only.", "N’arrondissez que des tableaux additifs."),
        )


@dataclass(frozen=True)
class _Found:
    values: np.ndarray
    error: int
    bound: float
    gap: float


class _Model:
    """The integer programme of one number of steps: rounded = low + base × (up + above − below).

    `up` (0/1) chooses between the two multiples around a count that is not one; `above` and `below` (0…steps) go
    further. Each has the error that it adds as its cost, and a weight that decides between equals: all the weights
    that a table can use sum to less than 1, which is the least difference between two errors.
    """

    def __init__(self, counts: np.ndarray, equations: sparse.csr_matrix, base: int, steps: int, seed: int) -> None:
        self.counts, self.base, self.equations = counts, base, equations
        rest = counts % base
        self.low = counts - rest
        n = len(counts)
        between, moving = rest > 0, counts > 0
        above = np.where(moving, steps, 0)
        below = np.minimum(above, self.low // base)
        self.top = np.concatenate([between.astype(int), above, below]).astype(float)
        extra = np.full(n, base)
        self.price = np.concatenate([base - 2 * rest, extra, extra]).astype(float)
        self.constant = int(rest.sum())
        room = float(self.top.sum())
        weights = np.random.default_rng(seed).random((3, n)).ravel()
        self.weights = weights * (0.5 / room if room else 0.0)
        self.matrix = sparse.hstack([equations, equations, -equations]).tocsr() * base
        self.target = -(equations @ self.low)

    def solve(self, end: float) -> tuple[_Found | None, bool]:
        """Return the best table before `end` (None without one), and whether none was proven to exist."""
        free = np.flatnonzero(self.top)
        matrix = self.matrix[:, free]
        rows = np.flatnonzero(np.diff(matrix.indptr))
        fixed = np.setdiff1d(np.arange(matrix.shape[0]), rows)
        if np.any(self.target[fixed]):
            return None, True
        if not len(free):
            return self._read(np.zeros(0), free, self.constant), False
        for whole in (0, 1):
            result = milp(
                self.price[free] + self.weights[free],
                integrality=np.full(len(free), whole),
                bounds=Bounds(0, self.top[free]),
                constraints=LinearConstraint(matrix[rows], self.target[rows], self.target[rows]) if len(rows) else (),
                options={"time_limit": max(end - monotonic(), 1.0) if whole else np.inf, "mip_rel_gap": 0.0},
            )
            if result.status == INFEASIBLE:
                return None, True
            if result.x is not None and np.abs(result.x - np.rint(result.x)).max() < 1e-6:
                dual = result.mip_dual_bound if whole else result.fun
                found = self._read(np.rint(result.x), free, self.constant + float(dual))
                if found is not None:
                    return found, False
        return None, False

    def _read(self, moves: np.ndarray, free: np.ndarray, bound: float) -> _Found | None:
        moved = np.zeros(len(self.top), dtype=np.int64)
        moved[free] = moves.astype(np.int64)
        up, above, below = moved.reshape(3, -1)
        values = self.low + self.base * (up + above - below)
        if np.any(self.equations @ values):
            return None
        error = int(np.abs(values - self.counts).sum())
        proven = float(np.clip(np.ceil(bound - 0.5 - 1e-6), 0, error))
        return _Found(values, error, proven, (error - proven) / error if error else 0.0)
