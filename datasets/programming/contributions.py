"""What contributes to the cells of each cube: private frames, one row per stop, event, pair of venues or tour.

code_commune, code_epci, code_departement, code_region    text, null abroad or where there is none
trimestre ("2026-T3"), annee ("2026")
lieu_id, equipe_id, programmateur_id, projet_id, tournee_id   numbers of contributors, null when unknown
holding                                                   number of the operator (SIREN, else the venue)
the categories of the grids of the cube                   text, null outside of the grid
the measures of the cube (see `cubes.CUBES`), all additive
"""

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from datasets.programming.calculation import Calculation
from datasets.programming.categories import ABROAD, DISCIPLINES, DISTANCES, FRANCE, STOPS, VENUE_TYPES, classify
from datasets.programming.components import DEFAULT
from datasets.programming.cubes import SAVINGS_ID, TOURS, USAGE_ID
from datasets.programming.factors import MODES
from datasets.programming.records import Records
from datasets.programming.usage import EVENTS, usage_rows

PLACES = ("code_commune", "code_epci", "code_departement", "code_region")

FIGURES = {
    "distance_contrefactuelle_km": "km_contrefactuel",
    "distance_reelle_km": "km_reel",
    "emissions_contrefactuelles_kgco2e": "contrefactuel",
    "emissions_reelles_kgco2e": "reel",
    "economie_brute_kgco2e": "economie_brute",
    "economie_attribuable_kgco2e": "economie_attribuable",
    "incertitude_facteur_kgco2e": "incertitude_facteur",
}


def contributions(dataset_id: str, records: Records, calculation: Calculation) -> pd.DataFrame:
    """Return the private frame of a cube, as told in the docstring of this file."""
    return _BUILDERS[dataset_id](records, calculation)


def list_venues(records: Records) -> pd.DataFrame:
    """Return the public directory of venues: their territories and their kinds, one row each."""
    lieu = np.arange(len(records.venues))
    return pd.DataFrame(_place(records, lieu)).assign(
        type_lieu=name_codes(records.venues["kind"].to_numpy(), VENUE_TYPES)
    )


def _savings_contributions(records: Records, calculation: Calculation) -> pd.DataFrame:
    stops, tours = calculation.stops, calculation.tours
    tour = stops["tour"].to_numpy()
    frame = situate(records, stops)
    computed = tours["computed"].to_numpy()[tour]
    frame["tournee_id"] = number(np.where(computed, tour, -1))
    frame["mode"] = name_codes(np.where(computed, tours["mode"].to_numpy()[tour], -1), MODES)
    frame["discipline"] = name_codes(records.projects["discipline"].to_numpy()[stops["projet"].to_numpy()], DISCIPLINES)
    for name in ("nb_dates", "nb_dates_coprogrammees"):
        frame[name] = stops[name].to_numpy()
    default = (tours["transport"] == DEFAULT).to_numpy()[tour]
    frame["nb_dates_par_defaut"] = np.where(default, frame["nb_dates"], 0)
    frame["nb_dates_ordre_inconnu"] = np.where(tours["order_known"].to_numpy()[tour], 0, frame["nb_dates"])
    for name, column in FIGURES.items():
        frame[name] = stops[column].fillna(0.0).to_numpy()
    return frame


def _usage_contributions(records: Records, calculation: Calculation) -> pd.DataFrame:
    rows = usage_rows(records, calculation.stops)
    frame = situate(records, rows)
    for name in (*EVENTS, "nb_couples"):
        frame[name] = rows[name].to_numpy()
    performed, together = frame["nb_dates"] > 0, frame["nb_couples"] > 0
    frame["lieu_actif"] = frame["lieu_id"].where(performed)
    frame["programmateur_actif"] = frame["programmateur_id"].where(frame["nb_connexions"] > 0)
    frame["projet_realise"] = frame["projet_id"].where(performed)
    frame["projet_coprogramme"] = frame["projet_id"].where(frame["nb_dates_coprogrammees"] > 0)
    frame["projet_commun"] = frame["projet_id"].where(together)
    kinds = records.venues["kind"].to_numpy()[rows["lieu"].to_numpy()]
    frame["type_lieu"] = name_codes(kinds, VENUE_TYPES)
    return frame.assign(**_link(records, rows, frame["code_region"]))


def _link(records: Records, rows: pd.DataFrame, region: pd.Series) -> dict[str, Any]:
    """Return the two regions of each link, in order, and the operator of its other end; null without a link."""
    other = rows["autre_lieu"].to_numpy()
    there = _place(records, np.maximum(other, 0))["code_region"].astype(object)
    here = region.astype(object).to_numpy()
    linked = (other >= 0) & pd.notna(here) & there.notna().to_numpy()
    both = np.sort(np.stack([here[linked], there[linked]], axis=1).astype(str), axis=1)
    ends = {name: pd.Series(None, index=rows.index, dtype=object) for name in ("code_region_a", "code_region_b")}
    for side, name in enumerate(ends):
        ends[name][linked] = both[:, side]
    holding = np.where(linked, records.venues["holding"].to_numpy()[np.maximum(other, 0)], -1)
    return {**ends, "holding_b": number(holding)}


def _tour_contributions(records: Records, calculation: Calculation) -> pd.DataFrame:
    """Return the stops of the tours computed, each tour in one region: that of most of its stops, in one year.

    A tour counts for 1 (`nb_tournees`) on the row of its first stop there; its other rows only tell who takes part.
    """
    stops, tours = calculation.stops, calculation.tours
    stops = stops[tours["computed"].to_numpy()[stops["tour"].to_numpy()]].reset_index(drop=True)
    tour = stops["tour"].to_numpy()
    frame = situate(records, stops)
    size = np.bincount(tour, minlength=len(tours))
    frame["code_region"] = _main_region(tour, frame["code_region"])
    quarter = tours["trimestre"].astype("str").to_numpy()[tour]
    frame["annee"] = pd.Categorical(pd.Series(quarter, dtype="str").str[:4])
    frame["classe_etapes"] = classify(size[tour], STOPS)
    frame["classe_distance"] = classify(tours["km_reel"].to_numpy()[tour], DISTANCES)
    frame["origine"] = np.where(tours["abroad"].to_numpy()[tour], ABROAD, FRANCE)
    frame["nb_tournees"] = (~stops["tour"].duplicated()).astype(np.int64)
    frame["taille_equipe"] = records.projects["nb_personnes"].to_numpy()[stops["projet"].to_numpy()]
    return frame


def _main_region(tour: npt.NDArray[np.int64], region: pd.Series) -> pd.Series:
    """Return the region with most stops of each tour, for each stop: the lowest code when several have as many."""
    counts = pd.DataFrame({"tour": tour, "region": region.astype(object)}).value_counts().reset_index(name="stops")
    counts = counts.sort_values(["tour", "stops", "region"], ascending=[True, False, True])
    main = counts.drop_duplicates("tour").set_index("tour")["region"]
    return main.reindex(tour).reset_index(drop=True)


_BUILDERS: Mapping[str, Callable[[Records, Calculation], pd.DataFrame]] = {
    SAVINGS_ID: _savings_contributions,
    USAGE_ID: _usage_contributions,
    TOURS: _tour_contributions,
}


def situate(records: Records, rows: pd.DataFrame) -> pd.DataFrame:
    """Return the territories, periods and contributors of rows that have a lieu, an equipe and a trimestre."""
    lieu = rows["lieu"].to_numpy()
    frame = pd.DataFrame(_place(records, lieu), index=pd.RangeIndex(len(rows)))
    quarters = pd.Categorical(rows["trimestre"])
    frame["trimestre"] = quarters
    years = pd.Categorical(quarters.categories.str[:4])
    frame["annee"] = pd.Categorical.from_codes(years.codes[quarters.codes], dtype=years.dtype)
    frame["lieu_id"] = number(lieu)
    frame["equipe_id"] = number(rows["equipe"].to_numpy())
    frame["projet_id"] = number(rows["projet"].to_numpy())
    frame["programmateur_id"] = number(_programmers(records, rows, lieu))
    frame["holding"] = number(records.venues["holding"].to_numpy()[lieu])
    return frame


def _place(records: Records, lieu: npt.NDArray[Any]) -> dict[str, pd.Series]:
    """Return the territories of venues (rows of `records.venues`), null where there is none."""
    commune = records.venues["commune"].to_numpy()[lieu]
    communes = records.territories.communes.rename(columns={"code": "code_commune"})
    found = {}
    for column in PLACES:
        values = pd.Categorical(communes[column])
        codes = np.where(commune >= 0, values.codes[commune], -1)
        found[column] = pd.Series(pd.Categorical.from_codes(codes, dtype=values.dtype))
    return found


def _programmers(records: Records, rows: pd.DataFrame, lieu: npt.NDArray[Any]) -> npt.NDArray[Any]:
    """Return the programmer of each row: the one who acted, else the first programmer of the venue."""
    first = records.programmers.reset_index().drop_duplicates("lieu").set_index("lieu")["index"]
    of_venue = first.reindex(np.arange(len(records.venues))).fillna(-1).to_numpy(np.int64)[lieu]
    if "programmateur" not in rows:
        return of_venue
    acting = rows["programmateur"].to_numpy()
    return np.where(acting >= 0, acting, of_venue)


def name_codes(codes: npt.NDArray[Any], names: tuple[str, ...]) -> pd.Categorical:
    """Return the names at some positions, null where a position is negative."""
    return pd.Categorical.from_codes(codes, pd.Index(names, dtype="str"))


def number(values: npt.NDArray[Any]) -> pd.Series:
    """Return numbers of contributors, null where they are negative."""
    return pd.Series(pd.arrays.IntegerArray(values.astype(np.int64), values < 0))
