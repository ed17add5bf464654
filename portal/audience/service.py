"""What is written to, counted in and erased from the `audience` database."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, case, delete, func, insert, literal, select, text, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from portal.audience.cells import Count, Key
from portal.audience.tables import DayCountRow, EventRow, FreezeRow, FrozenCountRow, TallyRow

BATCH = 100_000
"""Events read at once."""

SEPARATOR = "\x1f"
"""Stands between the parts of the label of an event: dataset, kind, format, origin, 1 for a robot."""


def write_events(session: Session, events: Sequence[Mapping[str, Any]]) -> None:
    """Insert events, given as mappings of the columns of EventRow."""
    if events:
        session.execute(insert(EventRow), [dict(event) for event in events])


def add_tallies(session: Session, tallies: Mapping[tuple[date, str], int]) -> None:
    """Add to the count of each (day, reason)."""
    if not tallies:
        return
    statement = dialect_insert(session)(TallyRow)
    statement = statement.on_conflict_do_update(
        index_elements=["day", "reason"], set_={"count": TallyRow.count + statement.excluded.count}
    )
    rows = [{"day": day, "reason": reason, "count": count} for (day, reason), count in tallies.items()]
    session.execute(statement, rows)


def find_last(session: Session) -> int:
    """Return the number of the last event that was written, 0 when there is none."""
    return session.scalar(select(func.max(EventRow.id))) or 0


def list_days(session: Session, before: date) -> list[date]:
    """Return the days before another that have events, oldest first."""
    days: list[date] = []
    while day := session.scalar(select(func.min(EventRow.day)).where(EventRow.day > (days[-1] if days else date.min))):
        if day >= before:
            break
        days.append(day)
    return days


def read_day(session: Session, day: date, last: int) -> Iterator[Sequence[Any]]:
    """Yield the events of a day, up to the number `last`, in batches of rows: a label (see SEPARATOR) and a visitor."""
    robot = case((EventRow.bot.is_(True), "1"), else_="0")
    label: ColumnElement[str] = literal("")
    for part in (EventRow.dataset, EventRow.kind, EventRow.format, EventRow.referrer):
        label = label + part + SEPARATOR
    low, high = session.execute(select(func.min(EventRow.id), func.max(EventRow.id)).where(EventRow.day == day)).one()
    # The events of a day stand together: read by their numbers, not one by one by the index of days.
    same_day = func.nullif(EventRow.day, day).is_(None)
    found = select(label + robot, EventRow.visitor).where(EventRow.id.between(low, min(high, last)), same_day)
    # Asked of the connection: millions of rows cost three times less without the ORM.
    yield from session.connection().execute(found, execution_options={"stream_results": True}).partitions(BATCH)


def keep_day(session: Session, day: date, counts: Mapping[Key, Count]) -> None:
    """Add the counts of a day, by cube, dataset and value, to those that it may have already."""
    if not counts:
        return
    new = dialect_insert(session)(DayCountRow)
    added = {"uses": DayCountRow.uses + new.excluded.uses, "visits": DayCountRow.visits + new.excluded.visits}
    statement = new.on_conflict_do_update(index_elements=["day", "cube", "dataset", "value"], set_=added)
    names = ("cube", "dataset", "value")
    rows = [
        {"day": day, **dict(zip(names, key, strict=True)), "uses": count.uses, "visits": count.visits}
        for key, count in counts.items()
    ]
    session.execute(statement, rows)


def take_days(session: Session, first: date, after: date) -> dict[Key, Count]:
    """Return the sums of the counts of the days from `first` to before `after`, and delete those."""
    days = (DayCountRow.day >= first, DayCountRow.day < after)
    key = (DayCountRow.cube, DayCountRow.dataset, DayCountRow.value)
    sums = select(*key, func.sum(DayCountRow.uses), func.sum(DayCountRow.visits)).where(*days).group_by(*key)
    taken = {
        (cube, dataset, value): Count(int(uses), int(visits))
        for cube, dataset, value, uses, visits in session.execute(sums)
    }
    session.execute(delete(DayCountRow).where(*days))
    return taken


def find_oldest_count(session: Session) -> date | None:
    """Return the oldest day that has counts, None when there is none."""
    return session.scalar(select(func.min(DayCountRow.day)))


def list_frozen(session: Session) -> list[FrozenCountRow]:
    """Return the safe counts of every frozen month, in order."""
    columns = (FrozenCountRow.month, FrozenCountRow.cube, FrozenCountRow.dataset, FrozenCountRow.value)
    return list(session.scalars(select(FrozenCountRow).order_by(*columns)))


def find_oldest(session: Session) -> tuple[date, datetime] | None:
    """Return the day and the instant of the oldest event, None when there is none."""
    oldest = select(EventRow.day, EventRow.instant).order_by(EventRow.day, EventRow.instant).limit(1)
    row = session.execute(oldest).first()
    return (row[0], row[1]) if row else None


def find_newest(session: Session) -> datetime | None:
    """Return the instant of the last event that was written, None when there is none."""
    return session.scalar(select(EventRow.instant).order_by(EventRow.id.desc()).limit(1))


def count_identified(session: Session, day: date) -> int:
    """Count the events of `day` and before that still carry an identifier."""
    return session.scalar(select(func.count()).where(EventRow.day <= day, EventRow.visitor.is_not(None))) or 0


def claim_month(session: Session, month: str, at: datetime) -> bool:
    """Mark `month` as frozen at `at`, holding the database's write lock; False when it was frozen already."""
    statement = dialect_insert(session)(FreezeRow).values(month=month, frozen=at, events=0)
    claimed = statement.on_conflict_do_nothing(index_elements=["month"]).returning(FreezeRow.month)
    return session.scalar(claimed) is not None


def keep_counts(session: Session, month: str, uses: int, counts: Mapping[Key, int]) -> None:
    """Write the safe counts of `month`, and how many uses they come from."""
    session.execute(update(FreezeRow).where(FreezeRow.month == month).values(events=uses))
    names = ("cube", "dataset", "value")
    rows = [{"month": month, **dict(zip(names, key, strict=True)), "count": n} for key, n in counts.items()]
    if rows:
        session.execute(insert(FrozenCountRow), rows)


def delete_events(session: Session, before: date, last: int) -> int:
    """Delete the events of the days before another, up to the number `last`; return how many there were.

    SQLite empties a whole table far faster than it deletes rows: the few that stay are put back. What a day left in
    free pages goes with the scrubbing that follows, so it is not written over twice.
    """
    old = (EventRow.day < before) & (EventRow.id <= last)
    if session.get_bind().dialect.name != "sqlite":
        return session.execute(delete(EventRow).where(old)).rowcount  # type: ignore[attr-defined]
    count = session.scalar(select(func.count()).where(old)) or 0
    columns = ", ".join(column.name for column in EventRow.__table__.columns)
    kept = {"before": before.isoformat(), "last": last}
    for statement in (
        "PRAGMA secure_delete = OFF",
        "DROP TABLE IF EXISTS temp.staying",
        f"CREATE TEMP TABLE staying AS SELECT {columns} FROM event WHERE day >= :before OR id > :last",
        "DELETE FROM event",
        f"INSERT INTO event ({columns}) SELECT {columns} FROM temp.staying",
        "DROP TABLE temp.staying",
        "PRAGMA secure_delete = ON",
    ):
        session.execute(text(statement), kept if ":before" in statement else {})
    return count


def dialect_insert(session: Session) -> Callable[..., Any]:
    """Return the INSERT of the session's database, which can say what to do when the row is there already."""
    return sqlite.insert if session.get_bind().dialect.name == "sqlite" else postgresql.insert
