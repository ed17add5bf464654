"""The catalogue: finding, describing, pointing and withdrawing datasets. Each function takes a session first.

The pointer of a dataset (`current_version`) is the only thing that says which version is served: moving it
is the whole of a publication, and moving several in one transaction publishes several datasets at once.
"""

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import ColumnElement, Row, Select, delete, select, update
from sqlalchemy.orm import Session

from datasets.catalogue.tables import AliasRow, DatasetRow, VersionRow
from datasets.errors import Conflict, NotFound, Phrase, Withdrawn
from datasets.model import Dataset, Texts, Version
from datasets.store.manifest import describe_version, parse_version

CATALOGUE_ID = "catalogue"
"""The identifier of the catalogue itself, which is a dataset too (hidden from the lists)."""


@dataclass(frozen=True)
class HistoryEntry:
    """A version in the history of a dataset: when it was published, whether it is current, why it was withdrawn."""

    version: Version
    published: datetime
    current: bool
    withdrawn_reason: str | None


IN_USE = Phrase("this identifier is in use.", "cet identifiant est déjà pris.")
CURRENT = Phrase(
    "it is the current version: restore another one first, or withdraw the dataset.",
    "c’est la version courante : revenez d’abord à une autre, ou retirez le jeu de données.",
)
MOVED = Phrase(
    "another publication came first. Start again from the present version.",
    "une autre publication est passée avant. Recommencez à partir de la version actuelle.",
)


def find_dataset(session: Session, dataset_id: str) -> Dataset | None:
    """Return the published dataset of that identifier (its slug, its uid or a former slug), or None."""
    for match in _named(dataset_id):
        row = session.execute(_published().where(match)).first()
        if row is not None:
            return _dataset(row)
    return None


def get_dataset(session: Session, dataset_id: str) -> Dataset:
    """Return the published dataset of that identifier; raise Withdrawn, with the reason, or NotFound otherwise."""
    found = find_dataset(session, dataset_id)
    if found is not None:
        return found
    for match in _named(dataset_id):
        reason = session.scalar(select(DatasetRow.withdrawn_reason).where(match))
        if reason is not None:
            raise Withdrawn(name=dataset_id, reason=reason)
    raise NotFound(kind="dataset", name=dataset_id)


def resolve_identifier(session: Session, name: str) -> str:
    """Return the identifier of the dataset, withdrawn or not, that a name leads to; raise NotFound otherwise."""
    for match in _named(name):
        found = session.scalar(select(DatasetRow.dataset_id).where(match, ~DatasetRow.hidden))
        if found is not None:
            return found
    raise NotFound(kind="dataset", name=name)


def list_datasets(session: Session) -> list[Dataset]:
    """Return the published datasets that lists may show, by identifier."""
    rows = session.execute(_published().where(~DatasetRow.hidden).order_by(DatasetRow.dataset_id))
    return [_dataset(row) for row in rows]


def list_current(session: Session, *, but: str = "") -> tuple[str, list[Version]]:
    """Return the version of the catalogue, "" while there is none, and the current one of each dataset that it lists.

    A catalogue of the version `but` lists none: each publication makes another.
    """
    catalogue = find_dataset(session, CATALOGUE_ID)
    state = catalogue.version.version_id if catalogue and catalogue.version else ""
    if state == but:
        return state, []
    return state, [dataset.version for dataset in list_datasets(session) if dataset.version]


def list_titles(session: Session) -> dict[str, Texts]:
    """Return the titles of the published datasets that lists may show, by identifier: far cheaper than all of them."""
    title = DatasetRow.metadata_["title"]
    query = select(DatasetRow.dataset_id, title).where(DatasetRow.current_version.is_not(None), ~DatasetRow.hidden)
    return {name: told or {} for name, told in session.execute(query.order_by(DatasetRow.dataset_id))}


def list_versions(session: Session, dataset_id: str) -> list[Version]:
    """Return every version of a dataset that was published, the newest first."""
    return [entry.version for entry in list_history(session, dataset_id)]


def list_history(session: Session, dataset_id: str) -> list[HistoryEntry]:
    """Return what the history of a dataset shows: each version that was published, the newest first."""
    current = session.scalar(select(DatasetRow.current_version).where(DatasetRow.dataset_id == dataset_id))
    query = select(VersionRow).where(VersionRow.dataset_id == dataset_id)
    rows = session.scalars(query.order_by(VersionRow.published.desc(), VersionRow.version_id.desc()))
    return [_entry(row, current) for row in rows]


def check_current(session: Session, dataset_id: str, version_id: str) -> None:
    """Raise Conflict when `version_id` is no longer the current version of a dataset ("" when it had none)."""
    current = session.scalar(select(DatasetRow.current_version).where(DatasetRow.dataset_id == dataset_id))
    if (current or "") != version_id:
        raise Conflict(name=dataset_id, reason=MOVED)


def describe_dataset(session: Session, dataset_id: str, metadata: Mapping[str, Any], *, hidden: bool = False) -> None:
    """Write the description of a dataset, making its entry when there is none. Nothing becomes public by this."""
    row = session.get(DatasetRow, dataset_id)
    if row is None:
        row = DatasetRow(dataset_id=dataset_id, dataset_uid=_uid(dataset_id), hidden=hidden)
        session.add(row)
    row.metadata_ = dict(metadata)
    session.flush()


def lock_catalogue(session: Session) -> None:
    """Make this transaction the only one that publishes, until it ends: it writes before it reads anything."""
    session.execute(update(DatasetRow).where(DatasetRow.dataset_id == CATALOGUE_ID).values(hidden=True))


def point_to(session: Session, versions: Sequence[Version], *, at: datetime) -> None:
    """Move the pointer of each version's dataset to it. The caller's transaction makes them move together."""
    for version in versions:
        row = session.get(DatasetRow, version.dataset_id)
        if row is None:
            raise NotFound(kind="dataset", name=version.dataset_id)
        if session.get(VersionRow, (version.version_id, version.dataset_id)) is None:
            session.add(
                VersionRow(
                    version_id=version.version_id,
                    dataset_id=version.dataset_id,
                    created=version.created,
                    published=at,
                    row_count=version.rows,
                    manifest=describe_version(version),
                )
            )
        row.current_version = version.version_id
        row.withdrawn_reason = None
        row.issued = row.issued or at
        row.modified = at


def withdraw_dataset(session: Session, dataset_id: str, *, reason: str, at: datetime) -> None:
    """Stop serving a dataset, saying why. Its versions stay in the store."""
    row = session.get(DatasetRow, dataset_id)
    if row is None or row.current_version is None:
        raise NotFound(kind="dataset", name=dataset_id)
    row.current_version = None
    row.withdrawn_reason = reason
    row.modified = at


def keep_alias(session: Session, former: str, dataset_id: str) -> None:
    """Keep `former` as another name of `dataset_id`, so that its links go on to work."""
    session.merge(AliasRow(alias=former, dataset_id=dataset_id))


def rename_dataset(session: Session, former: str, dataset_id: str) -> None:
    """Give a dataset another identifier; the former one leads to it, as do those that led to the former one.

    Its versions stay where they were written. Raises NotFound, and Conflict when the new identifier is in use.
    """
    row = session.get(DatasetRow, former)
    if row is None or row.hidden:
        raise NotFound(kind="dataset", name=former)
    alias = session.get(AliasRow, dataset_id)
    if session.get(DatasetRow, dataset_id) or (alias and alias.dataset_id != former):
        raise Conflict(name=dataset_id, reason=IN_USE)
    kept = {column.key: getattr(row, column.key) for column in DatasetRow.__mapper__.column_attrs}
    row.dataset_uid = f"former {row.dataset_uid}"[:32]
    session.flush()
    session.add(DatasetRow(**{**kept, "dataset_id": dataset_id}))
    session.flush()
    for table in (VersionRow, AliasRow):
        session.execute(update(table).where(table.dataset_id == former).values(dataset_id=dataset_id))
    session.execute(delete(AliasRow).where(AliasRow.alias == dataset_id))
    session.execute(delete(DatasetRow).where(DatasetRow.dataset_id == former))
    session.add(AliasRow(alias=former, dataset_id=dataset_id))
    session.flush()


def restore_version(session: Session, dataset_id: str, version_id: str, *, at: datetime) -> None:
    """Move the pointer of a dataset to one of its versions. Raises NotFound, and Withdrawn for a withdrawn version."""
    row = session.get(DatasetRow, dataset_id)
    if row is None or row.hidden:
        raise NotFound(kind="dataset", name=dataset_id)
    find_version(session, dataset_id, version_id)
    row.current_version = version_id
    row.withdrawn_reason = None
    row.modified = at


def withdraw_version(session: Session, dataset_id: str, version_id: str, *, reason: str) -> None:
    """Stop serving one version, saying why. Raises NotFound, and Conflict for the one that is current."""
    row, dataset = session.get(VersionRow, (version_id, dataset_id)), session.get(DatasetRow, dataset_id)
    if row is None or dataset is None:
        raise NotFound(kind="version", name=version_id)
    if dataset.current_version == version_id:
        raise Conflict(name=version_id, reason=CURRENT)
    row.withdrawn_reason = reason


def find_version(session: Session, dataset_id: str, version_id: str) -> Version:
    """Return a version of a dataset that was published. Raises NotFound, and Withdrawn with the reason."""
    row = session.get(VersionRow, (version_id, dataset_id))
    if row is None:
        raise NotFound(kind="version", name=version_id)
    if row.withdrawn_reason is not None:
        raise Withdrawn(name=version_id, reason=row.withdrawn_reason)
    return parse_version(row.manifest)


def _named(dataset_id: str) -> Iterator[ColumnElement[bool]]:
    """Yield the conditions that a dataset of that identifier meets, the surest first."""
    yield DatasetRow.dataset_id == dataset_id
    yield DatasetRow.dataset_uid == dataset_id
    yield DatasetRow.dataset_id.in_(select(AliasRow.dataset_id).where(AliasRow.alias == dataset_id))


def _published() -> Select[DatasetRow, VersionRow]:
    return select(DatasetRow, VersionRow).join(
        VersionRow,
        (VersionRow.dataset_id == DatasetRow.dataset_id) & (VersionRow.version_id == DatasetRow.current_version),
    )


def _dataset(row: Row[DatasetRow, VersionRow]) -> Dataset:
    dataset, version = row
    return Dataset(
        dataset_id=dataset.dataset_id,
        dataset_uid=dataset.dataset_uid,
        metadata=dataset.metadata_,
        version=parse_version(version.manifest),
        issued=_utc(dataset.issued),
        modified=_utc(dataset.modified),
    )


def _entry(row: VersionRow, current: str | None) -> HistoryEntry:
    published = _utc(row.published) or row.published
    return HistoryEntry(parse_version(row.manifest), published, row.version_id == current, row.withdrawn_reason)


def _utc(instant: datetime | None) -> datetime | None:
    """Return an instant with its zone: SQLite gives it back without."""
    return instant.replace(tzinfo=UTC) if instant and instant.tzinfo is None else instant


def _uid(dataset_id: str) -> str:
    return "da_" + hashlib.sha256(dataset_id.encode()).hexdigest()[:12]
