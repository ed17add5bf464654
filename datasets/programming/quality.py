"""What the published figures cover: the rows of `qualite-couverture`, one per quarter and year."""

from collections.abc import Mapping
from datetime import date

import numpy as np
import pandas as pd

from datasets.programming.calculation import Calculation
from datasets.programming.components import DECLARED, DEFAULT
from datasets.programming.cubes import SAVINGS_ID
from datasets.programming.published import Stamp
from datasets.programming.records import Records
from datasets.programming.report import REPAIRED

QUALITY_ID = "qualite-couverture"


def quality_frame(
    calculation: Calculation, records: Records, served: Mapping[str, pd.DataFrame], stamp: Stamp
) -> pd.DataFrame:
    """Return the rows of `qualite-couverture`, from the tours and the protected cells.

    A quarter whose national cell is hidden shows no count of tours, nor does its year. The weeks of the calendar
    count in the quarter of their Thursday.
    """
    cells = pd.concat([rows[["periode", "masque"]] for rows in served.values()])
    cells["periode"] = cells["periode"].map({period: quarter_of(period) for period in cells["periode"].unique()})
    counted = cells.groupby("periode")["masque"].agg(["size", "sum"]).astype(np.float64)
    frame = _count_tours(calculation, served[SAVINGS_ID]).reindex(sorted(counted.index))
    frame["nb_cellules"], frame["nb_cellules_masquees"] = counted["size"], counted["sum"]
    frame["part_cellules_masquees_pct"] = 100 * frame["nb_cellules_masquees"] / frame["nb_cellules"]
    report = records.report
    return stamp.put(
        frame.rename_axis("periode")
        .reset_index()
        .assign(
            nb_lignes_lues=report.rows.total(),
            nb_valeurs_reparees=report.total_of(REPAIRED),
            nb_lignes_refusees=report.refused.total(),
        )
    )


def quarter_of(period: str) -> str:
    """Return the quarter of an ISO week ("2026-S48" → "2026-T4"); another period is left as it is."""
    year, _, week = period.partition("-S")
    if not week:
        return period
    thursday = date.fromisocalendar(int(year), int(week), 4)
    return f"{thursday.year}-T{(thursday.month + 2) // 3}"


def _count_tours(calculation: Calculation, savings: pd.DataFrame) -> pd.DataFrame:
    """Return the tours of each quarter and year whose national cells are all shown, and the shares among them."""
    tours = calculation.tours
    flags = pd.DataFrame(
        {
            "nb_tournees": True,
            "nb_tournees_sans_calcul": ~tours["computed"],
            "part_donnees_declarees_pct": tours["transport"] == DECLARED,
            "part_transport_par_defaut_pct": tours["transport"] == DEFAULT,
            "part_ordre_inconnu_pct": ~tours["order_known"],
        }
    ).astype(np.float64)
    quarter = tours["trimestre"].astype("str")
    frame = pd.concat([flags.groupby(quarter).sum(), flags.groupby(quarter.str[:4]).sum()])
    for name in frame.columns[2:]:
        frame[name] = 100 * frame[name] / frame["nb_tournees"]
    shown = set(savings.loc[(savings["niveau_geo"] == "pays") & ~savings["masque"].to_numpy(bool), "periode"])
    untold = {period for period in frame.index if period not in shown}
    untold |= {period[:4] for period in untold}
    frame.loc[frame.index.isin(untold)] = np.nan
    return frame
