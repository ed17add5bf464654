"""The chart that a dataset begins with, and the one that an address asks for."""

from datetime import date
from pathlib import Path
from typing import Any

import pytest
from werkzeug.datastructures import MultiDict

from datasets.query import Source
from datasets.store.engine import Engine
from portal.pages.charts.choosing import COUNT, RULES, choose, leave_followed, read_asked
from portal.pages.charts.figures import read_figures
from portal.pages.charts.survey import survey
from portal.pages.filters import Filters
from tests.portal.pages.charts.conftest import MakeChart, MakeTable

QUARTERS = ("2024", "2025", "2025-T1", "2025-T2", "2025-T3")
CUBE = "periode:text:key niveau_geo:text:key code_geo:text:id nom_geo:text:facet"
FLOW = "periode:text:key code_region_a:text:key nom_region_a:text:facet code_region_b:text:key nom_region_b:text:facet"
SHAPES: dict[str, tuple[str, list[tuple[Any, ...]], tuple[str, str, str | None, str]]] = {
    "periods": (
        "periode:text:key nb:int",
        [(each, 1) for each in QUARTERS],
        ("line", "periode", None, "value"),
    ),
    "periods of territories": (
        f"{CUBE} nb:int",
        [(each, "pays", "FR", "France", 1) for each in QUARTERS],
        ("line", "periode", None, "value"),
    ),
    "one category": (
        f"{CUBE} mode:text:key nb:int",
        [("2025", "pays", "FR", "France", mode, 1) for mode in ("train", "avion")],
        ("bars", "mode", None, "value"),
    ),
    "two categories": (
        f"{CUBE} classe:text:key taille:text:key nb:int",
        [("2025", "pays", "FR", "France", a, b, 1) for a in ("1", "2") for b in ("x", "y")],
        ("heat", "classe", "taille", "value"),
    ),
    "a category over time": (
        f"{CUBE} mode:text:key nb:int",
        [(f"2026-S{week}", "pays", "FR", "France", mode, 1) for week in range(40, 45) for mode in ("a", "b")],
        ("heat", "periode", "mode", "value"),
    ),
    "flows": (
        f"{FLOW} nb:int",
        [("2025", a, f"R{a}", b, f"R{b}", 1) for a in "12" for b in "34"],
        ("heat", "nom_region_a", "nom_region_b", "value"),
    ),
    "territories": (
        "niveau_geo:text:key code_geo:text:id nom_geo:text population:int",
        [("region", "76", "Occitanie", 5), ("region", "94", "Corse", 1), ("pays", "FR", "France", 6)],
        ("bars", "nom_geo", None, "value"),
    ),
    "units": (
        "mode:text:key unite:text:facet amont:double total:double",
        [("train", "passager.km", 1.0, 2.0), ("tgv", "passager.km", 1.0, 2.0), ("camion", "vehicule.km", 1.0, 3.0)],
        ("bars", "mode", None, "value"),
    ),
    "records of kinds": (
        "nom:text genre:text:facet ouverture:date capacite:int",
        [("a", "théâtre", date(2020, 1, 1), 3), ("b", "opéra", date(2021, 1, 1), 4)],
        ("bars", "genre", None, "count"),
    ),
    "records with names": (
        "nom:text capacite:int",
        [("a", 3), ("b", 4)],
        ("bars", "nom", None, "sum"),
    ),
}


@pytest.mark.parametrize("shape", SHAPES)
def test_each_shape_has_its_chart(table: MakeTable, chart: MakeChart, shape: str) -> None:
    """A dataset begins with the chart of its shape, whatever its name."""
    columns, rows, expected = SHAPES[shape]
    chosen, figures = chart(table(columns, rows))
    assert (chosen.form, chosen.by.name, chosen.series and chosen.series.name, chosen.calculation) == expected
    assert figures.shown


def test_the_documentation_tells_each_shape() -> None:
    """The table of docs/charts.md has a row for each rule, in their order."""
    text = (Path(__file__).parents[4] / "docs" / "charts.md").read_text("utf-8")
    places = [text.index(f"| {name}") for name in RULES]
    assert places == sorted(places)


@pytest.mark.parametrize(
    ("columns", "rows"),
    [("note:double", [(1.0,)]), ("masque:boolean", [(True,)]), ("periode:text:key nb:int", [(None, None)])],
)
def test_nothing_is_drawn_where_nothing_compares(
    table: MakeTable, engine: Engine, columns: str, rows: list[tuple[Any, ...]]
) -> None:
    """Records without a date, a territory, a category or a name have no chart."""
    source = table(columns, rows)
    assert choose(read_asked(MultiDict()), Filters(), survey(source, engine), source, engine, year=2026) is None


def test_levels_periods_and_territories_are_never_added(savings: Source, chart: MakeChart) -> None:
    """A line holds one level, one territory and one kind of period; gaps between periods are kept."""
    chosen, figures = chart(savings)
    assert [(point.by, point.value) for point in figures.points] == [
        ("2024-T1", 1001.0),
        ("2024-T2", 1002.0),
        ("2024-T3", 1003.0),
        ("2024-T4", 1004.0),
        ("2025-T1", None),
        ("2025-T2", 1005.0),
    ]
    assert [(each.field.name, each.chosen) for each in chosen.held] == [("niveau_geo", "pays")]
    _, years = chart(savings, grain="year")
    assert [(point.by, point.value) for point in years.points] == [("2024", 1000.0)]


def test_filters_are_followed(savings: Source, chart: MakeChart) -> None:
    """A territory or a level that the address refines is the one that is drawn, with the period that it asks for."""
    _, corsica = chart(savings, refined=[("nom_geo", "Corse")])
    assert [point.value for point in corsica.points][:2] == [11.0, 12.0]
    chosen, regions = chart(savings, refined=[("niveau_geo", "region"), ("periode", "2024-T2")])
    assert chosen.by.name == "nom_geo"
    assert {point.by: point.value for point in regions.points} == {"Occitanie": 102.0, "Corse": 12.0}
    _, found = chart(savings, text="Occitanie", refined=[("periode", "2024-T2"), ("niveau_geo", "region")])
    assert [point.by for point in found.points] == ["Occitanie"]


def test_what_is_excluded_is_not_drawn(savings: Source, engine: Engine) -> None:
    """A chart is not held at a value that the address excludes, and does not show one that it follows."""
    regions = (("niveau_geo", "region"),)
    filters = Filters(refined=regions, excluded=(("periode", "2024"), ("nom_geo", "Corse"), ("nom_geo", "France")))
    shape = survey(savings, engine)
    chosen = choose(read_asked(MultiDict({"by": "nom_geo"})), filters, shape, savings, engine, year=2026)
    assert chosen is not None
    assert {each.field.name: each.chosen for each in chosen.held}["periode"] != "2024"
    assert [point.by for point in read_figures(chosen, filters, savings, engine).points] == ["Occitanie"]
    followed = leave_followed(read_asked(MultiDict({"by": "nom_geo"})), filters)
    assert followed == filters


def test_a_fact_about_territories_is_told_at_a_level_that_knows_it(table: MakeTable, chart: MakeChart) -> None:
    """A sum by a fact of territories is made at one level, the first at which the fact is known."""
    rows = [("pays", "FR", "France", None, 9), ("region", "76", "Occitanie", None, 9)]
    rows += [("departement", code, f"D{code}", "76", 4) for code in ("32", "31")]
    columns = "niveau_geo:text:key code_geo:text:id nom_geo:text parent:text:facet population:int"
    chosen, figures = chart(table(columns, rows), by="parent")
    assert [each.chosen for each in chosen.held] == ["departement"]
    assert [(point.by, point.value) for point in figures.points] == [("76", 8.0)]


def test_what_is_hidden_is_never_a_number(savings: Source, chart: MakeChart) -> None:
    """A hidden figure has no value, in figures as they are and in sums of which it is a part."""
    _, corsica = chart(savings, refined=[("nom_geo", "Corse")])
    states = {point.by: (point.value, point.state) for point in corsica.points}
    assert states["2024-T3"] == (None, "hidden")
    assert states["2025-T1"] == (None, "none")


def test_a_sum_of_hidden_figures_is_hidden(table: MakeTable, chart: MakeChart) -> None:
    """A group of which one record is hidden has no sum: that of the others would be read as the whole."""
    rows = [("a", "x", 1, False), ("b", "x", None, True), ("c", "y", 2, False), ("d", "y", 3, False)]
    chosen, figures = chart(table("nom:text genre:text:facet nb:int masque:boolean", rows), measure="nb", by="genre")
    assert chosen.calculation == "sum"
    assert {point.by: (point.value, point.state) for point in figures.points} == {
        "x": (None, "hidden"),
        "y": (5.0, "shown"),
    }


def test_records_that_a_chart_does_not_tell_apart_are_added(table: MakeTable, chart: MakeChart) -> None:
    """Where several records stand at one place, none is taken for all: a station is not the year."""
    rows = [(year, station, 1) for year in ("2023", "2024", "2025") for station in "abc"]
    chosen, figures = chart(table("annee:text:key station:text:id nb:int", rows))
    assert (chosen.by.name, chosen.calculation) == ("annee", "sum")
    assert [point.value for point in figures.points] == [3.0, 3.0, 3.0]


def test_values_that_are_no_numbers_are_not_drawn(table: MakeTable, chart: MakeChart) -> None:
    """An infinite value, or one that is no number, is a gap; months in words go by time, gaps at the ends left out."""
    rows = [("avril", 1.0), ("janvier", 4.0), ("février", float("inf")), ("mars", 2.5), ("mai", float("nan"))]
    _, figures = chart(table("mois:text:key nb:double", rows))
    assert [(point.by, point.value) for point in figures.points] == [
        ("janvier", 4.0),
        ("février", None),
        ("mars", 2.5),
        ("avril", 1.0),
    ]


def test_a_category_of_months_goes_by_time(table: MakeTable, chart: MakeChart) -> None:
    """Bars along moments in words go by time unless another order is asked; other categories begin with the highest."""
    moments = [("T2 2025", "b", 3.0), ("T1 2025", "c", 1.0), ("T4 2024", "a", 2.0)]
    source = table("saison:text:facet genre:text:facet nb:double", moments)
    chosen, figures = chart(source, by="saison", series="none", measure="nb")
    assert (chosen.order, [point.by for point in figures.points]) == ("name", ["T4 2024", "T1 2025", "T2 2025"])
    asked, _ = chart(source, by="saison", series="none", measure="nb", order="value")
    assert asked.order == "value"
    others, _ = chart(source, by="genre", series="none", measure="nb")
    assert others.order == "value"


def test_ratios_are_averaged_and_never_added(table: MakeTable, chart: MakeChart) -> None:
    """Percentages have a mean, even where the address asks for their sum."""
    rows = [("x", 10.0), ("x", 20.0), ("y", 5.0)]
    chosen, figures = chart(table("genre:text:facet part_pct:double:percent", rows), measure="part_pct", calc="sum")
    assert chosen.calculation == "avg"
    assert {point.by: point.value for point in figures.points} == {"x": 15.0, "y": 5.0}


def test_dates_are_grouped_by_period(table: MakeTable, chart: MakeChart) -> None:
    """Records with a date are counted by year, month or day; months without records are gaps."""
    rows = [(date(2026, 1, 5), "a"), (date(2026, 1, 9), "a"), (date(2026, 4, 1), "b")]
    source = table("jour:date genre:text:facet", rows)
    chosen, figures = chart(source, by="jour", grain="month")
    assert chosen.calculation == "count"
    assert [(point.by, point.value) for point in figures.points] == [
        ("2026-01", 2.0),
        ("2026-02", None),
        ("2026-03", None),
        ("2026-04", 1.0),
    ]
    _, years = chart(source, by="jour", grain="year")
    assert [(point.by, point.value) for point in years.points] == [("2026", 3.0)]


@pytest.mark.parametrize("name", ["a.b", "l'été", "x[0]", "é`à", 'gui"llemets', "select", "back\\slash", "datum"])
def test_hostile_names_are_only_names(table: MakeTable, chart: MakeChart, name: str) -> None:
    """A field may have any name: it is followed, measured and filtered like another."""
    source = table(f"{name}:text:facet mesure.{name}:int", [("x", 1), ("y", 2)])
    chosen, figures = chart(source, measure=f"mesure.{name}", by=name)
    assert {point.by: point.value for point in figures.points} == {"x": 1.0, "y": 2.0}
    _, one = chart(source, measure=f"mesure.{name}", by=name, refined=[(name, "y")])
    assert [(point.by, point.value) for point in one.points] == [("y", 2.0)]
    assert read_asked(MultiDict(chosen.pairs(Filters()))) == chosen.asked


@pytest.mark.parametrize(
    "asked",
    [
        {"form": "pie"},
        {"form": "line", "by": "nom_geo"},
        {"by": "nothing", "series": "nothing", "measure": "nothing"},
        {"grain": "century", "top": "-1", "order": "random", "calc": "product"},
        {"by": "periode", "series": "periode"},
        {"measure": COUNT},
        {"form": "heat"},
        {"form": "area", "series": "nom_geo"},
    ],
)
def test_any_address_has_a_chart(savings: Source, chart: MakeChart, asked: dict[str, str]) -> None:
    """What an address says and that cannot be is left for the default; the chart that results can be drawn."""
    chosen, figures = chart(savings, **asked)
    assert chosen.form in chosen.forms
    assert figures.points


def test_an_address_says_the_whole_chart(savings: Source, chart: MakeChart) -> None:
    """The pairs of a chart make the same chart again, whatever the defaults become."""
    first, _ = chart(savings, by="nom_geo", form="points", order="name")
    pairs = first.pairs(Filters(text="a", excluded=(("nom_geo", "Corse"),)))
    assert ("exclude.nom_geo", "Corse") in pairs
    refined = [(name.removeprefix("refine."), value) for name, value in pairs if name.startswith("refine.")]
    again, _ = chart(savings, refined=refined, **vars(read_asked(MultiDict(pairs))))
    assert again.asked == first.asked
    assert again.held == first.held


def test_a_dimension_that_is_followed_is_not_filtered_to_one_value() -> None:
    """Who asks for a chart by mode does not mean the one mode that another chart held; two values are a wish."""
    asked = read_asked(MultiDict({"by": "mode"}))
    one = Filters(refined=(("mode", "train"), ("periode", "2025")))
    two = Filters(refined=(("mode", "train"), ("mode", "bus")))
    assert leave_followed(asked, one).refined == (("periode", "2025"),)
    assert leave_followed(asked, two) == two
