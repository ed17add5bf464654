"""The catalogue as a feed: well-formed whatever the texts hold, and known by lasting addresses."""

from email.utils import parsedate_to_datetime
from xml.etree import ElementTree as ET

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from exports import ExportOptions
from exports.documents import clean_text
from exports.feed import ATOM, SITEMAP, Channel, tell_in_atom, write_rss, write_sitemap
from tests.exports.described import HOSTILE, PAGE, SITE, a_bare_dataset, a_dataset


def read_channel(datasets: list[dict[str, object]]) -> ET.Element:
    rss = ET.fromstring(b"".join(write_rss(datasets, SITE, ExportOptions())))
    assert (rss.tag, rss.attrib) == ("rss", {"version": "2.0"})
    [channel] = rss
    return channel


def test_the_channel_says_what_it_is() -> None:
    """Title, link, description (required by RSS 2.0), language, its own address and the last change."""
    channel = read_channel([a_dataset()])
    texts = [channel.findtext(tag) for tag in ("title", "link", "description", "language")]
    assert texts == ["Portail & essais", "https://portal.example/explore/", "Des données inventées.", "fr"]
    own = channel.find(f"{{{ATOM}}}link")
    assert own is not None
    assert own.get("href") == "https://portal.example/api/explore/v2.1/catalog/exports/rss"
    assert channel.findtext("lastBuildDate") == "Fri, 20 Nov 2026 08:00:00 +0000"


def test_an_item_is_known_by_its_page() -> None:
    """Link and guid are the address of the dataset; the description stays escaped HTML."""
    [item] = read_channel([a_dataset()]).findall("item")
    assert (item.findtext("link"), item.findtext("guid")) == (PAGE, PAGE)
    assert item.findtext("description") == "<p>Inventées.</p>"
    assert item.findtext("category") == "Culture"
    assert parsedate_to_datetime(item.findtext("pubDate") or "").isoformat() == "2026-11-20T08:00:00+00:00"


def test_the_latest_change_comes_first() -> None:
    """A reader of news sees what is new at the top; a dataset without date comes last."""
    old = a_dataset("old", modified="2020-01-01T00:00:00+00:00", title="Old")
    titles = [item.findtext("title") for item in read_channel([a_bare_dataset(), old, a_dataset()]).findall("item")]
    assert titles == ["Communes", "Old", "rien"]


@given(st.one_of(st.just(HOSTILE), st.text(max_size=30)))
@settings(max_examples=60, deadline=None)
def test_no_text_breaks_the_feed(text: str) -> None:
    """Markup and control characters are data, never structure."""
    channel = read_channel([a_dataset(title=text or "x", description=text, theme=[text])])
    [item] = channel.findall("item")
    assert (item.findtext("title") or "") == clean_text(text or "x")


@pytest.mark.parametrize("write", [write_rss, write_sitemap])
def test_an_empty_catalogue_is_a_document(write) -> None:
    """Nothing published is still well-formed XML."""
    ET.fromstring(b"".join(write([], SITE, ExportOptions())))


def test_the_sitemap_gives_every_page() -> None:
    """Search engines find the page of each dataset, and when it changed."""
    root = ET.fromstring(b"".join(write_sitemap([a_dataset(), a_bare_dataset()], SITE, ExportOptions())))
    found = [[child.text for child in url] for url in root.findall(f"{{{SITEMAP}}}url")]
    assert found == [[PAGE, "2026-11-20T08:00:00+00:00"], ["https://portal.example/explore/dataset/rien/"]]


@given(st.one_of(st.just(HOSTILE), st.text(max_size=30)))
@settings(max_examples=30)
def test_no_text_breaks_an_atom_feed(text: str) -> None:
    """In Atom too markup and control characters are data; titles come back as they were."""
    feed = Channel(text, "https://portal.example/explore/?q=é", "https://portal.example/explore/feed.atom", None)
    root = ET.fromstring(tell_in_atom([a_dataset(title=text or "x", description=text, theme=[text])], SITE, feed))
    assert root.tag == f"{{{ATOM}}}feed"
    assert (root.findtext(f"{{{ATOM}}}entry/{{{ATOM}}}title") or "") == clean_text(text or "x")
    assert root.findtext(f"{{{ATOM}}}updated") == "1970-01-01T00:00:00+00:00"
