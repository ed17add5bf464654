"""Full-domain generalisation: every value of a column is told at the same level, and as much as possible is told."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
import pyarrow as pa

from datasets.disclosure.microdata.classes import Partition, Table, read_table
from datasets.disclosure.microdata.criteria import CRITERIA, Criteria
from datasets.disclosure.microdata.hierarchies import Hierarchy
from datasets.disclosure.microdata.lattice import Choice, Lattice
from datasets.disclosure.microdata.losses import LOSSES
from datasets.disclosure.microdata.measures import Measures, measure_partition
from datasets.errors import Phrase, RecordsError


@dataclass(frozen=True)
class Generalisation:
    """The frame told (key variables, then sensitive columns), and what it cost.

    `levels` tells the level of each key variable, `suppressed` the records left out, `loss` a number between 0 and 1,
    `gap` how far from the least loss it may be (0: proven best), `measures` what a reader may measure on the frame;
    `nodes` combinations of levels there were, of which `visited` were looked at.
    """

    frame: pd.DataFrame
    levels: dict[str, int]
    suppressed: int
    loss: float
    gap: float
    measures: Measures
    nodes: int
    visited: int


def generalise(
    data: pd.DataFrame | pa.Table,
    keys: Mapping[str, Hierarchy | None],
    criteria: Criteria,
    sensitive: Sequence[str] = (),
    *,
    ordered: Sequence[str] | None = None,
    suppression: float = 0.0,
    loss: str = "entropy",
    seconds: float = 60.0,
) -> Generalisation:
    """Return the records told at the levels that lose least, among those that satisfy the criteria.

    `keys` maps each key variable to its hierarchy (None: told as it is); `suppression` is the greatest share of records
    that may be left out; `loss` is one of LOSSES. Columns that are neither keys nor sensitive are left out, and rows
    are sorted, because their order may tell whose they are. After `seconds` the best found so far is taken.
    Raises DisclosureError when nothing satisfies the criteria, RecordsError when a column or a value is not known, or a
    criterion is about sensitive columns and there are none.
    """
    _check(criteria, sensitive, suppression, loss)
    table = read_table(data, keys, sensitive, ordered)
    most = int(suppression * len(table) + 1e-9)
    choice = Lattice(table.variables, table.finest, criteria, most, LOSSES[loss]).search(seconds)
    kept = choice.classes.keep(choice.kept)
    return Generalisation(
        frame=_tell(table, choice),
        levels={v.name: level for v, level in zip(table.variables, kept.node, strict=True)},
        suppressed=len(table) - int(kept.counts.sum()),
        loss=choice.loss,
        gap=choice.gap,
        measures=measure_partition(kept),
        nodes=choice.nodes,
        visited=choice.visited,
    )


def _check(criteria: Criteria, sensitive: Sequence[str], suppression: float, loss: str) -> None:
    expected = None
    if not sensitive and any(c.asked(criteria) for c in CRITERIA if c.sensitive):
        expected = Phrase("sensitive columns for these criteria", "des colonnes sensibles pour ces critères")
    elif not 0 <= suppression < 1:
        expected = Phrase("a share to suppress from 0 to 1, excluded", "une part à supprimer de 0 à 1, exclu")
    elif loss not in LOSSES:
        expected = Phrase(f"a loss among {', '.join(LOSSES)}", f"une perte parmi {', '.join(LOSSES)}")
    if expected is not None:
        raise RecordsError(
            where=Phrase("generalisation", "généralisation"),
            found=f"{', '.join(sensitive) or '∅'}; {suppression}; {loss}",
            expected=expected,
            advice=Phrase("Correct the options.", "Corrigez les options."),
        )


def _tell(table: Table, choice: Choice) -> pd.DataFrame:
    """Return the records kept, sorted by what they tell."""
    parents = _find_parents(table, choice.classes)
    class_of = parents[table.class_of]
    rows = np.flatnonzero(choice.kept[class_of])
    codes = choice.classes.codes
    place = np.empty(len(choice.classes), dtype=np.int64)
    place[np.lexsort(codes[::-1])] = np.arange(len(choice.classes))
    order = np.lexsort([*(c[rows] for c in reversed(table.codes)), place[class_of[rows]]])
    rows = rows[order]
    told = {
        v.name: v.tell(row[class_of[rows]], level)
        for v, row, level in zip(table.variables, codes, choice.classes.node, strict=True)
    }
    values = {
        name: pd.Series(labels.take(c[rows]))
        for name, c, labels in zip(table.sensitive, table.codes, table.values, strict=True)
    }
    return pd.DataFrame({**told, **values})


def _find_parents(table: Table, classes: Partition) -> np.ndarray:
    """Return the class told of each of the finest classes, numbered as in `classes`."""
    again, parents = table.finest.merge(table.variables, classes.node)
    number = np.lexsort(classes.codes[::-1])[np.argsort(np.lexsort(again.codes[::-1]), kind="stable")]
    return number[parents]
