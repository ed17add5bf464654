"""What the `keys` database keeps of a program that is recognised.

A key names its holder by a keyed hash of the account's id: without the secret of the instance nobody can tell
whose it is, and the database shares no key with `accounts`.
"""

from datetime import date, datetime

from sqlalchemy import String
from sqlalchemy.orm import Mapped, mapped_column

from portal.databases import Instant, KeysBase


class KeyRow(KeysBase):
    """An API key: the hash of a random secret shown once, its name, what it may do and until when."""

    __tablename__ = "api_key"

    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    digest: Mapped[str] = mapped_column(String(64), unique=True)
    holder: Mapped[str] = mapped_column(String(64), index=True)
    name: Mapped[str] = mapped_column(String(100))
    scopes: Mapped[str] = mapped_column(String(200))
    created: Mapped[datetime] = mapped_column(Instant)
    expires: Mapped[datetime | None] = mapped_column(Instant)
    last_used: Mapped[date | None]
