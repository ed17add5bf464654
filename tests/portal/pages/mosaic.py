"""A made-up country of as many territories as France has intermunicipalities, and places as many as a city has."""

import random
from collections.abc import Iterator

import numpy as np
import pyarrow as pa

from datasets.model import Schema
from datasets.publish import Release
from datasets.types.geo_shape import geometry_wkb
from tests.builders import a_description
from tests.portal.pages.sample import PLACES, REFERENCE, SAVINGS

ROWS, COLUMNS = 36, 35
WEST, SOUTH, EAST, NORTH = -4.5, 42.5, 8.0, 50.8
HALVINGS = 5
"""How often an edge is cut in two, each time with a turn: borders are never straight."""

Point = tuple[float, float]
Edge = list[Point]


def list_shapes(seed: int = 32) -> Iterator[tuple[str, list[Point]]]:
    """Yield the code and the ring of each territory; neighbours share their borders."""
    chance = random.Random(seed)
    corners = {
        (row, column): (
            WEST + (EAST - WEST) * column / COLUMNS + chance.uniform(-0.12, 0.12),
            SOUTH + (NORTH - SOUTH) * row / ROWS + chance.uniform(-0.08, 0.08),
        )
        for row in range(ROWS + 1)
        for column in range(COLUMNS + 1)
    }
    ends = {(row, column): ((row, column + 1), (row + 1, column)) for row, column in corners}
    borders = {
        (start, end): _bend(corners[start], corners[end], chance)
        for start, both in ends.items()
        for end in both
        if end in corners
    }
    for row in range(ROWS):
        for column in range(COLUMNS):
            north, east, south, west = (row, column), (row, column + 1), (row + 1, column + 1), (row + 1, column)
            far, back = borders[west, south][::-1], borders[north, west][::-1]
            ring = [*borders[north, east], *borders[east, south], *far, *back]
            yield f"2{row:04}{column:04}", [(round(lon, 4), round(lat, 4)) for lon, lat in ring]


def _bend(start: Point, end: Point, chance: random.Random, halvings: int = HALVINGS) -> Edge:
    """Return a border from one corner to another, with turns at every scale."""
    if not halvings:
        return [start, end]
    wide, high = end[0] - start[0], end[1] - start[1]
    middle = (
        (start[0] + end[0]) / 2 + chance.gauss(0, 0.18) * high,
        (start[1] + end[1]) / 2 - chance.gauss(0, 0.13) * wide,
    )
    return [*_bend(start, middle, chance, halvings - 1)[:-1], *_bend(middle, end, chance, halvings - 1)]


def a_mosaic() -> Release:
    """Return the territories, as a reference."""
    shapes = dict(list_shapes())
    columns = {
        "niveau_geo": ["epci"] * len(shapes),
        "code_geo": list(shapes),
        "nom_geo": [name_of(code) for code in shapes],
        "population": [20_000 + rank for rank in range(len(shapes))],
        "contour": [geometry_wkb({"type": "Polygon", "coordinates": [[*ring, ring[0]]]}) for ring in shapes.values()],
    }
    return Release("referentiel-territoires", a_description("Référentiel"), REFERENCE, pa.table(columns))


def some_figures(*, hidden: bool = False, seed: int = 7) -> Release:
    """Return a figure of each territory, or none but hidden ones."""
    chance = random.Random(seed)
    codes = [code for code, _ in list_shapes()]
    savings = [chance.uniform(-900, 90_000) for _ in codes]
    masked = [hidden or chance.random() < 0.3 for _ in codes]
    columns = {
        "periode": ["2025"] * len(codes),
        "granularite": ["annee"] * len(codes),
        "niveau_geo": ["epci"] * len(codes),
        "code_geo": codes,
        "nom_geo": [name_of(code) for code in codes],
        "nb_tournees": pa.array([round(each / 450) for each in savings], pa.int64(), mask=np.array(masked)),
        "economie_attribuable_kgco2e": pa.array(
            [None if each else chance.uniform(-900, 90_000) for each in masked], pa.float64()
        ),
        "masque": masked,
    }
    name = "figures-masquees" if hidden else "figures-par-epci"
    return Release(name, a_description("Figures par intercommunalité"), SAVINGS, pa.table(columns))


def many_places(count: int = 800, seed: int = 3) -> Release:
    """Return more places than a drawing can name."""
    chance = random.Random(seed)
    point = pa.struct([("lon", pa.float64()), ("lat", pa.float64())])
    spots = [{"lon": chance.uniform(-1, 6.5), "lat": chance.uniform(43.6, 48.8)} for _ in range(count)]
    columns = {"nom": [f"Lieu inventé {rank}" for rank in range(count)], "position": pa.array(spots, point)}
    schema = Schema(tuple(field for field in PLACES if field.name in columns))
    return Release("lieux-nombreux", a_description("Lieux nombreux"), schema, pa.table(columns))


def name_of(code: str) -> str:
    """Return a name as long as those of intermunicipalities."""
    return f"Communauté de communes des Rives {code[1:5]} et des Coteaux {code[5:]}"
