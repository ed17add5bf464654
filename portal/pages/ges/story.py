"""The figures of the page: what was saved in the last full year, in a territory, beside the years before."""

from collections.abc import Mapping
from dataclasses import dataclass
from math import floor, log10
from typing import Any

from flask_babel import gettext as _

from datasets.odsql.quoting import quote
from datasets.programming.factors import FACTORS
from datasets.query import Query, Source, run_query
from datasets.store.engine import Engine
from portal.i18n import fold, number
from portal.pages.cells import HIDDEN

COUNTRY = ("pays", "FR")
LEVELS = ("region", "departement")
HEADLINE = "economie_attribuable_kgco2e"
LOW, HIGH = "economie_basse_kgco2e", "economie_haute_kgco2e"
ALONE, ACTUAL, GROSS = "emissions_contrefactuelles_kgco2e", "emissions_reelles_kgco2e", "economie_brute_kgco2e"
TOLD = (HEADLINE, LOW, HIGH, ALONE, ACTUAL, GROSS, "nb_tournees", "nb_dates", "nb_dates_coprogrammees")
KEYS = ("periode", "niveau_geo", "code_geo", "nom_geo")
TONNE = 1000
CAR = "voiture_moyenne"
"""The factor of the everyday equivalent: an average car."""

Territory = tuple[str, str]


@dataclass(frozen=True)
class Row:
    """A territory in a year: its key, its figures (None when there is none), and whether they are hidden."""

    year: str
    level: str
    code: str
    name: str
    figures: Mapping[str, float | None]
    hidden: bool

    @property
    def key(self) -> str:
        """The territory as the address names it."""
        return f"{self.level}:{self.code}"

    @property
    def saved(self) -> float | None:
        """The headline figure: the attributable saving, in kgCO2e."""
        return self.figures.get(HEADLINE)

    @property
    def bounds(self) -> tuple[float, float] | None:
        """The low and high bounds of the headline figure, in kgCO2e."""
        low, high = self.figures.get(LOW), self.figures.get(HIGH)
        return None if low is None or high is None else (low, high)


@dataclass(frozen=True)
class Story:
    """What is told of a territory: its years (the last one first), the territories to choose from, the régions."""

    years: tuple[Row, ...]
    choices: Mapping[str, tuple[Row, ...]]
    regions: tuple[Row, ...]

    @property
    def last(self) -> Row | None:
        """The last full year."""
        return self.years[0] if self.years else None

    @property
    def before(self) -> Row | None:
        """The year before the last full year, when it has a figure."""
        earlier = self.years[1] if len(self.years) > 1 else None
        return earlier if earlier and earlier.saved is not None else None


def read_territory(text: str) -> Territory:
    """Read "departement:32"; anything else is the country."""
    level, _colon, code = text.partition(":")
    return (level, code) if level in LEVELS and code else COUNTRY


def read_story(territory: Territory, source: Source, engine: Engine, *, year: int) -> Story:
    """Return what there is to tell of a territory before `year`, from the rows of the dataset of savings."""
    if not {*KEYS, HEADLINE} <= set(source.schema.names):
        return Story((), {}, ())
    level, code = territory
    here = (f"niveau_geo = {quote(level)}", f"code_geo = {quote(code)}", f"periode < {quote(str(year))}")
    years = [row for row in _read_rows(here, source, engine) if len(row.year) == 4]
    if not years:
        return Story((), {}, ())
    last = f"periode = {quote(years[0].year)}"
    rows = _read_rows((last, f"niveau_geo in ({', '.join(map(quote, LEVELS))})"), source, engine)
    rows.sort(key=lambda row: fold(row.name))
    choices = {level: tuple(row for row in rows if row.level == level) for level in LEVELS}
    ranked = sorted(choices["region"], key=lambda row: -(row.saved if row.saved is not None else -float("inf")))
    return Story(tuple(years), choices, tuple(ranked))


def _read_rows(where: tuple[str, ...], source: Source, engine: Engine) -> list[Row]:
    names = [name for name in (*KEYS, *TOLD, HIDDEN) if name in source.schema.names]
    select = ", ".join(quote(name, "`") for name in names)
    query = Query(select=select, where=where, order_by="periode desc", limit=None)
    return [_as_row(record) for record in run_query(query, source, engine).rows.read_all().to_pylist()]


def _as_row(record: Mapping[str, Any]) -> Row:
    figures = {name: record.get(name) for name in TOLD}
    year, level, code, name = (record[key] for key in KEYS)
    return Row(year, level, code, name, figures, bool(record.get(HIDDEN)))


def about(kilograms: float | None) -> str:
    """Say a mass with two significant figures, in tonnes from one tonne on: "1 400 t CO₂e"."""
    if kilograms is None:
        return ""
    value, name = (kilograms / TONNE, "t CO₂e") if abs(kilograms) >= TONNE else (kilograms, "kg CO₂e")
    rounded = round_figures(value)
    return f"{number(rounded, 1 if abs(rounded) < 10 else 0)}\u00a0{name}"


def round_figures(value: float, figures: int = 2) -> float:
    """Round a number to so many significant figures."""
    return round(value, figures - 1 - floor(log10(abs(value)))) if value else 0.0


def car_kilometres(kilograms: float) -> float:
    """Return the kilometres that an average car drives for these emissions, by our table of factors."""
    return kilograms / FACTORS[CAR].usage


def say_change(last: Row, before: Row) -> str:
    """Say how the headline figure moved since the year before, and whether that means anything."""
    if last.saved is None or not before.saved:
        return ""
    share = (last.saved - before.saved) / abs(before.saved)
    told = _(
        "In %(year)s it was %(saved)s: %(share)s.",
        year=before.year,
        saved=about(before.saved),
        share=f"{'+' if share > 0 else '−' if share < 0 else ''}{number(abs(share) * 100, 0)}\u00a0%",
    )
    overlap = (
        last.bounds and before.bounds and last.bounds[0] <= before.bounds[1] and before.bounds[0] <= last.bounds[1]
    )
    caution = _("The two ranges overlap: do not read a trend in it.") if overlap else ""
    return f"{told} {caution}".strip()
