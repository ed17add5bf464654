"""What the `accounts` database keeps of organisations, and of who belongs to one."""

from datetime import datetime

from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from portal.accounts.tables import AccountsBase
from portal.databases import Instant


class OrganisationRow(AccountsBase):
    """An organisation that publishes; `programmer` is its name in the programming records, when it has one."""

    __tablename__ = "organisation"

    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    name: Mapped[str] = mapped_column(String(200), unique=True)
    programmer: Mapped[str | None] = mapped_column(String(64), unique=True)
    created: Mapped[datetime] = mapped_column(Instant)


class MembershipRow(AccountsBase):
    """The one organisation that a person belongs to."""

    __tablename__ = "membership"

    account_id: Mapped[str] = mapped_column(ForeignKey("account.id", ondelete="CASCADE"), primary_key=True)
    organisation_id: Mapped[str] = mapped_column(ForeignKey("organisation.id"), index=True)
    since: Mapped[datetime] = mapped_column(Instant)
