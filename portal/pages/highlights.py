"""The figures that a dataset opens with: four at most, read from its rows, each with its unit and its period.

Rows told for the whole country, of the last full year, give their measures; when there are several of them (one by
discipline, by type of venue…) the largest are told. A dataset without period nor country tells what its numbers
range over. Hidden figures are never told, nor are sums: rows of several levels would be counted twice.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from flask_babel import gettext as _

from datasets.errors import LimitExceeded
from datasets.model import Field, Schema
from datasets.odsql.quoting import quote
from datasets.query import Query, Source, run_query
from datasets.store.engine import Engine
from portal.i18n import number, period, said, unit
from portal.pages.cells import HIDDEN, is_amount, show
from portal.pages.charts.periods import YEARS
from portal.pages.words import say_value

MOST = 4
LEAST_STEPS = 3
SECONDS = 2.0
"""The time that each question may take: a page opens without its figures rather than late."""

MOST_PERIODS = 500
PERIOD, LEVEL, COUNTRY = "periode", "niveau_geo", "pays"
QUARTER = "-T"
"""What the name of a quarter holds: 2026-T3."""

FIRST = (
    "economie_attribuable_kgco2e",
    "distance_evitee_km",
    "nb_tournees",
    "nb_dates_coprogrammees",
    "nb_lieux_actifs",
    "nb_projets_coprogrammes",
    "nb_mises_en_relation",
    "part_cellules_masquees_pct",
)
"""The measures told first where a dataset has them; the others follow in their order."""

LARGER: Mapping[str, tuple[float, str]] = {"kgCO2e": (1000, "tCO2e"), "m": (1000, "km")}
"""The unit that large amounts (10,000 and more) are told in, and how many it is worth."""

LARGE = 10_000
OWN_FACETS = (PERIOD, LEVEL, HIDDEN, "granularite", "nom_geo")
"""Facets that do not tell apart two rows of the same place and time."""

Row = Mapping[str, Any]


@dataclass(frozen=True)
class Step:
    """A quarter of a figure: its share of the highest (0 to 1), what it is in words, whether the figure holds it."""

    share: float
    words: str
    told: bool


@dataclass(frozen=True)
class Highlight:
    """A figure as it is told: a value in its unit, what it is, of when and where, and its quarters."""

    value: str
    unit: str
    label: str
    note: str
    steps: tuple[Step, ...] = ()


def find_highlights(source: Source, engine: Engine, *, year: int) -> list[Highlight]:
    """Return the figures of a dataset, in the reader's language; none when reading them takes too long."""
    measures, texts = list_measures(source.schema), list_texts(source.schema)
    try:
        told = _tell_last(source, engine, measures, year) if measures and texts & {PERIOD, LEVEL} else []
        if measures and not told and HIDDEN not in source.schema.names:
            told = _tell_ranges(source, engine, measures)
    except LimitExceeded:
        return []
    return told


def list_texts(schema: Schema) -> set[str]:
    """Return the names of the fields that hold one text."""
    return {field.name for field in schema if field.type == "text" and not field.multivalued}


def list_measures(schema: Schema) -> list[Field]:
    """Return the amounts of a schema, those told first before the others."""
    rank = {name: place for place, name in enumerate(FIRST)}
    fields = [field for field in schema if is_amount(field) and not field.multivalued and field.name not in YEARS]
    return sorted(fields, key=lambda field: rank.get(field.name, len(rank)))


def _tell_last(source: Source, engine: Engine, measures: Sequence[Field], year: int) -> list[Highlight]:
    texts = list_texts(source.schema)
    country = (f"{LEVEL} = {quote(COUNTRY)}",) if LEVEL in texts else ()
    counts = _count_periods(source, engine, country)
    last = choose_period(list(counts), year)
    if PERIOD in texts and not last:
        return []
    note = ", ".join(part for part in (_("France") if country else "", period(last)) if part)
    ripe = [f"{PERIOD} = {quote(last)}"] if last else []
    if counts.get(last) == 1:
        (present,) = _read(source, engine, measures, (*country, *ripe), "", 1)
        rows = _read(source, engine, measures, country, f"{PERIOD} desc", MOST_PERIODS) if last else []
        shown = [field for field in measures if present[field.name] is not None][:MOST]
        return [_tell(field, present[field.name], name_of(field), note, _draw(field, rows, last)) for field in shown]
    measure = quote(measures[0].name, "`")
    rows = _read(source, engine, measures[:1], (*country, *ripe, f"{measure} is not null"), f"{measure} desc", MOST)
    return _tell_largest(source.schema, rows, measures[0], note)


def name_of(field: Field) -> str:
    """Return what readers call a field."""
    return said(field.label) or field.name


def _count_periods(source: Source, engine: Engine, where: tuple[str, ...]) -> dict[str, int]:
    """Return how many rows each period has; all of them under "" when rows have none."""
    timed = PERIOD in list_texts(source.schema)
    select = f"{PERIOD}, count(*) as n" if timed else "count(*) as n"
    rows = _ask(source, engine, select=select, group_by=PERIOD if timed else "", where=where, limit=MOST_PERIODS)
    return {row[PERIOD] if timed else "": row["n"] for row in rows if not timed or row[PERIOD]}


def _read(
    source: Source, engine: Engine, measures: Sequence[Field], where: tuple[str, ...], order: str, limit: int
) -> list[Row]:
    texts = list_texts(source.schema)
    facets = [name for name in source.schema.names if name in texts and _is_facet(source.schema.get_field(name))]
    names = [*facets, *([PERIOD] if PERIOD in texts else []), *(field.name for field in measures)]
    select = ", ".join(quote(name, "`") for name in dict.fromkeys(names))
    return _ask(source, engine, select=select, where=where, order_by=order, limit=limit)


def _is_facet(field: Field) -> bool:
    return "facet" in field.annotations


def _ask(source: Source, engine: Engine, **clauses: Any) -> list[Row]:
    rows: list[Row] = run_query(Query(**clauses), source, engine, seconds=SECONDS).rows.read_all().to_pylist()
    return rows


def choose_period(periods: Sequence[str], year: int) -> str:
    """Return the last full year before `year` among periods, else the last quarter ("" when there is none)."""
    full = [each for each in periods if len(each) == 4 and each < str(year)]
    return max(full or [each for each in periods if QUARTER in each], default="")


def _tell_largest(schema: Schema, rows: Sequence[Row], measure: Field, note: str) -> list[Highlight]:
    """Tell the largest rows of a measure, each by what tells it apart."""
    apart = [field for field in schema if _tells_apart(field) and any(row.get(field.name) for row in rows)]
    told = f"{name_of(measure)}. {note}"
    return [_tell(measure, row[measure.name], _name(row, apart), told) for row in rows if apart]


def _tells_apart(field: Field) -> bool:
    own = field.name in OWN_FACETS or field.name.startswith("code_")
    return field.type == "text" and not field.multivalued and _is_facet(field) and not own


def _name(row: Row, apart: Sequence[Field]) -> str:
    values = [(said(field.label), say_value(str(row[field.name]), field)) for field in apart if row[field.name]]
    if len(apart) > 1:
        return " · ".join(f"{label}{_(': ')}{value}" for label, value in values)
    name = values[0][1].replace("_", " ") if values else ""
    return name[:1].upper() + name[1:]


def _tell(field: Field, value: float, label: str, note: str, steps: tuple[Step, ...] = ()) -> Highlight:
    return Highlight(*_say(field, value), label, note, steps)


def _say(field: Field, value: float) -> tuple[str, str]:
    """Return an amount and its unit, in words; a large one in a larger unit."""
    name = str(field.annotations.get("unit") or "")
    if name in LARGER and abs(value) >= LARGE:
        worth, larger = LARGER[name]
        return number(value / worth, 0), unit(larger)
    return show(value, field), unit(name)


def _draw(field: Field, rows: Sequence[Row], last: str) -> tuple[Step, ...]:
    """Return the quarters of a figure in their order; none when one is missing, there twice or below zero."""
    quarters = [(row[PERIOD], row[field.name]) for row in reversed(rows) if QUARTER in (row[PERIOD] or "")]
    values = [value for _, value in quarters]
    if (
        not LEAST_STEPS <= len(values) == len(dict(quarters))
        or any(value is None or value < 0 for value in values)
        or not max(values)
    ):
        return ()
    return tuple(
        Step(
            value / max(values), f"{period(when)}{_(': ')}{' '.join(_say(field, value)).strip()}", when.startswith(last)
        )
        for when, value in quarters
    )


def _tell_ranges(source: Source, engine: Engine, measures: Sequence[Field]) -> list[Highlight]:
    """Tell between what and what the first measures lie."""
    asked = measures[:MOST]
    bounds = ", ".join(
        f"min({quote(field.name, '`')}) as low_{place}, max({quote(field.name, '`')}) as high_{place}"
        for place, field in enumerate(asked)
    )
    (row,) = _ask(source, engine, select=bounds)
    return [
        Highlight(
            _("%(low)s to %(high)s", low=show(row[f"low_{place}"] + 0, field), high=show(row[f"high_{place}"], field)),
            unit(str(field.annotations.get("unit") or "")),
            name_of(field),
            _("From the lowest to the highest"),
        )
        for place, field in enumerate(asked)
        if row[f"low_{place}"] is not None and row[f"low_{place}"] < row[f"high_{place}"]
    ]
