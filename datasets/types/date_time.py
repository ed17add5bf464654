"""Instants: 2024-03-12T14:30:00Z, 12/03/2024 14:30. Without a time zone they are read as UTC, as written."""

import pyarrow as pa
import pyarrow.compute as pc

from datasets.types.column import ColumnType
from datasets.types.date import WEEKDAY, days, extract, full_year, holds, month_numbers, unaccented

CLOCK = (
    r"(?P<hour>[01]?\d|2[0-3])(?:h|[:h](?P<minute>[0-5]\d)(?:[:m](?P<second>[0-5]\d)(?:[.,](?P<fraction>\d{1,6})\d*)?)?)"
    r"(?: ?(?P<half>am|pm))?"
)
ZONE = r" ?(?P<zone>z|utc|(?P<sign>[+-])(?P<zone_hour>\d{2}):?(?P<zone_minute>\d{2})?)?"
GAP = r"(?: |t|,? a | - )"
ISO = rf"^(?P<year>\d{{4}})[-/](?P<month>\d{{1,2}})[-/](?P<day>\d{{1,2}})[ t]{CLOCK}{ZONE}$"
DAY_FIRST = tuple(
    rf"^{WEEKDAY}(?P<day>\d{{1,2}}){mark}(?P<month>\d{{1,2}}){mark}(?P<year>\d{{4}}|\d{{2}}){GAP}{CLOCK}{ZONE}$"
    for mark in ("/", r"\.", "-")
)
WORDED = rf"^{WEEKDAY}(?P<day>\d{{1,2}})(?:er)? (?P<word>[a-z]+)\.? (?P<year>\d{{4}}){GAP}{CLOCK}{ZONE}$"
MONTH_FIRST = rf"^(?P<month>\d{{1,2}})/(?P<day>\d{{1,2}})/(?P<year>\d{{4}}|\d{{2}}),? {CLOCK}{ZONE}$"
INSTANT = pa.timestamp("us", tz="UTC")


def _number(texts: pa.Array) -> pa.Int64Array:
    filled = pc.if_else(pc.equal(pc.utf8_length(pc.fill_null(texts, "")), 0), "0", texts)
    return pc.cast(filled, pa.int64())


def _hours(part: dict[str, pa.Array]) -> pa.Int64Array:
    """Return the hours of a day of 24, from clocks of 12 too."""
    hour, half = _number(part["hour"]), pc.fill_null(part["half"], "")
    late = pc.if_else(pc.equal(half, "pm"), pc.add(hour, 12), hour)
    noon_or_midnight = pc.and_(pc.equal(hour, 12), pc.not_equal(half, ""))
    return pc.if_else(noon_or_midnight, pc.subtract(late, 12), late)


def _microseconds(part: dict[str, pa.Array]) -> pa.Int64Array:
    fraction = pc.utf8_rpad(pc.fill_null(part["fraction"], ""), 6, "0")
    offset = pc.add(pc.multiply(_number(part["zone_hour"]), 60), _number(part["zone_minute"]))
    offset = pc.if_else(pc.equal(pc.fill_null(part["sign"], ""), "-"), pc.negate(offset), offset)
    minutes = pc.subtract(pc.add(pc.multiply(_hours(part), 60), _number(part["minute"])), offset)
    seconds = pc.add(pc.multiply(minutes, 60), _number(part["second"]))
    return pc.add(pc.multiply(seconds, 1_000_000), _number(fraction))


def _instants(part: dict[str, pa.Array]) -> pa.TimestampArray:
    month = month_numbers(part["word"]) if "word" in part else part["month"]
    midnight = pc.cast(pc.cast(days(full_year(part["year"]), month, part["day"]), pa.timestamp("us")), pa.int64())
    return pc.cast(pc.add(midnight, _microseconds(part)), INSTANT)


def read_instants(texts: pa.StringArray, *forms: str) -> pa.TimestampArray:
    """Return the instants of texts that have one of `forms`; a form is tried on what the others left."""
    plain, found = unaccented(texts), pa.nulls(len(texts), INSTANT)
    for form in forms if holds(plain, r"\d[:h]") else ():
        if found.null_count and (part := extract(plain, form)):
            found = pc.coalesce(found, _instants(part))
    return found


def parse(texts: pa.StringArray) -> pa.TimestampArray:
    """Return the instants in UTC, to the microsecond; null where the text is not one."""
    return read_instants(texts, ISO, *DAY_FIRST, WORDED)


def matches(texts: pa.StringArray) -> pa.BooleanArray:
    """Accept the texts that are an instant."""
    return pc.is_valid(parse(texts))


def parse_month_first(texts: pa.StringArray) -> pa.TimestampArray:
    """Return the instants of 3/25/2024 2:30 PM and its like."""
    return read_instants(texts, MONTH_FIRST)


TYPE = ColumnType(
    name="datetime",
    public="datetime",
    label={"fr": "Date et heure", "en": "Date and time"},
    matches=matches,
    parse=parse,
    valid=(
        "2024-03-12T14:30:00Z",
        "2024-03-12 14:30",
        "2024-03-12T14:30:00.25+02:00",
        "12/03/2024 14:30:05",
        "12/03/2024 20h30",
        "12/03/2024 à 20h",
        "12-03-2024 08:05",
        "mardi 12 mars 2024 à 20h30",
    ),
    invalid=("", "2024-03-12", "2024-03-12T25:00", "31/02/2024 10:00", "14:30", "demain 20h"),
)
FIRST_MONTH = ColumnType(
    name="datetime_month_first",
    public="datetime",
    label={"fr": "Date et heure, mois d’abord (3/25/2024 14:30)", "en": "Date and time, month first (3/25/2024 14:30)"},
    matches=lambda texts: pc.is_valid(parse_month_first(texts)),
    parse=parse_month_first,
    valid=("3/25/2024 14:30", "3/25/2024 2:30 PM"),
    invalid=("", "25/3/2024 14:30", "3/25/2024"),
)
