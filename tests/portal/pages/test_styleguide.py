"""The style guide: tokens that can be read, contrasts that hold, every part shown."""

import re
from pathlib import Path

import pytest
from flask.testing import FlaskClient

import portal
from portal.pages.styleguide import COLOUR, contrast, find_tokens, list_contrasts, read_tokens

ROOM = Path(portal.__file__).parent
SHARED = {
    "m": "macros.html",
    "parts": "pages/parts.html",
    "charts": "pages/charts/parts.html",
    "maps": "pages/maps.html",
}
"""The macros of pages, by the name that the guide gives each file; `maps.tools` draws nothing without its script."""

MACRO = re.compile(r"{%-? macro ([a-z]\w*)\(")


@pytest.mark.parametrize(
    ("front", "ground", "expected"),
    [
        ("#000000", "#ffffff", 21.0),
        ("#777777", "#ffffff", 4.48),
        ("#ffffff", "#ffffff", 1.0),
        ("#ff0000", "#0000ff", 2.15),
    ],
)
def test_contrasts_are_those_of_wcag(front: str, ground: str, expected: float) -> None:
    """Ratios of known pairs, whichever of the two is in front."""
    assert round(contrast(front, ground), 2) == round(contrast(ground, front), 2) == expected


def test_every_pair_of_colours_has_the_contrast_that_it_needs() -> None:
    """In both themes, words and what must be seen stand out from their grounds as WCAG 2.2 AA asks."""
    faint = [(each.theme, each.front, each.ground, round(each.ratio, 2)) for pair in list_contrasts(find_tokens())
             for each in pair if each.ratio < each.least]  # fmt: skip
    assert faint == []


def test_the_dark_theme_has_a_value_for_every_colour() -> None:
    """A colour that the dark theme forgets would keep its light value: none does but by saying so."""
    tokens = find_tokens()
    same = [
        name for name, value in tokens["light"].items() if COLOUR.fullmatch(value) and tokens["dark"][name] == value
    ]
    assert same == []


def test_themes_are_read_from_the_style_sheet() -> None:
    """The dark theme changes some tokens and keeps the others."""
    dark = "@media screen and (prefers-color-scheme: dark) {\n  :root { --ink: #ffffff; }\n}\n"
    css = ":root {\n  --ink: #000000;\n  --gap: 1rem;\n}\n\n" + dark
    assert read_tokens(css) == {
        "light": {"ink": "#000000", "gap": "1rem"},
        "dark": {"ink": "#ffffff", "gap": "1rem"},
    }


@pytest.mark.parametrize("lang", ["fr", "en"])
def test_every_macro_is_on_the_page(visitor: FlaskClient, lang: str) -> None:
    """Each macro that pages share is drawn in the guide: whoever adds one shows it there."""
    page = visitor.get("/styleguide/", query_string={"lang": lang})
    assert page.status_code == 200
    source = (ROOM / "templates/pages/styleguide.html").read_text("utf-8")
    for module, name in SHARED.items():
        shared = [macro for macro in MACRO.findall((ROOM / "templates" / name).read_text("utf-8")) if macro != "tools"]
        assert len(shared) > 2
        assert [macro for macro in shared if f"{module}.{macro}(" not in source] == []
    assert page.text.count('class="specimen"') >= 27
    assert page.text.count('<svg class="map-drawing') == 2
    assert "chart.svg?" in page.text


def test_the_guide_uses_tokens_alone() -> None:
    """No style sheet but the one that defines them names a colour: what the guide shows is all there is."""
    for path in sorted((ROOM / "static").glob("*.css")):
        text = path.read_text("utf-8")
        if path.name == "portal.css":
            text = text.partition("/* 2 ──")[2].partition("@media print")[0]
        assert not re.findall(r"(?<!url\(\")#[0-9a-fA-F]{3,8}\b", text), path.name
