"""Geographic layers and Parquet files written by other libraries become degrees of WGS 84, with their values."""

import json
import struct
import zipfile
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pyogrio
import pytest

from datasets.errors import BrokenFile, EmptyFile, IngestError, TooManyColumns, UnknownOption
from datasets.ingest import Ingested, Reading, read_file

METRES = [(500000.0, 6300000.0), (510000.0, 6310000.0)]
DEGREES = [(0.5, 43.6), (0.6, 43.7)]
HERE = {"lon": 0.516009, "lat": 43.770705}


def layer(places: list[tuple[float, float]]) -> pa.Table:
    """Return a layer of two points with texts, a code, numbers and a hole."""
    points = [struct.pack("<BIdd", 1, 1, *place) for place in places]
    columns = {"nom": ["Théâtre", "Musée"], "code": ["01001", "32013"], "n": [1, 2], "part": [1.5, None]}
    return pa.table({**columns, "place": pa.array(points)})


def write(path: Path, places: list[tuple[float, float]], crs: str, **options: Any) -> Path:
    """Write a layer of points with GDAL."""
    pyogrio.write_arrow(layer(places), path, geometry_name="place", geometry_type="Point", crs=crs, **options)
    return path


def zip_shapes(folder: Path, *parts: str, name: str = "lieux") -> Path:
    """Write a Shapefile in Lambert-93 and put those of its files in an archive."""
    write(folder / f"{name}.shp", METRES, "EPSG:2154", driver="ESRI Shapefile")
    target = folder / "envoi.zip"
    with zipfile.ZipFile(target, "a") as archive:
        for part in parts:
            archive.write(folder / f"{name}.{part}", f"dossier/{name}.{part}")
    return target


def told(found: Ingested) -> list[str]:
    """Return the reasons of the problems."""
    return [problem.reason for problem in found.report.problems]


@pytest.mark.parametrize(
    ("name", "options"),
    [("lieux.gpkg", {"driver": "GPKG"}), ("lieux.fgb", {"driver": "FlatGeobuf", "SPATIAL_INDEX": "NO"})],
)
def test_layers_in_metres_become_degrees(tmp_path: Path, name: str, options: dict[str, Any]) -> None:
    """Texts stay texts, codes keep their zeros, and the system that the file states is converted."""
    found = read_file(write(tmp_path / name, METRES, "EPSG:2154", **options))
    first = found.table.to_pylist()[0]
    assert first.pop("geo_point_2d") == pytest.approx(HERE, abs=1e-6)
    assert first == {"nom": "Théâtre", "code": "01001", "n": 1, "part": 1.5}
    assert found.dialect.crs == "EPSG:2154"
    assert told(found) == ["coordinates_converted"]


def test_a_shapefile_in_an_archive(tmp_path: Path) -> None:
    """The files of a Shapefile are read together, whatever their folder."""
    found = read_file(zip_shapes(tmp_path, "shp", "shx", "dbf", "prj", "cpg"))
    assert found.table["nom"].to_pylist() == ["Théâtre", "Musée"]
    assert found.table["geo_point_2d"].to_pylist()[0] == pytest.approx(HERE, abs=1e-6)
    assert (found.dialect.format, found.dialect.sheet) == ("shapefile", "lieux")


def test_a_shapefile_without_what_explains_it(tmp_path: Path) -> None:
    """Without index, system and encoding, Lambert-93 is recognised by its values and UTF-8 by its bytes."""
    found = read_file(zip_shapes(tmp_path, "shp", "dbf"))
    assert found.table["nom"].to_pylist() == ["Théâtre", "Musée"]
    assert found.table["geo_point_2d"].to_pylist()[0] == pytest.approx(HERE, abs=1e-6)
    assert told(found) == ["lambert_93_guessed"]
    assert found.dialect.encoding == "utf-8"


def test_one_of_several_shapefiles_is_chosen(tmp_path: Path) -> None:
    """The first is read and the others are told; another one may be asked for."""
    zip_shapes(tmp_path, "shp", "shx", "dbf", "prj")
    path = zip_shapes(tmp_path, "shp", "shx", "dbf", "prj", name="salles")
    found = read_file(path)
    assert found.offers["sheet"] == ("lieux", "salles")
    assert "other_sheets" in told(found)
    assert read_file(path, reading=Reading(sheet="salles")).dialect.sheet == "salles"
    with pytest.raises(UnknownOption, match="absente"):
        read_file(path, reading=Reading(sheet="absente"))


def test_a_placemark_file(tmp_path: Path) -> None:
    """KML gives its data, without the drawing instructions that say nothing."""
    found = read_file(write(tmp_path / "lieux.kml", DEGREES, "EPSG:4326", driver="LIBKML"))
    assert found.table["nom"].to_pylist() == ["Théâtre", "Musée"]
    assert found.table["code"].to_pylist() == ["01001", "32013"]
    assert "tessellate" not in found.table.column_names
    assert found.table["geo_point_2d"].to_pylist()[0] == pytest.approx({"lon": 0.5, "lat": 43.6})


def test_a_track_file(tmp_path: Path) -> None:
    """GPX gives the layer that holds something, without its empty columns."""
    text = (
        '<?xml version="1.0"?><gpx version="1.1" creator="essai" xmlns="http://www.topografix.com/GPX/1/1">'
        '<wpt lat="43.6" lon="0.5"><ele>100</ele><name>A</name></wpt>'
        '<wpt lat="43.7" lon="0.6"><name>B</name></wpt></gpx>'
    )
    (tmp_path / "balade.gpx").write_text(text, encoding="utf-8")
    found = read_file(tmp_path / "balade.gpx")
    assert found.table.to_pylist() == [
        {"ele": 100, "name": "A", "geo_point_2d": {"lon": 0.5, "lat": 43.6}},
        {"ele": None, "name": "B", "geo_point_2d": {"lon": 0.6, "lat": 43.7}},
    ]


def test_a_topology(tmp_path: Path) -> None:
    """TopoJSON arcs become shapes."""
    document = {
        "type": "Topology",
        "transform": {"scale": [0.001, 0.001], "translate": [0, 43]},
        "objects": {"zone": {"type": "GeometryCollection", "geometries": [{"type": "Polygon", "arcs": [[0]]}]}},
        "arcs": [[[0, 0], [30, 0], [0, 30], [-30, -30]]],
    }
    (tmp_path / "zone.json").write_text(json.dumps(document), encoding="utf-8")
    found = read_file(tmp_path / "zone.json")
    assert found.dialect.format == "topojson"
    assert found.table["geo_point_2d"].to_pylist()[0] == pytest.approx({"lon": 0.02, "lat": 43.01})


def test_a_parquet_file_keeps_its_values(tmp_path: Path) -> None:
    """Each type of column comes back as its values, every digit of them; a text is never a number."""
    columns = {
        "n": pa.array([1, None]),
        "x": pa.array([0.1, 1e22]),
        "jour": pa.array([date(2024, 1, 2), None]),
        "instant": pa.array([datetime(2024, 1, 2, 3, 4, 5, tzinfo=UTC), None], pa.timestamp("ms", "UTC")),
        "code": pa.array(["01", "2"]),
        "prix": pa.array([Decimal("1.10"), None]),
        "genre": pa.array(["danse", "cirque"]).dictionary_encode(),
        "mots": pa.array([["u", "v"], ["w"]]),
    }
    pq.write_table(pa.table(columns), tmp_path / "valeurs.parquet")
    assert read_file(tmp_path / "valeurs.parquet").table.to_pylist() == [
        {
            "n": 1,
            "x": 0.1,
            "jour": date(2024, 1, 2),
            "instant": datetime(2024, 1, 2, 3, 4, 5, tzinfo=UTC),
            "code": "01",
            "prix": 1.1,
            "genre": "danse",
            "mots": '["u", "v"]',
        },
        {
            "n": None,
            "x": 1e22,
            "jour": None,
            "instant": None,
            "code": "2",
            "prix": None,
            "genre": "cirque",
            "mots": '["w"]',
        },
    ]


def test_a_parquet_file_with_geometries(tmp_path: Path) -> None:
    """GeoParquet states its system, which is converted."""
    crs = {"id": {"authority": "EPSG", "code": 2154}}
    geo = {"version": "1.0.0", "primary_column": "place", "columns": {"place": {"encoding": "WKB", "crs": crs}}}
    table = layer(METRES).replace_schema_metadata({"geo": json.dumps(geo)})
    pq.write_table(table, tmp_path / "lieux.parquet")
    found = read_file(tmp_path / "lieux.parquet")
    assert found.table["geo_point_2d"].to_pylist()[0] == pytest.approx(HERE, abs=1e-6)


@pytest.mark.parametrize(
    ("name", "content", "error"),
    [
        ("a.gpkg", b"SQLite format 3\0" + bytes(5000), BrokenFile),
        ("a.parquet", b"PAR1" + bytes(300), BrokenFile),
        ("a.kml", b'<?xml version="1.0"?><!DOCTYPE k [<!ENTITY a "aa">]><kml>&a;</kml>', BrokenFile),
        ("a.kml", b"<kml><OGRVRTDataSource><OGRVRTLayer/></OGRVRTDataSource></kml>", BrokenFile),
    ],
)
def test_broken_and_hostile_layers_are_refused_in_words(
    tmp_path: Path, name: str, content: bytes, error: type[IngestError]
) -> None:
    """A false layer ends in the process that reads it, with an error that names the file and no path of the server."""
    (tmp_path / name).write_bytes(content)
    with pytest.raises(error, match=name) as refused:
        read_file(tmp_path / name)
    assert "/tmp" not in refused.value.message("fr")


def test_parquet_files_beyond_the_limits_are_refused(tmp_path: Path) -> None:
    """No row, or thousands of columns: said in words."""
    pq.write_table(pa.table({"n": pa.array([], pa.int64())}), tmp_path / "vide.parquet")
    with pytest.raises(EmptyFile):
        read_file(tmp_path / "vide.parquet")
    pq.write_table(pa.table({f"c{rank}": [1] for rank in range(2001)}), tmp_path / "large.parquet")
    with pytest.raises(TooManyColumns):
        read_file(tmp_path / "large.parquet")
