"""A Query and its result: clauses are parsed, checked, compiled once, and run over one version."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property, lru_cache
from types import MappingProxyType
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import pyarrow as pa

from datasets.errors import InvalidParameter, NotAllowed, QueryError
from datasets.model import Schema, Version
from datasets.odsql.checks import Scope
from datasets.odsql.clauses import Clauses, Statement, check_clauses
from datasets.odsql.geography import WGS84
from datasets.odsql.kinds import has_aggregate
from datasets.odsql.nodes import Item, Node
from datasets.odsql.parser import parse_items, parse_where
from datasets.odsql.reasons import over, reason
from datasets.odsql.refinements import conditions
from datasets.odsql.statements import (
    Compiled,
    compile_count,
    compile_statement,
    only_record,
    with_identifier,
    writer_for,
)
from datasets.odsql.tokens import MAX_LENGTH
from datasets.store.engine import Engine, Rows
from datasets.store.versions import VersionStore

CACHED_QUERIES = 1024
LISTS = ("select", "group_by", "order_by")
CLAUSES = ("select", "where", "group_by", "order_by", "refine", "exclude")
MOST_ORDERED = 20_000
"""Groups that are ordered by an aggregate, at most."""


@dataclass(frozen=True)
class Source:
    """What is asked: one Parquet file and its schema; `aliases` are short names of fields (catalogue).

    `rows` is how many records it holds, when that is known.
    """

    schema: Schema
    path: str
    aliases: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    version_id: str = ""
    rows: int | None = None

    @cached_property
    def known(self) -> "_Known":
        """What tells whether two sources compile the same queries, gathered once."""
        return _Known(self.schema, self.aliases)


@dataclass(frozen=True)
class Query:
    """The clauses of a request, as their texts; limit None (or -1) is everything.

    `epsg` is the coordinate system of the places in the answer: x stands as lon, y as lat.
    """

    select: str = ""
    where: tuple[str, ...] = ()
    group_by: str = ""
    order_by: str = ""
    limit: int | None = 10
    offset: int = 0
    refine: tuple[str, ...] = ()
    exclude: tuple[str, ...] = ()
    facet: tuple[str, ...] = ()
    lang: str = "fr"
    timezone: str = "UTC"
    epsg: int = WGS84


@dataclass(frozen=True)
class Result:
    """The schema of an answer and its rows, batch by batch under the schema's names."""

    schema: Schema
    rows: "NamedRows"


class NamedRows:
    """The engine's rows under the names of the answer's fields."""

    def __init__(self, rows: Rows, names: tuple[str, ...]) -> None:
        self._rows = rows
        self._names = list(names)
        self.schema = pa.schema([known.with_name(name) for known, name in zip(rows.schema, names, strict=True)])

    def __iter__(self) -> Iterator[pa.RecordBatch]:
        for batch in self._rows:
            yield pa.RecordBatch.from_arrays(batch.columns, schema=self.schema)

    def read_all(self) -> pa.Table:
        """Return every remaining row as one table, and end the query."""
        return pa.Table.from_batches(list(self), self.schema)

    def close(self) -> None:
        """End the query, finished or not."""
        self._rows.close()


def source_of(version: Version, store: VersionStore) -> Source:
    """Return what a query asks when it asks a version."""
    return Source(version.schema, store.locate(version), version_id=version.version_id, rows=version.rows)


def run_query(
    query: Query,
    source: Source,
    engine: Engine,
    *,
    geometry: str = "geojson",
    app_metas: bool = False,
    seconds: float | None = None,
) -> Result:
    """Run a query: grouped, aggregated or plain. Its first batch is fetched when this returns.

    Shapes come as GeoJSON text or as WKB bytes (`geometry` "wkb"); `app_metas` adds `_id`; `seconds` is the time
    until the last row is read (the engine's own by default).
    Raises QueryError and its children, LimitExceeded, InvalidParameter.
    """
    if query.epsg != WGS84 and not engine.knows_projection(query.epsg):
        raise InvalidParameter(name="epsg", found=str(query.epsg), expected=reason("epsg"))
    everything = query.limit is None or query.limit < 0
    table, indexed = (source.path, False) if everything and _is_plain(query) else find_table(source, engine)
    compiled = compile_query(query, source, geometry, app_metas=app_metas, indexed=indexed)
    if query.order_by and (everything or int(query.limit or 0) > MOST_ORDERED):
        _check_order(_check(source.known, _pageless(query)))
    page = "" if everything else f" LIMIT {int(query.limit or 0)}"
    page += f" OFFSET {int(query.offset)}" if query.offset else ""
    rows = _run(query, replace(compiled, sql=compiled.sql + page), table, engine, seconds)
    return Result(compiled.schema, NamedRows(rows, compiled.schema.names))


def _is_plain(query: Query) -> bool:
    """Return whether every record is read, in the order of the file: its copy would fill the memory of the engine."""
    return not (query.where or query.group_by or query.order_by or query.refine or query.exclude)


def find_table(source: Source, engine: Engine) -> tuple[str, bool]:
    """Return what $1 stands for when a source is queried, and whether that is its indexed copy."""
    index = engine.find_index(source.path)
    return (index or source.path), index is not None


def _run(query: Query, compiled: Compiled, table: str, engine: Engine, seconds: float | None = None) -> Rows:
    """Run what a query became; an error of the engine names the clauses of the query."""
    try:
        return engine.run(compiled.sql, (table, *compiled.params), seconds=seconds)
    except QueryError as error:
        error.locate(clause=", ".join(clause for clause in CLAUSES if getattr(query, clause)))
        raise


def _check_order(statement: Statement) -> None:
    """Refuse to order more groups by an aggregate than fit in memory for sure."""
    if statement.groups and any(has_aggregate(node) for node, _ in statement.order):
        raise NotAllowed(detail=reason("aggregate order", most=MOST_ORDERED), clause="order_by")


def compile_query(
    query: Query, source: Source, geometry: str = "geojson", *, app_metas: bool = False, indexed: bool = False
) -> Compiled:
    """Return the SQL of a query of the file or of its indexed copy, without its page; kept for the next time.

    Raises QueryError and its children.
    """
    return _compile(source.known, _pageless(query), geometry, app_metas, indexed)


def count_query(query: Query, source: Source, engine: Engine) -> int:
    """Return how many records a query keeps, or how many groups it makes; limit and offset do not count."""
    statement = _check(source.known, _pageless(query))
    if source.rows is not None and not statement.where and not statement.groups:
        return source.rows
    table, indexed = find_table(source, engine)
    compiled = _compile_count(source.known, _pageless(query), indexed)
    return int(_run(query, compiled, table, engine).read_all().column(0)[0].as_py())


def parse_conditions(query: Query, source: Source) -> tuple[Node, ...]:
    """Return the checked conditions of the where clauses of a query."""
    return _check(source.known, Query(where=query.where, timezone=query.timezone, lang=query.lang)).where


def find_record(
    source: Source, engine: Engine, record_id: str, query: Query | None = None, *, app_metas: bool = False
) -> Result | None:
    """Return the one record whose `_id` this is, or None; of `query`, the select, the zone and the language count.

    Raises QueryError and its children.
    """
    shown = query or Query()
    shown = Query(select=shown.select, timezone=shown.timezone, lang=shown.lang)
    if _check(source.known, shown).aggregated:
        raise NotAllowed(detail=reason("misplaced", found=shown.select), clause="select")
    table, indexed = find_table(source, engine)
    every = compile_query(shown, source, app_metas=app_metas, indexed=indexed)
    compiled = only_record(every, source.schema, record_id, indexed=indexed)
    rows = engine.run(compiled.sql, (table, *compiled.params))
    if rows.filled:
        return Result(compiled.schema, NamedRows(rows, compiled.schema.names))
    rows.close()
    return None


class _Known:
    """A schema and short names as the key of a cache: equal when what they say is."""

    def __init__(self, schema: Schema, aliases: Mapping[str, str]) -> None:
        self.schema, self.aliases = schema, aliases
        fields = (
            (known.name, known.type, str(sorted(known.label.items())), str(sorted(known.annotations.items())))
            for known in schema
        )
        self.key = (tuple(fields), tuple(aliases.items()))
        self.hash = hash(self.key)

    def __hash__(self) -> int:
        return self.hash

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Known) and self.key == other.key


def _pageless(query: Query) -> Query:
    """Return a query without its page, as caches know it."""
    return query if query.limit is None and not query.offset else replace(query, limit=None, offset=0)


def _texts(query: Query) -> Iterator[str]:
    """Give every text that a query holds."""
    for clause in (*CLAUSES, "facet"):
        texts = getattr(query, clause)
        yield from (texts,) if isinstance(texts, str) else texts


@lru_cache(CACHED_QUERIES)
def _check(known: _Known, query: Query) -> Statement:
    try:
        ZoneInfo(query.timezone)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise InvalidParameter(name="timezone", found=query.timezone, expected=reason("zone")) from None
    if sum(map(len, _texts(query))) > MAX_LENGTH:
        raise over("length", MAX_LENGTH)
    clauses = Clauses(
        parse_items(query.select, "select"),
        tuple(Item(parse_where(text), text=text) for text in query.where if text.strip()),
        parse_items(query.group_by, "group_by"),
        parse_items(query.order_by, "order_by"),
    )
    schema, aliases = known.schema, known.aliases
    try:
        statement = check_clauses(clauses, schema, aliases)
    except QueryError as error:
        error.locate(text=getattr(query, error.clause) if error.clause in LISTS else "")
        raise
    refined = conditions(query.refine, query.exclude, query.facet, Scope(schema, aliases, "refine"))
    return replace(statement, where=(*statement.where, *refined))


@lru_cache(CACHED_QUERIES)
def _compile(known: _Known, query: Query, geometry: str, app_metas: bool, indexed: bool) -> Compiled:
    statement = _check(known, query)
    writer = writer_for(known.schema, query.timezone, query.lang, query.epsg, indexed=indexed)
    compiled = compile_statement(statement, writer, geometry)
    if app_metas and not statement.aggregated:
        return with_identifier(compiled, known.schema, writer.source)
    return compiled


@lru_cache(CACHED_QUERIES)
def _compile_count(known: _Known, query: Query, indexed: bool) -> Compiled:
    writer = writer_for(known.schema, query.timezone, query.lang, indexed=indexed)
    return compile_count(_check(known, query), writer)
