"""What of a dataset can be drawn: measures, dimensions and their values. Only the shape of the schema speaks."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from datasets.model import Field, Schema
from datasets.odsql.quoting import quote
from datasets.query import Query, Source, run_query
from datasets.store.engine import Engine
from portal.pages.cells import HIDDEN, is_amount
from portal.pages.charts.periods import PERIODS
from portal.pages.maps.choropleth import CODE, LEVEL, NAME, find_measures
from portal.pages.maps.points import find_label
from portal.pages.ordering import natural

GRAINS_OF_PERIODS = ("granularite", "granularity")
UNITS = ("unite", "unit")
"""Names of fields that tell the unit of each record: figures of two units are never put together."""

BOUNDS = (", borne basse", ", borne haute")
"""What follows the label of a measure, in French, in those of its bounds."""

COORDINATES = ("latitude", "longitude", "lat", "lon", "lng", "x", "y")
TOTAL = "total"
MOST_VALUES = 400
"""Values of a dimension that a chart knows."""

MOST_DIMENSIONS = 12


@dataclass(frozen=True)
class Dimension:
    """A field along which figures are told: "time", "territory", "unit" or "category".

    `key` when it is part of what tells records apart, or names what is; `values` as texts, in a natural order.
    """

    field: Field
    kind: str
    key: bool
    values: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        """The name of the field."""
        return self.field.name

    @property
    def moment(self) -> bool:
        """Whether the field holds dates, which are grouped by period."""
        return self.field.type in ("date", "datetime")

    @property
    def mark(self) -> str:
        """The field as a clause names it."""
        return quote(self.name, "`")


@dataclass(frozen=True)
class Survey:
    """The measures of a dataset, the preferred first, its dimensions, and the levels of its territories."""

    measures: tuple[Field, ...]
    dimensions: tuple[Dimension, ...]
    levels: tuple[str, ...]
    keys: frozenset[str]
    protected: bool

    def find(self, name: str) -> Dimension | None:
        """Return the dimension of that name that a chart may follow, or None."""
        return next((each for each in self.offered if each.name == name), None)

    def of(self, kind: str, *, key: bool | None = None) -> list[Dimension]:
        """Return the dimensions of a kind."""
        return [each for each in self.dimensions if each.kind == kind and key in (None, each.key)]

    @property
    def offered(self) -> tuple[Dimension, ...]:
        """The dimensions that a chart may follow."""
        return tuple(each for each in self.dimensions if each.kind != "unit")

    @property
    def drawable(self) -> bool:
        """Whether a chart can be drawn."""
        return bool(self.offered)


def list_measures(schema: Schema) -> tuple[Field, ...]:
    """Return the fields whose amounts can be drawn: those of maps, a total before its parts, coordinates left out."""
    found = [each for each in find_measures(schema) if each.name.lower() not in COORDINATES]
    return tuple(sorted(found, key=lambda each: each.name.lower() != TOTAL))


def list_dimensions(schema: Schema) -> tuple[Dimension, ...]:
    """Return the dimensions of a schema, without values: time first, then territory, then the others in order.

    A code that has a name beside it (`code_x`, `nom_x`) gives way to the name. Where records have keys, dates that
    are no key are facts about records, not dimensions.
    """
    keys = {each.name for each in schema if "id" in each.annotations}
    found = [_dimension(each, schema, keys) for each in schema]
    known = [each for each in found if each is not None]
    if not any(each.kind == "category" for each in known) and not any(each.kind == "territory" for each in known):
        label = find_label(schema)
        known += [Dimension(label, "category", False)] if label and label.name not in PERIODS else []
    order = ("time", "territory", "category", "unit")
    return tuple(sorted(known, key=lambda each: (order.index(each.kind), not each.key)))[:MOST_DIMENSIONS]


def _dimension(field: Field, schema: Schema, keys: set[str]) -> Dimension | None:
    name, key = field.name, field.name in keys
    if field.multivalued or name in (LEVEL, HIDDEN, *GRAINS_OF_PERIODS):
        return None
    if name in PERIODS and field.type in ("text", "int") and (key or "facet" in field.annotations or not keys):
        return Dimension(field, "time", True)
    if field.type in ("date", "datetime"):
        return Dimension(field, "time", key) if key or not keys else None
    if field.type != "text":
        return None
    if name in (CODE, NAME) and {LEVEL, CODE} <= set(schema.names):
        return Dimension(field, "territory", True) if name == _territory(schema) and _placed(keys) else None
    if "facet" not in field.annotations or _is_named(name, schema):
        return None
    if name.lower() in UNITS:
        return Dimension(field, "unit", True)
    return Dimension(field, "category", key or f"code_{name.removeprefix('nom_')}" in keys)


def _territory(schema: Schema) -> str:
    return NAME if NAME in schema.names else CODE


def _placed(keys: set[str]) -> bool:
    """Whether records are told by territory: it is part of their key, or they have none."""
    return not keys or CODE in keys or NAME in keys


def _is_named(name: str, schema: Schema) -> bool:
    """Whether a code has its name in another field."""
    return name.startswith("code_") and f"nom_{name.removeprefix('code_')}" in schema.names


def survey(source: Source, engine: Engine) -> Survey:
    """Return what can be drawn of the rows, with the values of each dimension but the territories."""
    schema = source.schema
    dimensions = [
        each
        if each.kind == "territory" or each.moment
        else replace(each, values=list_values(each.field, source, engine))
        for each in list_dimensions(schema)
    ]
    levels = list_values(schema.get_field(LEVEL), source, engine) if LEVEL in schema.names else ()
    keys = frozenset(each.name for each in schema if "id" in each.annotations)
    told = tuple(each for each in dimensions if each.values or each.kind == "territory" or each.moment)
    return Survey(list_measures(schema), told, levels, keys, HIDDEN in schema.names)


def list_values(field: Field, source: Source, engine: Engine, where: Sequence[str] = ()) -> tuple[str, ...]:
    """Return the distinct values of a field under conditions, as texts in a natural order; MOST_VALUES at most."""
    mark = quote(field.name, "`")
    query = Query(select=mark, group_by=mark, where=(f"{mark} is not null", *where), limit=MOST_VALUES)
    found = run_query(query, source, engine).rows.read_all().column(0).to_pylist()
    return tuple(sorted(map(str, found), key=natural))


def literal(field: Field, value: str) -> str:
    """Return a value of a field as a clause writes it."""
    return value if is_amount(field) else quote(value)


def find_bounds(measure: Field, schema: Schema) -> tuple[Field, Field] | None:
    """Return the fields that bound a measure, low then high, told by their labels; None when it has none."""
    name = measure.label.get("fr") or measure.name
    labels = {each.label.get("fr") or each.name: each for each in schema if is_amount(each)}
    low, high = (labels.get(name + bound) for bound in BOUNDS)
    return (low, high) if low and high else None


def is_share(field: Field | None) -> bool:
    """Whether figures of the field are ratios, which are averaged and never added."""
    if field is None:
        return False
    unit = str(field.annotations.get("unit") or "")
    words: Mapping[str, bool] = dict.fromkeys(re.split(r"[_\W]+", field.name.lower()), True)
    ratios = ("pct", "percent", "part", "taux", "rate", "share", "moyenne", "mean", "mediane", "median", "pour")
    return unit in ("%", "percent") or any(word in words for word in ratios)
