"""The catalogue as people search it: through the catalogue's own dataset, like any other query."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from datasets.facets import count_facets
from datasets.query import Source, count_query, run_query
from datasets.store.engine import Engine
from portal.pages.facets import Facet, build_facets, label_fields
from portal.pages.filters import Filters, Pages, paginate

PER_PAGE = 20
FACETS = ("theme", "keyword", "publisher", "license", "features")
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
    total = count_query(filters.query(), source, engine)
    pages = paginate(filters, total, PER_PAGE, path)
    order = SORTS.get(filters.sort, SORTS["title"])
    entries = list_entries(
        filters, source, engine, lang=lang, order_by=order, limit=PER_PAGE, offset=(pages.number - 1) * PER_PAGE
    )
    facets = list_facets(filters, source, engine, FACETS, path=path, lang=lang)
    return Listing(total, tuple(entries), tuple(facets), pages)


def list_entries(filters: Filters, source: Source, engine: Engine, *, lang: str, **clauses: Any) -> list[Entry]:
    """Return the datasets that match, as entries in `lang`."""
    result = run_query(filters.query(select="dataset", **clauses), source, engine)
    return [_entry(json.loads(row["dataset"])[lang]) for row in result.rows.read_all().to_pylist()]


def list_facets(
    filters: Filters, source: Source, engine: Engine, names: tuple[str, ...], *, path: str, lang: str
) -> list[Facet]:
    """Return the facets `names` of the matches, under their labels in `lang`."""
    labels = label_fields(source.schema, lang)
    labels |= {short: labels[name] for short, name in source.aliases.items()}
    groups = count_facets(filters.query(facet=names), source, engine)
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
