"""Use of the platform: dates, sign-ins and introductions, each at its venue, in its quarter."""

import numpy as np
import pandas as pd

from datasets.programming.calculation import quarters_of
from datasets.programming.records import Records

EVENTS = ("nb_dates", "nb_dates_coprogrammees", "nb_connexions", "nb_mises_en_relation")
"""What is counted; the sum over rows is the count of a territory and a period."""


def usage_rows(records: Records, stops: pd.DataFrame) -> pd.DataFrame:
    """Return one row per stop, then one per programmer and quarter with sign-ins or introductions.

    Columns: lieu, equipe, projet, programmateur (-1: none), trimestre, EVENTS. `stops` as `Calculation.stops`. A
    programmer's events are placed at the programmer's venue; an introduction belongs to the one who made it.
    """
    performed = stops[["lieu", "equipe", "projet", "trimestre", "nb_dates", "nb_dates_coprogrammees"]]
    logs = {"nb_connexions": records.connections, "nb_mises_en_relation": records.introductions}
    counted = [_by_quarter(log).rename(name) for name, log in logs.items()]
    together = pd.concat(counted, axis=1).fillna(0).reset_index()
    together["lieu"] = records.programmers["lieu"].to_numpy()[together["programmateur"].to_numpy()]
    parts = [performed.assign(trimestre=performed["trimestre"].astype("str")), together]
    rows = pd.concat(parts, ignore_index=True)
    rows["trimestre"] = pd.Categorical(rows["trimestre"], ordered=True)
    for column in ("equipe", "projet", "programmateur"):
        rows[column] = rows[column].fillna(-1).astype(np.int32)
    return rows.fillna(dict.fromkeys(EVENTS, 0)).astype(dict.fromkeys(EVENTS, np.int64))


def _by_quarter(log: pd.DataFrame) -> pd.Series:
    quarters = quarters_of(log["day"].to_numpy()).astype("str")
    return log["number"].groupby([log["programmateur"], pd.Series(quarters, index=log.index, name="trimestre")]).sum()
