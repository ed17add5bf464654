"""Insiders: contributors who know their own part of the cells, and so more than an outsider.

A contributor knows that a cell holds at least what is his own; where he is alone he knows it all. Several who put
their parts together know the sum of them.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd
from scipy import sparse

ALONE = 1.0 - 1e-9
"""The share from which a cell is known whole."""


@dataclass(frozen=True)
class Insiders:
    """The contributors of one role, and what each owns: `parts` of each measure, contributors × slots.

    `presence` (contributors × slots) and `unknown` (slots) tell who is there, without a value; `slots` are those of
    each node (nodes × slots).
    """

    role: str
    parts: Mapping[str, sparse.csr_matrix]
    presence: sparse.csr_matrix
    unknown: np.ndarray
    slots: sparse.csr_matrix

    @classmethod
    def of(cls, role: str, owners: pd.DataFrame, slot_of: np.ndarray, slots: sparse.csr_matrix) -> "Insiders":
        """Return the insiders of a role from `Cube.owners[role]`; `slot_of` places the cube's slots among `slots`."""
        n = slots.shape[1]
        slot, who = slot_of[owners["slot"].to_numpy()], owners["contributor"].to_numpy()
        unknown = np.bincount(slot[who < 0], minlength=n) > 0
        known = who >= 0
        shape = (int(who.max(initial=-1)) + 1, n)
        place = who[known], slot[known]
        names = [name for name in owners.columns if name not in ("slot", "contributor")]
        parts = {
            str(name): sparse.csr_matrix((np.abs(owners[name].to_numpy(dtype=float)[known]), place), shape=shape)
            for name in names
        }
        return cls(role, parts, sparse.csr_matrix((np.ones(int(known.sum())), place), shape=shape), unknown, slots)

    @cached_property
    def alone(self) -> sparse.csr_matrix:
        """Contributors × nodes: 1 where nobody else is in the node."""
        there = (self.presence @ self.slots.T).tocsr()
        there.data[:] = 1.0
        others = np.asarray(there.sum(axis=0)).ravel() + (self.slots @ self.unknown > 0)
        lone = sparse.diags((others == 1).astype(float))
        found = (there @ lone).tocsr()
        found.eliminate_zeros()
        return found

    def find_shares(self, measure: str, value: np.ndarray, *, signed: bool) -> sparse.csr_matrix:
        """Return contributors × nodes: the share of the `value` of each node that is known to each, 1 where alone.

        Of a measure that may be negative, one's own part bounds nothing: only what one has alone is known.
        """
        if signed:
            return self.alone
        owned = (self.parts[measure] @ self.slots.T).tocsr()
        inverse = np.divide(1.0, value, out=np.zeros(len(value)), where=value > 0)
        shares = (owned @ sparse.diags(inverse)).tocsr()
        shares.data = np.minimum(shares.data, 1.0)
        return shares.maximum(self.alone).tocsr()
