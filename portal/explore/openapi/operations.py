"""What each address of the API is for: one row per operation, under the name that clients' kits give it."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from datasets.errors import Phrase

CATALOGUE = "Catalog"
DATASET = "Dataset"
ABOUT = "About"
TAGS: Mapping[str, Phrase] = MappingProxyType(
    {
        CATALOGUE: Phrase("The datasets of the portal", "Les jeux de données du portail"),
        DATASET: Phrase("The records of a dataset", "Les enregistrements d’un jeu de données"),
        ABOUT: Phrase("The description of the API", "La description de l’API"),
    }
)
"""The groups of operations."""

FILE = "file"
DOCUMENT = "document"
NEVER = "never"
"""The answer of an address that only errors answer: one of version 2.0, one that is not open, one not used yet."""

UNVERSIONED = ("exports", "catalogue_exports", "attachments", "source")
"""Endpoints whose answers have no validator."""


@dataclass(frozen=True)
class Operation:
    """What one address answers.

    `endpoint` is the Flask endpoint without its blueprint, `id` the operationId. `answer` is a named schema, FILE for
    a file, DOCUMENT for OpenAPI, or NEVER. With `format` the operation is one part of its
    endpoint: the export of that format.
    """

    endpoint: str
    id: str
    tag: str
    answer: str
    summary: Phrase
    format: str = ""

    @property
    def versioned(self) -> bool:
        """Whether answers have validators."""
        return self.endpoint not in UNVERSIONED and self.answer != NEVER


def _catalogue(endpoint: str, name: str, answer: str, en: str, fr: str, format: str = "") -> Operation:
    return Operation(endpoint, name, CATALOGUE, answer, Phrase(en, fr), format)


def _dataset(endpoint: str, name: str, answer: str, en: str, fr: str, format: str = "") -> Operation:
    return Operation(endpoint, name, DATASET, answer, Phrase(en, fr), format)


def _removed(endpoint: str, name: str, tag: str) -> Operation:
    told = Phrase("Version 2.0 had it: use group_by.", "Existait en version 2.0 : utilisez group_by.")
    return Operation(endpoint, name, tag, NEVER, told)


OPERATIONS: tuple[Operation, ...] = (
    _catalogue("catalogue", "getDatasets", "DatasetsPage", "List datasets", "Lister les jeux de données"),
    _catalogue("catalogue_facets", "getDatasetsFacets", "Facets", "Count by facet", "Compter par facette"),
    _catalogue("catalogue_exports", "listExportFormats", "Links", "List export formats", "Lister les formats d’export"),
    _catalogue("catalogue_export", "exportDatasets", FILE, "Export the catalogue", "Exporter le catalogue"),
    _catalogue(
        "catalogue_export",
        "exportCatalogCSV",
        FILE,
        "Export the catalogue in CSV",
        "Exporter le catalogue en CSV",
        "csv",
    ),
    _catalogue(
        "catalogue_export",
        "exportCatalogDCAT",
        FILE,
        "Export the catalogue in DCAT",
        "Exporter le catalogue en DCAT",
        "dcat",
    ),
    _catalogue(
        "source", "getCatalog", "Links", "List the addresses of the catalogue", "Lister les adresses du catalogue"
    ),
    _dataset("dataset", "getDataset", "AskedDataset", "Describe a dataset", "Décrire un jeu de données"),
    _dataset(
        "records", "getRecords", "RecordsPage", "Read records, or groups", "Lire des enregistrements, ou des groupes"
    ),
    _dataset("record", "getRecord", "AskedRecord", "Read one record", "Lire un enregistrement"),
    _dataset(
        "facets", "getRecordsFacets", "Facets", "Count records by facet", "Compter les enregistrements par facette"
    ),
    _dataset("exports", "listDatasetExportFormats", "Links", "List export formats", "Lister les formats d’export"),
    _dataset("export", "exportRecords", FILE, "Export records", "Exporter les enregistrements"),
    _dataset("export", "exportRecordsCSV", FILE, "Export records in CSV", "Exporter en CSV", "csv"),
    _dataset("export", "exportRecordsParquet", FILE, "Export records in Parquet", "Exporter en Parquet", "parquet"),
    _dataset("export", "exportRecordsGPX", FILE, "Export records in GPX", "Exporter en GPX", "gpx"),
    _dataset(
        "attachments", "getDatasetAttachments", "Attachments", "List attached files", "Lister les fichiers joints"
    ),
    _dataset("attachment", "getDatasetAttachment", FILE, "Download an attached file", "Télécharger un fichier joint"),
    _dataset(
        "alternative_export",
        "getDatasetAlternativeExport",
        NEVER,
        "No file is made elsewhere",
        "Aucun fichier d’ailleurs",
    ),
    _removed("removed_catalogue_aggregates", "getDatasetsAggregates", CATALOGUE),
    _removed("removed_catalogue_query", "queryDatasets", CATALOGUE),
    _removed("removed_aggregates", "getRecordsAggregates", DATASET),
    _removed("removed_query", "queryRecords", DATASET),
    Operation(
        "monitoring",
        "getMonitoring",
        ABOUT,
        NEVER,
        Phrase("The use of the portal is not open", "L’usage du portail est réservé"),
    ),
    Operation(
        "openapi", "getOpenAPI", ABOUT, DOCUMENT, Phrase("This document (OpenAPI 3.1)", "Ce document (OpenAPI 3.1)")
    ),
    Operation("swagger", "getSwagger", ABOUT, DOCUMENT, Phrase("The same in OpenAPI 3.0", "Le même en OpenAPI 3.0")),
    Operation(
        "dataset_openapi",
        "getDatasetOpenAPI",
        ABOUT,
        DOCUMENT,
        Phrase(
            "Describe the API of one dataset, with its fields", "Décrire l’API d’un jeu de données, avec ses champs"
        ),
    ),
)
"""Every operation; those of a format follow that of their endpoint."""

BY_ENDPOINT: Mapping[str, tuple[Operation, ...]] = MappingProxyType(
    {row.endpoint: tuple(each for each in OPERATIONS if each.endpoint == row.endpoint) for row in OPERATIONS}
)
"""The operations of each endpoint, the general one first."""
