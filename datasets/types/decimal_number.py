"""Decimal numbers: 0,138 · 1 234,5 · 3,80E-4; and three other ways of writing them, each held by a whole column."""

import pyarrow as pa
import pyarrow.compute as pc

from datasets.types.column import NO_TEXT, ColumnType, Matches, Parse, by_pattern, trimmed
from datasets.types.integer import SPACES, plain_number

SIGN = r"[+\-−]?"
WHOLE = rf"(?:0|[1-9]\d{{0,14}}|[1-9]\d{{0,2}}(?:{SPACES}\d{{3}})+)"
NUMBER = rf"(?:{WHOLE}(?:[.,]\d*)?|[.,]\d+)"
POINTS = r"(?:[1-9]\d{0,2}(?:\.\d{3})+|0|[1-9]\d{0,14})(?:,\d+)?"
COMMAS = r"(?:[1-9]\d{0,2}(?:,\d{3})+|0|[1-9]\d{0,14})(?:\.\d+)?"

matches = by_pattern(rf"{SIGN}{NUMBER}(?:E{SIGN}\d{{1,3}})?")
with_points = by_pattern(SIGN + POINTS)
with_commas = by_pattern(SIGN + COMMAS)
with_brackets = by_pattern(rf"\({NUMBER}\)|{SIGN}{NUMBER}")


def to_doubles(texts: pa.StringArray) -> pa.DoubleArray:
    """Return the doubles of numbers written with a comma or a point, and spaces of thousands."""
    bare = pc.replace_substring(pc.utf8_upper(plain_number(texts)), ",", ".")
    return pc.cast(pc.replace_substring(bare, "E+", "E"), pa.float64())


def parse(texts: pa.StringArray) -> pa.DoubleArray:
    """Return the numbers as doubles; null where the text is not one."""
    return to_doubles(pc.if_else(matches(texts), texts, NO_TEXT))


def reader(pattern: Matches, thousands: str) -> Parse:
    """Return a `parse` for the texts of `pattern`, in which the characters `thousands` mean nothing."""

    def read(texts: pa.StringArray) -> pa.DoubleArray:
        return to_doubles(pc.replace_substring(pc.if_else(pattern(texts), texts, NO_TEXT), thousands, ""))

    return read


def parse_brackets(texts: pa.StringArray) -> pa.DoubleArray:
    """Return numbers in brackets as negative ones, the others as they are."""
    kept = trimmed(pc.if_else(with_brackets(texts), texts, NO_TEXT))
    return to_doubles(pc.replace_substring_regex(kept, r"^\((.*)\)$", r"-\1"))


def some_without_brackets(texts: pa.StringArray) -> bool:
    """Return whether a column holds more than numbers in brackets, which are the marks of notes."""
    return pc.any(pc.invert(pc.starts_with(trimmed(texts), "("))).as_py()


TYPE = ColumnType(
    name="decimal",
    public="double",
    label={"fr": "Nombre décimal", "en": "Decimal number"},
    matches=matches,
    parse=parse,
    valid=("0,138", "3,80E-4", "1 234,56", "-0.5", "12", "344,70954670000000", ",5", "5.", "1e+6", "1'234.50"),
    invalid=(
        *("", "01,5", "1.234,56", "1,234,567", "12 34,5", "n.d.", "1,5 t", "E5", "0x1F", "nan", "inf"),
        "12345678901234567",
    ),
)
POINT_THOUSANDS = ColumnType(
    name="decimal_point_thousands",
    public="double",
    label={"fr": "Nombre avec points de milliers (1.234,5)", "en": "Number with points of thousands (1.234,5)"},
    matches=with_points,
    parse=reader(with_points, "."),
    valid=("1.234,56", "1.234.567", "12", "0,5", "-1.000"),
    invalid=("", "1.2", "01.234", "1,234.5", "1.2345", "12.34.567"),
)
COMMA_THOUSANDS = ColumnType(
    name="decimal_comma_thousands",
    public="double",
    label={"fr": "Nombre avec virgules de milliers (1,234.5)", "en": "Number with commas of thousands (1,234.5)"},
    matches=with_commas,
    parse=reader(with_commas, ","),
    valid=("1,234.56", "1,234,567", "12", "0.5", "-1,000"),
    invalid=("", "1,2", "01,234", "1.234,5", "1,2345"),
)
BRACKETS = ColumnType(
    name="decimal_brackets",
    public="double",
    label={"fr": "Nombre, négatif entre parenthèses", "en": "Number, negative in brackets"},
    matches=with_brackets,
    parse=parse_brackets,
    valid=("(1 234,50)", "12", "-3", "(0.5)"),
    invalid=("", "()", "(a)", "(12", "12)", "(-12)"),
    fits=some_without_brackets,
)
