"""Vector tiles, read back by GDAL: what they hold is what the records say, and no more than a map needs."""

import math
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyogrio
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pyogrio import raw

from datasets import tiles
from datasets.errors import InvalidParameter
from datasets.model import Field, Schema
from datasets.query import Query, Source, find_table, source_of
from datasets.store.engine import Engine
from datasets.store.indexed import make_index
from datasets.store.versions import VersionStore
from datasets.tiles import CELLS, EXTENT, MOST_ZOOM, Tile, check_tile, draw_tile, find_place, list_told
from datasets.types.geo_shape import geometry_wkb
from datasets.types.public import arrow_schema
from tests.datasets.towns import at

WORLD = Tile(0, 0, 0)
SQUARE = [[0, 0], [10, 0], [10, 10], [0, 10], [0, 0]]
BOW_TIE = [[20, 0], [30, 10], [30, 0], [20, 10], [20, 0]]
PLACES = Schema(
    (
        Field("nom", "text"),
        Field('l’"œil"; DROP\n', "int"),
        Field("POINT_COUNT", "int"),
        Field("mots", "text", annotations={"multivalued": ","}),
        Field("position", "geo_point_2d"),
    )
)
SHAPES = Schema((Field("code", "text"), Field("contour", "geo_shape"), Field("centre", "geo_point_2d")))


def source(folder: Path, schema: Schema, rows: list[dict[str, Any]], *, indexed: bool = False) -> Source:
    """Publish rows, with their indexed copy or not, and return what asks them."""
    table = pa.Table.from_pylist([dict.fromkeys(schema.names) | row for row in rows], schema=arrow_schema(schema))
    store = VersionStore(folder)
    version = store.write(folder.name, schema, table, created=at(2026, 11, 22))
    if indexed:
        make_index(version, store, memory="200MB", threads=1)
    return source_of(version, store)


def read(tile: Tile, content: bytes, folder: Path) -> tuple[list[dict[str, Any]], list[tuple[float, float]]]:
    """Return the records of a tile, layer by layer, and where they are (degrees; of shapes a corner)."""
    path = folder / f"{tile.z}-{tile.x}-{tile.y}.mvt"
    path.write_bytes(content)
    records, spots = [], []
    for layer, _ in pyogrio.list_layers(path) if content else ():
        meta, _, shapes, columns = raw.read(path, layer=layer, X=tile.x, Y=tile.y, Z=tile.z)
        rows = zip(*(column.tolist() for column in columns), strict=True)
        assert meta["crs"] == "EPSG:3857"
        records += [{"layer": layer} | dict(zip(meta["fields"], row, strict=True)) for row in rows]
        spots += [degrees(shape) for shape in shapes]
    return records, spots


def degrees(wkb: bytes) -> tuple[float, float]:
    """Return the last position of a geometry (EPSG:3857, WKB) in degrees."""
    x, y = memoryview(wkb[-16:]).cast("d")
    radius = 6378137
    return math.degrees(x / radius), math.degrees(math.atan(math.sinh(y / radius)))


def tile_of(lon: float, lat: float, z: int) -> Tile:
    """Return the tile that holds a place, by the rule of the Web Mercator map."""
    row = (1 - math.asinh(math.tan(math.radians(lat))) / math.pi) / 2
    return Tile(z, min(int((lon + 180) / 360 * 2**z), 2**z - 1), int(row * 2**z))


def a_place(nom: str, lon: float, lat: float, **more: Any) -> dict[str, Any]:
    """Return a record of PLACES."""
    return {"nom": nom, "position": {"lon": lon, "lat": lat}, **more}


@pytest.fixture(scope="module")
def reader(tmp_path_factory: pytest.TempPathFactory) -> Any:
    """An engine that reads what these tests publish, and where they publish."""
    root = tmp_path_factory.mktemp("tiles")
    engine = Engine(folders=[str(root)], memory="500MB", threads=1)
    yield engine, root
    engine.close()


@pytest.fixture(scope="module")
def places(reader: tuple[Engine, Path]) -> Source:
    """Places at the ends of the Earth, on top of each other, and nowhere."""
    auch = [a_place(f"Auch {rank}", 0.5863, 43.6465) for rank in range(5)]
    hostile = {'l’"œil"; DROP\n': 7, "POINT_COUNT": 99, "mots": ["a"]}
    alone = [
        a_place("Taveuni", 180.0, -16.85),
        a_place("Wallis", -180.0, -13.3, **hostile),
        a_place("Origine", 0.0, 0.0),
        a_place("Pôle", 0.0, 90.0),
        {"nom": "Nulle part"},
        a_place("x" * 500, 100.0, 10.0),
    ]
    return source(reader[1] / "places", PLACES, [*auch, *alone])


def draw(tile: Tile, asked: Source, engine: Engine, query: Query | None = None) -> bytes:
    """Draw a tile with every field that it can tell."""
    place = find_place(asked.schema)
    assert place is not None
    return draw_tile(tile, query or Query(), asked, engine, place=place, told=list_told(list(asked.schema)))


def test_places_of_a_tile_are_the_records(places: Source, reader: tuple[Engine, Path], tmp_path: Path) -> None:
    """Places that are alone tell their fields, those together their number, each where it is, names as they are."""
    engine, _ = reader
    rows, spots = read(WORLD, draw(WORLD, places, engine), tmp_path)
    told = {row["nom"]: (row, spot) for row, spot in zip(rows, spots, strict=True)}
    assert set(told) == {None, "Taveuni", "Wallis", "Origine", "x" * 80}
    together, spot = told[None]
    assert together["point_count"] == 5
    assert spot == pytest.approx((0.5863, 43.6465), abs=360 / EXTENT)
    wallis, spot = told["Wallis"]
    assert wallis['l’"œil"; DROP\n'] == 7
    assert wallis["point_count"] == 1
    assert spot == pytest.approx((-180, -13.3), abs=360 / EXTENT)
    assert told["Taveuni"][1][0] == pytest.approx(180, abs=360 / EXTENT)
    assert {"POINT_COUNT", "mots"}.isdisjoint(wallis)


def test_filters_are_followed(places: Source, reader: tuple[Engine, Path], tmp_path: Path) -> None:
    """A tile holds what the query keeps; where it keeps nothing there is no byte."""
    engine, _ = reader
    rows, _ = read(WORLD, draw(WORLD, places, engine, Query(refine=('nom:"Wallis"',))), tmp_path)
    assert [row["nom"] for row in rows] == ["Wallis"]
    assert draw(WORLD, places, engine, Query(where=('"introuvable"',))) == b""
    assert draw(Tile(3, 5, 5), places, engine) == b""


@pytest.mark.parametrize("z", [1, 4, 9, MOST_ZOOM])
def test_each_place_is_in_one_tile(places: Source, reader: tuple[Engine, Path], tmp_path: Path, z: int) -> None:
    """At every zoom the tile of each place holds it, at the edges of the world too, and those beside do not."""
    engine, _ = reader
    for lon, lat, nom in ((180.0, -16.85, "Taveuni"), (-180.0, -13.3, "Wallis"), (0.0, 0.0, "Origine")):
        tile = tile_of(lon, lat, z)
        asked = Query(where=(f'nom = "{nom}"',))
        rows, spots = read(tile, draw(tile, places, engine, asked), tmp_path)
        assert [row["nom"] for row in rows] == [nom]
        assert spots[0] == pytest.approx((lon, lat), abs=360 / EXTENT / 2**z)
        beside = {(tile.x + dx) % 2**z for dx in (-1, 1)} - {tile.x}
        assert not any(draw(Tile(z, x, tile.y), places, engine, asked) for x in beside)


def test_tiles_share_out_the_places(places: Source, reader: tuple[Engine, Path], tmp_path: Path) -> None:
    """The tiles of a zoom hold every place of the map, each of them once."""
    engine, _ = reader
    held = 0
    for tile in (Tile(2, x, y) for x in range(4) for y in range(4)):
        rows, _ = read(tile, draw(tile, places, engine), tmp_path)
        held += sum(row["point_count"] for row in rows)
    assert held == 9


def test_what_a_tile_holds_is_bounded(reader: tuple[Engine, Path], tmp_path: Path) -> None:
    """Twenty thousand places make one tile of few kilobytes, which counts them all."""
    engine, root = reader
    rows = [a_place(f"Lieu {rank}", rank % 200 / 2, rank // 200 / 2) for rank in range(20_000)]
    content = draw(WORLD, source(root / "many", PLACES, rows), engine)
    found, _ = read(WORLD, content, tmp_path)
    assert len(content) < 8_000
    assert len(found) <= CELLS**2
    assert sum(row["point_count"] for row in found) == len(rows)


@pytest.fixture(scope="module")
def shapes(reader: tuple[Engine, Path]) -> Source:
    """A square, a bow tie, a cap over the pole, one place without a shape."""
    rings = {"A": SQUARE, "B": BOW_TIE, "C": [[-170, 60], [-100, 60], [-100, 90], [-170, 90], [-170, 60]]}
    rows = [
        {"code": code, "contour": geometry_wkb({"type": "Polygon", "coordinates": [ring]})}
        for code, ring in rings.items()
    ]
    beside = {"code": "E", "centre": {"lon": 50.0, "lat": 20.0}}
    return source(reader[1] / "shapes", SHAPES, [*rows, beside, {"code": "F"}])


def test_shapes_of_a_tile_are_the_records(shapes: Source, reader: tuple[Engine, Path], tmp_path: Path) -> None:
    """Shapes are told where they are; a faulty one is mended, one beyond the map is cut."""
    engine, _ = reader
    rows, spots = read(WORLD, draw(WORLD, shapes, engine), tmp_path)
    found = {row["code"]: spot for row, spot in zip(rows, spots, strict=True)}
    assert set(found) == {"A", "B", "C", "E"}
    assert found["E"] == pytest.approx((50, 20), abs=0.1)
    assert {row["code"]: row["layer"] for row in rows} == {"A": "shapes", "B": "shapes", "C": "shapes", "E": "places"}
    assert max(abs(lat) for _, lat in spots) < 86


def test_small_shapes_are_gathered_until_they_can_be_seen(
    shapes: Source, reader: tuple[Engine, Path], tmp_path: Path
) -> None:
    """Shapes under a few pixels are counted as places are; nearer they have their shape; apart, each always has it."""
    engine, root = reader
    ring = [[0, 0], [0.01, 0], [0.01, 0.01], [0, 0.01], [0, 0]]
    rows = [
        {
            "code": str(rank),
            "contour": geometry_wkb({"type": "Polygon", "coordinates": [[[x + rank / 50, y] for x, y in ring]]}),
        }
        for rank in range(40)
    ]
    plots = source(root / "plots", SHAPES, rows)
    far, near = tile_of(0.4, 0.005, 3), tile_of(0.4, 0.005, 10)
    found, _ = read(far, draw(far, plots, engine), tmp_path)
    assert {row["layer"] for row in found} == {"places"}
    assert sum(row["point_count"] for row in found) == 40
    found, _ = read(near, draw(near, plots, engine), tmp_path)
    assert {row["layer"] for row in found} == {"shapes"}
    assert {"20", "21"} <= {row["code"] for row in found}
    apart = draw_tile(tile_of(0.4, 0.005, 7), Query(), plots, engine, place=SHAPES.get_field("contour"), apart=True)
    found, _ = read(tile_of(0.4, 0.005, 7), apart, tmp_path)
    assert [row["layer"] for row in found] == ["shapes"] * 40


def test_a_shape_is_cut_at_the_edges_of_its_tile(shapes: Source, reader: tuple[Engine, Path], tmp_path: Path) -> None:
    """A tile inside a shape is filled by it, and one outside has none."""
    engine, _ = reader
    inside, outside = tile_of(5, 5, 8), tile_of(15, 5, 8)
    rows, spots = read(inside, draw(inside, shapes, engine), tmp_path)
    west, south, east, north = inside.box
    assert [row["code"] for row in rows] == ["A"]
    assert west - 0.1 < spots[0][0] < east + 0.1
    assert south - 0.1 < spots[0][1] < north + 0.1
    assert draw(outside, shapes, engine) == b""


def test_the_largest_shapes_go_first(
    shapes: Source, reader: tuple[Engine, Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where there are too many shapes for a tile, the small ones wait for a nearer look."""
    monkeypatch.setattr(tiles, "MOST_SHAPES", 1)
    rows, _ = read(WORLD, draw(WORLD, shapes, reader[0]), tmp_path)
    assert [row["code"] for row in rows if row["layer"] == "shapes"] == ["C"]


@given(st.integers(0, MOST_ZOOM), st.data())
def test_the_box_of_a_tile_holds_its_middle(z: int, data: st.DataObject) -> None:
    """The corners of a tile are those of the Web Mercator map."""
    x, y = (data.draw(st.integers(0, 2**z - 1)) for _ in "xy")
    west, south, east, north = Tile(z, x, y).box
    assert tile_of((west + east) / 2, (south + north) / 2, z) == Tile(z, x, y)


@pytest.mark.parametrize(("z", "x", "y"), [(-1, 0, 0), (MOST_ZOOM + 1, 0, 0), (10**9, 0, 0), (2, 4, 0), (2, 0, -1)])
def test_a_tile_beyond_the_map_is_refused(z: int, x: int, y: int) -> None:
    """A zoom, a column or a row that the map does not have is an error that says what is expected."""
    with pytest.raises(InvalidParameter, match="a whole number from 0 to"):
        check_tile(z, x, y)


def test_the_indexed_copy_gives_the_same_tiles(tmp_path: Path) -> None:
    """A tile is drawn from the copy when there is one, and holds what the file's holds."""
    rows = [a_place(f"p{n}", n / 7 - 20, n / 9, **{'l’"œil"; DROP\n': n}) for n in range(300)]
    engine, drawn = Engine(folders=[str(tmp_path)], memory="200MB", threads=1), []
    for indexed in (False, True):
        asked = source(tmp_path / f"store{indexed:d}", PLACES, rows, indexed=indexed)
        assert find_table(asked, engine)[1] == indexed
        query, place, told = Query(where=('"p1*"',)), asked.schema.get_field("position"), list_told(asked.schema)
        content = draw_tile(Tile(3, 3, 3), query, asked, engine, place=place, told=told)
        drawn.append(sorted(map(str, read(Tile(3, 3, 3), content, tmp_path)[0])))
    engine.close()
    assert drawn[0] == drawn[1] != []
