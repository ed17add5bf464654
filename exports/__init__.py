"""FLOOR 2: rows in, bytes out; nothing else. No Flask, no HTTP, no database.

A format is one row of EXPORTERS; docs/exports.md has an entry for each.
"""

from collections.abc import Mapping
from types import MappingProxyType

from exports.delimited import Delimited
from exports.exporter import Exporter, ExportOptions
from exports.features import Features
from exports.objects import JsonArray, JsonLines

__all__ = ["CATALOGUE_EXPORTERS", "EXPORTERS", "ExportOptions", "Exporter"]


def _by_name(*exporters: Exporter) -> Mapping[str, Exporter]:
    return MappingProxyType({exporter.name: exporter for exporter in exporters})


EXPORTERS = _by_name(Delimited(), JsonArray(), JsonLines(), Features())
"""The formats of records, by public name."""

CATALOGUE_EXPORTERS = _by_name(Delimited(), JsonArray())
"""The formats of the catalogue, by public name."""
