"""Social cards: pictures of 1200 × 630 that say what a page is about, where its address is shared."""

from collections.abc import Sequence
from html import escape
from textwrap import wrap

WIDTH, HEIGHT = 1200, 630
MARGIN = 60
CHART = (1080, 290)
TITLE, TEXT = 'Georgia, "Liberation Serif", Caladea, serif', 'Roboto, "Liberation Sans", Carlito, Arial, sans-serif'
PAPER, SURFACE, INK, SOFT, LINE, BLUE = "#faf8f3", "#ffffff", "#1d2530", "#4d5764", "#ddd7c8", "#1c4a73"
MARK = (
    '<g transform="translate({x} {y}) scale(1.5)"><circle fill="#c9812b" cx="21" cy="10" r="5"/>'
    '<path fill="#6d9cc0" d="M0 21c6-7 12-7 18-1s10 4 14 0v12H0z"/>'
    '<path fill="#1c4a73" d="M0 26c7-4 13-3 18 0s10 2 14-1v7H0z"/></g>'
)


def write_card(site: str, title: str, subtitle: str, chart: str = "", figures: Sequence[tuple[str, str]] = ()) -> str:
    """Return a card as SVG: the title, what is drawn or the (figure, meaning) pairs, and the name of the site."""
    lines = shorten(title, 44, 2)
    top = 96 + 58 * (len(lines) - 1)
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{WIDTH}" height="{HEIGHT}" viewBox="0 0 {WIDTH} {HEIGHT}">',
        f'<rect width="{WIDTH}" height="{HEIGHT}" fill="{PAPER}"/><rect width="12" height="{HEIGHT}" fill="{BLUE}"/>',
        *(_text(line, MARGIN, 96 + 58 * rank, 50, INK, TITLE, bold=True) for rank, line in enumerate(lines)),
        *(
            _text(line, MARGIN, top + 46 + 34 * rank, 26, SOFT, TEXT)
            for rank, line in enumerate(shorten(subtitle, 88, 1))
        ),
        _place(chart, top + 76) if chart else "",
        *(_figure(rank, value, meaning) for rank, (value, meaning) in enumerate(figures[:3])),
        MARK.format(x=MARGIN, y=HEIGHT - 74),
        _text(site, MARGIN + 66, HEIGHT - 36, 30, INK, TITLE, bold=True),
        "</svg>",
    ]
    return "".join(parts)


def shorten(text: str, columns: int, lines: int) -> list[str]:
    """Return a text as at most so many lines, an ellipsis where it is cut."""
    found = wrap(" ".join(text.split()), columns)
    return found if len(found) <= lines else [*found[: lines - 1], found[lines - 1].rstrip(" ,;:") + "…"]


def _text(text: str, x: float, y: float, size: int, colour: str, font: str, *, bold: bool = False) -> str:
    weight = ' font-weight="bold"' if bold else ""
    look = f'font-family=\'{font}\' font-size="{size}" fill="{colour}"{weight}'
    return f'<text x="{x}" y="{y}" {look}>{escape(text)}</text>'


def _place(chart: str, top: float) -> str:
    """Return a drawing of CHART pixels, in a panel of its own."""
    height = HEIGHT - 100 - top
    panel = (
        f'<rect x="{MARGIN}" y="{top}" width="{CHART[0]}" height="{height}" rx="10" fill="{SURFACE}" stroke="{LINE}"/>'
    )
    return panel + chart.replace("<svg ", f'<svg x="{MARGIN}" y="{top + (height - CHART[1]) / 2}" ', 1)


def _figure(rank: int, value: str, meaning: str) -> str:
    x = MARGIN + rank * 370
    lines = shorten(meaning, 26, 2)
    told = (_text(line, x, 380 + 34 * row, 26, SOFT, TEXT) for row, line in enumerate(lines))
    return _text(value, x, 330, 66, BLUE, TITLE, bold=True) + "".join(told)
