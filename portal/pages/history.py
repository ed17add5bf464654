"""The history of a dataset as its page tells it: each version beside what it changed of the fields."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from datasets.catalogue.catalogue import HistoryEntry
from datasets.history.changes import SchemaChange, compare_schemas


@dataclass(frozen=True)
class State:
    """A version and what became of the fields since the one that was published before it."""

    entry: HistoryEntry
    changes: tuple[SchemaChange, ...]
    first: bool


def tell_states(entries: Sequence[HistoryEntry]) -> list[State]:
    """Return the versions of a history (the newest first) with the changes that each brought."""
    if not entries:
        return []
    known = [
        State(later, compare_schemas(earlier.version.schema, later.version.schema), first=False)
        for later, earlier in pairwise(entries)
    ]
    return [*known, State(entries[-1], (), first=True)]
