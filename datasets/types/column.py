"""What a detected column type is: a name, the public type it becomes, and two functions over a whole column."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from datasets.model import Texts

Matches = Callable[[pa.StringArray], pa.BooleanArray]
Parse = Callable[[pa.StringArray], pa.Array]
NO_TEXT = pa.scalar(None, pa.string())


def fits_any(texts: pa.StringArray) -> bool:
    """Accept every column: the condition of the types that need none."""
    return True


@dataclass(frozen=True)
class ColumnType:
    """A kind of column that the portal recognises.

    `matches` and `parse` receive a whole column of texts without nulls around their outer spaces (`parse` of a
    type that stays text keeps every character). `parse` answers null where a text has no value of this type.
    `hints` is a pattern for the label's slug; with `needs_hint` the values alone are not enough, and below
    `evidence` distinct values they are not either (a key of one digit is right by chance once in ten). `fits` is a
    condition on the distinct values together: an O is a yes only where there is an N; with `needs_blank` some cells
    must be empty too: a cross says nothing where all have one. A code with `zero_first` may
    have lost its first zero in a spreadsheet.
    """

    name: str
    public: str
    label: Texts
    matches: Matches
    parse: Parse
    valid: tuple[str, ...]
    invalid: tuple[str, ...]
    hints: str = ""
    needs_hint: bool = False
    evidence: int = 1
    fits: Callable[[pa.StringArray], bool] = fits_any
    needs_blank: bool = False
    zero_first: bool = False
    annotations: Mapping[str, Any] = field(default_factory=lambda: MappingProxyType({}))

    @property
    def stays_text(self) -> bool:
        """Whether the published value is the text of the file, character for character."""
        return self.public == "text"

    def lost_zero(self, texts: pa.StringArray) -> pa.BooleanArray:
        """Return which texts are of this type once a zero is put before them."""
        if not self.zero_first:
            return pa.array(np.zeros(len(texts), dtype=bool))
        return pc.fill_null(self.matches(pc.binary_join_element_wise("0", trimmed(texts), "")), False)


def by_pattern(pattern: str) -> Matches:
    """Return a `matches` that accepts the texts that `pattern` (RE2, made whole) describes, in any case."""
    whole = f"(?i)^(?:{pattern})$"
    return lambda texts: pc.match_substring_regex(trimmed(texts), whole)


def trimmed(texts: pa.StringArray) -> pa.StringArray:
    """Return the texts without outer spaces, no-break spaces included."""
    return pc.utf8_trim_whitespace(texts)


def unchanged(texts: pa.StringArray) -> pa.StringArray:
    """Return the texts as they are: the `parse` of every type that stays text."""
    return texts


def by_check(pattern: str, check: Callable[[pa.StringArray], np.ndarray]) -> Matches:
    """Return a `matches` for the texts that follow `pattern` and whose key `check` finds right.

    `check` receives the texts that follow the pattern, in capitals and without spaces.
    """
    shaped = by_pattern(pattern)

    def matches(texts: pa.StringArray) -> pa.BooleanArray:
        found = pc.fill_null(shaped(texts), False).to_numpy(zero_copy_only=False).copy()
        if found.any():
            bare = pc.replace_substring_regex(pc.utf8_upper(texts.filter(pa.array(found))), r"[\s\x{A0}\x{202F}]", "")
            found[found] = check(bare)
        return pa.array(found, pa.bool_())

    return matches
