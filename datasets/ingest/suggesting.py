"""What a value that does not fit was probably meant to be: offered to the producer, never applied by itself."""

import calendar
import re
from collections.abc import Callable

import pyarrow as pa
import pyarrow.compute as pc

from datasets.ingest.judging import Values
from datasets.types.column import NO_TEXT, ColumnType, trimmed
from datasets.types.date import is_serial, parse_serial, unaccented

Rewrite = Callable[[pa.StringArray], pa.StringArray]
OVERFLOWING = re.compile(r"(?P<day>\d{1,2})(?P<mark>[/.\-])(?P<month>0?[1-9]|1[0-2])(?P=mark)(?P<year>\d{4})")
OVERFLOWING_ISO = re.compile(r"(?P<year>\d{4})(?P<mark>[/\-])(?P<month>0?[1-9]|1[0-2])(?P=mark)(?P<day>\d{1,2})")
CATEGORIES = 5000
"""Distinct values beyond which a column is not taken for a list of categories."""


def rewrite(pattern: str, by: str) -> Rewrite:
    """Return a rewriting of texts by a regular expression (RE2)."""
    return lambda texts: pc.replace_substring_regex(texts, pattern, by)


def in_turn(*steps: Rewrite) -> Rewrite:
    """Return several rewritings as one."""

    def run(texts: pa.StringArray) -> pa.StringArray:
        for step in steps:
            texts = step(texts)
        return texts

    return run


def add_zero(texts: pa.StringArray) -> pa.StringArray:
    """Put back the first zero of a code, of a text that is a number without one."""
    zeroed = pc.binary_join_element_wise("0", texts, "")
    return pc.if_else(pc.match_substring_regex(texts, r"^[1-9]\d*[A-Za-z]?$"), zeroed, texts)


def end_of_month(texts: pa.StringArray) -> pa.StringArray:
    """Bring back a day that its month does not have to the last one that it has: 31/02/2024 to 29/02/2024."""
    return pa.array([_end_of_month(text) for text in texts.to_pylist()], pa.string())


def _end_of_month(text: str) -> str:
    found = OVERFLOWING.fullmatch(text) or OVERFLOWING_ISO.fullmatch(text)
    if found is None or int(found["year"]) == 0:
        return text
    last = calendar.monthrange(int(found["year"]), int(found["month"]))[1]
    if not last < int(found["day"]) <= 31:
        return text
    start, end = found.span("day")
    return f"{text[:start]}{last}{text[end:]}"


def serial_days(texts: pa.StringArray) -> pa.StringArray:
    """Write as a day the serial number that a spreadsheet left in its place: 45363 is 12/03/2024."""
    return pc.coalesce(pc.strftime(parse_serial(pc.if_else(is_serial(texts), texts, NO_TEXT)), "%d/%m/%Y"), texts)


digits = in_turn(rewrite(r"[Oo]", "0"), rewrite(r"[lI|]", "1"))
closed_up = rewrite(r"[\s\x{A0}\x{202F}]+", "")
REWRITES: tuple[Rewrite, ...] = (
    trimmed,
    closed_up,
    add_zero,
    in_turn(digits, closed_up),
    digits,
    pc.utf8_upper,
    in_turn(pc.utf8_upper, rewrite(r"[\s.\-_/]", "")),
    rewrite(r"[.,;:]{2,}", ","),
    rewrite(r"[;:]", ","),
    rewrite(r"^(?:~|≈|env(?:iron|\.)?|ca\.?)\s*", ""),
    rewrite(r"[,.]0+$", ""),
    rewrite(r"[\s\x{A0}]*(?:€|%|\*|\(e\)|\(p\)|\(r\))$", ""),
    rewrite(r"\.(\d{3})", r"\1"),
    rewrite(r",(\d{3})", r"\1"),
    rewrite(r"\s*([/.\-])\s*", r"\1"),
    rewrite(r"[.,\-_\s]+", "/"),
    rewrite(r"^(\d{1,2})([/.\-])(\d{1,2})([/.\-]\d{4})$", r"\3\2\1\4"),
    rewrite(r"^(\d{4}-)(\d{2})-(\d{2})$", r"\1\3-\2"),
    end_of_month,
    serial_days,
    rewrite(r"^\d{1,2}/\d{1,2}/(\d{4})(?: 0?0:00(?::00)?)?$", r"\1"),
    rewrite(r"^(?i:o|x|1|v|vrai|y)$", "oui"),
    rewrite(r"^(?i:n|0|f|faux)$", "non"),
    in_turn(rewrite(r"(?i)\s*(?:\(at\)|\[at\]|\(a\)|\sat\s|\sarobase\s)\s*", "@"), rewrite(r"\s+|[,;.]+$", "")),
    rewrite(r"@([^.@]+),([a-z]+)$", r"@\1.\2"),
    rewrite(r"^(https?)(?::?/{1,3}|:)\s*", r"\1://"),
    rewrite(r"^([a-z0-9][a-z0-9\-]*(?:\.[a-z0-9\-]+)*\.[a-z]{2,}(?:/\S*)?)$", r"https://\1"),
)
"""Ways in which a value may have been meant, from the lightest to the boldest: the first that fits is offered."""


def suggest(texts: pa.StringArray, kind: ColumnType) -> pa.StringArray:
    """Return, for each text that is not of `kind`, a text of that type that it was probably meant to be, or null."""
    found = pa.nulls(len(texts), pa.string())
    plain = trimmed(texts)
    for change in REWRITES:
        if found.null_count == 0:
            break
        tried = change(plain)
        fits = pc.and_(pc.fill_null(kind.matches(tried), False), pc.not_equal(tried, texts))
        found = pc.coalesce(found, pc.if_else(fits, tried, NO_TEXT))
    return found


def nearly_alike(values: Values) -> dict[str, str]:
    """Return the texts of a column of categories that are written almost as a more frequent one, with that one.

    Two texts are alike when they differ by capitals, accents, spaces, hyphens or apostrophes; the other must be at
    least twice as frequent, so that two real categories are not taken for one.
    """
    if not 1 < len(values.texts) <= CATEGORIES or len(values.texts) * 2 > values.total:
        return {}
    keys = trimmed(pc.replace_substring_regex(unaccented(values.texts), r"[\s\x{A0}\-_'’.,/]+", " "))
    table = pa.table({"key": keys, "text": values.texts, "count": values.counts})
    repeated = table.group_by("key").aggregate([("text", "count")])
    several = repeated.filter(pc.greater(repeated["text_count"], 1))["key"]
    rows = table.filter(pc.is_in(table["key"], value_set=several.combine_chunks())).to_pylist()
    usual: dict[str, tuple[str, int]] = {}
    for row in sorted(rows, key=lambda row: (-row["count"], row["text"])):
        usual.setdefault(row["key"], (row["text"], row["count"]))
    return {row["text"]: usual[row["key"]][0] for row in rows if usual[row["key"]][1] >= 2 * row["count"]}
