"""The table of a dataset: a window of records, sorted and filtered by the address."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from datasets.facets import count_facets
from datasets.model import Field
from datasets.odsql.quoting import quote
from datasets.query import Source, count_query, run_query
from datasets.store.engine import Engine
from portal.pages.cells import HIDDEN, is_amount, shown_fields
from portal.pages.facets import Facet, build_facets, label_fields
from portal.pages.filters import Filters, Pages, paginate

PER_PAGE = 50
UNSORTABLE = ("geo_point_2d", "geo_shape", "json_blob", "file")


@dataclass(frozen=True)
class Column:
    """A column: its field, the address that sorts by it, and the present order (aria-sort), if any."""

    field: Field
    href: str | None
    order: str | None

    @property
    def amount(self) -> bool:
        """Whether the column holds amounts."""
        return is_amount(self.field)


@dataclass(frozen=True)
class Grid:
    """A page of records with what surrounds it. `counted` says that the facets' counts are those of these records."""

    total: int
    columns: tuple[Column, ...]
    records: tuple[Mapping[str, Any], ...]
    facets: tuple[Facet, ...]
    pages: Pages
    hidden: bool
    counted: bool


def build_grid(filters: Filters, source: Source, engine: Engine, *, path: str, lang: str) -> Grid:
    """Return the page of records that `filters` asks for, with the facets that could narrow it further.

    Words are looked for in every field of every record, which is slow: facets are counted without them.
    """
    fields = shown_fields(source.schema)
    total = count_query(filters.query(), source, engine)
    pages = paginate(filters, total, PER_PAGE, path)
    query = filters.query(
        select=", ".join(quote(field.name, "`") for field in fields),
        order_by=_order(filters.sort, fields),
        limit=PER_PAGE,
        offset=(pages.number - 1) * PER_PAGE,
    )
    records = tuple(run_query(query, source, engine).rows.read_all().to_pylist())
    return Grid(
        total=total,
        columns=tuple(_column(field, filters, path) for field in fields),
        records=records,
        facets=tuple(find_facets(replace(filters, text=""), source, engine, path=path, lang=lang)),
        pages=pages,
        hidden=any(record.get(HIDDEN) for record in records),
        counted=not filters.text,
    )


def find_facets(filters: Filters, source: Source, engine: Engine, *, path: str, lang: str) -> list[Facet]:
    """Return the declared facets that fit in a list of choices, counted among the matching records."""
    declared = [field for field in source.schema if "facet" in field.annotations and field.type != "boolean"]
    names = tuple(quote(field.name, "`") for field in declared)
    if not names:
        return []
    groups = count_facets(filters.query(facet=names), source, engine)
    short = [group for group in groups if not group.truncated]
    return build_facets(short, filters, path, label_fields(source.schema, lang))


def _order(sort: str, fields: tuple[Field, ...]) -> str:
    """Return the order_by clause of `sort`: as in Opendatasoft, `sort=x` is descending and `sort=-x` ascending."""
    name = sort.removeprefix("-")
    if not any(field.name == name for field in fields):
        return ""
    return f"{quote(name, '`')} {'asc' if sort.startswith('-') else 'desc'}"


def _column(field: Field, filters: Filters, path: str) -> Column:
    if field.type in UNSORTABLE or field.multivalued:
        return Column(field, None, None)
    descending = filters.sort == field.name
    order = "descending" if descending else "ascending" if filters.sort == f"-{field.name}" else None
    return Column(field, filters.address(path, sort=f"-{field.name}" if descending else field.name), order)
