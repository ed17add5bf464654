"""What the home page tells: key figures, a small map, the latest datasets, the themes."""

from dataclasses import dataclass

from datasets.query import Source, count_query
from portal.extensions import portal
from portal.pages import listing
from portal.pages.facets import Choice
from portal.pages.figures import SAVINGS, KeyFigure, read_figures
from portal.pages.filters import Filters
from portal.pages.maps import choropleth
from portal.pages.opening import find_ground, find_source

LATEST = 4
THEMES = 12
COARSE = 2
"""Units of the drawing below which the small map merges points."""


@dataclass(frozen=True)
class Front:
    """The content of the home page."""

    total: int = 0
    latest: tuple[listing.Entry, ...] = ()
    themes: tuple[Choice, ...] = ()
    figures: tuple[KeyFigure, ...] = ()
    chart: choropleth.Choropleth | None = None


def tell_front(catalogue: Source, *, lang: str, asked: str | None, year: int) -> Front:
    """Return the content of the home page; `asked` is the language that links must keep, if any."""
    filters = Filters(lang=asked)
    order = listing.SORTS["modified"]
    latest = listing.list_entries(filters, catalogue, portal.engine, lang=lang, order_by=order, limit=LATEST)
    themes = listing.list_facets(filters, catalogue, portal.engine, ("theme",), path="/explore/", lang=lang)
    return Front(
        total=count_query(filters.query(), catalogue, portal.engine),
        latest=tuple(latest),
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
    chosen = choropleth.choose(regions, "", source, portal.engine, year=year)
    chart = choropleth.fill(chosen, source, portal.engine, find_ground(chosen.level.chosen, step=COARSE))
    return chart if chart.drawn and chart.count_state("shown") else None
