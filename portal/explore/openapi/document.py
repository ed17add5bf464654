"""The OpenAPI 3.1 document of the API: made of its routes, its parameters, its formats and its errors."""

import json
import re
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from werkzeug.routing import Rule

from datasets.errors import Phrase
from datasets.model import Dataset, Schema, text_in
from exports import CATALOGUE_EXPORTERS, EXPORTERS
from portal.explore.calls import BASE
from portal.explore.openapi.answers import HEADERS, answers_of, content_of, shared_answers
from portal.explore.openapi.asking import (
    ARGUMENTS,
    Examples,
    form_body,
    path_parameter,
    query_parameters,
    shared_parameters,
    taken,
)
from portal.explore.openapi.operations import BY_ENDPOINT, DATASET, FILE, NEVER, OPERATIONS, TAGS, Operation
from portal.explore.openapi.schemas import SCHEMAS, Json, dataset_schema, page_of, record_schema, reference
from portal.explore.params import Limits

VERSION = "2.1"
EXAMPLE_LENGTH = 4000
ARGUMENT = re.compile(r"<(?:\w+:)?(\w+)>")
BLUEPRINT = "explore."
HIDDEN_METHODS = ("HEAD", "OPTIONS")
"""What Flask answers by itself beside the methods of a route."""

SECURITY: list[Json] = [{}, {"apikey": []}, {"authorization": []}]
"""No key is needed; one can come either way."""

SECURITY_SCHEMES: Json = {
    "apikey": {"type": "apiKey", "in": "query", "name": "apikey"},
    "authorization": {
        "type": "apiKey",
        "in": "header",
        "name": "Authorization",
        "description": Phrase("`Apikey`, a space, the key", "`Apikey`, une espace, la clé"),
    },
}
CATALOGUE_EXAMPLES: Mapping[str, Examples] = MappingProxyType(
    {
        "catalogue": {
            "where": {"geography": "features = 'geo'"},
            "order_by": {"latest": "-modified"},
            "select": {"titles": "dataset_id, title"},
        },
        "catalogue_export": {"where": {"geography": "features = 'geo'"}},
        "catalogue_facets": {"facet": {"themes": "theme"}},
    }
)
"""Clauses that the catalogue of any portal takes, by endpoint."""


@dataclass(frozen=True)
class Subject:
    """The dataset that a document is about: the formats that suit it, its first record, examples by endpoint."""

    dataset: Dataset
    schema: Schema
    formats: tuple[str, ...]
    examples: Mapping[str, Examples]
    record: Mapping[str, Any]


@dataclass(frozen=True)
class Frame:
    """Where the API is, what it is called, its bounds, and the dataset it is told for, if one."""

    server: str
    title: str
    licence: str
    limits: Limits
    subject: Subject | None = None


def build_document(frame: Frame, rules: Iterable[Rule]) -> Json:
    """Return the OpenAPI 3.1 document of the API, of which `rules` are all the routes; texts are Phrases."""
    paths: Json = {}
    for rule, operation in find_operations(rules):
        if frame.subject is not None and "dataset_id" not in rule.arguments:
            continue
        for path, formats in addresses_of(rule, operation, frame):
            paths[path] = path_item(rule, operation, frame, formats)
    return {
        "openapi": "3.1.0",
        "info": information(frame),
        "servers": [{"url": frame.server}],
        "tags": [{"name": name, "description": told} for name, told in TAGS.items()],
        "security": SECURITY,
        "paths": paths,
        "components": {
            "schemas": schemas_of(frame.subject),
            "parameters": shared_parameters(frame.limits),
            "requestBodies": {row.endpoint: form_body(row, frame.limits) for row in OPERATIONS if taken(row)},
            "headers": dict(HEADERS),
            "responses": shared_answers(),
            "securitySchemes": SECURITY_SCHEMES,
        },
    }


def information(frame: Frame) -> Json:
    """Return what the document says of itself."""
    title = Phrase(f"{frame.title} – Explore API", f"{frame.title} – API Explore")
    told = Phrase(
        "Open data: no key is needed. Conditions are written in ODSQL.",
        "Données ouvertes : aucune clé n’est nécessaire. Les conditions s’écrivent en ODSQL.",
    )
    if frame.subject is not None:
        named = frame.subject.dataset.metadata.get("title") or {}
        name = Phrase(text_in(named, "en") or "", text_in(named, "fr") or "")
        title = Phrase(f"{name} – {title}", f"{name.fr} – {title.fr}")
    return {"title": title, "description": told, "version": VERSION, "license": {"name": frame.licence}}


def find_operations(rules: Iterable[Rule]) -> Iterator[tuple[Rule, Operation]]:
    """Yield the routes of the API in their order, each with its operations; a test holds that each has one."""
    for rule in rules:
        if rule.endpoint.startswith(BLUEPRINT):
            for operation in BY_ENDPOINT.get(rule.endpoint.removeprefix(BLUEPRINT), ()):
                yield rule, operation


def addresses_of(rule: Rule, operation: Operation, frame: Frame) -> Iterator[tuple[str, tuple[str, ...]]]:
    """Yield the address of an operation under the server's, with the formats it gives; none when no format suits."""
    path = rule.rule.removeprefix(BASE)
    if frame.subject is not None:
        path = path.replace("<dataset_id>", frame.subject.dataset.dataset_id)
    offered = formats_of(operation, frame.subject)
    if operation.format:
        offered = tuple(name for name in offered if name == operation.format)
        path = path.replace("<name>", operation.format)
    if operation.answer != FILE or offered or "<name>" not in rule.rule:
        yield ARGUMENT.sub(lambda found: "{" + ARGUMENTS[found[1]][0] + "}", path), offered


def formats_of(operation: Operation, subject: Subject | None) -> tuple[str, ...]:
    """Return the formats that an export gives."""
    if operation.answer != FILE:
        return ()
    if operation.tag != DATASET:
        return tuple(CATALOGUE_EXPORTERS)
    return subject.formats if subject else tuple(EXPORTERS)


def path_item(rule: Rule, operation: Operation, frame: Frame, formats: tuple[str, ...]) -> Json:
    """Return the methods of an address."""
    arguments = [name for name in rule.arguments if not (frame.subject and name == "dataset_id")]
    if operation.format:
        arguments = [name for name in arguments if name != "name"]
    varying = [path_parameter(name, formats if name == "name" else ()) for name in sorted(arguments)]
    methods = sorted(set(rule.methods or ()) - set(HIDDEN_METHODS))
    item: Json = {"parameters": varying} if varying else {}
    for method in methods:
        item[method.lower()] = tell_operation(rule, operation, frame, method.lower(), formats)
    return item


def tell_operation(rule: Rule, operation: Operation, frame: Frame, method: str, formats: tuple[str, ...]) -> Json:
    """Return what one method of an address takes and answers."""
    by_form = method == "post"
    name = operation.id + ("Under" if "rest" in rule.arguments else "")
    told: Json = {
        "operationId": f"{name}ByForm" if by_form else name,
        "tags": [operation.tag],
        "summary": operation.summary,
    }
    if operation.answer == NEVER:
        told["deprecated"] = True
    if taken(operation):
        told |= _asked_by_form(operation) if by_form else _asked_in_address(operation, frame)
    return {**told, "responses": answers_of(operation, method, rule.arguments, content_of(operation, formats))}


def _asked_by_form(operation: Operation) -> Json:
    return {"requestBody": {"$ref": f"#/components/requestBodies/{operation.endpoint}"}}


def _asked_in_address(operation: Operation, frame: Frame) -> Json:
    examples = frame.subject.examples if frame.subject else CATALOGUE_EXAMPLES
    return {"parameters": query_parameters(operation, frame.limits, examples.get(operation.endpoint, {}))}


def schemas_of(subject: Subject | None) -> Json:
    """Return the named schemas; those of a dataset's records when the document is about one."""
    record = reference("Row")
    if subject:
        record = record_schema(subject.schema) | ({"examples": [subject.record]} if is_short(subject.record) else {})
    asked = {"anyOf": [reference("Record"), reference("Row")]} if subject else reference("Row")
    return {
        **SCHEMAS,
        "Record": record,
        "AskedRecord": asked,
        "RecordsPage": page_of(reference("AskedRecord")),
        "Dataset": dataset_schema(),
        "AskedDataset": {"anyOf": [reference("Dataset"), reference("Row")]},
        "DatasetsPage": page_of(reference("AskedDataset")),
    }


def is_short(record: Mapping[str, Any]) -> bool:
    """Return whether a record is there and short enough to be an example: some hold the contour of a country."""
    return bool(record) and len(json.dumps(record)) <= EXAMPLE_LENGTH


def translate(tree: Any, lang: str) -> Any:
    """Return the document with each Phrase told in `lang`."""
    if isinstance(tree, Phrase):
        return tree.fr if lang == "fr" else str(tree)
    if isinstance(tree, Mapping):
        return {name: translate(value, lang) for name, value in tree.items()}
    if isinstance(tree, Collection) and not isinstance(tree, str):
        return [translate(value, lang) for value in tree]
    return tree
