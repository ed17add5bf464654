"""Disclosure control at the command line: what two releases tell together, and what a dataset hides."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from datasets.catalogue.catalogue import find_version as find_published
from datasets.catalogue.catalogue import get_dataset
from datasets.disclosure.comparison import compare, tell_comparison
from datasets.disclosure.explanation import Explanation, explain, tell_explanation
from datasets.errors import NotFound
from datasets.model import Version
from datasets.programming.releases import CERTIFICATE
from datasets.store.versions import DATA
from portal.extensions import Portal
from portal.pages.cells import HIDDEN


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
