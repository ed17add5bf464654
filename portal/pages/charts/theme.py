"""The look of drawings: the tokens of `static/portal.css`, in light and in dark, and what Vega-Lite makes of them."""

from dataclasses import dataclass, replace
from typing import Any

from portal.i18n import language

FONT = 'system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", "Liberation Sans", Arial, sans-serif'
SERIES = {
    "light": ("#1b5586", "#b85c00", "#2e7d5b", "#8a3f7c", "#5f6b1c", "#2f8fb8", "#9c2a20", "#5c6570"),
    "dark": ("#93c3e8", "#ffb454", "#7fcfa2", "#d79ccb", "#c3cc7a", "#4fa8cf", "#f2a093", "#b0b6bd"),
}
"""Colours of series: apart for all kinds of sight where few, and never alone (each series has its shape too)."""

SHAPES = ("circle", "square", "triangle-up", "diamond", "cross", "triangle-down", "triangle-right", "triangle-left")


@dataclass(frozen=True)
class Theme:
    """The colours of a drawing, named as in the style sheet; `under` is that of bars that bear an interval."""

    surface: str
    sunken: str
    ink: str
    soft: str
    line: str
    main: str
    under: str
    focus: str
    none: str
    negative: str
    classes: tuple[str, ...]
    series: tuple[str, ...]


DAY_AND_NIGHT: dict[str, Theme] = {
    "light": Theme(
        surface="#ffffff",
        sunken="#f2eee4",
        ink="#1d2530",
        soft="#4d5764",
        line="#ddd7c8",
        main="#1b5586",
        under="#3f7fb0",
        focus="#b85c00",
        none="#e9e5da",
        negative="#d9a35c",
        classes=("#dbe8f0", "#aecbe0", "#78a8cb", "#3f7fb0", "#1b5586"),
        series=SERIES["light"],
    ),
    "dark": Theme(
        surface="#1a2129",
        sunken="#0d1217",
        ink="#eae7df",
        soft="#b0b6bd",
        line="#313b46",
        main="#99c5e6",
        under="#3c729d",
        focus="#ffb454",
        none="#262d35",
        negative="#a8702a",
        classes=("#203547", "#2b506f", "#3c729d", "#619ac6", "#99c5e6"),
        series=SERIES["dark"],
    ),
}
THEMES = DAY_AND_NIGHT | {
    "plain": replace(
        DAY_AND_NIGHT["light"],
        surface="transparent",
        main="#3f7fb0",
        none="#8b8f9455",
        classes=("#9cc3df", "#78a8cb", "#5b95c0", "#3f7fb0", "#2b6a9c"),
    )
}
"""Those of the pages, and one for small drawings without words, which is seen on both."""


def configure(theme: Theme, size: int = 12) -> dict[str, Any]:
    """Return the configuration of Vega-Lite: colours, type of `size` pixels, numbers in the reader's way."""
    return {
        "font": FONT,
        "locale": {"number": number_locale()},
        "view": {"stroke": None},
        "axis": {
            "labelColor": theme.soft,
            "titleColor": theme.soft,
            "labelFontSize": size,
            "titleFontSize": size,
            "titleFontWeight": "normal",
            "gridColor": theme.line,
            "domainColor": theme.line,
            "tickColor": theme.line,
            "labelPadding": 6,
        },
        "axisBand": {"grid": False, "ticks": False},
        "axisQuantitative": {"domain": False, "ticks": False, "tickCount": 5, "format": ",f"},
        "legend": {
            "orient": "top",
            "labelColor": theme.ink,
            "titleColor": theme.soft,
            "titleFontWeight": "normal",
            "labelFontSize": size,
            "titleFontSize": size,
            "labelLimit": 220,
            "symbolSize": 90,
        },
        "title": {"color": theme.ink, "subtitleColor": theme.soft, "fontSize": size + 4, "anchor": "start"},
        "range": {"category": list(theme.series), "ramp": list(theme.classes)},
    }


def number_locale() -> dict[str, Any]:
    """Return how numbers are written in the reader's language, as D3 wants to know."""
    if language() == "fr":
        return {"decimal": ",", "thousands": "\u202f", "grouping": [3], "currency": ["", "\u00a0€"]}
    return {"decimal": ".", "thousands": ",", "grouping": [3], "currency": ["€", ""]}
