"""FLOOR 2: rows in, bytes out; nothing else. No Flask, no HTTP, no database.

A format is one row of EXPORTERS; docs/exports.md has an entry for each.
"""

from collections.abc import Mapping
from functools import partial
from types import MappingProxyType

from exports.calendar import Calendar
from exports.columnar import ArrowStream, Parquet
from exports.delimited import Delimited
from exports.documents import CatalogueExporter, Site
from exports.exporter import Exporter, ExportOptions
from exports.features import Features
from exports.feed import write_rss, write_sitemap
from exports.gis import FlatGeobuf, Shapefile
from exports.graph import write_turtle, write_xml
from exports.inventory import write_inventory
from exports.objects import JsonArray, JsonLines
from exports.opendocument import OpenDocument
from exports.placemarks import Placemarks
from exports.spreadsheet import Spreadsheet
from exports.triples import JsonLd, RdfXml, Turtle
from exports.waypoints import Waypoints

__all__ = ["CATALOGUE_EXPORTERS", "EXPORTERS", "CatalogueExporter", "ExportOptions", "Exporter", "Site"]

PROFILES = ("ap_ch", "ap_de", "ap_se", "ap_sp", "ap_it", "ap_vl", "ap_v1", "ap_benap")
"""National profiles of DCAT-AP that clients ask for by name; each gets DCAT-AP itself, which all of them extend."""


def _by_name(*exporters: Exporter) -> Mapping[str, Exporter]:
    return MappingProxyType({exporter.name: exporter for exporter in exporters})


EXPORTERS = _by_name(
    Delimited(),
    Delimited(name="tsv", extension="tsv", media_type="text/tab-separated-values; charset=utf-8", delimiter="\t"),
    Spreadsheet(),
    OpenDocument(),
    JsonArray(),
    JsonLines(),
    Parquet(),
    ArrowStream(),
    Features(),
    Shapefile(),
    FlatGeobuf(),
    Placemarks(),
    Waypoints(),
    Calendar(),
    JsonLd(),
    Turtle(),
    Turtle(name="n3", extension="n3", media_type="text/n3; charset=utf-8"),
    RdfXml(),
)
"""The formats of records, by public name."""


def _in_rdf(name: str) -> CatalogueExporter:
    """Return the catalogue in RDF/XML, or in Turtle when the name says so."""
    if name == "ttl":
        return CatalogueExporter(name, "ttl", "text/turtle; charset=utf-8", partial(write_turtle, formats=EXPORTERS))
    return CatalogueExporter(name, "rdf", "application/rdf+xml; charset=utf-8", partial(write_xml, formats=EXPORTERS))


DOCUMENTS: tuple[CatalogueExporter, ...] = (
    *(_in_rdf(name) for name in ("dcat", "rdf", "ttl", "dublin_core")),
    *(_in_rdf(f"dcat_{profile}") for profile in PROFILES),
    CatalogueExporter("rss", "rss", "application/rss+xml; charset=utf-8", write_rss),
    CatalogueExporter(
        "data.json", "json", "application/json; charset=utf-8", partial(write_inventory, formats=EXPORTERS)
    ),
    CatalogueExporter("sitemap", "xml", "application/xml; charset=utf-8", write_sitemap),
)
"""The formats that describe a catalogue as one document."""

CATALOGUE_EXPORTERS: Mapping[str, Exporter | CatalogueExporter] = MappingProxyType(
    {**_by_name(Delimited(), Spreadsheet(), JsonArray()), **{document.name: document for document in DOCUMENTS}}
)
"""The formats of the catalogue, by public name: rows, then documents."""
