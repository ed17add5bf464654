"""What a page's address asks for: one shared state that the table, the map, the downloads and the API follow.

The names are Opendatasoft's, so that published links live on: `q`, `refine.NAME`, `exclude.NAME`, `sort`. Ours are
`from.NAME`, `to.NAME` (numbers, dates), `has.NAME` (words of a text), and how the table is laid out.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date
from types import MappingProxyType
from typing import Any
from urllib.parse import urlencode

from werkzeug.datastructures import MultiDict

from datasets.model import Field
from datasets.odsql.quoting import quote
from datasets.query import Query

PAGE_DIGITS = 9
"""Longer page numbers are not numbers of pages: they are read as the first one."""

LIMITS: Mapping[str, str] = MappingProxyType(
    {"from": "{field} >= {value}", "to": "{field} <= {value}", "has": "suggest({field}, {value})"}
)
"""The conditions on one field that an address may hold (`from.population=100`), as clauses."""

LAYOUT = ("columns", "rows", "dense")
"""What is kept from link to link though it narrows nothing: how the table is laid out."""

NUMBER = re.compile(r"-?\d{1,15}(\.\d{1,9})?")
DAY = re.compile(r"\d{4}-\d{2}(-\d{2})?")

Pair = tuple[str, str]
Limit = tuple[str, str, str]
"""A condition on one field: a key of LIMITS, the field, the value."""


@dataclass(frozen=True)
class Filters:
    """The state of an address: free text, refined and excluded values, conditions on fields, sort, page, layout.

    `lang` is there when it is explicit.
    """

    text: str = ""
    refined: tuple[Pair, ...] = ()
    excluded: tuple[Pair, ...] = ()
    limited: tuple[Limit, ...] = ()
    sort: str = ""
    page: int = 1
    layout: tuple[Pair, ...] = ()
    lang: str | None = None

    def pairs(self) -> list[Pair]:
        """Return the state as the pairs of a query string, the page left out when it is the first."""
        return [
            *([("q", self.text)] if self.text else []),
            *((f"refine.{name}", value) for name, value in self.refined),
            *((f"exclude.{name}", value) for name, value in self.excluded),
            *((f"{kind}.{name}", value) for kind, name, value in self.limited),
            *([("sort", self.sort)] if self.sort else []),
            *([("page", str(self.page))] if self.page > 1 else []),
            *self.layout,
            *([("lang", self.lang)] if self.lang else []),
        ]

    def address(self, path: str, **changes: Any) -> str:
        """Return `path` with this state, some of it changed; any change but the page's goes back to the first page."""
        state = replace(self, **({"page": 1} | changes))
        return f"{path}?{urlencode(state.pairs())}" if state.pairs() else path

    def toggled(self, name: str, value: str) -> "Filters":
        """Return the state with one refinement added, or taken away when it is there."""
        pair = (name, value)
        kept = tuple(other for other in self.refined if other != pair)
        return replace(self, refined=kept if pair in self.refined else (*kept, pair), page=1)

    def chosen(self, name: str) -> str | None:
        """Return the value that `name` is refined to (the last one), or None."""
        return next((value for other, value in reversed(self.refined) if other == name), None)

    def without(self, names: Iterable[str]) -> "Filters":
        """Return the state without any filter on these fields."""
        gone = set(names)
        return replace(
            self,
            refined=tuple(pair for pair in self.refined if pair[0] not in gone),
            excluded=tuple(pair for pair in self.excluded if pair[0] not in gone),
            limited=tuple(limit for limit in self.limited if limit[1] not in gone),
        )

    def lifted(self, limit: Limit) -> "Filters":
        """Return the state without one condition."""
        return replace(self, limited=tuple(other for other in self.limited if other != limit), page=1)

    def limit(self, kind: str, name: str) -> str:
        """Return the value of the condition of that kind on a field, "" when there is none."""
        return next((value for this, other, value in self.limited if (this, other) == (kind, name)), "")

    def names(self) -> list[str]:
        """Return the fields that the state filters, each once."""
        limited = (name for _, name, _ in self.limited)
        return list(dict.fromkeys([*(name for name, _ in (*self.refined, *self.excluded)), *limited]))

    @property
    def active(self) -> bool:
        """Whether anything narrows the rows."""
        return bool(self.text or self.refined or self.excluded or self.limited)

    def conditions(self) -> tuple[str, ...]:
        """Return what the state asks beside facets, as where clauses."""
        limited = (
            LIMITS[kind].format(field=quote(name, "`"), value=_literal(kind, value))
            for kind, name, value in self.limited
        )
        return (*([quote(self.text)] if self.text else []), *limited)

    def query(self, **clauses: Any) -> Query:
        """Return the query of this state, with other clauses beside (select, limit, facet…)."""
        return Query(
            where=(*clauses.pop("where", ()), *self.conditions()),
            refine=tuple(f"{quote(name, '`')}:{value}" for name, value in self.refined),
            exclude=tuple(f"{quote(name, '`')}:{value}" for name, value in self.excluded),
            **clauses,
        )

    def api_pairs(self) -> list[Pair]:
        """Return the state as parameters of the Explore API."""
        return [
            *([("where", " and ".join(self.conditions()))] if self.conditions() else []),
            *(("refine", f"{name}:{value}") for name, value in self.refined),
            *(("exclude", f"{name}:{value}") for name, value in self.excluded),
        ]


def read_filters(args: "MultiDict[str, str]", lang: str | None = None) -> Filters:
    """Read the state of an address. What cannot be read is left out: a person may have typed it."""
    page = args.get("page", "1")
    return Filters(
        text=" ".join(args.get("q", "").split()),
        refined=_prefixed(args, "refine."),
        excluded=_prefixed(args, "exclude."),
        limited=tuple(
            (kind, name, _tidy(kind, value)) for kind in LIMITS for name, value in _prefixed(args, f"{kind}.")
        ),
        layout=tuple((name, ",".join(args.getlist(name))) for name in LAYOUT if args.get(name)),
        sort=args.get("sort", ""),
        page=int(page) if page.isascii() and page.isdigit() and len(page) <= PAGE_DIGITS and int(page) else 1,
        lang=lang,
    )


def _prefixed(args: "MultiDict[str, str]", prefix: str) -> tuple[Pair, ...]:
    pairs = ((name.removeprefix(prefix), value) for name, value in args.items(multi=True) if name.startswith(prefix))
    return tuple(dict.fromkeys((name, value) for name, value in pairs if name and value))


def fits(kind: str, value: str, field: Field) -> bool:
    """Whether a condition can be asked of a field: words of a text, bounds of numbers and days."""
    if field.multivalued or field.type not in LIMITED:
        return False
    if kind == "has":
        return field.type == "text" and bool(value)
    return bool(LIMITED[field.type](value))


def _is_number(value: str) -> bool:
    return bool(NUMBER.fullmatch(value))


def _is_day(value: str) -> bool:
    if not DAY.fullmatch(value):
        return False
    try:
        date.fromisoformat(f"{value}-01"[:10])
    except ValueError:
        return False
    return True


LIMITED = {"int": _is_number, "double": _is_number, "date": _is_day, "datetime": _is_day, "text": lambda value: False}
"""The types whose fields take conditions, and which values bound them."""


def _tidy(kind: str, value: str) -> str:
    """Read a bound as people write it: 1 234,5 is 1234.5."""
    value = " ".join(value.split())
    return value if kind == "has" or "-" in value[1:] else value.replace(" ", "").replace(",", ".")


def _literal(kind: str, value: str) -> str:
    """Write the value of a condition in a clause."""
    if kind == "has":
        return quote(value)
    return f"date'{value}'" if DAY.fullmatch(value) else value


@dataclass(frozen=True)
class Pages:
    """The pages of a list: which one is shown, how many there are, and where they are."""

    number: int
    count: int
    filters: Filters
    path: str

    @property
    def numbers(self) -> list[int | None]:
        """The page numbers worth a link; None marks a gap."""
        near = {1, self.count, *range(max(1, self.number - 1), min(self.count, self.number + 1) + 1)}
        shown: list[int | None] = []
        for number in sorted(near):
            if shown and shown[-1] is not None and number - shown[-1] > 1:
                shown.append(number - 1 if number - shown[-1] == 2 else None)
            shown.append(number)
        return shown

    def address(self, number: int) -> str:
        """Return the address of the page `number`."""
        return self.filters.address(self.path, page=number)


def paginate(filters: Filters, total: int, per_page: int, path: str) -> Pages:
    """Return the pages of `total` things; a page beyond the last one is the last one."""
    count = max(1, -(-total // per_page))
    return Pages(min(filters.page, count), count, filters, path)
