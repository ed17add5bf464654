"""The page of the catalogue: what is searched, and what is told of each dataset found."""

from functools import partial

from flask import render_template

from datasets.catalogue.catalogue import find_dataset
from portal.extensions import portal
from portal.i18n import language
from portal.pages import findability, listing
from portal.pages.opening import answers, known_filters
from portal.pages.secrecy import find_secrecy
from portal.pages.shelf import Entry, find_shelf

PATH = "/explore/"


def catalogue() -> str:
    """Search the catalogue: words, facets, order, pages."""
    lang = language()
    shelf = find_shelf(lang)
    if shelf is None:
        return render_template("pages/nothing.html")
    source = shelf.source
    filters, ignored = known_filters(source)
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
        hidden=partial(find_hidden_share, source.version_id),
        pictured=findability.serves("/explore/dataset/-/preview.svg"),
    )


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
