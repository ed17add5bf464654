"""The catalogue, or what a search of it finds, as a feed: RSS 2.0 and Atom for readers of news; and the sitemap."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from email.utils import format_datetime
from xml.etree.ElementTree import Element, SubElement, register_namespace, tostring

from exports.documents import Described, Site, clean_text, find_meta, latest, title_of
from exports.exporter import ExportOptions

ATOM = "http://www.w3.org/2005/Atom"
SITEMAP = "http://www.sitemaps.org/schemas/sitemap/0.9"
XML_LANGUAGE = "{http://www.w3.org/XML/1998/namespace}lang"
ORIGIN = "1970-01-01T00:00:00+00:00"
register_namespace("atom", ATOM)


@dataclass(frozen=True)
class Channel:
    """What a feed is about: its title, the page that lists the same, its own address, its last change (ISO 8601)."""

    title: str
    page: str
    address: str
    updated: str | None


def write_rss(datasets: Sequence[Described], site: Site, options: ExportOptions) -> Iterator[bytes]:
    """Yield the catalogue in RSS 2.0: an item per dataset, known by the address of its page, the latest first."""
    own = f"{site.api}/catalog/exports/rss"
    ordered = sorted(datasets, key=lambda each: find_meta(each, "default.modified") or "", reverse=True)
    yield tell_in_rss(ordered, site, Channel(site.title, site.catalogue, own, latest(datasets)))


def tell_in_rss(datasets: Sequence[Described], site: Site, feed: Channel) -> bytes:
    """Return a list of datasets in RSS 2.0, in its order."""
    rss = Element("rss", version="2.0")
    channel = SubElement(rss, "channel")
    _add(channel, "title", feed.title)
    _add(channel, "link", feed.page)
    _add(channel, "description", site.description)
    _add(channel, "language", site.language)
    SubElement(channel, f"{{{ATOM}}}link", rel="self", href=feed.address, type="application/rss+xml")
    if feed.updated:
        _add(channel, "lastBuildDate", _date(feed.updated))
    for dataset in datasets:
        _add_item(channel, dataset, site)
    return _document(rss)


def tell_in_atom(datasets: Sequence[Described], site: Site, feed: Channel) -> bytes:
    """Return a list of datasets in Atom 1.0 (RFC 4287), in its order; a feed without date is as old as time."""
    root = Element("feed", {"xmlns": ATOM, XML_LANGUAGE: site.language})
    _tell(root, "id", feed.address)
    _tell(root, "title", feed.title)
    _tell(root, "updated", feed.updated or ORIGIN)
    _tell(root, "link", rel="self", type="application/atom+xml", href=feed.address)
    _tell(root, "link", rel="alternate", type="text/html", href=feed.page)
    _tell(_tell(root, "author"), "name", site.publisher or site.title)
    for dataset in datasets:
        _add_entry(root, dataset, site, feed.updated or ORIGIN)
    return _document(root)


def _add_entry(root: Element, dataset: Described, site: Site, updated: str) -> None:
    page = site.page(dataset["dataset_id"])
    entry = _tell(root, "entry")
    _tell(entry, "id", page)
    _tell(entry, "title", title_of(dataset))
    _tell(entry, "updated", find_meta(dataset, "default.modified") or updated)
    _tell(entry, "link", rel="alternate", type="text/html", href=page)
    _tell(entry, "summary", find_meta(dataset, "default.description") or "", type="html")
    for theme in find_meta(dataset, "default.theme") or ():
        _tell(entry, "category", term=clean_text(theme))


def _add_item(channel: Element, dataset: Described, site: Site) -> None:
    page = site.page(dataset["dataset_id"])
    item = SubElement(channel, "item")
    _add(item, "title", title_of(dataset))
    _add(item, "link", page)
    _add(item, "guid", page, isPermaLink="true")
    _add(item, "description", find_meta(dataset, "default.description") or "")
    for theme in find_meta(dataset, "default.theme") or ():
        _add(item, "category", theme)
    if modified := find_meta(dataset, "default.modified"):
        _add(item, "pubDate", _date(modified))


def write_sitemap(datasets: Sequence[Described], site: Site, options: ExportOptions) -> Iterator[bytes]:
    """Yield the addresses of the datasets' pages for search engines."""
    pages = Element("urlset", xmlns=SITEMAP)
    for dataset in datasets:
        page = SubElement(pages, "url")
        _add(page, "loc", site.page(dataset["dataset_id"]))
        if modified := find_meta(dataset, "default.modified"):
            _add(page, "lastmod", modified)
    yield _document(pages)


def _add(parent: Element, tag: str, text: str, **attributes: str) -> None:
    SubElement(parent, tag, attributes).text = clean_text(text)


def _tell(parent: Element, tag: str, text: str = "", **attributes: str) -> Element:
    """Add an element of Atom, and return it."""
    element = SubElement(parent, tag, attributes)
    element.text = clean_text(text) or None
    return element


def _date(instant: str) -> str:
    return format_datetime(datetime.fromisoformat(instant))


def _document(root: Element) -> bytes:
    document: bytes = tostring(root, encoding="utf-8", xml_declaration=True)
    return document
