"""DERIVED: one row per metadata that nobody types: it is read from the dataset, or it is not known here (null)."""

import struct
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from types import MappingProxyType
from typing import Any

from datasets.catalogue.metadata import LICENCES
from datasets.model import Dataset, Texts

POLYGON_OF_ONE_RING = (1, 3, 1)


@dataclass(frozen=True)
class DerivedMeta:
    """A metadata of the Explore API: its dotted name, its type, and how it is read from a dataset.

    `shown` tells whether the objects of datasets hold it without being asked.
    """

    ods: str
    type: str
    read: Callable[[Dataset], Any]
    label: Texts
    multivalued: bool = False
    facet: bool = False
    shown: bool = True


def _unknown(dataset: Dataset) -> None:
    return None


def _no(dataset: Dataset) -> bool:
    return False


def _yes(dataset: Dataset) -> bool:
    return True


def _licence_url(dataset: Dataset) -> str | None:
    licence = LICENCES.get(dataset.metadata.get("licence", ""))
    return licence.url if licence else None


def _languages(dataset: Dataset) -> list[str]:
    return sorted(dataset.metadata.get("title", {}), reverse=True)


def _created(dataset: Dataset) -> datetime | None:
    return dataset.version.created if dataset.version else None


def _rows(dataset: Dataset) -> int:
    return dataset.version.rows if dataset.version else 0


def _size(dataset: Dataset) -> int | None:
    data = dataset.version.find_file("data.parquet") if dataset.version else None
    return data.size if data else None


def _geometry_types(dataset: Dataset) -> list[str]:
    return list(dataset.version.geometry_types) if dataset.version else []


def _box(dataset: Dataset) -> bytes | None:
    """Return the box around the records, as WKB."""
    if dataset.version is None or dataset.version.box is None:
        return None
    west, south, east, north = dataset.version.box
    ring = ((west, south), (east, south), (east, north), (west, north), (west, south))
    positions = b"".join(struct.pack("<dd", *each) for each in ring)
    return struct.pack("<BIII", *POLYGON_OF_ONE_RING, len(ring)) + positions


def _row(ods: str, kind: str, read: Callable[[Dataset], Any], fr: str, en: str, **more: bool) -> DerivedMeta:
    return DerivedMeta(ods, kind, read, MappingProxyType({"fr": fr, "en": en}), **more)


DERIVED: tuple[DerivedMeta, ...] = (
    _row("default.license_url", "text", _licence_url, "Texte de la licence", "Text of the licence"),
    _row("default.metadata_languages", "text", _languages, "Langues des fiches", "Languages", multivalued=True),
    _row("default.timezone", "text", _unknown, "Fuseau horaire", "Time zone"),
    _row("default.modified", "datetime", lambda dataset: dataset.modified, "Modification", "Modified", facet=True),
    _row("default.modified_updates_on_metadata_change", "boolean", _no, "Daté par la fiche", "Dated by metadata"),
    _row("default.modified_updates_on_data_change", "boolean", _yes, "Daté par les données", "Dated by data"),
    _row("default.data_processed", "datetime", _created, "Publication des données", "Data processed"),
    _row("default.metadata_processed", "datetime", _created, "Publication de la fiche", "Metadata processed"),
    _row("default.geographic_reference", "text", lambda _: [], "Codes de territoires", "Territories", multivalued=True),
    _row("default.geographic_reference_auto", "boolean", _no, "Codes trouvés seuls", "Territories found alone"),
    _row("default.geometry_types", "text", _geometry_types, "Géométries", "Geometries", multivalued=True),
    _row("default.bbox", "geo_shape", _box, "Emprise", "Extent"),
    _row("default.records_count", "int", _rows, "Enregistrements", "Records"),
    _row("default.source_domain", "text", _unknown, "Domaine d’origine", "Source domain"),
    _row("default.source_domain_title", "text", _unknown, "Portail d’origine", "Source portal"),
    _row("default.source_domain_address", "text", _unknown, "Adresse d’origine", "Source address"),
    _row("default.source_dataset", "text", _unknown, "Jeu d’origine", "Source dataset"),
    _row("default.shared_catalog", "text", _unknown, "Catalogue partagé", "Shared catalogue"),
    _row("default.federated", "boolean", _no, "Fédéré", "Federated"),
    _row("default.parent_domain", "text", _unknown, "Portail parent", "Parent portal"),
    _row("dcat.created", "datetime", _unknown, "Création", "Created"),
    _row("dcat.issued", "datetime", lambda dataset: dataset.issued, "Première publication", "Issued"),
    _row("dcat.creator", "text", _unknown, "Créateur", "Creator"),
    _row("dcat.contributor", "text", _unknown, "Contributeur", "Contributor"),
    _row(
        "dcat.accrualperiodicity",
        "text",
        lambda dataset: dataset.metadata.get("update_frequency"),
        "Fréquence de mise à jour",
        "Accrual periodicity",
    ),
    _row(
        "dcat.spatial",
        "text",
        lambda dataset: ", ".join(dataset.metadata.get("territory") or ()) or None,
        "Couverture spatiale",
        "Spatial coverage",
    ),
    _row("dcat.granularity", "text", _unknown, "Granularité", "Granularity"),
    _row("dcat.dataquality", "text", _unknown, "Qualité", "Data quality"),
    _row("dcat.publisher_type", "text", _unknown, "Nature du diffuseur", "Type of publisher"),
    _row("dcat.conforms_to", "text", _unknown, "Conforme à", "Conforms to"),
    _row("dcat.temporal_coverage_start", "datetime", _unknown, "Début", "Start of the coverage"),
    _row("dcat.temporal_coverage_end", "datetime", _unknown, "Fin", "End of the coverage"),
    _row("dcat.accessRights", "text", _unknown, "Droits d’accès", "Access rights"),
    _row("dcat.relation", "text", _unknown, "Relation", "Relation"),
    _row("explore.download_count", "int", _unknown, "Téléchargements", "Downloads", shown=False),
    _row("explore.api_call_count", "int", _unknown, "Appels à l’API", "API calls", shown=False),
    _row("explore.popularity_score", "double", _unknown, "Popularité", "Popularity", shown=False),
    _row("processing.records_size", "int", _size, "Taille des données, en octets", "Size of data, bytes", shown=False),
)
"""Every metadata that is derived, in the order of the objects. The store of the audience is never asked."""

ON_REQUEST = tuple(dict.fromkeys(meta.ods.split(".", 1)[0] for meta in DERIVED if not meta.shown))
"""The templates that only `include_app_metas` shows."""
