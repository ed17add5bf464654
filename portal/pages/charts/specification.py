"""From figures to Vega-Lite. Names of fields never reach it: data have columns of our own, so no name can be hostile.

Columns: `i` the rank of a figure, `k` its place, `s` its series, `v` its value (null when there is none), `lo` and `hi`
what it may be, `t` the value in words, `tip` the whole in words, `h` whether it is hidden: then a gap with a cross or a
word, never a zero.
"""

from textwrap import wrap

from portal.pages.charts.choosing import Chart
from portal.pages.charts.figures import Figures
from portal.pages.charts.marks import FORMS, Part
from portal.pages.charts.plan import FEW_BARS, SIZES, Drawing
from portal.pages.charts.theme import THEMES, configure
from portal.pages.charts.words import describe, say_point, write_amount, write_title

SCHEMA = "https://vega.github.io/schema/vega-lite/v6.json"


def draw(chart: Chart, figures: Figures, *, size: str = "wide", theme: str = "light", titled: str = "") -> Part:
    """Return the Vega-Lite description of a chart; `titled` adds its title, and a source line."""
    whole = SIZES[size].step or chart.by.kind == "time" or chart.form == "heat"
    kept = figures if whole else figures.first(FEW_BARS)
    drawing = Drawing(chart, kept, SIZES[size], THEMES[theme])
    spec = {
        "$schema": SCHEMA,
        "description": describe(chart, kept),
        "width": drawing.size.width,
        "height": drawing.height,
        "autosize": {"type": "fit", "contains": "padding"},
        "padding": 4 if drawing.size.bare else 12,
        "background": drawing.theme.surface,
        "config": configure(drawing.theme),
        "params": [{"name": "pointed", "value": -1}],
        "data": {"values": list_rows(drawing)},
        "layer": FORMS[chart.form](drawing),
    }
    if titled:
        columns = drawing.size.width // 9
        lines, source = wrap(write_title(chart), columns), wrap(titled, columns + columns // 4)
        spec["title"] = {"text": lines, "subtitle": source, "offset": 14}
        if drawing.size.step:
            spec["height"] = drawing.height + 20 * len(lines) + 15 * len(source) + 14
    return spec


def list_rows(drawing: Drawing) -> list[Part]:
    """Return the data of a drawing, in the order of its figures."""
    chart, figures = drawing.chart, drawing.figures
    places = dict(zip(figures.places, drawing.places, strict=True))
    series = dict(zip(figures.series, drawing.series, strict=True)) if chart.series else {}
    return [
        {
            "i": rank,
            "k": places[point.by],
            "s": series.get(point.series, ""),
            "v": point.value,
            "t": write_amount(point.value, chart),
            "tip": say_point(point, chart),
            "h": point.state == "hidden",
            **(dict(zip(("lo", "hi"), point.interval, strict=True)) if point.interval else {}),
        }
        for rank, point in enumerate(figures.points)
    ]
