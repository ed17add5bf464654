"""The expected truth of the tables divided by categories: by mode, discipline, kind of venue, pair of regions, class.

Beside `expected`, which tells territories and periods. One row per cell and quantity, of a year or of a week:
jeu, periode, niveau_geo, code_geo, categorie (joined by ×), mesure, valeur.
"""

from collections.abc import Sequence
from datetime import date, timedelta

import numpy as np
import pandas as pd

from datasets.programming.sample.actors import DISCIPLINES, VENUE_KINDS, World
from datasets.programming.sample.blocks import Block
from datasets.programming.sample.figures import MEASURES
from datasets.programming.sample.journeys import PLANNED
from datasets.programming.sample.loads import MODE_NAMES
from datasets.programming.sample.sizes import EPOCH, Ints
from datasets.programming.territories import COUNTRY

CELL = ["jeu", "periode", "niveau_geo", "code_geo", "categorie"]
KILOMETRES, LENGTHS = (0, 250, 1000, 3000), (1, 2, 4, 7)
KILOMETRE_NAMES = ("moins de 250 km", "250 à 1 000 km", "1 000 à 3 000 km", "3 000 km et plus")
LENGTH_NAMES = ("1", "2 ou 3", "4 à 6", "7 et plus")


class ExpectedTables:
    """Adds up what each block and each chunk of a log brings."""

    def __init__(self, world: World) -> None:
        self.world = world
        communes = world.territories.communes.iloc[world.venues["commune"].to_numpy()].reset_index(drop=True)
        self.places = {
            "pays": pd.Series(COUNTRY, index=communes.index),
            "region": communes["code_region"].astype(object),
            "departement": communes["code_departement"].astype(object),
        }
        self.kinds = np.array([kind for kind, *_ in VENUE_KINDS], dtype=object)[world.venues["kind"].to_numpy()]
        self.open_venues: set[tuple[int, str]] = set()
        self.found: list[pd.Series] = []

    def add_stops(self, figures: pd.DataFrame) -> None:
        """Add the stops of a block, as `figures.block_figures` returns them."""
        stops = figures.assign(
            periode=1970 + figures["day"].to_numpy().astype("datetime64[D]").astype("datetime64[Y]").astype(int)
        )
        stops["periode"] = stops["periode"].astype(str)
        self.open_venues |= set(zip(stops["venue"], stops["periode"], strict=True))
        computed = stops[stops["computed"]]
        modes = computed.assign(categorie=np.array(MODE_NAMES, dtype=object)[computed["mode"].astype(int)])
        disciplines = stops.assign(categorie=np.array(DISCIPLINES, dtype=object)[stops["discipline"]])
        for name, rows in (("economies-ges-par-mode", modes), ("economies-ges-par-discipline", disciplines)):
            for level in ("pays", "region"):
                placed = self._place(rows, name, level, rows["venue"])
                self._sum(placed, MEASURES)
                told = placed[placed["computed"]].drop_duplicates([*CELL, "tour"]).assign(nb_tournees=1)
                self._sum(told, ("nb_tournees",))
        self._add_tours(computed)
        self._add_common(stops[stops["coprogrammed"]])

    def _add_tours(self, stops: pd.DataFrame) -> None:
        """Add the tours, each in the region of most of its stops and the year of the first one."""
        region = self.places["region"].to_numpy()[stops["venue"].to_numpy()]
        tours = stops.groupby("tour").agg(
            day=("day", "min"), stops=("day", "size"), km=("distance_reelle_km", "sum"), company=("company", "first")
        )
        counts = stops.assign(region=region).groupby(["tour", "region"]).size().rename("here").reset_index()
        counts = counts.sort_values(["tour", "here", "region"], ascending=[True, False, True])
        tours["region"] = counts.drop_duplicates("tour").set_index("tour")["region"]
        length = np.searchsorted(LENGTHS, tours["stops"], side="right") - 1
        distance = np.searchsorted(KILOMETRES, tours["km"], side="right") - 1
        tours["categorie"] = [f"{LENGTH_NAMES[a]}×{KILOMETRE_NAMES[b]}" for a, b in zip(length, distance, strict=True)]
        tours["periode"] = [str(_day(day).year) for day in tours["day"]]
        tours["abroad"] = self.world.companies["abroad"].to_numpy()[tours["company"]] >= 0
        for level, code in (("pays", COUNTRY), ("region", tours["region"])):
            placed = tours.assign(jeu="tournees-agregees", niveau_geo=level, code_geo=code, nb_tournees=1)
            self._sum(placed.assign(nb_hors_france=placed["abroad"].astype(int)), ("nb_tournees", "nb_hors_france"))

    def _add_common(self, stops: pd.DataFrame) -> None:
        """Add the projects that two venues co-programmed in one year, once for each pair of their regions."""
        region, found = self.places["region"].to_numpy(), []
        several = stops.groupby(["project", "periode"])["venue"].agg(lambda venues: sorted(set(venues)))
        several = several[several.map(len) > 1]
        for year, venues in zip(several.index.get_level_values("periode"), several, strict=True):
            pairs = {_pair(region[a], region[b]) for n, a in enumerate(venues) for b in venues[n + 1 :]}
            found += [(year, pair) for pair in sorted(pairs)]
        rows = pd.DataFrame(found, columns=["periode", "categorie"])
        rows = rows.assign(jeu="flux-cooperation-regions", niveau_geo="pays", code_geo=COUNTRY, nb_projets_communs=1)
        self._sum(rows, ("nb_projets_communs",))

    def add_contacts(self, one: Ints, other: Ints, seconds: Ints) -> None:
        """Add a chunk of `mises_en_relation`: its instants end before midnight in Paris, a year ends in it."""
        kept = self.world.programmers["accepted"].to_numpy()[one]
        region = self.places["region"].to_numpy()[self.world.programmers["lieu"].to_numpy()]
        moments = pd.to_datetime(seconds[kept], unit="s", utc=True).tz_convert("Europe/Paris")
        pairs = [_pair(a, b) for a, b in zip(region[one[kept]], region[other[kept]], strict=True)]
        rows = pd.DataFrame({"categorie": pairs, "periode": moments.year.astype(str)})
        rows = rows.assign(jeu="flux-cooperation-regions", niveau_geo="pays", code_geo=COUNTRY, nb_mises_en_relation=1)
        self._sum(rows, ("nb_mises_en_relation",))

    def add_plans(self, block: Block) -> None:
        """Add the dates still to be taken, from today on, of projects whose owner shows them and consents."""
        stop, world = block.date_stop, self.world
        stops = block.journeys.stops.iloc[stop].reset_index(drop=True)
        begins = np.r_[True, stop[1:] != stop[:-1]]
        day = stops["first"].to_numpy() + np.arange(len(stop)) - np.flatnonzero(begins)[np.cumsum(begins) - 1]
        project = block.loads.project[stops["tour"].to_numpy()]
        owner = block.loads.projects["owner"].to_numpy()[project]
        refused = np.zeros(len(stop), dtype=bool)
        refused[block.rows("dates", "fin_avant_debut")] = True
        monday = world.today - (world.today + 3) % 7
        kept = world.programmers["consents"].to_numpy()[owner] & np.isin(stops["status"], PLANNED[1:]) & ~refused
        kept &= (day >= monday) & world.venues["accepted"].to_numpy()[stops["venue"]]
        rows = pd.DataFrame({"venue": stops["venue"][kept], "project": project[kept]})
        rows["periode"] = ["{}-S{:02}".format(*_day(each).isocalendar()) for each in day[kept]]
        rows["categorie"] = np.array(DISCIPLINES, dtype=object)[
            block.loads.projects["discipline"].to_numpy()[project[kept]]
        ]
        for level in self.places:
            placed = self._place(rows, "calendrier-disponibilites", level, rows["venue"])
            self._sum(placed.assign(nb_creneaux=1), ("nb_creneaux",))
            self._sum(placed.drop_duplicates([*CELL, "project"]).assign(nb_projets_ouverts=1), ("nb_projets_ouverts",))

    def frame(self) -> pd.DataFrame:
        """Return the truth, one row per cell and quantity."""
        venues = pd.DataFrame(sorted(self.open_venues), columns=["venue", "periode"]).assign(nb_lieux=1)
        venues["categorie"] = self.kinds[venues["venue"]]
        for level in self.places:
            self._sum(self._place(venues, "parc-lieux-par-type", level, venues["venue"]), ("nb_lieux",))
        total = pd.concat(self.found).groupby(level=[*CELL, "mesure"]).sum()
        return total.rename("valeur").reset_index()

    def _place(self, rows: pd.DataFrame, name: str, level: str, venue: pd.Series) -> pd.DataFrame:
        return rows.assign(jeu=name, niveau_geo=level, code_geo=self.places[level].to_numpy()[venue.to_numpy()])

    def _sum(self, rows: pd.DataFrame, measures: Sequence[str]) -> None:
        sums = rows.astype(dict.fromkeys(measures, float)).groupby(CELL)[list(measures)].sum()
        self.found.append(pd.Series(sums.rename_axis(columns="mesure").stack()))


def _day(number: int) -> date:
    return EPOCH + timedelta(days=int(number))


def _pair(one: str, other: str) -> str:
    return "×".join(sorted((one, other)))
