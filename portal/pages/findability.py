"""How the site is found by others: the address of each page for search engines, the sitemap, what robots leave."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from urllib.parse import quote, urlencode
from xml.sax.saxutils import escape

from flask import current_app, request, url_for

from datasets.query import Query, Source, run_query
from datasets.store.engine import Engine
from portal.i18n import LANGUAGES, address_in

KEPT: Mapping[str, Callable[[str], bool]] = {"lang": LANGUAGES.__contains__, "page": str.isdecimal}
"""Parameters that make another page, and what they may be; an address with others is nobody's first choice."""

PER_SITEMAP = 50_000
"""Addresses that one sitemap may hold (sitemaps.org)."""

STANDING = (
    "pages.home",
    "pages.catalogue",
    "ges.page",
    "console.show_console",
    "audience.show",
    "privacy.show_policy",
    "privacy.show_register",
    "privacy.show_cookies",
    "privacy.show_retention",
    "site.show_declaration",
)
"""Pages that the sitemap tells beside the datasets, where this installation has them."""

ALLOWED = ("/api/explore/v2.1/console", "/api/explore/v2.1/catalog/exports/")
FENCED: Mapping[str, str] = {
    "/*?*q=": "searches: each is a part of the catalogue or of a table",
    "/*?*refine.": "filters: their crossings are without number",
    "/*?*exclude.": "the same",
    "/*?*from.": "bounds of a field: without number too",
    "/*?*to.": "the same",
    "/*?*has.": "words of a field: the same",
    "/*?*columns=": "the same table in another layout",
    "/*?*rows=": "the same",
    "/*?*dense=": "the same",
    "/*?*sort=": "the same rows in another order",
    "/*?*measure=": "the same map of another figure",
    "/*?*page=": "the sitemap tells every dataset",
    "/api/": "for programs: whole files, and queries that cost",
    "/*?*by=": "charts that readers make, without number",
    "/explore/dataset/*/record/": "records, one by one",
    "/explore/dataset/*/tiles/": "pieces of maps",
    "/pages/map/": "the same",
    "/pages/ges/example": "an example that each reader changes",
    "/embed/": "the same drawings, for other sites",
    "/explore/embed/": "their former addresses",
    "/explore/dataset/*/download": "a former address of whole files",
    "/account/": "for people who have signed in",
    "/desk/": "the same",
    "/partners/": "the same",
    "/producer/": "the same",
    "/login/": "forms",
    "/signup/": "the same",
    "/rights/": "the same",
    "/consents/": "the same",
}
"""What robots are asked to leave, and why."""

YEAR = timedelta(days=365)


@dataclass(frozen=True)
class Place:
    """An address of the sitemap, and when what is there changed, if that is known."""

    path: str
    modified: datetime | None = None


def canonical(base_url: str) -> str | None:
    """Return the address under which engines keep the present page; None for a part of a page (search, filter)."""
    pairs = sorted(request.args.items(multi=True))
    if not all(name in KEPT and KEPT[name](value) for name, value in pairs) or len(dict(pairs)) < len(pairs):
        return None
    return f"{base_url}{quote(request.path)}" + (f"?{urlencode(pairs)}" if pairs else "")


def alternates(base_url: str) -> Iterator[tuple[str, str]]:
    """Yield (hreflang, address) of the present page: one by language, and the one that follows the reader's."""
    for lang in LANGUAGES:
        yield lang, f"{base_url}{address_in(lang)}"
    kept = [pair for pair in request.args.items(multi=True) if pair[0] != "lang"]
    yield "x-default", f"{base_url}{quote(request.path)}" + (f"?{urlencode(kept)}" if kept else "")


def serves(path: str) -> bool:
    """Tell whether this installation answers a path by GET."""
    return current_app.url_map.bind("").test(path, method="GET")


def list_places(catalogue: Source | None, engine: Engine) -> list[Place]:
    """Return what the sitemap tells: the pages that stand, then every dataset, by identifier."""
    standing = [Place(url_for(name, lang=None)) for name in STANDING if name in current_app.view_functions]
    if catalogue is None:
        return standing
    query = Query(select="dataset_id, modified", order_by="dataset_id", limit=None)
    rows = run_query(query, catalogue, engine).rows.read_all().to_pylist()
    return [*standing, *(Place(_path(row["dataset_id"]), row["modified"]) for row in rows)]


def _path(dataset_id: str) -> str:
    return url_for("pages.information", dataset_id=dataset_id, lang=None)  # whatever the language of who asks


def write_sitemap(places: Iterable[Place], base_url: str) -> str:
    """Return the sitemap of these places."""
    return _write_xml("urlset", "url", ((base_url + place.path, place.modified) for place in places))


def write_index(places: list[Place], base_url: str) -> str:
    """Return the index of the sitemaps that the places fill, with the last change of each."""
    parts = (places[start : start + PER_SITEMAP] for start in range(0, len(places), PER_SITEMAP))
    last = (max((place.modified for place in part if place.modified), default=None) for part in parts)
    found = ((f"{base_url}/sitemap-{rank}.xml", modified) for rank, modified in enumerate(last, 1))
    return _write_xml("sitemapindex", "sitemap", found)


def _write_xml(root: str, each: str, addresses: Iterable[tuple[str, datetime | None]]) -> str:
    lines = (
        f"<{each}><loc>{escape(address)}</loc>"
        + (f"<lastmod>{modified.isoformat(timespec='seconds')}</lastmod>" if modified else "")
        + f"</{each}>"
        for address, modified in addresses
    )
    head = f'<?xml version="1.0" encoding="UTF-8"?>\n<{root} xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">'
    return "\n".join((head, *lines, f"</{root}>\n"))


def write_robots(base_url: str) -> str:
    """Return what robots are asked (RFC 9309): crawl the pages, leave what has no end and what costs."""
    lines = ["User-agent: *", *(f"Allow: {path}" for path in ALLOWED)]
    lines += [f"Disallow: {path}  # {reason}" for path, reason in FENCED.items()]
    return "\n".join((*lines, "", f"Sitemap: {base_url}/sitemap.xml", ""))


def write_security(contact: str, base_url: str, now: datetime) -> str:
    """Return to whom a weakness is told (RFC 9116)."""
    fields = {
        "Contact": f"mailto:{contact}",
        "Expires": (now + YEAR).strftime("%Y-%m-%dT00:00:00Z"),
        "Preferred-Languages": ", ".join(LANGUAGES),
        "Canonical": f"{base_url}/.well-known/security.txt",
    }
    return "".join(f"{name}: {value}\n" for name, value in fields.items())
