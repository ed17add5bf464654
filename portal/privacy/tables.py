"""What the `accounts` database keeps of requests about rights, and of accounts that are kept but not used."""

from datetime import date, datetime

from sqlalchemy import LargeBinary, String
from sqlalchemy.orm import Mapped, mapped_column

from portal.accounts.tables import AccountsBase
from portal.databases import Instant


class RequestRow(AccountsBase):
    """One request of a person about their data, from its receipt to its answer.

    What names them is sealed with a key of the request itself, so that the answer can still be proven after the
    person is erased: `contact` (where to answer), `words` (what they ask), `doubt` (why their identity is asked),
    `identity` (the copy of a document, while it is looked at), `reasons` (of the decision). `clerk` is the officer
    who wrote down what came by post, as the journal names them; `alarms` counts the reminders sent to the officer.
    """

    __tablename__ = "request"

    reference: Mapped[str] = mapped_column(String(16), primary_key=True)
    right: Mapped[str] = mapped_column(String(16))
    channel: Mapped[str] = mapped_column(String(8))
    received: Mapped[date]
    account_id: Mapped[str | None] = mapped_column(String(32), index=True)
    clerk: Mapped[str] = mapped_column(String(64), default="")
    language: Mapped[str] = mapped_column(String(2))
    contact: Mapped[bytes] = mapped_column(LargeBinary)
    words: Mapped[bytes] = mapped_column(LargeBinary)
    doubt: Mapped[bytes | None] = mapped_column(LargeBinary)
    doubted: Mapped[datetime | None] = mapped_column(Instant)
    identity: Mapped[bytes | None] = mapped_column(LargeBinary)
    verified: Mapped[datetime | None] = mapped_column(Instant)
    extended: Mapped[datetime | None] = mapped_column(Instant)
    due: Mapped[datetime] = mapped_column(Instant, index=True)
    alarms: Mapped[int] = mapped_column(default=0)
    late: Mapped[bool] = mapped_column(default=False)
    decision: Mapped[str | None] = mapped_column(String(8))
    reasons: Mapped[bytes | None] = mapped_column(LargeBinary)
    answered: Mapped[datetime | None] = mapped_column(Instant, index=True)


class LockRow(AccountsBase):
    """An account that is kept and not used: the person asked so, or a legal hold forbids to erase it.

    `until` is the end of a hold; `erasure` when the erasure was asked that the hold delays; `motive` is sealed
    with the person's key.
    """

    __tablename__ = "lock"

    account_id: Mapped[str] = mapped_column(String(32), primary_key=True)
    ground: Mapped[str] = mapped_column(String(8), primary_key=True)
    since: Mapped[datetime] = mapped_column(Instant)
    until: Mapped[datetime | None] = mapped_column(Instant, index=True)
    motive: Mapped[bytes] = mapped_column(LargeBinary)
    erasure: Mapped[datetime | None] = mapped_column(Instant)
