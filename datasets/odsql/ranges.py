"""range(): values grouped in intervals, given by their bounds, by a width, or by a unit of time."""

from datetime import date, datetime
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from datasets.odsql import nodes
from datasets.odsql.kinds import family_of, multivalued
from datasets.odsql.nodes import Node
from datasets.odsql.periods import parse_period

if TYPE_CHECKING:
    from datasets.odsql.checks import Checker
    from datasets.odsql.functions import Function
    from datasets.odsql.sql import Writer

FIXED = {
    "ms": 1_000,
    "millisecond": 1_000,
    "s": 1_000_000,
    "second": 1_000_000,
    "m": 60_000_000,
    "minute": 60_000_000,
    "h": 3_600_000_000,
    "hour": 3_600_000_000,
    "d": 86_400_000_000,
    "day": 86_400_000_000,
}
"""Units whose length never changes, in microseconds."""
CALENDAR = {"w": "week", "week": "week", "M": "month", "month": "month", "q": "quarter", "quarter": "quarter",
            "y": "year", "year": "year"}  # fmt: skip
MAX_BOUNDS = 200
LONGEST = 100_000 * FIXED["day"]
LEAST_WIDTH, MOST_WIDTH = 1e-9, 1e15


def check_range(checker: "Checker", function: "Function", call: nodes.Call) -> Node:
    """Check range(value, …): `extra` becomes ("bounds", …), ("width", n), ("fixed", µs) or ("calendar", unit)."""
    first, *rest = call.arguments or (nodes.Star(),)
    value = checker.value(first)
    if family_of(value) not in ("number", "moment") or multivalued(value) or not rest:
        checker.wrong("range arguments")
    moment = family_of(value) == "moment"
    if len(rest) == 1 and isinstance(rest[0], nodes.Quantity) and moment:
        extra: tuple[Any, ...] = unit_of(checker, rest[0])
    elif len(rest) == 1 and isinstance(rest[0], nodes.Literal) and not moment:
        extra = ("width", positive(checker, rest[0]))
    else:
        extra = ("bounds", bounds_of(checker, rest, moment))
    return nodes.Apply(function, (value,), position=call.position, type="text", extra=extra)


def unit_of(checker: "Checker", quantity: nodes.Quantity) -> tuple[str, Any]:
    """Return what a unit of time means; only units of fixed length may be multiplied."""
    unit = quantity.unit if quantity.unit in (*FIXED, *CALENDAR) else quantity.unit.lower().removesuffix("s")
    if unit in FIXED and isinstance(quantity.amount, int) and 0 < quantity.amount * FIXED[unit] <= LONGEST:
        return "fixed", quantity.amount * FIXED[unit]
    if unit in CALENDAR and quantity.amount == 1:
        return "calendar", CALENDAR[unit]
    checker.wrong("range unit")


def positive(checker: "Checker", width: nodes.Literal) -> int | float:
    """Return the width of equal intervals."""
    if isinstance(width.value, bool | str) or not LEAST_WIDTH <= width.value <= MOST_WIDTH:
        checker.wrong("range width", least=LEAST_WIDTH, most=MOST_WIDTH)
    return width.value


def bounds_of(checker: "Checker", given: list[Node], moment: bool) -> tuple[Any, ...]:
    """Return static bounds in order, None for an open end: numbers, or the text of dates."""
    if len(given) == 1 and isinstance(given[0], nodes.Interval):
        inner = list(given[0].bounds)
        given = [*[nodes.Star()] * (given[0].opening == "]"), *inner, *[nodes.Star()] * (given[0].closing == "[")]
    bounds = tuple(bound_of(checker, node, moment) for node in given)
    if len(bounds) < 2 or len(bounds) > MAX_BOUNDS or None in bounds[1:-1]:
        checker.wrong("range bounds")
    closed = [parse_period(each).start if moment else each for each in bounds if each is not None]  # type: ignore[union-attr]
    if len(set(closed)) < len(closed) or sorted(closed) != closed:
        checker.wrong("range order")
    return bounds


def bound_of(checker: "Checker", node: Node, moment: bool) -> Any:
    """Return one bound."""
    if isinstance(node, nodes.Star):
        return None
    if moment and isinstance(node, nodes.Date | nodes.Literal):
        text = node.text if isinstance(node, nodes.Date) else str(node.value)
        if parse_period(text) is not None:
            return text
    if not moment and isinstance(node, nodes.Literal) and isinstance(node.value, int | float):
        return node.value
    checker.wrong("date bounds" if moment else "number bounds")


def write_range(writer: "Writer", node: nodes.Apply) -> str:
    """Write the key of the interval a value falls in: its number, or its lower bound; null outside of them."""
    kind, given = node.extra
    value = node.arguments[0]
    if kind == "bounds":
        return write_bounds(writer, value, given)
    if kind == "width":
        width = writer.bind(given)
        return f"(floor({writer.write(value)} / {width}) * {width})"
    local = f"CAST({writer.local(value)} AS TIMESTAMP)"
    if kind == "calendar":
        return f"date_trunc('{given}', {local})"
    width = writer.bind(given)
    return f"make_timestamp(CAST(floor(epoch_us({local}) / {width}) AS BIGINT) * {width})"


def write_bounds(writer: "Writer", value: Node, bounds: tuple[Any, ...]) -> str:
    """Write the number of the interval between static bounds, the lower one included, the upper one not."""
    written = writer.write(value)
    cases = []
    for place, (low, high) in enumerate(pairwise(bounds)):
        tests = [
            f"{written} {sign} {writer.bind(comparable(writer, value, bound))}"
            for sign, bound in ((">=", low), ("<", high))
            if bound is not None
        ]
        cases.append(f"WHEN {' AND '.join(tests) or f'{written} IS NOT NULL'} THEN {place}")
    return f"CASE {' '.join(cases)} END"


def comparable(writer: "Writer", value: Node, bound: Any) -> Any:
    """Return a bound as the value compares with it."""
    period = parse_period(bound) if isinstance(bound, str) else None
    return period.bounds(value.type, writer.zone)[0] if period else bound


def show_range(writer: "Writer", node: nodes.Apply, key: str) -> str:
    """Write an interval as text from its key."""
    kind, given = node.extra
    whole = node.arguments[0].type == "int"
    if kind == "bounds":
        labels = [label(writer, node.arguments[0], low, high) for low, high in pairwise(given)]
        return f"list_extract({writer.bind(labels)}, {key} + 1)"
    if kind == "width" and whole and isinstance(given, int):
        low = f"CAST({key} AS BIGINT)"
        return f"('[' || {low} || ', ' || ({low} + {writer.bind(given - 1)}) || ']')"
    if kind == "width":
        low, high = f"CAST({key} AS DOUBLE)", f"CAST({key} + {writer.bind(given)} AS DOUBLE)"
        return f"('[' || {low} || ', ' || {high} || '[')"
    step = f"INTERVAL 1 {given}" if kind == "calendar" else f"to_microseconds({writer.bind(given)})"
    zone = writer.bind(writer.zone)
    return f"('[' || iso_instant({key}, {zone}) || ', ' || iso_instant({key} + {step}, {zone}) || '[')"


def label(writer: "Writer", value: Node, low: Any, high: Any) -> str:
    """Return the text of a static interval: closed for whole numbers, open above for the others."""
    if value.type == "int" and all(bound is None or isinstance(bound, int) for bound in (low, high)):
        return f"[{'*' if low is None else low}, {'*' if high is None else high - 1}]"
    return f"[{bound_text(writer, value, low)}, {bound_text(writer, value, high)}["


def bound_text(writer: "Writer", value: Node, bound: Any) -> str:
    """Return the text of one bound."""
    if bound is None:
        return "*"
    found = comparable(writer, value, bound)
    if not isinstance(found, date):
        return str(float(found))
    instant = found if isinstance(found, datetime) else datetime(found.year, found.month, found.day)  # noqa: DTZ001
    zone = writer.zone_info
    instant = instant.astimezone(zone) if instant.tzinfo else instant.replace(tzinfo=zone)
    return instant.isoformat(timespec="milliseconds").replace("+00:00", "Z")
