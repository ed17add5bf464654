"""date'…' literals: the period that each stands for."""

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta, timezone
from zoneinfo import ZoneInfo

PATTERN = re.compile(
    r"(?P<year>\d{4})"
    r"(?:[-/]?(?P<month>\d{1,2})"
    r"(?:[-/]?(?P<day>\d{1,2})"
    r"(?:[T ]\s*(?P<hour>\d{1,2}):(?P<minute>\d{2})"
    r"(?::(?P<second>\d{2})(?:[.,](?P<fraction>\d{1,6})\d*)?)?"
    r"\s*(?P<zone>Z|[-+ ]\d{2}:?\d{2})?)?)?)?",
    re.ASCII | re.IGNORECASE,
)


@dataclass(frozen=True)
class Period:
    """A span of local time: its first instant, and the first instant after it. Aware when an offset was written."""

    start: datetime
    end: datetime

    def bounds(self, field_type: str, zone: str) -> tuple[date | datetime, date | datetime]:
        """Return both ends in the form that a date or a datetime field compares with."""
        if field_type == "datetime":
            return _aware(self.start, zone), _aware(self.end, zone)
        start, end = (_naive(each, zone) for each in (self.start, self.end))
        if start.time() == end.time() == datetime.min.time():
            return start.date(), end.date()
        return start, end


def parse_period(text: str) -> Period | None:
    """Return the period of a date text, or None when it is no date.

    Forms: 2024, 2024-05, 2024-05-17, 2024/05/17, 20240517, with an hour and minutes after T or a space, seconds,
    fractions, and Z or an offset (whose + may have become a space on its way in an address).
    """
    match = PATTERN.fullmatch(text.strip())
    if match is None:
        return None
    part = {name: int(value) for name, value in match.groupdict().items() if value and name not in ("zone", "fraction")}
    fraction = (match["fraction"] or "").ljust(6, "0")
    try:
        day = (part["year"], part.get("month", 1), part.get("day", 1))
        time = (part.get("hour", 0), part.get("minute", 0), part.get("second", 0), int(fraction))
        start = datetime(*day, *time, tzinfo=_zone(match["zone"]))
    except ValueError:
        return None
    try:
        return Period(start, _after(start, part, match["fraction"]))
    except (ValueError, OverflowError):
        return Period(start, datetime.max.replace(tzinfo=start.tzinfo))  # the last periods of the calendar


def _after(start: datetime, part: dict[str, int], fraction: str | None) -> datetime:
    """Return the first instant after the period that begins at `start` and has the precision of `part`."""
    if "month" not in part:
        return start.replace(year=start.year + 1)
    if "day" not in part:
        return (start + timedelta(days=31)).replace(day=1)
    if "hour" not in part:
        return start + timedelta(days=1)
    if "second" not in part:
        return start + timedelta(minutes=1)
    return start + (timedelta(microseconds=10 ** (6 - len(fraction))) if fraction else timedelta(seconds=1))


def _zone(text: str | None) -> timezone | None:
    if not text:
        return None
    if text in "Zz":
        return UTC
    digits = text[1:].replace(":", "")
    offset = timedelta(hours=int(digits[:2]), minutes=int(digits[2:]))
    return timezone(-offset if text[0] == "-" else offset)


def _naive(instant: datetime, zone: str) -> datetime:
    try:
        return instant.astimezone(ZoneInfo(zone)).replace(tzinfo=None) if instant.tzinfo else instant
    except OverflowError:
        return instant.replace(tzinfo=None)


def _aware(instant: datetime, zone: str) -> datetime:
    try:
        return (instant if instant.tzinfo else instant.replace(tzinfo=ZoneInfo(zone))).astimezone(UTC)
    except OverflowError:
        return instant.replace(tzinfo=UTC)
