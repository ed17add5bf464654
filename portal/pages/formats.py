"""What each download is for, in words: one row per exporter, grouped by what people do with it."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from flask_babel import lazy_gettext as _l

from datasets.model import Version
from datasets.store.made import MadeFiles
from exports import EXPORTERS, Exporter, ExportOptions
from exports.exporter import suits
from exports.layouts import name_layout, settle
from portal.i18n import LANGUAGES

FIRST = ("xlsx", "csv", "geojson")
"""The downloads that most people want, in the order in which they are offered."""

SPREADSHEET, MAP, PROGRAM, LINKED, CALENDAR = "spreadsheet", "map", "program", "linked", "calendar"
GROUPS: Mapping[str, Any] = {
    SPREADSHEET: _l("Spreadsheet"),
    MAP: _l("Maps and GIS"),
    PROGRAM: _l("Programs and analysis"),
    LINKED: _l("Semantic web"),
    CALENDAR: _l("Calendar"),
}
"""What people do with a file, in the order of the page."""


@dataclass(frozen=True)
class Form:
    """What a format is to people: what they do with it, the name they know it by, what it is for."""

    group: str
    title: str
    use: Any


FORMS: Mapping[str, Form] = {
    "xlsx": Form(SPREADSHEET, "Excel (XLSX)", _l("For Excel or LibreOffice: columns have their types.")),
    "csv": Form(
        SPREADSHEET,
        "CSV",
        _l("For a spreadsheet or a script. Columns are separated by semicolons, text is UTF-8."),
    ),
    "ods": Form(SPREADSHEET, "OpenDocument (ODS)", _l("For LibreOffice: columns have their types.")),
    "tsv": Form(SPREADSHEET, "TSV", _l("For a script, or to paste in a spreadsheet. Columns are separated by tabs.")),
    "geojson": Form(MAP, "GeoJSON", _l("For a map: QGIS, Leaflet, MapLibre.")),
    "shp": Form(MAP, "Shapefile", _l("For older mapping software (Shapefile).")),
    "fgb": Form(MAP, "FlatGeobuf", _l("For mapping software, with large data (FlatGeobuf).")),
    "kml": Form(MAP, "KML", _l("For Google Earth and other globes.")),
    "gpx": Form(MAP, "GPX", _l("For a GPS receiver.")),
    "parquet": Form(PROGRAM, "Parquet", _l("For data analysis: compact, typed, fast to read (pandas, R, DuckDB).")),
    "json": Form(PROGRAM, "JSON", _l("For a program: one list of records.")),
    "jsonl": Form(PROGRAM, "JSON Lines", _l("For a program that reads line by line, whatever the size.")),
    "arrow": Form(PROGRAM, "Arrow", _l("For data analysis in memory, without any conversion (Arrow stream).")),
    "turtle": Form(LINKED, "Turtle", _l("For linked data, easy to read (Turtle).")),
    "jsonld": Form(LINKED, "JSON-LD", _l("For linked data, read as JSON (JSON-LD).")),
    "rdfxml": Form(LINKED, "RDF/XML", _l("For older linked data tools (RDF/XML).")),
    "n3": Form(LINKED, "N3", _l("For linked data tools that ask for N3.")),
    "ical": Form(CALENDAR, "iCalendar", _l("For a calendar: one event for each record that has a date.")),
}
"""Each exporter, the best known of each group first."""


@dataclass(frozen=True)
class Format:
    """A format that a dataset can be downloaded in; `size` in bytes when its whole is made already."""

    name: str
    extension: str
    form: Form
    size: int | None = None


def list_formats(version: Version, files: MadeFiles, lang: str, address: str) -> list[Format]:
    """Return the formats of a version, in the order of the page, each with its size when it is known.

    Those that need a place or a date are left out when it has none. `address` is that of the dataset in the API.
    """
    types = {field.type for field in version.schema}
    options = ExportOptions(lang=lang, address=address)
    return [
        Format(name, EXPORTERS[name].extension, form, _find_size(version, EXPORTERS[name], options, files))
        for name, form in FORMS.items()
        if name in EXPORTERS and suits(EXPORTERS[name], types)
    ]


def _find_size(version: Version, exporter: Exporter, options: ExportOptions, files: MadeFiles) -> int | None:
    settled = settle(exporter, version.schema, options, LANGUAGES)
    found = files.find(version, name_layout(exporter, settled)) if settled else None
    return found.size if found else None


def choose_first(formats: list[Format]) -> list[Format]:
    """Return the formats that most people want, among these."""
    return sorted((each for each in formats if each.name in FIRST), key=lambda each: FIRST.index(each.name))


def group_others(formats: list[Format]) -> list[tuple[Any, list[Format]]]:
    """Return (what people do, formats) for the formats that are not among the first, without empty groups."""
    others = [each for each in formats if each.name not in FIRST]
    grouped = ((title, [each for each in others if each.form.group == group]) for group, title in GROUPS.items())
    return [(title, each) for title, each in grouped if each]
