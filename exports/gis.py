"""Files that GDAL writes: Shapefile and FlatGeobuf, made whole in a temporary folder before their first byte leaves.

The rows are kept aside first (exports/spool.py), so that layers, widths and counts are known: disk, not memory. The
first shape of a row, else its first point, draws it; neither is repeated as an attribute, nor are other shapes.
"""

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Literal
from zipfile import ZIP_DEFLATED, ZipFile

import pyarrow as pa
import pyarrow.compute as pc

from datasets.errors import LimitExceeded, Phrase
from datasets.model import Field, Schema
from exports.columnar import TYPES
from exports.exporter import ExportOptions, headings, pieces
from exports.geometry import drawing_fields, wkb_column
from exports.markup import REPLACEMENT
from exports.names import plain_names
from exports.sink import Sink
from exports.spool import Spool
from exports.spreadsheet import LEVEL
from exports.values import cell_texts

LAYERS: dict[str, tuple[str | None, tuple[int, ...]]] = {
    "points": ("Point", (1,)),
    "multipoints": ("MultiPoint", (4,)),
    "lines": ("MultiLineString", (2, 5)),
    "polygons": ("MultiPolygon", (3, 6)),
    "table": (None, (0, 7)),
}
"""The layers of a shapefile: what GDAL calls their geometry, and the kinds of WKB (0: none) that each takes."""

MOST_BYTES = 2**31
"""How long a part of a shapefile may be: its readers count in signed 32 bits."""

MOST_TEXT = 254
MOST_NAME = 10
WIDTHS = {pa.int64(): 20, pa.float64(): 24, pa.date32(): 8, pa.bool_(): 1}
"""What a line of a shapefile's table takes: a text's bytes at most, a name's letters at most, other columns."""

MOST_NUMBER = 1e22
"""Where the decimals of a shapefile end: 24 characters, never an exponent."""

INDEXED_ROWS = 50_000
"""How many features have a spatial index at most: it is made in memory, while other threads wait."""

FID = "OGC_FID"
"""The name that GDAL keeps for itself."""

CHUNK = 2**20
SHAPEFILE = Phrase("size of a shapefile", "taille d’un shapefile")


@dataclass(frozen=True)
class Shapefile:
    """Writes a ZIP with one layer per kind of geometry; the rows that no layer can draw are a table alone (.dbf)."""

    name: str = "shp"
    extension: str = "zip"
    media_type: str = "application/zip"
    geometry: Literal["geojson", "wkb"] = "wkb"
    needs_geometry: bool = True
    needs_date: bool = False

    def write(self, schema: Schema, batches: Iterable[pa.RecordBatch], options: ExportOptions) -> Iterator[bytes]:
        """Yield the archive once it is made. Raises LimitExceeded when a part would go beyond MOST_BYTES."""
        with TemporaryDirectory(prefix="shp-") as folder:
            names = plain_names(headings(schema, options), MOST_NAME)
            table = _Table(schema, names, options, ("int", "double", "boolean", "date"), MOST_TEXT)
            spool = table.spool(Path(folder) / "rows", batches)
            layers = Path(folder) / "layers"
            layers.mkdir()
            _check_size(spool)
            for layer, (kind, codes) in LAYERS.items():
                if any(spool.counts[code] for code in codes) or (layer == "points" and not spool.counts):
                    _write_layer(spool, layers / f"{layer}.{'shp' if kind else 'dbf'}", kind, codes, options)
            yield from _zipped(sorted(layers.iterdir()))


@dataclass(frozen=True)
class FlatGeobuf:
    """Writes one layer, called Layer1, with a spatial index when it has few enough rows and all are drawn."""

    name: str = "fgb"
    extension: str = "fgb"
    media_type: str = "application/octet-stream"
    geometry: Literal["geojson", "wkb"] = "wkb"
    needs_geometry: bool = True
    needs_date: bool = False

    def write(self, schema: Schema, batches: Iterable[pa.RecordBatch], options: ExportOptions) -> Iterator[bytes]:
        """Yield the file once it is made. Raises LimitExceeded when its rows take too much temporary space."""
        from pyogrio.errors import DataLayerError

        with TemporaryDirectory(prefix="fgb-") as folder:
            table = _Table(schema, headings(schema, options), options, ("int", "double", "boolean", "datetime"))
            spool = table.spool(Path(folder) / "rows", batches)
            path = Path(folder) / "rows.fgb"
            index = not spool.counts[0] and spool.counts.total() <= INDEXED_ROWS
            try:
                _write_geobuf(spool, path, options, index=index)
            except DataLayerError:  # an empty geometry has no place in an index
                _write_geobuf(spool, path, options, index=False)
            with path.open("rb") as file:
                while chunk := file.read(CHUNK):
                    yield chunk


class _Table:
    """The columns of a file: those of `native` types as they are, others as text, then the geometry as WKB."""

    def __init__(
        self,
        schema: Schema,
        names: list[str],
        options: ExportOptions,
        native: Collection[str],
        most: int | None = None,
    ) -> None:
        shapes = {place for place, field in enumerate(schema) if field.type == "geo_shape"}
        self._schema, self._options, self._native, self._most = schema, options, native, most
        self._drawing = drawing_fields(schema)
        self._kept = [place for place in range(len(schema)) if place not in {*shapes, *self._drawing}]
        geometry = "geometry"
        while geometry in names:
            geometry += "_"
        names = [f"{name}_" if name.upper() == FID else name for name in names]
        columns = [(names[place], self._type(schema.fields[place])) for place in self._kept]
        self.schema = pa.schema([*columns, (geometry, pa.binary())])

    def spool(self, path: Path, batches: Iterable[pa.RecordBatch]) -> Spool:
        """Return the rows, kept aside under `path`."""
        spool = Spool(path, self.schema)
        spool.fill(self._converted(piece) for piece in pieces(batches))
        return spool

    def _type(self, field: Field) -> pa.DataType:
        if field.type not in self._native or field.multivalued:
            return pa.string()
        return TYPES.get(field.type) or pa.timestamp("ms", tz="UTC")

    def _converted(self, piece: pa.RecordBatch) -> pa.RecordBatch:
        columns = [self._column(piece.column(place), place) for place in self._kept]
        drawings = [wkb_column(piece.column(place)) for place in self._drawing]
        geometry = (
            pc.coalesce(*drawings, pa.scalar(None, pa.binary())) if drawings else pa.nulls(len(piece), pa.binary())
        )
        return pa.RecordBatch.from_arrays([*columns, geometry], schema=self.schema)

    def _column(self, column: pa.Array, place: int) -> pa.Array:
        field = self._schema.fields[place]
        kind = self._type(field)
        if pa.types.is_timestamp(kind) and not pa.types.is_null(column.type):
            return pc.floor_temporal(column, unit="second").cast(kind)
        if pa.types.is_floating(kind) and self._most is not None:
            column = pc.if_else(pc.less(pc.abs(column), MOST_NUMBER), column, pa.scalar(None, column.type))
        if not pa.types.is_string(kind):
            return column.cast(kind)
        texts = pc.if_else(pc.is_valid(column), cell_texts(column, field, self._options), pa.scalar(None, pa.string()))
        texts = pc.replace_substring(texts, "\0", REPLACEMENT)
        return texts if self._most is None else _cut(texts, self._most)


def _cut(texts: pa.Array, most: int) -> pa.Array:
    """Cut the texts that are longer than `most` bytes, between two characters."""
    if not pc.any(pc.greater(pc.binary_length(texts), most)).as_py():
        return texts
    return pa.array([text and text.encode()[:most].decode(errors="ignore") for text in texts.to_pylist()], pa.string())


def _check_size(spool: Spool) -> None:
    line = 1 + sum(WIDTHS.get(known.type) or max(1, spool.widths[known.name]) for known in list(spool.schema)[:-1])
    if line * spool.counts.total() >= MOST_BYTES:
        raise LimitExceeded(what=SHAPEFILE, limit="2 GB")


def _write_layer(spool: Spool, path: Path, kind: str | None, codes: Collection[int], options: ExportOptions) -> None:
    """Write one layer, or a table alone; columns of text are as wide as they must be from the start."""
    known = [
        field.with_metadata({"GDAL:OGR:width": str(max(1, spool.widths[field.name]))})
        if pa.types.is_string(field.type)
        else field
        for field in spool.schema
    ]
    batches = (batch.columns for batch in spool.read(codes))
    drawn: dict[str, Any] = {"geometry_name": known[-1].name, "geometry_type": kind, "crs": f"EPSG:{options.epsg}"}
    if kind is None:
        known, drawn = known[:-1], {}
    target = pa.schema(known)
    rows = (pa.RecordBatch.from_arrays(columns[: len(known)], schema=target) for columns in batches)
    _ask_gdal(pa.RecordBatchReader.from_batches(target, rows), path, driver="ESRI Shapefile", encoding="UTF-8", **drawn)


def _ask_gdal(rows: pa.RecordBatchReader, path: Path, **options: Any) -> None:
    """Have GDAL write a file; it is loaded now, as it takes thirty megabytes that most processes never need."""
    import pyogrio

    pyogrio.write_arrow(rows, path, **options)


def _write_geobuf(spool: Spool, path: Path, options: ExportOptions, *, index: bool) -> None:
    _ask_gdal(
        pa.RecordBatchReader.from_batches(spool.schema, spool.read(range(8))),
        path,
        driver="FlatGeobuf",
        layer="Layer1",
        geometry_name=spool.schema.names[-1],
        geometry_type="Unknown",
        crs=f"EPSG:{options.epsg}",
        SPATIAL_INDEX="YES" if index else "NO",
        TEMPORARY_DIR=str(path.parent),
    )


def _zipped(paths: Iterable[Path]) -> Iterator[bytes]:
    sink = Sink()
    with ZipFile(sink, "w", ZIP_DEFLATED, compresslevel=LEVEL) as archive:
        for path in paths:
            with path.open("rb") as file, archive.open(path.name, "w") as part:
                while chunk := file.read(CHUNK):
                    part.write(chunk)
                    yield sink.take()
    yield sink.take()
