"""What each download is for, in words: one row per exporter."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from flask_babel import lazy_gettext as _l

from datasets.model import Schema
from exports import EXPORTERS
from exports.exporter import suits

USES: Mapping[str, Any] = {
    "csv": _l("For a spreadsheet or a script. Columns are separated by semicolons, text is UTF-8."),
    "tsv": _l("For a script, or to paste in a spreadsheet. Columns are separated by tabs."),
    "xlsx": _l("For Excel or LibreOffice: columns have their types."),
    "ods": _l("For LibreOffice: columns have their types."),
    "json": _l("For a program: one list of records."),
    "jsonl": _l("For a program that reads line by line, whatever the size."),
    "parquet": _l("For data analysis: compact, typed, fast to read (pandas, R, DuckDB)."),
    "arrow": _l("For data analysis in memory, without any conversion (Arrow stream)."),
    "geojson": _l("For a map: QGIS, Leaflet, MapLibre."),
    "shp": _l("For older mapping software (Shapefile)."),
    "fgb": _l("For mapping software, with large data (FlatGeobuf)."),
    "kml": _l("For Google Earth and other globes."),
    "gpx": _l("For a GPS receiver."),
    "ical": _l("For a calendar: one event for each record that has a date."),
    "jsonld": _l("For linked data, read as JSON (JSON-LD)."),
    "turtle": _l("For linked data, easy to read (Turtle)."),
    "n3": _l("For linked data tools that ask for N3."),
    "rdfxml": _l("For older linked data tools (RDF/XML)."),
}


@dataclass(frozen=True)
class Format:
    """A format that a dataset can be downloaded in."""

    name: str
    extension: str
    use: Any


def list_formats(schema: Schema) -> list[Format]:
    """Return the formats of a dataset, leaving out those that need a place or a date when it has none."""
    types = {field.type for field in schema}
    return [
        Format(name, exporter.extension, USES[name]) for name, exporter in EXPORTERS.items() if suits(exporter, types)
    ]
