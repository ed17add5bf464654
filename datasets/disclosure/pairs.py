"""Links between two contributors (a venue introduced to another): who could tell them apart in a cell of links.

A link between two regions is known to both its ends. Counting the ends of each side is not enough: three links of one
venue with three others are all known to that venue (a star). What counts is how many links share no end.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from datasets.disclosure.contributors import rank_shares
from datasets.disclosure.layout import Listed

Link = tuple[int, int]
ENDS = "couples"
"""The role of the ends of links, beside the roles of contributors."""


@dataclass(frozen=True)
class Links:
    """The links that a grid counts: the columns of their two `ends`, their `weights`, and who else stands behind.

    Each of `others` (column) and each end is judged on each weight, by the rules of dominance.
    """

    grid: str
    ends: tuple[str, str]
    weights: tuple[str, ...]
    others: tuple[str, ...] = ()


def judge_links(
    links: Links, contributions: pd.DataFrame, slot_of: np.ndarray, tables: Iterable[Listed], n_cells: int, most: int
) -> tuple[np.ndarray, dict[tuple[str, str], np.ndarray]]:
    """Return how many links without a common end each cell has (up to `most`), and the shares of the largest ends.

    Cells of other grids, and those without a link, have infinitely many and nobody large. A cell with several weights
    has as many as the poorest one.
    """
    apart = np.full(n_cells, np.inf)
    shares: dict[tuple[str, str], np.ndarray] = {}
    mine = [table for table in tables if table.grid.name == links.grid]
    for weight in links.weights:
        rows = contributions[(contributions[weight] > 0).to_numpy()]
        slots = slot_of[(contributions[weight] > 0).to_numpy()]
        ends, value = rows[list(links.ends)].to_numpy(dtype=np.int64, na_value=-1), rows[weight].to_numpy(dtype=float)
        for role in (ENDS, *links.others):
            shares[role, weight] = np.zeros((n_cells, 2))
        for table in mine:
            cell = np.where(table.cell_of[slots] >= 0, table.cell_of[slots] + table.offset, -1)
            named = (cell >= 0) & (ends >= 0).all(axis=1)
            for one in np.unique(cell[named]).tolist():
                at = np.flatnonzero(named & (cell == one))
                apart[one] = min(apart[one], count_apart(map(tuple, np.unique(ends[at], axis=0).tolist()), most))
                shares[ENDS, weight][one] = rank_ends(ends[at], value[at])
            for other in links.others:
                shares[other, weight] += _rank_others(cell[named], rows[other][named], value[named], n_cells)
    return apart, shares


def _rank_others(cell: np.ndarray, who: pd.Series, value: np.ndarray, n_cells: int) -> np.ndarray:
    codes, names = pd.factorize(who)
    pairs, pair_of = np.unique(cell * (len(names) + 1) + codes + 1, return_inverse=True)
    return rank_shares(pairs // (len(names) + 1), np.bincount(pair_of, value, minlength=len(pairs)), n_cells)


def rank_ends(ends: np.ndarray, value: np.ndarray) -> tuple[float, float]:
    """Return the share of the links of the largest end, and that of the end with most of the others.

    `ends`: links × 2. A link between the two counts for the first one only: the second one knows it, but it is
    already in what he would estimate.
    """
    names, codes = np.unique(ends, return_inverse=True)
    codes = codes.reshape(ends.shape)
    linked = value * np.where(codes[:, 0] == codes[:, 1], 0.5, 1.0)
    of_end = _weigh_ends(codes, linked, len(names))
    first = int(np.argmax(of_end))
    rest = (codes != first).all(axis=1)
    of_rest = _weigh_ends(codes[rest], linked[rest], len(names))
    return float(of_end[first] / value.sum()), float(of_rest.max() / value.sum())


def _weigh_ends(codes: np.ndarray, weight: np.ndarray, count: int) -> np.ndarray:
    return np.bincount(codes[:, 0], weight, minlength=count) + np.bincount(codes[:, 1], weight, minlength=count)


def count_apart(links: Iterable[Link], most: int) -> int:
    """Return the size of the largest set of links without a common end, `most` at most (a matching).

    A link of a contributor with itself is none.
    """
    left = [link for link in links if link[0] != link[1]]
    if not left or most <= 0:
        return 0
    if _count_greedily(left, most) == most:
        return most
    best = 0
    for end in left[0]:  # a largest set holds a link of one of these two, else their own could be added
        # Beyond twice `most` partners they are alike: the links of the others cannot take them all.
        partners = list(dict.fromkeys(b if a == end else a for a, b in left if end in (a, b)))[: 2 * most]
        for partner in partners:
            apart = [link for link in left if end not in link and partner not in link]
            best = max(best, 1 + count_apart(apart, most - 1))
    return min(best, most)


def _count_greedily(links: Sequence[Link], most: int) -> int:
    taken: set[int] = set()
    found = 0
    for a, b in links:
        if a not in taken and b not in taken:
            taken |= {a, b}
            found += 1
            if found == most:
                break
    return found
