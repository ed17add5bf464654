"""What the first tab of a dataset tells beside its description: figures, how to cite, what is near, last versions."""

from typing import Any

from datasets.catalogue.catalogue import list_history
from datasets.catalogue.metadata import metadata_text
from datasets.errors import NotFound
from datasets.model import Version
from portal.extensions import portal
from portal.i18n import language
from portal.pages.citation import Citation, cite
from portal.pages.highlights import Highlight, find_highlights
from portal.pages.history import State, tell_states
from portal.pages.opening import View, answers, find_catalogue
from portal.pages.related import Related, find_related

LAST = 3
"""Versions that the first tab tells; the others have their page."""


def tell_overview(view: View) -> dict[str, Any]:
    """Return what the template of the first tab needs beside the dataset."""
    return {
        "highlights": tell_highlights(view),
        "related": tell_related(view),
        "citation": cite_version(view),
        "states": tell_history(view)[:LAST],
        "reuses": metadata_text(view.dataset.metadata, "reuses", language()),
    }


def tell_highlights(view: View) -> list[Highlight]:
    """Return the figures of the dataset, remembered by its version."""
    year, lang = portal.clock.now().year, language()
    key = ("highlights", view.id, view.source.version_id, year, lang)
    found: list[Highlight] = answers.get(key, lambda: find_highlights(view.source, portal.engine, year=year))
    return found


def tell_related(view: View) -> list[Related]:
    """Return the datasets near this one, remembered by the version of the catalogue."""
    lang = language()
    catalogue = find_catalogue(lang)
    if catalogue is None:
        return []
    key = ("related", view.id, catalogue.version_id, lang)
    metadata = view.dataset.metadata
    found: list[Related] = answers.get(key, lambda: find_related(view.id, metadata, catalogue, portal.engine))
    return found


def tell_history(view: View) -> list[State]:
    """Return the versions of the dataset, the newest first."""
    with portal.databases.session("catalogue") as session:
        return tell_states(list_history(session, view.id))


def cite_version(view: View) -> Citation:
    """Return how to cite the version that is shown."""
    return cite(view.dataset, version_of(view), portal.settings.base_url)


def version_of(view: View) -> Version:
    """Return the version that is shown: a view always has one. Raises NotFound."""
    version = view.dataset.version
    if version is None:
        raise NotFound(kind="dataset", name=view.id)
    return version
