"""The rules of producers: a file is received, read, understood, decided, published."""

import hashlib
import hmac
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from datasets.catalogue.catalogue import find_dataset
from datasets.ingest import Ingested, read_file
from datasets.model import Version
from datasets.publish import Release, publish
from portal.extensions import Portal
from portal.producers import describing

BUSY = ("received", "reading", "publishing")
STATES = (*BUSY, "understood", "refused", "published")


def owner_of(secret: str, account_id: str) -> str:
    """Return the name under which `account_id` holds drafts: a hash keyed by the secret of the instance."""
    return hmac.new(secret.encode(), b"draft owner|" + account_id.encode(), hashlib.sha256).hexdigest()


def publish_file(
    portal: Portal, file: Path, dataset_id: str, *, title: str | None = None, published: bool = False
) -> Iterator[str]:
    """Read `file` and yield what was understood, line by line; publish it as `dataset_id` when `published`.

    A dataset of that name keeps its description and gets a new version. Raises IngestError, InvalidParameter.
    """
    describing.check_identifier(dataset_id)
    with file.open("rb") as stream:
        sha256 = hashlib.file_digest(stream, "sha256").hexdigest()
    found = read_file(file)
    yield from describing.tell(found)
    if not published:
        yield "Nothing was published: add --publish to publish it."
        return
    description = {"title": title or describing.propose_title(file.name)}
    version = release(portal, dataset_id, description, found, describing.provenance(file.name, sha256, found))
    yield f"{dataset_id}: {version.rows} records, version {version.version_id}"


def release(
    portal: Portal,
    dataset_id: str,
    description: Mapping[str, Any],
    found: Ingested,
    provenance: Mapping[str, Any],
) -> Version:
    """Publish the rows that were found, as `dataset_id`; what was already described and is not told anew stays."""
    metadata = describing.describe(description, portal.settings.publisher, portal.settings.licence)
    with portal.databases.session("catalogue") as session:
        known = find_dataset(session, dataset_id)
    if known is not None:
        metadata = {**known.metadata, **metadata}
    ready = Release(dataset_id, metadata, found.schema, found.table, provenance)
    return publish(lambda: portal.databases.session("catalogue"), portal.store, [ready], at=portal.clock.now())[0]
