"""Legal delays: the known answers of the calendar, and properties that hold on every day."""

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.privacy.calendar import (
    PARIS,
    Duration,
    add_months,
    answer_by,
    ceiling,
    end_of_day,
    floor,
    is_working_day,
    last_due_day,
    list_holidays,
    paris_day,
    start_of_day,
)

THIRTEEN_MONTHS = Duration(months=13)
SEVEN_DAYS = Duration(days=7)
YEAR = Duration(months=12)
THREE_YEARS = Duration(months=36)
INSTANTS = st.datetimes(
    datetime.fromisoformat("2020-01-01"), datetime.fromisoformat("2035-12-31"), timezones=st.just(UTC)
)


def paris(text: str) -> datetime:
    """An instant told in Paris time."""
    return datetime.fromisoformat(text).replace(tzinfo=PARIS)


@pytest.mark.parametrize(
    ("start", "duration", "expected"),
    [
        (paris("2023-01-31T10:00"), THIRTEEN_MONTHS, paris("2024-02-29T10:00")),
        (paris("2024-01-31T10:00"), THIRTEEN_MONTHS, paris("2025-02-28T10:00")),
        (paris("2026-02-28T12:00"), THIRTEEN_MONTHS, paris("2027-03-28T12:00")),
        (paris("2026-10-24T12:00"), SEVEN_DAYS, paris("2026-10-31T11:00")),
        (paris("2026-03-25T12:00"), SEVEN_DAYS, paris("2026-04-01T12:00")),
        (paris("2028-02-25T08:00"), SEVEN_DAYS, paris("2028-03-03T08:00")),
        (paris("2026-02-25T08:00"), SEVEN_DAYS, paris("2026-03-04T08:00")),
        (paris("2024-02-29T10:00"), YEAR, paris("2025-02-28T10:00")),
        (paris("2024-02-29T10:00"), THREE_YEARS, paris("2027-02-28T10:00")),
        (
            datetime(2025, 9, 30, 23, 30, tzinfo=UTC),
            THIRTEEN_MONTHS,
            datetime(2026, 10, 30, 23, 30, tzinfo=UTC),
        ),
        (paris("2026-03-22T02:30"), SEVEN_DAYS, datetime(2026, 3, 29, 1, 30, tzinfo=UTC)),
    ],
)
def test_a_ceiling_is_the_known_one(start: datetime, duration: Duration, expected: datetime) -> None:
    """Month ends, leap days, changes of hour and zones give the ceilings computed beforehand."""
    assert ceiling(start, duration) == expected


@pytest.mark.parametrize(
    ("start", "length"),
    [
        ("2023-01-31T10:00", timedelta(days=394)),
        ("2024-01-31T10:00", timedelta(days=394)),
        ("2026-02-28T12:00", timedelta(days=392, hours=23)),
    ],
)
def test_thirteen_months_last_as_long_as_known(start: str, length: timedelta) -> None:
    """Thirteen months are counted by the calendar, not as a number of days."""
    begun = paris(start).astimezone(UTC)
    assert ceiling(begun, THIRTEEN_MONTHS) - begun == length


@pytest.mark.parametrize(
    ("start", "duration", "last_day"),
    [
        ("2024-02-29T10:00", YEAR, date(2025, 3, 1)),
        ("2024-02-29T10:00", THREE_YEARS, date(2027, 3, 1)),
        ("2024-02-28T10:00", THREE_YEARS, date(2027, 2, 28)),
    ],
)
def test_a_floor_lasts_to_the_end_of_its_day(start: str, duration: Duration, last_day: date) -> None:
    """What must be kept is kept through the whole of its last day in Paris, never a day less."""
    assert floor(paris(start), duration) == end_of_day(last_day)


@pytest.mark.parametrize(
    ("received", "months", "last_day"),
    [
        (date(2026, 8, 31), 1, date(2026, 9, 30)),
        (date(2026, 3, 5), 1, date(2026, 4, 7)),
        (date(2026, 1, 31), 1, date(2026, 3, 2)),
        (date(2026, 1, 31), 3, date(2026, 4, 30)),
        (date(2026, 4, 1), 1, date(2026, 5, 4)),
        (date(2026, 4, 8), 1, date(2026, 5, 11)),
        (date(2028, 1, 31), 1, date(2028, 2, 29)),
        (date(2028, 1, 31), 3, date(2028, 5, 2)),
    ],
)
def test_an_answer_is_due_on_the_known_day(received: date, months: int, last_day: date) -> None:
    """Easter, 1 May, week-ends and short months carry the deadline to the next working day."""
    assert answer_by(received, months) == end_of_day(last_day)


@pytest.mark.parametrize(
    ("months", "days", "expected"),
    [(0, -30, date(2026, 3, 1)), (0, -7, date(2026, 3, 24)), (0, 0, date(2026, 3, 31))],
)
def test_notices_before_an_inactive_account_goes(months: int, days: int, expected: date) -> None:
    """From a last sign-in on 31 March 2025, notices fall on 1 and 24 March 2026, the erasure on 31 March."""
    due = add_months(date(2025, 3, 31), 12 + months, missing="last")
    assert due + timedelta(days=days) == expected


@pytest.mark.parametrize(
    ("year", "day"),
    [(2024, date(2024, 3, 31)), (2025, date(2025, 4, 20)), (2026, date(2026, 4, 5)), (2038, date(2038, 4, 25))],
)
def test_what_follows_easter_is_known(year: int, day: date) -> None:
    """Easter Monday, Ascension and Whit Monday follow Easter where the calendar puts it, at its latest too."""
    assert {day + timedelta(days=number) for number in (1, 39, 50)} <= list_holidays(year)
    assert len(list_holidays(year)) == 11


@pytest.mark.parametrize("day", ["2026-05-01", "2026-05-14", "2026-05-25", "2026-07-14", "2026-11-11", "2026-11-22"])
def test_holidays_and_sundays_are_not_worked(day: str) -> None:
    """Fixed and movable holidays of France, and Sundays, are no working days."""
    assert not is_working_day(date.fromisoformat(day))


@given(INSTANTS, st.integers(0, 40), st.integers(0, 40))
def test_a_ceiling_never_comes_after_a_floor(start: datetime, months: int, days: int) -> None:
    """The same delay ends earlier as a ceiling than as a floor, whatever the instant."""
    duration = Duration(months, days)
    assert start <= ceiling(start, duration) <= floor(start, duration)


@given(INSTANTS)
def test_every_due_event_is_on_a_due_day(start: datetime) -> None:
    """At its ceiling, an event is always within the days that a purge takes: never late by a second."""
    due = ceiling(start, THIRTEEN_MONTHS)
    assert paris_day(start) <= last_due_day(due, THIRTEEN_MONTHS)


@given(INSTANTS)
def test_a_purge_is_early_by_three_days_at_most(at: datetime) -> None:
    """A purge takes no day whose events could stay more than four days longer."""
    day = last_due_day(at, THIRTEEN_MONTHS)
    assert ceiling(end_of_day(day), THIRTEEN_MONTHS) <= at + timedelta(days=4)


@given(st.dates(date(2000, 1, 1), date(2099, 12, 31)))
def test_a_day_in_paris_begins_and_ends_there(day: date) -> None:
    """Each day has its own midnight, on the days when the hour changes too."""
    assert paris_day(start_of_day(day)) == day
    assert paris_day(end_of_day(day) - timedelta(seconds=1)) == day
    assert end_of_day(day) - start_of_day(day) in (timedelta(hours=hours) for hours in (23, 24, 25))
