"""Which tables are published about cultural programming, and what contributes to their cells.

`contributions(dataset_id, …)` returns the private frame that `datasets.disclosure.cubes.build_cube` protects, one
row per stop (or per programmer and quarter):

    code_commune, code_epci, code_departement, code_region    text, null abroad or where there is none
    trimestre ("2026-T3"), annee ("2026")
    lieu_id, equipe_id, programmateur_id, projet_id, tournee_id   numbers of contributors, null when unknown
    holding                                                   number of the operator (SIREN, else the venue)
    the measures of the cube (see CUBES), all additive

What counts distinct things (tours, projects, active venues) is not additive: `count_distinct` counts it for every
cell, and `published.published_frame` empties it where the cell is hidden.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from datasets.disclosure.cubes import ROLES, Measure
from datasets.disclosure.layout import PERIODS, TERRITORIES, Layout, Level, Period
from datasets.programming.calculation import Calculation
from datasets.programming.components import DEFAULT
from datasets.programming.records import Records
from datasets.programming.territories import COUNTRY
from datasets.programming.usage import EVENTS, usage_rows

SAVINGS_ID = "economies-ges"
USAGE_ID = "statistiques-usage-geographiques"

KEY = ["niveau_geo", "code_geo", "periode"]


@dataclass(frozen=True)
class CubeSpec:
    """A published cube: `levels` × `periods`, its additive measures, and its distinct counts (name → column).

    `roles` are the contributors of the frequency rule; dominance is judged on the measures `dominance`.
    """

    dataset_id: str
    measures: tuple[Measure, ...]
    dominance: tuple[str, ...]
    counts: Mapping[str, str]
    roles: Mapping[str, str] = field(default_factory=lambda: MappingProxyType(ROLES))
    holding: str = "holding"
    levels: tuple[Level, ...] = TERRITORIES
    periods: tuple[Period, ...] = PERIODS

    @property
    def layout(self) -> Layout:
        """The tables of the cube."""
        return Layout(self.levels, self.periods)

    def options(self) -> dict[str, Any]:
        """Return the named arguments of `datasets.disclosure.cubes.build_cube` for this cube."""
        return {
            "name": self.dataset_id,
            "measures": self.measures,
            "dominance_measures": self.dominance,
            "roles": self.roles,
            "holding": {next(iter(self.roles)): self.holding},
            "levels": self.levels,
            "periods": self.periods,
        }


CUBES: Mapping[str, CubeSpec] = MappingProxyType(
    {
        spec.dataset_id: spec
        for spec in (
            CubeSpec(
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
                counts=MappingProxyType({"nb_tournees": "tournee_id"}),
            ),
            CubeSpec(
                USAGE_ID,
                measures=tuple(Measure(name, integer=True) for name in EVENTS),
                dominance=("nb_dates",),
                counts=MappingProxyType(
                    {
                        "nb_lieux_actifs": "lieu_actif",
                        "nb_programmateurs_actifs": "programmateur_actif",
                        "nb_projets": "projet_id",
                        "nb_projets_coprogrammes": "projet_coprogramme",
                    }
                ),
            ),
        )
    }
)
"""The protected datasets, by id."""


def contributions(dataset_id: str, records: Records, calculation: Calculation) -> pd.DataFrame:
    """Return the private frame of a cube, as told in the docstring of this file."""
    build = {SAVINGS_ID: _savings_contributions, USAGE_ID: _usage_contributions}[dataset_id]
    return build(records, calculation)


def _savings_contributions(records: Records, calculation: Calculation) -> pd.DataFrame:
    stops, tours = calculation.stops, calculation.tours
    tour = stops["tour"].to_numpy()
    frame = _situate(records, stops)
    computed = tours["computed"].to_numpy()[tour]
    frame["tournee_id"] = _numbers(np.where(computed, tour, -1))
    for name in ("nb_dates", "nb_dates_coprogrammees"):
        frame[name] = stops[name].to_numpy()
    default = (tours["transport"] == DEFAULT).to_numpy()[tour]
    frame["nb_dates_par_defaut"] = np.where(default, frame["nb_dates"], 0)
    frame["nb_dates_ordre_inconnu"] = np.where(tours["order_known"].to_numpy()[tour], 0, frame["nb_dates"])
    figures = {
        "distance_contrefactuelle_km": "km_contrefactuel",
        "distance_reelle_km": "km_reel",
        "emissions_contrefactuelles_kgco2e": "contrefactuel",
        "emissions_reelles_kgco2e": "reel",
        "economie_brute_kgco2e": "economie_brute",
        "economie_attribuable_kgco2e": "economie_attribuable",
        "incertitude_facteur_kgco2e": "incertitude_facteur",
    }
    for name, column in figures.items():
        frame[name] = stops[column].fillna(0.0).to_numpy()
    return frame


def _usage_contributions(records: Records, calculation: Calculation) -> pd.DataFrame:
    rows = usage_rows(records, calculation.stops)
    frame = _situate(records, rows)
    for name in EVENTS:
        frame[name] = rows[name].to_numpy()
    shared, performed = frame["nb_dates_coprogrammees"] > 0, frame["nb_dates"] > 0
    frame["lieu_actif"] = frame["lieu_id"].where(performed)
    frame["programmateur_actif"] = frame["programmateur_id"].where(frame["nb_connexions"] > 0)
    frame["projet_coprogramme"] = frame["projet_id"].where(shared)
    return frame


def _situate(records: Records, rows: pd.DataFrame) -> pd.DataFrame:
    """Return the territories, periods and contributors of rows that have a lieu, an equipe and a trimestre."""
    venues, lieu = records.venues, rows["lieu"].to_numpy()
    commune = venues["commune"].to_numpy()[lieu]
    communes = records.territories.communes.rename(columns={"code": "code_commune"})
    frame = pd.DataFrame(index=pd.RangeIndex(len(rows)))
    for column in ("code_commune", "code_epci", "code_departement", "code_region"):
        values = pd.Categorical(communes[column])
        codes = np.where(commune >= 0, values.codes[commune], -1)
        frame[column] = pd.Categorical.from_codes(codes, dtype=values.dtype)
    quarters = pd.Categorical(rows["trimestre"])
    frame["trimestre"] = quarters
    years = pd.Categorical(quarters.categories.str[:4])
    frame["annee"] = pd.Categorical.from_codes(years.codes[quarters.codes], dtype=years.dtype)
    frame["lieu_id"] = _numbers(lieu)
    frame["equipe_id"] = _numbers(rows["equipe"].to_numpy())
    frame["projet_id"] = _numbers(rows["projet"].to_numpy())
    frame["programmateur_id"] = _numbers(_programmers(records, rows, lieu))
    frame["holding"] = _numbers(venues["holding"].to_numpy()[lieu])
    return frame


def _programmers(records: Records, rows: pd.DataFrame, lieu: npt.NDArray[Any]) -> npt.NDArray[Any]:
    """Return the programmer of each row: the one who acted, else the first programmer of the venue."""
    first = records.programmers.reset_index().drop_duplicates("lieu").set_index("lieu")["index"]
    of_venue = first.reindex(np.arange(len(records.venues))).fillna(-1).to_numpy(np.int64)[lieu]
    if "programmateur" not in rows:
        return of_venue
    acting = rows["programmateur"].to_numpy()
    return np.where(acting >= 0, acting, of_venue)


def _numbers(values: npt.NDArray[Any]) -> pd.Series:
    return pd.Series(pd.arrays.IntegerArray(values.astype(np.int64), values < 0))


def count_distinct(spec: CubeSpec, frame: pd.DataFrame) -> pd.DataFrame:
    """Return the distinct counts of a cube for every cell, indexed by niveau_geo, code_geo, periode."""
    whole = pd.Categorical.from_codes(np.zeros(len(frame), dtype=np.int8), pd.Index([COUNTRY], dtype="str"))
    places = {level.name: pd.Categorical(frame[level.column] if level.column else whole) for level in spec.levels}
    who = {name: frame[column].fillna(-1).to_numpy(np.int64) for name, column in spec.counts.items()}
    tables = [
        _count_table(level, place, pd.Categorical(frame[period.column]), who)
        for level, place in places.items()
        for period in spec.periods
    ]
    return pd.concat(tables)


def _count_table(
    level: str, place: pd.Categorical, when: pd.Categorical, who: Mapping[str, npt.NDArray[np.int64]]
) -> pd.DataFrame:
    """Count the distinct numbers (from 0; -1 is nobody) of each cell where something happened."""
    width = len(when.categories)
    cell = np.where(place.codes >= 0, place.codes.astype(np.int64) * width + when.codes, -1)
    shown = pd.unique(cell[cell >= 0])
    counted = {}
    for name, numbers in who.items():
        kept, count = (cell >= 0) & (numbers >= 0), int(numbers.max(initial=-1)) + 1
        once = pd.unique(cell[kept] * count + numbers[kept]) // max(count, 1)
        counted[name] = np.bincount(once, minlength=len(place.categories) * width)[shown]
    codes, periods = place.categories[shown // max(width, 1)], when.categories[shown % max(width, 1)]
    index = pd.MultiIndex.from_arrays([[level] * len(shown), codes, periods], names=KEY)
    return pd.DataFrame(counted, index=index)
