"""The map as a file: the drawing of the page with its title, its legend and its source, in one SVG that stands alone.

Colours are written on each shape, not in a style: where a browser opens the file, the security policy allows no style.
"""

from dataclasses import dataclass
from textwrap import wrap
from typing import Any

from flask import render_template
from flask_babel import gettext as _

from datasets.model import Dataset
from portal.i18n import said, unit
from portal.pages.cells import show
from portal.pages.charts.theme import Theme
from portal.pages.charts.viewing import cite
from portal.pages.maps.choropleth import Choropleth, legend, list_insets
from portal.pages.maps.points import PointMap
from portal.pages.maps.projection import HEIGHT, WIDTH
from portal.pages.words import describe_map, say_area, say_value

LINE, MARGIN, HALF = 20, 16, WIDTH // 2
TITLE_LETTERS, SMALL_LETTERS = 60, 115
"""Letters that fit in the width, of the title and of the small text."""


@dataclass(frozen=True)
class Block:
    """Lines of text, and where the first of them stands."""

    top: int
    lines: tuple[str, ...]

    @property
    def end(self) -> int:
        """Where the next line would stand."""
        return self.top + LINE * len(self.lines)


def write_svg(dataset: Dataset, shown: dict[str, Any], theme: Theme, *, labels: dict[str, str]) -> str:
    """Return the drawing of what the page of a map shows (see `show_map`), as SVG."""
    chart: Choropleth | None = shown.get("chart")
    places: PointMap | None = shown.get("places")
    title = Block(
        MARGIN + LINE, tuple(wrap(name_chart(chart, labels) if chart else name_places(dataset), TITLE_LETTERS))
    )
    drawing = title.end
    keys = list_keys(chart) if chart else []
    below = drawing + HEIGHT + MARGIN + LINE
    source = Block(
        below + LINE * -(-len(keys) // 2) + LINE // 2,
        tuple(wrap(write_source(dataset, shown["credit"]), SMALL_LETTERS)),
    )
    return render_template(
        "pages/map.svg",
        width=WIDTH,
        height=source.end + MARGIN,
        margin=MARGIN,
        title=title,
        drawing=drawing,
        chart=chart,
        insets=list_insets(chart) if chart else [],
        places=places,
        ground=shown.get("ground") or {},
        keys=[
            (style, text, MARGIN + HALF * (rank % 2), below + LINE * (rank // 2))
            for rank, (style, text) in enumerate(keys)
        ],
        source=source,
        words=describe_map(chart) if chart else "",
        say_area=say_area,
        colours=list_colours(theme),
        theme=theme,
    )


def name_chart(chart: Choropleth, labels: dict[str, str]) -> str:
    """Return what a map by territory shows: the measure, its unit, the period and the rest."""
    measured = unit(chart.measure.annotations.get("unit"))
    name = labels[chart.measure.name] + (f" ({measured})" if measured else "")
    return ", ".join([name, *(say_value(control.chosen, field) for field, control in chart.dimensions)])


def name_places(dataset: Dataset) -> str:
    """Return what a map of places shows."""
    return said(dataset.metadata.get("title")) or dataset.dataset_id


def list_keys(chart: Choropleth) -> list[tuple[str, str]]:
    """Return (style, words) for each class of a map, the highest first, then what has no figure."""
    classes = [
        (style, _("%(low)s to %(high)s", low=show(low, chart.measure), high=show(high, chart.measure)))
        for style, low, high, _count in legend(chart)
    ]
    states = (("hidden", _("hidden for protection")), ("none", _("no data")))
    return classes + [(f"area-{state}", text) for state, text in states if chart.count_state(state)]


def list_colours(theme: Theme) -> dict[str, str]:
    """Return how each style of an area is filled."""
    ranks = {f"class-{rank}": colour for rank, colour in enumerate(theme.classes, start=1)}
    others = {"class-negative": theme.negative, "area-none": theme.none, "area-hidden": "url(#hatch)"}
    return ranks | others


def write_source(dataset: Dataset, credit: str) -> str:
    """Return where the figures, and the contours, come from."""
    contours = _("Contours: %(credit)s", credit=credit) if credit else ""
    return ". ".join(part for part in (cite(dataset), contours) if part)
