"""Measures of microdata: how many records look alike, and what their likeness tells about the people behind.

All are taken over *classes*, the records with equal key variables, and the worst class speaks for the table. With
several sensitive columns the worst column does. A missing value is a value of its own: two records are alike when both
miss it. (`count_alike` can count as if a missing value might be anything; this flatters, see there.)

For a class of n records, c₁ ≥ c₂ ≥ … being the records of each sensitive value and p = c/n:

    distinct l    the number of values
    entropy l     exp(−Σ p ln p): 3 equally frequent values give 3
    recursive c   c₁ / (c_l + c_{l+1} + …): (c, l)-diversity holds for every greater c
    α             c₁ / n: how sure one is of the most frequent value
    t             the distance between p and the distribution q of the whole table: ½ Σ|p − q|, or, where the m values
                  have an order, Σ|P − Q| / (m − 1) over the cumulated distributions (earth mover's distance)
    δ             n / N, N being the people of the public population with the same key variables
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import product

import numpy as np
import pandas as pd
import pyarrow as pa

from datasets.disclosure.microdata.classes import Partition, Spread, Table, combine, read_columns, read_table
from datasets.errors import Phrase, RecordsError


@dataclass(frozen=True)
class Measures:
    """What `measure` found; the diversities are infinite and the distances 0 without a sensitive column."""

    records: int
    classes: int
    k: int
    distinct: float
    entropy: float
    recursive: float
    """The recursive c for l = `distinct`."""
    alpha: float
    closeness: float
    presence: tuple[float, float] | None = None
    """The least and the greatest δ, when a population was given."""


def measure(
    data: pd.DataFrame | pa.Table,
    keys: Sequence[str],
    sensitive: Sequence[str] = (),
    *,
    ordered: Sequence[str] | None = None,
    population: pd.DataFrame | pa.Table | None = None,
) -> Measures:
    """Measure a frame by its key variables and sensitive columns.

    `ordered` names the sensitive columns whose values have an order (default: numbers and dates). `population` holds
    the same key variables for everybody who might be in the frame. An empty frame has k = 0. Raises RecordsError when
    a column is missing or the frame is not part of the population.
    """
    table = read_table(data, dict.fromkeys(keys), sensitive, ordered)
    return measure_partition(table.finest, measure_presence(data, keys, population) if population is not None else None)


def measure_partition(partition: Partition, presence: tuple[float, float] | None = None) -> Measures:
    """Measure classes."""
    counts, spreads = partition.counts, partition.spreads
    distinct = min((float(count_values(s, counts).min(initial=np.inf)) for s in spreads), default=np.inf)
    least = max(1, int(distinct)) if np.isfinite(distinct) else 1
    return Measures(
        records=int(counts.sum()),
        classes=len(counts),
        k=int(counts.min()) if len(counts) else 0,
        distinct=distinct,
        entropy=min((float(find_entropy(s, counts).min(initial=np.inf)) for s in spreads), default=np.inf),
        recursive=max((float(find_recursive(s, counts, least).max(initial=0)) for s in spreads), default=0.0),
        alpha=max((float(find_alpha(s, counts).max(initial=0)) for s in spreads), default=0.0),
        closeness=max((float(find_closeness(s, counts).max(initial=0)) for s in spreads), default=0.0),
        presence=presence,
    )


def count_values(spread: Spread, counts: np.ndarray) -> np.ndarray:
    """Return the distinct sensitive values of each class."""
    return np.bincount(spread.owners, minlength=len(counts)).astype(float)


def find_entropy(spread: Spread, counts: np.ndarray) -> np.ndarray:
    """Return the entropy l of each class, an effective number of values."""
    logs = np.bincount(spread.owners, spread.counts * np.log(spread.counts), len(counts))
    return np.exp(np.log(counts) - logs / counts)


def find_alpha(spread: Spread, counts: np.ndarray) -> np.ndarray:
    """Return the share of the most frequent value of each class."""
    most = np.zeros(len(counts))
    np.maximum.at(most, spread.owners, spread.counts)
    return most / counts


def find_recursive(spread: Spread, counts: np.ndarray, least: int) -> np.ndarray:
    """Return c₁ / (c_l + c_{l+1} + …) for each class, l being `least`; infinite with fewer than l values."""
    order = np.lexsort((-spread.counts, spread.owners))
    owners, sizes = spread.owners[order], spread.counts[order]
    starts = np.searchsorted(owners, np.arange(len(counts)))
    rank = np.arange(len(owners)) - starts[owners]
    rest = np.bincount(owners[rank >= least - 1], sizes[rank >= least - 1], len(counts))
    return np.divide(sizes[starts], rest, out=np.full(len(counts), np.inf), where=rest > 0)


def find_closeness(spread: Spread, counts: np.ndarray) -> np.ndarray:
    """Return the distance of each class from the whole table (its spread is sorted by class, then by value)."""
    whole = spread.totals / max(spread.totals.sum(), 1)
    if not spread.ordered:
        excess = np.maximum(spread.counts / counts[spread.owners] - whole[spread.values], 0)
        return np.bincount(spread.owners, excess, len(counts))
    present = np.flatnonzero(spread.totals)
    if len(present) < 2:
        return np.zeros(len(counts))
    rank = np.searchsorted(present, spread.values)
    return _move_earth(spread.owners, rank, spread.counts, counts, whole[present]) / (len(present) - 1)


def _move_earth(
    owners: np.ndarray, values: np.ndarray, sizes: np.ndarray, counts: np.ndarray, whole: np.ndarray
) -> np.ndarray:
    """Return Σ|P − Q| of each class: between two of its values P is a constant, which Q crosses at most once."""
    n, m = len(counts), len(whole)
    cumulated = np.cumsum(whole)
    sums = np.concatenate([[0.0], np.cumsum(cumulated)])
    opens = np.concatenate([[True], owners[1:] != owners[:-1]])
    closes = np.concatenate([opens[1:], [True]])
    running = np.cumsum(sizes)
    reached = (running - (running - sizes)[opens][owners]) / counts[owners]
    level = np.concatenate([reached, np.zeros(n)])
    start = np.concatenate([values, np.zeros(n, dtype=np.int64)])
    following = np.concatenate([values[1:], [m]])
    end = np.concatenate([np.where(closes, m, following), values[opens]])
    middle = np.clip(np.searchsorted(cumulated, level), start, end)
    below = level * (middle - start) - (sums[middle] - sums[start])
    above = sums[end] - sums[middle] - level * (end - middle)
    return np.bincount(np.concatenate([owners, np.arange(n)]), below + above, n)


def measure_presence(
    data: pd.DataFrame | pa.Table, keys: Sequence[str], population: pd.DataFrame | pa.Table
) -> tuple[float, float]:
    """Return the least and the greatest share of the people of a class of the population who are in the frame.

    Raises RecordsError when a class of the frame is larger than in the population.
    """
    here, everywhere = read_columns(data, keys), read_columns(population, keys)
    table = read_table(pd.concat([everywhere, here], ignore_index=True), dict.fromkeys(keys))
    n = len(table.finest)
    people = np.bincount(table.class_of[: len(everywhere)], minlength=n)
    told = np.bincount(table.class_of[len(everywhere) :], minlength=n)
    if (told > people).any():
        raise RecordsError(
            where=Phrase("population", "population"),
            found=Phrase("a class of the records that is larger", "une classe d’enregistrements plus grande"),
            expected=Phrase("a population that holds all records", "une population qui contient tous les individus"),
            advice=Phrase("Give the whole population.", "Donnez la population entière."),
        )
    shares = told / np.maximum(people, 1)
    return (float(shares.min()), float(shares.max())) if n else (0.0, 0.0)


def count_alike(data: pd.DataFrame | pa.Table, keys: Sequence[str], missing: str = "value") -> np.ndarray:
    """Return, for each record, how many records are like it (itself included).

    With `missing="value"` a missing value is like a missing value only. With `"any"` it is like any value, the way
    sample frequencies are usually counted after local suppression; this flatters, because somebody who knows what
    was suppressed excludes the records that tell otherwise.
    """
    table = read_table(data, dict.fromkeys(keys))
    counts = table.finest.counts if missing == "value" else _count_compatible(table)
    return counts[table.class_of]


def _count_compatible(table: Table) -> np.ndarray:
    """Return the records compatible with each class: masks of missing values are compared two by two."""
    codes, counts = table.finest.codes, table.finest.counts
    sizes = [variable.size(0) for variable in table.variables]
    mask_of, first = combine((codes > 0).astype(np.int32), [2] * len(codes))
    masks = codes[:, first] > 0
    compatible = np.zeros(len(counts), dtype=np.int64)
    for a, b in product(range(masks.shape[1]), repeat=2):
        ours, theirs = np.flatnonzero(mask_of == a), np.flatnonzero(mask_of == b)
        both = masks[:, a] & masks[:, b]
        told = np.concatenate([codes[both][:, ours], codes[both][:, theirs]], axis=1)
        group, _ = combine(told, [size for size, kept in zip(sizes, both, strict=True) if kept])
        alike = np.bincount(group[len(ours) :], counts[theirs], group.max() + 1)
        compatible[ours] += alike[group[: len(ours)]].astype(np.int64)
    return compatible
