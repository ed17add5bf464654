"""Percentages: 12,5 % · 40%. Published as they read (12.5), with their unit."""

import pyarrow as pa
import pyarrow.compute as pc

from datasets.types.column import NO_TEXT, ColumnType, by_pattern, trimmed
from datasets.types.decimal_number import NUMBER, SIGN, to_doubles

matches = by_pattern(rf"{SIGN}{NUMBER}[ \x{{A0}}\x{{202F}}]?%")


def parse(texts: pa.StringArray) -> pa.DoubleArray:
    """Return the numbers before the signs; null where the text is not a percentage."""
    kept = trimmed(pc.if_else(matches(texts), texts, NO_TEXT))
    return to_doubles(trimmed(pc.replace_substring(kept, "%", "")))


TYPE = ColumnType(
    name="percentage",
    public="double",
    label={"fr": "Pourcentage", "en": "Percentage"},
    matches=matches,
    parse=parse,
    valid=("12,5 %", "40%", "-3.2 %", "0\u00a0%"),
    invalid=("", "12", "%", "12 pour cent", "1,2,3 %", "12 ‰"),
    annotations={"unit": "%"},
)
