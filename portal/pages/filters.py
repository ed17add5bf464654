"""What a page's address asks for: one shared state that the table, the map, the downloads and the API follow.

The names are Opendatasoft's, so that published links live on: `q`, `refine.NAME`, `exclude.NAME`, `sort`.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import urlencode

from werkzeug.datastructures import MultiDict

from datasets.odsql.quoting import quote
from datasets.query import Query

PAGE_DIGITS = 9
"""Longer page numbers are not numbers of pages: they are read as the first one."""

Pair = tuple[str, str]


@dataclass(frozen=True)
class Filters:
    """The state of an address: free text, refined and excluded values, sort, page; `lang` when it is explicit."""

    text: str = ""
    refined: tuple[Pair, ...] = ()
    excluded: tuple[Pair, ...] = ()
    sort: str = ""
    page: int = 1
    lang: str | None = None

    def pairs(self) -> list[Pair]:
        """Return the state as the pairs of a query string, the page left out when it is the first."""
        return [
            *([("q", self.text)] if self.text else []),
            *((f"refine.{name}", value) for name, value in self.refined),
            *((f"exclude.{name}", value) for name, value in self.excluded),
            *([("sort", self.sort)] if self.sort else []),
            *([("page", str(self.page))] if self.page > 1 else []),
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
        )

    def names(self) -> list[str]:
        """Return the fields that the state filters, each once."""
        return list(dict.fromkeys(name for name, _ in (*self.refined, *self.excluded)))

    @property
    def active(self) -> bool:
        """Whether anything narrows the rows."""
        return bool(self.text or self.refined or self.excluded)

    def query(self, **clauses: Any) -> Query:
        """Return the query of this state, with other clauses beside (select, limit, facet…)."""
        return Query(
            where=(*clauses.pop("where", ()), *([quote(self.text)] if self.text else [])),
            refine=tuple(f"{quote(name, '`')}:{value}" for name, value in self.refined),
            exclude=tuple(f"{quote(name, '`')}:{value}" for name, value in self.excluded),
            **clauses,
        )

    def api_pairs(self) -> list[Pair]:
        """Return the state as parameters of the Explore API."""
        return [
            *([("where", quote(self.text))] if self.text else []),
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
        sort=args.get("sort", ""),
        page=int(page) if page.isascii() and page.isdigit() and len(page) <= PAGE_DIGITS and int(page) else 1,
        lang=lang,
    )


def _prefixed(args: "MultiDict[str, str]", prefix: str) -> tuple[Pair, ...]:
    pairs = ((name.removeprefix(prefix), value) for name, value in args.items(multi=True) if name.startswith(prefix))
    return tuple(dict.fromkeys((name, value) for name, value in pairs if name and value))


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
