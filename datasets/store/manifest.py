"""The manifest of a version: what it holds, with sizes and checksums, as JSON text."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from datasets.model import Distribution, Field, Schema, Version

FORMAT = 1


def identify(version: Version) -> Version:
    """Return the version with its final identifier: its instant, then eight digits of its content's checksum."""
    digest = hashlib.sha256(dump(version)).hexdigest()
    return replace(version, version_id=f"{version.version_id}-{digest[:8]}")


def dump(version: Version) -> bytes:
    """Return the manifest of a version, as UTF-8 JSON."""
    return json.dumps(_content(version), ensure_ascii=False, indent=1, default=_plain).encode()


def describe_version(version: Version) -> dict[str, Any]:
    """Return the manifest of a version as a document of plain values."""
    document: dict[str, Any] = json.loads(dump(version))
    return document


def load(text: bytes) -> Version:
    """Return the version that a manifest tells; raise ValueError, KeyError or TypeError when it is damaged."""
    return parse_version(json.loads(text))


def _content(version: Version) -> dict[str, Any]:
    return {
        "format": FORMAT,
        "dataset_id": version.dataset_id,
        "version_id": version.version_id,
        "created": version.created.isoformat(),
        "rows": version.rows,
        "schema": [describe_field(field) for field in version.schema],
        "distributions": [{**vars(each), "title": dict(each.title)} for each in version.distributions],
        "provenance": dict(version.provenance),
        "box": version.box,
        "geometry_types": version.geometry_types,
    }


def parse_version(content: Mapping[str, Any]) -> Version:
    """Return the version that a document tells; raise ValueError, KeyError or TypeError when it is damaged.

    The manifests of the first portals tell neither places nor titles.
    """
    if content["format"] != FORMAT:
        raise ValueError(f"format {content['format']} is unknown, {FORMAT} was expected")
    return Version(
        dataset_id=content["dataset_id"],
        version_id=content["version_id"],
        created=datetime.fromisoformat(content["created"]),
        rows=content["rows"],
        schema=Schema(tuple(Field(**field) for field in content["schema"])),
        distributions=tuple(Distribution(**each) for each in content["distributions"]),
        provenance=content["provenance"],
        box=_box(content.get("box")),
        geometry_types=tuple(content.get("geometry_types", ())),
    )


def _box(found: list[float] | None) -> tuple[float, float, float, float] | None:
    if found is None:
        return None
    west, south, east, north = found
    return west, south, east, north


def describe_field(field: Field) -> dict[str, Any]:
    """Return a field as plain values; one without coded values has no `values`."""
    values = {code: dict(texts) for code, texts in field.values.items()}
    return {
        "name": field.name,
        "type": field.type,
        "label": dict(field.label),
        "description": dict(field.description),
        "annotations": dict(field.annotations),
        **({"values": values} if values else {}),
    }


def _plain(value: object) -> Any:
    """Give a JSON form to what provenance may hold besides plain values."""
    return dict(value) if isinstance(value, Mapping) else str(value)
