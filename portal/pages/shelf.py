"""The catalogue as its pages show it, held in memory: what a list says of each dataset, and what facets count.

Datasets go by their rank among all identifiers, in order, as in the index of their words.
"""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import numpy as np
import pyarrow as pa

from datasets.catalogue.catalogue import CATALOGUE_ID, find_dataset
from datasets.catalogue.search import INDEX_FILE, Index, build_index, read_index
from datasets.catalogue.snapshot import catalogue_source
from datasets.errors import NotFound
from datasets.model import Version
from datasets.query import Query, Source, run_query
from portal.extensions import portal
from portal.i18n import fold
from portal.memory import Memory
from portal.pages.opening import find_source
from portal.pages.popularity import COUNTS_ID, count_uses
from portal.pages.secrecy import EXPLANATION

FACETS = ("theme", "keyword", "publisher", "license", "features")
TOLD = ("dataset_id", "title", "description", *FACETS, "records_count", "modified", "attachments")
shelves, indexes = Memory(4), Memory(2)
"""Those of the last states of the catalogue, one shelf for each language."""


@dataclass(frozen=True)
class Entry:
    """A dataset in a list; `protected` tells that it hides figures and says how many."""

    dataset_id: str
    title: str
    summary: str
    themes: tuple[str, ...]
    publisher: str
    licence: str
    rows: int
    modified: datetime | None
    features: tuple[str, ...]
    protected: bool = False


@dataclass(frozen=True)
class Tags:
    """The values of one facet, in the order of an index, and which dataset has which: `owners[i]` has `codes[i]`."""

    values: tuple[str, ...]
    owners: np.ndarray
    codes: np.ndarray
    count: int

    def tally(self, kept: np.ndarray) -> list[tuple[str, int]]:
        """Return the values that the datasets of a mask have, each with how many have it, the most frequent first."""
        counts = np.bincount(self.codes[kept[self.owners]], minlength=len(self.values))
        order = np.argsort(-counts, kind="stable")
        return [(self.values[code], int(counts[code])) for code in order[: np.count_nonzero(counts)]]

    def holders(self, values: Iterable[str]) -> np.ndarray:
        """Return the mask of the datasets that have one of these values."""
        wanted = set(values)
        codes = [code for code, value in enumerate(self.values) if value in wanted]
        mask = np.zeros(self.count, bool)
        mask[self.owners[np.isin(self.codes, codes)]] = True
        return mask


@dataclass(frozen=True)
class Shelf:
    """The datasets of one state of the catalogue in one language: what is told of each, by rank."""

    version: Version
    source: Source
    told: pa.Table
    tags: Mapping[str, Tags]
    orders: Mapping[str, np.ndarray]
    index: Index

    @property
    def count(self) -> int:
        """How many datasets there are."""
        return int(self.told.num_rows)

    def rows(self, ranks: Iterable[int]) -> list[dict[str, Any]]:
        """Return what is told of these datasets, by column."""
        rows: list[dict[str, Any]] = self.told.take(pa.array(np.asarray(ranks, np.int64))).to_pylist()
        return rows

    def entries(self, ranks: Iterable[int]) -> tuple[Entry, ...]:
        """Return these datasets as entries of a list."""
        return tuple(map(_entry, self.rows(ranks)))

    def keep_named(self, names: Iterable[str]) -> np.ndarray:
        """Return the mask of the datasets of these identifiers."""
        wanted = set(names)
        return np.array([name in wanted for name in self.told["dataset_id"].to_pylist()], bool)


def find_shelf(lang: str) -> Shelf | None:
    """Return the catalogue as it is now, in `lang`; None while nothing was ever published."""
    with portal.databases.session("catalogue") as session:
        found = find_dataset(session, CATALOGUE_ID)
    version = found.version if found else None
    if version is None:
        return None
    source = catalogue_source(version, portal.store, lang)
    return shelves.get((source.path, lang), lambda: read_shelf(version, source))


def get_shelf(lang: str) -> Shelf:
    """Return the catalogue as it is now, in `lang`; raise NotFound while nothing was ever published."""
    shelf = find_shelf(lang)
    if shelf is None:
        raise NotFound(kind="dataset", name=CATALOGUE_ID)
    return shelf


def read_shelf(version: Version, source: Source) -> Shelf:
    """Read a state of the catalogue, in the language of `source`."""
    told = _ask(source, ", ".join(TOLD))
    index = indexes.get(version.version_id, lambda: open_index(version, source))
    tags = {name: _tag(told[name]) for name in FACETS}
    names = [fold(title or name) for name, title in zip(*(told[each].to_pylist() for each in TOLD[:2]), strict=True)]
    by_title = np.array(sorted(range(len(names)), key=names.__getitem__), np.int64)
    told = told.set_column(TOLD.index("attachments"), "protected", _protected(told["attachments"]))
    orders = _order(told, by_title)
    if counts := find_source(COUNTS_ID):
        uses = count_uses(counts, portal.engine)
        least = np.array([-uses.get(name, 0) for name in told["dataset_id"].to_pylist()])
        orders["uses"] = by_title[np.argsort(least[by_title], kind="stable")]
    return Shelf(version, source, told, tags, orders, index)


def open_index(version: Version, source: Source) -> Index:
    """Open the index that was made with a state of the catalogue, or make that of one too old to have any."""
    if version.find_file(INDEX_FILE) is None:
        return read_index(build_index(json.loads(each) for each in _ask(source, "dataset")["dataset"].to_pylist()))
    with portal.store.open(version, INDEX_FILE) as file:
        return read_index(file)


def _ask(source: Source, select: str) -> pa.Table:
    query = Query(select=select, order_by="dataset_id", limit=None)
    return run_query(query, source, portal.engine).rows.read_all()


def _protected(attachments: pa.ChunkedArray) -> pa.Array:
    return pa.array([f'"{EXPLANATION}"' in (each or "") for each in attachments.to_pylist()], pa.bool_())


def _tag(column: pa.ChunkedArray) -> Tags:
    pairs = [
        (owner, value)
        for owner, found in enumerate(column.to_pylist())
        for value in dict.fromkeys(found if isinstance(found, list) else [found])
        if value
    ]
    values = sorted({value for _, value in pairs}, key=lambda value: (fold(value), value))
    codes = {value: code for code, value in enumerate(values)}
    owners = np.array([owner for owner, _ in pairs], np.int64)
    return Tags(tuple(values), owners, np.array([codes[value] for _, value in pairs], np.int64), len(column))


def _order(told: pa.Table, by_title: np.ndarray) -> dict[str, np.ndarray]:
    """Return the ranks in each order that needs no search; equals go by title."""
    fresh = np.array([-each.timestamp() if each else np.inf for each in told["modified"].to_pylist()])
    large = -np.array([each or 0 for each in told["records_count"].to_pylist()])
    return {
        "title": by_title,
        "modified": by_title[np.argsort(fresh[by_title], kind="stable")],
        "records": by_title[np.argsort(large[by_title], kind="stable")],
    }


def _entry(told: Mapping[str, Any]) -> Entry:
    return Entry(
        dataset_id=told["dataset_id"],
        title=told["title"] or told["dataset_id"],
        summary=told["description"] or "",
        themes=tuple(told["theme"] or ()),
        publisher=told["publisher"] or "",
        licence=told["license"] or "",
        rows=told["records_count"] or 0,
        modified=told["modified"],
        features=tuple(told["features"] or ()),
        protected=told["protected"],
    )
