"""Disclosure control at the command line: what two releases tell together, what a dataset hides, what it must hide."""

import json
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq

from datasets.catalogue.catalogue import find_version as find_published
from datasets.catalogue.catalogue import get_dataset, list_datasets
from datasets.disclosure.comparison import compare, tell_comparison
from datasets.disclosure.explanation import Explanation, explain, tell_explanation
from datasets.disclosure.locking import Cell, choose_locked, hide_cells
from datasets.disclosure.served import read_served
from datasets.errors import NotFound
from datasets.model import Dataset, Version
from datasets.programming.releases import CERTIFICATE, EXPLANATION, TITLES
from datasets.publish import Release, publish
from datasets.store.versions import DATA
from portal.extensions import Portal
from portal.pages.cells import HIDDEN
from portal.programming import find_territories


def compare_releases(portal: Portal, old: str, new: str, lang: str) -> Iterator[str]:
    """Yield what a reader of two releases learns; each is a file, a dataset, or a dataset/version."""
    files = [
        Path(name) if Path(name).is_file() else read_rows(portal, find_version(portal, name)) for name in (old, new)
    ]
    yield from tell_comparison(compare(files[0], files[1]), lang)


def report(portal: Portal, name: str, lang: str) -> Iterator[str]:
    """Yield what a dataset (or dataset/version) hides, what it costs, how to hide less, and what was tried."""
    yield from tell_explanation(explain_version(portal, find_version(portal, name)), lang)


def explain_version(portal: Portal, version: Version) -> Explanation:
    """Return what a version of a protected dataset hides. Raises DisclosureError when it is not one."""
    return explain(read_rows(portal, version), read_certificate(portal, version))


def read_certificate(portal: Portal, version: Version) -> dict[str, Any] | None:
    """Return the certificate that stands beside the rows of a version, None when there is none."""
    if version.find_file(CERTIFICATE) is None:
        return None
    with portal.store.open(version, CERTIFICATE) as file:
        return dict(json.load(file))


def read_rows(portal: Portal, version: Version) -> bytes:
    """Return the rows of a version as they are stored (Parquet)."""
    with portal.store.open(version, DATA) as file:
        return file.read()


def find_version(portal: Portal, name: str) -> Version:
    """Return the version of a protected dataset that "dataset" (the current one) or "dataset/version" names.

    Raises NotFound, for a dataset without a field `masque` too.
    """
    dataset_id, _, version_id = name.partition("/")
    with portal.databases.session("catalogue") as session:
        dataset = get_dataset(session, dataset_id)
        version = find_published(session, dataset.dataset_id, version_id) if version_id else dataset.version
    if version is None:
        raise NotFound(kind="version", name=name)
    version.schema.get_field(HIDDEN)
    return version


def lock(portal: Portal, dataset_id: str, cell: Cell, reason: str) -> Iterator[str]:
    """Hide a cell that may no longer be told, and what would tell it, in every dataset of the same source.

    Yields what was hidden. Raises NotFound, and DisclosureError when the cell cannot be hidden.
    """
    version = find_version(portal, dataset_id)
    chosen = choose_locked(read_served(read_rows(portal, version)), cell, find_territories(portal).communes)
    with portal.databases.session("catalogue") as session:
        datasets = [each for each in list_datasets(session) if each.version and is_sibling(each.version, version)]
    releases = [
        release for each in datasets if each.version for release in hide_in(portal, each, each.version, chosen, reason)
    ]
    versions = publish(lambda: portal.databases.session("catalogue"), portal.store, releases, at=portal.clock.now())
    for hidden in sorted(chosen):
        yield f"hidden: {' '.join(hidden)}"
    for made in versions:
        yield f"{made.dataset_id}: version {made.version_id}"


def is_sibling(version: Version, other: Version) -> bool:
    """Return whether two versions come from the same protected source: what one hides the other would tell."""
    same = version.provenance.get("source") == other.provenance.get("source")
    return version.dataset_id == other.dataset_id or (same and version.schema.find_field(HIDDEN) is not None)


def hide_in(portal: Portal, dataset: Dataset, version: Version, cells: set[Cell], reason: str) -> Iterator[Release]:
    """Yield the dataset with some cells hidden, if it shows any; its certificate, made for other bytes, goes."""
    rows = pq.read_table(BytesIO(read_rows(portal, version)))
    left = hide_cells(rows, cells)
    if not left.equals(rows):
        explanation = json.dumps(explain(left.to_pandas()).to_dict(), ensure_ascii=False, indent=1).encode()
        yield Release(
            dataset.dataset_id,
            dataset.metadata,
            version.schema,
            left,
            provenance={**version.provenance, "locked": reason},
            files={EXPLANATION: explanation},
            titles={EXPLANATION: TITLES[EXPLANATION]},
        )
