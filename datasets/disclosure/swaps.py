"""Swaps: what passes between slots that are in the same known sums, one inside a target and one outside.

No known sum sees a swap, so that what swaps alone move is a proof, without any programme; and it is whole where the
bounds are.
"""

import numpy as np
from scipy import sparse

FREE = 0
"""The kind of the slots that are in no known sum: they move alone."""


def sort_kinds(sums: sparse.csr_matrix, sign: np.ndarray) -> sparse.csr_matrix:
    """Return slots × kinds: slots that are in the same `sums` (sums × slots), by the same sign, are of one kind."""
    columns, seen = sums.tocsc(), {(b"", 0): FREE}
    spans = zip(columns.indptr, columns.indptr[1:], strict=False)
    signatures = [np.sort(columns.indices[a:b]).tobytes() for a, b in spans]
    keys = [(each, int(one) if each else 0) for each, one in zip(signatures, sign, strict=True)]
    kind = [seen.setdefault(key, len(seen)) for key in keys]
    n = len(kind)
    return sparse.csr_matrix((np.ones(n), (np.arange(n), kind)), shape=(n, len(seen)))


def swap(targets: sparse.csr_matrix, kinds: sparse.csr_matrix, inside: np.ndarray, outside: np.ndarray) -> np.ndarray:
    """Return how far each target (targets × slots) moves when its slots move by `inside`, others back by `outside`."""
    within = (targets @ sparse.diags(inside) @ kinds).tocoo()
    held = np.asarray((targets @ sparse.diags(outside) @ kinds)[within.row, within.col]).ravel()
    room = np.maximum(np.asarray(kinds.T @ outside).ravel()[within.col] - held, 0.0)
    room[within.col == FREE] = np.inf
    return np.bincount(within.row, np.minimum(within.data, room), minlength=targets.shape[0])
