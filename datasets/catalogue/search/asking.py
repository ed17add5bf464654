"""What a search asks for: things, each with the ways to say it, and phrases between quotes."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache

from datasets.catalogue.search.words import EMPTY_WORDS, fold, read_lines, split, stems

MOST_WORDS = 24
"""Words of a search that are looked for; a person types no more, and each has its cost."""

LONGEST = 40
LONGEST_TEXT = 1_000
"""Letters of a word, and of a whole search, that are looked at."""

QUOTED = re.compile(r"[\"“«]\s*(.+?)\s*[\"”»]")
OF_ALL = re.compile(r"\b(jeux? de donn[ée]es|open data|data ?sets?)\b", re.IGNORECASE)
"""What every entry of a catalogue is: it says nothing of what is looked for."""

Words = tuple[str, ...]


SAME, CLOSE = 0.5, 0.3
"""What another name of a thing is worth beside the one that was typed: of the same thing, of a near one."""

Way = tuple[Words, float]
"""Folded words that name a thing, and what they are worth."""


@dataclass(frozen=True)
class Wanted:
    """One thing that is asked for: as `typed`, its folded `words`, and the other ways to say it.

    `last` tells that the last word may be unfinished.
    """

    typed: str
    words: Words
    others: tuple[Way, ...] = ()
    last: bool = False


@dataclass(frozen=True)
class Asked:
    """A search: the things that it wants, and its phrases, each as folded words by their distance from the first."""

    wanted: tuple[Wanted, ...]
    phrases: tuple[tuple[tuple[int, str], ...], ...] = ()


def read_search(text: str, *, named: bool = True) -> Asked:
    """Return what a text typed in a search box asks for. Anything can be read.

    Names of several words, and their synonyms, are one thing unless `named` is false.
    """
    text = text[:LONGEST_TEXT]
    phrases = tuple(filter(None, (_phrase(match[1]) for match in QUOTED.finditer(text))))
    rest = QUOTED.sub(" ", text)
    typed = [word[:LONGEST] for word in split(OF_ALL.sub(" ", rest) or rest)]
    kept = [word for word in typed if fold(word) not in EMPTY_WORDS] or typed[-1:]
    unfinished = bool(kept) and typed[-1:] == kept[-1:] and not text.rstrip().endswith(('"', "”", "»"))
    quoted = [Wanted(word, (word,)) for phrase in phrases for _, word in phrase]
    return Asked((*quoted, *_name_things(kept[:MOST_WORDS], unfinished, named)), phrases)


def _phrase(text: str) -> tuple[tuple[int, str], ...]:
    words = [fold(word[:LONGEST]) for word in split(text)[:MOST_WORDS]]
    return tuple((place, word) for place, word in enumerate(words) if word not in EMPTY_WORDS)


def _name_things(typed: list[str], unfinished: bool, named: bool) -> Iterator[Wanted]:
    """Yield the things that words name: the longest names that are in the table of synonyms, else each word."""
    names, longest = read_synonyms() if named else ({}, 1)
    start = 0
    while start < len(typed):
        for end in range(min(start + longest, len(typed)), start, -1):
            words = tuple(fold(word) for word in typed[start:end])
            others = names.get(_key(words))
            if others or end == start + 1:
                yield Wanted(" ".join(typed[start:end]), words, others or (), unfinished and end == len(typed))
                start = end
                break


@lru_cache(1)
def read_synonyms() -> tuple[Mapping[Words, tuple[Way, ...]], int]:
    """Return the other ways to say each name of the table, by its key, and how many words the longest has."""
    names: dict[Words, dict[Words, float]] = {}
    for line in read_lines("synonyms.txt"):
        things = [(words, "~" in name) for name in line.split(",") if (words := _telling(name))]
        for name, is_near in things:
            others = names.setdefault(_key(name), {})
            for other, is_other_near in things:
                others.setdefault(other, CLOSE if is_near or is_other_near else SAME)
    return {key: tuple(others.items()) for key, others in names.items()}, max(map(len, names))


def _telling(name: str) -> Words:
    return tuple(word for word in map(fold, split(name)) if word not in EMPTY_WORDS)


def _key(words: Words) -> Words:
    """Return what a name has in common with its plural."""
    return tuple(stems(word)[0] for word in words)
