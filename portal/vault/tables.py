"""What the `keys` database keeps of the key of a person."""

from datetime import datetime

from sqlalchemy import LargeBinary, String
from sqlalchemy.orm import Mapped, mapped_column

from portal.databases import Instant, KeysBase


class DataKeyRow(KeysBase):
    """A person's key, wrapped by the master key `version`; `subject` tells nobody who it is without the secret."""

    __tablename__ = "data_key"

    subject: Mapped[str] = mapped_column(String(64), primary_key=True)
    wrapped: Mapped[bytes] = mapped_column(LargeBinary)
    version: Mapped[int] = mapped_column(index=True)
    created: Mapped[datetime] = mapped_column(Instant)
