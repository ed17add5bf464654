"""The index: each word of the catalogue with the places where it stands, the kind of text of a place included.

A posting is one number: the rank of the dataset, then the place of the word in the dataset. Places of each kind of text
begin at an offset of their own, so that a place tells its weight, and words that follow each other have places that do.
"""

from array import array
from bisect import bisect_left
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from html import unescape
from io import BytesIO
from re import sub
from typing import Any, BinaryIO

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from datasets.catalogue.search.spelling import Letters
from datasets.catalogue.search.words import EMPTY_WORDS, fold, split, stems

INDEX_FILE = "search.parquet"
"""The name of the index among the files of the catalogue's version."""

Described = Mapping[str, Mapping[str, Any]]
"""A dataset as the Explore API describes it, by language."""

PLACE_BITS = 16
PLACES = 2**PLACE_BITS
GAP = 8
"""Places left between two texts of one kind: no phrase goes from one to the next."""


@dataclass(frozen=True)
class Kind:
    """A kind of text: what a word in it is worth, and where its places begin."""

    name: str
    weight: float
    start: int


KINDS = (
    Kind("title", 10.0, 0),
    Kind("subject", 6.0, 2_048),
    Kind("description", 2.0, 6_144),
    Kind("field", 1.5, 40_960),
    Kind("publisher", 1.0, 63_488),
)
"""The kinds of text, in the order of their places; subjects are keywords, themes and identifiers."""

STARTS = np.array([kind.start for kind in KINDS])
SHAPE = pa.schema(
    [("word", pa.string()), ("shown", pa.string()), ("stems", pa.list_(pa.string())), ("places", pa.list_(pa.int64()))]
)


@dataclass(frozen=True)
class Index:
    """The words of a catalogue of `count` datasets, in order: each as it is `shown`, its stems and its postings.

    Those of the word of rank r are `postings[bounds[r]:bounds[r + 1]]`, in order.
    """

    count: int
    words: list[str]
    shown: list[str]
    stems: Mapping[str, list[int]]
    bounds: np.ndarray
    postings: np.ndarray

    def find(self, word: str) -> int | None:
        """Return the rank of a folded word, or None."""
        rank = bisect_left(self.words, word)
        return rank if rank < len(self.words) and self.words[rank] == word else None

    def begin_with(self, start: str) -> range:
        """Return the ranks of the words that begin so."""
        return range(bisect_left(self.words, start), bisect_left(self.words, start + "\U0010ffff"))

    def places(self, ranks: range) -> np.ndarray:
        """Return the postings of words that follow each other."""
        return self.postings[self.bounds[ranks.start] : self.bounds[ranks.stop]]

    def frequency(self, rank: int) -> int:
        """Return how many times a word stands in the catalogue."""
        return int(self.bounds[rank + 1] - self.bounds[rank])

    @cached_property
    def letters(self) -> Letters:
        """The letters of the words, which nearness needs."""
        return Letters.of(self.words)

    @cached_property
    def title_lengths(self) -> np.ndarray:
        """How many words the titles of each dataset have."""
        titles = self.postings[kinds_of(self.postings) == 0]
        return np.bincount(titles >> PLACE_BITS, minlength=self.count)


def kinds_of(postings: np.ndarray) -> np.ndarray:
    """Return the rank in KINDS of the kind of text of each posting."""
    return np.searchsorted(STARTS, postings & (PLACES - 1), side="right") - 1


def build_index(described: Iterable[Described]) -> pa.Table:
    """Return the index of datasets, which are in the order of their identifiers, as a table of SHAPE."""
    ranks: dict[str, int] = {}
    shown: list[str] = []
    standing, postings = array("q"), array("q")
    count = 0
    for count, dataset in enumerate(described, 1):
        for place, written in place_words(dataset):
            word = fold(written)
            rank = ranks.setdefault(word, len(shown))
            if rank == len(shown):
                shown.append(written.lower())
            standing.append(rank)
            postings.append((count - 1) << PLACE_BITS | place)
    table = _gather(ranks, shown, np.frombuffer(standing, np.int64), np.frombuffer(postings, np.int64))
    return table.replace_schema_metadata({"datasets": str(count)})


def _gather(ranks: Mapping[str, int], shown: list[str], standing: np.ndarray, postings: np.ndarray) -> pa.Table:
    """Return the table of the words in order, each with its postings, from those that stand in the order of texts."""
    words = sorted(ranks)
    moved = np.empty(len(words), np.int64)
    moved[[ranks[word] for word in words]] = np.arange(len(words))
    order = np.lexsort((postings, moved[standing])) if len(postings) else postings
    counts = np.bincount(moved[standing], minlength=len(words)) if len(postings) else postings
    bounds = np.concatenate([[0], np.cumsum(counts)]).astype(np.int32)
    places = pa.ListArray.from_arrays(pa.array(bounds), pa.array(postings[order]))
    spelt = [shown[ranks[word]] for word in words]
    stemmed = [sorted(set(stems(word))) for word in words]
    return pa.table([pa.array(words, pa.string()), pa.array(spelt, pa.string()), stemmed, places], schema=SHAPE)


def place_words(dataset: Described) -> Iterator[tuple[int, str]]:
    """Yield the words of a dataset that say something, each with its place."""
    for rank, kind in enumerate(KINDS):
        place = kind.start
        end = KINDS[rank + 1].start if rank + 1 < len(KINDS) else PLACES
        for text in dict.fromkeys(read_texts(dataset, kind.name)):
            for written in split(text):
                if place < end and fold(written) not in EMPTY_WORDS:
                    yield place, written
                place += 1
            place += GAP


def read_texts(dataset: Described, kind: str) -> Iterator[str]:
    """Yield the texts of one kind of a dataset, in each language."""
    for described in dataset.values():
        metas = described["metas"]["default"]
        match kind:
            case "title":
                yield metas["title"] or ""
            case "subject":
                yield described["dataset_id"]
                yield from metas["keyword"] or ()
                yield from metas["theme"] or ()
            case "description":
                yield unescape(sub(r"<[^<>]*>", " ", metas["description"] or ""))
            case "field":
                for field in described["fields"]:
                    yield field["label"]
                    yield field["name"]
            case "publisher":
                yield metas["publisher"] or ""


def write_index(table: pa.Table) -> bytes:
    """Return an index as a Parquet file."""
    target = BytesIO()
    encoding = {"places.list.element": "DELTA_BINARY_PACKED"}
    pq.write_table(table, target, compression="zstd", use_dictionary=False, column_encoding=encoding)
    return target.getvalue()


def read_index(source: BinaryIO | pa.Table) -> Index:
    """Return an index from its file, or from the table that was just built."""
    table = source if isinstance(source, pa.Table) else pq.read_table(source)
    places = table["places"].combine_chunks()
    known: dict[str, list[int]] = {}
    for rank, each in enumerate(table["stems"].to_pylist()):
        for stem in each:
            known.setdefault(stem, []).append(rank)
    return Index(
        count=int(table.schema.metadata[b"datasets"]),
        words=table["word"].to_pylist(),
        shown=table["shown"].to_pylist(),
        stems=known,
        bounds=places.offsets.to_numpy(),
        postings=places.values.to_numpy(),
    )
