"""The present instant, and dates written by a pattern in the reader's language."""

import re
from typing import TYPE_CHECKING, Literal

from babel import Locale, UnknownLocaleError
from babel.dates import get_day_names, get_month_names

from datasets.odsql import nodes
from datasets.odsql.hints import near
from datasets.odsql.kinds import family_of
from datasets.odsql.nodes import Node
from datasets.odsql.reasons import over

if TYPE_CHECKING:
    from datasets.odsql.checks import Checker
    from datasets.odsql.functions import Function
    from datasets.odsql.sql import Writer

WEEKDAYS = ("mondays", "tuesdays", "wednesdays", "thursdays", "fridays", "saturdays", "sundays")
SETS = ("year", "month", "day", "hour", "minute", "second", "microsecond")
ADDS = {
    "years": "to_years",
    "months": "to_months",
    "weeks": "to_weeks",
    "days": "to_days",
    "hours": "to_hours",
    "minutes": "to_minutes",
    "seconds": "to_seconds",
    "microseconds": "to_microseconds",
}
Width = Literal["wide", "abbreviated"]
MOST = 100_000
MOST_LETTERS = 200
PIECE = re.compile(r"'(?:[^']|'')*'|([A-Za-z])\1*|[^A-Za-z']+")

NUMBERS: dict[str, str] = {
    "yy": "%y", "yyyy": "%Y", "xx": "%G", "xxxx": "%G", "w": "%V", "ww": "%V", "e": "%u", "D": "%j", "DDD": "%j",
    "M": "%-m", "MM": "%m", "d": "%-d", "dd": "%d", "H": "%-H", "HH": "%H", "m": "%-M", "mm": "%M", "s": "%-S",
    "ss": "%S",
}  # fmt: skip
"""Letters of a date pattern and what the engine calls them."""


def check_now(checker: "Checker", function: "Function", call: nodes.Call) -> Node:
    """Check now(…): named whole numbers; the last wins when one is repeated."""
    given: dict[str, int] = {}
    for argument in call.arguments:
        match argument:
            case nodes.Compare("=", nodes.Name(name), nodes.Literal(int(value))) if abs(value) <= MOST:
                given[name.lower()] = value
            case _:
                checker.wrong("now arguments", most=MOST)
    known = (*SETS, *ADDS, *WEEKDAYS, "weekday")
    for name in given:
        if name not in known:
            checker.wrong("now unknown", names=name, hint=near(name, known))
    return nodes.Apply(function, (), position=call.position, type="datetime", extra=tuple(given.items()))


def write_now(writer: "Writer", node: nodes.Apply) -> str:
    """Write an instant near the present one: parts set first, then added, then moved to a weekday."""
    given = dict(node.extra)
    local = f"timezone({writer.bind(writer.zone)}, now())"
    if any(name in given for name in SETS):
        local = write_set(writer, local, given)
    for name, add in ADDS.items():
        if name in given:
            local = f"({local} + {add}({writer.bind(given[name])}))"
    if not ADDS.keys().isdisjoint(given):
        local = f"least(greatest({local}, TIMESTAMP '0001-01-02'), TIMESTAMP '9999-12-30')"
    moves = [(day, given[name]) for day, name in enumerate(WEEKDAYS) if given.get(name)]
    if "weekday" in given:
        moves.append((given["weekday"] % 7, 1))
    for day, times in moves:
        local = write_weekday(writer, local, day, times)
    return f"timezone({writer.bind(writer.zone)}, {local})"


def write_set(writer: "Writer", local: str, given: dict[str, int]) -> str:
    """Write a local time with some of its parts set; a day too great for the month becomes its last."""

    def part(name: str, least: int, most: int) -> str:
        return writer.bind(min(max(given[name], least), most)) if name in given else f"{name}({local})"

    year, month, day = part("year", 1, 9999), part("month", 1, 12), part("day", 1, 31)
    hour, minute = part("hour", 0, 23), part("minute", 0, 59)
    second = part("second", 0, 59) if "second" in given else f"(microsecond({local}) // 1000000)"
    rest = part("microsecond", 0, 999_999) if "microsecond" in given else f"(microsecond({local}) % 1000000)"
    day = f"least({day}, day(last_day(make_date({year}, {month}, 1))))"
    return f"make_timestamp({year}, {month}, {day}, {hour}, {minute}, {second} + {rest} / 1000000.0)"


def write_weekday(writer: "Writer", local: str, day: int, times: int) -> str:
    """Write the n-th such weekday from a local time: itself counts as the first, either way."""
    today, wanted = f"(isodow({local}) - 1)", writer.bind(day)
    ahead = f"({wanted} - {today} + 7) % 7" if times > 0 else f"({today} - {wanted} + 7) % 7"
    days = f"to_days(CAST({ahead} + {writer.bind(7 * (abs(times) - 1))} AS INTEGER))"
    return f"({local} {'+' if times > 0 else '-'} {days})"


def check_format(checker: "Checker", function: "Function", call: nodes.Call) -> Node:
    """Check date_format(moment, 'pattern')."""
    moment, pattern = (*call.arguments, nodes.Star(), nodes.Star())[:2]
    if not isinstance(pattern, nodes.Literal) or not isinstance(pattern.value, str) or len(call.arguments) != 2:
        checker.wrong("format arguments")
    if len(pattern.value) > MOST_LETTERS:
        raise over("pattern", MOST_LETTERS)
    checked = checker.value(moment)
    if family_of(checked) != "moment" or isinstance(checked, nodes.Date):
        checker.wrong("format arguments")
    pieces = tuple(match.group() for match in PIECE.finditer(pattern.value))
    unknown = [piece for piece in pieces if piece[0].isalpha() and not known(piece)]
    if unknown or "".join(pieces) != pattern.value:
        checker.wrong("format letters", found=unknown[0] if unknown else "'")
    return nodes.Apply(function, (checked, pattern), position=call.position, type="text", extra=pieces)


def known(piece: str) -> bool:
    """Whether letters of a date pattern mean something."""
    return numbered(piece) in NUMBERS or (piece[0] in "EM" and len(piece) >= 1)


def numbered(piece: str) -> str:
    """Return the letters of a pattern under their usual spelling: capital Y as y, one y as four."""
    lowered = piece.replace("Y", "y")
    return "yyyy" if lowered in ("y", "yyy") else lowered


def write_format(writer: "Writer", node: nodes.Apply) -> str:
    """Write a date by its pattern, piece by piece."""
    local = writer.local(node.arguments[0])
    written = [write_piece(writer, local, piece) for piece in node.extra]
    # A null moment gives null, which concatenation by || keeps.
    return "(" + " || ".join([*written, "''"]) + ")"


def write_piece(writer: "Writer", local: str, piece: str) -> str:
    """Write one piece of a date pattern: a quoted text, delimiters, a number or a name."""
    if piece.startswith("'"):
        return writer.bind(piece[1:-1].replace("''", "'") or ("'" if piece == "''" else ""))
    if not piece[0].isalpha():
        return writer.bind(piece)
    if numeric := NUMBERS.get(numbered(piece)):
        text = f"strftime({local}, {writer.bind(numeric)})"
        return f"right({text}, 2)" if piece == "xx" else f"ltrim({text}, '0')" if piece in ("w", "D") else text
    width: Width = "wide" if len(piece) > 3 else "abbreviated"
    names, index = (month_names, "month({})") if piece[0] == "M" else (day_names, "isodow({})")
    return f"list_extract({writer.bind(names(writer.lang, width))}, {index.format(local)})"


def month_names(lang: str, width: Width) -> list[str]:
    """Return the twelve months in a language."""
    return [str(name) for _, name in sorted(get_month_names(width, "format", locale_of(lang)).items())]


def day_names(lang: str, width: Width) -> list[str]:
    """Return the seven days in a language, Monday first."""
    return [str(name) for _, name in sorted(get_day_names(width, "format", locale_of(lang)).items())]


def locale_of(lang: str) -> Locale:
    """Return the locale of a language, English when it is unknown."""
    try:
        return Locale.parse(lang.replace("-", "_").split("_")[0])
    except (ValueError, UnknownLocaleError):
        return Locale("en")
