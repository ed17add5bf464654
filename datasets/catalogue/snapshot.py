"""The catalogue as a dataset: one more Parquet table, so that one parser and one set of exporters serve both.

Its fields are the dotted names of the Explore API (`default.title`), each with its short name as an alias
(`title`), and a JSON field `dataset` that holds, per language, the whole object that the API returns.
"""

import json
from collections.abc import Iterable, Mapping
from dataclasses import replace
from types import MappingProxyType
from typing import Any

import pyarrow as pa
from sqlalchemy.orm import Session

from datasets.catalogue.catalogue import CATALOGUE_ID, get_dataset
from datasets.catalogue.metadata import LICENCES, METADATA, METADATA_BY_NAME, metadata_text
from datasets.errors import NotFound
from datasets.model import Dataset, Field, Schema, text_in
from datasets.query import Source, source_of
from datasets.store.versions import VersionStore
from datasets.types.public import arrow_schema

LANGUAGES = ("fr", "en")
METADATA_TYPES: Mapping[str, str] = MappingProxyType({"date": "date"})
LISTS = ("list", "lists")

OWN_FIELDS: tuple[Field, ...] = (
    Field("dataset_id", "text", {"fr": "Identifiant", "en": "Identifier"}, annotations={"id": True}),
    Field("dataset_uid", "text", {"fr": "Identifiant stable", "en": "Stable identifier"}),
    Field("has_records", "boolean", {"fr": "A des enregistrements", "en": "Has records"}),
    Field(
        "features",
        "text",
        {"fr": "Particularités", "en": "Features"},
        annotations={"multivalued": ",", "facet": True, "disjunctive": True},
    ),
    Field("default.records_count", "int", {"fr": "Enregistrements", "en": "Records"}),
    Field("default.modified", "datetime", {"fr": "Modification", "en": "Modified"}, annotations={"facet": True}),
    Field("default.data_processed", "datetime", {"fr": "Publication des données", "en": "Data processed"}),
    Field("default.license_url", "text", {"fr": "Texte de la licence", "en": "Text of the licence"}),
    Field("dcat.issued", "datetime", {"fr": "Première publication", "en": "Issued"}),
    Field("dataset", "json_blob", {"fr": "Fiche", "en": "Catalogue record"}),
)


def _metadata_fields() -> Iterable[Field]:
    for term in METADATA:
        annotations: dict[str, Any] = (
            {"facet": True, "disjunctive": True, "facetsort": "alphanum"} if term.facet else {}
        )
        if term.kind in LISTS:
            annotations["multivalued"] = ","
        yield Field(term.ods, METADATA_TYPES.get(term.kind, "text"), term.label, term.help, annotations)


SCHEMA = Schema((*OWN_FIELDS[:4], *_metadata_fields(), *OWN_FIELDS[4:]))
"""The fields of the catalogue as a dataset."""

ALIASES: Mapping[str, str] = MappingProxyType(
    {name.split(".", 1)[1]: name for name in SCHEMA.names if "." in name} | {"datasetid": "dataset_id"}
)
"""Short names of the catalogue's fields."""


def build_snapshot(datasets: Iterable[Dataset]) -> pa.Table:
    """Return the catalogue of `datasets` as a table of SCHEMA, one row per dataset."""
    return pa.Table.from_pylist([_record(dataset) for dataset in datasets], schema=arrow_schema(SCHEMA))


def get_catalogue_source(session: Session, store: VersionStore) -> Source:
    """Return the catalogue as something to query; raise NotFound while nothing was ever published."""
    version = get_dataset(session, CATALOGUE_ID).version
    if version is None:
        raise NotFound(kind="dataset", name=CATALOGUE_ID)
    return replace(source_of(version, store), aliases=ALIASES)


def find_features(schema: Schema) -> list[str]:
    """Return what a dataset lends itself to, in Opendatasoft's words."""
    types = {field.type for field in schema}
    wanted = {"analyze": {"int", "double"}, "geo": {"geo_point_2d", "geo_shape"}, "timeserie": {"date", "datetime"}}
    return [feature for feature, needs in wanted.items() if types & needs]


def describe_for_api(dataset: Dataset, lang: str) -> dict[str, Any]:
    """Return the object that the Explore API shows for `dataset`, in `lang`, without any address."""
    version = dataset.version
    schema = version.schema if version else Schema(())
    return {
        "visibility": "domain",
        "dataset_id": dataset.dataset_id,
        "dataset_uid": dataset.dataset_uid,
        "has_records": version is not None,
        "data_visible": True,
        "features": find_features(schema),
        "attachments": [],
        "alternative_exports": [],
        "fields": [
            {
                "name": field.name,
                "description": text_in(field.description, lang),
                "annotations": dict(field.annotations),
                "label": text_in(field.label, lang) or field.name,
                "type": field.type,
            }
            for field in schema
        ],
        "metas": _describe_metas(dataset, lang),
    }


def _describe_metas(dataset: Dataset, lang: str) -> dict[str, dict[str, Any]]:
    metas: dict[str, dict[str, Any]] = {"default": {}, "dcat": {}, "custom": {}}
    for term in METADATA:
        template, name = term.ods.split(".", 1)
        metas[template][name] = metadata_text(dataset.metadata, term.name, lang)
    licence = LICENCES.get(dataset.metadata.get("licence", ""))
    created = dataset.version.created.isoformat(timespec="seconds") if dataset.version else None
    metas["default"] |= {
        "license_url": licence.url if licence else None,
        "metadata_languages": sorted(dataset.metadata.get("title", {}), reverse=True),
        "timezone": None,
        "modified": dataset.modified.isoformat(timespec="seconds") if dataset.modified else None,
        "modified_updates_on_metadata_change": False,
        "modified_updates_on_data_change": True,
        "data_processed": created,
        "metadata_processed": created,
        "records_count": dataset.version.rows if dataset.version else 0,
        "source_domain": None,
        "source_domain_title": None,
        "source_domain_address": None,
        "source_dataset": None,
        "shared_catalog": None,
        "federated": False,
        "parent_domain": None,
    }
    metas["dcat"]["issued"] = dataset.issued.isoformat(timespec="seconds") if dataset.issued else None
    return metas


def _record(dataset: Dataset) -> dict[str, Any]:
    licence = LICENCES.get(dataset.metadata.get("licence", ""))
    record: dict[str, Any] = {
        term.ods: metadata_text(dataset.metadata, term.name, "fr") for term in METADATA_BY_NAME.values()
    }
    return record | {
        "dataset_id": dataset.dataset_id,
        "dataset_uid": dataset.dataset_uid,
        "has_records": dataset.version is not None,
        "features": find_features(dataset.version.schema) if dataset.version else [],
        "default.records_count": dataset.version.rows if dataset.version else 0,
        "default.modified": dataset.modified,
        "default.data_processed": dataset.version.created if dataset.version else None,
        "default.license_url": licence.url if licence else None,
        "dcat.issued": dataset.issued,
        "dataset": json.dumps({lang: describe_for_api(dataset, lang) for lang in LANGUAGES}, ensure_ascii=False),
    }
