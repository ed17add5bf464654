"""What the catalogue database keeps of where rows come from, and of what is done to each new file of a dataset."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, String
from sqlalchemy.orm import Mapped, mapped_column

from datasets.catalogue.tables import Base
from portal.databases import Instant


class RecipeRow(Base):
    """What is replayed on each new file of a dataset: its transformations, and the Table Schema it must respect."""

    __tablename__ = "recipe"

    dataset_id: Mapped[str] = mapped_column(String(100), primary_key=True)
    steps: Mapped[list[dict[str, Any]]] = mapped_column(JSON)
    table_schema: Mapped[dict[str, Any]] = mapped_column(JSON)
    modified: Mapped[datetime] = mapped_column(Instant)


class SourceRow(Base):
    """Where the rows of a dataset come from: an address fetched every so many hours, or programs that push.

    `owner` is the name under which a producer holds drafts; `digest` is the SHA-256 of the secret of a push source;
    `seen` holds what the last answer said of itself (ETag, Last-Modified, SHA-256); `told` what came of it, by
    language.
    """

    __tablename__ = "source"

    source_id: Mapped[str] = mapped_column(String(32), primary_key=True)
    dataset_id: Mapped[str] = mapped_column(String(100), index=True)
    owner: Mapped[str] = mapped_column(String(64), index=True)
    kind: Mapped[str] = mapped_column(String(16))
    address: Mapped[str] = mapped_column(String(2000))
    update: Mapped[str] = mapped_column(String(16))
    key: Mapped[list[str]] = mapped_column(JSON)
    hours: Mapped[int]
    digest: Mapped[str] = mapped_column(String(64))
    seen: Mapped[dict[str, str]] = mapped_column(JSON)
    state: Mapped[str] = mapped_column(String(16))
    told: Mapped[dict[str, str]] = mapped_column(JSON)
    checked: Mapped[datetime | None] = mapped_column(Instant)
    due: Mapped[datetime | None] = mapped_column(Instant)
    created: Mapped[datetime] = mapped_column(Instant)


class PushRow(Base):
    """A push that was published: the same request (`request_key`, `digest` of its body) gets the same answer."""

    __tablename__ = "push"

    dataset_id: Mapped[str] = mapped_column(String(100), primary_key=True)
    request_key: Mapped[str] = mapped_column(String(200), primary_key=True)
    digest: Mapped[str] = mapped_column(String(64))
    answer: Mapped[dict[str, Any]] = mapped_column(JSON)
    created: Mapped[datetime] = mapped_column(Instant)
