"""The catalogue as people search it: through the catalogue's own dataset, like any other query."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from datasets.facets import count_facets
from datasets.odsql.quoting import quote
from datasets.query import Query, Source, run_query
from datasets.store.engine import Engine
from portal.i18n import fold
from portal.pages.facets import Facet, build_facets, label_fields
from portal.pages.filters import Filters, Pages, paginate

PER_PAGE = 20
FACETS = ("theme", "keyword", "publisher", "license", "features")
SEARCHED = ("title", "description", "keyword", "theme", "publisher")
"""Where the words of a search are looked for; typing mistakes are forgiven, the last word may be unfinished."""
MOST_NAMED = 500
"""Matches beyond this number are searched again for each facet, rather than named one by one."""
SORTS: Mapping[str, str] = {"title": "title", "modified": "modified desc", "records": "records_count desc"}
"""The orders that a reader may choose (`sort=`), and their clauses; the first one is the default."""


@dataclass(frozen=True)
class Entry:
    """A dataset in a list."""

    dataset_id: str
    title: str
    summary: str
    themes: tuple[str, ...]
    publisher: str
    licence: str
    rows: int
    modified: datetime | None
    features: tuple[str, ...]


@dataclass(frozen=True)
class Listing:
    """What a search of the catalogue answers."""

    total: int
    entries: tuple[Entry, ...]
    facets: tuple[Facet, ...]
    pages: Pages


def search_catalogue(filters: Filters, source: Source, engine: Engine, *, path: str, lang: str) -> Listing:
    """Return the page of datasets that `filters` asks for, with the facets of all the matches."""
    where = find_matches(filters.text, source, engine)
    names = list_names(filters, source, engine, where)
    pages = paginate(filters, len(names), PER_PAGE, path)
    shown = names[(pages.number - 1) * PER_PAGE :][:PER_PAGE]
    found = list_entries(Filters(), source, engine, lang=lang, where=(name_them(shown),), limit=PER_PAGE)
    entries = sorted(found, key=lambda entry: shown.index(entry.dataset_id))
    facets = list_facets(filters, source, engine, FACETS, path=path, lang=lang, where=where)
    return Listing(len(names), tuple(entries), tuple(facets), pages)


def list_names(filters: Filters, source: Source, engine: Engine, where: tuple[str, ...]) -> list[str]:
    """Return the identifiers of all the matches, in the order that `filters` asks for; titles as an index has them."""
    sort = filters.sort if filters.sort in SORTS else "title"
    query = query_of(filters, where, select="dataset_id, title", order_by=SORTS[sort], limit=None)
    rows = run_query(query, source, engine).rows.read_all().to_pylist()
    if sort == "title":
        rows.sort(key=lambda row: fold(row["title"] or row["dataset_id"]))
    return [row["dataset_id"] for row in rows]


def name_them(names: list[str]) -> str:
    """Return the where clause that keeps the datasets of these identifiers, or none at all."""
    return f"dataset_id in ({', '.join(quote(name) for name in names or [''])})"


def find_matches(text: str, source: Source, engine: Engine) -> tuple[str, ...]:
    """Return the where clauses of a search: the words are looked for once, then the matches go by their names."""
    if not text:
        return ()
    clause = f"search({', '.join(SEARCHED)}, {quote(text)})"
    query = Query(select="dataset_id", where=(clause,), limit=MOST_NAMED + 1)
    names = run_query(query, source, engine).rows.read_all()["dataset_id"].to_pylist()
    if len(names) > MOST_NAMED:
        return (clause,)
    return (name_them(names),)


def query_of(filters: Filters, where: tuple[str, ...], **clauses: Any) -> Query:
    """Return the query of `filters` where the words are already turned into the clauses `where`."""
    return replace(filters, text="").query(where=where, **clauses)


def list_entries(
    filters: Filters, source: Source, engine: Engine, *, lang: str, where: tuple[str, ...] = (), **clauses: Any
) -> list[Entry]:
    """Return the datasets that match, as entries in `lang`."""
    result = run_query(query_of(filters, where, select="dataset", **clauses), source, engine)
    return [_entry(json.loads(row["dataset"])[lang]) for row in result.rows.read_all().to_pylist()]


def list_facets(
    filters: Filters,
    source: Source,
    engine: Engine,
    names: tuple[str, ...],
    *,
    path: str,
    lang: str,
    where: tuple[str, ...] = (),
) -> list[Facet]:
    """Return the facets `names` of the matches, under their labels in `lang`."""
    labels = label_fields(source.schema, lang)
    labels |= {short: labels[name] for short, name in source.aliases.items()}
    groups = count_facets(query_of(filters, where, facet=names), source, engine)
    return build_facets(groups, filters, path, labels)


def _entry(record: Mapping[str, Any]) -> Entry:
    metas = record["metas"]["default"]
    return Entry(
        dataset_id=record["dataset_id"],
        title=metas["title"] or record["dataset_id"],
        summary=metas["description"] or "",
        themes=tuple(metas["theme"] or ()),
        publisher=metas["publisher"] or "",
        licence=metas["license"] or "",
        rows=metas["records_count"],
        modified=datetime.fromisoformat(metas["modified"]) if metas["modified"] else None,
        features=tuple(record["features"]),
    )
