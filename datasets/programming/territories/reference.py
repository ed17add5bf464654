"""The dataset `referentiel-territoires`: names, parents, populations, centroids and contours."""

import geojson
import numpy as np
import pandas as pd

from datasets.programming.territories.hierarchy import LEVELS, Territories

REFERENCE_LEVELS = LEVELS[:4]


def reference_frame(territories: Territories) -> pd.DataFrame:
    """Return one row per pays, région, département and EPCI, ordered by level then code.

    Columns: niveau_geo, code_geo, nom_geo, code_parent_region, code_parent_departement (null above), population,
    lon, lat (degrees, null when unknown), contour (GeoJSON text or null), annee.
    """
    frames = [_level_frame(territories, level) for level in REFERENCE_LEVELS]
    return pd.concat(frames, ignore_index=True)


def _level_frame(territories: Territories, level: str) -> pd.DataFrame:
    frame = territories.frame(level)
    nothing = pd.Series(np.nan, index=frame.index, dtype="str")
    points = territories.centroids(level)
    shapes = [territories.contours.get((level, code)) for code in frame["code"]]
    return pd.DataFrame(
        {
            "niveau_geo": pd.Series(level, index=frame.index, dtype="str"),
            "code_geo": frame["code"],
            "nom_geo": frame["nom"],
            "code_parent_region": frame.get("code_region", nothing),
            "code_parent_departement": frame.get("code_departement", nothing),
            "population": frame["population"].astype("int64"),
            "lon": points["lon"].to_numpy(),
            "lat": points["lat"].to_numpy(),
            "contour": pd.Series([s and geojson.dumps(s) for s in shapes], index=frame.index, dtype="str"),
            "annee": territories.year,
        }
    ).sort_values("code_geo")
