"""Where things are: a point for every commune, and communes drawn at random."""

from collections.abc import Mapping
from typing import Any
from zlib import crc32

import numpy as np

from datasets.programming.sample.sizes import Bools, Floats, Ints
from datasets.programming.territories import Territories
from datasets.programming.territories.topology import centroid, contains, polygons_of

TRIES = 64
"""Points tried before a commune is put at the centroid of its département."""

_HASH = (0x9E3779B97F4A7C15, 0xBF58476D1CE4E5B9, 0x94D049BB133111EB)


def commune_points(territories: Territories) -> Floats:
    """Return lat, lon (degrees, 6 decimals) of each row of `territories.communes`; NaN where nothing is known.

    Known coordinates are kept. Otherwise the point is invented: it lies anywhere in the contour of the département
    and depends on the code of the commune only.
    """
    communes = territories.communes
    points = communes[["lat", "lon"]].to_numpy(dtype=np.float64).round(6)
    keys = np.array([crc32(code.encode()) for code in communes["code"]], dtype=np.uint64)
    unknown = np.isnan(points).any(axis=1)
    for code, rows in communes.groupby("code_departement").indices.items():
        shape = territories.contours.get(("departement", str(code)))
        pending = rows[unknown[rows]]
        if shape is not None:
            points[pending] = _invent(keys[pending], shape)
    return points


def _invent(keys: np.ndarray, shape: Mapping[str, Any]) -> Floats:
    outer = np.concatenate([np.asarray(polygon[0]) for polygon in polygons_of(shape)])
    low, size = outer.min(axis=0), np.ptp(outer, axis=0)
    lon, lat = centroid(shape)
    points = np.tile(np.array([[lat, lon]]).round(6), (len(keys), 1))
    pending = np.arange(len(keys))
    for attempt in range(TRIES):
        if not len(pending):
            break
        across = (low[0] + size[0] * _uniform(keys[pending], 2 * attempt)).round(6)
        up = (low[1] + size[1] * _uniform(keys[pending], 2 * attempt + 1)).round(6)
        inside: Bools = contains(shape, across, up)
        points[pending[inside]] = np.column_stack([up, across])[inside]
        pending = pending[~inside]
    return points


def _uniform(keys: np.ndarray, turn: int) -> Floats:
    """Return a number in [0, 1) for each key and turn (the splitmix64 mixing)."""
    with np.errstate(over="ignore"):
        mixed = keys + np.uint64(_HASH[0]) * np.uint64(turn + 1)
        mixed = (mixed ^ (mixed >> np.uint64(30))) * np.uint64(_HASH[1])
        mixed = (mixed ^ (mixed >> np.uint64(27))) * np.uint64(_HASH[2])
    return (mixed >> np.uint64(11)).astype(np.float64) / 2**53


def draw(chance: np.random.Generator, weights: Floats, count: int) -> Ints:
    """Return `count` positions drawn with replacement, each with a probability in proportion to its weight."""
    cumulated = np.cumsum(weights)
    return np.searchsorted(cumulated, chance.random(count) * cumulated[-1], side="right")


def unit_vectors(lat: Floats, lon: Floats) -> Floats:
    """Return points in degrees as unit vectors (n × 3)."""
    phi, theta = np.radians(lat), np.radians(lon)
    return np.column_stack([np.cos(phi) * np.cos(theta), np.cos(phi) * np.sin(theta), np.sin(phi)])
