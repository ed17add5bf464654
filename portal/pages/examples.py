"""How to call the API, in the languages of those who do: real calls, to this very portal."""

from dataclasses import dataclass
from urllib.parse import urlencode

from portal.pages.filters import Pair
from portal.programs import USES, Use

API = "/api/explore/v2.1/catalog/datasets"
SHOWN = 20
"""Records that the console asks for, before anyone changes it."""


@dataclass(frozen=True)
class Addresses:
    """The addresses of a dataset in the API, with the reader's filters."""

    base_url: str
    dataset_id: str
    filters: tuple[Pair, ...]

    def path(self, resource: str = "") -> str:
        """Return the path of a resource ("records", "exports/csv"…), or of the dataset."""
        return f"{API}/{self.dataset_id}" + (f"/{resource}" if resource else "")

    def of(self, resource: str = "", *, limit: int | None = None, extra: tuple[Pair, ...] = ()) -> str:
        """Return the address of a resource; the filters follow, but on the dataset."""
        pairs = [*(self.filters if resource else ()), *([("limit", str(limit))] if limit else []), *extra]
        path = f"{self.base_url}{self.path(resource)}"
        return f"{path}?{urlencode(pairs)}" if pairs else path

    @property
    def where(self) -> str:
        """The condition of the filters, as a clause."""
        return dict(self.filters).get("where", "")

    @property
    def chosen(self) -> tuple[Pair, ...]:
        """The facet values of the filters, as parameters."""
        return tuple(pair for pair in self.filters if pair[0] != "where")


@dataclass(frozen=True)
class Example:
    """A way to use the records: `template` holds `{address}`, `text` the address of the present filters."""

    use: Use
    path: str
    template: str
    text: str

    @property
    def extra(self) -> str:
        """The parameters that this use adds, as a query string."""
        return urlencode(self.use.extra)


def write_examples(addresses: Addresses, codes: list[str], *, placed: bool = False) -> list[Example]:
    """Return the ways to use the records, those of maps when they are `placed`.

    `codes` are the text fields that programs must not read as numbers.
    """
    types = {
        "{python_types}": "{" + ", ".join(f'"{code}": "string"' for code in codes) + "}",
        "{r_types}": ", ".join(f'{code} = "character"' for code in codes),
    }
    kept = [use for use in USES if placed or use.resource != "exports/geojson"]
    return [_write(use, addresses, types) for use in kept]


def _write(use: Use, addresses: Addresses, types: dict[str, str]) -> Example:
    template = use.text
    for blank, text in types.items():
        template = template.replace(blank, text)
    limit = SHOWN if use.resource == "records" else None
    address = addresses.of(use.resource, limit=limit, extra=use.extra)
    return Example(use, addresses.path(use.resource), template, template.replace("{address}", address))
