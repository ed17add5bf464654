"""The catalogue as people search it: words, facets, order, pages."""

from collections.abc import Iterable
from dataclasses import dataclass, replace

import numpy as np

from datasets.catalogue.search import Found, search
from datasets.facets import FacetGroup, FacetValue
from datasets.query import run_query
from datasets.store.engine import Engine
from portal.pages.facets import Facet, build_facets, label_fields
from portal.pages.filters import Filters, Pages, paginate
from portal.pages.shelf import FACETS, Entry, Shelf

PER_PAGE = 20
MOST_CHOICES = 60
"""Values of a facet that are offered, beside the chosen ones."""

RELEVANCE = "relevance"
SORTS = (RELEVANCE, "title", "modified", "uses", "records")
"""The orders that a reader may choose (`sort=`); the first one needs words, and is then the one by default.

That of `uses` is there once counts of the audience are published.
"""


@dataclass(frozen=True)
class Listing:
    """What a search of the catalogue answers, in the order `sort`, one of `sorts`, the default first.

    `found` tells how its words were understood, when there are any; `unfiltered` is how many datasets they find
    without the filters.
    """

    total: int
    entries: tuple[Entry, ...]
    facets: tuple[Facet, ...]
    pages: Pages
    sort: str
    sorts: tuple[str, ...]
    found: Found | None
    unfiltered: int


def search_catalogue(filters: Filters, shelf: Shelf, engine: Engine, *, path: str, lang: str) -> Listing:
    """Return the page of datasets that `filters` asks for, with the facets of all the matches."""
    found = search(shelf.index, filters.text) if filters.text else None
    held = np.ones(shelf.count, bool) if found is None else found.scores > 0
    sorts = list_sorts(filters, shelf)
    sort = filters.sort if filters.sort in sorts else sorts[0]
    ranks = order_matches(held & keep_filtered(filters, shelf, engine), shelf, found, sort)
    pages = paginate(filters, len(ranks), PER_PAGE, path)
    shown = ranks[(pages.number - 1) * PER_PAGE :][:PER_PAGE]
    facets = list_facets(filters, shelf, engine, FACETS, path=path, lang=lang, held=held)
    told = None if found is None else replace(found, scores=found.scores[:0])  # lists are kept, scores are long
    return Listing(len(ranks), shelf.entries(shown), tuple(facets), pages, sort, sorts, told, int(held.sum()))


def find_matches(filters: Filters, shelf: Shelf, engine: Engine, *, sort: str) -> np.ndarray:
    """Return the ranks of all that `filters` asks for, in the order `sort`."""
    found = search(shelf.index, filters.text) if filters.text else None
    kept = keep_filtered(filters, shelf, engine)
    return order_matches(kept if found is None else kept & (found.scores > 0), shelf, found, sort)


def order_matches(kept: np.ndarray, shelf: Shelf, found: Found | None, sort: str) -> np.ndarray:
    """Return the ranks of the datasets of a mask in the order `sort`; those that answer as well go by freshness."""
    if found is None or sort != RELEVANCE:
        ranks = shelf.orders[sort]
    else:
        fresh = shelf.orders["modified"]
        ranks = fresh[np.argsort(-found.scores.round(3)[fresh], kind="stable")]
    return ranks[kept[ranks]]


def list_sorts(filters: Filters, shelf: Shelf) -> tuple[str, ...]:
    """Return the orders that may be chosen, the one by default first."""
    return tuple(sort for sort in SORTS if sort in shelf.orders or (sort == RELEVANCE and filters.text))


def keep_filtered(filters: Filters, shelf: Shelf, engine: Engine, *, but: str = "") -> np.ndarray:
    """Return the mask of the datasets that the refined and excluded values keep, those refined on `but` left out.

    A facet keeps what has one of its refined values. Filters on other fields are asked of the catalogue itself.
    """
    kept = np.ones(shelf.count, bool)
    for name in filters.names():
        refined = [value for other, value in filters.refined if other == name]
        excluded = [value for other, value in filters.excluded if other == name]
        if name not in shelf.tags or any(other == name for _, other, _ in filters.limited):
            kept &= shelf.keep_named(_ask_names(filters, name, shelf, engine))
            continue
        if refined and name != but:
            kept &= shelf.tags[name].holders(refined)
        if excluded:
            kept &= ~shelf.tags[name].holders(excluded)
    return kept


def shorten(filters: Filters, shelf: Shelf) -> Filters:
    """Return the same filters, each field by its short name (`theme` for `default.theme`), as what follows expects."""
    short = {name: alias for alias, name in shelf.source.aliases.items()}
    return replace(
        filters,
        refined=tuple((short.get(name, name), value) for name, value in filters.refined),
        excluded=tuple((short.get(name, name), value) for name, value in filters.excluded),
        limited=tuple((kind, short.get(name, name), value) for kind, name, value in filters.limited),
    )


def _ask_names(filters: Filters, name: str, shelf: Shelf, engine: Engine) -> list[str]:
    """Return the identifiers of the datasets that the filters on one field keep."""
    others = replace(filters.without(other for other in filters.names() if other != name), text="")
    query = others.query(select="dataset_id", limit=None)
    names: list[str] = run_query(query, shelf.source, engine).rows.read_all()["dataset_id"].to_pylist()
    return names


def list_facets(
    filters: Filters,
    shelf: Shelf,
    engine: Engine,
    names: Iterable[str],
    *,
    path: str,
    lang: str,
    held: np.ndarray | None = None,
) -> list[Facet]:
    """Return the facets `names` of the datasets `held` that the filters keep, under their labels in `lang`."""
    labels = label_fields(shelf.source.schema, lang)
    labels |= {short: labels[name] for short, name in shelf.source.aliases.items()}
    held = np.ones(shelf.count, bool) if held is None else held
    groups = []
    for name in names:
        tally = shelf.tags[name].tally(held & keep_filtered(filters, shelf, engine, but=name))
        chosen = {value for other, value in (*filters.refined, *filters.excluded) if other == name}
        offered = [
            (value, count) for place, (value, count) in enumerate(tally) if place < MOST_CHOICES or value in chosen
        ]
        absent = [(value, 0) for value in sorted(chosen - {value for value, _ in offered})]
        values = tuple(FacetValue(value, value, count) for value, count in (*offered, *absent))
        groups.append(FacetGroup(name, values, len(tally) > MOST_CHOICES))
    return build_facets(groups, filters, path, labels)


def correct(text: str, found: Found) -> str:
    """Return a search as it was understood: the words that no dataset has, in the spelling of those that some have."""
    for typed, read in found.corrected:
        text = text.replace(typed, read)
    return text
