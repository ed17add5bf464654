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
from portal.pages.charts.survey import Dimension, Survey, is_share
from portal.pages.filters import Filters, Pair

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
"""Periods from which time is worth a line."""


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
    `periods` are those of the grain, when the chart follows time.
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


@dataclass(frozen=True)
class Rule:
    """A default: the chart that datasets of a shape begin with. None where the rule does not speak of this shape."""

    name: str
    begin: Callable[[Survey, list[Dimension]], tuple[Dimension, Dimension | None, str] | None]


def _lasting(free: list[Dimension]) -> Dimension | None:
    """Return the dimension of time that has enough periods, or dates."""
    return next((each for each in free if each.kind == "time" and (each.moment or len(_finest(each)[1]) >= FEW)), None)


def _crossed(free: list[Dimension]) -> list[Dimension]:
    return [each for each in free if each.kind == "category" and each.key and len(each.values) > 1]


def _follow_time(survey: Survey, free: list[Dimension]) -> tuple[Dimension, Dimension | None, str] | None:
    time = _lasting(free)
    return (time, None, "line") if time and time.key and not _crossed(free) else None


def _cross_time(survey: Survey, free: list[Dimension]) -> tuple[Dimension, Dimension | None, str] | None:
    time, crossed = _lasting(free), _crossed(free)
    return (time, crossed[0], "heat") if time and time.key and crossed else None


def _cross_categories(survey: Survey, free: list[Dimension]) -> tuple[Dimension, Dimension | None, str] | None:
    crossed = _crossed(free)
    return (crossed[0], crossed[1], "heat") if len(crossed) > 1 else None


def _compare(kind: str, key: bool | None) -> Callable[..., tuple[Dimension, Dimension | None, str] | None]:
    def begin(survey: Survey, free: list[Dimension]) -> tuple[Dimension, Dimension | None, str] | None:
        several = [each for each in free if len(each.values) > 1 or kind == "territory"]
        found = next((each for each in several if each.kind == kind and key in (None, each.key)), None)
        return (found, None, "bars") if found else None

    return begin


RULES = (
    Rule("figures over time become a line", _follow_time),
    Rule("figures over time in several categories become a table of colours", _cross_time),
    Rule("figures in two categories become a table of colours", _cross_categories),
    Rule("figures in one category become bars", _compare("category", True)),
    Rule("figures of territories become bars", _compare("territory", None)),
    Rule("records of several kinds become bars", _compare("category", None)),
    Rule("anything else is told over time, or by what there is", lambda survey, free: (free[0], None, "bars")),
)
"""Defaults by the shape of a dataset, the first that speaks wins."""


def choose(
    asked: Asked, filters: Filters, survey: Survey, source: Source, engine: Engine, *, year: int
) -> Chart | None:
    """Return the chart that is asked for, None when nothing can be drawn.

    `year` is the present one: where a period must be held, it is by default the last full year.
    """
    if not survey.drawable:
        return None
    by, series, form = _axes(asked, filters, survey)
    measure, calculation = _measure(asked, by, series, survey)
    grains = {} if by.kind != "time" else _grains(by, filters, source, engine)
    grain = asked.grain if asked.grain in grains else max(grains, key=lambda name: len(grains[name]), default="")
    chart = Chart(
        form=form,
        measure=measure,
        calculation=calculation,
        by=by,
        series=series,
        grain=grain,
        grains=tuple(grains),
        periods=tuple(grains.get(grain, ())),
        held=(),
        order=asked.order if asked.order in ORDERS else ORDERS[0],
        top=int(asked.top) if asked.top in map(str, TOPS) else TOPS[0],
        survey=survey,
    )
    chosen = asked.form if asked.form in chart.forms else form if form in chart.forms else chart.forms[0]
    return replace(chart, form=chosen, held=tuple(hold(survey, chart.followed, filters, source, engine, year)))


def _axes(asked: Asked, filters: Filters, survey: Survey) -> tuple[Dimension, Dimension | None, str]:
    free = [each for each in survey.offered if filters.chosen(each.name) is None] or list(survey.offered)
    begun = next(found for rule in RULES if (found := rule.begin(survey, free)))
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


def _measure(asked: Asked, by: Dimension, series: Dimension | None, survey: Survey) -> tuple[Field | None, str]:
    """Return what is measured and how: figures as they are where records are told apart, else sums, means or counts."""
    measure = next((each for each in survey.measures if each.name == asked.measure), None)
    whole = bool(survey.keys) and all(each.key for each in (by, series) if each is not None)
    if measure is None and survey.measures and asked.measure != COUNT and (whole or survey.keys or _alone(by)):
        measure = survey.measures[0]
    if measure is None:
        return None, "count"
    if whole:
        return measure, "value"
    default = "avg" if is_share(measure) else "sum"
    return measure, asked.calc if asked.calc in CALCULATIONS and not is_share(measure) else default


def _alone(by: Dimension) -> bool:
    """Whether records are simply named, so that counting them says nothing."""
    return "facet" not in by.field.annotations and not by.moment


def _finest(time: Dimension) -> tuple[str, list[str]]:
    """Return the grain that has most periods."""
    return max(sort_by_grain(time.values).items(), key=lambda pair: len(pair[1]), default=("", []))


def _grains(by: Dimension, filters: Filters, source: Source, engine: Engine) -> dict[str, list[str]]:
    """Return the periods of each grain. Dates may be told by any grain that makes neither one period nor too many."""
    if not by.moment:
        return sort_by_grain(by.values)
    found: dict[str, list[str]] = {}
    for name, grain in GRAINS.items():
        if grain.pattern:
            group = f"date_format({by.mark}, {quote(grain.pattern)})"
            query = filters.query(select=group, group_by=group, where=(f"{by.mark} is not null",))
            count = count_query(query, source, engine)
            if 0 < count <= 60 or not found:
                found[name] = [""] * count
    return found
