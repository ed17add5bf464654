"""A producer's datasets: what they have published, what waits, what is under way, and what to do next."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from datasets.catalogue.tables import DatasetRow
from datasets.model import text_in
from portal.extensions import Portal
from portal.i18n import fold
from portal.producers.service import BUSY, find_datasets, list_drafts
from portal.producers.tables import DraftRow

STATES = ("draft", "review", "published", "withdrawn")


@dataclass(frozen=True)
class Entry:
    """A line of "my datasets": its state, one of STATES, and whether a job is at work on it.

    `renews` tells a draft that is a new version of a dataset that exists.
    """

    draft: DraftRow
    state: str
    title: str
    dataset_id: str
    modified: datetime
    busy: bool = False
    renews: bool = False


def list_entries(portal: Portal, owner: str, *, text: str = "", state: str = "", lang: str = "fr") -> list[Entry]:
    """Return the datasets and drafts of `owner`, the last changed first; `text` and `state` narrow them.

    A dataset published several times is one line.
    """
    drafts = list_drafts(portal.databases, owner)
    rows = find_datasets(portal, {draft.dataset_id for draft in drafts})
    entries = [_entry(draft, rows.get(draft.dataset_id), lang) for draft in _latest(drafts)]
    return [entry for entry in entries if _matches(entry, fold(text), state)]


def _latest(drafts: Iterable[DraftRow]) -> list[DraftRow]:
    """Keep, of the published drafts of one dataset, the last one."""
    seen: set[str] = set()
    kept = []
    for draft in drafts:
        if draft.state == "published":
            if draft.dataset_id in seen:
                continue
            seen.add(draft.dataset_id)
        kept.append(draft)
    return kept


def _entry(draft: DraftRow, row: DatasetRow | None, lang: str) -> Entry:
    title = draft.description.get("title") or draft.file_name
    if draft.state != "published":
        state = "review" if draft.state == "review" else "draft"
        renews = row is not None and row.issued is not None
        return Entry(draft, state, title, draft.dataset_id, draft.modified, draft.state in BUSY, renews)
    state = "withdrawn" if row is None or row.current_version is None else "published"
    told = text_in(row.metadata_.get("title"), lang) if row else None
    return Entry(draft, state, told or title, draft.dataset_id, draft.modified)


def _matches(entry: Entry, text: str, state: str) -> bool:
    words = fold(f"{entry.title} {entry.dataset_id} {entry.draft.file_name}")
    return all(word in words for word in text.split()) and state in ("", entry.state)
