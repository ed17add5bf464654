"""The rows that people read: from protected cells and from tables without secrets, with the columns of SCHEMAS.

A hidden cell (`masque`) is empty in every measure, never 0, and so is whatever follows from it.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date

import numpy as np
import pandas as pd
import pyarrow as pa

from datasets.programming.cubes import (
    CALENDAR_ID,
    DISCIPLINES_ID,
    FLOWS_ID,
    KEY,
    MODES_ID,
    PROTECTED,
    SAVINGS_ID,
    USAGE_ID,
)
from datasets.programming.factors import DETOUR_UNCERTAINTY, FACTORS_VERSION, METHOD_VERSION, read_factor_rows
from datasets.programming.schemas import SCHEMAS
from datasets.programming.territories import Territories, reference_frame
from datasets.types.geo_shape import parse as parse_shapes

FACTORS_ID = "facteurs-emission"
TERRITORIES_ID = "referentiel-territoires"

PERIMETER = "usage"


@dataclass(frozen=True)
class Stamp:
    """What every published row carries."""

    date_production: date
    version_methode: str = METHOD_VERSION
    version_facteurs: str = FACTORS_VERSION

    def put(self, frame: pd.DataFrame) -> pd.DataFrame:
        """Return the frame with the three columns."""
        return frame.assign(
            version_methode=self.version_methode,
            version_facteurs=self.version_facteurs,
            date_production=self.date_production,
        )


def published_frame(
    dataset_id: str, served: pd.DataFrame, counts: pd.DataFrame, territories: Territories, stamp: Stamp
) -> pd.DataFrame:
    """Return the rows that people read, from the protected cells of a dataset (`Protection.serve`) and its counts.

    `served`: KEY, the categories, masque and the measures, empty where masque is true; `counts`: what is not additive,
    indexed by KEY and the categories (see `count_distinct`). The columns are those of SCHEMAS, with lon and lat
    instead of the point; every measure of a hidden cell is empty, never 0.
    """
    categories = PROTECTED[dataset_id][1].columns
    frame = served.reset_index(drop=True)
    hidden = frame["masque"].to_numpy(dtype=bool)
    known = counts.reindex(pd.MultiIndex.from_frame(frame[[*KEY, *categories]])).reset_index(drop=True)
    for name in counts.columns:
        frame[name] = known[name].astype(np.float64).mask(hidden)
    frame["granularite"] = np.where(frame["periode"].str.len() == 4, "annee", "trimestre")
    for level in ("region", "departement"):
        frame[f"code_{level}"] = frame["code_geo"].where(frame["niveau_geo"] == level)
    frame = _name_places(frame, territories)
    frame = stamp.put(_FINISH[dataset_id](frame, territories) if dataset_id in _FINISH else frame)
    columns = [*(name for name in SCHEMAS[dataset_id].names if name != "centre"), "lon", "lat"]
    order = frame.sort_values(["periode", "niveau_geo", "code_geo", *categories], ignore_index=True)
    return order[columns if "centre" in SCHEMAS[dataset_id].names else columns[:-2]]


def _name_places(frame: pd.DataFrame, territories: Territories) -> pd.DataFrame:
    parts = []
    for level, rows in frame.groupby("niveau_geo", sort=False):
        code, points = rows["code_geo"], territories.centroids(str(level))
        parts.append(
            rows.assign(
                nom_geo=code.map(territories.names(str(level))),
                population=code.map(territories.populations(str(level))),
                lon=code.map(points["lon"]),
                lat=code.map(points["lat"]),
            )
        )
    return pd.concat(parts) if parts else frame.assign(nom_geo="", population=0, lon=np.nan, lat=np.nan)


def _finish_savings(frame: pd.DataFrame, territories: Territories) -> pd.DataFrame:
    """Add what follows from the measures: avoided distance, gross saving, bounds and shares."""
    due, factor = frame["economie_attribuable_kgco2e"], frame["incertitude_facteur_kgco2e"]
    margin = np.sqrt(factor**2 + (DETOUR_UNCERTAINTY * due) ** 2 / frame["nb_tournees"].where(frame["nb_tournees"] > 0))
    margin = margin.where((due != 0) | due.isna(), 0.0)
    dates = frame["nb_dates"].where(frame["nb_dates"] > 0)
    return frame.assign(
        distance_evitee_km=frame["distance_contrefactuelle_km"] - frame["distance_reelle_km"],
        economie_brute_kgco2e=frame["emissions_contrefactuelles_kgco2e"] - frame["emissions_reelles_kgco2e"],
        economie_basse_kgco2e=due - margin,
        economie_haute_kgco2e=due + margin,
        part_transport_par_defaut_pct=100 * frame["nb_dates_par_defaut"] / dates,
        part_ordre_inconnu_pct=100 * frame["nb_dates_ordre_inconnu"] / dates,
        perimetre=PERIMETER,
    )


def _finish_usage(frame: pd.DataFrame, territories: Territories) -> pd.DataFrame:
    """Add venues per 100,000 inhabitants, and the change of dates over one year where both terms are shown."""
    people = frame["population"].where(frame["population"] > 0)
    before = frame["periode"].str[:4].astype(int).sub(1).astype(str) + frame["periode"].str[4:]
    dates = frame.set_index(KEY)["nb_dates"]
    earlier = dates.reindex(pd.MultiIndex.from_arrays([frame["niveau_geo"], frame["code_geo"], before])).to_numpy()
    earlier = np.where(earlier > 0, earlier, np.nan)
    return frame.assign(
        lieux_pour_100k_hab=100_000 * frame["nb_lieux_actifs"] / people,
        evolution_pct=100 * (frame["nb_dates"].to_numpy() - earlier) / earlier,
    )


def _finish_calendar(frame: pd.DataFrame, territories: Territories) -> pd.DataFrame:
    week = frame["periode"].str.split("-S", expand=True).reindex(columns=[0, 1]).astype("str")
    mondays = [date.fromisocalendar(int(year), int(number), 1) for year, number in week.to_numpy().tolist()]
    return frame.assign(semaine_du=pd.Series(mondays, index=frame.index, dtype=object))


def _finish_flows(frame: pd.DataFrame, territories: Territories) -> pd.DataFrame:
    names = territories.names("region")
    return frame.assign(**{f"nom_region_{end}": frame[f"code_region_{end}"].map(names) for end in "ab"})


_FINISH: Mapping[str, Callable[[pd.DataFrame, Territories], pd.DataFrame]] = {
    SAVINGS_ID: _finish_savings,
    MODES_ID: _finish_savings,
    DISCIPLINES_ID: _finish_savings,
    USAGE_ID: _finish_usage,
    FLOWS_ID: _finish_flows,
    CALENDAR_ID: _finish_calendar,
}
"""What follows from the measures, by dataset."""


def factors_frame(stamp: Stamp) -> pd.DataFrame:
    """Return the rows of `facteurs-emission`."""
    frame = pd.DataFrame(read_factor_rows(), dtype="str").replace("", None)
    numbers = ["amont", "combustion", "trainees", "fabrication", "usage", "total", "incertitude_pct"]
    frame[numbers] = frame[numbers].astype(np.float64)
    for name in ("valide_du", "valide_au"):
        frame[name] = pd.to_datetime(frame[name]).dt.date
    return stamp.put(frame)


def territories_frame(territories: Territories, stamp: Stamp) -> pd.DataFrame:
    """Return the rows of `referentiel-territoires`, contours as WKB."""
    frame = reference_frame(territories)
    known = frame["contour"].notna().to_numpy()
    shapes = np.full(len(frame), None, dtype=object)
    shapes[known] = parse_shapes(pa.array(frame["contour"][known], pa.string())).to_pylist()
    return stamp.put(frame.assign(contour=shapes))
