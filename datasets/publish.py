"""Publishing: versions are written aside, then every pointer moves in one transaction.

Kill the process at any instant: before the transaction nothing public has changed (what was written is
abandoned and purged later); after it, all the datasets of the release and the catalogue are the new ones.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from types import MappingProxyType
from typing import Any

import pyarrow as pa
from sqlalchemy.orm import Session

from datasets.catalogue.catalogue import (
    CATALOGUE_ID,
    check_current,
    describe_dataset,
    find_dataset,
    get_dataset,
    list_datasets,
    lock_catalogue,
    point_to,
    rename_dataset,
    restore_version,
    withdraw_dataset,
    withdraw_version,
)
from datasets.catalogue.search import INDEX_FILE, build_index, write_index
from datasets.catalogue.snapshot import SCHEMA, build_snapshot, read_described, write_translations
from datasets.model import Schema, Texts, Version
from datasets.store.versions import VersionStore

OpenSession = Callable[[], AbstractContextManager[Session]]
"""Opens one transaction on the catalogue database."""

CATALOGUE_TITLE = {"fr": "Catalogue des jeux de données", "en": "Catalogue of the datasets"}


@dataclass(frozen=True)
class Release:
    """A dataset ready to be published: its description, its schema, its rows, and where they come from.

    The `files` beside the rows that have `titles` are attachments. When its rows were made from a version,
    `based_on` names it ("" for a dataset that had none): should another be current by then, nothing is published.
    """

    dataset_id: str
    metadata: Mapping[str, Any]
    schema: Schema
    rows: pa.Table | Iterable[pa.RecordBatch]
    provenance: Mapping[str, Any] = field(default_factory=lambda: MappingProxyType({}))
    files: Mapping[str, bytes | Path] = field(default_factory=lambda: MappingProxyType({}))
    titles: Mapping[str, Texts] = field(default_factory=lambda: MappingProxyType({}))
    based_on: str | None = None


def publish(
    open_session: OpenSession,
    store: VersionStore,
    releases: Sequence[Release],
    *,
    at: datetime,
    beside: Callable[[Session, Sequence[Version]], None] = lambda session, versions: None,
) -> list[Version]:
    """Publish `releases` together, at the instant `at`; return their versions.

    Either all of them become public, with the catalogue that describes them, or nothing changes. `beside` writes
    in the same transaction what must be known exactly when they are public.
    Raises StoreError when a version cannot be written, Conflict when another publication came first.
    """
    versions = [
        store.write(
            release.dataset_id,
            release.schema,
            release.rows,
            created=at,
            provenance=release.provenance,
            files=release.files,
            titles=release.titles,
        )
        for release in releases
    ]
    with open_session() as session:
        lock_catalogue(session)
        for release in releases:
            if release.based_on is not None:
                check_current(session, release.dataset_id, release.based_on)
            describe_dataset(session, release.dataset_id, release.metadata)
        point_to(session, versions, at=at)
        beside(session, versions)
        _refresh_catalogue(session, store, at=at)
    return versions


def describe(
    open_session: OpenSession,
    store: VersionStore,
    release: Release,
    *,
    at: datetime,
    beside: Callable[[Session, Sequence[Version]], None] = lambda session, versions: None,
) -> None:
    """Give a dataset the description of `release`, whose rows are those of the version that it is `based_on`.

    No version is made, and `beside` is given none. Raises Conflict when another publication came first.
    """
    with open_session() as session:
        lock_catalogue(session)
        check_current(session, release.dataset_id, release.based_on or "")
        before = get_dataset(session, release.dataset_id).metadata
        beside(session, ())
        if dict(before) != dict(release.metadata):
            describe_dataset(session, release.dataset_id, release.metadata)
            _refresh_catalogue(session, store, at=at)


def publish_catalogue(open_session: OpenSession, store: VersionStore, *, at: datetime) -> bool:
    """Publish the catalogue when there is none, or when another release of the software made it; return whether so."""
    with open_session() as session:
        lock_catalogue(session)
        known = find_dataset(session, CATALOGUE_ID)
        if known and known.version and known.version.schema == SCHEMA and known.version.find_file(INDEX_FILE):
            return False
        _refresh_catalogue(session, store, at=at)
        return True


def withdraw(open_session: OpenSession, store: VersionStore, dataset_id: str, *, reason: str, at: datetime) -> None:
    """Stop serving `dataset_id`, saying why; the catalogue changes with it."""
    with open_session() as session:
        lock_catalogue(session)
        withdraw_dataset(session, dataset_id, reason=reason, at=at)
        _refresh_catalogue(session, store, at=at)


def restore(open_session: OpenSession, store: VersionStore, dataset_id: str, version_id: str, *, at: datetime) -> None:
    """Serve again the version `version_id` of a dataset, withdrawn or not; the catalogue changes with it.

    Raises NotFound, and Withdrawn when that version was withdrawn.
    """
    with open_session() as session:
        lock_catalogue(session)
        restore_version(session, dataset_id, version_id, at=at)
        _refresh_catalogue(session, store, at=at)


def withdraw_one(open_session: OpenSession, dataset_id: str, version_id: str, *, reason: str) -> None:
    """Stop serving one version that is not current, saying why. Raises NotFound and Conflict."""
    with open_session() as session:
        lock_catalogue(session)
        withdraw_version(session, dataset_id, version_id, reason=reason)


def rename(
    open_session: OpenSession,
    store: VersionStore,
    former: str,
    dataset_id: str,
    *,
    at: datetime,
    beside: Callable[[Session], None] = lambda session: None,
) -> None:
    """Give a dataset another identifier; its former addresses lead to it. Raises NotFound and Conflict."""
    with open_session() as session:
        lock_catalogue(session)
        rename_dataset(session, former, dataset_id)
        beside(session)
        _refresh_catalogue(session, store, at=at)


def _refresh_catalogue(session: Session, store: VersionStore, *, at: datetime) -> None:
    session.flush()
    # Their order is that of the index: each database has its own idea of it.
    datasets = sorted(list_datasets(session), key=lambda each: each.dataset_id)
    snapshot = build_snapshot(datasets)
    index = {INDEX_FILE: write_index(build_index(read_described(snapshot)))}
    version = store.write(CATALOGUE_ID, SCHEMA, snapshot, created=at, files=write_translations(datasets) | index)
    describe_dataset(session, CATALOGUE_ID, {"title": CATALOGUE_TITLE}, hidden=True)
    point_to(session, [version], at=at)
