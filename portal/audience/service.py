"""What is written to, counted in and erased from the `audience` database."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import Select, delete, distinct, func, insert, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from portal.audience.tables import EventRow, FreezeRow, FrozenCountRow, TallyRow


@dataclass(frozen=True)
class Cell:
    """One crossing of a month before it is made safe: uses, and distinct visits (a person-day each)."""

    dataset: str
    value: str
    count: int
    visits: int


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


def count_cells(session: Session, first: date, after: date, column: str, *, bots: bool) -> list[Cell]:
    """Count the events from `first` to before `after`, by dataset and by `column` of EventRow."""
    value = getattr(EventRow, column)
    counted: Select[Any] = select(EventRow.dataset, value, func.count(), func.count(distinct(EventRow.visitor)))
    counted = counted.where(EventRow.day >= first, EventRow.day < after, EventRow.bot.is_(bots))
    counted = counted.group_by(EventRow.dataset, value).order_by(EventRow.dataset, value)
    return [Cell(*row) for row in session.execute(counted)]


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


def keep_counts(session: Session, month: str, events: int, rows: Iterable[Mapping[str, Any]]) -> None:
    """Write the safe cells of `month`, and how many events they come from."""
    session.execute(update(FreezeRow).where(FreezeRow.month == month).values(events=events))
    cells = [{"month": month, **row} for row in rows]
    if cells:
        session.execute(insert(FrozenCountRow), cells)


def delete_events(session: Session, first: date, after: date) -> int:
    """Delete the events from `first` to before `after`, and return how many there were."""
    deleted = session.execute(delete(EventRow).where(EventRow.day >= first, EventRow.day < after))
    return deleted.rowcount  # type: ignore[attr-defined]


def dialect_insert(session: Session) -> Callable[..., Any]:
    """Return the INSERT of the session's database, which can say what to do when the row is there already."""
    return sqlite.insert if session.get_bind().dialect.name == "sqlite" else postgresql.insert
