"""Charts, maps and tables in other people's pages: the page of an iframe, and the code to copy."""

from dataclasses import dataclass
from urllib.parse import urlencode

from flask_babel import gettext as _
from markupsafe import Markup

from portal.extensions import portal
from portal.i18n import language, said
from portal.pages.charts.specification import SIZES, Drawing
from portal.pages.charts.theme import THEMES
from portal.pages.charts.viewing import Sight
from portal.pages.charts.words import describe, write_title

KINDS = ("chart", "map", "table")
FRAME = 150
"""Pixels that the title and the source line take in an iframe."""


@dataclass(frozen=True)
class Code:
    """Something to copy into a page: what it is, and the text."""

    label: str
    text: str


def write_codes(sight: Sight, kind: str) -> list[Code]:
    """Return the code of an iframe and of an image for a chart: each says in words what it shows."""
    base, lang = str(portal.settings.base_url), ("lang", language())
    page = sight.chart.address(f"{base}/embed/{sight.dataset.dataset_id}/{kind}/", sight.filters, lang)
    image = sight.chart.address(base + sight.path("chart.png"), sight.filters, ("titled", "1"), lang)
    title = f"{said(sight.dataset.metadata.get('title'))} – {write_title(sight.chart)}"
    height = Drawing(sight.chart, sight.figures, SIZES["wide"], THEMES["light"]).height + FRAME
    return [
        Code(_("As a frame"), write_frame(page, title, height)),
        Code(
            _("As an image"), write_image(image, f"{write_title(sight.chart)}. {describe(sight.chart, sight.figures)}")
        ),
    ]


def write_frame(address: str, title: str, height: int) -> str:
    """Return the code of an iframe, with the title that screen readers say."""
    code = Markup('<iframe src="{}" title="{}" width="100%" height="{}" loading="lazy"></iframe>')
    return str(code.format(address, title, height))


def write_image(address: str, words: str) -> str:
    """Return the code of an image, with the words that stand for it."""
    return str(Markup('<img src="{}" alt="{}" loading="lazy">').format(address, words))


def frame_address(dataset_id: str, kind: str, pairs: list[tuple[str, str]]) -> str:
    """Return the address of the page of an iframe."""
    return f"/embed/{dataset_id}/{kind}/?{urlencode(pairs)}"
