"""What the `accounts` database keeps of a person who signs up."""

from datetime import datetime

from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column, relationship

from portal.databases import Instant

ROLES = ("beneficiary", "producer", "officer")


class AccountsBase(DeclarativeBase):
    """The tables of the `accounts` database."""


class AccountRow(AccountsBase):
    """A person's account: a closed list of fields (policy A3), and nothing else."""

    __tablename__ = "account"

    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    email: Mapped[str] = mapped_column(String(254), unique=True)
    password: Mapped[str] = mapped_column(String(256))
    role: Mapped[str] = mapped_column(String(16))
    given_name: Mapped[str] = mapped_column(String(100))
    family_name: Mapped[str] = mapped_column(String(100))
    language: Mapped[str] = mapped_column(String(2))
    created: Mapped[datetime] = mapped_column(Instant)
    last_sign_in: Mapped[datetime] = mapped_column(Instant, index=True)
    sessions: Mapped[list["SessionRow"]] = relationship(back_populates="account", passive_deletes=True)


class SessionRow(AccountsBase):
    """One browser that is signed in: the hash of its random token, never the token."""

    __tablename__ = "session"

    digest: Mapped[str] = mapped_column(String(64), primary_key=True)
    account_id: Mapped[str] = mapped_column(ForeignKey("account.id", ondelete="CASCADE"), index=True)
    created: Mapped[datetime] = mapped_column(Instant)
    expires: Mapped[datetime] = mapped_column(Instant, index=True)
    account: Mapped[AccountRow] = relationship(back_populates="sessions")
