"""The values of facets and how many records hold each, under the query's conditions."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from datasets.odsql.checks import Checker, Scope
from datasets.odsql.counts import MOMENTS, compile_level, levels
from datasets.odsql.moments import month_names
from datasets.odsql.nodes import Node
from datasets.odsql.reasons import over
from datasets.odsql.refinements import Facet, conditions, declared, facet_of, parse_facets, parse_refinement
from datasets.odsql.sql import Writer
from datasets.odsql.statements import Compiled, writer_for
from datasets.query import Query, Source, find_table, parse_conditions
from datasets.store.engine import Engine

MAX_FACETS = 50
MONTHS = 1
"""The level of a date at which its values are months."""


@dataclass(frozen=True)
class FacetValue:
    """A value of a facet: `name` to show, `value` to send back in refine, and what nests under it."""

    name: str
    value: str
    count: int
    state: str = "displayed"
    children: tuple["FacetValue", ...] = ()


@dataclass(frozen=True)
class FacetGroup:
    """The values of one facet; `truncated` when there are more than those given."""

    name: str
    values: tuple[FacetValue, ...]
    truncated: bool = False


@dataclass(frozen=True)
class Asking:
    """Where counts are asked, in which zone, and in which language their names are."""

    source: Source
    engine: Engine
    zone: str
    lang: str

    @cached_property
    def table(self) -> tuple[str, bool]:
        """What is counted, and whether that is an indexed copy."""
        return find_table(self.source, self.engine)

    def writer(self) -> Writer:
        """Return a writer for one level."""
        return writer_for(self.source.schema, self.zone, indexed=self.table[1])

    def pairs(self, compiled: Compiled) -> list[tuple[str, int]]:
        """Return the values and the counts of one level."""
        rows = self.engine.run(compiled.sql, (self.table[0], *compiled.params)).read_all()
        return list(zip(rows.column(0).to_pylist(), rows.column(1).to_pylist(), strict=True))


def count_facets(query: Query, source: Source, engine: Engine) -> list[FacetGroup]:
    """Return the counts of the facets that the query names, or of those that the schema declares.

    Counts honour where, refine and exclude; a disjunctive facet ignores its own refinements. Dates nest under the
    values refined, hierarchical values under their parents. Raises QueryError and its children.
    """
    checker = Checker(Scope(source.schema, source.aliases, "facet"))
    facets = parse_facets(query.facet, checker) or tuple(
        declared(field.name, checker) for field in source.schema if "facet" in field.annotations
    )
    if len(facets) > MAX_FACETS:
        raise over("facet", MAX_FACETS)
    return [_count(facet, query, source, engine) for facet in facets]


Level = Mapping[str, Sequence[tuple[str, int]]]
"""Values with their counts, by the parent under which they stand."""


class _Counting:
    """One facet being counted: what filters it, and the state of the values that refine or exclude name."""

    def __init__(self, facet: Facet, where: tuple[Node, ...], states: Mapping[str, str], ask: Asking) -> None:
        self.facet = facet
        self.where = where
        self.states = states
        self.ask = ask
        self.separator = facet.separator or "/"
        self.levels: dict[tuple[int, str], Level] = {}

    def values(self, level: int = 0, parent: str = "") -> tuple[tuple[FacetValue, ...], bool]:
        """Return the values of a level under a parent, those left out at the end, and whether some were cut."""
        found = self.level(level, "" if self.facet.separator else parent).get(parent, ())
        kept = found[: self.facet.limit]
        listed = {value for value, _ in kept}
        kept = [*kept, *((value, 0) for value in self.left_out(parent) if value not in listed)]
        return tuple(self.value(value, count, level, parent) for value, count in kept), len(found) > self.facet.limit

    def left_out(self, parent: str) -> list[str]:
        """Return the values under a parent that exclude names."""
        left_out = [value for value, state in self.states.items() if state == "excluded"]
        if levels(self.facet) == 1:
            return left_out
        return [value for value in left_out if value.rpartition(self.separator)[0] == parent]

    def level(self, level: int, under: str) -> Level:
        """Return the values of a level, asked once: of the whole hierarchy, or of the period `under`."""
        if (level, under) not in self.levels:
            compiled = compile_level(self.facet, self.where, level, under, self.ask.writer())
            by_parent: dict[str, list[tuple[str, int]]] = {}
            for value, count in self.ask.pairs(compiled):
                parent = value.rpartition(self.separator)[0] if level else ""
                by_parent.setdefault(parent, []).append((value, count))
            self.levels[level, under] = by_parent
        return self.levels[level, under]

    def value(self, value: str, count: int, level: int, parent: str) -> FacetValue:
        """Return one value with those under it."""
        children = self.values(level + 1, value)[0] if self.opens(value, level) else ()
        name = value.removeprefix(parent + self.separator) if parent else value
        if level == MONTHS and self.facet.field.type in MOMENTS:
            name = month_names(self.ask.lang, "wide")[int(name) - 1]
        return FacetValue(name, value, count, self.states.get(value, "displayed"), children)

    def opens(self, value: str, level: int) -> bool:
        """Whether the values under this one are counted: always in a hierarchy, in dates when it is refined."""
        if level + 1 >= levels(self.facet):
            return False
        return bool(self.facet.separator) or any(each == value or each.startswith(value + "/") for each in self.states)


def _count(facet: Facet, query: Query, source: Source, engine: Engine) -> FacetGroup:
    scope = Scope(source.schema, source.aliases, "facet")
    but = facet.field.name if facet.disjunctive else ""
    where = (
        *parse_conditions(query, source),
        *conditions(query.refine, query.exclude, query.facet, scope, but=but),
    )
    asking = Asking(source, engine, query.timezone, query.lang)
    values, truncated = _Counting(facet, where, _states(facet, query, scope), asking).values()
    return FacetGroup(facet.name, values, truncated)


def _states(facet: Facet, query: Query, scope: Scope) -> Mapping[str, str]:
    """Return the values of a facet that refine and exclude name, in the form that its counts have."""
    checker = Checker(scope)
    states = {}
    for texts, state in ((query.refine, "refined"), (query.exclude, "excluded")):
        for each in map(parse_refinement, texts):
            if facet_of(each, {}, checker).field == facet.field:
                states[_counted(each.value, facet.field.type)] = state
    return states


def _counted(value: str, kind: str) -> str:
    """Return a value, which was checked, as counts write it."""
    match kind:
        case "date" | "datetime":
            return "/".join(part.zfill(2) for part in value.replace("-", "/").split("/"))
        case "boolean":
            return value.lower()
        case "int" | "double":
            return str(int(float(value)) if kind == "int" else float(value))
    return value
