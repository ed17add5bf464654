"""What tours are like in each class: how many start abroad, and how large the companies are.

Neither adds up, so neither is told as the others are. The share from abroad would: with the number of tours it is a
number of tours, and the country is the sum of its regions. It is told at one level only for each year, and only where
it speaks of enough companies on both sides; no sum leads back to what is left empty.
"""

import numpy as np
import pandas as pd

from datasets.disclosure.primary import Rules
from datasets.programming.categories import ABROAD
from datasets.programming.cubes import CUBES, KEY, PROTECTED, TOURS, TOURS_ID, count_distinct
from datasets.programming.territories import COUNTRY

LEAST_COMPANIES = 5
"""A median of fewer sizes would be close to that of one company."""


def count_beside(dataset_id: str, frame: pd.DataFrame, rules: Rules) -> pd.DataFrame:
    """Return what is told of every cell of a dataset beside its measures: distinct counts, or profiles of tours.

    `frame`: the contributions to its cube; the index is KEY and the categories of the dataset.
    """
    return profile_tours(frame, rules) if dataset_id == TOURS_ID else count_distinct(dataset_id, frame)


def profile_tours(frame: pd.DataFrame, rules: Rules) -> pd.DataFrame:
    """Return part_domicile_hors_france_pct and taille_equipe_mediane for every cell of `tournees-agregees`.

    `frame`: the contributions to the cube of tours; the index is that of `cubes.count_distinct`.
    """
    tours = frame[frame["nb_tournees"] > 0]
    found = []
    for level in CUBES[TOURS].levels:
        place = tours[level.column] if level.column else COUNTRY
        placed = tours.assign(niveau_geo=level.name, code_geo=place, periode=tours["annee"].astype("str"))
        found.append(_profile_level(placed[placed["code_geo"].notna()], rules))
    return _keep_one_level(pd.concat(found))


def _profile_level(tours: pd.DataFrame, rules: Rules) -> pd.DataFrame:
    key = [*KEY, *PROTECTED[TOURS_ID][1].columns]
    tours = tours.astype(dict.fromkeys(key, "str"))
    sides = tours.groupby([*key, "origine", "equipe_id"]).size()
    told = sides.groupby([*key, "origine"]).agg(["size", "sum", "max"])
    most = min((k for n, k in rules.dominance if n == 1), default=1.0)
    told["safe"] = (told["size"] >= rules.frequency) & (told["max"] < most * told["sum"])
    cells = told.groupby(key).agg(nb_tournees=("sum", "sum"), safe=("safe", "all"))
    abroad = told["sum"][told.index.get_level_values("origine") == ABROAD].droplevel("origine")
    abroad = abroad.reindex(cells.index).fillna(0.0)
    cells["part_domicile_hors_france_pct"] = (100 * abroad / cells["nb_tournees"]).where(cells["safe"])
    size = tours.groupby([*key, "equipe_id"])["taille_equipe"].median().groupby(key).agg(["median", "count"])
    median = size["median"].where(size["count"] >= LEAST_COMPANIES)
    return cells.assign(taille_equipe_mediane=np.floor(median + 0.5))


def _keep_one_level(cells: pd.DataFrame) -> pd.DataFrame:
    """Empty the shares of the country where those of regions tell about most of the year's tours, else of regions."""
    regional = cells[cells.index.get_level_values("niveau_geo") == "region"]
    told = (regional["nb_tournees"] * regional["safe"]).groupby("periode").sum()
    mostly = told / regional["nb_tournees"].groupby("periode").sum() >= 0.5
    chosen = cells.index.get_level_values("periode").isin(mostly.index[mostly])
    kept = (cells.index.get_level_values("niveau_geo") == "region") == chosen
    cells["part_domicile_hors_france_pct"] = cells["part_domicile_hors_france_pct"].where(kept)
    return cells[["part_domicile_hors_france_pct", "taille_equipe_mediane"]]
