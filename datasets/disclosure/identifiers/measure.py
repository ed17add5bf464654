"""How good the detectors are: recall and precision by kind, cell by cell, on invented rows whose truth is known."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from datasets.disclosure.identifiers.corpus import Example, build
from datasets.disclosure.identifiers.findings import CELLS
from datasets.disclosure.identifiers.judge import find_identifiers
from datasets.disclosure.identifiers.kinds import KINDS, NAMES
from datasets.disclosure.identifiers.scan import mark, slug_of, titles_of

SEEDS = (1870, 1905)
"""Seeds that were never used while the detectors were written."""
BY_COLUMN = (*NAMES, "birth_date", "user_id")


@dataclass
class Score:
    """Cells of a kind found and rightly so (`right`), found wrongly (`wrong`), and missed."""

    right: int = 0
    wrong: int = 0
    missed: int = 0

    @property
    def recall(self) -> float:
        """The share of what is there that was found."""
        return self.right / max(self.right + self.missed, 1)

    @property
    def precision(self) -> float:
        """The share of what was found that is there."""
        return self.right / max(self.right + self.wrong, 1)

    def add(self, found: np.ndarray, truth: np.ndarray) -> None:
        """Count a column."""
        self.right += int((found & truth).sum())
        self.wrong += int((found & ~truth).sum())
        self.missed += int((~found & truth).sum())


Scores = dict[tuple[str, str], Score]
"""Scores by kind and place: "cells" (a column of them) or "inside" (free texts)."""


def measure(examples: Iterable[Example]) -> Scores:
    """Return the scores of the detectors on examples."""
    scores: Scores = {}
    for example in examples:
        found = mark_table(example.table)
        none = np.zeros(example.table.num_rows, dtype=bool)
        for column, kind in sorted(found.keys() | example.truth.keys()):
            place = "inside" if column in example.texts else "cells"
            score = scores.setdefault((kind, place), Score())
            score.add(found.get((column, kind), none), example.truth.get((column, kind), none))
    return scores


def mark_table(table: pa.Table) -> dict[tuple[str, str], np.ndarray]:
    """Return, by (column, kind), which cells of a table are said to hold an identifier."""
    marked = {}
    for finding in find_identifiers(table):
        if finding.spared:
            continue
        cells = table.column(finding.column).combine_chunks()
        if finding.kind in BY_COLUMN and finding.place == CELLS:
            mask = np.array([bool(text) for text in cells.to_pylist()])
        else:
            mask = mark(cells, finding.kind, titles_of(slug_of(finding.column))[finding.kind])
        marked[finding.column, finding.kind] = mask
    return marked


def report(seeds: Sequence[int] = SEEDS) -> Iterator[str]:
    """Yield a table of recall and precision by kind and place, line by line, for each seed."""
    for seed in seeds:
        scores = measure(build(seed))
        yield f"seed {seed}: 10,000 invented rows"
        yield f"{'kind':<14}{'place':<9}{'cells':>8}{'recall':>9}{'precision':>11}"
        for kind in KINDS:
            for place in ("cells", "inside"):
                if score := scores.get((kind, place)):
                    total = score.right + score.missed
                    yield f"{kind:<14}{place:<9}{total:>8}{score.recall:>9.4f}{score.precision:>11.4f}"
