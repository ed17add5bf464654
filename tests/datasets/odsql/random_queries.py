"""Random valid queries over random towns: what the engine and the slow evaluator must agree on."""

import random
from datetime import UTC, date, datetime, timedelta
from typing import Any

from hypothesis import strategies as st

from datasets.query import Query
from tests.datasets.odsql.trees import valid_where
from tests.datasets.towns import TOWNS, town

ZONES = ("UTC", "Europe/Paris", "America/Cayenne", "Pacific/Auckland", "Asia/Kolkata")
TEXTS = ("nom", "canton", "title", "`a b-c\\`d`", "lower(nom)", "upper(canton)", "ifnull(canton, 'rien')")
NUMBERS = (
    "population", "surface", "population + 1", "population / surface", "-population", "length(nom)", "year(maj)",
    "ifnull(population, 0)", "population * 2 - 5", "hour(vu_le)", "dayofweek(maj)", "quarter(vu_le)", "month(vu_le)",
    "minute(vu_le)", "second(vu_le)", "millisecond(vu_le)", "day(vu_le)", "3",
)  # fmt: skip
DATES = (
    "date_format(maj, 'yyyy-MM')", "date_format(vu_le, 'EEEE d MMMM yyyy')", "date_format(vu_le, 'HH:mm')",
    "date_format(maj, 'xxxx-ww e')", "date_format(vu_le, 'D/yy')",
)  # fmt: skip
MOMENTS = ("maj", "vu_le")
RANGES = (
    "range(population, 5000)", "range(population, *, 5900, 9300, *)", "range(population, 100, 6500)",
    "range(surface, 12.5)", "range(surface, *, 20, 70.5)", "range(maj, 1 month)", "range(vu_le, 1 day)",
    "range(vu_le, 12 hours)", "range(vu_le, 1 week)", "range(maj, 1 quarter)", "range(vu_le, 1 year)",
    "range(maj, *, date'2023', date'2024-05-01', *)", "range(vu_le, date'2022-06', date'2024')",
    "range(year(maj), 3)",
)  # fmt: skip
KEYS = ("canton", "prefecture", "labels", "notes", "niveau", "maj", "year(maj)", "nom", "population")
STATISTICS = (
    "count(*)", "count(canton)", "count(labels)", "count(distinct canton)", "count(distinct labels)", "sum(population)",
    "avg(surface)", "min(maj)", "max(vu_le)", "median(population)", "percentile(surface, 30)", "stddev(population)",
    "variance(surface)", "sum(population) / count(surface)", "sum(population * 2 + 1)",
    "max(population) - min(population)",
    "avg(length(nom))", "count(distinct ifnull(canton, 'x'))",
)  # fmt: skip
SEARCHES = (
    "'auch'", "'ville porte'", "'mar*'", "search('fleurence')", "search(nom, 'cond')", "search(nom, canton, 'armagnc')",
    "suggest('auc')", "suggest(nom, canton, 'baise arm')", "startswith(nom, 'A')", "startswith(labels, 'vi')",
    "startswith('L')", "nom like 'isl? jour*'", "title like 'por%'", "'art' in labels", "canton like 'ar?agnac'",
)  # fmt: skip
REFINEMENTS = (
    "canton:Auch-1", "canton:Baïse-Armagnac", "labels:art", "labels:ville-porte", "maj:2024", "maj:2024/05",
    "vu_le:2023", "vu_le:2024/05/17", "niveau:Gers", "niveau:Gers/Auch", "prefecture:true", "notes:2", "nom:Auch",
)  # fmt: skip
FACETS = ("canton", "labels", "maj", "vu_le", "niveau", "prefecture", "notes", "nom")


def random_towns(count: int, seed: int) -> list[dict[str, Any]]:
    """Return towns of every type, with many equal values and many nulls."""
    chance = random.Random(seed)

    def maybe(found: Any) -> Any:
        return None if chance.random() < 0.2 else found

    def anyone(*found: Any) -> Any:
        return maybe(chance.choice(found))

    def instant() -> datetime:
        edges = (0, 1, 5400_000_001, 36_000_000_000, 81_000_123_000, 86_399_999_999)
        return datetime(2022, 1, 1, tzinfo=UTC) + timedelta(chance.randrange(900), microseconds=chance.choice(edges))

    names = ["Auch", "auch", "Éauze", "eauze", "Condom", "L'Isle-Jourdain", "Fleurance", "Marciac", "Ville-porte"]
    return [
        town(
            chance.choice(names),
            anyone("Auch-1", "auch-1", "Baïse-Armagnac", "L'Isle-Jourdain"),
            maybe(chance.choice([0, 5900, 6500, 9300, chance.randrange(30_000)])),
            anyone(0.0, 12.5, 41.5, 70.0, 72.48, 0.5),
            anyone(True, False),
            maybe(chance.choice([date(2024, 5, 17), date(2024, 1, 1), date(2023, 12, 31), instant().date()])),
            maybe(instant()),
            maybe(chance.sample(["art", "ville-porte", "auch"], chance.randrange(3))),
            maybe([chance.randrange(4) for _ in range(chance.randrange(3))]),
            anyone("Gers", "Gers/Auch", "Gers/Auch/Centre", "Gers/Condom", "Landes"),
            None,
            None,
            anyone("Ville", 'Dite "la porte"', "l'eau 50% d'ici _", "porté"),
            anyone("x", "y", "Z"),
        )
        for _ in range(count)
    ]


CROWD = random_towns(60, 32)
assert all(set(row) == set(TOWNS.names) for row in CROWD)


@st.composite
def any_query(draw: st.DrawFn) -> Query:
    """Draw a valid query: plain, grouped or aggregated."""
    kind = draw(st.sampled_from(["plain", "grouped", "total"]))
    clauses = {"plain": plain, "grouped": grouped, "total": total}[kind](draw)
    where = draw(st.lists(st.one_of(valid_where, st.sampled_from(SEARCHES)), max_size=2))
    return Query(
        where=tuple(where),
        refine=tuple(draw(st.lists(st.sampled_from(REFINEMENTS), max_size=2))),
        exclude=tuple(draw(st.lists(st.sampled_from(REFINEMENTS), max_size=1))),
        limit=draw(st.sampled_from([100, 100, 3])),
        offset=draw(st.sampled_from([0, 0, 2])),
        timezone=draw(st.sampled_from(ZONES)),
        lang=draw(st.sampled_from(["fr", "en"])),
        **clauses,
    )


def plain(draw: st.DrawFn) -> dict[str, str]:
    """Draw what records show, and their order."""
    values = [
        *TEXTS,
        *NUMBERS,
        *DATES,
        *MOMENTS,
        "prefecture",
        "labels",
        "notes",
        "'x' as mark",
        "include(def*)",
        *RANGES,
    ]
    shown = draw(st.lists(st.sampled_from(values), min_size=1, max_size=4, unique=True))
    sorts = [*TEXTS, *NUMBERS, *DATES, *MOMENTS, "prefecture", *RANGES]
    select = ", ".join(["population as p", *shown])
    return {"select": select, "order_by": ordering(draw, [*sorts, "p"])}


def grouped(draw: st.DrawFn) -> dict[str, str]:
    """Draw groups, their statistics and their order: aggregates come before keys."""
    keys = draw(st.lists(st.sampled_from([*KEYS, *RANGES, *DATES, *TEXTS]), min_size=1, max_size=2, unique=True))
    aliased = [f"{key} as k{place}" if draw(st.booleans()) else key for place, key in enumerate(keys)]
    shown = draw(st.lists(st.sampled_from(STATISTICS), max_size=3, unique=True))
    names = [f"k{place}" if " as k" in key else key for place, key in enumerate(aliased)]
    order = [ordering(draw, [*shown, *STATISTICS[:4]]), ordering(draw, names)]
    return {
        "group_by": ", ".join(aliased),
        "select": ", ".join([f"{shown[0]} as s", *shown[1:]] if shown else []),
        "order_by": ", ".join(filter(None, order)),
    }


def total(draw: st.DrawFn) -> dict[str, str]:
    """Draw statistics of all records."""
    return {"select": ", ".join(draw(st.lists(st.sampled_from(STATISTICS), min_size=1, max_size=4, unique=True)))}


def ordering(draw: st.DrawFn, keys: list[str]) -> str:
    """Draw an order among some keys, one way or the other."""
    some = draw(st.lists(st.sampled_from(sorted(set(keys))), max_size=2, unique=True))
    return ", ".join(key + draw(st.sampled_from(["", " asc", " desc"])) for key in some)
