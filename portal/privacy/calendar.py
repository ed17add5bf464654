"""Legal delays: when a thing must be gone, how long it must stay, when an answer is due.

Three families that never share a rule. A *ceiling* is the last instant at which something may still exist: be
early. A *floor* is the first instant at which it may go: be late. An *answer* is a deadline of Regulation
1182/71, carried over week-ends and holidays. Dates are those of Paris; instants come and go with their zone.
"""

from calendar import monthrange
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from functools import cache
from typing import Literal
from zoneinfo import ZoneInfo

PARIS = ZoneInfo("Europe/Paris")


@dataclass(frozen=True)
class Duration:
    """A delay as a policy writes it: whole months (a year is twelve) and days."""

    months: int = 0
    days: int = 0

    def __str__(self) -> str:
        return f"P{self.months}M{self.days}D"


def add_months(day: date, months: int, *, missing: Literal["last", "next"]) -> date:
    """Return the same day number `months` later (earlier when negative).

    When that month has no such day: its last day ("last", for ceilings), or the first of the next ("next", for
    floors).
    """
    year, index = divmod(day.year * 12 + day.month - 1 + months, 12)
    length = monthrange(year, index + 1)[1]
    if day.day <= length:
        return date(year, index + 1, day.day)
    last = date(year, index + 1, length)
    return last if missing == "last" else last + timedelta(days=1)


def ceiling(start: datetime, duration: Duration) -> datetime:
    """Return, in UTC, the instant before which what began at `start` must be gone.

    It is the earlier of the delay counted in UTC and in Paris; a wall time that exists twice counts as the first.
    """
    return min(_move(start, zone, duration, "last") for zone in (UTC, PARIS))


def floor(start: datetime, duration: Duration) -> datetime:
    """Return, in UTC, the instant from which what began at `start` may go.

    It is the later of the delay counted in UTC and in Paris, carried to the end of that day in Paris.
    """
    reached = max(_move(start, zone, duration, "next") for zone in (UTC, PARIS))
    return end_of_day(reached.astimezone(PARIS).date())


def last_due_day(at: datetime, duration: Duration) -> date:
    """Return the latest day in Paris of which some instant reaches its ceiling at `at` or before.

    Purging everything up to that day is never late, and early by a day (three at the end of a long month).
    """
    day = add_months(paris_day(at), -duration.months, missing="last") - timedelta(days=duration.days - 4)
    while ceiling(start_of_day(day), duration) > at:
        day -= timedelta(days=1)
    return day


def answer_by(received: date, months: int = 1) -> datetime:
    """Return, in UTC, the instant by which a request received on `received` must be answered.

    The day of receipt is not counted; the delay ends with the same day number `months` later, or the last day of
    that month; if that is a Saturday, a Sunday or a public holiday, with the next working day.
    """
    return end_of_day(next_working_day(add_months(received, months, missing="last")))


def next_working_day(day: date) -> date:
    """Return `day`, or the first working day after it."""
    while not is_working_day(day):
        day += timedelta(days=1)
    return day


def is_working_day(day: date) -> bool:
    """Tell whether `day` is neither a week-end day nor a French public holiday (code du travail, L3133-1)."""
    return day.weekday() < 5 and day not in list_holidays(day.year)


@cache
def list_holidays(year: int) -> frozenset[date]:
    """Return the public holidays of a year in France."""
    from holidays import country_holidays  # half a second that answering needs not

    return frozenset(country_holidays("FR", years=year))


def paris_day(at: datetime) -> date:
    """Return the date in Paris at the instant `at`."""
    return at.astimezone(PARIS).date()


def start_of_day(day: date) -> datetime:
    """Return, in UTC, the instant at which `day` begins in Paris."""
    return datetime.combine(day, time.min, PARIS).astimezone(UTC)


def end_of_day(day: date) -> datetime:
    """Return, in UTC, the instant at which `day` ends in Paris: the first of the next day."""
    return start_of_day(day + timedelta(days=1))


def _move(start: datetime, zone: tzinfo, duration: Duration, missing: Literal["last", "next"]) -> datetime:
    local = start.astimezone(zone)
    day = add_months(local.date(), duration.months, missing=missing) + timedelta(days=duration.days)
    return datetime.combine(day, local.time(), zone).replace(fold=0).astimezone(UTC)
