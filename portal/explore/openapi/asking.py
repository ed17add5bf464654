"""What an operation may be asked: its parameters, in the address or as a form, from the table of the API."""

from collections.abc import Collection, Iterable, Mapping
from types import MappingProxyType
from typing import Any

from datasets.errors import Phrase
from portal.explore.openapi.operations import Operation
from portal.explore.openapi.schemas import RECORD_ID, Json
from portal.explore.params import BY_NAME, PARAMETERS, TAKES, Limits, Parameter

Examples = Mapping[str, Mapping[str, str]]
"""By name of parameter, texts that work, by what they show."""

CLAUSES = ("select", "where", "group_by", "order_by", "refine", "exclude", "facet", "qv1")
FREE_OF_BOUNDS = ("export", "catalogue_export")
PATTERN_DATASET = "^[^/]+$"
FORM = "application/x-www-form-urlencoded"

ARGUMENTS: Mapping[str, tuple[str, Json, Phrase]] = MappingProxyType(
    {
        "dataset_id": (
            "dataset_id",
            {"type": "string", "pattern": PATTERN_DATASET},
            Phrase("Identifier of the dataset", "Identifiant du jeu de données"),
        ),
        "record_id": (
            "record_id",
            {"type": "string", "pattern": RECORD_ID},
            Phrase(
                "Identifier of the record, told by `include_app_metas`",
                "Identifiant de l’enregistrement, donné par `include_app_metas`",
            ),
        ),
        "name": ("format", {"type": "string"}, Phrase("Format of the file", "Format du fichier")),
        "attachment_id": (
            "attachment_id",
            {"type": "string", "pattern": PATTERN_DATASET},
            Phrase("Identifier of the attached file", "Identifiant du fichier joint"),
        ),
        "export_id": (
            "export_id",
            {"type": "string", "pattern": PATTERN_DATASET},
            Phrase("Identifier of the other form", "Identifiant de l’autre forme"),
        ),
    }
)
"""The parts of addresses that vary, by their name in the routes: their public name, schema and meaning."""


def path_parameter(argument: str, choices: Collection[str] = ()) -> Json:
    """Return the parameter of a part of the address; `choices` are its only values when there are any."""
    name, schema, told = ARGUMENTS[argument]
    values = {"type": "string", "enum": list(choices)} if choices else schema
    return {"name": name, "in": "path", "required": True, "description": told, "schema": values}


def value_schema(parameter: Parameter, endpoint: str, limits: Limits) -> Json:
    """Return the schema of a parameter's value at an endpoint: clauses have a format, pages have bounds."""
    schema: dict[str, Any] = dict(parameter.schema)
    if parameter.name in CLAUSES:
        told = {"format": f"odsql-{parameter.name.replace('_', '-')}"}
        return {**schema, "items": {**schema["items"], **told}} if parameter.many else {**schema, **told}
    if parameter.name in ("limit", "offset") and endpoint not in FREE_OF_BOUNDS:
        schema["maximum"] = max(limits.group, limits.page if parameter.name == "limit" else limits.offset)
    if parameter.name == "limit" and endpoint not in FREE_OF_BOUNDS:
        schema["default"] = 10
    return schema


def describe(parameter: Parameter) -> Phrase:
    """Return what a parameter is for, with its other names."""
    if not parameter.aliases:
        return parameter.help
    others = ", ".join(f"`{alias}`" for alias in parameter.aliases)
    return Phrase(f"{parameter.help} Also called {others}.", f"{parameter.help.fr} Aussi appelé {others}.")


def query_parameters(operation: Operation, limits: Limits, examples: Examples) -> list[Json]:
    """Return the parameters of an operation that come after the question mark."""
    return [_query_parameter(BY_NAME[name], operation.endpoint, limits, examples) for name in taken(operation)]


def _query_parameter(parameter: Parameter, endpoint: str, limits: Limits, examples: Examples) -> Json:
    found: Json = {
        "name": parameter.name,
        "in": "query",
        "description": describe(parameter),
        "schema": value_schema(parameter, endpoint, limits),
    }
    shown = {
        title: {"value": [text] if parameter.many else text} for title, text in examples.get(parameter.name, {}).items()
    }
    return {**found, "examples": shown} if shown else found


def form_body(operation: Operation, limits: Limits) -> Json:
    """Return the body of a POST: the same parameters, as a form."""
    properties = {
        name: {"description": describe(BY_NAME[name]), **value_schema(BY_NAME[name], operation.endpoint, limits)}
        for name in taken(operation)
    }
    return {"content": {FORM: {"schema": {"type": "object", "properties": properties}}}}


def taken(operation: Operation) -> Iterable[str]:
    """Return the names of the parameters that an operation takes, in the order of the table."""
    names = TAKES.get(operation.endpoint, ())
    return [parameter.name for parameter in PARAMETERS if parameter.name in names]
