"""The table of a dataset: a window of records, sorted and filtered by the address, in the columns that it chooses."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from markupsafe import Markup

from datasets.facets import count_facets
from datasets.model import Field, Schema
from datasets.odsql.quoting import quote
from datasets.query import Source, count_query, find_record, run_query
from datasets.store.engine import Engine
from portal.pages.cells import HIDDEN, is_amount, is_hidden, show, shown_fields
from portal.pages.facets import Facet, build_facets, label_fields
from portal.pages.filters import Filters, Pages, paginate

SIZES = (50, 100, 200)
"""Records on a page, as the reader may choose; the first one is the default."""

MOST_SORTED = 10_000
"""Records that can be paged through in an order: beyond, each page would sort everything again."""

UNSORTABLE = ("geo_point_2d", "geo_shape", "json_blob", "file")
CONTROLS = {"int": "number", "double": "number", "date": "date", "datetime": "date", "text": "words"}
"""How a column is filtered in its heading, by type; a facet by its values ("choices"); the others are not."""

MARK = "_id"


@dataclass(frozen=True)
class Layout:
    """How the table is laid out: all the columns, those shown, the records on a page, whether the rows are close."""

    all: tuple[Field, ...]
    fields: tuple[Field, ...]
    per_page: int
    dense: bool


@dataclass(frozen=True)
class Column:
    """A column: its field, the address that sorts by it, the present order (aria-sort), how it is filtered (CONTROLS).

    `low`, `high` and `words` are what the address asks of the field; `facet` holds its values when they are few.
    """

    field: Field
    href: str | None
    order: str | None
    control: str | None
    low: str
    high: str
    words: str
    facet: Facet | None = None

    @property
    def amount(self) -> bool:
        """Whether the column holds amounts."""
        return is_amount(self.field)

    @property
    def filtered(self) -> bool:
        """Whether the address asks something of the field."""
        return bool(self.low or self.high or self.words or (self.facet and self.facet.selected))


@dataclass(frozen=True)
class Row:
    """A record: its identifier, and its values as they are shown (None: hidden for protection)."""

    record_id: str
    cells: tuple[str | None, ...]


@dataclass(frozen=True)
class Grid:
    """A page of records with what surrounds it. `counted` says that the facets' counts are those of these records."""

    total: int
    columns: tuple[Column, ...]
    rows: tuple[Row, ...]
    facets: tuple[Facet, ...]
    pages: Pages
    layout: Layout
    hidden: bool
    counted: bool
    sizes: tuple[int, ...] = SIZES

    @property
    def cut(self) -> bool:
        """Whether the last page is not that of the last record: too many to be paged through in an order."""
        return self.pages.count * self.layout.per_page < self.total

    @property
    def first(self) -> int:
        """The rank of the first record of the page."""
        return (self.pages.number - 1) * self.layout.per_page + 1

    @property
    def kinds(self) -> list[Markup]:
        """The attribute of the cells of each column, ready for a page that has thousands of them."""
        return [Markup(' class="amount"') if column.amount else Markup() for column in self.columns]

    @property
    def apart(self) -> list[Facet]:
        """The facets that no heading holds: their column is not shown, or there is no table."""
        held = [column.facet for column in self.columns if self.rows]
        return [facet for facet in self.facets if facet not in held]

    @property
    def asked(self) -> list[str]:
        """The fields that the form has a control for, in it or in a heading: their filters need no other carrier."""
        controlled = (column.field.name for column in self.columns if column.control and self.rows)
        return [*(facet.name for facet in self.apart), *controlled]


def build_grid(filters: Filters, source: Source, engine: Engine, *, path: str, lang: str) -> Grid:
    """Return the page of records that `filters` asks for, with the facets that could narrow it further.

    Words are looked for in every field of every record, which is slow: facets are counted without them.
    """
    layout = read_layout(filters, source.schema)
    total = count_query(filters.query(), source, engine)
    ordered = bool(order_of(filters.sort, layout.all))
    pages = paginate(filters, min(total, MOST_SORTED) if ordered else total, layout.per_page, path)
    records = _read_window(filters, layout, pages.number, source, engine)
    facets = find_facets(replace(filters, text=""), source, engine, path=path, lang=lang)
    listed = {facet.name: facet for facet in facets}
    return Grid(
        total=total,
        columns=tuple(_column(field, filters, path, listed) for field in layout.fields),
        rows=tuple(_row(record, layout.fields) for record in records),
        facets=tuple(facets),
        pages=pages,
        layout=layout,
        hidden=any(record.get(HIDDEN) for record in records),
        counted=not filters.text,
    )


def read_layout(filters: Filters, schema: Schema) -> Layout:
    """Read how the address lays the table out; what it does not say or cannot be is the default."""
    asked = dict(filters.layout)
    fields = shown_fields(schema)
    names = set(asked.get("columns", "").split(","))
    chosen = tuple(field for field in fields if field.name in names)
    size = asked.get("rows", "")
    return Layout(
        all=fields,
        fields=chosen or fields,
        per_page=next((each for each in SIZES if str(each) == size), SIZES[0]),
        dense=asked.get("dense") == "1",
    )


def _read_window(filters: Filters, layout: Layout, page: int, source: Source, engine: Engine) -> list[dict[str, Any]]:
    """Return the records of a page, each with its identifier and whether its measures are hidden."""
    names = [field.name for field in layout.fields]
    names += [HIDDEN] if HIDDEN in source.schema.names and HIDDEN not in names else []
    query = filters.query(
        select=", ".join(quote(name, "`") for name in names),
        order_by=order_of(filters.sort, layout.all),
        limit=layout.per_page,
        offset=(page - 1) * layout.per_page,
    )
    return run_query(query, source, engine, app_metas=True).rows.read_all().to_pylist()


def find_facets(filters: Filters, source: Source, engine: Engine, *, path: str, lang: str) -> list[Facet]:
    """Return the declared facets that fit in a list of choices, counted among the matching records."""
    declared = [field for field in source.schema if "facet" in field.annotations and field.type != "boolean"]
    names = tuple(quote(field.name, "`") for field in declared)
    if not names:
        return []
    groups = count_facets(filters.query(facet=names), source, engine)
    short = [group for group in groups if not group.truncated]
    return build_facets(short, filters, path, label_fields(source.schema, lang), source.schema.by_name)


def order_of(sort: str, fields: tuple[Field, ...]) -> str:
    """Return the order_by clause of `sort`: as in Opendatasoft, `sort=x` is descending and `sort=-x` ascending."""
    name = sort.removeprefix("-")
    if not any(field.name == name and _is_sortable(field) for field in fields):
        return ""
    return f"{quote(name, '`')} {'asc' if sort.startswith('-') else 'desc'}"


def _is_sortable(field: Field) -> bool:
    return field.type not in UNSORTABLE and not field.multivalued


def read_record(record_id: str, source: Source, engine: Engine) -> list[tuple[Field, str | None]] | None:
    """Return the fields of one record with their values as they are shown (None: hidden); None when there is none."""
    found = find_record(source, engine, record_id)
    if found is None:
        return None
    record = found.rows.read_all().to_pylist()[0] | {MARK: record_id}
    fields = shown_fields(source.schema)
    return list(zip(fields, _row(record, fields).cells, strict=True))


def _row(record: Mapping[str, Any], fields: tuple[Field, ...]) -> Row:
    cells = (None if is_hidden(record, field) else show(record[field.name], field) for field in fields)
    return Row(str(record[MARK]), tuple(cells))


def _column(field: Field, filters: Filters, path: str, listed: Mapping[str, Facet]) -> Column:
    asked = (filters.limit("from", field.name), filters.limit("to", field.name), filters.limit("has", field.name))
    facet = listed.get(field.name)
    control = "choices" if facet else None if field.multivalued else CONTROLS.get(field.type)
    if not _is_sortable(field):
        return Column(field, None, None, control, *asked, facet)
    descending = filters.sort == field.name
    order = "descending" if descending else "ascending" if filters.sort == f"-{field.name}" else None
    href = filters.address(path, sort=f"-{field.name}" if descending else field.name)
    return Column(field, href, order, control, *asked, facet)
