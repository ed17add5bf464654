"""Records as a feed: RSS 2.0 and Atom, an entry per record."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from email.utils import format_datetime
from typing import Any
from xml.etree.ElementTree import Element, SubElement, tostring

from exports.documents import clean_text

ATOM = "http://www.w3.org/2005/Atom"


@dataclass(frozen=True)
class Feed:
    """What a feed is about: its title, the page of the dataset, its own address, its publisher, its last change."""

    title: str
    page: str
    address: str
    publisher: str
    updated: datetime


def write_rss(feed: Feed, records: Iterable[Mapping[str, Any]]) -> bytes:
    """Return records in RSS 2.0."""
    rss = Element("rss", version="2.0")
    channel = SubElement(rss, "channel")
    for tag, text in (("title", feed.title), ("link", feed.page), ("description", feed.title)):
        _add(channel, tag, text)
    _add(channel, "lastBuildDate", format_datetime(feed.updated))
    for record in records:
        item = SubElement(channel, "item")
        _add(item, "title", _title(record))
        _add(item, "link", feed.page)
        _add(item, "guid", record["recordid"], isPermaLink="false")
        _add(item, "description", _description(record))
        _add(item, "pubDate", format_datetime(feed.updated))
    return _document(rss)


def write_atom(feed: Feed, records: Iterable[Mapping[str, Any]]) -> bytes:
    """Return records in Atom 1.0."""
    root = Element("feed", xmlns=ATOM)
    updated = feed.updated.isoformat(timespec="seconds")
    for tag, text in (("id", feed.address), ("title", feed.title), ("updated", updated)):
        _add(root, tag, text)
    SubElement(root, "link", rel="self", href=feed.address)
    _add(SubElement(root, "author"), "name", feed.publisher)
    for record in records:
        entry = SubElement(root, "entry")
        _add(entry, "id", f"urn:sha1:{record['recordid']}")
        _add(entry, "title", _title(record))
        _add(entry, "updated", updated)
        SubElement(entry, "link", rel="alternate", href=feed.page)
        _add(entry, "summary", _description(record))
    return _document(root)


def _title(record: Mapping[str, Any]) -> str:
    """Return the first text of a record that is more than a code, else its identifier."""
    texts = [value for value in record["fields"].values() if isinstance(value, str)]
    return next((text for text in texts if not text.isdigit()), record["recordid"])


def _description(record: Mapping[str, Any]) -> str:
    shown = {name: value for name, value in record["fields"].items() if not isinstance(value, dict)}
    return "\n".join(f"{name}: {value}" for name, value in shown.items())


def _add(parent: Element, tag: str, text: str, **attributes: str) -> None:
    SubElement(parent, tag, attributes).text = clean_text(text)


def _document(root: Element) -> bytes:
    document: bytes = tostring(root, encoding="utf-8", xml_declaration=True)
    return document
