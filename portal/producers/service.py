"""The rules of producers: drafts are made, found, changed and published; a dataset has one producer."""

import hashlib
import hmac
import secrets
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from datasets.catalogue.catalogue import find_dataset, list_datasets
from datasets.catalogue.tables import DatasetRow
from datasets.errors import InvalidParameter, NotFound
from datasets.ingest import Choice, Ingested, read_file
from datasets.publish import OpenSession, Release
from portal.databases import Databases
from portal.extensions import Portal
from portal.producers import describing, telling
from portal.producers.incoming import end_upload, find_unfinished
from portal.producers.tables import DraftRow
from portal.releasing import Released, expect_columns, number_rows, publish_rows
from portal.sources.recipes import read_kept

BUSY = ("received", "reading", "publishing")
"""The states of a draft on which a job is at work; the others are understood, review, refused and published."""
SUGGESTED = ("keyword", "theme", "territory")
"""The pieces of description for which the words of other datasets are suggested."""
MOST_SUGGESTED = 12
LEFT_OUT = ("DELETE FROM draft WHERE state <> 'published'", "UPDATE draft SET file_name = ''")
"""What a copy of the catalogue does without: drafts, whose files are not copied either, and the names of files."""


def owner_of(secret: str, account_id: str) -> str:
    """Return the name under which `account_id` holds drafts: a hash keyed by the secret of the instance."""
    return hmac.new(secret.encode(), b"draft owner|" + account_id.encode(), hashlib.sha256).hexdigest()


def create_draft(portal: Portal, owner: str, file_name: str, sha256: str, size: int, *, dataset_id: str = "") -> str:
    """Keep a new draft of `owner` for a received file, and return its identifier.

    One that renews the dataset `dataset_id` begins with what was said and decided for the file before.
    """
    title, now = describing.propose_title(file_name), portal.clock.now()
    steps, _table_schema = read_kept(portal, dataset_id) if dataset_id else ([], {})
    before = find_published(portal, dataset_id, owner) if dataset_id else None
    description = before.description if before else {"title": title, "licence": portal.settings.licence}
    draft = DraftRow(
        draft_id=secrets.token_hex(16),
        owner=owner,
        file_name=file_name[:255],
        sha256=sha256,
        size=size,
        state="received",
        step="",
        stage="reading",
        mode="replace",
        rows_read=0,
        done=0,
        total=0,
        dataset_id=dataset_id or describing.propose_identifier(title),
        description=description,
        reading=before.reading if before else {},
        choices=before.choices if before else {},
        fixes=[fix for fix in before.fixes if not fix.get("row")] if before else [],
        steps=steps,
        review={},
        understood={},
        error={},
        created=now,
        modified=now,
    )
    with portal.databases.session("catalogue") as session:
        session.add(draft)
    return draft.draft_id


def get_draft(portal: Portal, draft_id: str, owner: str | None = None) -> DraftRow:
    """Return a draft, of `owner` when one is given. Raises NotFound, for another's draft too."""
    with portal.databases.session("catalogue") as session:
        draft = session.get(DraftRow, draft_id)
    if draft is None or owner not in (None, draft.owner):
        raise NotFound(kind="draft", name=draft_id)
    return draft


def list_drafts(databases: Databases, owner: str) -> list[DraftRow]:
    """Return the drafts of `owner`, the last changed first."""
    with databases.session("catalogue") as session:
        query = select(DraftRow).where(DraftRow.owner == owner).order_by(DraftRow.modified.desc())
        return list(session.scalars(query))


def list_in_state(portal: Portal, state: str) -> list[DraftRow]:
    """Return the drafts of everybody that are in a state, the first changed first."""
    with portal.databases.session("catalogue") as session:
        return list(session.scalars(select(DraftRow).where(DraftRow.state == state).order_by(DraftRow.modified)))


def find_datasets(portal: Portal, dataset_ids: Iterable[str]) -> dict[str, DatasetRow]:
    """Return what the catalogue holds of these datasets, withdrawn ones included."""
    with portal.databases.session("catalogue") as session:
        query = select(DatasetRow).where(DatasetRow.dataset_id.in_(list(dataset_ids)))
        return {row.dataset_id: row for row in session.scalars(query)}


def is_published(portal: Portal, dataset_id: str) -> bool:
    """Return whether a dataset of that identifier was ever published."""
    row = find_datasets(portal, [dataset_id]).get(dataset_id)
    return row is not None and row.issued is not None


def suggest_words(portal: Portal, described: Mapping[str, str]) -> dict[str, list[str]]:
    """Return, by piece of description, the most frequent words of the catalogue that a description has not yet."""
    with portal.databases.session("catalogue") as session:
        known = list_datasets(session)
    suggested = {}
    for name in SUGGESTED:
        words = Counter(word for dataset in known for word in dataset.metadata.get(name) or ())
        had = describing.split_list(described.get(name, ""))
        suggested[name] = [word for word, _count in words.most_common() if word not in had][:MOST_SUGGESTED]
    return suggested


def copy_draft(portal: Portal, draft: DraftRow) -> str:
    """Return the identifier of a new draft of the same file, with the same words and decisions."""
    copy_id = create_draft(portal, draft.owner, draft.file_name, draft.sha256, draft.size, dataset_id=draft.dataset_id)
    change_draft(portal, copy_id, fixes=draft.fixes, stage="publish")
    return copy_id


def catalogue_of(portal: Portal) -> OpenSession:
    """Return what opens a transaction on the catalogue."""
    return lambda: portal.databases.session("catalogue")


def find_published(portal: Portal, dataset_id: str, owner: str) -> DraftRow:
    """Return the last draft by which `owner` published a dataset. Raises NotFound when it is not theirs."""
    with portal.databases.session("catalogue") as session:
        query = select(DraftRow).where(
            DraftRow.dataset_id == dataset_id, DraftRow.owner == owner, DraftRow.state == "published"
        )
        found = session.scalars(query.order_by(DraftRow.modified.desc()).limit(1)).first()
    if found is None:
        raise NotFound(kind="dataset", name=dataset_id)
    return found


def change_draft(portal: Portal, draft_id: str, **values: Any) -> None:
    """Change columns of a draft, in a transaction of its own; nothing happens when the draft is gone."""
    with portal.databases.session("catalogue") as session:
        draft = session.get(DraftRow, draft_id)
        if draft is not None:
            for name, value in {**values, "modified": portal.clock.now()}.items():
                setattr(draft, name, value)


def delete_draft(portal: Portal, draft: DraftRow) -> None:
    """Delete a draft, its report, and its file unless another draft has the same. What is published stays."""
    with portal.databases.session("catalogue") as session:
        session.execute(delete(DraftRow).where(DraftRow.draft_id == draft.draft_id))
        shared = session.scalar(select(DraftRow.draft_id).where(DraftRow.sha256 == draft.sha256).limit(1))
    for path in (report_path(portal, draft.draft_id), annotated_path(portal, draft.draft_id)):
        path.unlink(missing_ok=True)
    if shared is None:
        file_path(portal, draft).unlink(missing_ok=True)


def purge_drafts(databases: Databases, incoming: Path, before: datetime) -> int:
    """Delete the unpublished drafts untouched since `before`, and return how many there were.

    Files of the incoming folder older than `before` go too, unless a living draft needs them: they hold raw rows,
    which a published dataset no longer needs.
    """
    with databases.session("catalogue") as session:
        stale = select(DraftRow).where(DraftRow.modified < before, DraftRow.state != "published")
        drafts = list(session.scalars(stale))
        for draft in drafts:
            session.delete(draft)
        session.flush()
        living = select(DraftRow.sha256, DraftRow.draft_id).where(DraftRow.modified >= before)
        kept = {name for row in session.execute(living) for name in row}
    for path in incoming.iterdir():
        if path.stem not in kept and path.stat().st_mtime < before.timestamp():
            path.unlink(missing_ok=True)
    return len(drafts)


def erase_drafts(databases: Databases, incoming: Path, owner: str) -> None:
    """Delete every draft of `owner`, whose account is erased, with their files; what is published stays."""
    with databases.session("catalogue") as session:
        theirs = session.execute(select(DraftRow.sha256, DraftRow.draft_id).where(DraftRow.owner == owner)).all()
        session.execute(delete(DraftRow).where(DraftRow.owner == owner))
        kept = set(session.scalars(select(DraftRow.sha256)))
    for upload, _offset in find_unfinished(incoming, owner):
        end_upload(incoming, upload)
    for sha256, draft_id in theirs:
        for suffix in ("report", "errors"):
            (incoming / f"{draft_id}.{suffix}").unlink(missing_ok=True)
        if sha256 not in kept:
            (incoming / sha256).unlink(missing_ok=True)


def file_path(portal: Portal, draft: DraftRow) -> Path:
    """Return where the file of a draft is."""
    return portal.settings.instance / "incoming" / draft.sha256


def report_path(portal: Portal, draft_id: str) -> Path:
    """Return where the report of a draft is."""
    return portal.settings.instance / "incoming" / f"{draft_id}.report"


def annotated_path(portal: Portal, draft_id: str) -> Path:
    """Return where the file of a draft is, with its errors."""
    return portal.settings.instance / "incoming" / f"{draft_id}.errors"


def check_free(session: Session, dataset_id: str, owner: str) -> None:
    """Raise InvalidParameter when `dataset_id` is not for `owner`: it exists, withdrawn or not, and is not theirs."""
    describing.check_identifier(dataset_id)
    if find_dataset(session, dataset_id) is None and session.get(DatasetRow, dataset_id) is None:
        return
    theirs = select(DraftRow.draft_id).where(
        DraftRow.dataset_id == dataset_id, DraftRow.owner == owner, DraftRow.state == "published"
    )
    if session.scalar(theirs.limit(1)) is None:
        raise InvalidParameter(name="id", found=repr(dataset_id), expected="an identifier that nobody uses")


def publish_file(
    portal: Portal,
    file: Path,
    dataset_id: str,
    *,
    title: str | None = None,
    published: bool = False,
    answers: Mapping[str, str] | None = None,
    update: str = "replace",
    key: Sequence[str] = (),
) -> Iterator[str]:
    """Read `file` and yield what was understood, line by line; publish it as `dataset_id` when `published`.

    A dataset of that name keeps its description and gets a new version. `answers` says, by column, whose its
    identifiers are; `update` and `key` say how the rows come to those that are there. Raises IngestError,
    InvalidParameter, and DisclosureError when an identifier needs an answer.
    """
    describing.check_identifier(dataset_id)
    with file.open("rb") as stream:
        sha256 = hashlib.file_digest(stream, "sha256").hexdigest()
    removed = {column: Choice(published=False) for column, answer in (answers or {}).items() if answer == "removed"}
    found = read_file(file, {**expect_columns(portal, dataset_id, update), **removed})
    yield from telling.tell(found)
    if not published:
        yield "Nothing was published: add --publish to publish it."
        return
    decisions = telling.answer_columns(found, answers or {}, portal.clock.now())
    describing.refuse_identifiers(dataset_id, found, decisions)
    told = {"title": title} if title else {}
    origin = describing.provenance(file.name, sha256, found, decisions)
    made = release(portal, dataset_id, told, found, origin, update=update, key=key)
    yield f"{dataset_id}: {made.version.rows} records, version {made.version.version_id}"
    if not made.new:
        yield "These rows were published already: no new version was made."


def release(
    portal: Portal,
    dataset_id: str,
    description: Mapping[str, Any],
    found: Ingested,
    provenance: Mapping[str, Any],
    **options: Any,
) -> Released:
    """Publish the rows that were found, as `dataset_id`; what was already described and is not told anew stays.

    What the dataset asks of each new file is done first; the `options` are those of `portal.releasing.publish_rows`.
    """
    defaults = {
        "title": {"fr": describing.propose_title(provenance["file"])},
        "licence": portal.settings.licence,
        "publisher": portal.settings.publisher,
        "language": "fr",
    }
    with portal.databases.session("catalogue") as session:
        known = find_dataset(session, dataset_id)
    kept = {**defaults, **(known.metadata if known else {})}
    emptied = describing.list_emptied(description) - set(defaults)
    metadata = {name: value for name, value in kept.items() if name not in emptied} | describing.describe(description)
    ready = Release(dataset_id, metadata, found.schema, found.table, provenance)
    return publish_rows(portal, ready, report=found.report, numbers=number_rows(found.raw), **options)
