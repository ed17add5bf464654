"""What a chart holds at one value, so that rows of several levels, periods or units are never put together."""

from collections.abc import Sequence
from dataclasses import dataclass

from datasets.model import Field
from datasets.odsql.quoting import quote
from datasets.query import Source, count_query
from datasets.store.engine import Engine
from portal.pages.charts.periods import sort_by_grain
from portal.pages.charts.survey import Dimension, Survey, list_values, literal
from portal.pages.filters import Filters
from portal.pages.maps.choropleth import CODE, LEVEL

LEVELS = ("pays", "region", "departement", "epci", "commune")
"""The levels in the order in which one is chosen."""

TOTALS = ("total", "ensemble", "tous", "toutes", "all")
"""Values that stand for all the others."""


@dataclass(frozen=True)
class Held:
    """What is held at one value: a field, the values that it could have, and the chosen one."""

    field: Field
    options: tuple[str, ...]
    chosen: str

    @property
    def clause(self) -> str:
        """The condition that holds it."""
        return f"{quote(self.field.name, '`')} = {literal(self.field, self.chosen)}"


def hold(
    survey: Survey, followed: Sequence[Dimension], filters: Filters, source: Source, engine: Engine, year: int
) -> list[Held]:
    """Return what is held: the level, each part of the key that is not `followed`, units, then the territory.

    Each is held at what the address asks for, else at a default; `year` is the present one.
    """
    names = {each.name for each in followed}
    held = [_hold_level(survey, followed, filters, source, engine)] if survey.levels else []
    for each in survey.dimensions:
        if each.key and each.name not in names and each.values:
            options = _left(each.field, each.values, filters)
            held.append(Held(each.field, options, _choose_value(each, options, filters, year)))
    territory = next(iter(survey.of("territory")), None)
    alone = territory is None or territory.name in names or filters.chosen(CODE) is not None
    if territory is None or alone or not all(each.key for each in followed):
        return held
    where = [each.clause for each in held if each.field.name == LEVEL]
    options = _left(territory.field, list_values(territory.field, source, engine, where), filters)
    if len(options) > 1:
        chosen = filters.chosen(territory.name)
        held.append(Held(territory.field, options, chosen if chosen in options else options[0]))
    return held


def _hold_level(
    survey: Survey, followed: Sequence[Dimension], filters: Filters, source: Source, engine: Engine
) -> Held:
    """Return the level: the one asked for, else the first at which the chart has something to tell.

    A chart along territories, or along what tells them apart, is not of the whole country.
    """
    field = source.schema.get_field(LEVEL)
    options = _left(field, sorted(survey.levels, key=lambda name: (*LEVELS, name).index(name)), filters)
    chosen = filters.chosen(LEVEL)
    if chosen in options:
        return Held(field, options, str(chosen))
    along = any(each.kind == "territory" or not each.key for each in followed)
    ordered = [*options[1:], options[0]] if along and options[0] == LEVELS[0] else list(options)
    facts = [f"{each.mark} is not null" for each in followed if not each.key]
    if not facts and not {CODE, *(each.name for each in survey.of("territory"))} & set(filters.names()):
        return Held(field, options, ordered[0])
    each_level = (Held(field, options, name) for name in ordered)
    told = (each for each in each_level if count_query(filters.query(where=(each.clause, *facts)), source, engine))
    return next(told, Held(field, options, ordered[0]))


def _left(field: Field, values: Sequence[str], filters: Filters) -> tuple[str, ...]:
    """Return the values of a field that the filters do not exclude; all of them where none would be left."""
    return tuple(value for value in values if (field.name, value) not in filters.excluded) or tuple(values)


def _choose_value(dimension: Dimension, values: Sequence[str], filters: Filters, year: int) -> str:
    """Return the value at which a dimension is held: the one asked for, the last full year, a total, the first."""
    chosen = filters.chosen(dimension.name)
    if chosen in values:
        return str(chosen)
    if dimension.kind == "time":
        grains = sort_by_grain(values)
        years = [each for each in grains.get("year", []) if int(each) < year]
        return years[-1] if years else next(iter(grains.values()), list(values))[-1]
    return next((each for each in values if each.casefold() in TOTALS), values[0])
