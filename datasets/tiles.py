"""Vector tiles: the records of a square of the map, for browsers and geographic software to draw.

A tile is a square of the Web Mercator map (EPSG:3857), numbered by zoom, column and row from the north west; its bytes
are a Mapbox Vector Tile (specification 2.1). What a tile holds is bounded by the query itself: places are gathered by
the cells of a grid, shapes are simplified to what an eye can see at that zoom, the largest first.
"""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from datasets.errors import InvalidParameter, Phrase
from datasets.model import Field, Schema
from datasets.odsql.quoting import quote
from datasets.odsql.sql import identifier
from datasets.query import Query, Source, compile_query, find_table
from datasets.store.engine import Engine

EXTENT = 4096
"""Steps of a tile's own grid, in each direction."""
MOST_ZOOM = 16
FINE_ZOOM = 15
CELLS, FINE_CELLS = 10, 64
"""Cells of the grid that gathers places, in each direction: under FINE_ZOOM, and from it on."""
MARGIN = 64
"""Steps by which shapes go over the edges of a tile, so that no edge shows."""
TOLERANCE = 1 / 1024
"""How far simplified shapes may be from the true ones, as a part of the tile."""
TINY = 16
"""Steps under which a shape is too small to be seen as one."""
MOST_SHAPES = 5_000
LONGEST = 80
"""Characters of a text that a tile tells."""
POLE = 85.051128
"""The latitude where the Web Mercator map ends."""

PLACES, SHAPES, COUNT = "places", "shapes", "point_count"
"""The layers, by what they hold; and what tells how many places are gathered in one."""
KINDS = {"text": "VARCHAR", "date": "VARCHAR", "int": "BIGINT", "double": "DOUBLE", "boolean": "BOOLEAN"}
"""The types of fields that a tile may tell, and as what."""


@dataclass(frozen=True)
class Tile:
    """A square of the map: its zoom, its column from the west, its row from the north."""

    z: int
    x: int
    y: int

    @property
    def box(self) -> tuple[float, float, float, float]:
        """West, south, east, north, in degrees."""
        count = 2**self.z
        return (
            self.x / count * 360 - 180,
            self._latitude(self.y + 1),
            (self.x + 1) / count * 360 - 180,
            self._latitude(self.y),
        )

    def _latitude(self, row: int) -> float:
        return math.degrees(math.atan(math.sinh(math.pi * (1 - 2 * row / 2**self.z))))


def check_tile(z: int, x: int, y: int, most_zoom: int = MOST_ZOOM) -> Tile:
    """Return the tile of those numbers; raise InvalidParameter when the map has none."""
    most = 2 ** max(0, min(z, most_zoom)) - 1
    for name, found, limit in (("z", z, most_zoom), ("x", x, most), ("y", y, most)):
        if not 0 <= found <= limit:
            expected = Phrase(f"a whole number from 0 to {limit}", f"un nombre entier de 0 à {limit}")
            raise InvalidParameter(name=name, found=str(found), expected=expected)
    return Tile(z, x, y)


def find_place(schema: Schema) -> Field | None:
    """Return the field that a map draws: the first shape, else the first point, or None."""
    return next((field for kind in ("geo_shape", "geo_point_2d") for field in schema if _is_one(field, kind)), None)


def _is_one(field: Field, kind: str) -> bool:
    return field.type == kind and not field.multivalued


def list_told(fields: Sequence[Field]) -> tuple[Field, ...]:
    """Return those of `fields` that a tile can tell: single values, under names that are not its own."""
    return tuple(
        field
        for field in fields
        if field.type in KINDS and not field.multivalued and field.name.lower() not in ("geometry", COUNT, "")
    )


def draw_tile(
    tile: Tile,
    query: Query,
    source: Source,
    engine: Engine,
    *,
    place: Field,
    told: Sequence[Field] = (),
    apart: bool = False,
) -> bytes:
    """Return the records that `query` keeps in a tile; no byte when there is none.

    `place` is where they are; `told` are the fields that each of them tells, if `list_told` kept them. Places near each
    other are one, with their number (`point_count`): only the one that is alone tells its fields. Shapes too small to
    be seen are places too, unless each is wanted `apart`. Records without a shape stand at their point, when they have
    one. Raises QueryError and its children, LimitExceeded.
    """
    points = (
        [place] if place.type == "geo_point_2d" else [each for each in source.schema if _is_one(each, "geo_point_2d")]
    )
    places = list(dict.fromkeys([place.name, *(each.name for each in points[:1])]))
    select = ", ".join(quote(name, "`") for name in (*places, *(field.name for field in told)))
    table, indexed = find_table(source, engine)
    compiled = compile_query(replace(query, select=select, order_by=""), source, "wkb", indexed=indexed)
    names = ["place", "point"][: len(places)] + _names(told)
    rows = f"({compiled.sql}) AS kept({', '.join(names)})"
    if place.type == "geo_point_2d":
        sql = f"SELECT {_gather(tile, rows, told)}"
    else:
        shape = "ST_GeomFromWKB(place)"
        shape = f"coalesce({shape}, ST_Point(point.lon, point.lat))" if len(places) > 1 else shape
        sql = _draw_shapes(tile, rows, shape, told, apart=apart)
    found = engine.run(sql, (table, *compiled.params)).read_all().column(0)[0].as_py()
    return found or b""


def _names(told: Sequence[Field]) -> list[str]:
    """Return how the fields that are told are called within the query: no name of a reader's is ever part of it."""
    return [f"told{number}" for number, _ in enumerate(told)]


def _gather(tile: Tile, rows: str, told: Sequence[Field]) -> str:
    """Write the layer of places: each cell of the grid that holds some gives one, at their middle."""
    west, south, east, north = tile.box
    last = "<=" if tile.x == 2**tile.z - 1 else "<"
    cell = EXTENT / (FINE_CELLS if tile.z >= FINE_ZOOM else CELLS)
    alone = "".join(f", CASE WHEN count(*) = 1 THEN any_value({name}) END AS {name}" for name in _names(told))
    return f"""(
        SELECT {_write_layer(PLACES, "ST_Point(x, y)", told, f'"{COUNT}" := number, ')} FROM (
            SELECT CAST(round(avg(x)) AS INTEGER) AS x, CAST(round(avg(y)) AS INTEGER) AS y,
                   CAST(count(*) AS INTEGER) AS number{alone}
            FROM (
                SELECT *, ((place.lon + 180) / 360 * {2**tile.z} - {tile.x}) * {EXTENT} AS x,
                       ((1 - asinh(tan(radians(place.lat))) / pi()) / 2 * {2**tile.z} - {tile.y}) * {EXTENT} AS y
                FROM {rows}
                WHERE place.lon >= {west!r} AND place.lon {last} {east!r}
                  AND place.lat > {south!r} AND place.lat <= {north!r}
            ) GROUP BY CAST(floor(x / {cell!r}) AS INTEGER), CAST(floor(y / {cell!r}) AS INTEGER)
        ))"""


def _draw_shapes(tile: Tile, rows: str, shape: str, told: Sequence[Field], *, apart: bool) -> str:
    """Write the query of shapes: those that can be seen, and the others as places."""
    west, south, east, north = tile.box
    over = (east - west) * MARGIN / EXTENT
    square = f"ST_MakeEnvelope({west - over!r}, {south - over!r}, {east + over!r}, {north + over!r})"
    wide, high = "ST_XMax(shape) - ST_XMin(shape)", "ST_YMax(shape) - ST_YMin(shape)"
    tiny = "false" if apart else f"greatest({wide}, {high}) < {(east - west) * TINY / EXTENT!r}"
    middle = "{'lon': (ST_XMin(shape) + ST_XMax(shape)) / 2, 'lat': (ST_YMin(shape) + ST_YMax(shape)) / 2}"
    small = f"(SELECT {', '.join([f'{middle} AS place', *_names(told)])} FROM found WHERE tiny)"
    return f"""
        WITH found AS MATERIALIZED (
            SELECT *, {tiny} AS tiny FROM (SELECT *, {shape} AS shape FROM {rows})
            WHERE shape IS NOT NULL AND ST_Intersects_Extent(shape, {square})
        ), cut AS MATERIALIZED (
            SELECT TRY({_cut(tile)}) AS drawn, *
            FROM (SELECT * FROM found WHERE NOT tiny ORDER BY ({wide}) * ({high}) DESC LIMIT {MOST_SHAPES})
        )
        SELECT coalesce(
            (SELECT {_write_layer(SHAPES, "drawn", told)} FROM cut WHERE drawn IS NOT NULL AND NOT ST_IsEmpty(drawn)),
            ''::BLOB
        ) || coalesce({_gather(tile, small, told)}, ''::BLOB)"""


def _cut(tile: Tile) -> str:
    """Write a shape as a tile draws it: valid, within the map, simplified, cut; what cannot be is left out alone."""
    _, south, _, north = tile.box
    map_ends = f"ST_MakeEnvelope(-180, {-POLE!r}, 180, {POLE!r})"
    reach = "greatest(abs(ST_XMin(shape)), abs(ST_XMax(shape))) <= 180"
    reach += f" AND greatest(abs(ST_YMin(shape)), abs(ST_YMax(shape))) <= {POLE}"
    valid = "CASE WHEN ST_IsValid(shape) THEN shape ELSE ST_MakeValid(shape) END"
    whole = f"CASE WHEN {reach} THEN {valid} ELSE ST_Intersection({valid}, {map_ends}) END"
    simple = f"ST_SimplifyPreserveTopology({whole}, {(north - south) * TOLERANCE!r})"
    drawn = f"ST_Transform({simple}, 'EPSG:4326', 'EPSG:3857', true)"
    bounds = f"ST_Extent(ST_TileEnvelope({tile.z}, {tile.x}, {tile.y}))"
    return f"ST_CollectionExtract(ST_AsMVTGeom({drawn}, {bounds}, {EXTENT}, {MARGIN}, true))"


def _write_layer(layer: str, geometry: str, told: Sequence[Field], more: str = "") -> str:
    """Write the aggregate that makes a tile of one layer; NULL when nothing is there."""
    pack = f'struct_pack("geometry" := {geometry}, {more}{", ".join(_write_told(told))})'.replace(", )", ")")
    return f"CASE WHEN count(*) > 0 THEN ST_AsMVT({pack}, '{layer}', {EXTENT}, 'geometry') END"


def _write_told(told: Sequence[Field]) -> Iterator[str]:
    for name, field in zip(_names(told), told, strict=True):
        value = f"CAST({name} AS {KINDS[field.type]})"
        value = f"left({value}, {LONGEST})" if KINDS[field.type] == "VARCHAR" else value
        yield f"{identifier(field.name)} := {value}"
