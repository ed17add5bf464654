"""Charts, maps and tables in other people's pages: the page of a frame, and the code to copy."""

from dataclasses import dataclass, replace
from urllib.parse import urlencode

from flask import request
from flask_babel import gettext as _
from markupsafe import Markup

from portal.extensions import portal
from portal.i18n import language, said
from portal.pages.charts.plan import SIZES, Drawing
from portal.pages.charts.theme import THEMES
from portal.pages.charts.viewing import Sight
from portal.pages.charts.words import describe, write_title
from portal.pages.opening import View

KINDS = ("chart", "map", "table")
FRAME = 230
"""Pixels that the title, the words and the source line take in a frame."""

HEIGHTS = {"map": 960, "table": 560}
"""Pixels of the frame of a map and of a table."""

LEFT_OUT = ("lang", "page")


@dataclass(frozen=True)
class Code:
    """Something to copy into a page: what it is, and the text."""

    label: str
    text: str


def write_chart_codes(sight: Sight) -> list[Code]:
    """Return the code of a frame and of an image for a chart: each says in words what it shows."""
    base, filters = str(portal.settings.base_url), replace(sight.filters, lang=language())
    page = sight.chart.address(f"{base}/embed/{sight.dataset.dataset_id}/chart/", filters)
    image = sight.chart.address(base + sight.path("chart.png"), filters, ("titled", "1"))
    title = write_title(sight.chart)
    height = Drawing(sight.chart, sight.figures, SIZES["wide"], THEMES["light"]).height + FRAME
    return [
        Code(_("As a frame"), write_frame(page, f"{said(sight.dataset.metadata.get('title'))} – {title}", height)),
        Code(_("As an image"), write_image(image, f"{title}. {describe(sight.chart, sight.figures)}")),
    ]


def write_codes(view: View, kind: str) -> list[Code]:
    """Return the code of a frame for the map or the table that the present address asks for, and of the map's image."""
    base, title = str(portal.settings.base_url), str(said(view.dataset.metadata.get("title")))
    asked = [pair for pair in request.args.items(multi=True) if pair[0] not in LEFT_OUT]
    query = urlencode([*asked, ("lang", language())])
    codes = [Code(_("As a frame"), write_frame(f"{base}/embed/{view.id}/{kind}/?{query}", title, HEIGHTS[kind]))]
    if kind == "map":
        codes.append(Code(_("As an image"), write_image(f"{base}/explore/dataset/{view.id}/map.png?{query}", title)))
    return codes


def write_frame(address: str, title: str, height: int) -> str:
    """Return the code of an iframe, with the title that screen readers say."""
    code = Markup('<iframe src="{}" title="{}" width="100%" height="{}" loading="lazy"></iframe>')
    return str(code.format(address, title, height))


def write_image(address: str, words: str) -> str:
    """Return the code of an image, with the words that stand for it."""
    return str(Markup('<img src="{}" alt="{}" width="720" loading="lazy">').format(address, words))
