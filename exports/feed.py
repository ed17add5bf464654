"""The catalogue as a feed: RSS 2.0 for readers of news, and the sitemap of search engines."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from email.utils import format_datetime
from xml.etree.ElementTree import Element, SubElement, register_namespace, tostring

from exports.documents import Described, Site, clean_text, find_meta, latest, title_of
from exports.exporter import ExportOptions

ATOM = "http://www.w3.org/2005/Atom"
SITEMAP = "http://www.sitemaps.org/schemas/sitemap/0.9"
register_namespace("atom", ATOM)


def write_rss(datasets: Sequence[Described], site: Site, options: ExportOptions) -> Iterator[bytes]:
    """Yield the catalogue in RSS 2.0: an item per dataset, known by the address of its page, the latest first."""
    rss = Element("rss", version="2.0")
    channel = SubElement(rss, "channel")
    _add(channel, "title", site.title)
    _add(channel, "link", site.catalogue)
    _add(channel, "description", site.description)
    _add(channel, "language", site.language)
    own = f"{site.api}/catalog/exports/rss"
    SubElement(channel, f"{{{ATOM}}}link", rel="self", href=own, type="application/rss+xml")
    if modified := latest(datasets):
        _add(channel, "lastBuildDate", _date(modified))
    for dataset in sorted(datasets, key=lambda each: find_meta(each, "default.modified") or "", reverse=True):
        _add_item(channel, dataset, site)
    yield _document(rss)


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


def _date(instant: str) -> str:
    return format_datetime(datetime.fromisoformat(instant))


def _document(root: Element) -> bytes:
    document: bytes = tostring(root, encoding="utf-8", xml_declaration=True)
    return document
