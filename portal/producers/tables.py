"""What the catalogue database keeps of a producer's work in progress."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, BigInteger, String
from sqlalchemy.orm import Mapped, mapped_column

from datasets.catalogue.tables import Base
from portal.databases import Instant


class DraftRow(Base):
    """A file on its way to becoming a dataset.

    `owner` is a hash that no other database holds. `understood` is what the reading found, `choices` what the
    producer decided (by field name), `error` the message of a failure (by language).
    """

    __tablename__ = "draft"

    draft_id: Mapped[str] = mapped_column(String(32), primary_key=True)
    owner: Mapped[str] = mapped_column(String(64), index=True)
    file_name: Mapped[str] = mapped_column(String(255))
    sha256: Mapped[str] = mapped_column(String(64))
    size: Mapped[int] = mapped_column(BigInteger)
    state: Mapped[str] = mapped_column(String(16))
    step: Mapped[str] = mapped_column(String(16))
    dataset_id: Mapped[str] = mapped_column(String(100), index=True)
    description: Mapped[dict[str, Any]] = mapped_column(JSON)
    choices: Mapped[dict[str, Any]] = mapped_column(JSON)
    understood: Mapped[dict[str, Any]] = mapped_column(JSON)
    error: Mapped[dict[str, str]] = mapped_column(JSON)
    created: Mapped[datetime] = mapped_column(Instant)
    modified: Mapped[datetime] = mapped_column(Instant)
