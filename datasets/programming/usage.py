"""Use of the platform: dates, sign-ins and introductions, each at its venue, in its quarter; projects in common."""

import numpy as np
import pandas as pd

from datasets.programming.calculation import quarters_of
from datasets.programming.records import Records

EVENTS = ("nb_dates", "nb_dates_coprogrammees", "nb_connexions", "nb_mises_en_relation")
"""What is counted; the sum over rows is the count of a territory and a period."""

NUMBERS = ("equipe", "projet", "programmateur", "autre_lieu")


def usage_rows(records: Records, stops: pd.DataFrame) -> pd.DataFrame:
    """Return the rows of `stops` (see `Calculation.stops`), then those of the sign-ins, introductions and pairs.

    Columns: lieu, equipe, projet, programmateur, autre_lieu (-1: none), trimestre, EVENTS, nb_couples. A programmer's
    events are placed at the programmer's venue; an introduction belongs to the one who made it, and leads to the venue
    of the other. nb_couples counts pairs of venues that had a project in common (see `pair_venues`).
    """
    performed = stops[["lieu", "equipe", "projet", "trimestre", "nb_dates", "nb_dates_coprogrammees"]]
    parts = [
        performed.assign(trimestre=performed["trimestre"].astype("str")),
        _count_log(records, records.connections, ["programmateur"], "nb_connexions"),
        _count_introductions(records),
        pair_venues(stops),
    ]
    rows = pd.concat(parts, ignore_index=True)
    rows["trimestre"] = pd.Categorical(rows["trimestre"], ordered=True)
    for column in NUMBERS:
        rows[column] = rows[column].fillna(-1).astype(np.int32)
    counted = dict.fromkeys((*EVENTS, "nb_couples"), 0)
    return rows.fillna(counted).astype(dict.fromkeys(counted, np.int64))


def pair_venues(stops: pd.DataFrame) -> pd.DataFrame:
    """Return the pairs of venues that co-programmed a project in the same year, one row per pair, project and year.

    A pair stands in the quarter when its second venue began, at that venue: nobody is added to a cell without acting.
    """
    shared = stops[stops["nb_dates_coprogrammees"] > 0]
    year = shared["trimestre"].astype("str").str[:4]
    began = shared.assign(annee=year).groupby(["projet", "annee", "lieu", "equipe"], as_index=False)["first_day"].min()
    pairs = began.merge(began, on=["projet", "annee", "equipe"], suffixes=("", "_b"))
    after = pairs["first_day"] > pairs["first_day_b"]
    pairs = pairs[after | ((pairs["first_day"] == pairs["first_day_b"]) & (pairs["lieu"] > pairs["lieu_b"]))]
    return pd.DataFrame(
        {
            "lieu": pairs["lieu"].to_numpy(),
            "autre_lieu": pairs["lieu_b"].to_numpy(),
            "equipe": pairs["equipe"].to_numpy(),
            "projet": pairs["projet"].to_numpy(),
            "trimestre": quarters_of(pairs["first_day"].to_numpy()).astype("str"),
            "nb_couples": 1,
        }
    )


def _count_introductions(records: Records) -> pd.DataFrame:
    rows = _count_log(
        records, records.introductions, ["programmateur", "other", "projet"], "nb_mises_en_relation"
    ).rename(columns={"other": "autre_lieu"})
    other, project = rows["autre_lieu"].to_numpy(), rows["projet"].to_numpy()
    rows["autre_lieu"] = np.append(records.programmers["lieu"].to_numpy(), -1)[other]
    rows["equipe"] = np.append(records.projects["equipe"].to_numpy(), -1)[project]
    return rows


def _count_log(records: Records, log: pd.DataFrame, by: list[str], name: str) -> pd.DataFrame:
    """Return how many events of a log there are by quarter and by the columns `by`, at the programmer's venue."""
    quarter = pd.Series(quarters_of(log["day"].to_numpy()).astype("str"), index=log.index, name="trimestre")
    rows = log["number"].groupby([*(log[column] for column in by), quarter]).sum().rename(name).reset_index()
    return rows.assign(lieu=records.programmers["lieu"].to_numpy()[rows["programmateur"].to_numpy()])
