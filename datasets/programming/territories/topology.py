"""Plain geometry: TopoJSON arcs become GeoJSON polygons, neighbours are dissolved exactly, centroids, inclusion."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np

Ring = list[tuple[float, float]]
Arcs = list[Ring]


def decode_arcs(topology: Mapping[str, Any]) -> Arcs:
    """Return the arcs of a quantised TopoJSON as lists of (lon, lat); a node is the same point in all its arcs."""
    scale, translate = np.array(topology["transform"]["scale"]), np.array(topology["transform"]["translate"])
    return [
        [(lon, lat) for lon, lat in (np.cumsum(arc, axis=0) * scale + translate).round(5).tolist()]
        for arc in topology["arcs"]
    ]


def ring_indices(geometry: Mapping[str, Any]) -> list[list[int]]:
    """Return the rings of a TopoJSON polygon or multipolygon, each a list of signed arc indices."""
    polygons = [geometry["arcs"]] if geometry["type"] == "Polygon" else geometry["arcs"]
    return [ring for polygon in polygons for ring in polygon]


def dissolve(arcs: Arcs, geometries: Iterable[Mapping[str, Any]]) -> dict[str, Any]:
    """Return the union of TopoJSON geometries as one GeoJSON geometry.

    An arc shared by two of them is an inner border and disappears; what remains is stitched end to end, so the
    result is exact: no tolerance, no sliver. With one geometry, this is its plain decoding.
    """
    used = [index for geometry in geometries for ring in ring_indices(geometry) for index in ring]
    times = Counter(max(index, ~index) for index in used)
    return assemble(_stitch([_points(arcs, index) for index in used if times[max(index, ~index)] == 1]))


def assemble(rings: Iterable[Ring]) -> dict[str, Any]:
    """Return oriented rings (outer ones clockwise, as in TopoJSON) as a GeoJSON geometry in RFC 7946's order."""
    outer: list[Ring] = []
    holes: list[Ring] = []
    for ring in rings:
        (outer if signed_area(ring) < 0 else holes).append(ring)
    polygons = [[ring[::-1]] for ring in sorted(outer, key=signed_area)]
    for hole in holes:
        lon, lat = np.mean(hole[:-1], axis=0)
        around = [p for p in polygons if contains_ring(p[0], np.array([lon]), np.array([lat]))[0]]
        if around:
            around[-1].append(hole[::-1])
    if len(polygons) == 1:
        return {"type": "Polygon", "coordinates": _lists(polygons[0])}
    return {"type": "MultiPolygon", "coordinates": [_lists(polygon) for polygon in polygons]}


def polygons_of(geometry: Mapping[str, Any]) -> list[Sequence[Sequence[Sequence[float]]]]:
    """Return the polygons (lists of rings) of a GeoJSON Polygon or MultiPolygon."""
    found = geometry["coordinates"]
    return [found] if geometry["type"] == "Polygon" else list(found)


def signed_area(ring: Sequence[Sequence[float]]) -> float:
    """Return the plane area of a closed ring in square degrees: positive when counterclockwise."""
    x, y = np.asarray(ring, dtype=float).T
    return float(np.sum(x[:-1] * y[1:] - x[1:] * y[:-1]) / 2)


def centroid(geometry: Mapping[str, Any]) -> tuple[float, float]:
    """Return (lon, lat) of the plane centroid of a GeoJSON Polygon or MultiPolygon; holes weigh negatively."""
    total = np.zeros(3)
    for polygon in polygons_of(geometry):
        for rank, ring in enumerate(polygon):
            x, y = np.asarray(ring, dtype=float).T
            cross = x[:-1] * y[1:] - x[1:] * y[:-1]
            sums = np.array([3 * cross.sum(), ((x[:-1] + x[1:]) * cross).sum(), ((y[:-1] + y[1:]) * cross).sum()])
            total += sums * (np.sign(sums[0]) if rank == 0 else -np.sign(sums[0]))
    return float(total[1] / total[0]), float(total[2] / total[0])


def contains(geometry: Mapping[str, Any], lon: np.ndarray, lat: np.ndarray) -> np.ndarray:
    """Return which of the points (arrays of degrees) lie inside a GeoJSON Polygon or MultiPolygon."""
    inside = np.zeros(len(lon), dtype=bool)
    for polygon in polygons_of(geometry):
        for ring in polygon:
            inside ^= contains_ring(ring, lon, lat)
    return inside


def contains_ring(ring: Sequence[Sequence[float]], lon: np.ndarray, lat: np.ndarray) -> np.ndarray:
    """Return which of the points lie inside a closed ring (ray casting)."""
    points = np.asarray(ring, dtype=float)
    x, y, ahead = points[:-1, 0], points[:-1, 1], points[1:]
    crosses = (y[:, None] > lat) != (ahead[:, 1, None] > lat)
    height = np.where(ahead[:, 1] == y, 1.0, ahead[:, 1] - y)
    at = x[:, None] + (lat - y[:, None]) * ((ahead[:, 0] - x) / height)[:, None]
    return np.asarray((crosses & (lon < at)).sum(axis=0) % 2 == 1)


def _points(arcs: Arcs, index: int) -> Ring:
    return arcs[index] if index >= 0 else arcs[~index][::-1]


def _stitch(pieces: Iterable[Ring]) -> list[Ring]:
    starts: dict[tuple[float, float], list[Ring]] = {}
    for piece in pieces:
        starts.setdefault(piece[0], []).append(piece)
    rings = []
    while starts:
        ring = list(_take(starts, next(iter(starts))))
        while ring[-1] != ring[0]:
            ring += _take(starts, ring[-1])[1:]
        rings.append(ring)
    return rings


def _take(starts: dict[tuple[float, float], list[Ring]], node: tuple[float, float]) -> Ring:
    piece = starts[node].pop()
    if not starts[node]:
        del starts[node]
    return piece


def _lists(polygon: Iterable[Ring]) -> list[list[list[float]]]:
    return [[list(point) for point in ring] for ring in polygon]
