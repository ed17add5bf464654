"""Geographic layers read by GDAL, in a process of its own: Shapefile, GeoPackage, KML, GPX, FlatGeobuf, TopoJSON."""

import json
import re
from collections.abc import Callable
from functools import partial
from pathlib import Path, PurePosixPath
from typing import Any, BinaryIO

import pyarrow as pa
import pyarrow.compute as pc

from datasets.errors import BrokenFile, EmptyFile, UnknownOption
from datasets.ingest.apart import reading_apart
from datasets.ingest.coordinates import Converter, Positions, find_system
from datasets.ingest.encodings import find_encoding
from datasets.ingest.formats.columnar import is_text, text_batches
from datasets.ingest.formats.format import Format, Outcome
from datasets.ingest.formats.records import NUMBERS
from datasets.ingest.options import Reading
from datasets.ingest.raw import RawTable, gather, text_schema
from datasets.ingest.report import Problem, Report
from datasets.ingest.source import Source
from datasets.ingest.unpacking import extract

ENTITY = re.compile(rb"<!\s*ENTITY")
ROOT = r"\s*(?:<\?xml[^>]*\?>\s*)?(?:<!--.*?-->\s*|<!DOCTYPE[^>\[]*(?:\[.*?\]\s*)?>\s*)*<(?:\w+:)?{}\b"
TOPOLOGY = re.compile(r'"type"\s*:\s*"Topology"')
PARTS = (".shp", ".shx", ".dbf", ".prj", ".cpg")
BLOCK, OVERLAP = 1 << 20, 16
UNTYPED = ("KML", "GPX")
"""Formats whose values are all texts."""
OWN = (*UNTYPED, "TopoJSON")
"""Formats that have columns of their own, even when nothing is in them."""
DRAWING = ("tessellate", "extrude", "visibility", "drawOrder")
NOTHING = {True: pa.array(["", "-1", "0"]), False: pa.array([""])}


def read_layer(source: Source, reading: Reading, report: Report, *, kind: str, suffix: str) -> Outcome:
    """Return the features of one layer as texts, its geometry last, in degrees of WGS 84.

    The layer is the one that is asked for, else the first that has features. Raises BrokenFile, TooManyBytes,
    UnknownSystem, EmptyFile, and UnknownOption for a layer that is not there.
    """
    path, asked, stems, encoding = prepare(source, reading, suffix)
    if kind in UNTYPED:
        refuse_entities(source, kind)
    with reading_apart("layer", str(path), encoding, asked, name=source.name, kind=kind) as stream:
        told = json.loads(stream.readline() or b"{}") or None
        if told is None:
            raise EOFError
        outcome = _gather(stream, told, source, reading, report, kind)
    names, chosen = (list(stems), next(iter(stems))) if stems else (told["layers"], told["layer"])
    chosen = reading.sheet or chosen
    if others := [name for name in names if name != chosen]:
        report.add(Problem(0, "", ", ".join(others), "other_sheets"))
    used = {"sheet": chosen, **({"encoding": encoding} if encoding else {}), **outcome.used}
    return Outcome(outcome.raw, used, {"sheet": tuple(names)})


def _gather(
    stream: BinaryIO, told: dict[str, Any], source: Source, reading: Reading, report: Report, kind: str
) -> Outcome:
    report.expected = told["features"]
    seen = Positions()
    for x, y in told["positions"]:
        seen.add(x, y)
    reader = pa.ipc.open_stream(stream)
    place = told["geometry"] or "wkb_geometry"
    place = place if place in reader.schema.names else ""
    names = [name for name in reader.schema.names if name != place]
    texts = [rank for rank, name in enumerate(names) if is_text(reader.schema.field(name).type)]
    barred = {} if kind in UNTYPED else dict.fromkeys(texts, NUMBERS)
    if not place:
        table = gather(text_batches(reader, names), text_schema(len(names)), report.advance)
        return Outcome(_not_empty(RawTable(names, table, first_row=1, barred=barred), source))
    system = find_system(told["crs"] or "", seen, reading, report)
    if told["altitudes"]:
        report.add(Problem(0, "", "", "altitude_dropped"))
    shape = "geo_point" if told["points"] else "geo_shape"
    with Converter(system, "wkb", shape, source.name) as converter:
        table = gather(text_batches(reader, names, place, converter), text_schema(len(names) + 1), report.advance)
    label = "geo_point_2d" if told["points"] else "geo_shape"
    raw = RawTable([*names, label], table, first_row=1, types={len(names): shape}, barred=barred)
    raw = without_idle(raw) if kind in OWN else raw
    return Outcome(_not_empty(raw, source), {"crs": system.crs or "EPSG:4326"})


def without_idle(raw: RawTable) -> RawTable:
    """Return a table without the columns that its format always has and that hold nothing here."""
    kept = [
        place
        for place, column in enumerate(raw.table.columns)
        if place in raw.types or not pc.all(pc.is_in(column, value_set=NOTHING[raw.labels[place] in DRAWING])).as_py()
    ]
    types = {rank: raw.types[place] for rank, place in enumerate(kept) if place in raw.types}
    table = raw.table.select(kept).rename_columns([str(rank) for rank in range(len(kept))])
    barred = {rank: raw.barred[place] for rank, place in enumerate(kept) if place in raw.barred}
    return RawTable([raw.labels[place] for place in kept], table, raw.first_row, types=types, barred=barred)


def prepare(source: Source, reading: Reading, suffix: str) -> tuple[Path, str, dict[str, list[str]], str]:
    """Return the file for GDAL, the layer to ask it for, the Shapefiles of an archive, and the encoding of texts.

    The names of the archive are never used as paths.
    """
    if suffix != ".shp":
        path = source.folder / f"layer{suffix}"
        path.symlink_to(source.path.resolve())
        return path, reading.sheet, {}, reading.encoding
    stems = shapefiles(source)
    if reading.sheet and reading.sheet not in stems:
        raise UnknownOption(name="sheet", value=reading.sheet)
    chosen = reading.sheet or next(iter(stems))
    for member in stems[chosen]:
        extract(source.path, member, source.folder / f"layer{PurePosixPath(member).suffix.lower()}", source.name)
    return source.folder / "layer.shp", "", stems, reading.encoding or table_encoding(source.folder)


def shapefiles(source: Source) -> dict[str, list[str]]:
    """Return the Shapefiles of an archive by their names, each with its files."""
    found: dict[str, list[str]] = {}
    for member in source.members:
        if member.lower().endswith(".shp"):
            stem = member[:-4]
            parts = [one for one in source.members if one[:-4] == stem and one[-4:].lower() in PARTS]
            name = PurePosixPath(member).stem
            found[stem if name in found else name] = parts
    return found


def table_encoding(folder: Path) -> str:
    """Return the encoding of the texts of a Shapefile that does not state it; empty when it does."""
    table = folder / "layer.dbf"
    if (folder / "layer.cpg").exists() or not table.exists():
        return ""
    with table.open("rb") as stream:
        stream.seek(int.from_bytes(stream.read(10)[8:10], "little"))
        return find_encoding(stream)


def refuse_entities(source: Source, kind: str) -> None:
    """Raise BrokenFile when an XML file declares entities, which may grow without end."""
    before = b""
    with source.path.open("rb") as stream:
        while block := stream.read(BLOCK):
            if ENTITY.search(before + block):
                raise BrokenFile(name=source.name, format=kind, found="an entity declaration")
            before = block[-OVERLAP:]


def _not_empty(raw: RawTable, source: Source) -> RawTable:
    if raw.table.num_rows == 0:
        raise EmptyFile(name=source.name)
    return raw


def begins_with(root: str) -> Callable[[Source], bool]:
    """Return whether the first element of an XML file is `root`."""
    pattern = re.compile(ROOT.format(root), re.DOTALL)
    return lambda source: pattern.match(source.text) is not None


def _layer(name: str, kind: str, extension: str, is_it: Callable[[Source], bool]) -> Format:
    read = partial(read_layer, kind=kind, suffix=f".{extension}")
    label = {"fr": f"couche {kind}", "en": f"{kind} layer"}
    return Format(name, label, (extension,), is_it, read)


def is_shapefile(source: Source) -> bool:
    """Return whether an archive holds Shapefiles."""
    return any(member.lower().endswith(".shp") for member in source.members)


def is_topology(source: Source) -> bool:
    """Return whether a JSON document says, at its head or at its end, that it is a TopoJSON."""
    return source.is_json and bool(TOPOLOGY.search(source.text) or TOPOLOGY.search(source.tail))


FORMATS = (
    _layer("shapefile", "Shapefile", "shp", is_shapefile),
    _layer("gpkg", "GeoPackage", "gpkg", lambda source: source.head.startswith(b"SQLite format 3\0")),
    _layer("flatgeobuf", "FlatGeobuf", "fgb", lambda source: source.head.startswith(b"fgb\x03fgb")),
    _layer("kml", "KML", "kml", begins_with("kml")),
    _layer("gpx", "GPX", "gpx", begins_with("gpx")),
    _layer("topojson", "TopoJSON", "topojson", is_topology),
)
