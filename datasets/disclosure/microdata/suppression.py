"""Local suppression: cells become null, as few as possible, until every record is like k − 1 others.

A null is a value of its own here: the records of a class show and hide the same cells. That costs more nulls than
counting a null as "might be anything", but holds against somebody who knows the person: among the published records
that may be hers, at least k look exactly the same.

Records are saved by hiding the cheapest set of variables that makes k of them alike, many at a time; sets are tried in
the order of their cost. The last few (fewer than k) take along records of larger classes. This is a heuristic: the
least number of nulls is NP-hard to find.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import product

import numpy as np
import pandas as pd
import pyarrow as pa
from pandas.api.extensions import ExtensionDtype

from datasets.disclosure.microdata.classes import combine, read_table
from datasets.errors import DisclosureError, Phrase


@dataclass(frozen=True)
class Suppression:
    """The frame with nulls, and how many were added to each key variable."""

    frame: pd.DataFrame
    cells: dict[str, int]


def suppress_cells(
    data: pd.DataFrame | pa.Table, keys: Sequence[str], k: int, costs: Mapping[str, float] | None = None
) -> Suppression:
    """Return the frame with cells of its key variables made null, so that every record is like k − 1 others.

    `costs` says how dear a null is in each variable (default 1): the dearer, the rarer. Rows and other columns stay as
    they are. Raises DisclosureError when there are fewer than k records, RecordsError when a column is missing.
    """
    table = read_table(data, dict.fromkeys(keys))
    frame = data.to_pandas() if isinstance(data, pa.Table) else data.copy()
    if 0 < len(frame) < k:
        raise DisclosureError(
            table=Phrase("The table of records", "La table d’enregistrements"),
            reason=Phrase(f"it has fewer than {k} records.", f"elle a moins de {k} enregistrements."),
        )
    before = table.finest.codes[:, table.class_of]
    prices = np.array([float((costs or {}).get(name, 1.0)) for name in keys])
    codes = _Search(before, [v.size(0) for v in table.variables], k, prices).run()
    hidden = (codes == 0) & (before > 0)
    for name, cells in zip(keys, hidden, strict=True):
        frame[name] = _make_null(frame[name], cells)
    return Suppression(frame, {name: int(cells.sum()) for name, cells in zip(keys, hidden, strict=True)})


NULLABLE: Mapping[str, ExtensionDtype] = {"i": pd.Int64Dtype(), "u": pd.UInt64Dtype(), "b": pd.BooleanDtype()}
"""By kind of column, the type that stays what it is beside a null."""


def _make_null(column: pd.Series, cells: np.ndarray) -> pd.Series:
    if column.dtype.kind in NULLABLE and cells.any():
        column = column.astype(NULLABLE[column.dtype.kind])
    return column.mask(cells)


class _Search:
    """Codes (variables × records) on their way to classes of k: `codes` as they are told, `safe` once settled."""

    def __init__(self, codes: np.ndarray, sizes: Sequence[int], k: int, prices: np.ndarray) -> None:
        self.before, self.codes, self.sizes, self.k, self.prices = codes, codes.copy(), sizes, k, prices
        groups, _ = combine(codes, sizes)
        self.safe = np.bincount(groups)[groups] >= k if len(groups) else np.ones(0, dtype=bool)
        sets = [np.array(hidden) for hidden in product((False, True), repeat=len(sizes)) if any(hidden)]
        self.sets = sorted(sets, key=lambda hidden: (float(prices[hidden].sum()), hidden.tolist()))

    def run(self) -> np.ndarray:
        """Return the codes told, 0 where hidden."""
        prices = [float(self.prices[hidden].sum()) for hidden in self.sets]
        for price in dict.fromkeys(prices):
            equals = [hidden for hidden, p in zip(self.sets, prices, strict=True) if p == price]
            while not self.safe.all() and self._save(equals):
                pass
        while not self.safe.all():
            self._recruit()
        return self.codes

    def _save(self, sets: Sequence[np.ndarray]) -> bool:
        """Hide the set that saves most records; return whether one saved any."""
        open_ = np.flatnonzero(~self.safe)
        saved = [self._find_saved(open_, hidden) for hidden in sets]
        best = int(np.argmax([len(rows) for rows in saved]))
        self.codes[np.ix_(sets[best], saved[best])] = 0
        self.safe[saved[best]] = True
        return bool(len(saved[best]))

    def _find_saved(self, open_: np.ndarray, hidden: np.ndarray) -> np.ndarray:
        """Return the open records that become alike, or like safe ones, when the variables `hidden` are."""
        told = np.where(hidden[:, None], 0, self.before[:, open_])
        settled = np.flatnonzero(self.safe & (self.codes[hidden] == 0).all(axis=0))
        groups, _ = combine(np.concatenate([told, self.codes[:, settled]], axis=1), self.sizes)
        return open_[np.bincount(groups)[groups[: len(open_)]] >= self.k]

    def _recruit(self) -> None:
        """Settle the first open record, with records of safe classes, at the least price."""
        row = int(np.flatnonzero(~self.safe)[0])
        offers = [self._find_offer(row, hidden) for hidden in self.sets]
        _, taken, hidden = min((offer for offer in offers if offer), key=lambda offer: offer[0])
        self.codes[np.ix_(hidden, taken)] = 0
        self.safe[taken] = True

    def _find_offer(self, row: int, hidden: np.ndarray) -> tuple[float, np.ndarray, np.ndarray] | None:
        """Return (price, records to hide, variables to hide) that settle a record, None when they cannot."""
        shown = ~hidden
        alike = np.flatnonzero((self.codes[shown] == self.before[shown, row][:, None]).all(axis=0))
        there = (self.codes[hidden][:, alike] == 0).all(axis=0) & self.safe[alike]
        lacking = self.k - int(there.sum()) - int((~self.safe[alike]).sum())
        donors = alike[~there & self.safe[alike]]
        if lacking > 0:
            groups, _ = combine(self.codes, self.sizes)
            donors = _choose_donors(donors, groups, self.k, lacking)
            if len(donors) < lacking:
                return None
        taken = np.concatenate([alike[~self.safe[alike]], donors[: len(donors) if lacking > 0 else 0]])
        price = float(self.prices @ ((self.codes[:, taken] > 0) & hidden[:, None]).sum(axis=1))
        return price, taken, hidden


def _choose_donors(donors: np.ndarray, groups: np.ndarray, k: int, lacking: int) -> np.ndarray:
    """Return records that leave classes of k behind them, or whole classes when these are not enough."""
    sizes = np.bincount(groups)
    order = donors[np.argsort(groups[donors], kind="stable")]
    owner = groups[order]
    rank = np.arange(len(order)) - np.searchsorted(owner, owner)
    spare = order[rank < sizes[owner] - k]
    if len(spare) >= lacking:
        return spare[:lacking]
    chosen: list[int] = []
    for group in sorted(set(owner.tolist()), key=lambda g: (sizes[g], g)):
        chosen += order[owner == group].tolist()
        if len(chosen) >= lacking:
            break
    return np.array(chosen, dtype=np.int64)
