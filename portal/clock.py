"""The only place that asks what time it is."""

from datetime import UTC, datetime
from typing import Protocol


class Clock(Protocol):
    """Something that tells the present instant, in UTC."""

    def now(self) -> datetime:
        """Return the present instant, with its time zone (UTC)."""


class SystemClock:
    """The machine's clock."""

    def now(self) -> datetime:
        """Return the present instant, with its time zone (UTC)."""
        return datetime.now(UTC)


class FixedClock:
    """A clock that tells the instant it was given: for tests, and for replaying a past run."""

    def __init__(self, instant: datetime) -> None:
        self.instant = instant

    def now(self) -> datetime:
        """Return the given instant."""
        return self.instant
