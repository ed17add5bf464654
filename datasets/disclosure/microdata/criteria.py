"""Criteria: what each class of a release must satisfy."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from datasets.disclosure.microdata import measures
from datasets.disclosure.microdata.classes import Partition, Spread
from datasets.errors import Phrase

TOLERANCE = 1e-9


@dataclass(frozen=True)
class Criteria:
    """The thresholds of a release; those left at their default ask nothing. They are public."""

    k: int = 1
    """The least number of records alike."""
    distinct: int = 1
    """The least number of sensitive values in a class."""
    entropy: float = 1.0
    """The least entropy l of a class."""
    recursive: tuple[float, int] | None = None
    """(c, l): the most frequent value appears less than c times as often as those from the l-th on together."""
    alpha: float = 1.0
    """The greatest share of one sensitive value in a class."""
    closeness: float = 1.0
    """The greatest distance t of a class from the whole table."""


@dataclass(frozen=True)
class Criterion:
    """A criterion: its name, what it says, whether it is asked, and which classes satisfy it.

    It is `lasting` when a class that satisfies it still does after merging with any other. All of them are lasting
    when every class satisfies them; with suppression only those that count are.
    """

    name: str
    label: Phrase
    asked: Callable[[Criteria], bool]
    passes: Callable[[Partition, Criteria], np.ndarray]
    lasting: bool = False
    sensitive: bool = True
    """Whether it is about sensitive columns."""


def _every(classes: Partition, test: Callable[[Spread], np.ndarray]) -> np.ndarray:
    """Return the classes that pass a test for every sensitive column."""
    passed = np.ones(len(classes), dtype=bool)
    for spread in classes.spreads:
        passed &= test(spread)
    return passed


def _has_records(classes: Partition, criteria: Criteria) -> np.ndarray:
    return classes.counts >= criteria.k


def _has_values(classes: Partition, criteria: Criteria) -> np.ndarray:
    return _every(classes, lambda s: measures.count_values(s, classes.counts) >= criteria.distinct)


def _has_entropy(classes: Partition, criteria: Criteria) -> np.ndarray:
    return _every(classes, lambda s: measures.find_entropy(s, classes.counts) >= criteria.entropy - TOLERANCE)


def _is_recursive(classes: Partition, criteria: Criteria) -> np.ndarray:
    c, least = criteria.recursive or (np.inf, 1)
    return _every(classes, lambda s: measures.find_recursive(s, classes.counts, least) < c - TOLERANCE)


def _is_unsure(classes: Partition, criteria: Criteria) -> np.ndarray:
    return _every(classes, lambda s: measures.find_alpha(s, classes.counts) <= criteria.alpha + TOLERANCE)


def _is_close(classes: Partition, criteria: Criteria) -> np.ndarray:
    return _every(classes, lambda s: measures.find_closeness(s, classes.counts) <= criteria.closeness + TOLERANCE)


CRITERIA = (
    Criterion(
        "k",
        Phrase("At least k records are alike.", "Au moins k enregistrements se ressemblent."),
        lambda asked: asked.k > 1,
        _has_records,
        lasting=True,
        sensitive=False,
    ),
    Criterion(
        "distinct",
        Phrase("Each class has l sensitive values.", "Chaque classe a l valeurs sensibles."),
        lambda asked: asked.distinct > 1,
        _has_values,
        lasting=True,
    ),
    Criterion(
        "entropy",
        Phrase("Sensitive values are varied: entropy l.", "Les valeurs sensibles sont variées : entropie l."),
        lambda asked: asked.entropy > 1,
        _has_entropy,
    ),
    Criterion(
        "recursive",
        Phrase("The most frequent value is not too frequent.", "La valeur la plus fréquente ne l’est pas trop."),
        lambda asked: asked.recursive is not None,
        _is_recursive,
    ),
    Criterion(
        "alpha",
        Phrase("No value makes more than α of a class.", "Aucune valeur ne fait plus de α d’une classe."),
        lambda asked: asked.alpha < 1,
        _is_unsure,
    ),
    Criterion(
        "closeness",
        Phrase("Each class looks like the whole table: t.", "Chaque classe ressemble à toute la table : t."),
        lambda asked: asked.closeness < 1,
        _is_close,
    ),
)
