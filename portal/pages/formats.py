"""What each download is for, in words: one row per exporter."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from flask_babel import lazy_gettext as _l

from exports import EXPORTERS

USES: Mapping[str, Any] = {
    "csv": _l("For a spreadsheet or a script. Columns are separated by semicolons, text is UTF-8."),
    "json": _l("For a program: one list of records."),
    "jsonl": _l("For a program that reads line by line, whatever the size."),
    "geojson": _l("For a map: QGIS, Leaflet, MapLibre."),
    "xlsx": _l("For Excel or LibreOffice: columns have their types."),
    "ods": _l("For LibreOffice: columns have their types."),
    "parquet": _l("For data analysis: compact, typed, fast to read (pandas, R, DuckDB)."),
    "shp": _l("For older mapping software (Shapefile)."),
    "kml": _l("For Google Earth and other globes."),
    "gpx": _l("For a GPS receiver."),
    "fgb": _l("For mapping software, with large data (FlatGeobuf)."),
}


@dataclass(frozen=True)
class Format:
    """A format that a dataset can be downloaded in."""

    name: str
    extension: str
    use: Any


def list_formats(*, geographic: bool) -> list[Format]:
    """Return the formats of a dataset, leaving out those of maps when it has no geography."""
    return [
        Format(name, exporter.extension, USES.get(name, ""))
        for name, exporter in EXPORTERS.items()
        if geographic or not exporter.needs_geometry
    ]
