"""The datasets that a reader of one may also want: those that share its keywords, then its themes."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from datasets.odsql.quoting import quote
from datasets.query import Query, Source, run_query
from datasets.store.engine import Engine
from portal.pages.prose import plain_text

MOST = 3
LOOKED_AT = 500
"""Datasets that are compared, at most."""

LONGEST = 140
KEYWORD_WEIGHT, THEME_WEIGHT = 2, 1


@dataclass(frozen=True)
class Related:
    """A dataset near another one."""

    dataset_id: str
    title: str
    summary: str


def find_related(dataset_id: str, metadata: Mapping[str, Any], catalogue: Source, engine: Engine) -> list[Related]:
    """Return the datasets nearest to one by what they share, the nearest first."""
    wanted = {name: set(metadata.get(name) or ()) for name in ("keyword", "theme")}
    shared = [f"{name} in ({_list(values)})" for name, values in wanted.items() if values]
    if not shared:
        return []
    query = Query(
        select="dataset_id, title, description, keyword, theme",
        where=(" or ".join(shared), f"dataset_id != {quote(dataset_id)}"),
        order_by="modified desc",
        limit=LOOKED_AT,
    )
    rows = run_query(query, catalogue, engine).rows.read_all().to_pylist()
    nearest = sorted(rows, key=lambda row: -_weigh(row, wanted))[:MOST]
    return [
        Related(row["dataset_id"], row["title"] or row["dataset_id"], plain_text(row["description"] or "", LONGEST))
        for row in nearest
    ]


def _list(values: set[str]) -> str:
    return ", ".join(quote(value) for value in sorted(values))


def _weigh(row: Mapping[str, Any], wanted: Mapping[str, set[str]]) -> float:
    """Return how much a dataset shares; of two that share as many keywords, the one with fewer of its own is nearer."""
    words = set(_texts(row["keyword"]))
    common = len(words & wanted["keyword"])
    themes = len(set(_texts(row["theme"])) & wanted["theme"])
    return KEYWORD_WEIGHT * common + THEME_WEIGHT * themes + common / (1 + len(words))


def _texts(values: Sequence[str] | None) -> Sequence[str]:
    return values or ()
