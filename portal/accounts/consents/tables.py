"""What the `accounts` database keeps of consents: the receipt of each, and of its withdrawal."""

from datetime import datetime

from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from portal.accounts.tables import AccountsBase
from portal.databases import Instant


class ConsentRow(AccountsBase):
    """A consent for one purpose: when it was given, the hash of the words that were read, and when it was withdrawn.

    `channel` and `withdrawn_by` say by what: a page of the account, or the link of a letter.
    """

    __tablename__ = "consent"

    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    account_id: Mapped[str] = mapped_column(ForeignKey("account.id", ondelete="CASCADE"), index=True)
    purpose: Mapped[str] = mapped_column(String(16))
    wording: Mapped[str] = mapped_column(String(64))
    language: Mapped[str] = mapped_column(String(2))
    channel: Mapped[str] = mapped_column(String(8))
    given: Mapped[datetime] = mapped_column(Instant)
    withdrawn: Mapped[datetime | None] = mapped_column(Instant)
    withdrawn_by: Mapped[str] = mapped_column(String(8), default="")
