"""What a detected column type is: a name, the public type it becomes, and two functions over a whole column."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from datasets.model import Texts

Matches = Callable[[pa.StringArray], pa.BooleanArray]
Parse = Callable[[pa.StringArray], pa.Array]


@dataclass(frozen=True)
class ColumnType:
    """A kind of column that the portal recognises.

    `matches` and `parse` receive a whole column of texts without nulls around their outer spaces (`parse` of a
    type that stays text keeps every character). `parse` answers null where a text has no value of this type.
    `hints` is a pattern for the label's slug; with `needs_hint` the values alone are not enough, and below
    `evidence` distinct values they are not either (a key of one digit is right by chance once in ten).
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
    annotations: Mapping[str, Any] = field(default_factory=lambda: MappingProxyType({}))

    @property
    def stays_text(self) -> bool:
        """Whether the published value is the text of the file, character for character."""
        return self.public == "text"


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


def by_check(pattern: str, check: Callable[[str], bool]) -> Matches:
    """Return a `matches` for the texts that follow `pattern` and satisfy `check` (a key, computed by Python)."""
    shaped = by_pattern(pattern)

    def matches(texts: pa.StringArray) -> pa.BooleanArray:
        found = shaped(texts).to_pylist()
        return pa.array(
            [bool(ok) and check(text) for ok, text in zip(found, texts.to_pylist(), strict=True)], pa.bool_()
        )

    return matches
