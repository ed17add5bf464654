"""The history of datasets, for the command line: what there is, what changed, going back, withdrawing, renaming."""

from collections.abc import Iterator, Sequence
from itertools import islice

from sqlalchemy import update
from sqlalchemy.orm import Session

from datasets.catalogue.catalogue import find_version, list_datasets, list_history, resolve_identifier
from datasets.history.changes import compare_schemas
from datasets.history.differences import Comparison, Difference, find_key
from datasets.model import text_in
from datasets.publish import OpenSession, rename, restore, withdraw, withdraw_one
from datasets.query import source_of
from datasets.store.workshop import open_workshop
from portal.extensions import Portal
from portal.producers.describing import check_identifier
from portal.producers.tables import DraftRow
from portal.sources.tables import PushRow, RecipeRow, SourceRow

SHOWN, WIDTH = 20, 120
"""Rows that differ, told one by one, and the letters of each."""


def tell_datasets(portal: Portal) -> Iterator[str]:
    """Yield the datasets that are served, one per line."""
    with portal.databases.session("catalogue") as session:
        datasets = list_datasets(session)
    for dataset in datasets:
        rows = f"{dataset.version.rows:,} records" if dataset.version else ""
        yield f"{dataset.dataset_id:<40} {rows:>20}  {text_in(dataset.metadata.get('title'), 'fr') or ''}"


def tell_versions(portal: Portal, dataset_id: str) -> Iterator[str]:
    """Yield the versions of a dataset, withdrawn or not, the newest first. Raises NotFound."""
    with portal.databases.session("catalogue") as session:
        history = list_history(session, resolve_identifier(session, dataset_id))
    for entry in history:
        version = entry.version
        state = f"withdrawn: {entry.withdrawn_reason}" if entry.withdrawn_reason else "current" * entry.current
        yield f"{version.version_id}  {version.rows:>12,} records  {entry.published:%Y-%m-%d %H:%M}  {state}".rstrip()


def tell_differences(
    portal: Portal, dataset_id: str, before: str, after: str, key: Sequence[str] = ()
) -> Iterator[str]:
    """Yield what changed between two versions: fields, the queries that break, and rows.

    Rows are told apart by `key`, by the declared identifier when it is empty, else as wholes. Raises NotFound,
    Withdrawn and KeyRepeated.
    """
    with portal.databases.session("catalogue") as session:
        name = resolve_identifier(session, dataset_id)
        old, new = (find_version(session, name, version) for version in (before, after))
    for change in compare_schemas(old.schema, new.schema):
        yield change.message("en")
        yield from (f"  breaks {one.clause}={one.text}: {one.answer['en']}" for one in change.broken)
    declared = [field for field in find_key(new.schema) if old.schema.find_field(field)]
    with open_workshop(portal.store, portal.engine) as workshop:
        sources = source_of(old, portal.store), source_of(new, portal.store)
        comparison = Comparison(workshop, *sources, key or declared)
        counts = comparison.count()
        yield ", ".join(f"{count:,} {outcome}" for outcome, count in counts.items())
        yield from map(tell_difference, islice(comparison.rows(SHOWN), SHOWN))


def tell_difference(difference: Difference) -> str:
    """Return a row that differs as one line: what changed of it, or its first values."""
    before, after = difference.before or {}, difference.after or {}
    if difference.outcome == "changed":
        told = ", ".join(f"{name}: {before[name]!r} → {after[name]!r}" for name in difference.changed_fields)
        return f"  ~ {next(iter(before.values()))!r}  {told}"
    sign, row = ("+", after) if difference.outcome == "added" else ("-", before)
    return f"  {sign} " + ", ".join(f"{name}={value!r}" for name, value in row.items())[:WIDTH]


def go_back(portal: Portal, dataset_id: str, version_id: str) -> Iterator[str]:
    """Serve an older version again. Raises NotFound and Withdrawn."""
    dataset_id = find_name(portal, dataset_id)
    restore(open_catalogue(portal), portal.store, dataset_id, version_id, at=portal.clock.now())
    yield f"{dataset_id}: version {version_id} is served again."


def take_away(portal: Portal, dataset_id: str, reason: str, version_id: str | None = None) -> Iterator[str]:
    """Withdraw a dataset, or one of its versions, saying why. Raises NotFound and Conflict."""
    dataset_id = find_name(portal, dataset_id)
    if version_id:
        withdraw_one(open_catalogue(portal), dataset_id, version_id, reason=reason)
        yield f"{dataset_id}: version {version_id} is no longer served."
    else:
        withdraw(open_catalogue(portal), portal.store, dataset_id, reason=reason, at=portal.clock.now())
        yield f"{dataset_id} is withdrawn; its addresses answer why."


def give_name(portal: Portal, former: str, dataset_id: str) -> Iterator[str]:
    """Rename a dataset, with its drafts, sources and recipe; its former addresses lead to it.

    Raises NotFound, Conflict and InvalidParameter.
    """
    check_identifier(dataset_id)
    former = find_name(portal, former)

    def follow(session: Session) -> None:
        for table in (DraftRow, SourceRow, RecipeRow, PushRow):
            session.execute(update(table).where(table.dataset_id == former).values(dataset_id=dataset_id))

    rename(open_catalogue(portal), portal.store, former, dataset_id, at=portal.clock.now(), beside=follow)
    yield f"{former} is now {dataset_id}; its former addresses lead there."


def find_name(portal: Portal, name: str) -> str:
    """Return the present identifier of a dataset. Raises NotFound."""
    with portal.databases.session("catalogue") as session:
        return resolve_identifier(session, name)


def open_catalogue(portal: Portal) -> OpenSession:
    """Return what opens one transaction on the catalogue."""
    return lambda: portal.databases.session("catalogue")
