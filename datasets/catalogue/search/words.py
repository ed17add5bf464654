"""Words as a search compares them: without accents nor capitals, cut at elisions, known by their stems."""

import re
import unicodedata
from functools import lru_cache
from importlib.resources import files
from threading import Lock

from snowballstemmer import stemmer

WORD = re.compile(r"[^\W_]+")
LONGEST_STEMMED = 40
"""Letters of a word that may have an ending."""

WORDS_KEPT = 2**17
"""Words whose folded form and stems one process remembers."""

LETTERS = str.maketrans({"œ": "oe", "æ": "ae", "ø": "o", "ł": "l"})
"""Letters that are not a letter and a mark."""


def read_lines(name: str) -> list[str]:
    """Return the lines of a table beside this file, but for those that explain it."""
    lines = files(__package__).joinpath(name).read_text("utf-8").splitlines()
    return [line for line in lines if line.strip() and not line.startswith("#")]


EMPTY_WORDS = frozenset(" ".join(read_lines("empty_words.txt")).split())
"""Folded words that say nothing of what is looked for."""

STEMMERS = (stemmer("french"), stemmer("english"))
STEMMING = Lock()
"""Stemmers keep the word at which they are: one thread at a time."""


@lru_cache(WORDS_KEPT)
def fold(word: str) -> str:
    """Return a word without accents nor capitals, its ligatures and its small figures written out (CO₂ is co2)."""
    plain = unicodedata.normalize("NFKD", word.casefold().translate(LETTERS))
    return "".join(letter for letter in plain if not unicodedata.combining(letter))


def split(text: str) -> list[str]:
    """Return the words of a text as they are written."""
    return WORD.findall(unicodedata.normalize("NFC", text))


@lru_cache(WORDS_KEPT)
def stems(folded: str) -> tuple[str, str]:
    """Return the French and the English stem of a folded word; one with a figure, or without end, is its own."""
    if not folded.isalpha() or len(folded) > LONGEST_STEMMED:
        return folded, folded
    with STEMMING:
        french, english = (each.stemWord(folded) for each in STEMMERS)
    return french, english
