"""Whole numbers: 12, -4, 1 250 000, 1'250'000. Never with a leading zero, which is the mark of a code."""

import pyarrow as pa
import pyarrow.compute as pc

from datasets.types.column import NO_TEXT, ColumnType, by_pattern, trimmed

SPACES = r"[ '’\x{A0}\x{2009}\x{202F}]"
"""What stands between thousands: a space of any kind, or an apostrophe."""
PATTERN = rf"[+\-−]?(?:0|[1-9]\d{{0,17}}|[1-9]\d{{0,2}}(?:{SPACES}\d{{3}}){{1,5}})"

matches = by_pattern(PATTERN)


def plain_number(texts: pa.StringArray) -> pa.StringArray:
    """Return number texts without their spaces of thousands and plus sign, with an ASCII minus."""
    bare = pc.replace_substring_regex(trimmed(texts), SPACES + r"|^\+", "")
    return pc.replace_substring(bare, "−", "-")


def parse(texts: pa.StringArray) -> pa.Int64Array:
    """Return the whole numbers; null where the text is not one (or needs more than 64 bits)."""
    return pc.cast(pc.if_else(matches(texts), plain_number(texts), NO_TEXT), pa.int64())


TYPE = ColumnType(
    name="integer",
    public="int",
    label={"fr": "Nombre entier", "en": "Whole number"},
    matches=matches,
    parse=parse,
    valid=("0", "12", "-4", "+7", "−3", "1 250 000", "12\u202f000", "1'250", " 5 "),
    invalid=("", "01001", "1.0", "1,5", "12 34", "1e3", "douze", "9" * 19, "2A004"),
)
