"""`analyze`: series of figures along one or several fields, as one grouped query."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from werkzeug.datastructures import MultiDict

from datasets.errors import InvalidParameter, Phrase
from datasets.model import Field
from datasets.odsql.nodes import Arithmetic, Call, Is, Item, Literal, Name, Negative, Node, Not, Star
from datasets.odsql.parser import parse_items
from datasets.odsql.text import print_items, print_where
from datasets.query import Query
from portal.explore.v1.conditions import Fields

MOMENTS = ("date", "datetime")
LEVELS = ("year", "month", "day", "hour", "minute")
PRECISIONS = (*LEVELS, "week")
PERIODICS = (*PRECISIONS, "weekday")
SERIES = re.compile(r"y\.(.{1,100})\.(func|expr|cumulative|subsets)", re.DOTALL)
MOST_SERIES = 30
MOST_AXES = 5
FUNCTIONS = {
    "COUNT": "count",
    "CARDINALITY": "count",
    "AVG": "avg",
    "SUM": "sum",
    "MIN": "min",
    "MAX": "max",
    "STDDEV": "stddev",
    "SUMSQUARES": "sum",
    "QUANTILES": "percentile",
}
"""The functions of series, by their name in version 1."""


@dataclass(frozen=True)
class Axis:
    """A field along which figures are grouped; dates are cut in `parts`, by name and in order.

    Each element of a list is a value of its own, and lists have no order but that of groups.
    """

    field: str
    parts: Mapping[str, Node]
    ordered: bool = True

    def keys(self, place: int) -> list[Item]:
        """Return the group keys of the axis, the `place`-th one."""
        found = self.parts or {"": Name(self.field)}
        return [Item(node, f"x{place}_{rank}") for rank, node in enumerate(found.values())]

    def read(self, place: int, row: Mapping[str, Any]) -> Any:
        """Return the value of the axis in a row: the field's, or the parts of a date."""
        if not self.parts:
            return row[f"x{place}_0"]
        return {name: int(row[f"x{place}_{rank}"]) for rank, name in enumerate(self.parts)}


@dataclass(frozen=True)
class Serie:
    """A series: its name, its aggregate, and whether each figure adds to those before."""

    name: str
    aggregate: Node
    cumulative: bool


@dataclass(frozen=True)
class Analysis:
    """What an analysis asks: axes, series, order, and how many points at most (0 is no limit)."""

    axes: tuple[Axis, ...]
    series: tuple[Serie, ...]
    order: tuple[Item, ...]
    points: int

    def query(self, conditions: Query, most: int) -> Query:
        """Return the grouped query; one group more than asked tells whether some were cut."""
        keys = [key for place, axis in enumerate(self.axes) for key in axis.keys(place)]
        shown = [Item(serie.aggregate, f"y{rank}") for rank, serie in enumerate(self.series)]
        told = tuple(print_where(Not(Is(Name(axis.field), "null"))) for axis in self.axes)
        return replace(
            conditions,
            select=print_items(shown),
            where=(*conditions.where, *told),
            group_by=print_items(keys),
            order_by=print_items(self.order),
            limit=min(self.points or most, most) + 1,
        )

    def shape(self, rows: Iterable[Mapping[str, Any]]) -> list[dict[str, Any]]:
        """Return the points: `x` and a figure for each series."""
        totals: dict[str, float] = {}
        points = []
        for row in rows:
            point: dict[str, Any] = {"x": self.read_x(row)} if self.axes else {}
            for rank, serie in enumerate(self.series):
                figure = row[f"y{rank}"]
                if serie.cumulative:
                    figure = totals[serie.name] = totals.get(serie.name, 0) + (figure or 0)
                point[serie.name] = figure
            points.append(point)
        return points

    def read_x(self, row: Mapping[str, Any]) -> Any:
        """Return the place of a point: a value, or values by field when there are several axes."""
        values = {axis.field: axis.read(place, row) for place, axis in enumerate(self.axes)}
        return values if len(values) > 1 else next(iter(values.values()))


def read_analysis(asked: MultiDict[str, str], fields: Fields, points: int) -> Analysis:
    """Read `x`, `y.SERIE.…`, `precision`, `periodic` and `sort`; raise InvalidParameter or QueryError."""
    axes = tuple(_read_axis(text, asked, fields) for text in asked.getlist("x") if text)
    series = read_series(asked, fields)
    if not series:
        raise InvalidParameter(name="y.SERIE.func", found='""', expected=", ".join(FUNCTIONS))
    if len(axes) > MOST_AXES or len(series) > MOST_SERIES:
        expected = Phrase(f"at most {MOST_AXES} x and {MOST_SERIES} y", f"au plus {MOST_AXES} x et {MOST_SERIES} y")
        raise InvalidParameter(name="x", found=str(len(axes)), expected=expected)
    return Analysis(axes, series, _read_order(asked, axes, series), points)


def _read_axis(text: str, asked: MultiDict[str, str], fields: Fields) -> Axis:
    name, _, precision = text.rpartition(".")
    if fields.find(text) is not None or precision not in PRECISIONS:
        name, precision = text, ""
    field = fields.get(name)
    if field.type not in MOMENTS:
        return Axis(field.name, {}, not field.multivalued)
    precision = precision or asked.get(f"x.{name}.precision") or asked.get("precision") or _finest(field)
    periodic = asked.get(f"x.{name}.periodic") or asked.get("periodic") or "year"
    for parameter, found, known in (("precision", precision, PRECISIONS), ("periodic", periodic, PERIODICS)):
        if found not in known:
            raise InvalidParameter(name=parameter, found=found[:100], expected=", ".join(known))
    return Axis(field.name, cut_date(field, precision, periodic))


def _finest(field: Field) -> str:
    """Return the precision of a date that nothing tells: the day, or that of the field when it is coarser."""
    told = str(field.annotations.get("timeserie_precision"))
    return told if told in ("year", "month") else "day"


def cut_date(field: Field, precision: str, periodic: str) -> dict[str, Node]:
    """Return the parts of a date from `periodic`, the coarsest, down to `precision`, by name."""
    name = Name(field.name)
    if periodic == "weekday":
        return {"weekday": Call("dayofweek", (name,))}
    if "week" in (precision, periodic):
        week: dict[str, Node] = {"week": Call("date_format", (name, Literal("ww")))}
        years: dict[str, Node] = {"year": Call("date_format", (name, Literal("xxxx")))}
        within: dict[str, Node] = {"weekday": Call("dayofweek", (name,))}
        return {**(years if periodic == "year" else {}), **week, **({} if precision in ("week", "year") else within)}
    first, last = LEVELS.index(periodic), LEVELS.index(precision)
    kept = LEVELS[first : max(first, last) + 1]
    if field.type == "date":
        kept = tuple(level for level in kept if level not in ("hour", "minute")) or ("day",)
    return {level: Call(level, (name,)) for level in kept}


def read_series(asked: MultiDict[str, str], fields: Fields) -> tuple[Serie, ...]:
    """Return the series that `y.SERIE.func`, `.expr`, `.cumulative` and `.subsets` tell; raise InvalidParameter."""
    told: dict[str, dict[str, str]] = {}
    for parameter, text in asked.items():
        if match := SERIES.fullmatch(parameter):
            told.setdefault(match[1], {})[match[2]] = text
    return tuple(_read_serie(name, parts, fields) for name, parts in told.items())


def _read_serie(name: str, told: Mapping[str, str], fields: Fields) -> Serie:
    function = (told.get("func") or "COUNT").upper()
    if function not in FUNCTIONS:
        raise InvalidParameter(name=f"y.{name}.func", found=function[:100], expected=", ".join(FUNCTIONS))
    cumulative = told.get("cumulative", "").lower() in ("true", "1", "yes")
    return Serie(name, _aggregate(function, name, told, fields), cumulative)


def _aggregate(function: str, name: str, told: Mapping[str, str], fields: Fields) -> Node:
    if function == "COUNT":
        return Call("count", (Star(),))
    value = _read_expression(f"y.{name}.expr", told.get("expr", ""), fields)
    if function == "SUMSQUARES":
        value = Arithmetic("*", value, value)
    if function == "QUANTILES":
        percent = _read_expression(f"y.{name}.subsets", told.get("subsets") or "50", fields)
        return Call("percentile", (value, percent))
    return Call(FUNCTIONS[function], (value,), distinct=function == "CARDINALITY")


def _read_expression(parameter: str, text: str, fields: Fields) -> Node:
    """Return a field or an arithmetic expression of fields; raise InvalidParameter for anything else."""
    if (field := fields.find(text)) is not None:
        return Name(field.name)
    items = parse_items(text, "select")
    if len(items) != 1 or items[0].alias or not _is_arithmetic(items[0].expression):
        expected = Phrase("a field, or + - * / between fields", "un champ, ou + - * / entre des champs")
        raise InvalidParameter(name=parameter, found=text[:100], expected=expected)
    return items[0].expression


def _is_arithmetic(node: Node) -> bool:
    match node:
        case Name() | Literal():
            return True
        case Negative(operand):
            return _is_arithmetic(operand)
        case Arithmetic(_, left, right):
            return _is_arithmetic(left) and _is_arithmetic(right)
    return False


def _read_order(asked: MultiDict[str, str], axes: Sequence[Axis], series: Sequence[Serie]) -> tuple[Item, ...]:
    """Return the order asked: `x` goes upwards and a series downwards, a minus turns either round.

    Series come first, as the language wants; a name that is neither is ignored. Groups come upwards by themselves.
    """
    figures: list[Item] = []
    places: list[Item] = []
    ranks = {serie.name: rank for rank, serie in enumerate(series)}
    for key in (key.strip() for text in asked.getlist("sort") for key in text.split(",")):
        name, turned = key.removeprefix("-"), key.startswith("-")
        if name in ranks:
            figures.append(Item(Name(f"y{ranks[name]}"), descending=not turned))
        for place, axis in enumerate(axes):
            if axis.ordered and name not in ranks and name in ("x", f"x.{axis.field}"):
                places += [Item(Name(each.alias), descending=turned) for each in axis.keys(place)]
    return (*figures, *places)
