"""What the home page tells: key figures, a small map, the latest datasets, the themes."""

from dataclasses import dataclass

from portal.extensions import portal
from portal.pages import listing
from portal.pages.facets import Choice
from portal.pages.figures import SAVINGS, KeyFigure, read_figures
from portal.pages.filters import Filters
from portal.pages.maps import choropleth
from portal.pages.opening import find_ground, find_source
from portal.pages.shelf import Entry, Shelf

LATEST = 4
THEMES = 12
COARSE = 2
"""Units of the drawing below which the small map merges points."""


@dataclass(frozen=True)
class Front:
    """The content of the home page."""

    total: int = 0
    latest: tuple[Entry, ...] = ()
    themes: tuple[Choice, ...] = ()
    figures: tuple[KeyFigure, ...] = ()
    chart: choropleth.Choropleth | None = None


def tell_front(shelf: Shelf, *, lang: str, asked: str | None, year: int) -> Front:
    """Return the content of the home page; `asked` is the language that links must keep, if any."""
    themes = listing.list_facets(Filters(lang=asked), shelf, portal.engine, ("theme",), path="/explore/", lang=lang)
    return Front(
        total=shelf.count,
        latest=shelf.entries(shelf.orders["modified"][:LATEST]),
        themes=themes[0].choices[:THEMES] if themes else (),
        figures=tuple(read_figures(find_source, portal.engine, year=year)),
        chart=draw_small_map(year),
    )


def draw_small_map(year: int) -> choropleth.Choropleth | None:
    """Return the savings of the last full year by région, or None when there is nothing to show."""
    source = find_source(SAVINGS)
    if source is None or not choropleth.has_territories(source.schema):
        return None
    regions = Filters(refined=((choropleth.LEVEL, "region"),))
    choices = choropleth.list_choices(source, portal.engine)
    chosen = choropleth.choose(regions, "", source.schema, choices, year=year)
    chart = choropleth.fill(chosen, regions, source, portal.engine, find_ground(chosen.level.chosen, step=COARSE))
    return chart if chart.drawn and chart.count_state("shown") else None
