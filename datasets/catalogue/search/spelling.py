"""Words that are nearly those of an index: how many letters to add, drop, change or swap leads from one to another."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

WIDTH = 24
"""Letters of a word that are compared."""

MOST = 8
"""Near words that are given."""

SHORT = 5
"""Letters up to which one may differ, not two; nor is the beginning of a longer word guessed from so few."""

FAR = 99


@dataclass(frozen=True)
class Letters:
    """The words of an index by their letters, place after place, to be compared all at once."""

    codes: np.ndarray
    lengths: np.ndarray

    @classmethod
    def of(cls, words: Sequence[str]) -> "Letters":
        """Return the letters of folded words; letters beyond ASCII are one and the same."""
        raw = np.array([word[:WIDTH].encode("ascii", "replace") for word in words], f"S{WIDTH}")
        codes = raw.view(np.uint8).reshape(len(words), WIDTH).T.copy()
        return cls(codes, (codes > 0).sum(axis=0))


def tolerance(word: str) -> int:
    """Return how many letters of a word may differ: none up to 2 letters or with figures, 1 up to 5, else 2."""
    return (len(word) > 2) + (len(word) > SHORT) if word.isalpha() else 0


def find_near(letters: Letters, word: str, *, unfinished: bool) -> dict[int, int]:
    """Return the distances of the words nearest to `word`, by rank; those that begin nearly so when `unfinished`."""
    most = tolerance(word)
    if not most or len(word) > WIDTH or not len(letters.lengths):
        return {}
    rows = _distances(letters, word.encode("ascii", "replace"), most)
    distances = np.full(len(letters.lengths), FAR, np.uint8)
    for length, row in rows.items():
        same = letters.lengths == length
        distances[same] = row[same]
    if unfinished and distances.min() > most and len(word) > SHORT:
        for length, row in rows.items():
            longer = letters.lengths > length
            distances[longer] = np.minimum(distances[longer], row[longer])
        most = 1
    nearest = int(distances.min())
    return {int(rank): nearest for rank in np.flatnonzero(distances == nearest)} if nearest <= most else {}


def _distances(letters: Letters, word: bytes, most: int) -> dict[int, np.ndarray]:
    """Return how far `word` is from the first letters of every word, by their number, where it may be near.

    Rows of the usual table of edits (swaps of neighbours count for one), each cell of which is for all the words.
    """
    far = np.full(len(letters.lengths), FAR, np.uint8)
    rows = [{place: np.full_like(far, place) for place in range(most + 1)}]
    for count, letter in enumerate(word, 1):
        row: dict[int, np.ndarray] = {}
        for place in range(max(0, count - most), min(WIDTH, count + most) + 1):
            if place == 0:
                row[0] = np.full_like(far, count)
                continue
            codes, above = letters.codes[place - 1], rows[-1]
            best = above.get(place - 1, far) + (codes != letter)
            best = np.minimum(best, np.minimum(above.get(place, far), row.get(place - 1, far)) + 1)
            if count > 1 and place > 1:
                swapped = (codes == word[count - 2]) & (letters.codes[place - 2] == letter)
                best = np.where(swapped, np.minimum(best, rows[-2].get(place - 2, far) + 1), best)
            row[place] = best.astype(np.uint8)
        rows.append(row)
    return rows[-1]
