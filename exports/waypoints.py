"""GPX 1.1 (topografix.com/GPX/1/1): points are waypoints, lines and outlines tracks; rows without a place are left out.

The schema of GPX wants waypoints before tracks, so tracks wait in a temporary file.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from tempfile import TemporaryFile
from typing import Any, Literal

import pyarrow as pa
import pyarrow.compute as pc

from datasets.errors import LimitExceeded
from datasets.model import Schema
from exports.drawings import check_degrees, drawings_of, find_place, naming_field
from exports.exporter import ExportOptions, headings, join_rows, pieces
from exports.geometry import drawing_fields
from exports.markup import HEADER, xml_texts
from exports.names import plain_names
from exports.spool import MOST_BYTES, SPACE
from exports.values import cell_texts, point_pairs

OPENING = (
    f'{HEADER}<gpx version="1.1" creator="gers-portal" xmlns="http://www.topografix.com/GPX/1/1" '
    'xmlns:ogr="http://osgeo.org/gdal">\n'
)
CHUNK = 2**20


@dataclass(frozen=True)
class Waypoints:
    """Writes `name_field` as name, `description_fields` as description, the others as extensions that GDAL reads."""

    name: str = "gpx"
    extension: str = "gpx"
    media_type: str = "application/gpx+xml; charset=utf-8"
    geometry: Literal["geojson", "wkb"] = "geojson"
    needs_geometry: bool = True
    needs_date: bool = False

    def write(self, schema: Schema, batches: Iterable[pa.RecordBatch], options: ExportOptions) -> Iterator[bytes]:
        """Yield the waypoints as they come, then the tracks.

        Raises InvalidParameter for a field or a coordinate system that it cannot have, LimitExceeded when the
        tracks take too much temporary space.
        """
        check_degrees(options)
        details, drawing = _Details(schema, options), drawing_fields(schema)
        yield OPENING.encode()
        with TemporaryFile() as tracks:
            for piece in pieces(batches):
                points, lines = _drawn([piece.column(place) for place in drawing], details.texts(piece))
                if tracks.tell() + tracks.write(lines) > MOST_BYTES:
                    raise LimitExceeded(what=SPACE, limit="2 GB")
                yield points
            tracks.seek(0)
            while chunk := tracks.read(CHUNK):
                yield chunk
        yield b"</gpx>\n"


class _Details:
    """What is said of a row inside its waypoint or track."""

    def __init__(self, schema: Schema, options: ExportOptions) -> None:
        self._schema, self._options = schema, options
        self._titles = headings(schema, options)
        self._elements = plain_names(self._titles)
        self._named = naming_field(schema, options)
        self._described = [find_place(schema, name, "description_field_list") for name in options.description_fields]
        used = {self._named, *self._described, *drawing_fields(schema)[:1]}
        self._others = [place for place in range(len(schema)) if place not in used] if options.use_extension else []

    def texts(self, piece: pa.RecordBatch) -> pa.Array:
        """Return the name, description and extensions of each row."""
        parts: list[str | pa.Array] = []
        if self._named is not None:
            parts += ["<name>", self._text(piece, self._named), "</name>"]
        if self._described:
            parts.append("<desc>")
            for place in self._described:
                title = xml_texts(pa.array([self._titles[place]]))[0].as_py()
                parts.append(self._present(piece, place, f"{title}: ", "\n"))
            parts.append("</desc>")
        if self._others:
            parts.append("<extensions>")
            for place in self._others:
                element = f"ogr:{self._elements[place]}"
                parts.append(self._present(piece, place, f"<{element}>", f"</{element}>"))
            parts.append("</extensions>")
        nothing = pa.array([""] * len(piece), pa.string())
        return pc.binary_join_element_wise(*parts, nothing, "")

    def _text(self, piece: pa.RecordBatch, place: int) -> pa.Array:
        return xml_texts(cell_texts(piece.column(place), self._schema.fields[place], self._options))

    def _present(self, piece: pa.RecordBatch, place: int, start: str, end: str) -> pa.Array:
        written = pc.binary_join_element_wise(start, self._text(piece, place), end, "")
        return pc.if_else(pc.is_valid(piece.column(place)), written, "")


def _drawn(columns: list[pa.Array], details: pa.Array) -> tuple[bytes, bytes]:
    """Return the waypoints and the tracks of some rows; each row is drawn by the first column that can."""
    points, lines = b"", b""
    undrawn = pa.array([True] * len(details))
    for column in columns:
        if pa.types.is_struct(column.type):
            points += _points(column, pc.if_else(undrawn, details, pa.scalar(None, pa.string())))
        elif not pa.types.is_null(column.type):
            points, lines = _shapes(column, details)
            undrawn = pc.is_null(column)
    return points, lines


def _points(column: pa.Array, details: pa.Array) -> bytes:
    lon, lat = point_pairs(column)
    written = pc.binary_join_element_wise('<wpt lat="', lat, '" lon="', lon, '">', details, "</wpt>\n", "")
    return join_rows([pc.fill_null(written, "")])


def _shapes(column: pa.Array, details: pa.Array) -> tuple[bytes, bytes]:
    """Return the waypoints and the tracks of some shapes."""
    points, tracks = [], []
    for shape, inside in zip(drawings_of(column), details.to_pylist(), strict=True):
        alone, lines = _split(shape) if shape else ([], [])
        points += [f'<wpt lat="{lat}" lon="{lon}">{inside}</wpt>\n' for lon, lat in alone]
        if lines:
            tracks.append(f"<trk>{inside}{''.join(map(_segment, lines))}</trk>\n")
    return "".join(points).encode(), "".join(tracks).encode()


def _split(shape: dict[str, Any]) -> tuple[list[list[str]], list[list[list[str]]]]:
    """Return the lone positions and the lines (or outlines) of a GeoJSON geometry."""
    kind = shape["type"]
    if kind == "GeometryCollection":
        parts = [_split(member) for member in shape["geometries"]]
        return [point for points, _ in parts for point in points], [line for _, lines in parts for line in lines]
    coordinates = shape["coordinates"]
    if kind == "Point":
        return [coordinates[:2]] if coordinates else [], []
    if kind == "MultiPoint":
        return [position[:2] for position in coordinates if position], []
    if kind == "LineString":
        return [], [coordinates] if coordinates else []
    if kind == "MultiPolygon":
        return [], [ring for polygon in coordinates for ring in polygon]
    return [], coordinates


def _segment(line: list[list[str]]) -> str:
    points = (f'<trkpt lat="{position[1]}" lon="{position[0]}"/>' for position in line)
    return f"<trkseg>{''.join(points)}</trkseg>"
