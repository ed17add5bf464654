"""What the catalogue database keeps of a producer's work in progress."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, BigInteger, String
from sqlalchemy.orm import Mapped, mapped_column

from datasets.catalogue.tables import Base
from portal.databases import Instant


class DraftRow(Base):
    """A file on its way to becoming a dataset.

    `owner` is a hash that no other database holds. `stage` is the step that its producer has reached, `mode` what
    publishing does to the dataset. `reading` is how the file must be read, `understood` what the reading found,
    `choices` what the producer decided (by field name), `fixes` the cells put right, `steps` the transformations of
    the dataset, `review` what an officer said,
    `error` the message of a failure (by language). `step` tells where a job is, `done` and
    `total` (0: not known) how much of it, in rows or in columns; `rows_read` counts the rows.
    """

    __tablename__ = "draft"

    draft_id: Mapped[str] = mapped_column(String(32), primary_key=True)
    owner: Mapped[str] = mapped_column(String(64), index=True)
    file_name: Mapped[str] = mapped_column(String(255))
    sha256: Mapped[str] = mapped_column(String(64))
    size: Mapped[int] = mapped_column(BigInteger)
    state: Mapped[str] = mapped_column(String(16))
    step: Mapped[str] = mapped_column(String(16))
    stage: Mapped[str] = mapped_column(String(16), default="reading")
    mode: Mapped[str] = mapped_column(String(16), default="replace")
    rows_read: Mapped[int] = mapped_column(BigInteger, default=0)
    done: Mapped[int] = mapped_column(BigInteger, default=0)
    total: Mapped[int] = mapped_column(BigInteger, default=0)
    dataset_id: Mapped[str] = mapped_column(String(100), index=True)
    description: Mapped[dict[str, Any]] = mapped_column(JSON)
    reading: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    choices: Mapped[dict[str, Any]] = mapped_column(JSON)
    fixes: Mapped[list[dict[str, Any]]] = mapped_column(JSON, default=list)
    understood: Mapped[dict[str, Any]] = mapped_column(JSON)
    steps: Mapped[list[dict[str, Any]]] = mapped_column(JSON, default=list)
    review: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    error: Mapped[dict[str, str]] = mapped_column(JSON)
    created: Mapped[datetime] = mapped_column(Instant)
    modified: Mapped[datetime] = mapped_column(Instant)
