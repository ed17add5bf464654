"""Who stands behind each cell: contributors counted once, and the share of the largest ones.

A contributor weighs the absolute value of its own total in the cell: savings of opposite signs do not hide each
other. With sampling weights, a contributor of weight w stands for w alike in the population.
"""

from collections.abc import Iterable, Mapping, Sequence

import numpy as np
import pandas as pd

from datasets.disclosure.layout import Listed

UNITS = "units"
"""Weighting where each contributor counts as its weight of alike units (τ-ARGUS's): the n largest units dominate."""
SAMPLE = "sample"
"""Weighting where only the total is weighted: the n largest contributors of the sample dominate."""


def rank_shares(
    cell: np.ndarray,
    value: np.ndarray,
    n_cells: int,
    depth: int = 2,
    *,
    weight: np.ndarray | None = None,
    weighting: str = UNITS,
) -> np.ndarray:
    """Return the share of the total of each cell that its first, second … `depth`-th contributor makes.

    `cell` and `value` give one row per (cell, contributor), values not negative; `weight` their sampling weights
    (1 by default). The result is n_cells × depth; a cell without value has only zeros.
    """
    weight = np.ones(len(value)) if weight is None else weight
    order = np.lexsort((-value, cell))
    cell, value, weight = cell[order], value[order], weight[order]
    first = np.searchsorted(cell, cell)
    units = weight if weighting == UNITS else np.ones(len(value))
    upto = np.cumsum(units)
    before = upto - units - (upto - units)[first] if len(cell) else upto
    total = np.bincount(cell, value * weight, minlength=n_cells)
    filled = [np.bincount(cell, np.clip(n - before, 0.0, units) * value, minlength=n_cells) for n in range(depth + 1)]
    ranked = np.diff(np.stack(filled, axis=1), axis=1)
    return np.divide(ranked, total[:, None], out=np.zeros(ranked.shape), where=total[:, None] > 0)


def own(slot_of: np.ndarray, who: pd.Series, values: Mapping[str, np.ndarray], weights: np.ndarray) -> pd.DataFrame:
    """Return one row per (slot, contributor): its part of each measure, weighted, and plain as `simple_<measure>`."""
    codes, names = pd.factorize(who)
    width = len(names) + 1
    pairs, pair_of = np.unique(slot_of * width + codes + 1, return_inverse=True)
    owned = pd.DataFrame({"slot": pairs // width, "contributor": pairs % width - 1})
    for name, value in values.items():
        owned[name] = np.bincount(pair_of, weights * value, minlength=len(pairs))
        if (weights != 1).any():
            owned[f"simple_{name}"] = np.bincount(pair_of, value, minlength=len(pairs))
    return owned


def count_contributors(
    owned: pd.DataFrame, tables: Iterable[Listed], dominance: Sequence[str], depth: int, weighting: str
) -> tuple[np.ndarray, dict[str, np.ndarray]]:
    """Return the contributors of each cell, and for each measure the shares of the largest ones (cells × depth).

    A contributor weighs the absolute value of its own total in the cell: savings of opposite signs do not hide each
    other. An unknown contributor is never counted, but weighs: what nobody owns may be anybody's.
    """
    slot, contributor = owned["slot"].to_numpy(), owned["contributor"].to_numpy()
    width = int(contributor.max(initial=-1)) + 2
    counts: list[np.ndarray] = []
    shares: dict[str, list[np.ndarray]] = {m: [] for m in dominance}
    for table in tables:
        n = len(table.cells)
        known = table.cell_of[slot] >= 0
        code = table.cell_of[slot[known]] * width + contributor[known] + 1
        merged, merged_of = np.unique(code, return_inverse=True)
        cell, person = merged // width, merged % width
        counts.append(np.bincount(cell[person > 0], minlength=n))
        for m in dominance:
            total = np.bincount(merged_of, owned[m].to_numpy()[known], minlength=len(merged))
            simple, weight = total, None
            if f"simple_{m}" in owned:
                simple = np.bincount(merged_of, owned[f"simple_{m}"].to_numpy()[known], minlength=len(merged))
                weight = np.divide(total, simple, out=np.ones(len(merged)), where=simple != 0)
            shares[m].append(rank_shares(cell, np.abs(simple), n, depth, weight=weight, weighting=weighting))
    return np.concatenate(counts).astype(int), {m: np.concatenate(parts) for m, parts in shares.items()}


def count_distinct(tables: Iterable[Listed], slot_of: np.ndarray, who: pd.Series) -> np.ndarray:
    """Return how many different `who` (one for each contribution) each cell of the tables holds, nulls apart."""
    codes, names = pd.factorize(who)
    width = len(names) + 1
    pairs = np.unique(slot_of[codes >= 0] * width + codes[codes >= 0])
    counts = []
    for table in tables:
        cell = table.cell_of[pairs // width]
        merged = np.unique(cell[cell >= 0] * width + (pairs % width)[cell >= 0])
        counts.append(np.bincount(merged // width, minlength=len(table.cells)))
    return np.concatenate(counts)
