"""What an operation may be asked: its parameters, in the address or as a form, from the table of the API."""

from collections.abc import Collection, Mapping
from types import MappingProxyType

from datasets.errors import Phrase
from portal.explore.openapi.operations import Operation
from portal.explore.openapi.schemas import RECORD_ID, Json
from portal.explore.params import BY_NAME, DEFAULT_LIMIT, PARAMETERS, TAKES, Limits, Parameter

Examples = Mapping[str, Mapping[str, str]]
"""By name of parameter, texts that work, by what they show."""

FORMATS: Mapping[str, str] = MappingProxyType(
    {
        **{name: f"odsql-{name}" for name in ("select", "where", "group_by", "order_by", "refine", "exclude", "facet")},
        "qv1": "odsql-v1",
        "timezone": "iana-time-zone",
        "name_field": "field-name",
        "description_field_list": "field-names",
    }
)
"""The rules that the texts of some parameters follow."""

BOUNDED = ("limit", "offset")
UNBOUNDED = ("export", "catalogue_export")
LARGEST = 10**18 - 1
"""The largest number that is read."""

SEGMENT = "^[^/]+$"
FORM = "application/x-www-form-urlencoded"

ARGUMENTS: Mapping[str, tuple[str, Json, Phrase]] = MappingProxyType(
    {
        "dataset_id": (
            "dataset_id",
            {"type": "string", "pattern": SEGMENT},
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
            {"type": "string", "pattern": SEGMENT},
            Phrase("Identifier of the attached file", "Identifiant du fichier joint"),
        ),
        "export_id": (
            "export_id",
            {"type": "string", "pattern": SEGMENT},
            Phrase("Identifier of the other form", "Identifiant de l’autre forme"),
        ),
        "rest": ("rest", {"type": "string", "pattern": SEGMENT}, Phrase("The rest", "La suite")),
    }
)
"""The parts of addresses that vary, by their name in the routes: their public name, schema and meaning."""


def path_parameter(argument: str, choices: Collection[str] = ()) -> Json:
    """Return the parameter of a part of the address; `choices` are its only values when there are any."""
    name, schema, told = ARGUMENTS[argument]
    values = {"type": "string", "enum": list(choices)} if choices else schema
    return {"name": name, "in": "path", "required": True, "description": told, "schema": values}


def value_schema(parameter: Parameter, endpoint: str, limits: Limits) -> Json:
    """Return the schema of a parameter's value at an endpoint: texts that follow rules have a format, pages bounds."""
    schema: Json = dict(parameter.schema)
    if parameter.name in FORMATS:
        told = {"format": FORMATS[parameter.name]}
        return {**schema, "items": {**schema["items"], **told}} if parameter.many else {**schema, **told}
    if parameter.name in BOUNDED:
        wide = endpoint in UNBOUNDED
        most = max(limits.group, limits.page if parameter.name == "limit" else limits.offset)
        default = {} if wide or parameter.name == "offset" else {"default": DEFAULT_LIMIT}
        return {**schema, **default, "maximum": LARGEST if wide else most}
    return schema


def describe(parameter: Parameter) -> Phrase:
    """Return what a parameter is for, with its other names."""
    if not parameter.aliases:
        return parameter.help
    others = ", ".join(parameter.aliases)
    return Phrase(f"{parameter.help} Also called {others}.", f"{parameter.help.fr} Aussi appelé {others}.")


def shared_parameters(limits: Limits) -> Json:
    """Return the parameters that every endpoint takes alike, by name."""
    return {each.name: _told(each, "", limits) for each in PARAMETERS if each.name not in BOUNDED}


def query_parameters(operation: Operation, limits: Limits, examples: Examples) -> list[Json]:
    """Return the parameters of an operation that come after the question mark."""
    return [_query_parameter(BY_NAME[name], operation.endpoint, limits, examples) for name in taken(operation)]


def _query_parameter(parameter: Parameter, endpoint: str, limits: Limits, examples: Examples) -> Json:
    shown = examples.get(parameter.name, {})
    if not shown and parameter.name not in BOUNDED:
        return {"$ref": f"#/components/parameters/{parameter.name}"}
    values = {title: {"value": [text] if parameter.many else text} for title, text in shown.items()}
    return _told(parameter, endpoint, limits) | ({"examples": values} if values else {})


def _told(parameter: Parameter, endpoint: str, limits: Limits) -> Json:
    schema = value_schema(parameter, endpoint, limits)
    return {"name": parameter.name, "in": "query", "description": describe(parameter), "schema": schema}


def form_body(operation: Operation, limits: Limits) -> Json:
    """Return the body of a POST: the same parameters, as a form, where a single value is not a list."""
    properties: Json = {}
    for name in taken(operation):
        schema = value_schema(BY_NAME[name], operation.endpoint, limits)
        properties[name] = {**schema, **schema["items"], "type": ["string", "array"]} if BY_NAME[name].many else schema
    return {"content": {FORM: {"schema": {"type": "object", "properties": properties}}}}


def taken(operation: Operation) -> list[str]:
    """Return the names of the parameters that an operation takes, in the order of the table."""
    names = TAKES.get(operation.endpoint, ())
    return [parameter.name for parameter in PARAMETERS if parameter.name in names]
