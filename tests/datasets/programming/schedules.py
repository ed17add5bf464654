"""Small random schedules over invented territories, with units planted that their cells could betray."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from datasets.programming.categories import DISCIPLINES
from datasets.programming.territories import Territories

DEPARTEMENTS = ("11", "12", "13", "21", "22")
"""Départements of the regions 1 and 2: the first digit is that of the region."""

KINDS = ("festival", "médiathèque", "SMAC")
MODES = ("voiture_moyenne", "vul_fourgon", "minibus_9")
YEAR = 2025
QUARTERS = tuple(f"{YEAR}-T{quarter}" for quarter in (1, 2, 3, 4))


@dataclass(frozen=True)
class Unit:
    """A planted unit: its venues (rows of the directory), the quarter in which it is alone (None: the year), and the
    level of the cell that it makes by itself ("": it is only a part of cells).
    """

    name: str
    venues: tuple[int, ...]
    level: str = ""
    quarter: str | None = None


@dataclass(frozen=True)
class Schedule:
    """The ten tables, what everybody knows of venues (`directory`), and what nobody should find out (`stops`, `units`).

    `directory`: code_departement, code_region, code_epci, type_lieu. `stops`: lieu, equipe, trimestre, mode:
    one row per date.
    """

    tables: Mapping[str, pd.DataFrame]
    territories: Territories
    directory: pd.DataFrame
    stops: pd.DataFrame
    units: tuple[Unit, ...]

    def write(self, folder: Path) -> Path:
        """Write the tables; return their folder."""
        for name, rows in self.tables.items():
            rows.to_csv(folder / f"{name}.csv", index=False)
        return folder


def invent_territories() -> Territories:
    """Return two regions, five départements, and three EPCI in each, one of which straddles the next département."""
    rows = []
    for place, code in enumerate(DEPARTEMENTS):
        for n in range(6):
            epci = f"2000{code}{n // 2:03}"
            if n == 5 and place + 1 < len(DEPARTEMENTS) and DEPARTEMENTS[place + 1][0] == code[0]:
                epci = f"2000{DEPARTEMENTS[place + 1]}000"
            rows.append((f"{code}00{n}", f"Bourg {code}{n}", epci, code, code[0], 3000, 44 + place + n / 10, n / 7))
    names = ["code", "nom", "code_epci", "code_departement", "code_region", "population", "lat", "lon"]
    communes = pd.DataFrame(rows, columns=names).astype(dict.fromkeys(names[:5], "str"))
    epci = communes.groupby("code_epci").first().reset_index()[["code_epci", "code_departement", "code_region"]]
    former = pd.DataFrame(columns=["code", "code_commune", "nature"], dtype="str")
    named = {"population": 9000}
    return Territories(
        communes=communes,
        epci=epci.rename(columns={"code_epci": "code"}).assign(nom=epci["code_epci"], **named),
        departements=pd.DataFrame({"code": DEPARTEMENTS, "nom": DEPARTEMENTS}, dtype="str").assign(
            code_region=[code[0] for code in DEPARTEMENTS], **named
        ),
        regions=pd.DataFrame({"code": ["1", "2"], "nom": ["Une", "Deux"]}, dtype="str").assign(**named),
        former=former,
        version="invented",
        year=YEAR,
    )


def invent_schedule(seed: int, *, modes: tuple[str, ...] = MODES) -> Schedule:
    """Return a schedule of a year, of about fifty venues; the same seed gives the same one."""
    chance = np.random.default_rng(seed)
    territories = invent_territories()
    communes = territories.communes
    commune = np.concatenate([np.arange(len(communes)), chance.integers(len(communes), size=chance.integers(15, 30))])
    venues = communes.iloc[commune].reset_index(drop=True)
    venues["type_lieu"] = chance.choice(KINDS, len(venues))
    venues["operator"] = np.arange(len(venues))
    stops = _book(chance, venues)
    units, stops = _plant(chance, venues, stops)
    stops["mode"] = chance.choice(modes, len(stops))
    directory = venues[["code_departement", "code_region", "code_epci", "type_lieu"]]
    return Schedule(_write_tables(chance, venues, stops), territories, directory, stops, units)


def _book(chance: np.random.Generator, venues: pd.DataFrame) -> pd.DataFrame:
    """Return dates: each venue has its own activity, each company its own reach."""
    size = np.ceil(chance.lognormal(1.6, 0.8, len(venues))).astype(int)
    lieu = np.repeat(np.arange(len(venues)), size)
    equipe = chance.integers(12, size=len(lieu))
    return pd.DataFrame({"lieu": lieu, "equipe": equipe, "quarter": chance.integers(4, size=len(lieu))})


def _plant(
    chance: np.random.Generator, venues: pd.DataFrame, stops: pd.DataFrame
) -> tuple[tuple[Unit, ...], pd.DataFrame]:
    """Plant the units, in places of their own; `venues` is changed in place."""
    where = venues["code_departement"].to_numpy()
    only = int(chance.choice(np.flatnonzero(where == "11")))
    venues.loc[only, "type_lieu"] = "opéra"
    epci = venues.loc[where == "12", "code_epci"].iloc[0]
    pair = np.flatnonzero(venues["code_epci"] == epci)
    stops = stops[~stops["lieu"].isin(pair[2:])]
    four = np.flatnonzero(where == "21")[:4]
    venues.loc[four, "operator"] = four[0]
    alone = int(np.flatnonzero(where == "13")[0])
    quiet = stops["lieu"].isin(np.setdiff1d(np.flatnonzero(where == "13"), alone)) & (stops["quarter"] == 2)
    stops = stops[~quiet]
    lonely = np.flatnonzero(where == "22")
    stops.loc[stops["lieu"].isin(lonely), "equipe"] = 12
    extra = {lieu: chance.integers(1, 9) for lieu in (only, *pair[:2], *four)}
    more = [(lieu, chance.integers(12), chance.integers(4)) for lieu, n in extra.items() for _ in range(n)]
    more += [(alone, chance.integers(12), 2) for _ in range(chance.integers(1, 9))]
    stops = pd.concat([stops, pd.DataFrame(more, columns=list(stops.columns))], ignore_index=True)
    units = (
        Unit("the only venue of its kind", (only,)),
        Unit("two venues in an EPCI", tuple(pair[:2].tolist()), "epci"),
        Unit("an operator with four venues", tuple(four.tolist())),
        Unit("a company alone in a département", tuple(lonely.tolist()), "departement"),
        Unit("a venue alone in a quarter", (alone,), "departement", QUARTERS[2]),
    )
    return units, stops.assign(trimestre=np.array(QUARTERS)[stops["quarter"]])


def _write_tables(chance: np.random.Generator, venues: pd.DataFrame, stops: pd.DataFrame) -> dict[str, pd.DataFrame]:
    n, lieu = len(stops), stops["lieu"].to_numpy()
    number = np.arange(n)
    within = stops.groupby(["lieu", "quarter"]).cumcount().to_numpy()
    first = np.array([f"{YEAR}-{1 + 3 * q:02}-01" for q in range(4)], dtype="datetime64[D]")
    day = first[stops["quarter"]] + within % 88
    # Every third company has a project that venues of one region co-programme; a single one joins both regions.
    project, region = stops["equipe"].to_numpy().copy(), venues["code_region"].to_numpy()[lieu]
    project[[int(np.flatnonzero(region == code)[0]) for code in "12"]] = 13
    shared = (project % 3 == 0) & (region == np.where(project % 2, "1", "2"))
    companies = np.arange(14)
    introduced = chance.integers(len(venues), size=(120, 2))
    return {
        "lieux": pd.DataFrame(
            {
                "lieu_id": [f"L{i}" for i in range(len(venues))],
                "siret": [f"{100_000_000 + each}00011" for each in venues["operator"]],
                "code_insee": venues["code"],
                "lat": venues["lat"],
                "lon": venues["lon"],
                "type_lieu": venues["type_lieu"],
            }
        ),
        "programmateurs": pd.DataFrame(
            {
                "programmateur_id": [f"P{i}" for i in range(len(venues))],
                "lieu_id": [f"L{i}" for i in range(len(venues))],
                "consentement_open_data": False,
            }
        ),
        "equipes": pd.DataFrame(
            {
                "equipe_id": [f"C{i}" for i in companies],
                "base_code_insee": "11000",
                "base_pays": "",
                "lat": 48.0 + companies / 10,
                "lon": 2.0,
            }
        ),
        "projets": pd.DataFrame(
            {
                "projet_id": [f"J{i}" for i in companies],
                "equipe_id": [f"C{i}" for i in companies],
                "discipline": np.array(DISCIPLINES)[companies % 3],
                "nb_personnes": 3,
                "volume_m3": 2,
                "transparence": "limité",
                "cree_par": "P0",
                "commentaire": "",
            }
        ),
        "tournees": pd.DataFrame(
            {
                "tournee_id": [f"T{i}" for i in number],
                "equipe_id": [f"C{i}" for i in project],
                "domicile_insee": "11000",
                "domicile_pays": "",
                "ordre_connu": True,
            }
        ),
        "dates": pd.DataFrame(
            {
                "projet_id": [f"J{i}" for i in project],
                "lieu_id": [f"L{i}" for i in lieu],
                "tournee_id": [f"T{i}" for i in number],
                "engagement_id": [f"G{i}" for i in number],
                "debut": day.astype(str),
                "fin": day.astype(str),
                "statut": "realise",
                "coprogrammee": shared | (project == 13),
            }
        ),
        "etapes": pd.DataFrame(columns=["tournee_id", "rang", "a_lieu_id", "code_insee", "type", "mode"]),
        "transports": pd.DataFrame(
            {
                "tournee_id": [f"T{i}" for i in number],
                "mode": stops["mode"],
                "quantite": 1,
                "vehicule_id": "",
                "part_volume": "",
            }
        ),
        "mises_en_relation": pd.DataFrame(
            {
                "programmateur_a": [f"P{i}" for i in introduced[:, 0]],
                "programmateur_b": [f"P{i}" for i in introduced[:, 1]],
                "projet_id": [f"J{i}" for i in chance.integers(12, size=len(introduced))],
                "horodatage": [f"{YEAR}-{1 + i % 12:02}-15T10:00:00Z" for i in range(len(introduced))],
            }
        ),
        "connexions": pd.DataFrame(
            {
                "programmateur_id": [f"P{i % len(venues)}" for i in range(4 * len(venues))],
                "horodatage": [f"{YEAR}-{1 + 3 * (i // len(venues)):02}-15T10:00:00Z" for i in range(4 * len(venues))],
            }
        ),
    }
