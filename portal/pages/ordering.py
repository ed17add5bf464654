"""The order in which people expect values: moments by time, classes by their first number, words by letter."""

import re
from collections.abc import Mapping
from functools import lru_cache

from babel import Locale

from portal.i18n import LANGUAGES, fold
from portal.pages.charts.periods import place

NUMBER = re.compile(r"\d+(?:[ \u00a0\u202f]\d{3}\b)*")
BELOW = ("moins", "less", "<", "under")
QUARTER = re.compile(
    r"(?:[tq]([1-4])|([1-4]) ?(?:er|eme|e|st|nd|rd|th) (?:trim(?:estre)?\.?|quarter))(?:[ /-](\d{4}))?"
)
NAMED = re.compile(r"([^\W\d_]+)\.?(?: (\d{4}))?")


def natural(text: str) -> tuple[int, float, str]:
    """Return what sorts a value among others: its kind (0: of time, 1: a number, 2: words), its rank, its letters."""
    moment = find_moment(text)
    if moment is not None:
        return 0, moment, text
    number = NUMBER.search(text)
    if number is None:
        return 2, 0.0, fold(text)
    value = float(re.sub(r"\D", "", number[0]))
    return 1, value - (0.5 if text.lower().startswith(BELOW) else 0.0), fold(text)


def find_moment(text: str) -> int | None:
    """Return the rank in time of a period (2026-T3, 2026-03), of a quarter or a month in words, of a day of the week.

    Months and quarters are known in both languages, with a year or without: "mars 2026", "Janv.", "Q1", "1er trimestre
    2026". None for anything else.
    """
    if found := place(text):
        return found[1]
    folded = fold(text).strip()
    if quarter := QUARTER.fullmatch(folded):
        return int(quarter[3] or 0) * 4 + int(quarter[1] or quarter[2]) - 1
    named = NAMED.fullmatch(folded)
    rank = _list_names().get(named[1]) if named else None
    return None if rank is None or named is None else int(named[2] or 0) * 12 + rank


@lru_cache
def _list_names() -> Mapping[str, int]:
    """Return the ranks of the names of months, whole and shortened, and of the days of the week."""
    ranks: dict[str, int] = {}
    for locale in map(Locale.parse, LANGUAGES):
        ranks |= {fold(name): day for day, name in locale.days["format"]["wide"].items()}
        for form in ("abbreviated", "wide"):
            names = locale.months["format"][form].items()
            ranks |= {fold(name).rstrip("."): month - 1 for month, name in names}
    return ranks
