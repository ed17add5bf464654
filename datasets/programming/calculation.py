"""Records become figures: one row per stop, with its tour's savings shared out, its place and its period."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from datasets.programming.components import build_components
from datasets.programming.legs import trace_legs
from datasets.programming.records import Records
from datasets.programming.savings import compute_savings
from datasets.programming.tours import REALISED, Tours, build_tours

FIGURES = (
    "contrefactuel",
    "reel",
    "economie_brute",
    "economie_attribuable",
    "incertitude_facteur",
    "km_contrefactuel",
    "km_reel",
)
"""The figures of a stop: kgCO2e, then km."""


@dataclass(frozen=True)
class Calculation:
    """The stops of all tours, placed and computed.

    `stops`: tour, equipe, projet, lieu, first_day, nb_dates, nb_dates_coprogrammees, the FIGURES (NaN without
    calculation) and trimestre ("2026-T3"). `tours`: the columns of `savings.Savings.tours`, with order_known,
    abroad (whether the home is), transport (see components.TRANSPORT_DATA), trimestre (of the first stop) and computed.
    """

    stops: pd.DataFrame
    tours: pd.DataFrame


def calculate(records: Records) -> Calculation:
    """Build the tours of `records` and compute their savings; note the duplicates in the report."""
    venues = records.venues
    tours = build_tours(records.dates, records.tournees, venues, records.steps)
    _note_duplicates(records, tours)
    components, transport = build_components(tours, records.transports, records.projects, records.steps)
    legs = trace_legs(tours.nodes, tours.homes)
    found = compute_savings(legs, components, tours=len(tours.homes), stops=len(tours.stops))
    stops = tours.stops.drop(columns=["tournee", "engagement", "last_day", "coprogrammed"])
    stops = stops.assign(**{name: found.stops[name] for name in FIGURES})
    stops["trimestre"] = quarters_of(stops["first_day"].to_numpy())
    per_tour = found.tours.assign(
        order_known=tours.homes["order_known"].to_numpy(),
        abroad=tours.homes["abroad"].to_numpy(),
        transport=transport,
        computed=found.tours["contrefactuel"].notna().to_numpy(),
        trimestre=stops.groupby("tour")["trimestre"].first().to_numpy(),
    )
    return Calculation(stops, per_tour)


def quarters_of(days: npt.NDArray[np.int32]) -> pd.Categorical:
    """Return the quarters ("2026-T3") of days counted from 1970-01-01, as an ordered categorical."""
    months = days.astype("datetime64[D]").astype("datetime64[M]").astype(np.int64)
    numbers, codes = np.unique(months // 3, return_inverse=True)
    names = pd.Index([f"{1970 + number // 4}-T{number % 4 + 1}" for number in numbers.tolist()], dtype="str")
    return pd.Categorical.from_codes(codes, names, ordered=True)


def _note_duplicates(records: Records, tours: Tours) -> None:
    realised = int((records.dates["status"] == REALISED).sum())
    repeated = realised - int(tours.stops["nb_dates"].sum())
    if repeated:
        records.report.note("doublon", "dates", "debut", [], [], number=repeated)
