"""The page of the catalogue: what is searched, and what is told of each dataset found."""

from functools import partial

from flask import render_template

from datasets.catalogue.catalogue import find_dataset
from portal.extensions import portal
from portal.i18n import language
from portal.pages import findability, listing
from portal.pages.facets import Choice
from portal.pages.feeds import FEEDS, path_of
from portal.pages.filters import Filters
from portal.pages.opening import answers, known_filters
from portal.pages.secrecy import find_secrecy
from portal.pages.shelf import Entry, Shelf, find_shelf

PATH = "/explore/"


def catalogue() -> str:
    """Search the catalogue: words, facets, order, pages."""
    lang = language()
    shelf = find_shelf(lang)
    if shelf is None:
        return render_template("pages/nothing.html")
    source = shelf.source
    filters, ignored = known_filters(source)
    filters = listing.shorten(filters, shelf)
    results = answers.get(
        (source.version_id, filters, lang),
        lambda: listing.search_catalogue(filters, shelf, portal.engine, path=PATH, lang=lang),
    )
    return render_template(
        "pages/catalogue.html",
        results=results,
        filters=filters,
        ignored=ignored,
        listing=listing,
        feeds={path_of(name): media_type for name, (_write, media_type) in FEEDS.items()},
        hidden=partial(find_hidden_share, source.version_id),
        themes=list_themes(filters, shelf, lang) if not results.total else (),
        pictured=findability.serves("/explore/dataset/-/preview.svg"),
    )


def list_themes(filters: Filters, shelf: Shelf, lang: str) -> tuple[Choice, ...]:
    """Return the themes of the whole catalogue, for whom nothing was found."""
    state = Filters(lang=filters.lang)
    themes = listing.list_facets(state, shelf, portal.engine, ("theme",), path=PATH, lang=lang)
    return themes[0].first if themes else ()


def find_hidden_share(state: str, entry: Entry) -> float | None:
    """Return which share of its figures a dataset hides, in that state of the catalogue; None when it does not say."""
    return (
        answers.get(("hidden", state, entry.dataset_id), lambda: read_share(entry.dataset_id))
        if entry.protected
        else None
    )


def read_share(dataset_id: str) -> float | None:
    """Return the share of the figures of a dataset that its explanation says are hidden."""
    with portal.databases.session("catalogue") as session:
        found = find_dataset(session, dataset_id)
    secrecy = find_secrecy(found.version, portal.store) if found else None
    return secrecy.share if secrecy else None
