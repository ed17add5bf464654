"""Any search of the catalogue as a feed: what it finds, the latest first, at an address with the same parameters."""

from collections.abc import Callable, Mapping, Sequence
from hashlib import sha256
from typing import Any

from flask import Response, abort, request
from flask_babel import gettext as _

from exports import Site
from exports.documents import Described, latest
from exports.feed import Channel, tell_in_atom, tell_in_rss
from portal.extensions import portal
from portal.i18n import language
from portal.pages import listing
from portal.pages.filters import Filters
from portal.pages.opening import known_filters
from portal.pages.shelf import Shelf, get_shelf
from portal.respond import conditional

NEWEST = 50
"""Datasets that a feed tells."""

Write = Callable[[Sequence[Described], Site, Channel], bytes]
FEEDS: Mapping[str, tuple[Write, str]] = {
    "rss": (tell_in_rss, "application/rss+xml"),
    "atom": (tell_in_atom, "application/atom+xml"),
}
"""The formats of feeds, by the extension of their address: how each is written, and its media type."""

API = "/api/explore/v2.1"


def path_of(format_: str) -> str:
    """Return the path of a feed."""
    return f"/explore/feed.{format_}"


def feed(format_: str) -> Response:
    """Answer the newest of what a search finds; 304 as long as the catalogue is the same."""
    if format_ not in FEEDS:
        abort(404)
    lang = language()
    shelf = get_shelf(lang)
    filters = listing.shorten(known_filters(shelf.source)[0], shelf)
    write, media_type = FEEDS[format_]

    def build() -> Response:
        datasets = find_newest(filters, shelf)
        content = write(datasets, describe_site(lang), describe_feed(filters, format_, datasets))
        return Response(content, content_type=f"{media_type}; charset=utf-8")

    variant = sha256(request.query_string).hexdigest()[:16]
    response = conditional(shelf.version, build, variant=f"{format_}-{lang}-{variant}")
    response.vary.add("Accept-Language")
    return response


def find_newest(filters: Filters, shelf: Shelf) -> list[Described]:
    """Return the newest of what a search finds, as the API describes them, the latest change first.

    They have of the description what a feed tells, which is in memory: the rest is long to read.
    """
    ranks = listing.find_matches(filters, shelf, portal.engine, sort="modified")[:NEWEST]
    return [{"dataset_id": told["dataset_id"], "metas": {"default": _tell(told)}} for told in shelf.rows(ranks)]


def _tell(told: Mapping[str, Any]) -> dict[str, Any]:
    modified = told["modified"].isoformat() if told["modified"] else None
    return {**{name: told[name] for name in ("title", "description", "theme")}, "modified": modified}


def describe_feed(filters: Filters, format_: str, datasets: Sequence[Described]) -> Channel:
    """Return what a feed says of itself: the words and the values that it follows."""
    base, site = str(portal.settings.base_url), portal.settings.site_name
    asked = [*([filters.text] if filters.text else []), *(value for _name, value in filters.refined)]
    title = f"{', '.join(asked) or _('All the datasets')} – {site}"
    page, own = (base + filters.address(path) for path in ("/explore/", path_of(format_)))
    return Channel(title, page, own, latest(datasets))


def describe_site(lang: str) -> Site:
    """Return the portal as a feed speaks of it."""
    settings = portal.settings
    about = _("All the datasets of %(site)s: search, filter, download.", site=settings.site_name)
    base = str(settings.base_url)
    return Site(base, base + API, settings.site_name, about, settings.publisher, lang)
