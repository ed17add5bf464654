"""The language evaluated slowly and obviously, on Python values, straight from its specification.

Instants are seen as local times of the zone asked. `slow_queries` does the same for whole queries.
"""

import operator
import re
import unicodedata
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from datasets.odsql import nodes
from datasets.odsql.nodes import Node
from tests.datasets.towns import ALIASES

SIGNS = {
    "=": operator.eq,
    ":": operator.eq,
    "!=": operator.ne,
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}
FLIPPED = {"<": ">", "<=": ">=", ">": "<", ">=": "<="}
UNSEARCHED = ("surface", "prefecture", "vu_le", "point", "contour")
NAMES = {
    "fr": (
        "janvier février mars avril mai juin juillet août septembre octobre novembre décembre",
        "lundi mardi mercredi jeudi vendredi samedi dimanche",
    ),
    "en": (
        "January February March April May June July August September October November December",
        "Monday Tuesday Wednesday Thursday Friday Saturday Sunday",
    ),
}


@dataclass(frozen=True)
class World:
    """Where a clause is read: the zone, the language."""

    zone: str = "UTC"
    lang: str = "fr"


class Span:
    """What date'…' stands for: instants from start to before end, local to a zone unless an offset is written."""

    def __init__(self, text: str, zone: str) -> None:
        zoned = text.endswith("Z")
        digits = [int(part) for part in re.findall(r"\d+", text)]
        whole = digits + [1, 1, 0, 0, 0][len(digits) - 1 :]
        self.start = datetime(*whole)  # type: ignore[arg-type]  # noqa: DTZ001
        match len(digits):
            case 1:
                self.end = datetime(digits[0] + 1, 1, 1)  # noqa: DTZ001
            case 2:
                self.end = (self.start + timedelta(days=31)).replace(day=1)
            case n:
                self.end = self.start + {3: timedelta(days=1), 5: timedelta(minutes=1), 6: timedelta(seconds=1)}[n]
        if zoned:
            self.start, self.end = (local(each.replace(tzinfo=UTC), zone) for each in (self.start, self.end))


def local(instant: datetime, zone: str) -> datetime:
    """Return the local time of an instant."""
    return instant.astimezone(ZoneInfo(zone)).replace(tzinfo=None)


def moment(found: date) -> datetime:
    """Return a date as the local time of its beginning."""
    return found if isinstance(found, datetime) else datetime(found.year, found.month, found.day)  # noqa: DTZ001


def keeps(tree: Node, row: dict[str, Any], world: World) -> bool:
    """Whether a record satisfies a condition: null is never true, NOT is the plain complement."""
    match tree:
        case nodes.Logic("and", parts):
            return all(keeps(part, row, world) for part in parts)
        case nodes.Logic(_, parts):
            return any(keeps(part, row, world) for part in parts)
        case nodes.Not(inner):
            return not keeps(inner, row, world)
        case nodes.Compare(sign, left, right):
            return compared(sign, value(left, row, world), value(right, row, world))
        case nodes.In(left, constants):
            return any(compared("=", value(left, row, world), value(each, row, world)) for each in constants)
        case nodes.Has(left, right):
            return compared("=", value(right, row, world), value(left, row, world))
        case nodes.Within(left, low, high, with_low, with_high):
            found = value(left, row, world)
            elements = found if isinstance(found, list) else [found]
            return any(
                bounded(">=" if with_low else ">", each, low, row, world)
                and bounded("<=" if with_high else "<", each, high, row, world)
                for each in elements
            )
        case nodes.Is(inner, "null"):
            return value(inner, row, world) in (None, [])
        case nodes.Is(inner, what):
            return value(inner, row, world) is (what == "true")
        case nodes.Literal(str(text)):
            return contains(document([name for name in row if name not in UNSEARCHED], row), text)
        case nodes.Call("search" | "suggest" | "startswith", arguments):
            return found_by(tree.name, arguments, row)
    return value(tree, row, world) is True


def bounded(sign: str, found: Any, bound: Node, row: dict[str, Any], world: World) -> bool:
    """Whether a value is on the right side of a bound; an open bound asks only that there is a value."""
    return found is not None if isinstance(bound, nodes.Star) else compared(sign, found, value(bound, row, world))


def value(tree: Node, row: dict[str, Any], world: World) -> Any:
    """Return what an operand is worth in a record: null is None, and gives null wherever it goes but in ifnull."""
    match tree:
        case nodes.Literal(constant):
            return constant
        case nodes.Date(text):
            return Span(text, world.zone)
        case nodes.Name(name):
            found = row[ALIASES.get(name, name)]
            return local(found, world.zone) if isinstance(found, datetime) else found
        case nodes.Negative(inner):
            found = value(inner, row, world)
            return None if found is None else -found
        case nodes.Arithmetic(sign, left, right):
            return computed(sign, value(left, row, world), value(right, row, world))
        case nodes.Call("ifnull", (first, other)):
            found = value(first, row, world)
            return value(other, row, world) if found is None else found
        case nodes.Call(name, (inner, *rest)):
            found = value(inner, row, world)
            return None if found is None else called(name, found, rest, world)
    raise AssertionError(tree)


def computed(sign: str, left: Any, right: Any) -> Any:
    """Return an operation on numbers; null gives null, dividing by zero too."""
    if left is None or right is None or (sign == "/" and right == 0):
        return None
    return {"+": operator.add, "-": operator.sub, "*": operator.mul, "/": operator.truediv}[sign](left, right)


def called(name: str, found: Any, rest: list[Node], world: World) -> Any:
    """Return a function of a value that is not null."""
    if name in ("length", "lower", "upper"):
        return {"length": len, "lower": str.lower, "upper": str.upper}[name](found)
    when = moment(found)
    match name:
        case "quarter":
            return (when.month + 2) // 3
        case "dayofweek":
            return when.weekday()
        case "millisecond":
            return when.microsecond // 1000
        case "date_format":
            (pattern,) = rest
            assert isinstance(pattern, nodes.Literal)
            return re.sub("[A-Za-z]+", lambda letters: written(letters[0], when, world.lang), str(pattern.value))
    return getattr(when, name)


def written(letters: str, when: datetime, lang: str) -> str:
    """Return what some letters of a date pattern become."""
    months, days = (names.split() for names in NAMES[lang])
    return {
        "yyyy": f"{when.year:04}", "yy": f"{when.year % 100:02}", "MM": f"{when.month:02}", "M": str(when.month),
        "MMMM": months[when.month - 1], "dd": f"{when.day:02}", "d": str(when.day), "EEEE": days[when.weekday()],
        "DDD": f"{when.timetuple().tm_yday:03}", "D": str(when.timetuple().tm_yday), "e": str(when.isoweekday()),
        "HH": f"{when.hour:02}", "H": str(when.hour), "mm": f"{when.minute:02}", "ss": f"{when.second:02}",
        "xxxx": str(when.isocalendar().year), "ww": f"{when.isocalendar().week:02}",
    }[letters]  # fmt: skip


def compared(sign: str, left: Any, right: Any) -> bool:
    """Compare two values: a list by any of its elements (none may be equal for !=), a date by its period."""
    if left is None or right is None:
        return False
    if isinstance(right, list):
        return compared(FLIPPED.get(sign, sign), right, left)
    if isinstance(left, list):
        if sign == "!=":
            return bool(left) and not any(compared("=", each, right) for each in left)
        return any(compared(sign, each, right) for each in left)
    if isinstance(left, Span):
        return compared(FLIPPED.get(sign, sign), right, left)
    if sign == "like":
        return contains(left, re.sub(r"(?<=\w)%(?!\w)", "*", right))
    if isinstance(right, Span):
        when = moment(left)
        inside = right.start <= when < right.end
        return {
            "=": inside, ":": inside, "!=": not inside, "<": when < right.start, "<=": when < right.end,
            ">": when >= right.end, ">=": when >= right.start,
        }[sign]  # fmt: skip
    if isinstance(left, date) and isinstance(right, date):
        left, right = moment(left), moment(right)
    return bool(SIGNS[sign](left, right))


def found_by(name: str, arguments: tuple[Node, ...], row: dict[str, Any]) -> bool:
    """Whether search(), suggest() or startswith() finds its text in the fields named, or in all of them."""
    *places, asked = arguments
    assert isinstance(asked, nodes.Literal)
    names = [ALIASES.get(each.name, each.name) for each in places if isinstance(each, nodes.Name)]
    names = names or [each for each in row if each not in UNSEARCHED]
    if name == "startswith":
        values = (row[each] if isinstance(row[each], list) else [row[each]] for each in names)
        return any(str(one).startswith(str(asked.value)) for some in values for one in some or () if one is not None)
    held, (*whole, last) = words(document(names, row)), words(str(asked.value)) or [""]
    if any(word.startswith(last) for word in held):
        held = [*held, last]
    near = distance if name == "search" else exact
    return not words(str(asked.value)) or all(
        any(near(word, one) <= tolerance(word) for one in held) for word in [*whole, last]
    )


def tolerance(word: str) -> int:
    """Return how many letters of a word may differ: none of 1 or 2, one of 3 to 5, two of more."""
    return 0 if len(word) <= 2 else 1 if len(word) <= 5 else 2


def exact(first: str, second: str) -> int:
    """Return 0 for equal words, more than any tolerance otherwise."""
    return 0 if first == second else 99


def distance(first: str, second: str) -> int:
    """Return how many letters must be added, removed or changed (Levenshtein)."""
    line = list(range(len(second) + 1))
    for place, letter in enumerate(first, 1):
        above, line = line, [place]
        for column, other in enumerate(second):
            line.append(min(above[column + 1] + 1, line[column] + 1, above[column] + (letter != other)))
    return line[-1]


def contains(text: str, asked: str) -> bool:
    """Whether every word asked is among the words of a text; * stands for any letters, ? for one."""
    held = words(text)
    patterns = [re.sub(r"\*", ".*", each).replace("?", ".") for each in words(asked, "*?") if each.strip("*?")]
    return all(any(re.fullmatch(pattern, word) for word in held) for pattern in patterns)


def folded(text: str) -> str:
    """Return a text without capitals or accents."""
    return "".join(c for c in unicodedata.normalize("NFD", text.lower()) if not unicodedata.combining(c))


def words(text: str, more: str = "") -> list[str]:
    """Return the words of a text without capitals or accents."""
    return re.findall(rf"(?:[^\W_]|[{re.escape(more)}])+" if more else r"[^\W_]+", folded(text))


def document(names: list[str], row: dict[str, Any]) -> str:
    """Return the text in which a search looks: the values of some fields."""
    found = (row[name] for name in names)
    return " ".join(" ".join(map(str, one)) if isinstance(one, list) else str(one) for one in found if one is not None)
