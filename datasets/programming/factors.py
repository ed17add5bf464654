"""Emission factors: kgCO2e per unit and kilometre, with source, version and validity; read once from factors.csv.

The published perimeter is `usage` = upstream + combustion (+ contrails for planes). A factor never changes: a new
value is a new line with a new version, and `FACTORS_VERSION` moves. The table is documented in docs/ges-method.md.
"""

import csv
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.resources import files
from types import MappingProxyType

METHOD_VERSION = "1.0"
"""The version of the method of docs/ges-method.md, carried by every published row."""

FACTORS_VERSION = "2026.1"
"""The version of the factors in force, carried by every published row."""

EARTH_RADIUS_KM = 6371.0088
"""Mean radius of the Earth (IUGG), for great-circle distances."""

DETOURS: Mapping[str, float] = MappingProxyType({"route": 1.3, "rail": 1.2, "avion": 1.0})
"""Kilometres travelled per great-circle kilometre, by network."""

DETOUR_UNCERTAINTY = 0.10
"""Relative uncertainty of a detour factor (choice of the method)."""

UNKNOWN_UNCERTAINTY = 0.60
"""Relative uncertainty given to a factor whose source states none (as for a car: choice of the method)."""

PLANE = "avion"
"""The mode of a leg by plane; its factor depends on the distance."""

PLANE_BANDS: tuple[tuple[float, str], ...] = (
    (0, "avion_0_500"),
    (500, "avion_500_1000"),
    (1000, "avion_1000_2000"),
    (2000, "avion_2000_5000"),
    (5000, "avion_5000_plus"),
)
"""(shortest great-circle distance in km, included; line of the table), in order."""

FAR_KM = 1500
"""From this great-circle distance on, a tour that declares a far mode uses it, on both sides of the difference."""


@dataclass(frozen=True)
class EmissionFactor:
    """One line of the table: `usage` in kgCO2e per `unit` (vehicule.km or passager.km) of `mode`."""

    mode: str
    label: Mapping[str, str]
    network: str
    unit: str
    usage: float
    uncertainty: float
    version: str
    source: str

    @property
    def detour(self) -> float:
        """The detour factor of the network of this mode."""
        return DETOURS[self.network]


def read_factor_rows() -> list[dict[str, str]]:
    """Return the lines of factors.csv as texts, in order: what `facteurs-emission` publishes."""
    text = files("datasets.programming").joinpath("factors.csv").read_text(encoding="utf-8")
    return list(csv.DictReader(text.splitlines()))


def _as_factor(row: Mapping[str, str]) -> EmissionFactor:
    stated = row["incertitude_pct"]
    return EmissionFactor(
        mode=row["mode"],
        label=MappingProxyType({"fr": row["libelle"], "en": row["label"]}),
        network=row["reseau"],
        unit=row["unite"],
        usage=float(row["usage"]),
        uncertainty=float(stated) / 100 if stated else UNKNOWN_UNCERTAINTY,
        version=row["version"],
        source=row["source"],
    )


FACTORS: Mapping[str, EmissionFactor] = MappingProxyType(
    {row["mode"]: _as_factor(row) for row in read_factor_rows() if row["version"] == FACTORS_VERSION}
)
"""The factors in force, by line."""

MODES: tuple[str, ...] = (*(mode for mode in FACTORS if not mode.startswith(f"{PLANE}_")), PLANE)
"""The modes that a transport or a leg may declare; their positions serve as codes in computations."""

PARTY_DEFAULTS: tuple[tuple[float, str], ...] = ((4, "voiture_moyenne"), (8, "minibus_9"))
"""(largest party, mode of its vehicle) when a tour does not say; a larger party takes several minibuses of 8."""

SET_DEFAULTS: tuple[tuple[float, str | None], ...] = (
    (3, None),
    (12, "vul_fourgon"),
    (25, "porteur_12t"),
    (40, "porteur_19t"),
    (float("inf"), "articule_40t"),
)
"""(largest volume of the set in m³, vehicle that carries it; None: inside the party's vehicle)."""
