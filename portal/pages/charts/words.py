"""What charts say in words: their title, each figure, and the sentences that say the same as the drawing."""

from collections.abc import Sequence
from dataclasses import replace

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_babel import ngettext

from datasets.model import Field, text_in
from portal.i18n import language, number, period, share, unit
from portal.pages import words
from portal.pages.cells import show
from portal.pages.charts import periods
from portal.pages.charts.choosing import Chart
from portal.pages.charts.figures import MOST_ROWS, Figures, Point
from portal.pages.charts.holding import LEVELS, Held
from portal.pages.charts.survey import UNITS, Dimension
from portal.pages.maps.choropleth import LEVEL

FORM_NAMES = {
    "line": _l("Curve"),
    "bars": _l("Bars"),
    "area": _l("Area"),
    "points": _l("Points"),
    "heat": _l("Table of colours"),
}
GRAIN_NAMES = {
    "year": _l("Year"),
    "quarter": _l("Quarter"),
    "month": _l("Month"),
    "week": _l("Week"),
    "day": _l("Day"),
}
SITE_TITLE = _l("What culture saves by touring together")
CALCULATION_NAMES = {"sum": _l("Sum"), "avg": _l("Mean")}
ORDER_NAMES = {"value": _l("Highest first"), "rising": _l("Lowest first"), "name": _l("By name")}


def label_field(field: Field) -> str:
    """Return the label of a field in the reader's language."""
    return text_in(field.label, language()) or field.name


def label_place(name: str, dimension: Dimension | None) -> str:
    """Return the name of a place of a chart: a period in words, a level or a category as pages say them."""
    if not name:
        return _("nothing stated")
    if dimension is not None and dimension.kind == "time":
        return periods.label(name)
    return words.say_value(name, dimension.field if dimension else "")


def label_places(names: Sequence[str], dimension: Dimension | None) -> list[str]:
    """Return a name for each place, all different."""
    labels = [label_place(name, dimension) for name in names]
    return [
        f"{label} ({name})" if labels.count(label) > 1 else label for name, label in zip(names, labels, strict=True)
    ]


def name_measure(chart: Chart) -> str:
    """Return what a chart measures."""
    if chart.measure is None:
        return _("Number of records")
    label = label_field(chart.measure)
    return _("%(measure)s (mean)", measure=label) if chart.calculation == "avg" else label


def name_unit(chart: Chart) -> str:
    """Return the unit of the figures of a chart; that of the records, where each says its own."""
    if chart.measure is None:
        return ""
    told = next((_say_held(each) for each in chart.held if each.field.name.lower() in UNITS), "")
    own = unit(chart.measure.annotations.get("unit"))
    return f"{own} ({told})" if own and told else own or told


def write_title(chart: Chart) -> str:
    """Return the title of a chart: what is measured, along what, and what is held meanwhile."""
    along = [_grain_or_label(chart.by, chart.grain), *([label_field(chart.series.field)] if chart.series else [])]
    title = _("%(measure)s by %(dimensions)s", measure=name_measure(chart), dimensions=_listed(along))
    return ", ".join([title, *(_say_held(each) for each in chart.held if len(each.options) > 1)])


def _say_held(held: Held) -> str:
    if held.field.name == LEVEL and held.chosen == LEVELS[0]:
        return _("the whole country")
    return words.say_value(held.chosen, held.field)


def _grain_or_label(dimension: Dimension, grain: str) -> str:
    return str(GRAIN_NAMES[grain]) if grain else label_field(dimension.field)


def _listed(names: Sequence[str]) -> str:
    lowered = [name[:1].lower() + name[1:] if name[1:2].islower() else name for name in names]
    return lowered[0] if len(lowered) == 1 else _("%(first)s and %(second)s", first=lowered[0], second=lowered[1])


def write_amount(value: float | None, chart: Chart) -> str:
    """Return a figure as the reader writes numbers, without its unit."""
    if value is None:
        return ""
    if chart.measure is None:
        return number(value, 0)
    if chart.calculation == "avg" and chart.measure.type == "int":
        return number(value, 1)
    return show(int(value) if chart.measure.type == "int" else value, chart.measure)


def say_figure(point: Point, chart: Chart) -> str:
    """Return a figure with its unit, or why there is none."""
    if point.state == "hidden":
        return _("hidden for protection")
    if point.value is None:
        return _("no data")
    told = f"{write_amount(point.value, chart)} {name_unit(chart)}".strip()
    return f"{told}, {say_interval(point, chart)}" if point.interval else told


def say_interval(point: Point, chart: Chart) -> str:
    """Return what a figure may be, as its producer says; "" when nothing is said."""
    if point.interval is None:
        return ""
    low, high = (write_amount(bound, chart) for bound in point.interval)
    return _("between %(low)s and %(high)s", low=low, high=high)


def say_point(point: Point, chart: Chart) -> str:
    """Return where a figure stands and what it is."""
    return _("%(place)s: %(figure)s", place=say_place(point, chart), figure=say_figure(point, chart))


def say_place(point: Point, chart: Chart) -> str:
    """Return where a figure stands; of two values of which one begins with a digit, each is told with its field."""
    if chart.series is None:
        return label_place(point.by, chart.by)
    pairs = [(chart.by, label_place(point.by, chart.by)), (chart.series, label_place(point.series, chart.series))]
    if any(label[:1].isdigit() for dimension, label in pairs if dimension.kind == "category"):
        pairs = [(each, f"{label_field(each.field)} {label}") for each, label in pairs]
        return _listed([label for _dimension, label in pairs])
    return ", ".join(label for _dimension, label in pairs)


def describe(chart: Chart, figures: Figures) -> str:
    """Return the sentences that say what a chart shows: extremes, course, what is hidden, what is left out."""
    shown = figures.shown
    if not shown:
        told = [_("There is no figure to draw for this choice.")]
    elif len(shown) == 1:
        told = [_("One figure: %(point)s.", point=say_point(shown[0], chart))]
    else:
        told = [_say_extremes(shown, chart), _say_course(shown, chart)]
    interval = ""
    if any(each.interval for each in shown):
        interval = _("Around each figure stands what it may be, given what is uncertain.")
    return " ".join(filter(None, [*told, interval, _say_hidden(figures), _say_cut(figures)]))


def _say_extremes(shown: Sequence[Point], chart: Chart) -> str:
    most = max(shown, key=lambda point: point.value or 0.0)
    least = min(shown, key=lambda point: point.value or 0.0)
    return _("The highest is %(most)s; the lowest is %(least)s.", most=_lower(most, chart), least=_lower(least, chart))


def _lower(point: Point, chart: Chart) -> str:
    return f"{say_place(point, chart)} ({say_figure(replace(point, interval=None), chart)})"


def _say_course(shown: Sequence[Point], chart: Chart) -> str:
    """Say from what to what a single course over time goes."""
    if chart.by.kind != "time" or chart.series is not None:
        return ""
    first, last = shown[0], shown[-1]
    change = ""
    if first.value and first.value > 0 and last.value is not None:
        ratio = last.value / first.value - 1
        change = f" ({'+' if ratio > 0 else ''}{share(ratio)})"
    return _(
        "From %(start)s to %(end)s it goes from %(before)s to %(after)s%(change)s.",
        start=label_place(first.by, chart.by),
        end=label_place(last.by, chart.by),
        before=say_figure(replace(first, interval=None), chart),
        after=say_figure(replace(last, interval=None), chart),
        change=change,
    )


def _say_hidden(figures: Figures) -> str:
    hidden = figures.count("hidden")
    if not hidden:
        return ""
    return ngettext(
        "%(count)s figure is hidden for protection: it is not zero.",
        "%(count)s figures are hidden for protection: they are not zero.",
        hidden,
        count=number(hidden),
    )


def _say_cut(figures: Figures) -> str:
    told = []
    if figures.total_places > len(figures.places):
        told.append((len(figures.places), figures.total_places))
    if figures.total_series > len(figures.series):
        told.append((len(figures.series), figures.total_series))
    sentences = [_("%(shown)s of %(total)s are drawn.", shown=number(s), total=number(t)) for s, t in told]
    if figures.total_places >= MOST_ROWS:
        sentences.append(_("There are more figures than a chart can read."))
    return " ".join(sentences)


def say_country(period_: str) -> str:
    """Say that figures are those of the whole country, for a period."""
    return _("France, %(period)s", period=period(period_))
