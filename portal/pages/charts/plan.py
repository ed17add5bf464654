"""What is to be drawn: a chart and its figures, in a size and a theme."""

from collections.abc import Mapping
from dataclasses import dataclass

from portal.pages.charts.cards import CHART
from portal.pages.charts.choosing import Chart
from portal.pages.charts.figures import Figures
from portal.pages.charts.theme import Theme
from portal.pages.charts.words import label_places


@dataclass(frozen=True)
class Size:
    """A size of drawing: its width, the height of charts over time, and the height that each bar takes."""

    width: int
    height: int
    step: int
    labels: int
    bare: bool = False


SIZES: Mapping[str, Size] = {
    "wide": Size(720, 380, 28, 220),
    "narrow": Size(340, 300, 30, 120),
    "panel": Size(720, 380, 0, 220),
    "small": Size(340, 300, 0, 120),
    "preview": Size(240, 135, 0, 0, bare=True),
    "card": Size(*CHART, 0, 260),
}
"""The sizes in which charts are drawn; without a step, the height is fixed."""

MOST_LABELLED = 32
FEW_BARS = 8
"""Bars that bear their figure, and bars of a size without a step."""


@dataclass(frozen=True)
class Drawing:
    """What is to be drawn: a chart, its figures, a size and a theme."""

    chart: Chart
    figures: Figures
    size: Size
    theme: Theme

    @property
    def places(self) -> list[str]:
        """The names of the places."""
        return label_places(self.figures.places, self.chart.by)

    @property
    def series(self) -> list[str]:
        """The names of the series."""
        return label_places(self.figures.series, self.chart.series) if self.chart.series else []

    @property
    def upright(self) -> bool:
        """Whether places go from left to right, as time does."""
        return self.chart.by.kind == "time" or self.chart.form == "heat"

    @property
    def bounded(self) -> bool:
        """Whether intervals stand around the figures."""
        return not self.size.bare and any(point.interval for point in self.figures.points)

    @property
    def labelled(self) -> bool:
        """Whether bars bear their figures, so that they need no axis."""
        points = self.figures.points
        if self.size.bare or self.upright or self.chart.form != "bars" or len(points) > MOST_LABELLED:
            return False
        return all((point.value or 0) >= 0 for point in points)

    @property
    def height(self) -> int:
        """The height of the whole."""
        if not self.size.step:
            return self.size.height
        if self.chart.form == "heat":
            return max(160, self.size.step * len(self.series) + 130)
        if self.upright:
            return self.size.height + (24 * -(-len(self.series) // 4))
        rows = len(self.places) * (len(self.series) if self.series and self.chart.form == "bars" else 1)
        step = self.size.step if not self.series or self.chart.form == "points" else max(12, self.size.step // 2)
        return max(120, step * rows + 60 + (24 * -(-len(self.series) // 4)))
