"""The figures that a dataset opens with: four at most, read from its rows, each with its unit and its period.

Rows told for the whole country, of the last full year, give their measures; when there are several of them (one by
discipline, by type of venue…) the largest are told. A dataset without period nor country tells what its numbers
range over. Hidden figures are never told, nor are sums: rows of several levels would be counted twice.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from flask_babel import gettext as _

from datasets.model import Field, Schema
from datasets.odsql.quoting import quote
from datasets.query import Query, Source, count_query, run_query
from datasets.store.engine import Engine
from portal.i18n import number, period, said, unit
from portal.pages.cells import HIDDEN, YEARS, is_amount, show
from portal.pages.words import say_value

MOST = 4
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
class Highlight:
    """A figure as it is told: a value in its unit, what it is, of when and where; `steps` are its quarters (0 to 1)."""

    value: str
    unit: str
    label: str
    note: str
    steps: tuple[float, ...] = ()


def find_highlights(source: Source, engine: Engine, *, year: int) -> list[Highlight]:
    """Return the figures of a dataset, in the reader's language."""
    measures = list_measures(source.schema)
    if not measures:
        return []
    names = set(source.schema.names)
    told = _tell_last(source, engine, measures, year) if names & {PERIOD, LEVEL} else []
    if not told and HIDDEN not in names:
        told = _tell_ranges(source, engine, measures)
    return told


def list_measures(schema: Schema) -> list[Field]:
    """Return the amounts of a schema, those told first before the others."""
    rank = {name: place for place, name in enumerate(FIRST)}
    fields = [field for field in schema if is_amount(field) and not field.multivalued and field.name not in YEARS]
    return sorted(fields, key=lambda field: rank.get(field.name, len(rank)))


def _tell_last(source: Source, engine: Engine, measures: Sequence[Field], year: int) -> list[Highlight]:
    schema = source.schema
    country = (f"{LEVEL} = {quote(COUNTRY)}",) if LEVEL in schema.names else ()
    counts = _count_periods(source, engine, country)
    last = choose_period(list(counts), year)
    if PERIOD in schema.names and not last:
        return []
    note = ", ".join(part for part in (_("France") if country else "", period(last)) if part)
    if counts.get(last) == 1:
        rows = _read(source, engine, measures, country, "")
        (present,) = (row for row in rows if (row.get(PERIOD) or "") == last)
        shown = [field for field in measures if present[field.name] is not None][:MOST]
        return [_tell(field, present[field.name], said(field.label), note, rows) for field in shown]
    ripe = (*country, *([f"{PERIOD} = {quote(last)}"] if last else []), f"{quote(measures[0].name, '`')} is not null")
    rows = _read(source, engine, measures[:1], ripe, f"{quote(measures[0].name, '`')} desc")
    return _tell_largest(schema, rows, measures[0], note)


def _count_periods(source: Source, engine: Engine, where: tuple[str, ...]) -> dict[str, int]:
    """Return how many rows each period has; all of them under "" when rows have none."""
    if PERIOD not in source.schema.names:
        return {"": count_query(Query(where=where), source, engine)}
    query = Query(select=f"{PERIOD}, count(*) as n", group_by=PERIOD, where=where, limit=MOST_PERIODS)
    rows = run_query(query, source, engine).rows.read_all().to_pylist()
    return {row[PERIOD]: row["n"] for row in rows if row[PERIOD]}


def _read(source: Source, engine: Engine, measures: Sequence[Field], where: tuple[str, ...], order: str) -> list[Row]:
    facets = [field.name for field in source.schema if field.type == "text" and "facet" in field.annotations]
    names = [*facets, *([PERIOD] if PERIOD in source.schema.names else []), *(field.name for field in measures)]
    select = ", ".join(quote(name, "`") for name in dict.fromkeys(names))
    query = Query(select=select, where=where, order_by=order, limit=MOST if order else MOST_PERIODS)
    rows: list[Row] = run_query(query, source, engine).rows.read_all().to_pylist()
    return rows


def choose_period(periods: Sequence[str], year: int) -> str:
    """Return the last full year before `year` among periods, else the last quarter ("" when there is none)."""
    full = [each for each in periods if len(each) == 4 and each < str(year)]
    return max(full or [each for each in periods if QUARTER in each], default="")


def _tell_largest(schema: Schema, rows: Sequence[Row], measure: Field, note: str) -> list[Highlight]:
    """Tell the largest rows of a measure, each by what tells it apart."""
    apart = [field for field in schema if _tells_apart(field) and any(row.get(field.name) for row in rows)]
    told = f"{said(measure.label) or measure.name}. {note}"
    return [_tell(measure, row[measure.name], _name(row, apart), told) for row in rows if apart]


def _tells_apart(field: Field) -> bool:
    own = field.name in OWN_FACETS or field.name.startswith("code_")
    return field.type == "text" and "facet" in field.annotations and not own


def _name(row: Row, apart: Sequence[Field]) -> str:
    values = [(said(field.label), say_value(str(row[field.name]), field.name)) for field in apart if row[field.name]]
    if len(apart) > 1:
        return " · ".join(f"{label}{_(': ')}{value}" for label, value in values)
    name = values[0][1].replace("_", " ") if values else ""
    return name[:1].upper() + name[1:]


def _tell(field: Field, value: float, label: str, note: str, rows: Sequence[Row] = ()) -> Highlight:
    name = str(field.annotations.get("unit") or "")
    steps = _draw([(row.get(PERIOD) or "", row.get(field.name)) for row in rows])
    if name in LARGER and abs(value) >= LARGE:
        worth, larger = LARGER[name]
        return Highlight(number(value / worth, 0), unit(larger), label, note, steps)
    return Highlight(show(value, field), unit(name), label, note, steps)


def _draw(values: Sequence[tuple[str, float | None]]) -> tuple[float, ...]:
    """Return the quarters in their order, as shares of the highest; none when one is missing or below zero."""
    quarters = [value for when, value in sorted(values, key=lambda pair: pair[0]) if QUARTER in when]
    known = [value for value in quarters if value is not None and value >= 0]
    if len(known) < 3 or len(known) != len(quarters) or not max(known):
        return ()
    return tuple(value / max(known) for value in known)


def _tell_ranges(source: Source, engine: Engine, measures: Sequence[Field]) -> list[Highlight]:
    """Tell between what and what the first measures lie."""
    asked = measures[:MOST]
    bounds = ", ".join(
        f"min({quote(field.name, '`')}) as low_{place}, max({quote(field.name, '`')}) as high_{place}"
        for place, field in enumerate(asked)
    )
    (row,) = run_query(Query(select=bounds), source, engine).rows.read_all().to_pylist()
    return [
        Highlight(
            _("%(low)s to %(high)s", low=show(row[f"low_{place}"] + 0, field), high=show(row[f"high_{place}"], field)),
            unit(str(field.annotations.get("unit") or "")),
            said(field.label) or field.name,
            _("From the lowest to the highest"),
        )
        for place, field in enumerate(asked)
        if row[f"low_{place}"] is not None and row[f"low_{place}"] < row[f"high_{place}"]
    ]
