"""Instants: 2024-03-12T14:30:00Z, 12/03/2024 14:30. Without a time zone they are read as UTC, as written."""

import pyarrow as pa
import pyarrow.compute as pc

from datasets.types.column import ColumnType, trimmed
from datasets.types.date import days, extract

CLOCK = r"(?P<hour>[01]?\d|2[0-3])[:h](?P<minute>[0-5]\d)(?::(?P<second>[0-5]\d)(?:[.,](?P<fraction>\d{1,6})\d*)?)?"
ZONE = r" ?(?P<zone>z|utc|(?P<sign>[+-])(?P<zone_hour>\d{2}):?(?P<zone_minute>\d{2})?)?"
FORMS = (
    rf"^(?P<year>\d{{4}})-(?P<month>\d{{2}})-(?P<day>\d{{2}})[ t]{CLOCK}{ZONE}$",
    rf"^(?P<day>\d{{1,2}})/(?P<month>\d{{1,2}})/(?P<year>\d{{4}}) (?:a )?{CLOCK}{ZONE}$",
)
INSTANT = pa.timestamp("us", tz="UTC")


def _number(texts: pa.Array) -> pa.Int64Array:
    filled = pc.if_else(pc.equal(pc.utf8_length(pc.fill_null(texts, "")), 0), "0", texts)
    return pc.cast(filled, pa.int64())


def _microseconds(part: dict[str, pa.Array]) -> pa.Int64Array:
    fraction = pc.utf8_rpad(pc.fill_null(part["fraction"], ""), 6, "0")
    offset = pc.add(pc.multiply(_number(part["zone_hour"]), 60), _number(part["zone_minute"]))
    offset = pc.if_else(pc.equal(pc.fill_null(part["sign"], ""), "-"), pc.negate(offset), offset)
    minutes = pc.subtract(pc.add(pc.multiply(_number(part["hour"]), 60), _number(part["minute"])), offset)
    seconds = pc.add(pc.multiply(minutes, 60), _number(part["second"]))
    return pc.add(pc.multiply(seconds, 1_000_000), _number(fraction))


def _instants(part: dict[str, pa.Array]) -> pa.TimestampArray:
    midnight = pc.cast(pc.cast(days(part["year"], part["month"], part["day"]), pa.timestamp("us")), pa.int64())
    return pc.cast(pc.add(midnight, _microseconds(part)), INSTANT)


def parse(texts: pa.StringArray) -> pa.TimestampArray:
    """Return the instants in UTC, to the microsecond; null where the text is not one."""
    plain = pc.utf8_lower(trimmed(texts))
    return pc.coalesce(*(_instants(extract(plain, form)) for form in FORMS))


def matches(texts: pa.StringArray) -> pa.BooleanArray:
    """Accept the texts that are an instant."""
    return pc.is_valid(parse(texts))


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
    ),
    invalid=("", "2024-03-12", "2024-03-12T25:00", "31/02/2024 10:00", "14:30", "demain 20h"),
)
