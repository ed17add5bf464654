"""Old events become safe counts, then disappear: what the audience remembers for ever names nobody.

A month is due a year after it began, which leaves a month before its first event reaches the ceiling of thirteen
months. Counting it and deleting its events is one transaction: it happened whole, or not at all.
"""

from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from datasets.errors import StoreUnavailable
from portal.audience import service
from portal.audience.service import Cell
from portal.databases import Databases, Session
from portal.privacy.calendar import Duration, add_months, last_due_day, paris_day
from portal.privacy.policy import POLICY

CEILING = POLICY.duration("B17")
"""Policy B17: no raw event with an identifier is older."""

RIPE = Duration(months=12)
"""A month is frozen when its first day is that old."""

STEP = 5
"""Published counts are multiples of it."""


@dataclass(frozen=True)
class Cube:
    """A crossing of datasets with one column: cells with fewer distinct visits than `threshold` are withheld."""

    name: str
    column: str
    threshold: int
    bots: bool = False


CUBES = (
    Cube("use", "kind", 3),
    Cube("format", "format", 3),
    Cube("referrer", "referrer", 11),
    Cube("robots", "kind", 0, bots=True),
)


@dataclass(frozen=True)
class FreezeReport:
    """What a freeze did, and the proof that it left nothing: `identified` counts what should not be there."""

    at: datetime
    months: tuple[str, ...]
    events: int
    cells: int
    withheld: int
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
            f"Frozen: {months}; {self.events:,} events anonymised into {self.cells:,} counts, "
            f"{self.withheld:,} counts withheld as too small.\n"
            f"Oldest event kept: {oldest}. Events up to {self.limit} (thirteen months) with an identifier: {proof}."
        )


def freeze(databases: Databases, at: datetime) -> FreezeReport:
    """Freeze every month that is due at `at`, each in its own transaction, then check what remains.

    Running it again, or after a crash, does only what is left. Raises StoreUnavailable.
    """
    months: list[str] = []
    events = cells = withheld = 0
    while first := find_due_month(databases, at):
        with databases.session("audience") as session:
            done = freeze_month(session, first, at)
        months.append(f"{first:%Y-%m}")
        events, cells, withheld = events + done[0], cells + done[1], withheld + done[2]
    if events:
        with suppress(StoreUnavailable):  # busy: the rows are gone and their bytes overwritten; only space is kept
            databases.scrub("audience")
    limit = last_due_day(at, CEILING)
    with databases.session("audience") as session:
        oldest = service.find_oldest(session)
        identified = service.count_identified(session, limit)
    kept = oldest[1] if oldest else None
    return FreezeReport(at, tuple(months), events, cells, withheld, kept, limit, identified)


def find_due_month(databases: Databases, at: datetime) -> date | None:
    """Return the first day of the oldest month that has events, when it is due at `at`."""
    with databases.session("audience") as session:
        oldest = service.find_oldest(session)
    last = add_months(paris_day(at), -RIPE.months, missing="last").replace(day=1)
    return oldest[0].replace(day=1) if oldest and oldest[0].replace(day=1) <= last else None


def freeze_month(session: Session, first: date, at: datetime) -> tuple[int, int, int]:
    """Turn the events of the month beginning on `first` into counts and delete them, in the caller's transaction.

    Returns how many events, safe cells and withheld cells. Events that turn up after their month was frozen (a
    clock that was wrong) are deleted and change no count.
    """
    after, month = add_months(first, 1, missing="last"), f"{first:%Y-%m}"
    rows: list[dict[str, Any]] = []
    withheld = 0
    fresh = service.claim_month(session, month, at)
    if fresh:
        for cube in CUBES:
            counted = service.count_cells(session, first, after, cube.column, bots=cube.bots)
            safe = list(make_safe(counted, cube))
            withheld += len(counted) - len(safe)
            rows += safe
    events = service.delete_events(session, first, after)
    if fresh:
        service.keep_counts(session, month, events, rows)
    return events, len(rows), withheld


def make_safe(cells: list[Cell], cube: Cube) -> Iterator[dict[str, Any]]:
    """Yield the cells that may be kept, rounded; those with too few visits are left out."""
    for cell in cells:
        if cell.visits >= cube.threshold:
            yield {"cube": cube.name, "dataset": cell.dataset, "value": cell.value, "count": round_count(cell.count)}


def round_count(count: int) -> int:
    """Return the multiple of STEP nearest to `count`."""
    return (count + STEP // 2) // STEP * STEP
