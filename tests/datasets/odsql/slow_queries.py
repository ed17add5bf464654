"""Whole queries evaluated slowly and obviously: select, group_by, aggregates, order_by, ranges, facets."""

import re
from collections.abc import Callable, Iterable
from datetime import datetime, timedelta
from fractions import Fraction
from itertools import pairwise, product
from math import floor
from typing import Any
from zoneinfo import ZoneInfo

from datasets.odsql import nodes
from datasets.odsql.nodes import Item, Node
from datasets.odsql.parser import parse_items, parse_where
from datasets.query import Query
from tests.datasets.odsql.slow import World, computed, folded, keeps, moment, value
from tests.datasets.towns import ALIASES, TOWNS

AGGREGATES = ("count", "sum", "avg", "min", "max", "median", "percentile", "stddev", "variance")
LENGTHS = {"ms": 1, "second": 1000, "minute": 60_000, "hour": 3_600_000, "day": 86_400_000, "week": 7 * 86_400_000}
DISJUNCTIVE = ("canton",)
Row = dict[str, Any]


def answer(query: Query, rows: list[Row]) -> tuple[list[list[Any]], int]:
    """Return the rows of the answer, and how many there are before limit and offset."""
    world = World(query.timezone, query.lang)
    kept = [row for row in rows if wanted(query, row, world)]
    keys, shown, order = (parse_items(getattr(query, name), name) for name in ("group_by", "select", "order_by"))
    if keys:
        found = grouped(keys, shown, order, kept, world)
        total = len(found)
    elif any(holds_aggregate(item.expression) for item in shown):
        found, total = [[aggregated(item.expression, kept, {}, world) for item in shown]], len(kept)
    else:
        kept = ordered(kept, [(lambda row, e=e: sortable(e, row, world), down) for e, down in orders(order, shown)])
        found, total = [[cell for item in shown for cell in cells(item, row, world)] for row in kept], len(kept)
    last = None if query.limit is None else query.offset + query.limit
    return found[query.offset : last], total


def wanted(query: Query, row: Row, world: World) -> bool:
    """Whether a record passes where, refine and exclude."""
    refined: dict[str, list[bool]] = {}
    for name, text in (refinement.split(":", 1) for refinement in query.refine):
        refined.setdefault(name, []).append(holds(name, text, row, world))
    return (
        all(keeps(parse_where(text), row, world) for text in query.where)
        and all((all if several(name) else any)(found) for name, found in refined.items())
        and not any(holds(*text.split(":", 1), row, world) for text in query.exclude)
    )


def several(name: str) -> bool:
    """Whether the values of a facet must all be held: a multivalued field that is not disjunctive."""
    return name in ("labels", "notes") and name not in DISJUNCTIVE


def holds(name: str, text: str, row: Row, world: World) -> bool:
    """Whether a record holds the value of a facet, or one under it."""
    return text in tree_values(name, row, world)


def tree_values(name: str, row: Row, world: World) -> set[str]:
    """Return the values that a record counts for in a facet: itself and what it stands under, as texts."""
    found = value(nodes.Name(name), row, world)
    if found is None:
        return set()
    if name == "niveau":
        return {"/".join(found.split("/")[: n + 1]) for n in range(found.count("/") + 1)}
    if name in ("maj", "vu_le"):
        return {found.strftime(form) for form in ("%Y", "%Y/%m", "%Y/%m/%d")}
    elements = found if isinstance(found, list) else [found]
    return {str(each).lower() if isinstance(each, bool) else str(each) for each in elements} - {""}


def counted(name: str, query: Query, rows: list[Row]) -> dict[str, int]:
    """Return how many records hold each value of the first level of a facet, or of every level of a hierarchy."""
    world = World(query.timezone, query.lang)
    if name in DISJUNCTIVE:
        query = Query(
            where=query.where,
            refine=tuple(each for each in query.refine if not each.startswith(f"{name}:")),
            exclude=query.exclude,
            timezone=query.timezone,
        )
    counts: dict[str, int] = {}
    for row in rows:
        for each in tree_values(name, row, world) if wanted(query, row, world) else ():
            if name == "niveau" or "/" not in each:
                counts[each] = counts.get(each, 0) + 1
    return counts


def holds_aggregate(node: Node) -> bool:
    """Whether an expression holds an aggregate."""
    match node:
        case nodes.Call(name, arguments):
            return name in AGGREGATES or any(map(holds_aggregate, arguments))
        case nodes.Arithmetic(_, left, right):
            return holds_aggregate(left) or holds_aggregate(right)
    return False


def cells(item: Item, row: Row, world: World) -> list[Any]:
    """Return what one element of select shows of a record."""
    match item.expression:
        case nodes.Star():
            return [value(nodes.Name(name), row, world) for name in TOWNS.names]
        case nodes.Call("include", (nodes.Pattern(prefix),)):
            return [value(nodes.Name(name), row, world) for name in TOWNS.names if name.startswith(prefix)]
        case nodes.Call("range", arguments):
            return [interval(arguments, row, world)[1]]
    return [value(item.expression, row, world)]


def orders(items: Iterable[Item], shown: Iterable[Item]) -> list[tuple[Node, bool]]:
    """Return what sorts and whether downwards; an alias stands for what it names."""
    aliases = {item.alias: item.expression for item in shown if item.alias}
    found = []
    for item in items:
        name = item.expression.name if isinstance(item.expression, nodes.Name) else ""
        found.append((aliases.get(name, item.expression), item.descending))
    return found


def ordered(rows: list[Any], keys: list[tuple[Callable[[Any], Any], bool]]) -> list[Any]:
    """Return rows sorted by the first key, then by the next: nulls last both ways, ties as they were."""
    for key, downwards in reversed(keys):
        told = sorted((row for row in rows if key(row) is not None), key=key, reverse=downwards)
        rows = told + [row for row in rows if key(row) is None]
    return rows


def reading(found: Any) -> Any:
    """Return a value as it is compared when sorted: texts without capitals and accents first, then exactly."""
    if isinstance(found, str):
        return folded(found), found
    return moment(found) if hasattr(found, "year") else found


def sortable(node: Node, row: Row, world: World) -> Any:
    """Return what sorts a record."""
    if isinstance(node, nodes.Call) and node.name == "range":
        return interval(node.arguments, row, world)[0]
    return reading(value(node, row, world))


def grouped(
    keys: tuple[Item, ...], shown: tuple[Item, ...], order: tuple[Item, ...], rows: list[Row], world: World
) -> list[list[Any]]:
    """Return one row for each combination of keys: the keys, then what select shows."""
    groups: dict[tuple[Any, ...], tuple[list[Any], list[Row]]] = {}
    for row in rows:
        for found in product(*(key_values(item.expression, row, world) for item in keys)):
            told = tuple(label for _, label in found)
            groups.setdefault(told, ([rank for rank, _ in found], []))[1].append(row)
    listed = [(told, ranks, held) for told, (ranks, held) in groups.items()]
    places = range(len(keys))
    listed.sort(key=lambda group: [(group[1][place] is not None, *known(group[1][place])) for place in places])
    names = {item.alias: place for place, item in enumerate(keys) if item.alias}

    def show(node: Node, group: tuple[Any, ...]) -> Any:
        told, _, held = group
        if isinstance(node, nodes.Name) and node.name in names:
            return told[names[node.name]]
        return aggregated(node, held, {item.expression: told[place] for place, item in enumerate(keys)}, world)

    sorting = [
        (lambda group, node=node: rank_of(node, group, keys, names, show), down) for node, down in orders(order, shown)
    ]
    written = [item for item in shown if not any(item.expression == key.expression for key in keys) or item.alias]
    return [
        [*group[0], *(show(item.expression, group) for item in written if not is_key(item, names))]
        for group in ordered(listed, sorting)
    ]


def is_key(item: Item, names: dict[str, int]) -> bool:
    """Whether an element of select only repeats the alias of a key."""
    return isinstance(item.expression, nodes.Name) and item.expression.name in names and not item.alias


def rank_of(node: Node, group: tuple[Any, ...], keys: tuple[Item, ...], names: dict[str, int], show: Any) -> Any:
    """Return what sorts a group: the rank of a key, else a value of the group."""
    for place, item in enumerate(keys):
        if node == item.expression or (isinstance(node, nodes.Name) and names.get(node.name) == place):
            return group[1][place]
    return reading(show(node, group))


def known(rank: Any) -> tuple[Any, ...]:
    """Return a rank that compares with others of its column."""
    return () if rank is None else (rank,)


def key_values(node: Node, row: Row, world: World) -> list[tuple[Any, Any]]:
    """Return the groups to which a record belongs, each with its rank and its key: one for each element of a list."""
    if isinstance(node, nodes.Call) and node.name == "range":
        return [interval(node.arguments, row, world)]
    found = value(node, row, world)
    elements = found if isinstance(found, list) and found else [None] if isinstance(found, list) else [found]
    if isinstance(node, nodes.Name) and ALIASES.get(node.name, node.name) in ("labels", "notes"):
        return [(reading(each), each) for each in elements]
    return [(reading(found), found)]


def aggregated(node: Node, rows: list[Row], keys: dict[Node, Any], world: World) -> Any:
    """Return what an expression is worth in a group: nulls are ignored."""
    if node in keys:
        return keys[node]
    match node:
        case nodes.Literal(constant):
            return constant
        case nodes.Arithmetic(sign, left, right):
            return computed(sign, aggregated(left, rows, keys, world), aggregated(right, rows, keys, world))
        case nodes.Call("count", (nodes.Star(),) | ()):
            return len(rows)
        case nodes.Call(name, (inner, *rest)):
            found = [one for row in rows if (one := value(inner, row, world)) not in (None, [])]
            if name == "count" and node.distinct:
                return len({each for one in found for each in (one if isinstance(one, list) else [one])})
            return len(found) if name == "count" else total(name, found, rest)
    raise AssertionError(node)


def total(name: str, found: list[Any], rest: list[Node]) -> Any:
    """Return a statistic of values that are not null, null when there are none."""
    if not found:
        return None
    match name:
        case "sum":
            return sum(found)
        case "min" | "max":
            return {"min": min, "max": max}[name](found)
        case "avg":
            return float(sum(map(Fraction, found)) / len(found))
        case "variance" | "stddev":
            if len(found) < 2:
                return None
            mean = sum(map(Fraction, found)) / len(found)
            spread = float(sum((Fraction(each) - mean) ** 2 for each in found) / (len(found) - 1))
            return spread if name == "variance" else spread**0.5
    share = Fraction(1, 2) if name == "median" else Fraction(rest[0].value) / 100  # type: ignore[attr-defined]
    ranked, place = sorted(map(Fraction, found)), share * (len(found) - 1)
    low = floor(place)
    high = min(low + 1, len(ranked) - 1)
    return float(ranked[low] + (ranked[high] - ranked[low]) * (place - low))


def interval(arguments: tuple[Node, ...], row: Row, world: World) -> tuple[Any, Any]:
    """Return the rank and the text of the interval of range() in which a record falls, or two nulls."""
    first, *rest = arguments
    found = value(first, row, world)
    if found is None:
        return None, None
    match rest:
        case [nodes.Quantity(amount, unit)]:
            start, end = period(moment(found), int(amount), unit.removesuffix("s"))
            return start, f"[{instant(start, world)}, {instant(end, world)}["
        case [nodes.Literal(width)]:
            low = floor(Fraction(found) / Fraction(width)) * width
            whole = isinstance(found, int) and isinstance(width, int)
            return low, f"[{low}, {low + width - 1}]" if whole else f"[{float(low)}, {float(low + width)}["
    bounds = [None if isinstance(each, nodes.Star) else value(each, row, world) for each in rest]
    for place, (low, high) in enumerate(pairwise(bounds)):
        above = low is None or not lower(found, low)
        if above and (high is None or lower(found, high)):
            return place, label(found, low, high, world)
    return None, None


def lower(found: Any, bound: Any) -> bool:
    """Whether a value is under a bound; a date bound is its first instant."""
    return bool(moment(found) < bound.start) if hasattr(bound, "start") else bool(found < bound)


def label(found: Any, low: Any, high: Any, world: World) -> str:
    """Return the text of a static interval."""
    if isinstance(found, int):
        return f"[{'*' if low is None else low}, {'*' if high is None else high - 1}" + "]"
    ends = (
        "*" if end is None else instant(end.start, world) if hasattr(end, "start") else str(float(end))
        for end in (low, high)
    )
    return f"[{', '.join(ends)}["


def period(when: datetime, amount: int, unit: str) -> tuple[datetime, datetime]:
    """Return the ends of the period of a unit in which a local time falls."""
    origin = datetime(1970, 1, 1)  # noqa: DTZ001
    if unit == "week":
        start = when.replace(hour=0, minute=0, second=0, microsecond=0) - timedelta(days=when.weekday())
        return start, start + timedelta(days=7)
    if unit in LENGTHS:
        length = timedelta(milliseconds=amount * LENGTHS[unit])
        start = origin + (when - origin) // length * length
        return start, start + length
    months = {"month": 1, "quarter": 3, "year": 12}[unit]
    first = (when.year * 12 + when.month - 1) // months * months
    ends = (divmod(first + more, 12) for more in (0, months))
    start, end = (datetime(year, month + 1, 1) for year, month in ends)  # noqa: DTZ001
    return start, end


def instant(when: datetime, world: World) -> str:
    """Return a local time as ISO text with its offset."""
    offset = when.replace(tzinfo=ZoneInfo(world.zone)).strftime("%z")
    suffix = "Z" if offset == "+0000" else f"{offset[:3]}:{offset[3:]}"
    return re.sub(r"(\.\d{3})\d*$", r"\1", when.isoformat(timespec="milliseconds")) + suffix
