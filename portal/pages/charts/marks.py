"""The marks of each form of chart, as Vega-Lite layers over the columns that `specification` names."""

from collections.abc import Callable, Mapping
from typing import Any

from flask_babel import gettext as _

from portal.pages.charts.plan import Drawing
from portal.pages.charts.survey import Dimension
from portal.pages.charts.theme import SHAPES
from portal.pages.charts.words import label_field, name_measure, name_unit, write_amount

Part = dict[str, Any]
MOST_WRITTEN = 160
MOST_DOTS = 60
"""Cells that bear their figure, and places of a line that bear a dot."""

LETTER, MARGINS = 7.2, 40
"""Pixels that a letter takes, and those around the surface of a chart."""


def _along(drawing: Drawing, **axis: Any) -> Part:
    """Return the encoding of places."""
    shown = None if drawing.size.bare else {"title": None, "labelLimit": drawing.size.labels} | axis
    return {"field": "k", "type": "ordinal", "sort": None, "scale": {"domain": drawing.places}, "axis": shown}


def _amount(drawing: Drawing, *, zero: bool = True, upright: bool = False) -> Part:
    """Return the encoding of values; the unit stands at the head of an upright axis, else below."""
    title = name_unit(drawing.chart) or None
    if drawing.labelled and not upright:
        tops = ((point.interval or (0.0, point.value or 0.0))[1] for point in drawing.figures.points)
        room = {"zero": True, "domainMax": max(tops, default=0.0) * _room(drawing) or 1}
        plain = {"title": title, "grid": False, "labels": False}
        return {"field": "v", "type": "quantitative", "scale": room, "axis": plain}
    head = {"titleAngle": 0, "titleAlign": "left", "titleAnchor": "end", "titleX": 0, "titleY": -12}
    shown = None if drawing.size.bare else {"title": title} | (head if upright and title else {})
    return {"field": "v", "type": "quantitative", "scale": {"zero": zero, "nice": True}, "axis": shown}


def _room(drawing: Drawing) -> float:
    """Return how much longer than the longest bar an axis is, so that the figure at its end is not cut."""
    longest = max((len(write_amount(point.value, drawing.chart)) for point in drawing.figures.points), default=0)
    names = min(drawing.size.labels, LETTER * max(map(len, drawing.places), default=0))
    wide = drawing.size.width - names - MARGINS
    return wide / max(wide - LETTER * longest - MARGINS / 2, wide / 4)


def _colour(drawing: Drawing) -> Part:
    if not drawing.series:
        return {"value": drawing.theme.main}
    legend = None
    if not drawing.size.bare:
        headed = drawing.upright and name_unit(drawing.chart)
        legend = {"title": None, "columns": 4 if drawing.size.width > 500 else 2, "offset": 28 if headed else 12}
    colours = list(drawing.theme.series[: len(drawing.series)])
    scale = {"domain": drawing.series, "range": colours}
    return {"field": "s", "type": "nominal", "scale": scale, "sort": None, "legend": legend}


def _told(drawing: Drawing) -> Part:
    """Return what a mark says when it is pointed at, and how that is seen."""
    seen = {"condition": {"test": "datum.i === pointed", "value": drawing.theme.focus}, "value": None}
    width = {"condition": {"test": "datum.i === pointed", "value": 3}, "value": 0}
    told = {"field": "tip", "type": "nominal"}
    return {"tooltip": told, "description": told, "stroke": seen, "strokeWidth": width}


def _line(drawing: Drawing) -> list[Part]:
    where = _where_over_time(drawing)
    course: Part = {"type": "line", "strokeWidth": 2.5, "aria": False}
    if drawing.chart.form == "area":
        course = {"type": "area", "line": {"color": drawing.theme.main}, "fillOpacity": 0.35, "aria": False}
    layer = {"mark": course, "encoding": where | {"color": _colour(drawing)}}
    return [*_band(drawing, where), layer, *_dots(drawing, where)]


def _where_over_time(drawing: Drawing) -> Part:
    return {"x": _along(drawing, **_across(drawing)), "y": _amount(drawing, upright=True)}


def _dots(drawing: Drawing, where: Part) -> list[Part]:
    """Return the figures over time, each with the shape of its series, and crosses for those that are hidden."""
    shape: Part = {"value": "circle"}
    if drawing.series:
        scale = {"domain": drawing.series, "range": list(SHAPES[: len(drawing.series)])}
        shape = {"field": "s", "type": "nominal", "scale": scale, "sort": None, "legend": _colour(drawing)["legend"]}
    small = drawing.size.bare or len(drawing.places) > MOST_DOTS
    mark = {"type": "point", "filled": True, "opacity": 1, "size": 12 if small else 55}
    dots = {"mark": mark, "encoding": where | {"color": _colour(drawing), "shape": shape} | _told(drawing)}
    return [dots, *_crosses(drawing, {"x": where["x"]})]


def _band(drawing: Drawing, where: Part) -> list[Part]:
    """Return the surface between the bounds of the figures over time; it breaks where the course does."""
    if not drawing.bounded:
        return []
    mark = {"type": "area", "color": drawing.theme.main, "fillOpacity": 0.14, "aria": False}
    between = {"y": where["y"] | {"field": "lo"}, "y2": {"field": "hi"}}
    return [{"mark": mark, "encoding": where | between}]


def _intervals(drawing: Drawing, where: Part) -> list[Part]:
    """Return lines from one bound to the other of each figure."""
    if not drawing.bounded:
        return []
    name = "y" if drawing.upright else "x"
    mark = {"type": "rule", "strokeWidth": 2, "color": drawing.theme.ink, "aria": False}
    amount = {each: part for each, part in where[name].items() if each != "stack"}
    between = {name: amount | {"field": "lo"}, f"{name}2": {"field": "hi"}}
    return [{"transform": [{"filter": "isValid(datum.lo)"}], "mark": mark, "encoding": where | between}]


def _across(drawing: Drawing) -> Part:
    """Return the axis of places from left to right: time leaves some names out, categories lean when they are long."""
    wide = max(map(len, drawing.places), default=0) * 7.5 * len(drawing.places) > drawing.size.width * 0.7
    if drawing.chart.by.kind != "time" and wide:
        return {"labelAngle": -40 if drawing.size.width > 500 else -90, "labelOverlap": False, "labelLimit": 110}
    return {"labelAngle": 0, "labelOverlap": "greedy", "labelSeparation": 6}


def _crosses(drawing: Drawing, where: Part) -> list[Part]:
    """Return crosses at the foot of the chart, where figures are hidden."""
    if not drawing.figures.count("hidden") or drawing.size.bare:
        return []
    mark = {"type": "point", "shape": "cross", "angle": 45, "filled": True, "size": 60, "yOffset": -8, "opacity": 1}
    told = {"field": "tip", "type": "nominal"}
    encoding = where | {"y": {"value": "height"}, "color": {"value": drawing.theme.soft}}
    return [
        {
            "transform": [{"filter": "datum.h"}],
            "mark": mark,
            "encoding": encoding | {"tooltip": told, "description": told},
        }
    ]


def _bars(drawing: Drawing) -> list[Part]:
    upright = drawing.upright
    along = _along(drawing, **(_across(drawing) if upright else {}))
    names = ("x", "y") if upright else ("y", "x")
    where: Part = {names[0]: along, names[1]: _amount(drawing, upright=upright) | {"stack": None}}
    if drawing.series:
        offset = {"field": "s", "type": "nominal", "scale": {"domain": drawing.series}, "sort": None}
        where[f"{names[0]}Offset"] = offset
    mark = {"type": "bar", "cornerRadiusEnd": 2}
    colour = {"value": drawing.theme.under} if drawing.bounded else _colour(drawing)
    bars = {"mark": mark, "encoding": where | {"color": colour} | _told(drawing)}
    if upright:
        return [bars, *_intervals(drawing, where), *_crosses(drawing, {"x": along})]
    return [bars, *_intervals(drawing, where), *_labels(drawing, where)]


def _labels(drawing: Drawing, where: Part) -> list[Part]:
    """Return the figures at the ends of bars, and the word that stands for those that are hidden."""
    written = {"type": "text", "align": "left", "dx": 5, "fontSize": 12, "color": drawing.theme.soft, "aria": False}
    end = {"calculate": "isValid(datum.hi) ? datum.hi : datum.v", "as": "end"}
    at = where | {"x": where["x"] | {"field": "end"}, "text": {"field": "t", "type": "nominal"}}
    told = {"transform": [end], "mark": written, "encoding": at}
    return [*([told] if drawing.labelled else []), *_hidden_words(drawing, where)]


def _hidden_words(drawing: Drawing, where: Part) -> list[Part]:
    if drawing.size.bare or not drawing.figures.count("hidden"):
        return []
    kept = {name: part for name, part in where.items() if name != "x"}
    mark = {
        "type": "text",
        "align": "left",
        "dx": 5,
        "fontSize": 12,
        "fontStyle": "italic",
        "color": drawing.theme.soft,
    }
    encoding = kept | {"x": {"datum": 0}, "text": {"value": _("hidden")}, "description": {"field": "tip"}}
    return [{"transform": [{"filter": "datum.h"}], "mark": mark, "encoding": encoding}]


def _points(drawing: Drawing) -> list[Part]:
    if drawing.upright:
        where = _where_over_time(drawing)
        return [*_intervals(drawing, where), *_dots(drawing, where)]
    along = _along(drawing, grid=True)
    where = {"y": along, "x": _amount(drawing, zero=False)}
    shape = {"field": "s", "type": "nominal", "scale": {"domain": drawing.series, "range": list(SHAPES)}, "sort": None}
    shown = {"shape": shape | {"legend": _colour(drawing)["legend"]}} if drawing.series else {}
    mark = {"type": "point", "filled": True, "opacity": 1, "size": 110 if drawing.size.step else 60}
    dots = {"mark": mark, "encoding": where | shown | {"color": _colour(drawing)} | _told(drawing)}
    return [*_intervals(drawing, where), dots, *_hidden_words(drawing, where)]


def _heat(drawing: Drawing) -> list[Part]:
    down: Part = {"field": "s", "type": "ordinal", "sort": None, "scale": {"domain": drawing.series}}
    down["axis"] = None if drawing.size.bare else {"labelLimit": drawing.size.labels} | _title(drawing.chart.series)
    where = {"x": _along(drawing, **_across(drawing), **_title(drawing.chart.by)), "y": down}
    legend: Part | None = (
        None
        if drawing.size.bare
        else {"title": name_unit(drawing.chart) or name_measure(drawing.chart), "format": ",f", "gradientLength": 180}
    )
    ramp: Part = {
        "field": "v",
        "type": "quantitative",
        "legend": legend,
        "scale": {"range": list(drawing.theme.classes)},
    }
    colour = ramp | {"condition": {"test": "isValid(datum.v) && datum.v < 0", "value": drawing.theme.negative}}
    cells: Part = {"transform": [{"filter": "isValid(datum.v)"}], "mark": {"type": "rect", "invalid": "filter"}}
    cells["encoding"] = where | {"color": colour} | _told(drawing)
    return [cells, *_hidden_cells(drawing, where), *_written_cells(drawing, where)]


def _title(dimension: Dimension | None) -> Part:
    """Return the title of an axis of a table of colours: what its values are, but for periods, which say it."""
    return {"title": label_field(dimension.field) if dimension and dimension.kind != "time" else None}


def _hidden_cells(drawing: Drawing, where: Part) -> list[Part]:
    told = {"field": "tip", "type": "nominal"}
    only = {"transform": [{"filter": "datum.h"}]}
    ground = {"mark": {"type": "rect", "color": drawing.theme.none, "aria": False}, "encoding": where}
    cross = {"type": "point", "shape": "cross", "angle": 45, "filled": True, "size": 40, "color": drawing.theme.soft}
    marks = {"mark": cross | {"opacity": 1}, "encoding": where | {"tooltip": told, "description": told}}
    return [only | ground, *([] if drawing.size.bare else [only | marks])]


def _written_cells(drawing: Drawing, where: Part) -> list[Part]:
    """Return the figures in the cells, dark on pale cells and pale on dark ones."""
    values = [point.value for point in drawing.figures.shown if point.value is not None]
    if drawing.size.bare or drawing.size.width < 500 or not values or len(values) > MOST_WRITTEN:
        return []
    if max(len(write_amount(value, drawing.chart)) for value in values) * 8 * len(drawing.places) > drawing.size.width:
        return []
    turn = min(values) + 0.6 * (max(values) - min(values))
    colour = {"condition": {"test": f"datum.v > {turn!r}", "value": drawing.theme.surface}, "value": drawing.theme.ink}
    mark = {"type": "text", "fontSize": 11, "aria": False}
    return [{"mark": mark, "encoding": where | {"text": {"field": "t", "type": "nominal"}, "color": colour}}]


FORMS: Mapping[str, Callable[[Drawing], list[Part]]] = {
    "line": _line,
    "area": _line,
    "bars": _bars,
    "points": _points,
    "heat": _heat,
}
