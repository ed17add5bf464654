"""The expected truth: what the published quantities must be, per territory, quarter and year."""

from collections.abc import Iterable
from datetime import datetime
from zoneinfo import ZoneInfo

import numpy as np
import pandas as pd

from datasets.programming.sample.actors import DOMINATED, World
from datasets.programming.sample.figures import MEASURES
from datasets.programming.sample.sizes import Bools, Floats, Ints
from datasets.programming.territories import COUNTRY

PARIS = ZoneInfo("Europe/Paris")
LEVELS = ("pays", "region", "departement", "epci")
COUNTS = (
    *("nb_tournees", "nb_tournees_sans_calcul", "nb_lieux_actifs", "nb_programmateurs_actifs", "nb_projets"),
    *("nb_projets_coprogrammes", "nb_connexions", "nb_mises_en_relation"),
)
"""The quantities beside MEASURES; those that count distinct things cannot be added over time."""

ADDITIVE = (*MEASURES, "nb_connexions", "nb_mises_en_relation")


class Expected:
    """Adds up what each chunk brings. A cell is (territory, period); periods are quarters, then years."""

    def __init__(self, world: World) -> None:
        self.world = world
        low, high = (np.datetime64(day, "D") for day in world.size.span)
        months = np.arange(low.astype("datetime64[M]"), high.astype("datetime64[M]") + 1).astype(np.int64)
        self.quarters = np.unique(months // 3)
        self.years = np.unique(months // 12)
        self.places, self.territories = _territories(world)
        self.cells = {name: np.zeros(self._shape) for name in (*MEASURES, *COUNTS)}
        self.open_venues = np.zeros((len(world.venues), self._shape[1]), dtype=bool)
        self.active = np.zeros((len(world.programmers), self._shape[1]), dtype=bool)
        self.in_dominated: dict[int, float] = {}

    @property
    def _shape(self) -> tuple[int, int]:
        return len(self.territories), len(self.quarters) + len(self.years)

    def add_stops(self, figures: pd.DataFrame) -> None:
        """Add the stops of a block, as `figures.block_figures` returns them."""
        venue = figures["venue"].to_numpy()
        computed, together = figures["computed"].to_numpy(), figures["coprogrammed"].to_numpy()
        for period in self._periods_of_days(figures["day"].to_numpy()):
            self.open_venues[venue, period] = True
            for measure in MEASURES:
                self._add(measure, venue, period, figures[measure].to_numpy(dtype=np.float64))
            for name, kept, what in (
                ("nb_tournees", computed, "tour"),
                ("nb_tournees_sans_calcul", ~computed, "tour"),
                ("nb_projets", np.ones(len(venue), dtype=bool), "project"),
                ("nb_projets_coprogrammes", together, "project"),
            ):
                self._add_distinct(name, venue[kept], period[kept], figures[what].to_numpy()[kept])
        self._weigh_dominated(figures)

    def add_visits(self, who: Ints, seconds: Ints) -> None:
        """Add a chunk of `connexions`."""
        self._add_instants("nb_connexions", who, seconds, self.active)

    def add_contacts(self, who: Ints, seconds: Ints) -> None:
        """Add a chunk of `mises_en_relation`, placed at its first programmer."""
        self._add_instants("nb_mises_en_relation", who, seconds, None)

    def frame(self) -> pd.DataFrame:
        """Return one row per period and territory where something happened."""
        self._count_actors("nb_lieux_actifs", np.arange(len(self.open_venues)), self.open_venues)
        self._count_actors("nb_programmateurs_actifs", self.world.programmers["lieu"].to_numpy(), self.active)
        names = [f"{1970 + q // 4}-T{1 + q % 4}" for q in self.quarters] + [str(1970 + y) for y in self.years]
        territory, period = np.indices(self._shape).reshape(2, -1)
        frame = self.territories.iloc[territory].reset_index(drop=True)
        frame.insert(0, "periode", np.array(names, dtype=object)[period])
        for name, values in self.cells.items():
            frame[name] = values.ravel().astype(np.int64) if name.startswith("nb_") else values.ravel()
        return frame[(frame[list(self.cells)] != 0).any(axis=1)].sort_values(
            ["periode", "niveau_geo", "code_geo"], ignore_index=True
        )

    @property
    def dominance(self) -> float:
        """The part of the saving of the dominated département made by its first contributor."""
        values = np.array(list(self.in_dominated.values()))
        return float(values.max() / values.sum()) if len(values) else 0.0

    def _weigh_dominated(self, figures: pd.DataFrame) -> None:
        codes = self.world.territories.communes["code_departement"].to_numpy()
        inside = codes[self.world.venues["commune"].to_numpy()[figures["venue"].to_numpy()]] == DOMINATED
        for company, saving in figures[inside].groupby("company")["economie_brute_kgco2e"].sum().items():
            self.in_dominated[int(company)] = float(saving)

    def _periods_of_days(self, days: Ints) -> Iterable[Ints]:
        months = days.astype("datetime64[D]").astype("datetime64[M]").astype(np.int64)
        yield np.searchsorted(self.quarters, months // 3)
        yield len(self.quarters) + np.searchsorted(self.years, months // 12)

    def _periods_of_instants(self, seconds: Ints) -> Iterable[Ints]:
        for units, months, shift in ((self.quarters, 3, 0), (self.years, 12, len(self.quarters))):
            begins = np.array([_paris_midnight(int(unit) * months) for unit in units])
            yield shift + np.searchsorted(begins, seconds, side="right") - 1

    def _add(self, name: str, venue: Ints, period: Ints, values: Floats) -> None:
        territories, periods = self._shape
        for place in self.places[venue].T:
            cell = place * periods + period
            known = place >= 0
            self.cells[name] += np.bincount(cell[known], values[known], territories * periods).reshape(self._shape)

    def _add_distinct(self, name: str, venue: Ints, period: Ints, what: Ints) -> None:
        territories, periods = self._shape
        for place in self.places[venue].T:
            known = place >= 0
            cell = place[known] * periods + period[known]
            once = np.unique(what[known] * (territories * periods) + cell) % (territories * periods)
            self.cells[name] += np.bincount(once, minlength=territories * periods).reshape(self._shape)

    def _add_instants(self, name: str, who: Ints, seconds: Ints, marks: Bools | None) -> None:
        kept = self.world.programmers["accepted"].to_numpy()[who]
        who, seconds = who[kept], seconds[kept]
        for period in self._periods_of_instants(seconds):
            self._add(name, self.world.programmers["lieu"].to_numpy()[who], period, np.ones(len(who)))
            if marks is not None:
                marks[who, period] = True

    def _count_actors(self, name: str, venue: Ints, marks: Bools) -> None:
        self.cells[name][:] = 0
        for place in self.places[venue].T:
            known = place >= 0
            np.add.at(self.cells[name], place[known], marks[known])


def _territories(world: World) -> tuple[Ints, pd.DataFrame]:
    """Return, for each venue, its territory at each level (-1: none); and all territories that hold a venue."""
    communes = world.territories.communes.iloc[world.venues["commune"].to_numpy()]
    columns, frames, count = [], [], 0
    for level in LEVELS:
        codes = communes[f"code_{level}"] if level != "pays" else pd.Series(COUNTRY, index=communes.index, dtype="str")
        numbers, distinct = pd.factorize(codes, sort=True)
        columns.append(np.where(numbers < 0, -1, numbers + count))
        frames.append(pd.DataFrame({"niveau_geo": level, "code_geo": distinct}))
        count += len(distinct)
    return np.column_stack(columns), pd.concat(frames, ignore_index=True)


def _paris_midnight(month: int) -> int:
    return int(datetime(1970 + month // 12, 1 + month % 12, 1, tzinfo=PARIS).timestamp())
