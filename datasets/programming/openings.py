"""Open slots: dates that a company still has to give, of projects whose owner shows them to all and consents.

The consent is that of the owner (`transparence` is `ouvert` and `consentement_open_data` is true); the calendar tells
no venue and no company all the same, and is protected as the other tables are. It looks ahead: each publication tells
the current week and those to come, and weeks that ended are taken out of it.
"""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from datasets.disclosure.certificate import Certificate
from datasets.disclosure.cubes import build_cube
from datasets.disclosure.gate import find_release
from datasets.disclosure.protection import Protection
from datasets.errors import DisclosureError
from datasets.model import Version
from datasets.programming.calculation import quarters_of
from datasets.programming.categories import DISCIPLINES
from datasets.programming.contributions import name_codes, situate
from datasets.programming.cubes import CALENDAR_CUBE, CALENDAR_ID, count_distinct
from datasets.programming.published import Stamp, published_frame
from datasets.programming.records import Records
from datasets.programming.territories import Territories
from datasets.programming.tours import STATUSES, drop_duplicates
from datasets.store.versions import DATA, VersionStore

TO_TAKE = tuple(STATUSES.index(status) for status in ("idee", "option"))
"""The states of a date that a venue may still take."""

Place = tuple[str, str, str]
"""Where slots are counted, whatever the week: niveau_geo, code_geo, discipline."""

PLACE = ("niveau_geo", "code_geo", "discipline")
WEEKS_AHEAD = 53
EPOCH = date(1970, 1, 1)


@dataclass(frozen=True)
class Openings:
    """The rows of the calendar, what protects them, and the places whose rows may count each programmer."""

    rows: pd.DataFrame
    protection: Protection | None = None
    certificate: Certificate | None = None
    places: Mapping[str, Collection[Place]] = field(default_factory=dict)


def prepare_openings(
    records: Records,
    territories: Territories,
    stamp: Stamp,
    *,
    today: date,
    seconds: float,
    seal: Callable[[Mapping[str, pd.DataFrame]], Mapping[str, bytes]],
    tell: Callable[[str], None] = lambda step: None,
) -> Openings:
    """Return the rows of `calendrier-disponibilites` from the week of `today` on, with what protects them.

    No row, and nothing to protect, when there is no slot or when no table of slots is safe.
    """
    frame = opening_contributions(records, today)
    counts = count_distinct(CALENDAR_ID, frame)
    cube = build_cube(frame, **CALENDAR_CUBE.options())

    def serve(protection: Protection) -> dict[str, pd.DataFrame]:
        return {
            CALENDAR_ID: published_frame(CALENDAR_ID, protection.serve(cube, CALENDAR_ID), counts, territories, stamp)
        }

    none = cube.cells.iloc[:0].assign(masque=False, discipline="")
    nothing = Openings(published_frame(CALENDAR_ID, none, counts, territories, stamp))
    if frame.empty:
        return nothing
    try:
        protection, served, certificate = find_release([cube], serve, seconds=seconds, seal=seal, tell=tell)
    except DisclosureError:
        return nothing
    return Openings(served[CALENDAR_ID], protection, certificate, find_places(records, frame))


def opening_contributions(records: Records, today: date) -> pd.DataFrame:
    """Return the private frame of the calendar: one row per slot from the week of `today` on (see `contributions`)."""
    dates, projects = records.dates, records.projects
    monday = (today - timedelta(days=today.weekday()) - EPOCH).days
    project = dates["projet"].to_numpy()
    owner = projects["owner"].to_numpy()[project]
    told = projects["open"].to_numpy()[project] & np.append(records.programmers["consents"].to_numpy(), False)[owner]
    day = dates["first_day"].to_numpy()
    ahead = (day >= monday) & (day < monday + 7 * WEEKS_AHEAD)
    kept = told & ahead & dates["status"].isin(TO_TAKE).to_numpy()
    slots = drop_duplicates(dates.assign(programmateur=owner)[kept]).reset_index(drop=True)
    frame = situate(records, slots.assign(trimestre=quarters_of(slots["first_day"].to_numpy())))
    frame["semaine"] = pd.Categorical(name_weeks(slots["first_day"].to_numpy()))
    frame["discipline"] = name_codes(projects["discipline"].to_numpy()[slots["projet"].to_numpy()], DISCIPLINES)
    return frame.assign(nb_creneaux=1)


def find_places(records: Records, frame: pd.DataFrame) -> dict[str, set[Place]]:
    """Return, by the name of each programmer, the places whose rows may count their slots.

    `frame`: the private frame of the calendar. A place is told with every territory that holds it.
    """
    owners = records.programmers["name"].to_numpy()[frame["programmateur_id"].to_numpy(np.int64)]
    found: dict[str, set[Place]] = {}
    for level in CALENDAR_CUBE.levels:
        code = frame[level.column].astype("str") if level.column else pd.Series("FR", index=frame.index)
        known = pd.DataFrame({"owner": owners, "code": code, "discipline": frame["discipline"].astype("str")})
        for owner, where, discipline in known[code.notna()].drop_duplicates().itertuples(index=False):
            found.setdefault(owner, set()).add((level.name, where, discipline))
    return found


def drop_places(rows: pa.Table, places: Collection[Place]) -> pa.Table:
    """Return the rows of a published calendar but those of some places, of every week.

    Whole places go, so that the weeks of whoever leaves cannot be told from what is missing; the rows that stay are as
    they were, and no sum of them gives back what went, since every territory that holds a place goes with it.
    """
    found = pd.MultiIndex.from_frame(rows.select(list(PLACE)).to_pandas())
    return rows.filter(pa.array(~found.isin(list(places)))) if places else rows


def name_weeks(days: np.ndarray) -> pd.Series:
    """Return the ISO weeks ("2026-S48") of days counted from 1970-01-01."""
    weeks = pd.Series(days.astype("datetime64[D]").astype("datetime64[s]")).dt.isocalendar()
    return weeks["year"].astype("str") + "-S" + weeks["week"].astype("str").str.zfill(2)


def trim_calendar(version: Version, store: VersionStore, today: date) -> pa.Table | None:
    """Return the rows of a published calendar without the weeks that are over; None when there is none to take out."""
    with store.open(version, DATA) as file:
        rows = pq.read_table(file)
    left = drop_past(rows.select(["periode"]).to_pandas().reset_index(), today)
    return None if len(left) == len(rows) else rows.take(left["index"].to_numpy())


def drop_past(rows: pd.DataFrame, today: date) -> pd.DataFrame:
    """Return the published rows of the calendar whose week is not over."""
    year, week, _ = today.isocalendar()
    return rows[rows["periode"] >= f"{year}-S{week:02}"].reset_index(drop=True)
