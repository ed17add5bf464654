"""Losses: what generalisation costs, between 0 (nothing changed) and 1 (nothing told)."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from datasets.disclosure.microdata.classes import Partition, Variable
from datasets.errors import Phrase


@dataclass(frozen=True)
class Loss:
    """A loss: its name, what it says, its value, and bounds of it.

    `value(variables, classes, kept, records)` counts records of classes that are not `kept` as lost entirely. With all
    classes kept it never falls when a node climbs: it bounds every coarser node from below, whatever is suppressed
    there. `bound(variables, nodes)` is that bound, or a lower one, for an array of nodes of which nothing is known,
    and `refine(counts, records)` for a node whose classes have been counted.
    """

    name: str
    label: Phrase
    value: Callable[[Sequence[Variable], Partition, np.ndarray, int], float]
    bound: Callable[[Sequence[Variable], np.ndarray], np.ndarray]
    refine: Callable[[np.ndarray, int], float]


def _share(variables: Sequence[Variable], nodes: np.ndarray) -> np.ndarray:
    heights = np.array([max(v.height, 1) for v in variables])
    return (nodes / heights).mean(axis=-1)


def _precision(variables: Sequence[Variable], classes: Partition, kept: np.ndarray, records: int) -> float:
    told = classes.counts[kept].sum() / max(records, 1)
    return float(told * _share(variables, np.array(classes.node)) + (1 - told))


def _logs(variable: Variable, level: int) -> np.ndarray:
    """Return log2 of the records of each code of a level."""
    return np.log2(np.maximum(np.bincount(variable.maps[level], variable.records, variable.size(level)), 1))


def _most_entropy(variables: Sequence[Variable]) -> float:
    """Return the entropy lost when nothing is told."""
    records = float(variables[0].records.sum())
    return sum(float(v.records @ (np.log2(max(records, 1)) - _logs(v, 0))) for v in variables)


def _entropy(variables: Sequence[Variable], classes: Partition, kept: np.ndarray, records: int) -> float:
    most = _most_entropy(variables)
    told = sum(_logs(v, level)[row] for v, level, row in zip(variables, classes.node, classes.codes, strict=True))
    lost = told * classes.counts - classes.fineness
    nothing = np.log2(max(records, 1)) * len(variables) * classes.counts - classes.fineness
    return float(np.where(kept, lost, nothing).sum() / most) if most > 0 else 0.0


def _bound_entropy(variables: Sequence[Variable], nodes: np.ndarray) -> np.ndarray:
    most = _most_entropy(variables)
    bound = np.zeros(len(nodes))
    for i, v in enumerate(variables):
        lost = [float(v.records @ (_logs(v, level)[v.maps[level]] - _logs(v, 0))) for level in range(v.height + 1)]
        bound += np.array(lost)[nodes[:, i]]
    return bound / most if most > 0 else bound


def _pairs(counts: np.ndarray, records: int) -> float:
    return float((counts.astype(float) ** 2).sum() / max(records, 1) ** 2)


def _bound_pairs(variables: Sequence[Variable], nodes: np.ndarray) -> np.ndarray:
    """Return the pairs alike if all the classes that there can be were there, equally large."""
    most = np.ones(len(nodes))
    for i, v in enumerate(variables):
        most *= np.array([v.size(level) for level in range(v.height + 1)], dtype=float)[nodes[:, i]]
    return 1 / np.maximum(most, 1)


def _discernibility(_: Sequence[Variable], classes: Partition, kept: np.ndarray, records: int) -> float:
    counts = classes.counts.astype(float)
    return float(np.where(kept, counts**2, counts * records).sum() / max(records, 1) ** 2)


LOSSES = {
    loss.name: loss
    for loss in (
        Loss(
            "precision",
            Phrase("Levels climbed, of all there are.", "Part des niveaux gravis."),
            _precision,
            _share,
            lambda _, __: 0.0,
        ),
        Loss(
            "entropy",
            Phrase("Information about the original values.", "Information perdue sur les valeurs d’origine."),
            _entropy,
            _bound_entropy,
            lambda _, __: 0.0,
        ),
        Loss(
            "discernibility",
            Phrase("Pairs of records that look alike.", "Paires d’enregistrements qui se ressemblent."),
            _discernibility,
            _bound_pairs,
            _pairs,
        ),
    )
}
