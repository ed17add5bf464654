"""Parquet and Arrow: the columns with their types, read by DuckDB, pandas and pyarrow."""

import datetime as dt
import io
import json
from pathlib import Path

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from datasets.model import Field, Schema
from datasets.store.spatial import open_spatial
from datasets.types.geo_shape import geometry_wkb
from exports import EXPORTERS, ExportOptions
from exports.columnar import GROUP_ROWS
from tests.exports.hostile import ROWS, SCHEMA, hostile_batch, written


def told(values: list[object]) -> list[object]:
    """The values, comparable: moments as their text, NaN as a word."""
    return [v.isoformat() if isinstance(v, dt.date) else "NaN" if v != v else v for v in values]


def expected(field: Field) -> list[object]:
    """The values of a column as they are told: shapes and points as WKB, nothing for a point that is nowhere."""
    values = []
    for row in ROWS:
        value = row.get(field.name)
        if value is not None and field.type == "geo_shape":
            value = geometry_wkb(value)
        if value is not None and field.type == "geo_point_2d":
            finite = value["lon"] == value["lon"]
            value = geometry_wkb({"type": "Point", "coordinates": [value["lon"], value["lat"]]}) if finite else None
        values.append(value)
    return values


def read(name: str, **options) -> pa.Table:
    data = written(name, **options)
    return pa.ipc.open_stream(data).read_all() if name == "arrow" else pq.read_table(io.BytesIO(data))


@pytest.mark.parametrize("name", ["parquet", "arrow"])
@pytest.mark.parametrize("batches", [1, 3])
def test_every_value_comes_back_typed(name, batches):
    """Types, nulls, big integers, ancient dates, lists and geometries equal the rows, in however many batches."""
    table = read(name, batches=batches)
    assert table.column_names == list(SCHEMA.names)
    for field in SCHEMA:
        assert told(table[field.name].to_pylist()) == told(expected(field)), field.name


@pytest.mark.parametrize("name", ["parquet", "arrow"])
def test_zero_rows_keep_the_columns(name):
    """An empty result has the same columns and types as a full one."""
    assert read(name, batches=0).schema.equals(read(name).schema)
    assert len(read(name, batches=0)) == 0


def test_labels_and_zone_are_those_of_the_reader():
    """`use_labels` names the columns, equal labels stay apart, `timezone` is the zone of instants."""
    table = read("parquet", use_labels=True, lang="en", timezone="Europe/Paris")
    assert table.column_names[:3] == ["A text", "Nom (nom de la commune é)", "Nom (nom de la commune è)"]
    assert table.schema.field("heure").type == pa.timestamp("us", tz="Europe/Paris")
    assert table["heure"][5].as_py().isoformat() == "2024-03-31T03:00:00+02:00"


@pytest.mark.parametrize("compression", ["snappy", "zstd"])
def test_the_compression_is_the_one_asked(compression):
    """Each column says the codec that `parquet_compression` names."""
    known = pq.ParquetFile(io.BytesIO(written("parquet", parquet_compression=compression))).metadata
    assert known.row_group(0).column(0).compression == compression.upper()


def test_the_footer_is_geoparquet():
    """GeoParquet 1.1: the first shape is primary; each geometry column tells its kinds and the box of its values."""
    geo = json.loads(pq.ParquetFile(io.BytesIO(written("parquet"))).metadata.metadata[b"geo"])
    assert (geo["version"], geo["primary_column"]) == ("1.1.0", "forme")
    assert list(geo["columns"]) == ["forme", "forme 2", "geometry", "ailleurs"]
    assert geo["columns"]["ailleurs"] == {"encoding": "WKB", "geometry_types": ["Point"], "bbox": [-180, 90, -180, 90]}
    assert geo["columns"]["geometry"]["bbox"] == [0.5863, 2.0, 1.0, 43.6465]
    assert geo["columns"]["forme"]["bbox"] == [-180, -17, 180, 8]
    kinds = ["GeometryCollection", "MultiLineString", "MultiPoint", "MultiPolygon", "Point", "Polygon"]
    assert geo["columns"]["forme"]["geometry_types"] == kinds


def test_another_coordinate_system_is_not_called_degrees():
    """Reprojected coordinates never pass for longitudes and latitudes: their system is told as unknown."""
    geo = json.loads(pq.ParquetFile(io.BytesIO(written("parquet", epsg=2154))).metadata.metadata[b"geo"])
    assert {column["crs"] for column in geo["columns"].values()} == {None}


def test_tables_without_geography_say_nothing_of_it(a_batch):
    """No `geo` in the footer of a table without geographic field."""
    schema = Schema((Field("a", "int"),))
    data = b"".join(EXPORTERS["parquet"].write(schema, [a_batch(schema, [{"a": 1}])], ExportOptions()))
    assert b"geo" not in pq.ParquetFile(io.BytesIO(data)).metadata.metadata


def test_duckdb_and_pandas_read_the_file(tmp_path: Path):
    """Readers other than the writer find the rows, and DuckDB finds geometries in the column of shapes."""
    path = tmp_path / "x.parquet"
    path.write_bytes(written("parquet", parquet_compression="zstd"))
    with open_spatial() as database:
        sql = "SELECT OGC_FID, jour, labels, ST_AsText(forme) FROM read_parquet(?)"
        rows = database.execute(sql, [str(path)]).fetchall()
    assert rows[0][:3] == (2**53 + 1, dt.date(1900, 1, 1), ["a;b", "c,d", ""])
    assert rows[0][3].startswith("POLYGON ((0 0, 4 0")
    assert rows[2][3] == "MULTIPOLYGON EMPTY"
    frame = pd.read_parquet(path)
    assert frame["texte"].isna().tolist() == ["texte" not in row for row in ROWS]


def test_row_groups_are_bounded():
    """Rows are written by groups, so that memory holds one of them."""
    schema = Schema((Field("a", "int"),))
    batch = pa.record_batch([pa.array(range(10_000))], names=["a"])
    data = b"".join(EXPORTERS["parquet"].write(schema, [batch] * 30, ExportOptions()))
    known = pq.ParquetFile(io.BytesIO(data)).metadata
    assert known.num_rows == 300_000
    assert max(known.row_group(n).num_rows for n in range(known.num_row_groups)) <= GROUP_ROWS + 10_000


def test_a_column_without_type_is_text():
    """A bare null, which the engine gives no type, is a column of text."""
    schema = Schema((Field("a", "text"), Field("p", "geo_point_2d")))
    batch = pa.record_batch([pa.nulls(2), pa.nulls(2)], names=["a", "p"])
    table = pq.read_table(io.BytesIO(b"".join(EXPORTERS["parquet"].write(schema, [batch], ExportOptions()))))
    assert table.to_pylist() == [{"a": None, "p": None}] * 2


def test_arrow_is_read_as_it_comes():
    """A stream reader finds each batch before the next one is written."""
    chunks = EXPORTERS["arrow"].write(SCHEMA, [hostile_batch("wkb")] * 3, ExportOptions())
    data = next(chunks) + next(chunks)
    assert len(pa.ipc.open_stream(data).read_next_batch()) == len(ROWS)
