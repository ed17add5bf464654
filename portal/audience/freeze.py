"""Events become counts as soon as their day is over; counts become safe once their month is: nobody is left in them.

    events of a day  →  counts of the day  →  safe counts of the month, for ever
       the next night         three days after the month

Each arrow is one transaction that deletes what it counted: it happened whole, or not at all. The ceiling of thirteen
months (policy B17) is never near.
"""

import secrets
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from datasets.errors import StoreUnavailable
from portal.audience import service
from portal.audience.cells import CUBES, ROBOTS, TOTAL, Count, Key, Table, make_safe, round_together
from portal.audience.counting import count_day
from portal.databases import Databases, Session
from portal.privacy.calendar import add_months, last_due_day, paris_day
from portal.privacy.policy import POLICY

CEILING = POLICY.duration("B17")
"""Policy B17: no raw event with an identifier is older."""

SETTLED = timedelta(days=3)
"""A month is frozen when it has been over for so long: events that waited for a database away are in."""


@dataclass(frozen=True)
class FreezeReport:
    """What a freeze did, and the proof that it left nothing: `identified` counts what should not be there."""

    at: datetime
    months: tuple[str, ...]
    events: int
    cells: int
    folded: int
    oldest: datetime | None
    limit: date
    identified: int

    @property
    def is_clean(self) -> bool:
        """Tell whether no event of the limit day or before carries an identifier."""
        return self.identified == 0

    def __str__(self) -> str:
        months = f"{self.months[0]} to {self.months[-1]}" if self.months else "no month was due"
        oldest = f"{self.oldest:%Y-%m-%d %H:%M} UTC" if self.oldest else "none"
        proof = "none" if self.is_clean else f"{self.identified:,} LEFT"
        return (
            f"{self.events:,} events counted and erased. Frozen: {months}; {self.cells:,} safe counts, "
            f"{self.folded:,} too small folded into others.\n"
            f"Oldest event kept: {oldest}. Events up to {self.limit} (thirteen months) with an identifier: {proof}."
        )


def freeze(databases: Databases, at: datetime) -> FreezeReport:
    """Count every day that is over at `at`, freeze every month that is settled, then check what remains.

    Running it again, or after a crash, does only what is left. Raises StoreUnavailable.
    """
    events = count_days(databases, at)
    months: list[str] = []
    cells = folded = 0
    while first := find_due_month(databases, at):
        with databases.session("audience") as session:
            done = freeze_month(session, first, at)
        months.append(f"{first:%Y-%m}")
        cells, folded = cells + done[0], folded + done[1]
    if events:
        with suppress(StoreUnavailable):  # busy: the rows are gone and their bytes overwritten; only space is kept
            databases.scrub("audience")
    limit = last_due_day(at, CEILING)
    with databases.session("audience") as session:
        oldest = service.find_oldest(session)
        identified = service.count_identified(session, limit)
    kept = oldest[1] if oldest else None
    return FreezeReport(at, tuple(months), events, cells, folded, kept, limit, identified)


def count_days(databases: Databases, at: datetime) -> int:
    """Count the events of the days before that of `at`, and erase them together; return how many there were.

    They are read before anything is written, so that nobody waits; what comes meanwhile is left for the next time.
    """
    today = paris_day(at)
    with databases.session("audience") as session:
        last, days = service.find_last(session), service.list_days(session, today)
        counts = {day: count_day(service.read_day(session, day, last)) for day in days}
    if not days:
        return 0
    with databases.session("audience") as session:
        for day, cells in counts.items():
            service.keep_day(session, day, cells)
        return service.delete_events(session, today, last)


def find_due_month(databases: Databases, at: datetime) -> date | None:
    """Return the first day of the oldest month that has counts by day, when it is settled at `at`."""
    with databases.session("audience") as session:
        oldest = service.find_oldest_count(session)
    if oldest is None:
        return None
    first = oldest.replace(day=1)
    return first if add_months(first, 1, missing="last") <= paris_day(at - SETTLED) else None


def freeze_month(session: Session, first: date, at: datetime) -> tuple[int, int]:
    """Turn the counts by day of the month beginning on `first` into safe ones, in the caller's transaction.

    Returns how many safe counts there are, and how many were folded. Events that turn up after their month was frozen
    (a clock that was wrong) change no count.
    """
    month = f"{first:%Y-%m}"
    fresh = service.claim_month(session, month, at)
    taken = service.take_days(session, first, add_months(first, 1, missing="last"))
    if not fresh:
        return 0, 0
    tables = {name: cut_table(taken, name) for name in (TOTAL, ROBOTS.name, *(cube.name for cube in CUBES))}
    seed = secrets.randbits(32)  # nobody can replay the choices of the rounding
    safe = make_safe(tables, seed=seed)
    robots = round_together({ROBOTS.name: tables[ROBOTS.name]}, ROBOTS.name, seed)
    counts = {**safe.counts, **robots}
    uses = sum(count.uses for line in tables[TOTAL].values() for count in line.values())
    service.keep_counts(session, month, uses, counts)
    return len(counts), safe.folded


def cut_table(counts: Mapping[Key, Count], cube: str) -> Table:
    """Return the counts of one cube by dataset, then by value."""
    table: dict[str, dict[str, Count]] = {}
    for (name, dataset, value), count in counts.items():
        if name == cube:
            table.setdefault(dataset, {})[value] = count
    return table
