"""The chart that an address asks for: what it says, and else sensible defaults by declared rules.

Rows of several territorial levels, kinds of period or units are never put together: whatever of a record's key the
chart does not follow is held at one value, which the address may choose (`refine.NAME`, as for maps and tables).
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from urllib.parse import urlencode

from werkzeug.datastructures import MultiDict

from datasets.model import Field
from datasets.odsql.quoting import quote
from datasets.query import Source, count_query
from datasets.store.engine import Engine
from portal.pages.charts.holding import Held, hold
from portal.pages.charts.periods import GRAINS, sort_by_grain
from portal.pages.charts.survey import Dimension, Survey, find_bounds, is_share
from portal.pages.filters import Filters, Pair
from portal.pages.maps.choropleth import CODE, NAME
from portal.pages.ordering import find_moment

FORMS: Mapping[str, Callable[[Dimension, Dimension | None], bool]] = {
    "line": lambda by, series: by.kind == "time",
    "bars": lambda by, series: True,
    "area": lambda by, series: by.kind == "time" and series is None,
    "points": lambda by, series: True,
    "heat": lambda by, series: series is not None,
}
"""The forms that a chart may have, and what each needs."""

COUNT = "records"
"""The measure that is no field: how many records there are."""

CALCULATIONS = ("sum", "avg")
ORDERS = ("value", "rising", "name")
TOPS = (20, 10, 50, 100)
"""What a reader may choose, the default first."""

FEW = 3
MOST_PERIODS = 60
"""Periods from which time is worth a line, and up to which dates are told by a grain."""


@dataclass(frozen=True)
class Asked:
    """What an address says of a chart; "" where it says nothing."""

    form: str = ""
    measure: str = ""
    by: str = ""
    series: str = ""
    grain: str = ""
    calc: str = ""
    order: str = ""
    top: str = ""

    def pairs(self) -> list[Pair]:
        """Return what is said as the pairs of a query string."""
        return [(name, value) for name, value in vars(self).items() if value]


def read_asked(args: "MultiDict[str, str]") -> Asked:
    """Read what an address says of a chart."""
    return Asked(**{name: args.get(name, "").strip() for name in Asked.__dataclass_fields__})


def leave_followed(asked: Asked, filters: Filters) -> Filters:
    """Return the filters without a single value of what the chart is asked to follow: it shows all the values."""
    names = [name for name, _ in filters.refined]
    return unrefined(filters, [name for name in (asked.by, asked.series) if names.count(name) == 1])


def unrefined(filters: Filters, names: Sequence[str]) -> Filters:
    """Return the filters without the values that these fields are refined to; what they exclude stays."""
    return replace(filters, refined=tuple(pair for pair in filters.refined if pair[0] not in names))


@dataclass(frozen=True)
class Chart:
    """A chart: what is measured, along what, in which form, and what is held meanwhile.

    `calculation` is "value" (figures as they are published), "sum", "avg" or "count"; `measure` is None for a count.
    `periods` are those of the grain, when the chart follows time; `bounds` are the fields of what each figure may be.
    """

    form: str
    measure: Field | None
    calculation: str
    by: Dimension
    series: Dimension | None
    grain: str
    grains: tuple[str, ...]
    periods: tuple[str, ...]
    held: tuple[Held, ...]
    order: str
    top: int
    survey: Survey
    bounds: tuple[Field, Field] | None = None

    @property
    def followed(self) -> list[Dimension]:
        """The dimensions that the chart follows."""
        return [self.by, *([self.series] if self.series else [])]

    @property
    def forms(self) -> list[str]:
        """The forms that this chart could have."""
        return [name for name, suits in FORMS.items() if suits(self.by, self.series)]

    @property
    def asked(self) -> Asked:
        """The chart as an address says it whole, so that no default is left."""
        return Asked(
            self.form,
            self.measure.name if self.measure else COUNT,
            self.by.name,
            self.series.name if self.series else "none",
            self.grain,
            self.calculation if self.calculation in CALCULATIONS else "",
            self.order,
            str(self.top),
        )

    def pairs(self, filters: Filters) -> list[Pair]:
        """Return the pairs of an address that says this chart whole, of the records that `filters` keeps."""
        held = {each.field.name: each.chosen for each in self.held}
        kept = replace(unrefined(filters, list(held)), page=1, sort="", layout=())
        return [*kept.pairs(), *((f"refine.{name}", value) for name, value in held.items()), *self.asked.pairs()]

    def address(self, path: str, filters: Filters, *more: Pair) -> str:
        """Return the address of this chart at a path."""
        return f"{path}?{urlencode([*self.pairs(filters), *more])}"


Begun = tuple[Dimension, Dimension | None, str]
"""What a chart begins with: what it follows, a second dimension or None, a form."""


def _lasting(free: list[Dimension]) -> Dimension | None:
    """Return the dimension of time that has enough periods, or dates."""
    return next((each for each in free if each.kind == "time" and (each.moment or len(_finest(each)) >= FEW)), None)


def _crossed(free: list[Dimension]) -> list[Dimension]:
    return [each for each in free if each.kind == "category" and each.key and len(each.values) > 1]


def _follow_time(free: list[Dimension]) -> Begun | None:
    time = _lasting(free)
    return (time, None, "line") if time and time.key and not _crossed(free) else None


def _cross_time(free: list[Dimension]) -> Begun | None:
    time, crossed = _lasting(free), _crossed(free)
    return (time, crossed[0], "heat") if time and time.key and crossed else None


def _cross_categories(free: list[Dimension]) -> Begun | None:
    crossed = _crossed(free)
    return (crossed[0], crossed[1], "heat") if len(crossed) > 1 else None


def _compare(kind: str, *, key: bool) -> Callable[[list[Dimension]], Begun | None]:
    def begin(free: list[Dimension]) -> Begun | None:
        several = (each for each in free if each.kind == kind and (len(each.values) > 1 or kind == "territory"))
        found = next((each for each in several if each.key == key), None)
        return (found, None, "bars") if found else None

    return begin


RULES: Mapping[str, Callable[[list[Dimension]], Begun | None]] = {
    "figures over time": _follow_time,
    "figures over time in several categories": _cross_time,
    "figures in two categories": _cross_categories,
    "figures in one category": _compare("category", key=True),
    "figures of territories": _compare("territory", key=True),
    "records of several kinds": _compare("category", key=False),
    "anything else that has a date or a name": lambda free: (free[0], None, "bars"),
}
"""The chart that datasets of each shape begin with, from dimensions that no filter narrows: the first that speaks."""


def choose(
    asked: Asked, filters: Filters, survey: Survey, source: Source, engine: Engine, *, year: int
) -> Chart | None:
    """Return the chart that is asked for, None when nothing can be drawn.

    `year` is the present one: where a period must be held, it is by default the last full year.
    """
    if not survey.drawable:
        return None
    by, series, form = _axes(asked, filters, survey)
    held = hold(survey, [by, *([series] if series else [])], filters, source, engine, year)
    measure, calculation = _measure(asked, by, series, survey, held)
    grains = _count_periods(by, filters, source, engine)
    grain = asked.grain if asked.grain in grains else max(grains, key=lambda name: grains[name], default="")
    suited = [name for name, suits in FORMS.items() if suits(by, series)]
    return Chart(
        form=next(name for name in (asked.form, form, suited[0]) if name in suited),
        measure=measure,
        calculation=calculation,
        by=by,
        series=series,
        grain=grain,
        grains=tuple(grains),
        periods=tuple(sort_by_grain(by.values).get(grain, ())),
        held=tuple(held),
        order=asked.order if asked.order in ORDERS else _usual_order(by),
        top=int(asked.top) if asked.top in map(str, TOPS) else TOPS[0],
        survey=survey,
        bounds=find_bounds(measure, source.schema) if measure and calculation == "value" and series is None else None,
    )


def _usual_order(by: Dimension) -> str:
    """Return the order that nobody asked for: that of time where values are moments, else the highest first."""
    timed = bool(by.values) and all(find_moment(value) is not None for value in by.values)
    return "name" if timed else ORDERS[0]


def _axes(asked: Asked, filters: Filters, survey: Survey) -> tuple[Dimension, Dimension | None, str]:
    free = [each for each in survey.offered if filters.chosen(each.name) is None] or list(survey.offered)
    begun = next(found for begin in RULES.values() if (found := begin(free)))
    by = survey.find(asked.by)
    if by is None:
        by, series, form = begun
    else:
        series, form = None, "line" if by.kind == "time" else "bars"
    other = survey.find(asked.series)
    if other is not None or asked.series:
        series = other if other and other.name != by.name else None
    elif asked.form == "heat" and series is None:
        series = next((each for each in (*_crossed(free), *survey.offered) if each.name != by.name), None)
    if asked.form and asked.form != "heat" and not asked.series:
        series = None
    return by, series, form


def _measure(
    asked: Asked, by: Dimension, series: Dimension | None, survey: Survey, held: Sequence[Held]
) -> tuple[Field | None, str]:
    """Return what is measured and how: figures as they are where records are told apart, else sums, means or counts."""
    followed = [by, *([series] if series else [])]
    whole = _told_apart(survey, followed, held)
    measure = next((each for each in survey.measures if each.name == asked.measure), None)
    if measure is None and survey.measures and asked.measure != COUNT and (survey.keys or _alone(by)):
        measure = survey.measures[0]
    if measure is None:
        return None, "count"
    if whole:
        return measure, "value"
    default = "avg" if is_share(measure) else "sum"
    return measure, asked.calc if asked.calc in CALCULATIONS and not is_share(measure) else default


def _told_apart(survey: Survey, followed: Sequence[Dimension], held: Sequence[Held]) -> bool:
    """Whether one record at most stands at each place: all that tells records apart is followed or held."""
    names = {each.name for each in followed} | {each.field.name for each in held}
    names |= {f"code_{name.removeprefix('nom_')}" for name in names if name.startswith("nom_")}
    if survey.of("territory") and all(each.key for each in followed):
        names |= {CODE, NAME}
    return bool(survey.keys) and survey.keys <= names


def _alone(by: Dimension) -> bool:
    """Whether records are simply named, so that counting them says nothing."""
    return "facet" not in by.field.annotations and not by.moment


def _finest(time: Dimension) -> list[str]:
    """Return the periods of the grain that has most of them."""
    return max(sort_by_grain(time.values).values(), key=len, default=[])


def _count_periods(by: Dimension, filters: Filters, source: Source, engine: Engine) -> dict[str, int]:
    """Return the grains in which time may be told, and how many periods each has: dates are cut into MOST_PERIODS."""
    if not by.moment:
        return {name: len(texts) for name, texts in sort_by_grain(by.values).items()} if by.kind == "time" else {}
    found: dict[str, int] = {}
    for name, grain in GRAINS.items():
        if grain.pattern:
            group = f"date_format({by.mark}, {quote(grain.pattern)})"
            query = filters.query(select=group, group_by=group, where=(f"{by.mark} is not null",))
            count = count_query(query, source, engine)
            if count <= MOST_PERIODS or not found:
                found[name] = count
    return found
