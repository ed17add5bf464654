"""How to cite a version of a dataset: as a sentence and for a bibliography, with an address that does not change."""

import re
from dataclasses import dataclass
from datetime import date

from flask_babel import gettext as _

from datasets.model import Dataset, Version
from portal.i18n import day, said
from portal.pages.words import licence_name

SPECIAL = {
    "\\": r"\textbackslash{}",
    "~": r"\textasciitilde{}",
    "^": r"\textasciicircum{}",
    **{sign: rf"\{sign}" for sign in "&%$#_{}"},
}
"""What BibTeX would take for an order, and how it is written."""


@dataclass(frozen=True)
class Citation:
    """What a reader copies: a sentence, an entry of BibTeX, the permanent address of the version."""

    text: str
    bibtex: str
    address: str


def cite(dataset: Dataset, version: Version, base_url: str) -> Citation:
    """Return how to cite a version of a dataset, in the reader's language."""
    metadata = dataset.metadata
    address = f"{base_url}/explore/dataset/{dataset.dataset_id}/version/{version.version_id}/"
    title = said(metadata.get("title")) or dataset.dataset_id
    publisher, licence = metadata.get("publisher") or "", licence_name(metadata.get("licence"))
    text = _(
        "%(publisher)s, “%(title)s”, version of %(day)s, %(licence)s.",
        publisher=publisher,
        title=title,
        day=day(version.created),
        licence=licence,
    )
    fields = {
        "author": f"{{{escape(publisher)}}}",
        "title": f"{{{escape(title)}}}",
        "year": str(version.created.year),
        "month": str(version.created.month),
        "version": escape(version.version_id),
        "note": escape(licence),
        "url": address,
    }
    return Citation(f"{text} {address}", write_entry(name_entry(dataset.dataset_id, version.created), fields), address)


def name_entry(dataset_id: str, created: date) -> str:
    """Return the key of an entry: letters, digits and hyphens."""
    return f"{re.sub('[^A-Za-z0-9]+', '-', dataset_id).strip('-')}-{created:%Y-%m-%d}"


def write_entry(key: str, fields: dict[str, str]) -> str:
    """Return an entry of BibTeX; the fields are escaped already."""
    lines = (f"  {name:<8}= {{{value}}}," for name, value in fields.items())
    return "\n".join((f"@misc{{{key},", *lines, "}"))


def escape(text: str) -> str:
    """Return a text that BibTeX gives back as it was, on one line."""
    return "".join(SPECIAL.get(sign, sign) for sign in " ".join(text.split()))
