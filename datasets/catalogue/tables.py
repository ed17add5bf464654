"""The catalogue's tables: datasets, and the versions that their pointers may name."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, DateTime, ForeignKey, String
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column


class Base(DeclarativeBase):
    """The tables of the catalogue database."""


class DatasetRow(Base):
    """A dataset: who it is, how it is described, and the version that is served (its pointer)."""

    __tablename__ = "dataset"

    dataset_id: Mapped[str] = mapped_column(String(200), primary_key=True)
    dataset_uid: Mapped[str] = mapped_column(String(32), unique=True)
    metadata_: Mapped[dict[str, Any]] = mapped_column("metadata", JSON)
    current_version: Mapped[str | None] = mapped_column(String(64))
    issued: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    modified: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    hidden: Mapped[bool] = mapped_column(default=False)
    withdrawn_reason: Mapped[str | None] = mapped_column(String(500))


class VersionRow(Base):
    """A version that was published: what a history shows. Its data and manifest are in the store.

    One with a `withdrawn_reason` is served no more, by no address.
    """

    __tablename__ = "version"

    version_id: Mapped[str] = mapped_column(String(64), primary_key=True)
    dataset_id: Mapped[str] = mapped_column(ForeignKey("dataset.dataset_id"), primary_key=True)
    created: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    published: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    row_count: Mapped[int]
    manifest: Mapped[dict[str, Any]] = mapped_column(JSON)
    withdrawn_reason: Mapped[str | None] = mapped_column(String(500))


class AliasRow(Base):
    """A former identifier of a dataset: its links go on to work."""

    __tablename__ = "dataset_alias"

    alias: Mapped[str] = mapped_column(String(200), primary_key=True)
    dataset_id: Mapped[str] = mapped_column(ForeignKey("dataset.dataset_id"))
