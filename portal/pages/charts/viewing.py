"""A chart as an address asks for it, with its figures; and its drawings, as bytes."""

import re
from contextlib import AbstractContextManager
from dataclasses import dataclass
from functools import cache
from hashlib import blake2b
from pathlib import Path
from typing import cast

from flask import current_app, request

from datasets.catalogue.catalogue import get_dataset
from datasets.model import Dataset
from datasets.query import Source
from portal.extensions import client_key, portal
from portal.i18n import day, said
from portal.pages.charts import specification
from portal.pages.charts.choosing import Chart, choose, leave_followed, read_asked, unrefined
from portal.pages.charts.drawing import Drawer
from portal.pages.charts.figures import Figures, read_figures
from portal.pages.charts.marks import Part
from portal.pages.charts.plan import SIZES
from portal.pages.charts.survey import Survey, survey
from portal.pages.charts.theme import THEMES
from portal.pages.filters import Filters
from portal.pages.opening import answers, drawings, known_filters, open_source
from portal.pages.words import licence_name

DRAWER = "drawer"
SUBSCRIPT = re.compile(r">([^<]*₂[^<]*)<")
SHIFTED = '<tspan baseline-shift="-18%" font-size="72%">2</tspan>'


@dataclass(frozen=True)
class Sight:
    """A chart of a dataset, with its figures, and what else the address filters."""

    dataset: Dataset
    source: Source
    filters: Filters
    chart: Chart
    figures: Figures

    @property
    def beside(self) -> Filters:
        """What the address filters beside what the chart holds."""
        return unrefined(self.filters, [each.field.name for each in self.chart.held])

    def path(self, name: str) -> str:
        """Return the path of something about the chart: "chart/", "chart.svg"…"""
        return f"/explore/dataset/{self.dataset.dataset_id}/{name}"

    def address(self, name: str, *more: tuple[str, str]) -> str:
        """Return the address of this very chart in a form ("chart.svg"…)."""
        return self.chart.address(self.path(name), self.filters, *more)


def open_sight(dataset_id: str) -> tuple[Dataset, Sight | None]:
    """Find the dataset and the chart that the address asks for, None when nothing can be drawn. Raises NotFound."""
    with portal.databases.session("catalogue") as session:
        found = get_dataset(session, dataset_id)
    source = open_source(found)
    return found, find_sight(found, source, known_filters(source)[0])


def find_sight(dataset: Dataset, source: Source, filters: Filters) -> Sight | None:
    """Return the chart of a dataset that the address asks for, None when nothing can be drawn."""
    asked, year = read_asked(request.args), portal.clock.now().year
    filters = leave_followed(asked, filters)

    def look() -> tuple[Chart, Figures] | None:
        with take_turn():
            chart = choose(asked, filters, survey_of(source), source, portal.engine, year=year)
            return (chart, read_figures(chart, filters, source, portal.engine)) if chart else None

    found = answers.get(("chart", source.path, source.version_id, filters, asked, year), look)
    return Sight(dataset, source, filters, *found) if found else None


def survey_of(source: Source) -> Survey:
    """Return what can be drawn of a version, looked at once."""
    return drawings.get(("survey", source.path, source.version_id), lambda: survey(source, portal.engine))


def draw_svg(sight: Sight, *, size: str = "wide", theme: str = "light", titled: bool = False) -> bytes:
    """Return the chart as SVG. Raises Busy when no turn, or no drawing, comes in time."""
    return ask("svg", describe(sight, size=size, theme=theme, titled=titled))


def describe(sight: Sight, *, size: str, theme: str, titled: bool = False) -> Part:
    """Return the Vega-Lite description of the chart, with its source when it is `titled`."""
    source = cite(sight.dataset) if titled else ""
    return specification.draw(sight.chart, sight.figures, size=size, theme=theme, titled=source)


def paint(svg: bytes, scale: float = 2.0) -> bytes:
    """Return an SVG as PNG. The subscript of CO₂, which few fonts hold, is made of a small figure."""
    text = svg.decode()
    return ask("png", SUBSCRIPT.sub(lambda found: f">{found[1].replace('₂', SHIFTED)}<", text), scale=scale)


def ask(kind: str, content: object, scale: float = 1.0) -> bytes:
    """Return a drawing, kept or made at this client's turn."""
    drawer = cast(Drawer, current_app.extensions[DRAWER])
    return drawer.draw(kind, content, scale=scale, turn=take_turn)


def take_turn() -> AbstractContextManager[None]:
    """Hold one of the turns at heavy work that this client may have."""
    return portal.queries.take(client_key())


def cite(dataset: Dataset) -> str:
    """Return the line that says where figures come from."""
    metadata = dataset.metadata
    version = dataset.version
    parts = (
        said(metadata.get("title")) or dataset.dataset_id,
        metadata.get("publisher"),
        day(version.created) if version else "",
        licence_name(metadata.get("licence")),
    )
    return " · ".join(str(part) for part in parts if part)


@cache
def revision() -> str:
    """Return what changes with the look of drawings: no browser keeps those of a former version of the portal."""
    digest = blake2b(digest_size=4)
    for path in sorted(Path(__file__).parent.glob("*.py")):
        digest.update(path.read_bytes())
    return digest.hexdigest()


def state_of(version_id: str) -> str:
    """Return the state of a drawing, as its address says it: the version of the rows, and that of the look."""
    return f"{version_id}-{revision()}"


def read_look() -> tuple[str, str, bool]:
    """Read the size, the theme and the wish for a title in the address; what is not known is the default."""
    size, theme = request.args.get("size", ""), request.args.get("theme", "")
    known = size if size in SIZES else "wide"
    return known, theme if theme in THEMES else "light", request.args.get("titled") == "1"
