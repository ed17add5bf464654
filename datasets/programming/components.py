"""Transport lines of tours: the declared ones, the shared vehicles, and the defaults when a tour does not say."""

import numpy as np
import numpy.typing as npt
import pandas as pd

from datasets.programming.factors import MODES, PARTY_DEFAULTS, PLANE, SET_DEFAULTS
from datasets.programming.savings import NO_MODE
from datasets.programming.tours import Tours

DECLARED, DEFAULT, UNKNOWN = TRANSPORT_DATA = ("declare", "defaut", "inconnu")
"""Where the transport of a tour comes from; an unknown one means no calculation."""

COLUMNS = {"tour": np.int64, "mode": np.int64, "far_mode": np.int64, "quantity": np.float64, "share": np.float64}

Texts = npt.NDArray[np.object_]


def build_components(
    tours: Tours, transports: pd.DataFrame, projects: pd.DataFrame, steps: pd.DataFrame
) -> tuple[pd.DataFrame, Texts]:
    """Return the components of every tour (see `savings.compute_savings`) and, by tour, where they come from."""
    numbers = pd.DataFrame({"tour": np.arange(len(tours.homes)), "tournee": tours.homes["tournee"].to_numpy()})
    declared = numbers.merge(transports, on="tournee").sort_values("tour", kind="stable")
    declared["share"] = share_vehicles(declared, tours.stops)
    has_line = np.bincount(declared["tour"].to_numpy(np.int64), minlength=len(numbers)) > 0
    supposed = suppose_transports(tours.stops, projects, ~has_line)
    has_default = np.bincount(supposed["tour"].to_numpy(np.int64), minlength=len(numbers)) > 0
    origin = np.where(has_line, DECLARED, np.where(has_default, DEFAULT, UNKNOWN)).astype(object)
    declared["far_mode"] = _far_modes(declared, steps)
    lines = pd.concat([declared[list(COLUMNS)], supposed[list(COLUMNS)]], ignore_index=True).astype(COLUMNS)
    return lines.sort_values("tour", kind="stable", ignore_index=True), origin


def share_vehicles(lines: pd.DataFrame, stops: pd.DataFrame) -> npt.NDArray[np.float64]:
    """Return each line's part of its vehicle's path (rule 9), 1 for a vehicle that one tournee alone declares.

    A part of the volume counts as declared, reduced when those of tours that overlap exceed the whole; without any,
    the tours that overlap have equal parts.
    """
    spans = stops.groupby("tour").agg(start=("first_day", "min"), end=("last_day", "max"))
    used = lines.loc[lines["vehicle"] >= 0, ["tour", "tournee", "vehicle", "part_volume"]].join(spans, on="tour")
    shared = used[used.groupby("vehicle")["tournee"].transform("nunique") > 1]
    shared = shared.sort_values(["vehicle", "start", "tour"], kind="stable")
    until = shared.groupby("vehicle")["end"].cummax().shift(fill_value=0)
    apart = (shared["vehicle"] != shared["vehicle"].shift()) | (shared["start"] > until)
    together = np.cumsum(apart.to_numpy())
    part = shared["part_volume"].where(shared["part_volume"] > 0)
    declared = part.groupby(together).transform("sum").clip(lower=1)
    equal = 1 / part.groupby(together).transform("size")
    share = (part / declared).astype(np.float64).fillna(equal).reindex(lines.index).fillna(1.0)
    return np.asarray(share, dtype=np.float64)


def suppose_transports(stops: pd.DataFrame, projects: pd.DataFrame, wanted: npt.NDArray[np.bool_]) -> pd.DataFrame:
    """Return the default lines of the tours `wanted`, from the largest party and set of their projects."""
    rows = stops[wanted[stops["tour"].to_numpy()]]
    needs = projects[["nb_personnes", "volume_m3"]].take(rows["projet"].to_numpy()).set_axis(rows.index)
    largest = needs.groupby(rows["tour"].to_numpy()).max()
    party, volume = largest["nb_personnes"].to_numpy(), largest["volume_m3"].fillna(0).to_numpy()
    known = party > 0
    limits, modes = zip(*PARTY_DEFAULTS, strict=True)
    band = np.minimum(np.searchsorted(limits, party[known]), len(limits) - 1)
    people = pd.DataFrame({"tour": largest.index[known], "mode": np.array([MODES.index(mode) for mode in modes])[band]})
    people["quantity"] = np.maximum(1.0, np.ceil(party[known] / limits[-1]))
    sizes, carriers = zip(*SET_DEFAULTS, strict=True)
    carrier = np.array([NO_MODE if mode is None else MODES.index(mode) for mode in carriers])
    carried = pd.DataFrame({"tour": largest.index, "mode": carrier[np.searchsorted(sizes, volume)], "quantity": 1.0})
    lines = pd.concat([people, carried[(carried["mode"] != NO_MODE) & known]], ignore_index=True)
    return lines.assign(far_mode=NO_MODE, share=1.0)


def _far_modes(lines: pd.DataFrame, steps: pd.DataFrame) -> npt.NDArray[np.int64]:
    """Return the plane for travellers' lines of tours that declare a leg by plane: never invent one (rule 6)."""
    flown = steps.loc[steps["mode"] == MODES.index(PLANE), "tournee"].unique()
    by_head = np.isin(lines["mode"], [MODES.index(mode) for mode in TRAVELLED])
    return np.where(by_head & lines["tournee"].isin(flown).to_numpy(), MODES.index(PLANE), NO_MODE)


TRAVELLED = ("tgv", "intercites", "ter", "autocar")
"""Modes of travellers that a plane may replace on far legs."""
