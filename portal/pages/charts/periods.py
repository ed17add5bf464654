"""Periods as charts place them: their grain (year, quarter, month, week, day), their neighbours, their short names."""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from babel.dates import format_date

from portal.i18n import language, locale_for_numbers

YEARS = ("annee", "year")
PERIODS = ("periode", "period", "trimestre", "quarter", "mois", "month", "semaine", "week", *YEARS)
"""Names of fields whose texts or numbers are periods."""

MOST_FILLED = 800
"""Periods of an axis beyond which those without figures are not added."""


@dataclass(frozen=True)
class Grain:
    """A kind of period: how its texts are written, their number in the order of time, and back.

    `pattern` is that of ODSQL's `date_format`, for dates that are grouped.
    """

    written: re.Pattern[str]
    number: Callable[[tuple[int, ...]], int]
    text: Callable[[int], str]
    label: Callable[[int], str]
    pattern: str


def _week(number: int) -> tuple[int, int]:
    year, week, _ = date.fromordinal(number * 7 + 1).isocalendar()
    return year, week


def _label_quarter(number: int) -> str:
    return f"{'T' if language() == 'fr' else 'Q'}{number % 4 + 1} {number // 4}"


def _label_week(number: int) -> str:
    year, week = _week(number)
    return f"{'S' if language() == 'fr' else 'W'}{week} {year}"


def _label_month(number: int) -> str:
    return format_date(date(number // 12, number % 12 + 1, 1), "MMM y", locale=locale_for_numbers())


def _label_day(number: int) -> str:
    return format_date(date.fromordinal(number), "d MMM y", locale=locale_for_numbers())


GRAINS: Mapping[str, Grain] = {
    "year": Grain(re.compile(r"(\d{4})"), lambda p: p[0], lambda n: f"{n:04}", str, "yyyy"),
    "quarter": Grain(
        re.compile(r"(\d{4})-[TQ]([1-4])"),
        lambda p: p[0] * 4 + p[1] - 1,
        lambda n: f"{n // 4:04}-T{n % 4 + 1}",
        _label_quarter,
        "",
    ),
    "month": Grain(
        re.compile(r"(\d{4})-(0[1-9]|1[0-2])"),
        lambda p: p[0] * 12 + p[1] - 1,
        lambda n: f"{n // 12:04}-{n % 12 + 1:02}",
        _label_month,
        "yyyy-MM",
    ),
    "week": Grain(
        re.compile(r"(\d{4})-[SW](\d{2})"),
        lambda p: (date.fromisocalendar(p[0], p[1], 1).toordinal() - 1) // 7,
        lambda n: "{:04}-S{:02}".format(*_week(n)),
        _label_week,
        "",
    ),
    "day": Grain(
        re.compile(r"(\d{4})-(\d{2})-(\d{2})"),
        lambda p: date(*p).toordinal(),
        lambda n: date.fromordinal(n).isoformat(),
        _label_day,
        "yyyy-MM-dd",
    ),
}
"""Each grain, the coarsest first."""


def place(text: str) -> tuple[str, int] | None:
    """Return the grain of a period and its number in the order of time; None for what is no period."""
    for name, grain in GRAINS.items():
        if found := grain.written.fullmatch(text):
            try:
                return name, grain.number(tuple(map(int, found.groups())))
            except ValueError:  # a day or a week that no calendar holds
                return None
    return None


def sort_by_grain(texts: Iterable[str]) -> dict[str, list[str]]:
    """Return periods by their grain, the grains in the order of GRAINS, each in the order of time."""
    placed: dict[str, list[tuple[int, str]]] = {name: [] for name in GRAINS}
    for text in texts:
        if found := place(text):
            placed[found[0]].append((found[1], text))
    return {name: [text for _, text in sorted(held)] for name, held in placed.items() if held}


def fill(texts: Sequence[str]) -> list[str]:
    """Return periods of one grain with those missing between the first and the last, in the order of time."""
    placed = {found[1]: text for text in texts if (found := place(text))}
    if not placed or max(placed) - min(placed) > MOST_FILLED:
        return list(texts)
    found = place(texts[0])
    text = GRAINS[found[0]].text if found else str
    return [placed.get(number) or text(number) for number in range(min(placed), max(placed) + 1)]


def label(text: str) -> str:
    """Return the short name of a period in the reader's language: "T1 2026", "mars 2026"; else the text."""
    found = place(text)
    return GRAINS[found[0]].label(found[1]) if found else text
