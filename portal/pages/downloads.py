"""What the download tab offers: the formats, how many records, the versions before, how to cite."""

from typing import Any

from datasets.query import count_query
from datasets.store.made import MadeFiles
from portal.extensions import portal
from portal.i18n import language
from portal.pages.examples import API
from portal.pages.formats import choose_first, group_others, list_formats
from portal.pages.opening import View, answers
from portal.pages.overview import cite_version, tell_history, version_of

LAST = 5
"""Former versions that the tab offers; the others have their page."""


def tell_downloads(view: View) -> dict[str, Any]:
    """Return what the template of the downloads needs beside the dataset and its addresses."""
    version, address = version_of(view), f"{portal.settings.base_url}{API}/{view.id}"
    offered = list_formats(version, MadeFiles(portal.store), language(), address)
    former = [state.entry for state in tell_history(view) if not state.entry.current]
    return {
        "first": choose_first(offered),
        "others": group_others(offered),
        "kept": count_kept(view),
        "former": [entry for entry in former if entry.withdrawn_reason is None][:LAST],
        "citation": cite_version(view),
    }


def count_kept(view: View) -> int:
    """Return how many records the filters keep."""
    if not view.filters.active:
        return version_of(view).rows
    kept: int = answers.get(("kept", *view.key), lambda: count_query(view.filters.query(), view.source, portal.engine))
    return kept
