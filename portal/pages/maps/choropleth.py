"""The map of a dataset by territory: one measure, one level, one period, in classes that are explained."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from datasets.facets import FacetGroup, count_facets
from datasets.model import Field, Schema
from datasets.odsql.quoting import quote
from datasets.query import Source, run_query
from datasets.store.engine import Engine
from portal.i18n import fold
from portal.pages.cells import HIDDEN, is_amount
from portal.pages.charts.periods import YEARS
from portal.pages.filters import Filters
from portal.pages.maps.classes import Classes, classify
from portal.pages.maps.contours import MANY, Contour
from portal.pages.maps.projection import INSETS, Frame

LEVEL, CODE, NAME = "niveau_geo", "code_geo", "nom_geo"
LEVELS = ("departement", "region", "epci", "commune")
"""The levels that a map can show, the default first."""
PREFERRED = ("economie_attribuable_kgco2e", "nb_dates", "population")
"""The measure shown first, when the dataset has it."""
MOST_AREAS = 2_000


@dataclass(frozen=True)
class Control:
    """A choice that the reader of the map makes: the name of its parameter, its options, the chosen one."""

    name: str
    options: tuple[str, ...]
    chosen: str


@dataclass(frozen=True)
class Area:
    """A territory of the map. `state` is "shown", "hidden" (withheld for protection) or "none" (no value)."""

    code: str
    name: str
    value: float | None
    state: str
    rank: int
    contour: Contour | None

    @property
    def style(self) -> str:
        """The CSS class of the area."""
        if self.state != "shown":
            return f"area-{self.state}"
        return f"class-{self.rank}" if self.rank else "class-negative"


@dataclass(frozen=True)
class Choropleth:
    """The map: its choices, its areas (the highest value first) and its classes."""

    measure: Field
    level: Control
    dimensions: tuple[tuple[Field, Control], ...]
    measures: tuple[Field, ...]
    areas: tuple[Area, ...]
    classes: Classes

    def count(self, rank: int) -> int:
        """Return how many areas are in a class."""
        return sum(area.state == "shown" and area.rank == rank for area in self.areas)

    def count_state(self, state: str) -> int:
        """Return how many areas are in a state."""
        return sum(area.state == state for area in self.areas)

    @property
    def told(self) -> bool:
        """Whether anything is known of at least one area, if only that it is hidden."""
        return any(area.state != "none" for area in self.areas)

    @property
    def figured(self) -> bool:
        """Whether at least one area has a figure."""
        return self.count_state("shown") > 0

    @property
    def named(self) -> bool:
        """Whether the drawing names its areas; where there are many, the table alone says each."""
        return len(self.drawn) <= MANY

    @property
    def drawn(self) -> tuple[Area, ...]:
        """The areas that have a contour."""
        return tuple(area for area in self.areas if area.contour)


def has_territories(schema: Schema) -> bool:
    """Whether records are told by territory: a level, a code and a measure."""
    return {LEVEL, CODE} <= set(schema.names) and bool(find_measures(schema))


def find_measures(schema: Schema) -> tuple[Field, ...]:
    """Return the fields that a map can colour, the preferred first."""
    fields = [field for field in schema if is_amount(field) and field.name not in YEARS]
    rank = {name: place for place, name in enumerate(PREFERRED)}
    return tuple(sorted(fields, key=lambda field: rank.get(field.name, len(rank))))


def find_dimensions(schema: Schema) -> list[str]:
    """Return the fields of which the map needs one value each, the level among them.

    They are the facets that are part of the key; when no facet is said to be, all facets but the territory's own.
    """
    facets = [field for field in schema if "facet" in field.annotations and field.name not in (CODE, NAME, HIDDEN)]
    keys = [field for field in facets if "id" in field.annotations]
    return list(dict.fromkeys([LEVEL, *(field.name for field in keys or facets if not field.multivalued)]))


def list_choices(source: Source, engine: Engine) -> Mapping[str, FacetGroup]:
    """Return the values of the dimensions of a map, by field, whatever the filters."""
    facets = tuple(quote(name, "`") for name in find_dimensions(source.schema))
    return {group.name: group for group in count_facets(Filters().query(facet=facets), source, engine)}


def choose(
    filters: Filters, measure: str, schema: Schema, groups: Mapping[str, FacetGroup], *, year: int
) -> "Choropleth":
    """Return the choices of the map, without areas yet: what the address says, else sensible defaults.

    `groups` are those of `list_choices`; `year` is the present one: by default the last full year is shown.
    """
    measures = find_measures(schema)
    dimensions = tuple(
        (schema.get_field(name), _control(group, filters, year))
        for name, group in groups.items()
        if name != LEVEL and group.values
    )
    return Choropleth(
        measure=next((field for field in measures if field.name == measure), measures[0]),
        level=_level(groups.get(LEVEL), filters),
        dimensions=dimensions,
        measures=measures,
        areas=(),
        classes=classify(()),
    )


def _level(group: FacetGroup | None, filters: Filters) -> Control:
    present = {value.value for value in group.values} if group else set()
    levels = [level for level in LEVELS if level in present] or [LEVELS[0]]
    chosen = filters.chosen(LEVEL)
    return Control(LEVEL, tuple(levels), chosen if chosen and chosen in levels else levels[0])


def _control(group: FacetGroup, filters: Filters, year: int) -> Control:
    values = sorted((value.value for value in group.values), key=_in_time, reverse=_is_time(group))
    chosen = filters.chosen(group.name)
    if chosen is None or chosen not in values:
        full_years = [value for value in values if value.isdigit() and len(value) == 4 and int(value) < year]
        chosen = full_years[0] if full_years and _is_time(group) else values[0]
    return Control(group.name, tuple(values), chosen)


def _is_time(group: FacetGroup) -> bool:
    return all(value.value[:4].isdigit() for value in group.values)


def _in_time(value: str) -> tuple[str, bool, str]:
    """Order periods: within a year the quarters, then the whole year (which comes first when reversed)."""
    return value[:4], "-" not in value, value


def fill(
    chosen: Choropleth, filters: Filters, source: Source, engine: Engine, contours: Mapping[str, Contour]
) -> Choropleth:
    """Return the map with its areas: one per territory that has a contour or a record.

    What `filters` ask of other fields than those chosen is followed: a territory that they leave out has no value.
    """
    columns = [CODE, chosen.measure.name, *(name for name in (NAME, HIDDEN) if name in source.schema.names)]
    where = [f"{quote(LEVEL, '`')} = {quote(chosen.level.chosen)}"]
    where += [f"{quote(field.name, '`')} = {_literal(field, control.chosen)}" for field, control in chosen.dimensions]
    others = filters.without([LEVEL, *(field.name for field, _ in chosen.dimensions)])
    query = others.query(
        select=", ".join(quote(name, "`") for name in columns), where=(" and ".join(where),), limit=MOST_AREAS
    )
    rows = {row[CODE]: row for row in run_query(query, source, engine).rows.read_all().to_pylist()}
    values = [row[chosen.measure.name] for row in rows.values() if row[chosen.measure.name] is not None]
    classes = classify(values)
    measure = chosen.measure.name
    areas = [_area(code, rows.get(code), contours.get(code), measure, classes) for code in {*rows, *contours}]
    return replace(chosen, areas=tuple(sorted(areas, key=_rank)), classes=classes)


def _literal(field: Field, value: str) -> str:
    return value if field.type in ("int", "double", "boolean") else quote(value)


def _area(code: str, row: Mapping[str, Any] | None, contour: Contour | None, measure: str, classes: Classes) -> Area:
    name = (row or {}).get(NAME) or (contour.name if contour else code)
    value = row[measure] if row else None
    if value is not None:
        return Area(code, name, value, "shown", classes.rank(value), contour)
    return Area(code, name, None, "hidden" if row and row.get(HIDDEN) else "none", 0, contour)


def _rank(area: Area) -> tuple[bool, float, str]:
    return area.value is None, -(area.value or 0), fold(area.name)


def legend(chart: Choropleth) -> Sequence[tuple[str, float, float, int]]:
    """Return (CSS class, from, to, number of areas) for each class, the highest first; none without a figure."""
    if not chart.figured:
        return []
    return [
        (f"class-{rank}" if rank else "class-negative", low, high, chart.count(rank))
        for rank, low, high in reversed(chart.classes.bounds)
    ]


def list_insets(chart: Choropleth) -> list[Frame]:
    """Return the frames beside the main one that hold at least one area."""
    held = {area.contour.frame for area in chart.areas if area.contour}
    return [frame for frame in INSETS if frame in held]
