"""A version told as a plain document, and back: what `manifest.json` and the catalogue both hold."""

from collections.abc import Mapping
from dataclasses import asdict
from datetime import datetime
from typing import Any

from datasets.model import Distribution, Field, Schema, Version


def describe_schema(schema: Schema) -> list[dict[str, Any]]:
    """Return the fields of `schema` as a list that JSON can hold."""
    return [
        {
            "name": field.name,
            "type": field.type,
            "label": dict(field.label),
            "description": dict(field.description),
            "annotations": dict(field.annotations),
        }
        for field in schema
    ]


def parse_schema(fields: list[Mapping[str, Any]]) -> Schema:
    """Return the schema that `describe_schema` told."""
    return Schema(tuple(Field(**field) for field in fields))


def describe_version(version: Version) -> dict[str, Any]:
    """Return `version` as a document that JSON can hold."""
    return {
        "dataset_id": version.dataset_id,
        "version_id": version.version_id,
        "created": version.created.isoformat(),
        "rows": version.rows,
        "schema": describe_schema(version.schema),
        "distributions": [asdict(distribution) for distribution in version.distributions],
        "provenance": dict(version.provenance),
    }


def parse_version(document: Mapping[str, Any]) -> Version:
    """Return the version that `describe_version` told."""
    return Version(
        dataset_id=document["dataset_id"],
        version_id=document["version_id"],
        created=datetime.fromisoformat(document["created"]),
        rows=document["rows"],
        schema=parse_schema(document["schema"]),
        distributions=tuple(Distribution(**each) for each in document["distributions"]),
        provenance=document["provenance"],
    )
