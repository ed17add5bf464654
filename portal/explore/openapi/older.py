"""The same document for readers of OpenAPI 3.0: what 3.1 took from JSON Schema is said in the older words."""

from typing import Any

from portal.explore.openapi.schemas import Json

VERSION = "3.0.3"
NULL = {"type": "object", "nullable": True, "enum": [None]}
"""What only null is, in words of OpenAPI 3.0: `nullable` alone says nothing beside a reference."""


def downgrade(document: Json) -> Json:
    """Return a document of OpenAPI 3.1 in OpenAPI 3.0; no promise is lost, but for the exclusion of extra examples."""
    return {**_older(document), "openapi": VERSION}


def _older(tree: Any) -> Any:
    if isinstance(tree, list):
        return [_older(each) for each in tree]
    if not isinstance(tree, dict):
        return tree
    if "$ref" in tree:
        return {"$ref": tree["$ref"]}
    found = _types({name: _members(value) if name == "properties" else _older(value) for name, value in tree.items()})
    if "const" in found:
        found["enum"] = [found.pop("const")]
    if isinstance(found.get("examples"), list):
        found["example"] = found.pop("examples")[0]
    return found


def _members(properties: Json) -> Json:
    """Return the schemas of members, whatever the members are called."""
    return {name: _older(value) for name, value in properties.items()}


def _types(schema: Json) -> Json:
    """Return a schema without lists of types nor null: several types become several schemas, null what is nullable."""
    choices = schema.get("anyOf", [])
    if {"type": "null"} in choices:
        return {**schema, "anyOf": [NULL if each == {"type": "null"} else each for each in choices]}
    types = schema.get("type")
    if not isinstance(types, list):
        return schema
    plain = [each for each in types if each != "null"]
    nullable = {"nullable": True} if "null" in types else {}
    if len(plain) == 1:
        return {**schema, "type": plain[0], **nullable}
    kept = {name: value for name, value in schema.items() if name not in ("type", "items")}
    items = {"array": {"items": schema.get("items", {})}}
    return {**kept, "anyOf": [{"type": each, **items.get(each, {}), **nullable} for each in plain]}
