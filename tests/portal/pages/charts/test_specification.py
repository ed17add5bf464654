"""From figures to what is drawn and said: gaps stay gaps, and words say what the drawing shows."""

import json
import re
from collections.abc import Iterator
from typing import Any
from xml.etree import ElementTree

import pytest
from flask import Flask
from hypothesis import given, settings
from hypothesis import strategies as st

from datasets.query import Source
from portal import assets
from portal.pages.charts.drawing import Drawer
from portal.pages.charts.figures import Figures, Point
from portal.pages.charts.periods import fill, label, place
from portal.pages.charts.plan import SIZES
from portal.pages.charts.specification import draw
from portal.pages.charts.survey import natural
from portal.pages.charts.theme import DAY_AND_NIGHT
from portal.pages.charts.viewing import DRAWER
from portal.pages.charts.words import describe
from tests.portal.pages.charts.conftest import MakeChart, MakeTable

SVG = "{http://www.w3.org/2000/svg}"
FORMS = {
    "line": {},
    "area": {"form": "area"},
    "upright bars": {"form": "bars"},
    "dots over time": {"form": "points"},
    "line of series": {"series": "nom_geo"},
    "bars": {"by": "nom_geo"},
    "dots": {"by": "nom_geo", "form": "points"},
    "bars of series": {"by": "nom_geo", "series": "periode"},
    "heat": {"by": "periode", "series": "nom_geo", "form": "heat"},
}


@pytest.fixture(autouse=True)
def speaking(site: Flask) -> Iterator[None]:
    """Words are French."""
    with site.test_request_context("/?lang=fr"):
        yield


@pytest.fixture
def drawer(site: Flask) -> Drawer:
    """What draws for the portal."""
    found = site.extensions[DRAWER]
    assert isinstance(found, Drawer)
    return found


@pytest.mark.parametrize("form", FORMS)
def test_every_form_can_be_drawn(savings: Source, chart: MakeChart, drawer: Drawer, form: str) -> None:
    """Each form compiles and draws in each size, well-formed, as wide and as high as it says."""
    chosen, figures = chart(savings, refined=[("niveau_geo", "region")], **FORMS[form])
    for size in ("wide", "preview"):
        spec = draw(chosen, figures, size=size, theme="dark")
        drawn = ElementTree.fromstring(drawer.draw("svg", spec))
        assert drawn.get("width") == str(SIZES[size].width)
        assert drawn.get("height") == str(spec["height"])
    assert json.loads(drawer.draw("vega", draw(chosen, figures)))["marks"]


def test_labels_keep_accents_and_the_reader_s_numbers(savings: Source, chart: MakeChart, drawer: Drawer) -> None:
    """Periods, territories and numbers are drawn as the reader writes them."""
    chosen, figures = chart(savings, by="nom_geo", order="rising")
    drawn = drawer.draw("svg", draw(chosen, figures, titled="Source : été"))
    texts = ["".join(element.itertext()) for element in ElementTree.fromstring(drawn).iter(f"{SVG}text")]
    assert {"Corse", "Occitanie", "10", "Source : été"} <= set(texts)
    line = drawer.draw("svg", draw(*chart(savings))).decode()
    assert "T1 2024" in line
    assert "1\u202f000" in line


@pytest.mark.parametrize("form", FORMS)
def test_what_is_hidden_is_drawn_as_a_gap(savings: Source, chart: MakeChart, form: str) -> None:
    """A hidden figure has no number in the data of the drawing, and words beside it; no zero stands for it."""
    refined = [("niveau_geo", "region"), ("nom_geo", "Corse")] if "by" not in FORMS[form] else []
    refined += [("periode", "2024-T3"), ("niveau_geo", "region")] if FORMS[form].get("by") == "nom_geo" else []
    if form == "bars of series":
        refined = [("niveau_geo", "region")]
    chosen, figures = chart(savings, refined=refined, **FORMS[form])
    spec = draw(chosen, figures)
    hidden = [row for row in spec["data"]["values"] if row["h"]]
    assert hidden
    assert all(row["v"] is None and row["t"] == "" and "masqué" in row["tip"] for row in hidden)
    assert all(row["v"] != 0 for row in spec["data"]["values"])
    assert "null" in json.dumps([row["v"] for row in hidden])


def test_the_longest_figure_is_whole(table: MakeTable, chart: MakeChart, drawer: Drawer) -> None:
    """The figure at the end of the longest bar stands within the drawing, on a phone too."""
    rows = [("Provence-Alpes-Côte d’Azur", 5_218_960), ("Île-de-France", 12_463_067)]
    drawn = ElementTree.fromstring(
        drawer.draw("svg", draw(*chart(table("nom:text:key nb:int", rows)), size="narrow", theme="light"))
    )
    [(left, text)] = [(x, text) for x, text in list_texts(drawn) if text.startswith("12")]
    assert left + 6.6 * len(text) < SIZES["narrow"].width


def list_texts(element: ElementTree.Element, left: float = 0.0) -> Iterator[tuple[float, str]]:
    """Yield where each text of a drawing begins, from its left, and the text."""
    moved = re.match(r"translate\(([-\d.]+)", element.get("transform") or "translate(0")
    left += float(moved[1]) if moved else 0.0
    if element.tag == f"{SVG}text":
        yield left, element.text or ""
    for child in element:
        yield from list_texts(child, left)


def test_numbers_of_two_dimensions_say_their_fields(table: MakeTable, chart: MakeChart) -> None:
    """A place that two numbers make is told with their fields, and so are the axes; names tell themselves."""
    rows = [("1", "moins de 250 km", 3), ("2 ou 3", "250 à 1 000 km", 9)]
    made = chart(table("etapes:text:key distance:text:key nb:int", rows), form="heat", by="etapes", series="distance")
    assert "etapes 2 ou 3 et distance 250 à 1 000 km (9)" in describe(*made)
    axes = [layer["encoding"]["x"]["axis"]["title"] for layer in draw(*made, size="wide", theme="light")["layer"]]
    assert set(axes) == {"etapes"}


def test_a_line_breaks_where_a_figure_is_hidden(savings: Source, chart: MakeChart, drawer: Drawer) -> None:
    """The course of a line stops before a hidden figure and begins again after it."""
    whole = drawer.draw("svg", draw(*chart(savings, refined=[("nom_geo", "Occitanie"), ("niveau_geo", "region")])))
    broken = drawer.draw("svg", draw(*chart(savings, refined=[("nom_geo", "Corse"), ("niveau_geo", "region")])))

    def moves(drawn: bytes) -> int:
        lines = re.findall(rb'mark-line[^>]*>.*?d="([^"]+)"', drawn)
        return sum(line.count(b"M") for line in lines)

    assert moves(whole) == 2  # 2025-T1 has no record
    assert moves(broken) == 3


def test_a_panel_has_its_size_whatever_is_drawn(savings: Source, chart: MakeChart) -> None:
    """A drawing in a page that leaves it a fixed place fills it, title included; bars beyond the first are left out."""
    names = tuple(f"n{rank}" for rank in range(30))
    many = Figures(tuple(Point(name, "", 1.0, "shown") for name in names), names, ("",), 30, 1)
    spec = draw(chart(savings, by="nom_geo")[0], many, size="panel", titled="Source")
    assert (spec["width"], spec["height"]) == (720, 380)
    assert len(spec["data"]["values"]) == 8
    assert "8 sur 30" in spec["description"]


def test_what_a_figure_may_be_stands_around_it(table: MakeTable, chart: MakeChart, drawer: Drawer) -> None:
    """Bounds that the schema tells of a measure are drawn, said and told in words; hidden figures have none."""
    rows = [("a", 10.0, 8.0, 15.0, False), ("b", 20.0, None, 22.0, False), ("c", None, None, None, True)]
    columns = "mode:text:key gain:double gain,_borne_basse:double gain,_borne_haute:double masque:boolean"
    source = table(columns, rows)
    for form in ("bars", "points"):
        chosen, figures = chart(source, measure="gain", form=form)
        assert [point.interval for point in figures.points] == [None, (8.0, 15.0), None]
        spec = draw(chosen, figures)
        rows = spec["data"]["values"]
        assert [(row.get("lo"), row.get("hi")) for row in rows] == [(None, None), (8, 15), (None, None)]
        assert "entre 8 et 15" in rows[1]["tip"]
        assert "incertitudes" in spec["description"]
        assert [layer["mark"]["type"] for layer in spec["layer"]].count("rule") == 1
        ElementTree.fromstring(drawer.draw("svg", spec))


def test_names_of_fields_never_reach_the_description(savings: Source, chart: MakeChart) -> None:
    """Vega-Lite only sees columns of our own, so that no field can be an expression."""
    spec = draw(*chart(savings, by="nom_geo", series="periode"))
    assert {name for row in spec["data"]["values"] for name in row} == {"i", "k", "s", "v", "t", "tip", "h"}
    fields = re.findall(r'"field": "([^"]+)"', json.dumps(spec))
    assert set(fields) <= {"k", "s", "v", "t", "tip", "end"}


VALUES = st.lists(st.one_of(st.none(), st.integers(-10_000, 10_000)), min_size=1, max_size=8)


@settings(max_examples=25)
@given(values=VALUES, hidden=st.integers(0, 3))
def test_the_sentence_says_what_the_figures_are(
    savings: Source, chart: MakeChart, values: list[int | None], hidden: int
) -> None:
    """The extremes, the first, the last and the number of hidden figures of the sentence are those of the data."""
    names = [f"{2000 + rank}" for rank in range(len(values) + hidden)]
    told: list[Any] = [*values, *([None] * hidden)]
    states = ["none" if value is None else "shown" for value in values] + ["hidden"] * hidden
    points = tuple(Point(*each) for each in zip(names, [""] * len(names), told, states, strict=True))
    chosen, _ = chart(savings)
    sentence = describe(chosen, Figures(points, tuple(names), ("",), len(names), 1)).replace("\u202f", "")
    shown = [value for value in values if value is not None]
    said = [int(number.replace("\u2212", "-")) for number in re.findall(r"\((-?\d+)\)", sentence)]
    if len(shown) > 1:
        assert said[:2] == [max(shown), min(shown)]
        assert f"de {shown[0]} à {shown[-1]}" in sentence
    assert (f"{hidden} chiffre" in sentence) == bool(hidden)


def test_colours_are_those_of_the_pages() -> None:
    """The tokens of drawings are those of the style sheet, in light and in dark."""
    css = (assets.STATIC / "portal.css").read_text("utf-8")
    light, dark = css.split("prefers-color-scheme: dark", 1)
    for theme, text in (("light", light), ("dark", dark)):
        told = dict(re.findall(r"--([\w-]+):\s*(#[0-9a-f]{6})", text)[::-1])
        look = DAY_AND_NIGHT[theme]
        names = ("surface", "sunken", "ink", "line", "focus")
        assert {name: told[name] for name in names} == {name: getattr(look, name) for name in names}
        assert (told["ink-soft"], told["class-none"]) == (look.soft, look.none)
        assert tuple(told[f"class-{rank}"] for rank in range(1, 6)) == look.classes


@pytest.mark.parametrize("theme", DAY_AND_NIGHT)
def test_marks_stand_out_from_their_ground(theme: str) -> None:
    """Lines, bars and dots have a contrast of at least 3 with the ground, as graphics must."""
    look = DAY_AND_NIGHT[theme]
    assert all(contrast(colour, look.surface) >= 3 for colour in (*look.series, look.main, look.soft, look.focus))


def contrast(first: str, second: str) -> float:
    """Return the contrast of two colours, as WCAG defines it."""
    low, high = sorted(luminance(colour) for colour in (first, second))
    return (high + 0.05) / (low + 0.05)


def luminance(colour: str) -> float:
    """Return the relative luminance of a colour."""
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return sum(weight * part for weight, part in zip((0.2126, 0.7152, 0.0722), linear, strict=True))


@pytest.mark.parametrize(
    ("texts", "filled"),
    [
        (["2024", "2026"], ["2024", "2025", "2026"]),
        (["2024-T4", "2025-T2"], ["2024-T4", "2025-T1", "2025-T2"]),
        (["2024-12", "2025-02"], ["2024-12", "2025-01", "2025-02"]),
        (["2026-S52", "2027-S01"], ["2026-S52", "2026-S53", "2027-S01"]),
        (["2024-02-28", "2024-03-01"], ["2024-02-28", "2024-02-29", "2024-03-01"]),
        (["0001", "9999"], ["0001", "9999"]),
    ],
)
def test_time_has_no_holes(texts: list[str], filled: list[str]) -> None:
    """Periods between the first and the last are there, unless they are too many."""
    assert fill(texts) == filled


def test_periods_are_named_and_ordered() -> None:
    """Each period has a short name; what no calendar holds is no period; classes go by their numbers."""
    assert [label(each) for each in ("2026", "2026-T3", "2026-03", "2026-S05", "nothing")] == [
        "2026",
        "T3 2026",
        "mars 2026",
        "S5 2026",
        "nothing",
    ]
    assert [place(each) for each in ("2026-02-30", "2025-S53", "2026-13")] == [None, None, None]
    classes = ["3 000 km et plus", "250 à 1 000 km", "moins de 250 km", "1 000 à 3 000 km"]
    assert sorted(classes, key=natural) == [classes[2], classes[1], classes[3], classes[0]]
