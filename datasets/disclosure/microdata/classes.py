"""Classes of records that are told alike, and how they merge when a column is told more coarsely.

Rows are read once: each key variable becomes codes, and rows of equal codes one class of the finest partition. From
then on only classes are merged (`Partition.merge`): a coarser partition is made from any finer one.

    codes       key variables × classes, int32; 0 is a missing value, except at the last level
    counts      records in each class
    spreads     for each sensitive column: which value appears how often in which class (only those that appear)
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from math import prod

import numpy as np
import pandas as pd
import pyarrow as pa

from datasets.disclosure.microdata.hierarchies import Hierarchy
from datasets.errors import Phrase, RecordsError

LARGEST = 2**62


@dataclass(frozen=True)
class Variable:
    """A key variable: for each level, the code of each base code (`maps`) and the labels of the codes from 1."""

    name: str
    maps: tuple[np.ndarray, ...]
    labels: tuple[pd.Index, ...]
    records: np.ndarray
    """Records of each base code."""
    _steps: dict[tuple[int, int], np.ndarray] = field(default_factory=dict, repr=False, compare=False)

    @property
    def height(self) -> int:
        """The number of the last level."""
        return len(self.maps) - 1

    def size(self, level: int) -> int:
        """Return one more than the largest code of a level."""
        return len(self.labels[level]) + (level < self.height or self.height == 0)

    def step(self, below: int, above: int) -> np.ndarray:
        """Return the code at the level `above` of each code of the level `below`."""
        if (below, above) not in self._steps:
            step = np.zeros(self.size(below), dtype=np.int32)
            step[self.maps[below]] = self.maps[above]
            self._steps[below, above] = step
        return self._steps[below, above]

    def tell(self, codes: np.ndarray, level: int) -> pd.Series:
        """Return the labels of codes, null for a missing value."""
        labels = self.labels[level]
        if level == self.height and level > 0:
            return pd.Series(labels.take(codes))
        if codes.all():
            return pd.Series(labels.take(codes - 1))
        return pd.Series(pd.api.extensions.take(labels.array, codes - 1, allow_fill=True))


@dataclass(frozen=True)
class Spread:
    """The values of a sensitive column: `counts[i]` records of the class `owners[i]` have the value `values[i]`."""

    owners: np.ndarray
    values: np.ndarray
    counts: np.ndarray
    size: int
    """Distinct values in the whole table."""
    ordered: bool

    def merge(self, parents: np.ndarray) -> "Spread":
        """Return the spread over the classes `parents[owner]`."""
        pairs, merged = np.unique(parents[self.owners].astype(np.int64) * self.size + self.values, return_inverse=True)
        counts = np.bincount(merged, self.counts, len(pairs)).astype(np.int64)
        return Spread(pairs // self.size, pairs % self.size, counts, self.size, self.ordered)

    def keep(self, kept: np.ndarray) -> "Spread":
        """Return the spread over the classes `kept` (bool), numbered again."""
        rows = kept[self.owners]
        owners = (np.cumsum(kept) - 1)[self.owners[rows]]
        return Spread(owners, self.values[rows], self.counts[rows], self.size, self.ordered)

    @cached_property
    def totals(self) -> np.ndarray:
        """Records of each value in the whole table."""
        return np.bincount(self.values, self.counts, self.size)


@dataclass(frozen=True)
class Partition:
    """The classes of a node (a level for each key variable)."""

    node: tuple[int, ...]
    codes: np.ndarray
    counts: np.ndarray
    fineness: np.ndarray
    """What the entropy loss subtracts: Σ log2(records of the value) over the records and the key variables."""
    spreads: tuple[Spread, ...] = ()

    def __len__(self) -> int:
        return len(self.counts)

    def merge(self, variables: Sequence[Variable], node: tuple[int, ...]) -> tuple["Partition", np.ndarray]:
        """Return the classes of a coarser node, and the class there of each class here."""
        codes = np.stack(
            [
                variable.step(below, above)[row] if below != above else row
                for variable, row, below, above in zip(variables, self.codes, self.node, node, strict=True)
            ]
        )
        parents, first = combine(codes, [v.size(level) for v, level in zip(variables, node, strict=True)])
        n = len(first)
        counts = np.bincount(parents, self.counts, n).astype(np.int64)
        fineness = np.bincount(parents, self.fineness, n)
        spreads = tuple(spread.merge(parents) for spread in self.spreads)
        return Partition(node, codes[:, first], counts, fineness, spreads), parents

    def count(self, variables: Sequence[Variable], node: tuple[int, ...]) -> np.ndarray:
        """Return the records of each class of a coarser node, five times faster than `merge` tells which they are.

        Key and records of a class are packed into one integer; sorted, equal keys are neighbours.
        """
        sizes = [variable.size(level) for variable, level in zip(variables, node, strict=True)]
        bits = int(self.counts.max(initial=1)).bit_length()
        if not len(self) or prod(sizes) << bits > LARGEST:
            return self.merge(variables, node)[0].counts
        key = np.zeros(len(self), dtype=np.int64)
        for i, (variable, size) in enumerate(zip(variables, sizes, strict=True)):
            if size > 1:
                key *= size
                key += variable.step(self.node[i], node[i])[self.codes[i]]
        key <<= bits
        key |= self.counts
        key.sort()
        records = key & ((1 << bits) - 1)
        key >>= bits
        return np.add.reduceat(records, np.concatenate([[0], np.flatnonzero(key[1:] != key[:-1]) + 1]))

    def keep(self, kept: np.ndarray) -> "Partition":
        """Return only the classes `kept` (bool)."""
        spreads = tuple(spread.keep(kept) for spread in self.spreads)
        return Partition(self.node, self.codes[:, kept], self.counts[kept], self.fineness[kept], spreads)


def combine(codes: np.ndarray, sizes: Sequence[int]) -> tuple[np.ndarray, np.ndarray]:
    """Return the group of each column of `codes` (rows: variables), and the first column of each group.

    Codes of a column become one integer, hashed: groups are numbered as they appear.
    """
    key, span = np.zeros(codes.shape[1], dtype=np.int64), 1
    for row, size in zip(codes, sizes, strict=True):
        if span * size > LARGEST:
            key, found = pd.factorize(key)
            span = len(found)
        key = key * size + row
        span *= size
    groups, found = pd.factorize(key)
    first = np.empty(len(found), dtype=np.int64)
    first[groups[::-1]] = np.arange(len(groups) - 1, -1, -1)
    return groups, first


@dataclass(frozen=True)
class Table:
    """Records ready to be told: key variables, sensitive columns, the finest classes and the class of each record."""

    variables: tuple[Variable, ...]
    finest: Partition
    class_of: np.ndarray
    sensitive: tuple[str, ...]
    codes: tuple[np.ndarray, ...]
    values: tuple[pd.Index, ...]

    def __len__(self) -> int:
        return len(self.class_of)


def read_table(
    data: pd.DataFrame | pa.Table,
    keys: Mapping[str, Hierarchy | None],
    sensitive: Sequence[str] = (),
    ordered: Sequence[str] | None = None,
) -> Table:
    """Return the table of a frame: `keys` maps each key variable to its hierarchy (None: only the value itself).

    `ordered` names the sensitive columns whose values have an order (default: numbers and dates); a missing value is
    a value of its own. Raises RecordsError when a column is missing or there is no key variable.
    """
    frame = read_columns(data, [*keys, *sensitive])
    base = [_read_codes(frame[name]) for name in keys]
    variables = tuple(
        _make_variable(name, hierarchy, codes, values)
        for (name, hierarchy), (codes, values) in zip(keys.items(), base, strict=True)
    )
    codes = np.stack([c for c, _ in base])
    class_of, first = combine(codes, [v.size(0) for v in variables])
    counts = np.bincount(class_of, minlength=len(first)).astype(np.int64)
    logs = sum(np.log2(np.maximum(v.records, 1))[row[first]] for v, row in zip(variables, codes, strict=True))
    told = [_read_codes(frame[name], missing=False) for name in sensitive]
    spreads = tuple(
        Spread(
            np.arange(len(frame)), c, np.ones(len(frame), dtype=np.int64), len(v), _is_ordered(name, frame, ordered)
        ).merge(class_of)
        for name, (c, v) in zip(sensitive, told, strict=True)
    )
    finest = Partition((0,) * len(variables), codes[:, first], counts, logs * counts, spreads)
    return Table(variables, finest, class_of, tuple(sensitive), tuple(c for c, _ in told), tuple(v for _, v in told))


def read_columns(data: pd.DataFrame | pa.Table, wanted: Sequence[str]) -> pd.DataFrame:
    """Return the `wanted` columns of a frame or an Arrow table. Raises RecordsError when one is missing or doubled."""
    present = data.column_names if isinstance(data, pa.Table) else [str(name) for name in data.columns]
    missing = [name for name in wanted if present.count(name) != 1 or wanted.count(name) != 1]
    if missing or not wanted:
        raise RecordsError(
            where=Phrase("microdata", "microdonnées"),
            found=", ".join(present) or Phrase("no column", "aucune colonne"),
            expected=", ".join(missing) or Phrase("a key variable", "une variable identifiante"),
            advice=Phrase("Name each column once.", "Nommez chaque colonne une seule fois."),
        )
    return data.select(list(wanted)).to_pandas() if isinstance(data, pa.Table) else data[list(wanted)]


def _read_codes(column: pd.Series, missing: bool = True) -> tuple[np.ndarray, pd.Index]:
    """Return codes in the order of the values (from 1, 0 for null; or a null as one more value) and the values."""
    try:
        codes, values = pd.factorize(column, sort=True, use_na_sentinel=missing)
    except TypeError as error:
        raise RecordsError(
            where=Phrase(f"microdata, column {column.name}", f"microdonnées, colonne {column.name}"),
            found=Phrase("lists, or values of several kinds", "des listes, ou des valeurs de plusieurs natures"),
            expected=Phrase("values that can be compared", "des valeurs comparables"),
            advice=Phrase("Make them all texts.", "Faites-en des textes."),
        ) from error
    return (codes + missing).astype(np.int32), pd.Index(values)


def _is_ordered(name: str, frame: pd.DataFrame, ordered: Sequence[str] | None) -> bool:
    if ordered is not None:
        return name in ordered
    kind = frame[name].dtype
    return (pd.api.types.is_numeric_dtype(kind) and not pd.api.types.is_bool_dtype(kind)) or kind.kind == "M"


def _make_variable(name: str, hierarchy: Hierarchy | None, codes: np.ndarray, values: pd.Index) -> Variable:
    records = np.bincount(codes, minlength=len(values) + 1)
    if hierarchy is None:
        return Variable(name, (np.arange(len(values) + 1, dtype=np.int32),), (values,), records)
    climbed = hierarchy.climb(values)
    maps = [np.concatenate([[0], level + 1]).astype(np.int32) for level, _ in climbed]
    maps[-1] = np.zeros(len(values) + 1, dtype=np.int32)
    return Variable(name, tuple(maps), tuple(labels for _, labels in climbed), records)
