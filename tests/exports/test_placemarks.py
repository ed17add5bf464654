"""KML and GPX, read by GDAL and as XML: every value, every position, what has no place."""

import io
from pathlib import Path
from xml.etree import ElementTree

import pyogrio
import pytest

from datasets.errors import InvalidParameter, LimitExceeded
from datasets.model import Field, Schema
from datasets.types.geo_shape import geometry_wkb
from exports import EXPORTERS, ExportOptions, waypoints
from tests.exports.hostile import ANTIMERIDIAN, EMPTY, LINES, POLYGON, ROWS, SCHEMA, hostile_batch, written

KML = "{http://www.opengis.net/kml/2.2}"
GPX = "{http://www.topografix.com/GPX/1/1}"
OGR = "{http://osgeo.org/gdal}"
POINTS = Schema((Field("nom", "text"), Field("n", "int"), Field("p", "geo_point_2d")))
TWO = [{"nom": "Auch", "n": 5, "p": {"lon": 0.5863, "lat": 43.6465}}, {"nom": "Nulle part"}]


def root_of(data: bytes) -> ElementTree.Element:
    return ElementTree.parse(io.BytesIO(data)).getroot()


def places_of(element: ElementTree.Element, kind: str = "trkpt") -> list[tuple[float, float]]:
    return [(float(point.get("lon")), float(point.get("lat"))) for point in element.iter(f"{GPX}{kind}")]


def of(name: str, a_batch, schema: Schema = POINTS, rows=TWO, **options) -> ElementTree.Element:
    return root_of(b"".join(EXPORTERS[name].write(schema, [a_batch(schema, rows)], ExportOptions(**options))))


@pytest.mark.parametrize("batches", [1, 3])
def test_placemarks_hold_every_value(batches):
    """A placemark has its name and, under their names, the values that are not null, as in csv."""
    marks = list(root_of(written("kml", batches=batches)).iter(f"{KML}Placemark"))
    assert [mark.findtext(f"{KML}name") or "" for mark in marks] == [row.get("texte") or "" for row in ROWS]
    full = {data.get("name"): data.findtext(f"{KML}value") for data in marks[0].iter(f"{KML}Data")}
    assert list(full) == [name for name in SCHEMA.names if name != "forme"]
    assert (full["OGC_FID"], full["32"], full["oui"]) == (str(2**53 + 1), "1e-7", "True")
    assert (full["mois"], full["an"], full["heure"]) == ("2024-05", "0987", "1789-07-14T08:30:59+00:00")
    assert (full["labels"], full["geometry"]) == ("a;b,c,d,", "43.6465, 0.5863")
    assert full["nom de la commune è"] == "\ufffdcloche\ufffd\ufffd"
    assert list(marks[1].iter(f"{KML}Data")) == []


def test_gdal_reads_the_placemarks(tmp_path: Path):
    """Shapes are those of the rows for a reader of globes; rows without one have none."""
    path = tmp_path / "x.kml"
    path.write_bytes(written("kml"))
    meta, _, shapes, columns = pyogrio.raw.read(path)
    assert columns[meta["fields"].tolist().index("Name")][0] == ROWS[0]["texte"]
    assert [shape and len(shape) for shape in (shapes[0], shapes[1], shapes[2])] == [
        len(geometry_wkb(POLYGON)),
        None,
        None,
    ]
    assert shapes[0] == geometry_wkb(POLYGON)
    assert len(shapes[3]) == len(geometry_wkb(ANTIMERIDIAN))
    assert shapes[4] == geometry_wkb(LINES)
    assert shapes[7] == geometry_wkb(ROWS[7]["forme"])


def test_points_make_placemarks(a_batch):
    """Without a shape the point is the place, longitude first; `name_field` names the row, labels the values."""
    schema = Schema((Field("n", "int", {"fr": "Nombre"}), *POINTS.fields[::2]))
    auch, nowhere = of("kml", a_batch, schema, name_field="n", use_labels=True).iter(f"{KML}Placemark")
    assert auch.findtext(f"{KML}Point/{KML}coordinates") == "0.5863,43.6465"
    assert auch.findtext(f"{KML}name") == "5"
    assert auch.find(f"{KML}ExtendedData/{KML}Data").get("name") == "Nombre"
    assert nowhere.find(f"{KML}Point") is None


def test_waypoints_and_tracks_hold_the_places():
    """Points are waypoints, lines and outlines are tracks, waypoints first; what is nowhere is left out."""
    root = root_of(written("gpx", batches=3))
    kinds = [child.tag.removeprefix(GPX) for child in root]
    assert kinds == ["wpt"] * 4 + ["trk"] * 4
    assert places_of(root, "wpt") == [(7, 8), (1, 2), (3, 4), (5.5, -6.25)]
    lines = [[places_of(line) for line in track.iter(f"{GPX}trkseg")] for track in root.iter(f"{GPX}trk")]
    polygons = [ring for polygon in ANTIMERIDIAN["coordinates"] for ring in polygon]
    drawn = (POLYGON["coordinates"], polygons, LINES["coordinates"], LINES["coordinates"])
    assert lines == [[[tuple(p) for p in line] for line in each] for each in drawn]


def test_extensions_hold_the_other_values():
    """The fields that are neither name nor description are extensions under plain names, nulls left out."""
    track = next(root_of(written("gpx")).iter(f"{GPX}trk"))
    told = {child.tag.removeprefix(OGR): child.text for child in track.find(f"{GPX}extensions")}
    assert track.findtext(f"{GPX}name") == ROWS[0]["texte"]
    assert (told["nom_de_la_commune_e"], told["OGC_FID"], told["f_32"]) == ("Auch", str(2**53 + 1), "1e-7")
    assert "texte" not in told
    assert track.find(f"{GPX}desc") is None


def test_names_and_descriptions_are_chosen(a_batch):
    """`name_field` and `description_fields` say what is told where; without extensions nothing else is."""
    chosen = {"name_field": "n", "description_fields": ("nom",), "use_extension": False}
    [waypoint] = of("gpx", a_batch, **chosen)
    assert (waypoint.get("lat"), waypoint.get("lon")) == ("43.6465", "0.5863")
    assert [child.tag.removeprefix(GPX) for child in waypoint] == ["name", "desc"]
    assert (waypoint[0].text, waypoint[1].text) == ("5", "nom: Auch\n")


@pytest.mark.parametrize(
    ("name", "options"),
    [
        ("gpx", {"name_field": "rien"}),
        ("kml", {"name_field": "rien"}),
        ("gpx", {"description_fields": ("nom", "rien")}),
        ("gpx", {"epsg": 2154}),
        ("kml", {"epsg": 2154}),
    ],
)
def test_what_cannot_be_written_is_refused_before_any_byte(name, options):
    """A field that is not there, or coordinates that are not degrees, are an error and not a file."""
    chunks = EXPORTERS[name].write(POINTS, [], ExportOptions(**options))
    with pytest.raises(InvalidParameter, match=r"rien|2154"):
        next(chunks)


def test_gdal_reads_the_tracks(tmp_path: Path):
    """A reader of another house finds the waypoints and the tracks, and their extensions as fields."""
    path = tmp_path / "x.gpx"
    path.write_bytes(b"".join(EXPORTERS["gpx"].write(SCHEMA, [hostile_batch("geojson", ROWS[4:])], ExportOptions())))
    waypoints_read = pyogrio.raw.read(path, layer="waypoints")
    assert [bytes(shape) for shape in waypoints_read[2]][-1] == geometry_wkb(ROWS[7]["forme"])
    tracks = pyogrio.raw.read(path, layer="tracks")
    assert tracks[2][0] == geometry_wkb(LINES)
    assert tracks[3][tracks[0]["fields"].tolist().index("ogr_jour")][0] == "1900-03-01"


@pytest.mark.parametrize("name", ["kml", "gpx"])
def test_zero_rows_are_an_empty_document(name):
    """An empty result is a document without places."""
    root = root_of(written(name, batches=0))
    assert [*root.iter(f"{KML}Placemark"), *root.iter(f"{GPX}wpt")] == []


@pytest.mark.parametrize("name", ["kml", "gpx"])
def test_a_selection_without_geography_is_a_document(name, a_batch):
    """A grouped result has no place: placemarks without geometry, no waypoint at all."""
    root = of(name, a_batch, Schema((Field("n", "int"),)), [{"n": 1}])
    assert len(list(root.iter(f"{KML}Placemark"))) == (name == "kml")
    assert list(root.iter(f"{GPX}wpt")) == []


def test_tracks_that_wait_are_bounded(monkeypatch):
    """Tracks that take too much temporary space end the file with an error."""
    monkeypatch.setattr(waypoints, "MOST_BYTES", 100)
    with pytest.raises(LimitExceeded, match="2 GB"):
        written("gpx")


def test_a_row_without_shape_is_drawn_by_its_point():
    """Where the shape is missing the point takes its place, as in geojson; an empty shape is a shape."""
    rows = [{"geometry": {"lon": 1.5, "lat": 2.5}}, {"forme": EMPTY, "geometry": {"lon": 3.0, "lat": 4.0}}]
    for name in ("kml", "gpx"):
        root = root_of(b"".join(EXPORTERS[name].write(SCHEMA, [hostile_batch("geojson", rows)], ExportOptions())))
        drawn = [point.text for point in root.iter(f"{KML}coordinates")] or places_of(root, "wpt")
        assert drawn == (["1.5,2.5"] if name == "kml" else [(1.5, 2.5)])
