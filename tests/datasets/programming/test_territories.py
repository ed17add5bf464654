"""Territories: the hierarchy, the placing of codes, the contours, what is kept between runs."""

import json
import time
from pathlib import Path

import geojson
import pandas as pd
import pytest

from datasets.errors import IngestError
from datasets.programming.territories import (
    REASONS,
    Territories,
    load_contours,
    open_territories,
    read_territories,
    reference_frame,
    write_territories,
)
from datasets.programming.territories.topology import centroid, contains, dissolve, polygons_of, signed_area

MODULES = Path(__file__).parents[3] / "node_modules"


@pytest.fixture(scope="module")
def territories() -> Territories:
    return read_territories(MODULES)


def square(west: float, south: float, side: float = 1.0) -> list[list[float]]:
    east, north = west + side, south + side
    return [[west, south], [east, south], [east, north], [west, north], [west, south]]


def write_collection(file: Path, *features: tuple[object, object]) -> Path:
    """Write a FeatureCollection of (properties, geometry) pairs."""
    rows = [{"type": "Feature", "properties": p, "geometry": g} for p, g in features]
    file.write_text(json.dumps({"type": "FeatureCollection", "features": rows}), "utf-8")
    return file


@pytest.mark.parametrize(
    ("code", "commune", "departement", "region", "reparation"),
    [
        ("32013", "32013", "32", "76", None),
        (" 32013 ", "32013", "32", "76", None),
        ("1001", "01001", "01", "84", "zero_initial"),
        ("1015", "01015", "01", "84", "zero_initial"),
        ("32067", "32365", "32", "76", "code_ancien"),
        ("32074", "32344", "32", "76", "code_ancien"),
        ("75101", "75056", "75", "11", "arrondissement"),
        ("75120", "75056", "75", "11", "arrondissement"),
        ("69381", "69123", "69", "84", "arrondissement"),
        ("69389", "69123", "69", "84", "arrondissement"),
        ("13201", "13055", "13", "93", "arrondissement"),
        ("13216", "13055", "13", "93", "arrondissement"),
        ("78524", "78158", "78", "11", "code_ancien"),
        ("2A004", "2A004", "2A", "94", None),
        ("2b033", "2B033", "2B", "94", None),
        ("97411", "97411", "974", "04", None),
        ("98818", "98818", "988", "988", None),
    ],
)
def test_place(territories, code, commune, departement, region, reparation):
    """A code is placed in today's commune, département and région, and its repair is told."""
    row = territories.place(pd.Series([code])).iloc[0]
    assert (row.code_commune, row.code_departement, row.code_region) == (commune, departement, region)
    assert (None if pd.isna(row.reparation) else row.reparation) == reparation
    assert pd.isna(row.refus)


@pytest.mark.parametrize(
    ("code", "refus"),
    [
        ("99999", "inconnu"),
        ("00000", "inconnu"),
        ("Auch", "inconnu"),
        ("320130", "inconnu"),
        ("'; DROP TABLE communes", "inconnu"),
        ("75001", "code_postal"),
        ("20004", "code_postal"),
        ("", "vide"),
        ("  ", "vide"),
        (None, "vide"),
    ],
)
def test_place_refuses(territories, code, refus):
    """A code that means no commune, or could be a postcode, is refused with its reason and has no territory."""
    row = territories.place(pd.Series([code], dtype="object")).iloc[0]
    assert row.refus == refus
    assert row[["code_commune", "code_epci", "code_departement", "code_region", "reparation"]].isna().all()
    assert set(REASONS[refus]) == {"fr", "en"}


def test_place_keeps_the_index(territories):
    """Rows come back in the order and with the index of the codes, repeated codes included."""
    codes = pd.Series(["32013", None, "32013", "1001"], index=[7, 3, 9, 1])
    placed = territories.place(codes)
    assert list(placed.index) == [7, 3, 9, 1]
    assert list(placed["code_commune"].fillna("-")) == ["32013", "-", "32013", "01001"]


def test_every_former_code_is_placed(territories):
    """Each former, delegated or associated code leads to a current commune, unless it reads as a postcode."""
    placed = territories.place(territories.former["code"])
    refused = placed["refus"].notna()
    assert set(placed.loc[refused, "refus"]) == {"code_postal"}
    assert placed.loc[~refused, "code_commune"].isin(territories.communes["code"]).all()


def test_hierarchy(territories):
    """The frames hold every territory once, with text codes, and populations that add up."""
    sizes = [len(territories.frame(level)) for level in ("pays", "region", "departement", "epci", "commune")]
    assert sizes == [1, 26, 109, 1255, 34969]
    for level in ("region", "departement", "epci", "commune"):
        codes = territories.frame(level)["code"]
        assert codes.is_unique
        assert codes.notna().all()
    total = territories.populations("pays").item()
    assert territories.populations("region").sum() == territories.populations("departement").sum() == total
    gers = territories.communes.query("code_departement == '32'")
    assert len(gers) == 458
    assert gers["population"].sum() == territories.populations("departement")["32"]


def test_epci_cross_borders(territories):
    """EPCI are no part of départements: 89 straddle them, and communes of islands have none."""
    members = territories.communes.dropna(subset="code_epci")
    assert (members.groupby("code_epci")["code_departement"].nunique() > 1).sum() == 89
    alone = territories.communes[territories.communes["code_epci"].isna()]
    assert {"22016", "29083", "29155", "85113"} <= set(alone["code"])
    assert len(alone) == 98
    aire = territories.place(pd.Series(["32004", "40001"]))
    assert aire["code_epci"].nunique() == 1
    assert list(aire["code_departement"]) == ["32", "40"]
    assert territories.parents("epci", "departement")[aire["code_epci"].iloc[0]] == "40"


def test_first_contours(territories):
    """The 101 départements and 18 régions have a valid contour, whose outer rings turn counterclockwise."""
    levels = [level for level, _ in territories.contours]
    assert (levels.count("departement"), levels.count("region")) == (101, 18)
    for shape in territories.contours.values():
        assert geojson.loads(json.dumps(shape)).is_valid
        assert all(signed_area(polygon[0]) > 0 for polygon in polygons_of(shape))
        assert all(signed_area(hole) < 0 for polygon in polygons_of(shape) for hole in polygon[1:])


def test_regions_are_the_sum_of_their_departements(territories):
    """A dissolved région covers exactly the area of its départements."""
    parents = territories.parents("departement", "region")
    areas: dict[str, float] = dict.fromkeys(territories.regions["code"], 0.0)
    for (level, code), shape in territories.contours.items():
        area = sum(signed_area(ring) for polygon in polygons_of(shape) for ring in polygon)
        areas[code if level == "region" else parents[code]] += area if level == "region" else -area
    assert max(map(abs, areas.values())) < 1e-9


def test_points_and_contours(territories):
    """Auch is in the Gers and not in the Landes; the centroid of the Gers is in the Gers."""
    gers, landes = (territories.contours["departement", code] for code in ("32", "40"))
    lon, lat = pd.Series([0.5855]).to_numpy(), pd.Series([43.6465]).to_numpy()
    assert contains(gers, lon, lat).all()
    assert not contains(landes, lon, lat).any()
    point = territories.centroids("departement").loc["32"]
    assert (point.lon, point.lat) == centroid(gers)
    assert contains(gers, point[["lon"]].to_numpy(), point[["lat"]].to_numpy()).all()


def test_dissolve_removes_inner_borders():
    """Two squares that share an arc become one ring; a hole stays a hole."""
    arcs = [[(1.0, 0.0), (1.0, 1.0)], [(1.0, 1.0), (2.0, 1.0), (2.0, 0.0), (1.0, 0.0)]]
    arcs += [[(1.0, 0.0), (0.0, 0.0), (0.0, 1.0), (1.0, 1.0)], [(0.2, 0.2), (0.3, 0.2), (0.3, 0.3), (0.2, 0.2)]]
    left = {"type": "Polygon", "arcs": [[2, -1], [3]]}
    right = {"type": "MultiPolygon", "arcs": [[[0, 1]]]}
    shape = dissolve(arcs, [left, right])
    assert shape["type"] == "Polygon"
    assert [abs(round(signed_area(ring), 6)) for ring in shape["coordinates"]] == [2.0, 0.005]
    assert centroid({"type": "Polygon", "coordinates": [square(2, 4, 2)]}) == pytest.approx((3, 5))


def test_load_contours_recognises_the_level(territories, tmp_path):
    """The level is told by codes and names: '11' is a région when it is called Île-de-France."""
    shape = {"type": "Polygon", "coordinates": [square(1, 48)]}
    region = write_collection(tmp_path / "r.geojson", ({"code": "11", "nom": "Île-de-France"}, shape))
    loaded = load_contours(territories, region)
    assert loaded.contours["region", "11"] == shape
    assert ("region", "76") not in loaded.contours
    assert ("departement", "11") in loaded.contours
    epci = write_collection(tmp_path / "e.geojson", ({"code": "200066926", "nom": "CA"}, shape))
    assert load_contours(territories, epci).contours["epci", "200066926"] == shape
    assert load_contours(territories, epci).centroids("epci").loc["200066926"].tolist() == [1.5, 48.5]


def test_load_contours_asks_when_ambiguous(territories, tmp_path):
    """'11' without a name may be the Aude or Île-de-France: the level must be given."""
    shape = {"type": "Polygon", "coordinates": [square(1, 48)]}
    file = write_collection(tmp_path / "x.geojson", ({"code": "11"}, shape))
    with pytest.raises(IngestError, match="region or departement"):
        load_contours(territories, file)
    assert load_contours(territories, file, "departement").contours["departement", "11"] == shape


@pytest.mark.parametrize(
    ("properties", "geometry"),
    [
        ({"nom": "Gers"}, {"type": "Polygon", "coordinates": [square(0, 43)]}),
        ({"code": 32}, {"type": "Polygon", "coordinates": [square(0, 43)]}),
        (None, {"type": "Polygon", "coordinates": [square(0, 43)]}),
        ({"code": "32", "nom": "Gers"}, None),
        ({"code": "32", "nom": "Gers"}, {"type": "Point", "coordinates": [0, 43]}),
        ({"code": "32", "nom": "Gers"}, {"type": "Polygon", "coordinates": []}),
        ({"code": "32", "nom": "Gers"}, {"type": "Polygon", "coordinates": [square(0, 43)[:3]]}),
        ({"code": "32", "nom": "Gers"}, {"type": "Polygon", "coordinates": [square(480000, 6200000)]}),
        ({"code": "32", "nom": "Gers"}, {"type": "Polygon"}),
        ({"code": "32", "nom": "Gers"}, {"type": "Polygon", "coordinates": "abc"}),
        ({"code": "32", "nom": "Gers"}, {"type": "Polygon", "coordinates": [[[0], [1], [2], [0]]]}),
        ({"code": "32", "nom": "Gers"}, {"type": "MultiPolygon", "coordinates": [[]]}),
        ({"code": "32", "nom": "Gers"}, {"type": "__class__", "coordinates": []}),
        ({"code": "32", "nom": "Gers"}, [square(0, 43)]),
        (["code"], {"type": "Polygon", "coordinates": [square(0, 43)]}),
        ({"code": "999", "nom": "Nulle part"}, {"type": "Polygon", "coordinates": [square(0, 43)]}),
    ],
)
def test_load_contours_refuses(territories, tmp_path, properties, geometry):
    """A feature without a code, a contour or sane coordinates is refused, with its place and an advice."""
    file = write_collection(tmp_path / "bad.geojson", (properties, geometry))
    with pytest.raises(IngestError) as refusal:
        load_contours(territories, file)
    assert str(file) in refusal.value.where
    assert refusal.value.advice


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"{",
        b"[]",
        b'"a"',
        b"\xff\xfe\x00",
        b'{"type": "FeatureCollection", "features": []}',
        b"[" * 100_000,
        b'{"features": {"a": 1}}',
        b'{"features": ["x", 3]}',
    ],
)
def test_load_contours_refuses_other_files(territories, tmp_path, content):
    """A file that is not a FeatureCollection is refused; so is one that does not exist, or a wrong level."""
    file = tmp_path / "bad.geojson"
    file.write_bytes(content)
    with pytest.raises(IngestError):
        load_contours(territories, file)
    with pytest.raises(IngestError):
        load_contours(territories, tmp_path / "absent.geojson")
    with pytest.raises(IngestError, match="canton"):
        load_contours(territories, file, "canton")


def test_load_points(territories, tmp_path):
    """Coordinates of communes come from a CSV file and give EPCI their centroid."""
    file = tmp_path / "communes.csv"
    file.write_text("insee,name,lat,lon\n32013,Auch,43.6465,0.5855\n97502,Saint-Pierre,,\n", "utf-8")
    loaded = load_contours(territories, file)
    auch = loaded.communes.set_index("code").loc["32013"]
    assert (auch["lat"], auch["lon"]) == (43.6465, 0.5855)
    assert loaded.communes["lat"].notna().sum() == 1
    assert loaded.centroids("epci").loc[auch["code_epci"]].tolist() == pytest.approx([0.5855, 43.6465])


@pytest.mark.parametrize(
    ("text", "where"),
    [
        ("insee,lat\n32013,43\n", "communes.csv"),
        ("insee,lat,lon\n32013,quarante,0\n", "line 2, column lat"),
        ("insee,lat,lon\n32013,43,0\n32107,43,200\n", "line 3, column lon"),
        ("insee,lat,lon\n99999,43,0\n", "communes.csv"),
        ("", "communes.csv"),
        ("insee,lat,lon\n", "communes.csv"),
        ("insee,lat,lon\n,43,1\n", "communes.csv"),
        ("insee,lat,lon\n32013,43,inf\n", "line 2, column lon"),
    ],
)
def test_load_points_refuses(territories, tmp_path, text, where):
    """A CSV file without the columns, with a value that is no angle or with unknown codes is refused, with its line."""
    file = tmp_path / "communes.csv"
    file.write_text(text, "utf-8")
    with pytest.raises(IngestError) as refusal:
        load_contours(territories, file)
    assert where in refusal.value.where


def test_kept_between_runs(territories, tmp_path):
    """What is written is what is opened; a new state replaces the old one; a damaged one is refused."""
    write_territories(territories, tmp_path / "t")
    write_territories(territories, tmp_path / "t")
    opened = open_territories(tmp_path / "t")
    for name in ("communes", "epci", "departements", "regions", "former"):
        pd.testing.assert_frame_equal(getattr(opened, name), getattr(territories, name))
    assert opened.contours == territories.contours
    assert (opened.version, opened.year) == (territories.version, territories.year)
    assert len(list((tmp_path / "t").iterdir())) == 2
    (tmp_path / "t" / "current").write_text("gone", "ascii")
    with pytest.raises(IngestError):
        open_territories(tmp_path / "t")


def test_missing_package(tmp_path):
    """Without the reference packages, the refusal names the file and says what to run."""
    with pytest.raises(IngestError, match="make install"):
        read_territories(tmp_path)


def test_reference_frame(territories):
    """The published reference has one row per territory, its parents, and a contour that is GeoJSON text."""
    frame = reference_frame(territories)
    assert not frame.duplicated(["niveau_geo", "code_geo"]).any()
    gers = frame.query("niveau_geo == 'departement' and code_geo == '32'").iloc[0]
    assert (gers["nom_geo"], gers["code_parent_region"], gers["annee"]) == ("Gers", "76", 2025)
    assert geojson.loads(gers["contour"]).is_valid
    epci = frame.query("niveau_geo == 'epci'")
    assert epci["code_parent_departement"].notna().all()
    assert epci["contour"].isna().all()


def test_fast_enough(tmp_path):
    """Reading the packages takes under 3 seconds of processor, opening what is kept under 1."""
    start = time.process_time()
    territories = read_territories(MODULES)
    read = time.process_time() - start
    write_territories(territories, tmp_path)
    start = time.process_time()
    open_territories(tmp_path)
    assert read < 3
    assert time.process_time() - start < 1
