"""What a list shows of a text: the words that a search found, marked, and the part of a description where they are."""

from collections.abc import Iterator

from markupsafe import Markup, escape

from datasets.catalogue.search import Found, mark_words
from portal.pages.prose import plain_text

SUMMARY = 220
"""Letters of a description that a list shows."""


def mark(text: str, found: Found | None = None) -> Markup:
    """Return a text with the words that were found marked."""
    if found is None:
        return escape(text)
    marked = Markup("<mark>{}</mark>")
    return Markup("").join(
        marked.format(piece) if is_found else escape(piece) for piece, is_found in mark_words(found, text)
    )


def summarise(description: str, found: Found | None = None) -> Markup:
    """Return the beginning of a description as plain words, or the part of it where those found are, marked."""
    text, start = plain_text(description), 0
    if found is not None and (place := next(_places(text, found), 0)) > SUMMARY:
        start = max(text.rfind(". ", 0, place) + 2, text.rfind(" ", 0, place - SUMMARY // 2) + 1)
    part = text[start:]
    if len(part) > SUMMARY:
        part = part[:SUMMARY].rsplit(" ", 1)[0].rstrip(" ,;:.") + "…"
    return mark(f"… {part}" if start else part, found)


def _places(text: str, found: Found) -> Iterator[int]:
    """Yield where the words that were found begin in a text."""
    place = 0
    for piece, is_found in mark_words(found, text):
        if is_found:
            yield place
        place += len(piece)
