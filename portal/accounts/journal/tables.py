"""What the `accounts` database keeps of acts, apart from who the accounts are."""

from datetime import datetime

from sqlalchemy import String
from sqlalchemy.orm import Mapped, mapped_column

from portal.accounts.tables import AccountsBase
from portal.databases import Instant


class ActRow(AccountsBase):
    """One act. `person` is a hash keyed by the person's own key: without that key nobody can tell who it was.

    `hash` chains the row to the one before it.
    """

    __tablename__ = "act"

    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    instant: Mapped[datetime] = mapped_column(Instant, index=True)
    person: Mapped[str] = mapped_column(String(64), index=True)
    act: Mapped[str] = mapped_column(String(32))
    subject: Mapped[str] = mapped_column(String(200))
    hash: Mapped[str] = mapped_column(String(64))


class ChainRow(AccountsBase):
    """Where the chain stands, in one row: the last hash, and the hash before the oldest row that is kept."""

    __tablename__ = "chain"

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    number: Mapped[int]
    last: Mapped[str] = mapped_column(String(64))
    base: Mapped[str] = mapped_column(String(64))
