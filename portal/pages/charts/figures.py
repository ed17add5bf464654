"""The figures of a chart: the query that gives them, and each of them with its state."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from math import isfinite
from typing import Any

from datasets.odsql.quoting import quote
from datasets.query import Query, Source, run_query
from datasets.store.engine import Engine
from portal.pages.cells import HIDDEN
from portal.pages.charts.choosing import Chart, unrefined
from portal.pages.charts.periods import GRAINS, fill
from portal.pages.charts.survey import Dimension
from portal.pages.filters import Filters, Pair
from portal.pages.ordering import natural

MOST_ROWS = 4_000
"""Figures that one chart reads."""

MOST_SERIES = 8
MOST_COLUMNS = 40
"""Series that lines and bars tell apart, and columns or rows of a table of colours."""


@dataclass(frozen=True)
class Point:
    """One figure: where it stands, its value, and its state: "shown", "hidden" (for protection) or "none".

    `interval` is what the value may be, where its producer says so.
    """

    by: str
    series: str
    value: float | None
    state: str
    interval: tuple[float, float] | None = None


@dataclass(frozen=True)
class Figures:
    """The figures of a chart in the order in which they are drawn, and how many places and series there were."""

    points: tuple[Point, ...]
    places: tuple[str, ...]
    series: tuple[str, ...]
    total_places: int
    total_series: int

    def count(self, state: str) -> int:
        """Return how many figures are in a state."""
        return sum(each.state == state for each in self.points)

    def first(self, most: int) -> "Figures":
        """Return the figures of the first places."""
        places = self.places[:most]
        kept = tuple(each for each in self.points if each.by in places)
        return replace(self, points=kept, places=places)

    @property
    def shown(self) -> list[Point]:
        """The figures that have a value."""
        return [each for each in self.points if each.value is not None]


def query_of(chart: Chart, filters: Filters, where: Sequence[str] = ()) -> Query:
    """Return the query that gives the figures of a chart: place, series where there is one, value, hidden or not."""
    along = [_group(chart.by, chart.grain), *([_group(chart.series, "")] if chart.series else [])]
    whole = chart.calculation == "value"
    bounds = [quote(each.name, "`") for each in chart.bounds or ()]
    columns = [*along, value_of(chart), *bounds, *([HIDDEN] if whole and chart.survey.protected else [])]
    ordered = along[0] if chart.by.kind == "time" else f"{value_of(chart)} desc"
    return _beside(chart, filters).query(
        select=", ".join(columns),
        where=(*where, *conditions(chart)),
        group_by="" if whole else ", ".join(along),
        order_by=ordered,
        limit=MOST_ROWS,
    )


def _beside(chart: Chart, filters: Filters) -> Filters:
    """Return the filters without the values of what the chart holds, which has one already."""
    return unrefined(filters, [each.field.name for each in chart.held])


def conditions(chart: Chart) -> list[str]:
    """Return the conditions of a chart: what it holds, and the grain of its periods."""
    clauses = [each.clause for each in chart.held]
    if chart.by.kind == "time" and not chart.by.moment and len(chart.grains) > 1:
        listed = chart.periods if chart.by.field.type == "int" else [quote(each) for each in chart.periods]
        clauses.append(f"{chart.by.mark} in ({', '.join(listed)})")
    return clauses


def value_of(chart: Chart) -> str:
    """Return the measure of a chart as a clause says it."""
    if chart.measure is None:
        return "count(*)"
    mark = quote(chart.measure.name, "`")
    return mark if chart.calculation == "value" else f"{chart.calculation}({mark})"


def _group(dimension: Dimension | None, grain: str) -> str:
    if dimension is None:
        return ""
    if dimension.moment:
        return f"date_format({dimension.mark}, {quote(GRAINS[grain or 'year'].pattern)})"
    return dimension.mark


def parameters_of(chart: Chart, filters: Filters) -> list[Pair]:
    """Return the parameters with which the API gives the same figures."""
    query = query_of(chart, filters)
    clauses = [("select", query.select), ("where", " and ".join(f"({each})" for each in query.where))]
    clauses += [("group_by", query.group_by), ("order_by", query.order_by)]
    narrowed = [pair for pair in _beside(chart, filters).api_pairs() if pair[0] != "where"]
    return [(name, text) for name, text in clauses if text] + narrowed + [("limit", str(MOST_ROWS))]


def read_figures(chart: Chart, filters: Filters, source: Source, engine: Engine) -> Figures:
    """Return the figures of a chart. What is hidden is never a number; a sum of hidden figures is hidden too."""
    rows = _read(query_of(chart, filters), source, engine)
    withheld = _withheld(chart, filters, source, engine)
    points = [_point(row, chart, withheld) for row in rows]
    order = _order(chart, points)
    most = (MOST_COLUMNS, MOST_COLUMNS) if chart.form == "heat" else (chart.top, MOST_SERIES)
    series = _series(chart, points)
    places = order if chart.by.kind == "time" else order[: most[0]]
    by_place = {(point.by, point.series): point for point in points}
    crossed = [(place, name) for name in series[: most[1]] for place in places]
    if chart.form == "heat":
        kept = [by_place[pair] for pair in crossed if pair in by_place]
    else:
        kept = [by_place.get(pair) or Point(*pair, None, "none") for pair in crossed]
    return Figures(tuple(kept), tuple(places), tuple(series[: most[1]]), len(order), len(series))


def _read(query: Query, source: Source, engine: Engine) -> list[tuple[Any, ...]]:
    table = run_query(query, source, engine).rows.read_all()
    return list(zip(*(column.to_pylist() for column in table.columns), strict=True)) if table.num_columns else []


def _withheld(chart: Chart, filters: Filters, source: Source, engine: Engine) -> set[tuple[str, str]]:
    """Return the groups of which some records are hidden, so that no sum of the others is the truth."""
    if chart.calculation == "value" or chart.measure is None or not chart.survey.protected:
        return set()
    query = query_of(
        chart, filters, where=(f"{quote(HIDDEN, '`')} = true", f"{quote(chart.measure.name, '`')} is null")
    )
    return {_where(row, chart) for row in _read(query, source, engine)}


def _where(row: tuple[Any, ...], chart: Chart) -> tuple[str, str]:
    by, series = row[0], row[1] if chart.series else ""
    return "" if by is None else str(by), "" if series is None else str(series)


def _point(row: tuple[Any, ...], chart: Chart, withheld: set[tuple[str, str]]) -> Point:
    place = _where(row, chart)
    value = row[2 if chart.series else 1]
    marked = chart.calculation == "value" and chart.survey.protected and bool(row[-1])
    if place in withheld or (marked and value is None):
        return Point(*place, None, "hidden")
    if value is None or not isfinite(value):
        return Point(*place, None, "none")
    low, high = row[2:4] if chart.bounds else (None, None)
    told = low is not None and high is not None and isfinite(low) and isfinite(high)
    return Point(*place, float(value), "shown", (float(low), float(high)) if told else None)


def _order(chart: Chart, points: Sequence[Point]) -> list[str]:
    """Return the places in the order in which they are drawn: time fills its gaps; what has no value comes last."""
    names = list(dict.fromkeys(point.by for point in points if point.by or chart.by.kind != "time"))
    if chart.by.kind == "time":
        told = {point.by for point in points if point.state != "none"}
        ordered = sorted(names, key=natural)
        while ordered and ordered[0] not in told:
            del ordered[0]
        while ordered and ordered[-1] not in told:
            del ordered[-1]
        return fill(ordered)
    if chart.order == "name" or chart.form == "heat":
        return sorted(names, key=natural)
    best: dict[str, float] = {}
    for point in points:
        if point.value is not None:
            best[point.by] = max(best.get(point.by, point.value), point.value)
    sign = 1 if chart.order == "rising" else -1
    return sorted(names, key=lambda name: (name not in best, sign * best.get(name, 0.0), natural(name)))


def _series(chart: Chart, points: Sequence[Point]) -> list[str]:
    names = list(dict.fromkeys(point.series for point in points))
    if chart.form == "heat" or len(names) <= MOST_SERIES:
        return sorted(names, key=natural)
    weight = {name: sum(abs(point.value or 0.0) for point in points if point.series == name) for name in names}
    return sorted(names, key=lambda name: -weight[name])
