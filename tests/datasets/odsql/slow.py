"""The language evaluated slowly and obviously, on Python values, straight from its specification."""

import operator
import re
import unicodedata
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


class Span:
    """What date'…' stands for: instants from start to before end, local to a zone unless an offset is written."""

    def __init__(self, text: str, zone: str) -> None:
        zoned = text.endswith("Z")
        digits = [int(part) for part in re.findall(r"\d+", text)]
        whole = digits + [1, 1, 0, 0, 0][len(digits) - 1 :]
        self.start = datetime(*whole)  # type: ignore[arg-type]  # noqa: DTZ001
        later = [*digits]
        later[-1] += 1
        match len(digits):
            case 1:
                self.end = datetime(digits[0] + 1, 1, 1)  # noqa: DTZ001
            case 2:
                self.end = (self.start + timedelta(days=31)).replace(day=1)
            case n:
                self.end = self.start + {3: timedelta(days=1), 5: timedelta(minutes=1), 6: timedelta(seconds=1)}[n]
        if zoned:
            there = ZoneInfo(zone)
            self.start, self.end = (
                each.replace(tzinfo=UTC).astimezone(there).replace(tzinfo=None) for each in (self.start, self.end)
            )


def keeps(tree: Node, row: dict[str, Any], zone: str) -> bool:
    """Whether a record satisfies a condition: null is never true, NOT is the plain complement."""
    match tree:
        case nodes.Logic("and", parts):
            return all(keeps(part, row, zone) for part in parts)
        case nodes.Logic(_, parts):
            return any(keeps(part, row, zone) for part in parts)
        case nodes.Not(inner):
            return not keeps(inner, row, zone)
        case nodes.Compare(sign, left, right):
            return compared(sign, value(left, row, zone), value(right, row, zone))
        case nodes.In(left, constants):
            return any(compared("=", value(left, row, zone), value(each, row, zone)) for each in constants)
        case nodes.Within(left, low, high, with_low, with_high):
            found = value(left, row, zone)
            elements = found if isinstance(found, list) else [found]
            return any(
                compared(">=" if with_low else ">", each, value(low, row, zone))
                and compared("<=" if with_high else "<", each, value(high, row, zone))
                for each in elements
            )
        case nodes.Is(inner, "null"):
            return value(inner, row, zone) in (None, [])
        case nodes.Is(inner, what):
            return value(inner, row, zone) is (what == "true")
        case nodes.Literal(str(text)):
            document = " ".join(flat(row[name]) for name in row if name not in ("surface", "point", "contour", "vu_le"))
            return contains(document.replace("True", "").replace("False", ""), text)
    return value(tree, row, zone) is True


def value(tree: Node, row: dict[str, Any], zone: str) -> Any:
    """Return what an operand is worth in a record: datetimes as local times, null as None."""
    match tree:
        case nodes.Literal(constant):
            return constant
        case nodes.Date(text):
            return Span(text, zone)
        case nodes.Name(name):
            found = row[ALIASES.get(name, name)]
            return found.astimezone(ZoneInfo(zone)).replace(tzinfo=None) if isinstance(found, datetime) else found
        case nodes.Arithmetic(sign, left, right):
            a, b = value(left, row, zone), value(right, row, zone)
            if a is None or b is None or (sign == "/" and b == 0):
                return None
            return {"+": operator.add, "-": operator.sub, "*": operator.mul, "/": operator.truediv}[sign](a, b)
        case nodes.Call("year", (inner,)):
            found = value(inner, row, zone)
            return None if found is None else found.year
        case nodes.Call("length", (inner,)):
            found = value(inner, row, zone)
            return None if found is None else len(found)
    raise AssertionError(tree)


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
        return contains(left, right)
    if isinstance(right, Span):
        moment = left if isinstance(left, datetime) else datetime(left.year, left.month, left.day)  # noqa: DTZ001
        inside = right.start <= moment < right.end
        return {
            "=": inside, ":": inside, "!=": not inside, "<": moment < right.start, "<=": moment < right.end,
            ">": moment >= right.end, ">=": moment >= right.start,
        }[sign]  # fmt: skip
    if isinstance(left, date) and isinstance(right, date):
        left, right = (
            each if isinstance(each, datetime) else datetime(each.year, each.month, each.day)  # noqa: DTZ001
            for each in (left, right)
        )
    return bool(SIGNS[sign](left, right))


def contains(text: str, asked: str) -> bool:
    """Whether every word asked is among the words of a text, whatever their capitals and accents."""
    return set(folded(asked)) <= set(folded(text))


def folded(text: str) -> list[str]:
    """Return the words of a text without capitals or accents."""
    plain = "".join(c for c in unicodedata.normalize("NFD", text.lower()) if not unicodedata.combining(c))
    return re.findall(r"[^\W_]+", plain)


def flat(found: Any) -> str:
    """Return a value as the text that is searched."""
    if found is None:
        return ""
    return " ".join(map(str, found)) if isinstance(found, list) else str(found)
