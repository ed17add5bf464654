"""Paths become legs: where each tour went, and where it would have gone otherwise.

`nodes`: one row per place of a path, sorted by tour then by order of travel: tour, lat, lon, stop (number of the
stop, NO_STOP for a store or a residency), coprogrammed. `homes`: one row per tour, indexed from 0: lat, lon,
order_known. Both come from `tours.build_tours`. `legs`: tour, scenario, stop, km (great circle), times, shared.
"""

from itertools import permutations

import numpy as np
import numpy.typing as npt
import pandas as pd

from datasets.programming.factors import EARTH_RADIUS_KM

Floats = npt.NDArray[np.float64]
Bools = npt.NDArray[np.bool_]

ACTUAL, ALONE, WITHOUT = SCENARIOS = (0, 1, 2)
"""What was travelled; every stop alone; the tour as it would have been without the co-programmed stops."""

NO_STOP = -1
"""The stop of a leg or of a node that belongs to no stop."""

LONGEST_SEARCHED = 7
"""Up to this number of places an unknown order is replaced by the longest one; beyond, by the upper bound."""

_SLICE = 256
"""Tours examined at once when orders are compared: bounds the memory."""


def great_circle_km(lat_1: Floats, lon_1: Floats, lat_2: Floats, lon_2: Floats) -> Floats:
    """Return haversine distances in km between points in degrees, on the mean sphere; exact 0 for equal points."""
    phi_1, phi_2 = np.radians(lat_1), np.radians(lat_2)
    across = np.sin(np.radians(np.subtract(lon_2, lon_1)) / 2) ** 2
    chord = np.sin((phi_2 - phi_1) / 2) ** 2 + (np.cos(phi_1) * np.cos(phi_2)) * across
    return 2 * EARTH_RADIUS_KM * np.arcsin(np.sqrt(np.minimum(chord, 1.0)))


def trace_legs(nodes: pd.DataFrame, homes: pd.DataFrame) -> pd.DataFrame:
    """Return the legs of the three scenarios of every tour.

    A tour without any date that existed on its own has no path in WITHOUT, only round trips; a store or a residency
    stays in the path of WITHOUT as long as one such date remains.
    """
    nodes, bounded = _order_prudently(nodes, homes)
    performs = nodes["stop"].to_numpy() != NO_STOP
    shared_dates = nodes["coprogrammed"].to_numpy() & performs
    tour = nodes["tour"].to_numpy()
    has_own = np.bincount(tour, performs & ~shared_dates, len(homes)) > 0
    kept = ~shared_dates & has_own[tour]
    parts = (
        *_travel(nodes, homes, bounded, ACTUAL),
        _round_trips(nodes[performs], homes, ALONE, shared=False),
        *_travel(nodes[kept], homes, bounded, WITHOUT),
        _round_trips(nodes[shared_dates], homes, WITHOUT, shared=False),
    )
    return pd.concat(parts, ignore_index=True)


def _travel(nodes: pd.DataFrame, homes: pd.DataFrame, bounded: Bools, scenario: int) -> tuple[pd.DataFrame, ...]:
    beyond = bounded[nodes["tour"].to_numpy()]
    loops = _loops(nodes[~beyond], homes, scenario)
    return loops, _round_trips(nodes[beyond], homes, scenario, shared=True)


def _loops(nodes: pd.DataFrame, homes: pd.DataFrame, scenario: int) -> pd.DataFrame:
    tour = nodes["tour"].to_numpy()
    lat, lon = nodes["lat"].to_numpy(), nodes["lon"].to_numpy()
    home_lat, home_lon = homes["lat"].to_numpy()[tour], homes["lon"].to_numpy()[tour]
    first, last = _edges(tour)
    from_lat = np.where(first, home_lat, np.roll(lat, 1))
    from_lon = np.where(first, home_lon, np.roll(lon, 1))
    out = great_circle_km(from_lat, from_lon, lat, lon)
    back = great_circle_km(lat[last], lon[last], home_lat[last], home_lon[last])
    tours = np.concatenate([tour, tour[last]])
    return _legs(tours, scenario, np.full(len(tours), NO_STOP), np.concatenate([out, back]), 1.0, shared=True)


def _round_trips(nodes: pd.DataFrame, homes: pd.DataFrame, scenario: int, *, shared: bool) -> pd.DataFrame:
    tour = nodes["tour"].to_numpy()
    home_lat, home_lon = homes["lat"].to_numpy()[tour], homes["lon"].to_numpy()[tour]
    km = great_circle_km(home_lat, home_lon, nodes["lat"].to_numpy(), nodes["lon"].to_numpy())
    return _legs(tour, scenario, nodes["stop"].to_numpy(), km, 2.0, shared=shared)


def _legs(
    tour: npt.NDArray[np.int64], scenario: int, stop: npt.NDArray[np.int64], km: Floats, times: float, *, shared: bool
) -> pd.DataFrame:
    columns = {"tour": tour, "scenario": np.int8(scenario), "stop": stop, "km": km, "times": times, "shared": shared}
    return pd.DataFrame(columns, index=pd.RangeIndex(len(tour)))


def _edges(tour: npt.NDArray[np.int64]) -> tuple[Bools, Bools]:
    change = tour[1:] != tour[:-1]
    if not len(tour):
        return np.zeros(0, dtype=bool), np.zeros(0, dtype=bool)
    return np.concatenate([[True], change]), np.concatenate([change, [True]])


def _order_prudently(nodes: pd.DataFrame, homes: pd.DataFrame) -> tuple[pd.DataFrame, Bools]:
    """Put tours of unknown order in their longest order; tell which ones have too many places for it."""
    size = np.bincount(nodes["tour"].to_numpy(), minlength=len(homes))
    unknown = ~homes["order_known"].to_numpy(dtype=bool)
    start = np.cumsum(size) - size
    order = np.arange(len(nodes))
    points = nodes[["lat", "lon"]].to_numpy()
    origins = homes[["lat", "lon"]].to_numpy()
    for count in range(2, LONGEST_SEARCHED + 1):
        tours = np.flatnonzero(unknown & (size == count))
        for piece in np.array_split(tours, max(1, len(tours) // _SLICE)):
            places = start[piece][:, None] + np.arange(count)
            best = _longest_orders(origins[piece], points[places])
            order[places] = np.take_along_axis(places, best, axis=1)
    return nodes.iloc[order], unknown & (size > LONGEST_SEARCHED)


def _longest_orders(origins: Floats, points: Floats) -> npt.NDArray[np.int64]:
    """Return for each tour the order of its points (tours × points × 2) that makes the longest loop."""
    count = points.shape[1]
    places = np.concatenate([origins[:, None, :], points], axis=1)
    lat, lon = places[..., 0], places[..., 1]
    km = great_circle_km(lat[:, :, None], lon[:, :, None], lat[:, None, :], lon[:, None, :])
    orders = np.array([p for p in permutations(range(count)) if p[0] < p[-1]])
    loop = np.pad(orders + 1, ((0, 0), (1, 1)))
    lengths = sum(km[:, loop[:, step], loop[:, step + 1]] for step in range(count + 1))
    return orders[np.argmax(lengths, axis=1)]
