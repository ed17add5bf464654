"""What answers look like, as JSON Schemas: the fixed ones, and the one that a dataset's own fields make.

Objects are closed (no other member) but where the reader or the producer chooses the members.
"""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from datasets.catalogue.derived import ON_REQUEST
from datasets.catalogue.snapshot import SCHEMA as CATALOGUE
from datasets.errors import Phrase
from datasets.model import FIELD_TYPES, Field, Schema, text_in

Json = dict[str, Any]
"""A JSON Schema, or any part of a document; a Phrase in it is told in the reader's language in the end."""

TEXT: Json = {"type": "string"}
ADDRESS: Json = {"type": "string", "format": "uri"}
COUNT: Json = {"type": "integer", "minimum": 0}
TRUTH: Json = {"type": "boolean"}
DATE_PATTERNS: Mapping[str, str] = MappingProxyType({"year": r"^\d{4}$", "month": r"^\d{4}-\d{2}$"})
RECORD_ID = "^[0-9a-f]{40}$"


def reference(name: str) -> Json:
    """Return the reference of a named schema."""
    return {"$ref": f"#/components/schemas/{name}"}


def list_of(items: Json) -> Json:
    """Return the schema of a list."""
    return {"type": "array", "items": items}


def closed(properties: Json, optional: tuple[str, ...] = ()) -> Json:
    """Return the schema of an object with these members and no other, all of them required but the `optional`."""
    required = [name for name in properties if name not in optional]
    return {"type": "object", "required": required, "properties": properties, "additionalProperties": False}


def or_null(schema: Json) -> Json:
    """Return a schema that takes null too."""
    if isinstance(schema.get("type"), str) and "enum" not in schema:
        return {**schema, "type": [schema["type"], "null"]}
    return {"anyOf": [schema, {"type": "null"}]} if schema else {}


LINKS = list_of(reference("Link"))
VALUES: Mapping[str, Json] = MappingProxyType(
    {
        "text": TEXT,
        "int": {"type": "integer", "format": "int64"},
        "double": {"type": "number", "format": "double"},
        "boolean": TRUTH,
        "date": {"type": "string", "format": "date"},
        "datetime": {"type": "string", "format": "date-time"},
        "geo_point_2d": reference("Point"),
        "geo_shape": reference("Feature"),
        "file": {"type": "object"},
        "json_blob": {},
    }
)
"""The JSON form of each public type; null comes beside."""

SCHEMAS: Mapping[str, Json] = MappingProxyType(
    {
        "Link": closed({"rel": TEXT, "href": ADDRESS}),
        "Links": closed({"links": LINKS}),
        "Point": closed({"lon": {"type": "number"}, "lat": {"type": "number"}}),
        "Geometry": {
            "description": Phrase("A geometry of GeoJSON (RFC 7946).", "Une géométrie GeoJSON (RFC 7946)."),
            "type": "object",
            "required": ["type"],
            "properties": {"type": TEXT, "coordinates": {"type": "array"}, "geometries": {"type": "array"}},
            "additionalProperties": False,
        },
        "Feature": closed({"type": {"const": "Feature"}, "geometry": or_null(reference("Geometry")), "properties": {}}),
        "FeatureCollection": closed(
            {"type": {"const": "FeatureCollection"}, "features": list_of(reference("Feature"))}
        ),
        "Row": {
            "description": Phrase(
                "What the request asked for: the members are the fields, the aliases or the expressions of `select` "
                "and `group_by`.",
                "Ce que la requête a demandé : les membres sont les champs, les alias ou les expressions de `select` "
                "et `group_by`.",
            ),
            "type": "object",
            "additionalProperties": True,
        },
        "FacetValue": closed(
            {
                "count": COUNT,
                "state": {"type": "string", "enum": ["displayed", "refined", "excluded"]},
                "name": TEXT,
                "value": TEXT,
                "facets": list_of(reference("FacetValue")),
            },
            optional=("facets",),
        ),
        "FacetGroup": closed(
            {"name": TEXT, "facets": list_of(reference("FacetValue")), "truncated": TRUTH}, optional=("truncated",)
        ),
        "Facets": closed({"links": LINKS, "facets": list_of(reference("FacetGroup"))}),
        "Attachment": closed({"id": TEXT, "title": TEXT, "mimetype": TEXT, "url": ADDRESS}),
        "Attachments": closed(
            {
                "links": LINKS,
                "attachments": list_of(
                    closed(
                        {
                            "href": ADDRESS,
                            "metas": closed({"mime-type": TEXT, "title": TEXT, "url": ADDRESS, "id": TEXT}),
                        }
                    )
                ),
            }
        ),
        "Field": closed(
            {
                "name": TEXT,
                "label": TEXT,
                "type": {"type": "string", "enum": list(FIELD_TYPES)},
                "description": or_null(TEXT),
                "annotations": {
                    "type": "object",
                    "additionalProperties": {"type": ["string", "number", "boolean", "null"]},
                },
            }
        ),
    }
)
"""The schemas that no dataset changes, by name."""


ON_DEMAND: Mapping[str, Json] = MappingProxyType(
    {
        "_id": {"type": "string", "pattern": RECORD_ID},
        "_timestamp": VALUES["datetime"],
        "_size": COUNT,
        "_links": LINKS,
    }
)
"""What `include_app_metas` and `include_links` add to a record."""


def page_of(item: Json) -> Json:
    """Return the schema of a page: how many there are, then some of them; links come on request."""
    return closed({"total_count": COUNT, "links": LINKS, "results": list_of(item)}, optional=("links",))


def field_schema(field: Field) -> Json:
    """Return the schema of a field's values, with its label and its description."""
    value = dict(VALUES[field.type])
    precision = str(field.annotations.get("timeserie_precision"))
    if field.type == "date" and precision in DATE_PATTERNS:
        value = {"type": "string", "pattern": DATE_PATTERNS[precision]}
    schema = or_null(list_of(value) if field.multivalued else value)
    if label := text_in(field.label, "en"):
        schema["title"] = Phrase(label, text_in(field.label, "fr") or label)
    if told := text_in(field.description, "en"):
        schema["description"] = Phrase(told, text_in(field.description, "fr") or told)
    return schema


def record_schema(schema: Schema) -> Json:
    """Return the schema of a whole record; its identifier, its dates and its links come on request."""
    asked = {name: shape for name, shape in ON_DEMAND.items() if name not in schema.names}
    return closed({**asked, **{field.name: field_schema(field) for field in schema}}, optional=tuple(asked))


def dataset_schema() -> Json:
    """Return the schema of the description of a dataset: its metadata are the fields of the catalogue."""
    templates: dict[str, Json] = {}
    for field in CATALOGUE:
        template, _, name = field.name.rpartition(".")
        if template:
            value = VALUES[field.type]
            templates.setdefault(template, {})[name] = list_of(value) if field.multivalued else or_null(value)
    metas = {template: closed(members) for template, members in templates.items()}
    properties: Json = {
        "_links": LINKS,
        "visibility": {"type": "string", "enum": ["domain", "restricted"]},
        "dataset_id": TEXT,
        "dataset_uid": TEXT,
        "has_records": TRUTH,
        "data_visible": TRUTH,
        "features": list_of(TEXT),
        "attachments": list_of(reference("Attachment")),
        "alternative_exports": list_of(reference("Attachment")),
        "fields": list_of(reference("Field")),
        "metas": closed(metas, optional=tuple(ON_REQUEST)),
    }
    return closed(properties, optional=("_links",))
