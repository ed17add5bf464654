"""Which tables are published about cultural programming: their cubes, measures, contributors and grids.

What counts distinct things (tours, projects, active venues) is not additive: `count_distinct` counts it for every
cell, and `published` empties it where the cell is hidden. The rows that contribute are told in `contributions`.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from datasets.disclosure.cubes import ROLES, Measure
from datasets.disclosure.layout import PERIODS, TERRITORIES, Grid, Layout, Level, Period
from datasets.disclosure.pairs import Links
from datasets.programming.usage import EVENTS

SAVINGS_ID = "economies-ges"
MODES_ID = "economies-ges-par-mode"
DISCIPLINES_ID = "economies-ges-par-discipline"
USAGE_ID = "statistiques-usage-geographiques"
VENUES_ID = "parc-lieux-par-type"
FLOWS_ID = "flux-cooperation-regions"
TOURS_ID = "tournees-agregees"
TOURS = "tournees"
CALENDAR_ID = "calendrier-disponibilites"

KEY = ["niveau_geo", "code_geo", "periode"]


@dataclass(frozen=True)
class CubeSpec:
    """A cube: `levels` × `periods`, divided by `grids`, and its additive measures.

    Its tables without categories are the dataset `name`, unless they are not `published`; each grid is a dataset.
    `counts` gives by grid ("": none) the distinct counts of its tables (name → column). `roles` are the contributors
    of the frequency rule; dominance is judged on the measures `dominance`. With `by_venue` the zeros of the venues
    that could have acted are cells too; `links` tells which grid counts links.
    """

    name: str
    measures: tuple[Measure, ...]
    dominance: tuple[str, ...]
    counts: Mapping[str, Mapping[str, str]]
    roles: Mapping[str, str] = field(default_factory=lambda: MappingProxyType(ROLES))
    holding: str = "holding"
    levels: tuple[Level, ...] = TERRITORIES
    periods: tuple[Period, ...] = PERIODS
    grids: tuple[Grid, ...] = ()
    published: bool = True
    by_venue: bool = True
    links: Links | None = None

    @property
    def layout(self) -> Layout:
        """The tables of the cube."""
        return Layout(self.levels, self.periods, self.grids, self.published)

    def options(self) -> dict[str, Any]:
        """Return the named arguments of `datasets.disclosure.cubes.build_cube` for this cube."""
        return {
            "name": self.name,
            "measures": self.measures,
            "dominance_measures": self.dominance,
            "roles": self.roles,
            "holding": {next(iter(self.roles)): self.holding},
            "levels": self.levels,
            "periods": self.periods,
            "grids": self.grids,
            "published": self.published,
            "links": self.links,
        }


def _yearly(
    name: str, columns: tuple[str, ...], *levels: str, private: tuple[str, ...] = (), told: bool = False
) -> Grid:
    return Grid(name, columns, levels, ("annee",), private=private, told=told)


_SAVINGS = CubeSpec(
    SAVINGS_ID,
    measures=(
        Measure("nb_dates", integer=True),
        Measure("nb_dates_coprogrammees", integer=True),
        Measure("nb_dates_par_defaut", integer=True),
        Measure("nb_dates_ordre_inconnu", integer=True),
        Measure("distance_contrefactuelle_km"),
        Measure("distance_reelle_km"),
        Measure("emissions_contrefactuelles_kgco2e"),
        Measure("emissions_reelles_kgco2e"),
        Measure("economie_attribuable_kgco2e", signed=True),
        Measure("incertitude_facteur_kgco2e", signed=True),
    ),
    dominance=("distance_contrefactuelle_km", "emissions_contrefactuelles_kgco2e"),
    counts={name: {"nb_tournees": "tournee_id"} for name in ("", MODES_ID, DISCIPLINES_ID)},
    grids=(
        _yearly(MODES_ID, ("mode",), "pays", "region"),
        _yearly(DISCIPLINES_ID, ("discipline",), "pays", "region"),
    ),
)

_USAGE = CubeSpec(
    USAGE_ID,
    measures=tuple(Measure(name, integer=True) for name in EVENTS),
    dominance=("nb_dates",),
    counts={
        "": {
            "nb_lieux_actifs": "lieu_actif",
            "nb_programmateurs_actifs": "programmateur_actif",
            "nb_projets": "projet_realise",
            "nb_projets_coprogrammes": "projet_coprogramme",
        },
        VENUES_ID: {"nb_lieux": "lieu_actif"},
        FLOWS_ID: {"nb_projets_communs": "projet_commun"},
    },
    grids=(
        _yearly(VENUES_ID, ("type_lieu",), "pays", "region", "departement", told=True),
        _yearly(FLOWS_ID, ("code_region_a", "code_region_b"), "pays", "region", private=("region",)),
    ),
    links=Links(FLOWS_ID, ("holding", "holding_b"), ("nb_mises_en_relation", "nb_couples"), ("equipe_id",)),
)

_TOURS = CubeSpec(
    TOURS,
    measures=(Measure("nb_tournees", integer=True),),
    dominance=("nb_tournees",),
    counts={},
    levels=TERRITORIES[:2],
    periods=PERIODS[-1:],
    grids=(_yearly(TOURS_ID, ("classe_etapes", "classe_distance"), "pays", "region"),),
    published=False,
    by_venue=False,
)

CALENDAR_CUBE = CubeSpec(
    "calendrier",
    measures=(Measure("nb_creneaux", integer=True),),
    dominance=("nb_creneaux",),
    counts={CALENDAR_ID: {"nb_projets_ouverts": "projet_id"}},
    levels=TERRITORIES[:3],
    periods=(Period("semaine", "semaine"),),
    grids=(Grid(CALENDAR_ID, ("discipline",), ("pays", "region", "departement"), ("semaine",)),),
    published=False,
    by_venue=False,
)
"""The cube of open slots, protected apart: what it tells changes from one publication to the next (see `openings`)."""

CUBES: Mapping[str, CubeSpec] = MappingProxyType({spec.name: spec for spec in (_SAVINGS, _USAGE, _TOURS)})
"""The cubes of what happened, by name. Those that share the name of a measure are protected together."""

PROTECTED: Mapping[str, tuple[CubeSpec, Grid]] = MappingProxyType(
    {
        grid.name or spec.name: (spec, grid)
        for spec in (*CUBES.values(), CALENDAR_CUBE)
        for grid in spec.layout.every_grid
        if grid.columns or spec.published
    }
)
"""The cube and the grid of each protected dataset, by id."""


def count_distinct(dataset_id: str, frame: pd.DataFrame) -> pd.DataFrame:
    """Return the distinct counts of a dataset for every cell, indexed by KEY and the columns of its grid.

    `frame`: the contributions to its cube.
    """
    spec, chosen = PROTECTED[dataset_id]
    whole = pd.Categorical.from_codes(np.zeros(len(frame), dtype=np.int8), pd.Index(["FR"], dtype="str"))
    levels = [level for level in spec.levels if level.name in chosen.levels]
    keys = {level.name: pd.Categorical(frame[level.column] if level.column else whole) for level in levels}
    periods = [pd.Categorical(frame[each.column]) for each in spec.periods if each.name in chosen.periods]
    among = [pd.Categorical(frame[column]) for column in chosen.columns]
    counts = spec.counts.get(chosen.name, {})
    who = {name: frame[column].fillna(-1).to_numpy(np.int64) for name, column in counts.items()}
    names = [*KEY, *chosen.columns]
    return pd.concat(
        [_count_table(level, (place, when, *among), names, who) for level, place in keys.items() for when in periods]
    )


def _count_table(
    level: str, keys: tuple[pd.Categorical, ...], names: list[str], who: Mapping[str, npt.NDArray[np.int64]]
) -> pd.DataFrame:
    """Count the distinct numbers (from 0; -1 is nobody) of each cell where something happened."""
    shape = tuple(len(key.categories) for key in keys)
    inside = np.all([key.codes >= 0 for key in keys], axis=0)
    every = [np.where(inside, key.codes, 0).astype(np.int64) for key in keys]
    cell = np.where(inside, np.ravel_multi_index(every, shape) if len(inside) else 0, -1)
    shown, position = np.unique(cell[inside], return_inverse=True)
    at = np.full(len(cell), -1)
    at[inside] = position
    counted = {}
    for name, numbers in who.items():
        kept, count = (at >= 0) & (numbers >= 0), int(numbers.max(initial=-1)) + 1
        once = np.unique(at[kept] * count + numbers[kept]) // max(count, 1)
        counted[name] = np.bincount(once, minlength=len(shown))
    codes = np.unravel_index(shown, shape)
    arrays = [key.categories[code] for key, code in zip(keys, codes, strict=True)]
    index = pd.MultiIndex.from_arrays([[level] * len(shown), *arrays], names=names)
    return pd.DataFrame(counted, index=index)
