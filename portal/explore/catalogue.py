"""What a request asks: a dataset, or the catalogue, which is a dataset too, with rows of its own shape."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy.orm import Session

from datasets.catalogue.catalogue import find_version, get_dataset
from datasets.errors import NotFound
from datasets.model import Dataset, Schema, Version
from datasets.query import Query, Source, run_query, source_of
from datasets.store.engine import Engine
from datasets.store.versions import VersionStore

TEMPLATES = ("dcat.", "default.", "inspire.", "dublin-core.", "custom.")
"""The order of the metadata templates in the catalogue's CSV."""


@dataclass(frozen=True)
class Target:
    """What is asked: the dataset, its version and the source of its records."""

    dataset: Dataset
    version: Version
    source: Source


def open_dataset(session: Session, store: VersionStore, dataset_id: str) -> Target:
    """Return a published dataset; raise NotFound otherwise."""
    dataset = get_dataset(session, dataset_id)
    if dataset.version is None:
        raise NotFound(kind="dataset", name=dataset_id)
    return Target(dataset, dataset.version, source_of(dataset.version, store))


def open_version(session: Session, store: VersionStore, dataset: Dataset, version_id: str) -> Target:
    """Return one version of a published dataset; raise NotFound, or Withdrawn with the reason."""
    version = find_version(session, dataset.dataset_id, version_id)
    return Target(replace(dataset, version=version), version, source_of(version, store))


def wants_objects(query: Query) -> bool:
    """Return whether a query of the catalogue asks for whole datasets, not for chosen fields or groups."""
    return query.select.strip() in ("", "*") and not query.group_by


def read_descriptions(query: Query, source: Source, engine: Engine) -> list[Mapping[str, Any]]:
    """Return the descriptions of the datasets that `query` keeps, in its language or else in French."""
    rows = run_query(replace(query, select="dataset"), source, engine).rows.read_all()
    described = [json.loads(text) for text in rows.column(0).to_pylist()]
    return [each.get(query.lang) or each["fr"] for each in described]


def select_flat(schema: Schema) -> str:
    """Return the select of the catalogue's CSV: metadata by template, then the other fields, the identifier last."""
    dotted = [name for template in TEMPLATES for name in sorted(schema.names) if name.startswith(template)]
    plain = [field.name for field in schema if "." not in field.name and field.type != "json_blob"]
    plain.remove("dataset_id")
    return ", ".join([*(f"`{name}`" for name in (*dotted, *plain)), "dataset_id as datasetid"])
