"""Which datasets answer a search, and how well: by where its words stand, and how rare they are."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import numpy as np

from datasets.catalogue.search.asking import Asked, Wanted, read_search
from datasets.catalogue.search.index import KINDS, PLACE_BITS, Index, kinds_of
from datasets.catalogue.search.spelling import MOST, find_near
from datasets.catalogue.search.words import WORD, fold, split, stems

STEM, START = 0.9, 0.6
NEAR = (1.0, 0.6, 0.4)
"""What other words are worth beside the one that was typed: of the same stem, beginning so; nearly so, by distance."""

WHOLE_TITLE = 0.8
"""What a title made of the words asked, and no other, adds to its dataset."""

WEIGHTS = np.array([kind.weight for kind in KINDS])
REPEATED = np.minimum(1 + 0.25 * np.log2(np.maximum(np.arange(64), 1)), 2) * (np.arange(64) > 0)
"""What a word said so many times in one kind of text is worth, beside once."""


@dataclass(frozen=True)
class Found:
    """The answer to a search: the score of each dataset by rank (0: not found), and how it was understood.

    `words` are those found, folded, and `starts` what others may begin with; `corrected` are the words that were read
    in the place of some typed, by these; `partial` tells that no dataset has all that is asked: these have the most.
    """

    scores: np.ndarray
    words: frozenset[str] = frozenset()
    starts: frozenset[str] = frozenset()
    corrected: tuple[tuple[str, str], ...] = ()
    partial: bool = False

    def marks(self, word: str) -> bool:
        """Return whether a word of a text is one of those found."""
        folded = fold(word)
        return folded in self.words or any(folded.startswith(start) for start in self.starts)


class _Reader:
    """Reads an index for one search, and notes what it found."""

    def __init__(self, index: Index) -> None:
        self.index = index
        self.words: set[str] = set()
        self.starts: set[str] = set()
        self.corrected: dict[str, str] = {}
        self.titles: list[np.ndarray] = []

    def score(self, wanted: Wanted) -> np.ndarray:
        """Return how much each dataset speaks of one thing: of the best of the ways to say it."""
        best = self.score_way(wanted.words, wanted.typed, wanted.last)
        for words, worth in wanted.others:
            best = np.maximum(best, worth * self.score_way(words))
        return best

    def score_way(self, way: tuple[str, ...], typed: str = "", last: bool = False) -> np.ndarray:
        """Return how much each dataset speaks of some words, all of them; those typed may be misspelt."""
        written = split(typed) or [""] * len(way)
        scores = [
            self.score_word(fold(word), each, last and place == len(way) - 1)
            for place, (word, each) in enumerate(zip(way, written, strict=True))
        ]
        return np.where(np.min(scores, axis=0) > 0, np.mean(scores, axis=0), 0.0)

    def score_word(self, word: str, typed: str, last: bool) -> np.ndarray:
        """Return how much each dataset says a word, or others of its stem; or else, when it was typed, nearly so."""
        found = self.say(word)
        if last and len(starting := self.index.begin_with(word)):
            self.starts.add(word)
            found.append((START, self.index.places(starting)))
        if not found and typed:
            found = self.say_nearly(word, typed, last)
        best = np.zeros(self.index.count)
        for worth, postings in found:
            self.titles.append(postings[kinds_of(postings) == 0])
            best = np.maximum(best, worth * weigh(postings, self.index.count))
        return best

    def say(self, word: str) -> list[tuple[float, np.ndarray]]:
        """Return the postings of a word and those of its stem, each with what they are worth."""
        index, rank = self.index, self.index.find(word)
        same = {each for stem in stems(word) for each in index.stems.get(stem, ())}
        found = [(1.0, [rank])] if rank is not None else []
        found += [(STEM, sorted(same))] if same else []
        return [(worth, self.read(ranks)) for worth, ranks in found]

    def say_nearly(self, word: str, typed: str, last: bool) -> list[tuple[float, np.ndarray]]:
        """Return the postings of the words nearest to one that the index has not."""
        near = find_near(self.index.letters, word, unfinished=last)
        ranks = sorted(near, key=self.index.frequency, reverse=True)[:MOST]
        if not ranks:
            return []
        self.corrected[typed] = self.index.shown[ranks[0]]
        return [(NEAR[near[ranks[0]]], self.read(ranks))]

    def read(self, ranks: Iterable[int]) -> np.ndarray:
        """Return the postings of words, which are noted as found."""
        ranks = list(ranks)
        self.words.update(self.index.words[rank] for rank in ranks)
        return np.concatenate([self.index.places(range(rank, rank + 1)) for rank in ranks])

    def cover_titles(self) -> np.ndarray:
        """Return which part of the titles of each dataset is made of words that were found."""
        places = np.unique(np.concatenate([np.empty(0, np.int64), *self.titles]))
        counts = np.bincount(places >> PLACE_BITS, minlength=self.index.count)
        return counts / np.maximum(self.index.title_lengths, 1)


def search(index: Index, text: str) -> Found:
    """Return the datasets that answer a text typed in a search box."""
    found = answer(index, read_search(text))
    return found if found.scores.any() else answer(index, read_search(text, named=False))


def answer(index: Index, asked: Asked) -> Found:
    """Return the datasets that have all that is asked, or else the most of it."""
    reader = _Reader(index)
    spoken = np.array([reader.score(wanted) for wanted in asked.wanted]).reshape(len(asked.wanted), index.count)
    said = spoken > 0
    rarity = np.log1p(index.count / np.maximum(said.sum(axis=1), 1))
    scores = rarity @ spoken * (1 + WHOLE_TITLE * reader.cover_titles())
    held = said.sum(axis=0)
    most = int(held.max(initial=0))
    kept = (held == most) & (held > 0) & hold_phrases(index, asked)
    partial = 0 < most < len(asked.wanted)
    corrected = tuple(reader.corrected.items())
    return Found(np.where(kept, scores, 0.0), frozenset(reader.words), frozenset(reader.starts), corrected, partial)


def weigh(postings: np.ndarray, count: int) -> np.ndarray:
    """Return how much each dataset says what stands at these postings."""
    kinds = len(KINDS)
    times = np.bincount((postings >> PLACE_BITS) * kinds + kinds_of(postings), minlength=count * kinds)
    weights: np.ndarray = REPEATED[np.minimum(times, len(REPEATED) - 1)].reshape(count, kinds) @ WEIGHTS
    return weights


def hold_phrases(index: Index, asked: Asked) -> np.ndarray:
    """Return which datasets hold every phrase, its words one after the other."""
    held = np.ones(index.count, bool)
    for phrase in asked.phrases:
        starts = None
        for place, word in phrase:
            rank = index.find(word)
            here = np.empty(0, np.int64) if rank is None else index.places(range(rank, rank + 1)) - place
            starts = here if starts is None else np.intersect1d(starts, here)
        if starts is not None:
            held &= np.bincount(starts[starts >= 0] >> PLACE_BITS, minlength=index.count) > 0
    return held


def mark_words(found: Found, text: str) -> Iterator[tuple[str, bool]]:
    """Yield the pieces of a text, each with whether it is a word that was found."""
    end = 0
    for match in WORD.finditer(text):
        if found.marks(match[0]):
            yield text[end : match.start()], False
            yield match[0], True
            end = match.end()
    yield text[end:], False
