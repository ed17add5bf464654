"""How a detector looks at a column: distinct texts in, where the identifiers are out.

A pattern of RE2 runs over all the distinct texts at once; what is exact (keys, context) is checked in Python on the
candidates that are left.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

Mask = np.ndarray
"""A boolean per distinct text."""


@dataclass(frozen=True)
class Title:
    """What the title of a column says for a kind: `slug`, whether it `hints` at it or speaks `against` it."""

    slug: str
    hints: bool = False
    against: bool = False


@dataclass(frozen=True)
class Hits:
    """Where a kind was found: `whole` texts, `inside` longer ones; `shaped` have its form, right key or not."""

    whole: Mask
    inside: Mask
    shaped: Mask | None = None


Find = Callable[[pa.StringArray, Title], Hits]


@dataclass(frozen=True)
class Detector:
    """A kind, how it is found, and how a value is shown without being told (`mask`); `snippet` finds it in a text.

    `special` tells which of the values found are of the sort that changes the judgement: mailboxes of a service,
    mobile telephones, numbers of public bodies.
    """

    kind: str
    find: Find
    mask: Callable[[str], str]
    snippet: re.Pattern[str] | None = None
    special: Callable[[pa.StringArray, Mask], Mask] | None = None

    def show(self, text: str, *, inside: bool) -> str:
        """Return an identifier of `text`, masked."""
        found = self.snippet.search(text) if inside and self.snippet else None
        return self.mask(found[0].strip() if found else text.strip())


def nothing(texts: pa.StringArray) -> Mask:
    """Return a mask of no text."""
    return np.zeros(len(texts), dtype=bool)


def matching(texts: pa.StringArray, pattern: str) -> Mask:
    """Return which texts hold `pattern` (RE2)."""
    return pc.match_substring_regex(texts, pattern).to_numpy(zero_copy_only=False)


def holding(texts: pa.StringArray, part: str) -> Mask:
    """Return which texts hold the characters `part`: much faster than a pattern."""
    return pc.match_substring(texts, part).to_numpy(zero_copy_only=False)


def within(texts: pa.StringArray, candidates: Mask, pattern: str) -> Mask:
    """Return which of the `candidates` hold `pattern` (RE2); the others are not looked at."""
    found = np.zeros(len(texts), dtype=bool)
    if candidates.any():
        found[candidates] = matching(texts.filter(pa.array(candidates)), pattern)
    return found


def among(texts: pa.StringArray, candidates: Mask, check: Callable[[str], bool]) -> Mask:
    """Return which of the `candidates` satisfy `check`, run in Python on each."""
    found = np.zeros(len(texts), dtype=bool)
    if candidates.any():
        found[candidates] = [check(text) for text in texts.filter(pa.array(candidates)).to_pylist()]
    return found


def digits_of(texts: pa.StringArray, candidates: Mask) -> np.ndarray:
    """Return the digits of the `candidates` as whole numbers; at most 18 digits each."""
    bare = pc.replace_substring_regex(texts.filter(pa.array(candidates)), r"[^0-9]", "")
    return pc.cast(bare, pa.int64()).to_numpy(zero_copy_only=False)
