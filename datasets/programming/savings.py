"""Greenhouse gas saved by shared touring, for all tours at once.

For a tour of home H and stops v1 … vn, E(path) sums quantity × factor × detour × km over components and legs:

    REEL = E(H → v1 → … → vn → H)            what was emitted
    CF_i = E(H → vi → H), CF = Σ CF_i        every stop alone
    brute saving = CF − REEL                 never clipped, may be negative
    attributable saving = E(tour of the stops that are not co-programmed) + Σ CF_i (co-programmed) − REEL
    allocation of a saving to stop i = saving × CF_i / CF, 0 when CF = 0

The legs come from `legs.trace_legs`; each leg of a path is crossed with each component of its tour, so the work grows
with the rows and nothing else. The formulas, their sources and their limits are told in docs/ges-method.md.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from datasets.programming.factors import DETOUR_UNCERTAINTY, FACTORS, FAR_KM, MODES, PLANE, PLANE_BANDS
from datasets.programming.legs import ACTUAL, ALONE, NO_STOP, SCENARIOS, WITHOUT, trace_legs

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

NO_MODE = -1
"""The code of "no far mode"; other codes are positions in MODES."""

_PLANE = MODES.index(PLANE)
_BAND_STARTS = np.array([start for start, _ in PLANE_BANDS])
_BAND_USAGE = np.array([FACTORS[line].usage for _, line in PLANE_BANDS])
_LINES = [FACTORS[mode] if mode != PLANE else FACTORS[PLANE_BANDS[0][1]] for mode in MODES]
_USAGE = np.array([line.usage for line in _LINES])
_DETOUR = np.array([line.detour for line in _LINES])
_UNCERTAINTY = np.array([line.uncertainty for line in _LINES])


@dataclass(frozen=True)
class Savings:
    """The figures of every tour, stop and component, in kgCO2e and km, indexed from 0 as the inputs were.

    `tours`: contrefactuel, reel, contrefactuel_attribuable, economie_brute, economie_attribuable (all NaN without home
    or transport), incertitude (± kgCO2e on the brute saving), incertitude_attribuable, incertitude_facteur (the part
    of the latter due to factors, signed as the saving), mode (code of the main one), km_contrefactuel, km_reel.
    `stops`: contrefactuel, reel, economie_brute, economie_attribuable, incertitude_facteur, km_contrefactuel, km_reel.
    """

    tours: pd.DataFrame
    stops: pd.DataFrame


@dataclass(frozen=True)
class Component:
    """One transport line of a tour: `quantity` vehicles or travellers by `mode`.

    `far_mode` replaces it on legs of FAR_KM and more; `share` is the part of a shared vehicle's path (0 to 1).
    """

    mode: str
    quantity: float = 1.0
    far_mode: str | None = None
    share: float = 1.0


@dataclass(frozen=True)
class Stop:
    """One place of a path: `performs` is false for a store or a residency, which belongs to the path only."""

    lat: float
    lon: float
    coprogrammed: bool = True
    performs: bool = True


def intensity_of(modes: Ints, kilometres: Floats) -> Floats:
    """Return kgCO2e per unit and great-circle km, detour included; planes by the distance band of the leg."""
    band = np.searchsorted(_BAND_STARTS, kilometres, side="right") - 1
    return np.where(modes == _PLANE, _BAND_USAGE[band], _USAGE[modes]) * _DETOUR[modes]


def compute_savings(legs: pd.DataFrame, components: pd.DataFrame, *, tours: int, stops: int) -> Savings:
    """Compute all savings.

    `legs` as `legs.trace_legs` returns them; `components`: tour, mode, far_mode (codes), quantity, share.
    `tours` and `stops` are their numbers; both are numbered from 0, and each stop has its ALONE leg.
    """
    legs = legs.sort_values("tour", kind="stable", ignore_index=True)
    by_leg, by_part = _emissions(legs, components, tours)
    figures = _sum_tours(components, by_part, tours)
    tour, scenario = legs["tour"].to_numpy(), legs["scenario"].to_numpy()
    km = legs["km"].to_numpy() * legs["times"].to_numpy() * _detour_of(figures["mode"].to_numpy())[tour]
    figures["km_contrefactuel"] = np.bincount(tour, km * (scenario == ALONE), tours)
    figures["km_reel"] = np.bincount(tour, km * (scenario == ACTUAL), tours)
    figures.loc[figures["mode"] == NO_MODE, figures.columns.drop("mode")] = np.nan
    return Savings(figures, _allocate(figures, legs, by_leg, km, stops))


def _sum_tours(components: pd.DataFrame, by_part: Floats, tours: int) -> pd.DataFrame:
    """Return what each tour emits in the three scenarios, its savings and their uncertainties, and its main mode."""
    whose = components["tour"].to_numpy(np.int64)
    actual, alone, without = (np.bincount(whose, by_part[:, each], tours) for each in (ACTUAL, ALONE, WITHOUT))
    _, margin = _uncertainty(components, by_part[:, ALONE] - by_part[:, ACTUAL], tours)
    factor, due_margin = _uncertainty(components, by_part[:, WITHOUT] - by_part[:, ACTUAL], tours)
    return pd.DataFrame(
        {
            "contrefactuel": alone,
            "reel": actual,
            "contrefactuel_attribuable": without,
            "economie_brute": alone - actual,
            "economie_attribuable": without - actual,
            "incertitude": margin,
            "incertitude_attribuable": due_margin,
            "incertitude_facteur": factor * np.sign(without - actual),
            "mode": _main_modes(components, by_part[:, ALONE], tours),
        }
    )


def compute_tour(
    home: tuple[float, float],
    stops: Sequence[Stop],
    components: Sequence[Component],
    *,
    order_known: bool = True,
) -> Savings:
    """Compute one tour from its home (lat, lon), its places in order of travel and its transport lines."""
    legs = trace_tour(home, stops, order_known=order_known)
    return compute_savings(legs, list_lines(components), tours=1, stops=sum(stop.performs for stop in stops))


def trace_tour(home: tuple[float, float], stops: Sequence[Stop], *, order_known: bool = True) -> pd.DataFrame:
    """Return the legs of one tour, number 0, as `legs.trace_legs` does: in order of travel when the order is known."""
    performs = np.array([stop.performs for stop in stops], dtype=bool)
    nodes = pd.DataFrame(
        {
            "tour": np.zeros(len(stops), dtype=np.int64),
            "lat": [stop.lat for stop in stops],
            "lon": [stop.lon for stop in stops],
            "stop": np.where(performs, np.cumsum(performs) - 1, NO_STOP),
            "coprogrammed": np.array([stop.coprogrammed for stop in stops], dtype=bool),
        }
    )
    homes = pd.DataFrame({"lat": [home[0]], "lon": [home[1]], "order_known": [order_known]})
    return trace_legs(nodes, homes)


def list_lines(components: Sequence[Component]) -> pd.DataFrame:
    """Return the transport lines of one tour, number 0, as `compute_savings` reads them."""
    return pd.DataFrame(
        {
            "tour": np.zeros(len(components), dtype=np.int64),
            "mode": [MODES.index(line.mode) for line in components],
            "far_mode": [MODES.index(line.far_mode) if line.far_mode else NO_MODE for line in components],
            "quantity": [line.quantity for line in components],
            "share": [line.share for line in components],
        }
    )


def _emissions(legs: pd.DataFrame, components: pd.DataFrame, tours: int) -> tuple[Floats, Floats]:
    """Return kgCO2e by leg, and by component (rows) and scenario (columns): every leg meets its tour's components."""
    size = np.bincount(legs["tour"].to_numpy(), minlength=tours)
    start = np.cumsum(size) - size
    whose = components["tour"].to_numpy(np.int64)
    met = size[whose]
    part = np.repeat(np.arange(len(components)), met)
    leg = np.repeat(start[whose] - (np.cumsum(met) - met), met) + np.arange(len(part))
    km = legs["km"].to_numpy()[leg]
    far = components["far_mode"].to_numpy()[part]
    mode = np.where((far != NO_MODE) & (km >= FAR_KM), far, components["mode"].to_numpy()[part]).astype(np.int64)
    emitted = intensity_of(mode, km) * km * legs["times"].to_numpy()[leg]
    emitted *= components["quantity"].to_numpy()[part]
    emitted *= np.where(legs["shared"].to_numpy()[leg], components["share"].to_numpy()[part], 1.0)
    cells = part * len(SCENARIOS) + legs["scenario"].to_numpy()[leg]
    by_part = np.bincount(cells, emitted, len(components) * len(SCENARIOS))
    by_leg = np.bincount(leg, emitted, len(legs)).astype(np.float64)
    return by_leg, by_part.astype(np.float64).reshape(-1, len(SCENARIOS))


def _uncertainty(components: pd.DataFrame, saving: Floats, tours: int) -> tuple[Floats, Floats]:
    """Return, by tour, the uncertainty due to factors and the whole one: components added in quadrature."""
    mode, far = components["mode"].to_numpy(np.int64), components["far_mode"].to_numpy(np.int64)
    relative = np.maximum(_UNCERTAINTY[mode], np.where(far == NO_MODE, 0.0, _UNCERTAINTY[far]))
    whose = components["tour"].to_numpy(np.int64)
    factor = np.bincount(whose, (relative * saving) ** 2, tours)
    detour = np.bincount(whose, (DETOUR_UNCERTAINTY * saving) ** 2, tours)
    return np.sqrt(factor), np.sqrt(factor + detour)


def _main_modes(components: pd.DataFrame, alone: Floats, tours: int) -> Ints:
    """Return by tour the mode of the component that would emit most, every stop alone; the first one on a tie."""
    whose = components["tour"].to_numpy(np.int64)
    order = np.lexsort((np.arange(len(components)), -alone, whose))
    first = np.unique(whose[order], return_index=True)
    modes = np.full(tours, NO_MODE, dtype=np.int64)
    modes[first[0]] = components["mode"].to_numpy()[order][first[1]]
    return modes


def _detour_of(modes: Ints) -> Floats:
    return np.where(modes == NO_MODE, 1.0, _DETOUR[modes])


def _allocate(tours: pd.DataFrame, legs: pd.DataFrame, by_leg: Floats, km: Floats, stops: int) -> pd.DataFrame:
    """Share the figures of each tour among its stops: emissions by what each would emit alone, km by its own km."""
    alone = np.flatnonzero(legs["scenario"].to_numpy() == ALONE)
    alone = alone[np.argsort(legs["stop"].to_numpy()[alone], kind="stable")]
    tour = legs["tour"].to_numpy()[alone]
    cost, total = by_leg[alone], tours["contrefactuel"].to_numpy()[tour]
    share = np.divide(cost, total, out=np.zeros(len(alone)), where=total > 0)
    brute = tours["economie_brute"].to_numpy()[tour] * share
    alone_km = tours["km_contrefactuel"].to_numpy()[tour]
    travelled = np.divide(tours["km_reel"].to_numpy()[tour], alone_km, out=np.zeros(len(alone)), where=alone_km > 0)
    return pd.DataFrame(
        {
            "tour": tour,
            "contrefactuel": cost,
            "reel": cost - brute,
            "economie_brute": brute,
            "economie_attribuable": tours["economie_attribuable"].to_numpy()[tour] * share,
            "incertitude_facteur": tours["incertitude_facteur"].to_numpy()[tour] * share,
            "km_contrefactuel": km[alone],
            "km_reel": km[alone] * travelled,
        },
        index=pd.RangeIndex(stops),
    )
