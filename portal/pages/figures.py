"""The key figures of the home page: a table of what is said, read from the published datasets."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from flask_babel import lazy_gettext as _l

from datasets.odsql.quoting import quote
from datasets.query import Query, Source, run_query
from datasets.store.engine import Engine

SAVINGS, USAGE = "economies-ges", "statistiques-usage-geographiques"


@dataclass(frozen=True)
class Figure:
    """A figure worth the first page: where it is read, its unit and its `divisor`, what it means."""

    dataset_id: str
    field: str
    divisor: float
    unit: str
    label: Any


FIGURES: tuple[Figure, ...] = (
    Figure(SAVINGS, "economie_attribuable_kgco2e", 1000, "t CO₂e", _l("of greenhouse gas saved by shared touring")),
    Figure(SAVINGS, "nb_tournees", 1, "", _l("tours counted")),
    Figure(USAGE, "nb_lieux_actifs", 1, "", _l("active venues")),
)


@dataclass(frozen=True)
class KeyFigure:
    """A figure as it is told: its value in its unit, for a period, and the dataset that holds it."""

    value: float
    unit: str
    label: Any
    period: str
    dataset_id: str


def read_figures(find_source: Callable[[str], Source | None], engine: Engine, *, year: int) -> list[KeyFigure]:
    """Return the figures of the last full year before `year` that are published for the whole country."""
    told: list[KeyFigure] = []
    for dataset_id in dict.fromkeys(figure.dataset_id for figure in FIGURES):
        source = find_source(dataset_id)
        if source is not None:
            told += _read([figure for figure in FIGURES if figure.dataset_id == dataset_id], source, engine, year)
    return told


def _read(figures: list[Figure], source: Source, engine: Engine, year: int) -> list[KeyFigure]:
    known = [figure for figure in figures if figure.field in source.schema.names]
    if not known or not {"periode", "niveau_geo"} <= set(source.schema.names):
        return []
    query = Query(
        select=", ".join(["periode", *(quote(figure.field, "`") for figure in known)]),
        where=('niveau_geo = "pays"', f'periode < "{year}"'),
        order_by="periode desc",
        limit=None,
    )
    rows = run_query(query, source, engine).rows.read_all().to_pylist()
    row: dict[str, Any] = next((row for row in rows if len(row["periode"]) == 4), {})
    return [
        KeyFigure(row[figure.field] / figure.divisor, figure.unit, figure.label, row["periode"], figure.dataset_id)
        for figure in known
        if row.get(figure.field) is not None
    ]
