"""Shapefile and FlatGeobuf, read by GDAL: layers, names, values, and the temporary folder that they need."""

import datetime as dt
import io
import tempfile
import zipfile
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyogrio
import pytest

from datasets.errors import LimitExceeded
from datasets.model import Field, Schema
from datasets.types.geo_shape import geometry_wkb
from exports import EXPORTERS, ExportOptions, gis, spool
from tests.exports.hostile import ANTIMERIDIAN, EMPTY, FULL, LINES, POLYGON, ROWS, SCHEMA, hostile_batch, written

NAMES = [
    "texte",
    "nom_de_la_",
    "nom_de_l_2",
    "OGC_FID_",
    "f_32",
    "oui",
    "jour",
    "mois",
    "an",
    "heure",
    "labels",
    "ailleurs",
    "photo",
    "brut",
]
POINTS = Schema((Field("n", "int"), Field("p", "geo_point_2d")))


def read(path: Path, layer: str | None = None) -> list[dict[str, Any]]:
    """The rows of a layer, without the path of GDAL through Arrow, their geometry as WKB under ''."""
    meta, _, shapes, columns = pyogrio.raw.read(path, layer=layer, datetime_as_string=True)
    rows = [dict(zip(meta["fields"], values, strict=True)) for values in zip(*columns, strict=True)]
    return [
        {**row, "": shape} for row, shape in zip(rows, [None] * len(rows) if shapes is None else shapes, strict=True)
    ]


@pytest.fixture
def aside(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The temporary folder of the machine, which must be left empty."""
    folder = tmp_path / "temporary"
    folder.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(folder))
    return folder


@pytest.fixture(scope="module")
def shapefile(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The hostile table as an unpacked shapefile."""
    folder = tmp_path_factory.mktemp("shp")
    zipfile.ZipFile(io.BytesIO(written("shp", batches=3))).extractall(folder)
    return folder


def test_each_kind_of_geometry_is_a_layer(shapefile):
    """Points, multipoints, lines and polygons have their layer; what no layer draws is a table alone."""
    found = {path.stem: len(read(path)) for path in sorted(shapefile.glob("*.dbf"))}
    assert found == {"lines": 1, "multipoints": 1, "points": 1, "polygons": 3, "table": 2}
    assert sorted(path.suffix for path in shapefile.glob("polygons.*")) == [".cpg", ".dbf", ".prj", ".shp", ".shx"]
    assert (shapefile / "polygons.cpg").read_text() == "UTF-8"
    assert "WGS_1984" in (shapefile / "polygons.prj").read_text()


def test_names_are_cut_without_collision(shapefile):
    """Names have ten plain letters at most, all different; none is the name that GDAL keeps for itself."""
    assert list(pyogrio.read_info(shapefile / "polygons.shp")["fields"]) == NAMES


def test_values_of_a_shapefile(shapefile):
    """Numbers, booleans and dates are typed, ancient dates too; the rest is text; nulls are nulls."""
    full, empty, _ = read(shapefile / "polygons.shp")
    assert full["texte"] == FULL["texte"].strip()
    assert (full["f_32"], full["oui"], str(full["jour"])) == (1e-7, 1, "1900-01-01")
    assert (str(full["an"]), full["heure"]) == ("0987-01-01", "1789-07-14T08:30:59+00:00")
    assert (full["labels"], full["ailleurs"], full["OGC_FID_"]) == ("a;b,c,d,", "90.0, -180.0", 2**53 + 1)
    assert empty["texte"] in ("", None)
    assert [row["f_32"] for row in read(shapefile / "table.dbf")][1] == -72.48


def test_geometries_of_a_shapefile(shapefile):
    """Shapes keep their positions, the antimeridian is not crossed, an empty geometry is none."""
    [line] = read(shapefile / "lines.shp")
    assert line[""] == geometry_wkb(LINES)
    full, empty, across = read(shapefile / "polygons.shp")
    assert len(full[""]) == len(geometry_wkb(POLYGON))
    assert empty[""] is None
    assert len(across[""]) == len(geometry_wkb(ANTIMERIDIAN))
    assert pyogrio.read_info(shapefile / "polygons.shp")["total_bounds"] == (-180.0, -17.0, 180.0, 4.0)


def test_long_texts_are_cut_between_characters(a_batch, tmp_path):
    """A cell of a shapefile holds 254 bytes: a longer text is cut before the character that does not fit."""
    schema = Schema((Field("t", "text"), Field("p", "geo_point_2d")))
    texts = ["é" * 127, "é" * 128, "x" + "🎭" * 64, "x" * 10_000_000]
    rows = [{"t": text, "p": {"lon": 0.0, "lat": 0.0}} for text in texts]
    data = b"".join(EXPORTERS["shp"].write(schema, [a_batch(schema, rows)], ExportOptions()))
    zipfile.ZipFile(io.BytesIO(data)).extractall(tmp_path)
    read_texts = [row["t"] for row in read(tmp_path / "points.shp")]
    assert read_texts == ["é" * 127, "é" * 127, "x" + "🎭" * 63, "x" * 254]


def test_values_of_a_flatgeobuf(tmp_path):
    """One layer called Layer1, with the names as they are and typed values, without the fields that draw."""
    path = tmp_path / "x.fgb"
    path.write_bytes(written("fgb", batches=3))
    assert pyogrio.list_layers(path).tolist() == [["Layer1", "Unknown"]]
    rows = read(path)
    kept = [name for name in SCHEMA.names if name not in ("geometry", "forme", "forme 2")]
    assert list(rows[0])[:-1] == ["OGC_FID_" if name == "OGC_FID" else name for name in kept]
    assert [row["texte"] for row in rows] == [row.get("texte") for row in ROWS]
    assert [row[""] for row in rows[3:5]] == [geometry_wkb(ANTIMERIDIAN), geometry_wkb(LINES)]
    assert rows[1][""] is None
    assert rows[0]["heure"] == "1789-07-14T08:30:59Z"
    assert (rows[0]["jour"], rows[0]["an"]) == ("1900-01-01", "0987")


def test_big_integers_of_a_flatgeobuf(tmp_path, a_batch):
    """All 64 bits of an integer come back when no null makes GDAL read doubles."""
    path = tmp_path / "x.fgb"
    rows = [{"n": n, "p": {"lon": 1.0, "lat": 2.0}} for n in (2**63 - 1, -(2**63))]
    path.write_bytes(b"".join(EXPORTERS["fgb"].write(POINTS, [a_batch(POINTS, rows)], ExportOptions())))
    assert [row["n"] for row in read(path)] == [2**63 - 1, -(2**63)]


def test_a_flatgeobuf_is_indexed_when_it_can_be(a_batch, tmp_path, monkeypatch):
    """Few rows that are all drawn get a spatial index; many rows, or an empty geometry, are written without."""
    rows = [{"n": n, "p": {"lon": 1.0, "lat": 2.0}} for n in range(3)]
    indexed = b"".join(EXPORTERS["fgb"].write(POINTS, [a_batch(POINTS, rows)], ExportOptions()))
    monkeypatch.setattr(gis, "INDEXED_ROWS", 2)
    plain = b"".join(EXPORTERS["fgb"].write(POINTS, [a_batch(POINTS, rows)], ExportOptions()))
    assert len(indexed) > len(plain)
    schema = Schema((Field("n", "int"), Field("s", "geo_shape")))
    batch = pa.record_batch([[1], [geometry_wkb({"type": "Polygon", "coordinates": []})]], names=["n", "s"])
    (tmp_path / "x.fgb").write_bytes(b"".join(EXPORTERS["fgb"].write(schema, [batch], ExportOptions())))
    assert len(read(tmp_path / "x.fgb")) == 1


@pytest.mark.parametrize("name", ["shp", "fgb"])
def test_zero_rows_are_an_empty_layer(name, tmp_path):
    """An empty result is a layer with its fields and no feature."""
    path = tmp_path / f"x.{EXPORTERS[name].extension}"
    path.write_bytes(written(name, batches=0))
    assert read(path) == []
    assert len(pyogrio.read_info(path)["fields"]) == len(NAMES)


def test_a_row_without_shape_is_drawn_by_its_point(tmp_path):
    """Where the shape is missing the point takes its place, as in geojson; an empty shape is a shape."""
    rows = [{"geometry": {"lon": 1.5, "lat": 2.5}}, {"forme": EMPTY, "geometry": {"lon": 3.0, "lat": 4.0}}]
    path = tmp_path / "x.fgb"
    path.write_bytes(b"".join(EXPORTERS["fgb"].write(SCHEMA, [hostile_batch("wkb", rows)], ExportOptions())))
    point, empty = read(path)
    assert point[""] == geometry_wkb({"type": "Point", "coordinates": [1.5, 2.5]})
    assert empty[""] is None


@pytest.mark.parametrize("name", ["shp", "fgb"])
def test_the_coordinate_system_is_told(name, tmp_path):
    """Rows that were reprojected say in which system they are."""
    path = tmp_path / f"x.{EXPORTERS[name].extension}"
    path.write_bytes(written(name, epsg=2154))
    assert {pyogrio.read_info(path, layer=layer)["crs"] for layer, kind in pyogrio.list_layers(path) if kind} == {
        "EPSG:2154"
    }


@pytest.mark.parametrize("name", ["shp", "fgb"])
def test_a_selection_without_geography_is_a_table(name, a_batch, tmp_path):
    """A grouped or narrowed result has no geometry and keeps its rows."""
    schema = Schema((Field("n", "int"), Field("jour", "date")))
    rows = [{"n": 5, "jour": dt.date(2024, 5, 17)}]
    path = tmp_path / f"x.{EXPORTERS[name].extension}"
    path.write_bytes(b"".join(EXPORTERS[name].write(schema, [a_batch(schema, rows)], ExportOptions())))
    [row] = read(path)
    assert (row["n"], str(row["jour"]), row[""]) == (5, "2024-05-17", None)


@pytest.mark.parametrize("name", ["shp", "fgb"])
def test_the_temporary_folder_is_emptied(name, aside):
    """Nothing stays behind a file read whole, one abandoned, one never begun, or a query that fails."""

    def failing():
        yield hostile_batch("wkb")
        raise LimitExceeded(what="time", limit="1 s")

    assert written(name)
    chunks = EXPORTERS[name].write(SCHEMA, [hostile_batch("wkb")], ExportOptions())
    next(chunks)
    assert list(aside.iterdir())
    chunks.close()
    EXPORTERS[name].write(SCHEMA, [hostile_batch("wkb")], ExportOptions()).close()
    with pytest.raises(LimitExceeded, match="time"):
        list(EXPORTERS[name].write(SCHEMA, failing(), ExportOptions()))
    assert list(aside.iterdir()) == []


@pytest.mark.parametrize(("name", "module"), [("shp", spool), ("fgb", spool), ("shp", gis)])
def test_too_many_rows_are_refused_before_any_byte(name, module, aside, monkeypatch):
    """Beyond the temporary space, or the size that readers know, the first piece is an error and nothing is left."""
    monkeypatch.setattr(module, "MOST_BYTES", 1000)
    chunks = EXPORTERS[name].write(SCHEMA, [hostile_batch("wkb")] * 2, ExportOptions())
    with pytest.raises(LimitExceeded, match="2 GB"):
        next(chunks)
    assert list(aside.iterdir()) == []
