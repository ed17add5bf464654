"""By when a request is answered: a month, two more when announced in time, and the time of an identity check."""

from datetime import date, datetime, timedelta

from portal.privacy.calendar import answer_by, end_of_day, next_working_day, paris_day
from portal.privacy.policy import POLICY

ALARMS = (25, 29)
"""Days after the receipt on which the officer is reminded of a request without an answer."""


def first_due(received: date) -> datetime:
    """Return, in UTC, the instant by which a request is answered (clause A21)."""
    return answer_by(received, POLICY.duration("A21").months)


def extended_due(received: date) -> datetime:
    """Return, in UTC, the instant by which a request is answered whose delay was extended in time (clause P10)."""
    return answer_by(received, POLICY.duration("P10").months)


def resumed_due(due: datetime, doubted: datetime, verified: datetime) -> datetime:
    """Return a deadline moved by the whole days that a justified check of identity took (decree of 1 August 2018)."""
    taken = paris_day(verified) - paris_day(doubted)
    return end_of_day(next_working_day(paris_day(due - timedelta(seconds=1)) + taken))


def count_alarms(received: date, at: datetime) -> int:
    """Return how many reminders a request received on `received` has been due by `at`."""
    return sum(paris_day(at) >= received + timedelta(days=days) for days in ALARMS)
