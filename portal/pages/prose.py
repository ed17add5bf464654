"""Descriptions written by producers: the little HTML that they may hold, and nothing that could act."""

import re
from html import escape
from html.parser import HTMLParser

from markupsafe import Markup

ALLOWED = {"p", "br", "ul", "ol", "li", "strong", "em", "b", "i", "code", "h3", "h4", "blockquote", "a"}
VOID = {"br"}
DROPPED = {"script", "style", "template", "iframe", "object", "svg", "math", "noscript", "textarea", "title"}
"""Elements whose content is not text for people: they go with all they hold."""
SCHEMES = ("https://", "http://", "mailto:", "/")


class _Cleaner(HTMLParser):
    """Copies text and the allowed elements, closed in order, without attributes but safe links."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.parts: list[str] = []
        self.open: list[str] = []
        self.dropped = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in DROPPED:
            self.dropped += 1
        elif tag in ALLOWED and not self.dropped:
            self.parts.append(f"<{tag}{_safe_link(dict(attrs)) if tag == 'a' else ''}>")
            if tag not in VOID:
                self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        if tag in DROPPED:
            self.dropped = max(0, self.dropped - 1)
        elif tag in self.open and not self.dropped:
            while (last := self.open.pop()) != tag:
                self.parts.append(f"</{last}>")
            self.parts.append(f"</{tag}>")

    def handle_data(self, data: str) -> None:
        if not self.dropped:
            self.parts.append(escape(data))


def _safe_link(attrs: dict[str, str | None]) -> str:
    href = (attrs.get("href") or "").strip()
    if href.lower().startswith(SCHEMES) and not href.startswith(("//", "/\\")):
        return f' href="{escape(href)}" rel="nofollow noopener"'
    return ""


def clean_html(text: str) -> Markup:
    """Return a description as safe HTML; a text without any element becomes paragraphs."""
    if "<" not in text:
        text = "".join(f"<p>{escape(part, quote=False)}</p>" for part in text.split("\n\n") if part.strip())
    cleaner = _Cleaner()
    cleaner.feed(text)
    cleaner.close()
    closing = (f"</{tag}>" for tag in reversed(cleaner.open))
    return Markup("".join((*cleaner.parts, *closing)))  # noqa: S704  (built by _Cleaner: escaped text, allowed tags)


class _Reader(HTMLParser):
    """Keeps the text of an HTML fragment."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.words: list[str] = []
        self.dropped = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.dropped += tag in DROPPED
        self.words.append(" ")

    def handle_endtag(self, tag: str) -> None:
        self.dropped = max(0, self.dropped - (tag in DROPPED))
        self.words.append(" ")

    def handle_data(self, data: str) -> None:
        if not self.dropped:
            self.words.append(data)


def plain_text(text: str, limit: int | None = None) -> str:
    """Return the words of an HTML fragment on one line, cut at a word with an ellipsis beyond `limit` characters."""
    reader = _Reader()
    reader.feed(text)
    reader.close()
    words = " ".join("".join(reader.words).split()).replace(" .", ".").replace(" ,", ",")
    if limit is None or len(words) <= limit:
        return words
    return words[:limit].rsplit(" ", 1)[0].rstrip(" ,;:.") + "…"


def first_sentence(text: str, limit: int = 240) -> str:
    """Return the first sentence of an HTML fragment, cut at a word beyond `limit` characters."""
    words = plain_text(text)
    end = re.search(r"[.!?…](?= [A-ZÀ-Þ«“])", words)
    return plain_text(escape(words[: end.end()] if end else words), limit)
