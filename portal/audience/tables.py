"""What is kept of the use of the portal: events for a day, counts by day for a month, safe counts for ever.

No table here holds an address, a browser, a query or an account. `visitor` is a pseudonym whose key is
destroyed each day; it is empty for robots.
"""

from datetime import date, datetime

from sqlalchemy import BigInteger, Integer, String
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from portal.databases import Instant

BigSerial = BigInteger().with_variant(Integer, "sqlite")


class AudienceBase(DeclarativeBase):
    """The tables of the `audience` database."""


class EventRow(AudienceBase):
    """One use of one dataset, to the minute. `day` is the date in Paris, by which events are purged."""

    __tablename__ = "event"

    id: Mapped[int] = mapped_column(BigSerial, primary_key=True, autoincrement=True)
    instant: Mapped[datetime] = mapped_column(Instant)
    day: Mapped[date] = mapped_column(index=True)
    dataset: Mapped[str] = mapped_column(String(200))
    kind: Mapped[str] = mapped_column(String(16))
    format: Mapped[str] = mapped_column(String(32))
    referrer: Mapped[str] = mapped_column(String(16))
    bot: Mapped[bool]
    visitor: Mapped[str | None] = mapped_column(String(32))


class TallyRow(AudienceBase):
    """Uses that left no event, counted by reason (an objection, a signal of the browser): no identifier."""

    __tablename__ = "tally"

    day: Mapped[date] = mapped_column(primary_key=True)
    reason: Mapped[str] = mapped_column(String(32), primary_key=True)
    count: Mapped[int] = mapped_column(BigInteger)


class DayCountRow(AudienceBase):
    """Uses and distinct visits of a day by dataset and value: what its events became, until its month is frozen."""

    __tablename__ = "day_count"

    day: Mapped[date] = mapped_column(primary_key=True)
    cube: Mapped[str] = mapped_column(String(16), primary_key=True)
    dataset: Mapped[str] = mapped_column(String(200), primary_key=True)
    value: Mapped[str] = mapped_column(String(32), primary_key=True)
    uses: Mapped[int] = mapped_column(BigInteger)
    visits: Mapped[int] = mapped_column(BigInteger)


class FreezeRow(AudienceBase):
    """A month whose counts were made safe: written in the transaction that deletes those by day."""

    __tablename__ = "freeze"

    month: Mapped[str] = mapped_column(String(7), primary_key=True)
    frozen: Mapped[datetime] = mapped_column(Instant)
    events: Mapped[int] = mapped_column(BigInteger)


class FrozenCountRow(AudienceBase):
    """One safe cell of a frozen month: `cube` says which crossing, "*" is all, "~" those of too few visits."""

    __tablename__ = "frozen_count"

    month: Mapped[str] = mapped_column(String(7), primary_key=True)
    cube: Mapped[str] = mapped_column(String(16), primary_key=True)
    dataset: Mapped[str] = mapped_column(String(200), primary_key=True)
    value: Mapped[str] = mapped_column(String(32), primary_key=True)
    count: Mapped[int] = mapped_column(BigInteger)
