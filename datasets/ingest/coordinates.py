"""Coordinates of any system that PROJ knows become degrees of WGS 84; systems that no file states are recognised."""

import re
from dataclasses import dataclass, field
from types import TracebackType

import duckdb
import pyarrow as pa

from datasets.errors import UnknownSystem
from datasets.ingest.options import Reading
from datasets.ingest.report import Problem, Report
from datasets.store.spatial import open_spatial

DEGREES = re.compile(r"(?:.*\b)?(?:CRS84h?|EPSG:{1,2}(?:[\d.]*:)?(?:4326|4979))", re.IGNORECASE)
CODE = re.compile(r"urn:ogc:def:crs:EPSG:[\d.]*:(\d+)|https?://www\.opengis\.net/def/crs/EPSG/\d+/(\d+)", re.IGNORECASE)
LAMBERT_93 = "EPSG:2154"
LAMBERT_93_BOX = (0, 6_000_000, 1_300_000, 7_200_000)
FRANCE_SWAPPED = (41, -5.5, 51.6, 10)
"""Metropolitan France when its latitudes are read as longitudes: a box that lies off Somalia."""
MOST = 0.9

READERS = {"geojson": "ST_GeomFromGeoJSON(shape)", "wkb": "ST_GeomFromWKB(shape)"}
WRITERS = {
    "geo_shape": "ST_AsGeoJSON(place)",
    "geo_point": "CASE WHEN ST_IsEmpty(place) THEN '' ELSE ST_Y(place) || ', ' || ST_X(place) END",
}


@dataclass
class Positions:
    """Where the places of a layer seem to be, counted as they are read."""

    total: int = 0
    lambert: int = 0
    swapped: int = 0
    degrees: int = 0

    def add(self, x: float, y: float) -> None:
        """Count a position."""
        self.total += 1
        self.lambert += _inside(LAMBERT_93_BOX, x, y)
        self.swapped += _inside(FRANCE_SWAPPED, x, y)
        self.degrees += _inside((-180, -90, 180, 90), x, y)


@dataclass(frozen=True)
class System:
    """The coordinate system of a layer: as PROJ names it, empty for WGS 84; and whether its axes are exchanged."""

    crs: str = ""
    swap: bool = False

    @property
    def is_plain(self) -> bool:
        """Whether the coordinates are published as they are."""
        return not (self.crs or self.swap)


def find_system(stated: str, seen: Positions, reading: Reading, report: Report) -> System:
    """Return the system of a layer: the one that is asked for, else stated, else recognised; tell what is done."""
    crs = reading.crs or stated
    crs = f"EPSG:{found[1] or found[2]}" if (found := CODE.fullmatch(crs)) else crs
    crs = "" if DEGREES.fullmatch(crs) else crs
    if not crs and not reading.crs and seen.total and seen.lambert >= MOST * seen.total:
        report.add(Problem(0, "", LAMBERT_93, "lambert_93_guessed"))
        return System(LAMBERT_93)
    if crs:
        report.add(Problem(0, "", crs[:80], "coordinates_converted"))
    elif seen.total and seen.swapped >= MOST * seen.total:
        report.add(Problem(0, "", "", "axes_swapped" if reading.swap_axes else "axes_look_swapped"))
    return System(crs, reading.swap_axes)


@dataclass
class Converter:
    """Writes geometries as texts in degrees: `geo_shape` as GeoJSON, `geo_point` as latitude, longitude.

    A geometry that cannot be read keeps its text, and is refused later with its row.
    """

    system: System
    form: str
    kind: str
    name: str
    _database: duckdb.DuckDBPyConnection = field(init=False)

    def __enter__(self) -> "Converter":
        self._database = open_spatial(threads=2)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._database.close()

    def texts(self, shapes: pa.Array) -> pa.Array:
        """Return the texts of geometries; empty where there is none. Raises UnknownSystem."""
        place = f"ST_Force2D({READERS[self.form]})"
        place = f"ST_FlipCoordinates({place})" if self.system.swap else place
        place = f"ST_Transform({place}, $crs, 'EPSG:4326', always_xy := true)" if self.system.crs else place
        kept = "shape" if self.form == "geojson" else "hex(shape)"
        query = f"""
            WITH placed AS (SELECT record, shape, TRY({place}) AS place FROM shapes)
            SELECT CASE WHEN shape IS NULL THEN '' ELSE coalesce({WRITERS[self.kind]}::VARCHAR, {kept}) END AS text
            FROM placed ORDER BY record
        """
        self._check()
        self._database.register("shapes", pa.table({"record": range(len(shapes)), "shape": shapes}))
        given = {"crs": self.system.crs} if self.system.crs else {}
        return self._database.execute(query, given).to_arrow_table()["text"].combine_chunks()

    def _check(self) -> None:
        """Raise UnknownSystem when PROJ does not know the system."""
        if not self.system.crs:
            return
        try:
            self._database.execute(
                "SELECT ST_Transform(ST_Point(0, 0), $crs, 'EPSG:4326', always_xy := true)", {"crs": self.system.crs}
            )
        except duckdb.Error as error:
            raise UnknownSystem(name=self.name, found=self.system.crs[:80]) from error


def _inside(box: tuple[float, float, float, float], x: float, y: float) -> bool:
    return box[0] <= x <= box[2] and box[1] <= y <= box[3]
