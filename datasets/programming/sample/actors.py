"""Venues, programmers and companies: who they are, where they are, and the defects planted on their rows.

The frames of a World hold what is true; `planted` tells which rows are written otherwise, and why.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

import numpy as np
import pandas as pd
from scipy.spatial import cKDTree

from datasets.programming.sample.places import commune_points, draw, unit_vectors
from datasets.programming.sample.sizes import EPOCH, SIZES, Bools, Floats, Ints, Size, pick, planted_count, seeded
from datasets.programming.territories import Territories

VENUE_KINDS: tuple[tuple[str, float, float, float], ...] = (
    ("théâtre municipal", 0.30, 8.4, 1.8),
    ("centre culturel", 0.20, 8.4, 1.8),
    ("festival", 0.15, 9.5, 1.5),
    ("scène conventionnée", 0.08, 33.8, 1.9),
    ("SMAC", 0.06, 11.2, 1.4),
    ("médiathèque", 0.06, 1.8, 1.4),
    ("scène nationale", 0.04, 70.8, 1.9),
    ("CDN, CCN ou CDCN", 0.04, 30.7, 3.2),
    ("opéra", 0.02, 20.0, 1.9),
    ("autre", 0.05, 5.0, 1.4),
)
"""Kind of venue, its share, its mean activity (performances), performances per engagement."""

REGION_FACTORS = {"11": 1.3, "93": 1.1, "53": 1.15, "76": 1.1, "75": 1.05}
OVERSEAS = ("01", "02", "03", "04", "06")
CORSICA = "94"
VENUE_SHARES = (0.03, 0.01)
"""Shares of the venues that are overseas, then in Corsica."""

GERS_VENUES = ("32365", "32344", "32013", "32107", "32233")
"""Communes of the first five venues; the first two are written with a code of 2018."""

CODES_OF_2018 = {"32365": "32067", "32344": "32074"}
SMALL_COMMUNES = 3
DOMINATED = "23"
"""The département where one company makes nearly all the saving."""

DOMINATED_VENUES = 4
DOMINANT_HOME = "67482"
ZERO_VENUE = "01053"
"""A commune whose code starts by 0, so that the missing zero can be planted at every size."""

ABROAD: tuple[tuple[str, str, float, float, float], ...] = (
    ("BE", "Bruxelles", 50.850300, 4.351700, 30),
    ("BE", "Liège", 50.632600, 5.579700, 8),
    ("CH", "Genève", 46.204400, 6.143200, 14),
    ("CH", "Lausanne", 46.519700, 6.632300, 6),
    ("ES", "Barcelone", 41.385100, 2.173400, 12),
    ("IT", "Turin", 45.070300, 7.686900, 9),
    ("DE", "Fribourg-en-Brisgau", 47.999000, 7.842100, 6),
    ("CA", "Montréal", 45.501900, -73.567400, 6),
    ("GB", "Londres", 51.507400, -0.127800, 4),
    ("LU", "Luxembourg", 49.611600, 6.131900, 3),
    ("PT", "Lisbonne", 38.722300, -9.139300, 2),
)
"""Country, town, lat, lon, weight of the homes abroad."""

ABROAD_SHARE = 0.124
PARIS_REGION_FACTOR = 1.8
NEIGHBOURS = 40
OPEN_SHARE, CONSENT_SHARE = 0.35, 0.60
"""Programmers who show their projects to all, and those of them who consent to open data."""

DISCIPLINES = ("théâtre", "danse", "cirque", "marionnette", "musique", "jeune public", "arts de la rue", "conte")


@dataclass(frozen=True)
class Planted:
    """Rows (numbers from 0) of `table` that carry a defect."""

    defect: str
    rows: Ints


@dataclass(frozen=True)
class World:
    """The actors of a sample, the same for every chunk.

    venues: commune (row of territories.communes), code, lat, lon, kind, weight, accepted (false: its row is
    refused). programmers: lieu (row of venues), accepted, opens (chose `ouvert`), consents (to open data).
    companies: commune (-1 abroad), lat, lon (NaN: no home), abroad (row of ABROAD or -1), effectif, weight. near:
    for each venue, rows of its nearest venues. planted: by table. today: the day (since 1970-01-01) after which
    what is planned takes place.
    """

    size: Size
    seed: int
    territories: Territories
    venues: pd.DataFrame
    programmers: pd.DataFrame
    companies: pd.DataFrame
    near: Ints
    planted: Mapping[str, tuple[Planted, ...]]
    today: int

    def company_bounds(self, block: int) -> tuple[int, int]:
        """Return the first company of a block, and the one after its last."""
        ends = np.concatenate([[0], np.cumsum(self.size.block_rows("equipes"))])
        return int(ends[block]), int(ends[block + 1])


def build_world(size: str, seed: int, territories: Territories, today: date | None = None) -> World:
    """Return the actors of a sample of `size` ("S", "M" or "L"), whose plans begin on `today` (default: its end)."""
    sizes = SIZES[size]
    points = commune_points(territories)
    venues, of_venues = _venues(sizes, seed, territories, points)
    programmers = _programmers(sizes, seed, venues)
    companies, of_companies = _companies(sizes, seed, territories, points)
    tree = cKDTree(unit_vectors(venues["lat"].to_numpy(), venues["lon"].to_numpy()))
    near = tree.query(tree.data, k=min(NEIGHBOURS, len(venues)))[1]
    planted = {"lieux": of_venues, "equipes": of_companies}
    begins = sizes.span[1] + 1 if today is None else (today - EPOCH).days
    return World(sizes, seed, territories, venues, programmers, companies, near, planted, begins)


def _venues(
    size: Size, seed: int, territories: Territories, points: Floats
) -> tuple[pd.DataFrame, tuple[Planted, ...]]:
    chance, count = seeded(seed, "lieux"), size.rows["lieux"]
    communes = territories.communes
    forced = _forced_communes(chance, territories, points)
    where = draw(chance, _venue_weights(communes, points), count)
    where[: len(forced)] = forced
    kind = draw(chance, np.array([share for _, share, _, _ in VENUE_KINDS]), count)
    activity = np.array([mean for _, _, mean, _ in VENUE_KINDS])[kind]
    weight = activity * chance.lognormal(0, 1.5, count)
    weight[communes["code_departement"].to_numpy()[where] == DOMINATED] *= 0.05
    venues = pd.DataFrame({"commune": where, "lat": points[where, 0], "lon": points[where, 1], "kind": kind})
    venues["code"] = communes["code"].to_numpy()[where]
    venues["weight"] = weight
    planted = _venue_defects(chance, territories, venues, len(forced))
    refused = next(p.rows for p in planted if p.defect == "code_inconnu")
    venues["accepted"] = ~np.isin(np.arange(count), refused)
    return venues, planted


def _forced_communes(chance: np.random.Generator, territories: Territories, points: Floats) -> Ints:
    communes = territories.communes
    row_of = pd.Series(communes.index, index=communes["code"])
    small = (communes["population"] < 200) & (communes["population"] > 0) & ~np.isnan(points[:, 0])
    tiny = pick(chance, np.flatnonzero(small), SMALL_COMMUNES)
    inside = communes[communes["code_departement"] == DOMINATED]
    largest = inside.sort_values(["population", "code"]).index[-DOMINATED_VENUES:].to_numpy()
    return np.concatenate([row_of[list(GERS_VENUES)].to_numpy(), tiny, largest, row_of[[ZERO_VENUE]].to_numpy()])


def _venue_weights(communes: pd.DataFrame, points: Floats) -> Floats:
    factor = communes["code_region"].map(REGION_FACTORS).fillna(1.0).to_numpy()
    weight = np.where(np.isnan(points[:, 0]), 0.0, communes["population"].to_numpy() ** 0.75 * factor)
    groups = (communes["code_region"].isin(OVERSEAS).to_numpy(), (communes["code_region"] == CORSICA).to_numpy())
    rest = ~groups[0] & ~groups[1]
    weight[rest] *= (1 - sum(VENUE_SHARES)) / weight[rest].sum()
    for group, share in zip(groups, VENUE_SHARES, strict=True):
        weight[group] *= share / weight[group].sum()
    return weight


def _venue_defects(
    chance: np.random.Generator, territories: Territories, venues: pd.DataFrame, forced: int
) -> tuple[Planted, ...]:
    count, code = len(venues), venues["code"].to_numpy(dtype=object)
    free = np.arange(count)
    unknown = pick(chance, free[forced:], planted_count(count, "code_inconnu"))
    old = np.setdiff1d(free[np.isin(code, former_codes(territories).index)], unknown)
    first = np.flatnonzero(np.isin(code[: len(GERS_VENUES)], list(CODES_OF_2018)))
    more = pick(chance, np.setdiff1d(old, first), max(0, planted_count(count, "code_de_2018") - len(first)))
    of_2018 = np.union1d(first, more)
    zero = np.array([text.startswith("0") for text in code])
    short = pick(chance, np.setdiff1d(free[zero], np.union1d(unknown, of_2018)), planted_count(count, "code_sans_zero"))
    region = territories.communes["code_region"].to_numpy()[venues["commune"].to_numpy()]
    metropolitan = free[~np.isin(region, OVERSEAS)]
    swapped = pick(chance, metropolitan, planted_count(count, "coordonnees_inversees"))
    comma = pick(chance, np.setdiff1d(free, swapped), planted_count(count, "coordonnees_a_virgule"))
    return (
        Planted("code_inconnu", unknown),
        Planted("code_de_2018", of_2018),
        Planted("code_sans_zero", short),
        Planted("coordonnees_inversees", swapped),
        Planted("coordonnees_a_virgule", comma),
    )


def former_codes(territories: Territories) -> pd.Series:
    """Return a code that was right before, for each commune that took the place of another one."""
    former = territories.former
    repaired = territories.place(former["code"])["reparation"] == "code_ancien"
    return former[repaired].drop_duplicates("code_commune").set_index("code_commune")["code"]


def _programmers(size: Size, seed: int, venues: pd.DataFrame) -> pd.DataFrame:
    chance, count = seeded(seed, "programmateurs"), size.rows["programmateurs"]
    where = draw(chance, np.sqrt(venues["weight"].to_numpy()), count)
    where[: len(venues)] = np.arange(len(venues))
    accepted = venues["accepted"].to_numpy()[where]
    frame = pd.DataFrame({"lieu": where, "accepted": accepted, "weight": chance.lognormal(0, 1, count)})
    opens = chance.random(count) < OPEN_SHARE
    return frame.assign(opens=opens, consents=opens & (chance.random(count) < CONSENT_SHARE))


def _companies(
    size: Size, seed: int, territories: Territories, points: Floats
) -> tuple[pd.DataFrame, tuple[Planted, ...]]:
    chance, count = seeded(seed, "equipes"), size.rows["equipes"]
    communes = territories.communes
    paris = np.where(communes["code_region"] == "11", PARIS_REGION_FACTOR, 1.0)
    weights = np.where(np.isnan(points[:, 0]), 0.0, communes["population"].to_numpy() ** 0.9 * paris)
    where = draw(chance, weights, count)
    bound = _bound_companies(size)
    abroad = np.where(chance.random(count) < ABROAD_SHARE, draw(chance, np.array([a[4] for a in ABROAD]), count), -1)
    abroad[bound.any(axis=1)] = -1
    where[bound[:, 1]] = where[np.flatnonzero(bound[:, 1]) - 1]
    where[0] = communes.index[communes["code"] == DOMINANT_HOME][0]
    where[abroad >= 0] = -1
    position = np.where(abroad[:, None] >= 0, np.array([a[2:4] for a in ABROAD])[abroad], points[where])
    homeless = pick(chance, np.flatnonzero(~bound.any(axis=1)), planted_count(count, "domicile_absent"))
    position[homeless] = np.nan
    frame = pd.DataFrame({"commune": where, "lat": position[:, 0], "lon": position[:, 1], "abroad": abroad})
    frame["effectif"] = parties(chance, count)
    frame["weight"] = chance.lognormal(0, 1, count)
    zero = communes["code"].str.startswith("0").to_numpy()[where] & (where >= 0) & ~np.isnan(position[:, 0])
    short = pick(chance, np.flatnonzero(zero), planted_count(count, "code_sans_zero_equipe"))
    return frame, (Planted("domicile_absent", homeless), Planted("code_sans_zero_equipe", short))


def _bound_companies(size: Size) -> Bools:
    """Return which companies have a home that matters: the dominant one and the first, the second of each pair."""
    bound = np.zeros((size.rows["equipes"], 2), dtype=bool)
    bound[0, 0] = True
    start = 0
    for companies in size.block_rows("equipes").tolist():
        for pair in range(pairs_of(companies)):
            bound[start + 2 + 2 * pair, 0] = bound[start + 3 + 2 * pair, 1] = True
        start += companies
    return bound


def pairs_of(companies: int) -> int:
    """Return how many pairs of companies that share vehicles a block of companies has; they are 2 and 3, 4 and 5…"""
    return max(1, companies // 100)


def parties(chance: np.random.Generator, count: int) -> Ints:
    """Return numbers of people: 1–4 for 55 %, 5–8 for 30 %, 9–15 for 11 %, 16–60 for 4 %."""
    low, high = np.array([1, 5, 9, 16]), np.array([4, 8, 15, 60])
    group = draw(chance, np.array([0.55, 0.30, 0.11, 0.04]), count)
    return low[group] + np.floor(chance.random(count) * (high - low + 1)[group]).astype(np.int64)
