"""Rows that were read become a version: they are made what the dataset asks, then they come to the others."""

from collections.abc import Callable, Sequence
from dataclasses import replace

from sqlalchemy.orm import Session

from datasets.catalogue.catalogue import find_dataset
from datasets.history.updates import update_rows
from datasets.model import Version
from datasets.publish import Release, publish
from datasets.query import source_of
from datasets.store.workshop import open_workshop
from portal.extensions import Portal


def publish_rows(
    portal: Portal,
    release: Release,
    *,
    update: str = "replace",
    key: Sequence[str] = (),
    beside: Callable[[Session, Sequence[Version]], None] = lambda session, versions: None,
) -> Version:
    """Publish the rows of `release` (a table) as they come to those of its dataset, and return the version.

    `update` is one of `datasets.history.updates.UPDATES`, `key` the fields that tell one row from another; `beside`
    writes in the transaction that publishes. Raises IngestError when something does not fit, Conflict when another
    publication came first: nothing has changed then.
    """
    with portal.databases.session("catalogue") as session:
        known = find_dataset(session, release.dataset_id)
    current = known.version if known else None
    with open_workshop(portal.store, portal.engine) as workshop:
        source = source_of(current, portal.store) if current else None
        updated = update_rows(update, workshop, source, release.schema, release.rows, key)
        told = {"update": update, "key": list(key), "corrected": updated.corrected, "added": updated.added}
        ready = replace(
            release,
            schema=updated.schema,
            rows=updated.rows,
            provenance={**release.provenance, **({} if update == "replace" else told)},
            based_on=None if update == "replace" else current.version_id if current else "",
        )
        versions = publish(
            lambda: portal.databases.session("catalogue"), portal.store, [ready], at=portal.clock.now(), beside=beside
        )
    return versions[0]
