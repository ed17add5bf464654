"""Places near a point: those that are too far to be measured are left without losing one that is near."""

from datetime import UTC, datetime
from pathlib import Path

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from datasets.model import Field, Schema
from datasets.query import Query, Source, run_query, source_of
from datasets.store.engine import Engine
from datasets.store.versions import VersionStore

SCHEMA = Schema((Field("n", "int"), Field("place", "geo_point_2d")))
PLACES = [
    (lon, lat)
    for lon in (-180.0, -179.99, -120.5, -0.01, 0.0, 0.02, 0.59, 90.0, 179.98, 180.0)
    for lat in (-90.0, -89.99, -60.0, -0.05, 0.0, 0.05, 43.65, 43.7, 89.9, 90.0)
]


@pytest.fixture(scope="module")
def world(tmp_path_factory) -> Source:
    """A hundred places all over the Earth, its poles and the antimeridian included."""
    store = VersionStore(tmp_path_factory.mktemp("world"))
    lon, lat = (pa.array(each, pa.float64()) for each in zip(*PLACES, strict=True))
    places = pa.StructArray.from_arrays([lon, lat], ["lon", "lat"])
    table = pa.table({"n": pa.array(range(len(PLACES))), "place": places})
    return source_of(store.write("world", SCHEMA, table, created=datetime(2026, 11, 22, tzinfo=UTC)), store)


@pytest.fixture(scope="module")
def engine(world: Source):
    """An engine that may read them."""
    engine = Engine(folders=[str(Path(world.path).parents[2])], memory="200MB", threads=1)
    yield engine
    engine.close()


@settings(max_examples=60, deadline=None)
@given(
    lon=st.sampled_from([-180.0, -179.995, 0.0, 0.5, 179.99]) | st.floats(-180, 180),
    lat=st.sampled_from([-90.0, -89.95, 0.0, 43.66, 89.95, 90.0]) | st.floats(-90, 90),
    metres=st.sampled_from([0.0, 100.0, 3_000.0, 12_000.0, 2e6, 9.9e6, 1.9e7, 2.1e7]),
)
def test_near_places_are_those_that_measuring_all_finds(world, engine, lon, lat, metres):
    """Whatever the point and the distance, the places kept are those whose measured distance is at most that."""
    point = f"geom'POINT({lon:.6f} {lat:.6f})'"
    where = f"within_distance(place, {point}, {metres:.1f}m)"
    kept = run_query(Query(select="n", where=(where,), limit=100), world, engine).rows.read_all()["n"].to_pylist()
    measured = run_query(Query(select=f"n, distance(place, {point}) as d", limit=100), world, engine).rows.read_all()
    assert kept == [n for n, d in zip(*(column.to_pylist() for column in measured), strict=True) if d <= metres]
