"""The answers of an operation: its success, what can go wrong, the headers, each by status."""

from collections.abc import Collection, Iterable, Iterator, Mapping
from types import MappingProxyType

from datasets import errors
from datasets.errors import Phrase
from exports import CATALOGUE_EXPORTERS, EXPORTERS, CatalogueExporter, Exporter
from portal.errors import HTTP_PROBLEMS, MEANS, STATUSES
from portal.explore.openapi.operations import DOCUMENT, FILE, NEVER, Operation
from portal.explore.openapi.schemas import Json, closed, list_of, reference
from portal.explore.params import TAKES

JSON = "application/json"
GZIP = "application/gzip"
NEEDS_CATALOGUE = ("catalogue_facets", "catalogue_export")
"""Endpoints without a dataset that answer nothing before the first publication."""

MOVED = Phrase("The dataset has another identifier now.", "Le jeu de données a changé d’identifiant.")
TITLES: Mapping[int, Phrase] = MappingProxyType(
    {
        301: MOVED,
        308: MOVED,
        304: Phrase("Nothing changed since the version that you have.", "Rien n’a changé depuis votre version."),
        400: Phrase("A parameter or a clause cannot be read.", "Un paramètre ou une clause est illisible."),
        401: Phrase("The API key is unknown.", "La clé d’API est inconnue."),
        403: Phrase("It exists, but not for you.", "Cela existe, mais pas pour vous."),
        404: Phrase("It does not exist.", "Cela n’existe pas."),
        410: Phrase("It is served no more.", "Ce n’est plus servi."),
        413: Phrase("The form is over 1 MiB.", "Le formulaire dépasse 1 Mio."),
        429: Phrase("The quota of calls is used up.", "Le quota d’appels est épuisé."),
        503: Phrase("Too long or too heavy, or a store is away.", "Trop long ou trop lourd, ou une base est absente."),
    }
)
"""What each status means, beside 200."""


def _header(schema: Json, en: str, fr: str, *, required: bool = True) -> Json:
    return {"description": Phrase(en, fr), "schema": schema, "required": required}


HEADERS: Mapping[str, Json] = MappingProxyType(
    {
        "ETag": _header(
            {"type": "string", "pattern": '^(W/)?".+"$'},
            "Version of the answer.",
            "Version de la réponse.",
            required=False,
        ),
        "Last-Modified": _header(
            {"type": "string"}, "When that version was made.", "Date de cette version.", required=False
        ),
        "X-RateLimit-Limit": _header(
            {"type": "integer"}, "Calls allowed to a client.", "Appels permis à un client.", required=False
        ),
        "X-RateLimit-Remaining": _header(
            {"type": "integer", "minimum": 0}, "Calls that are left.", "Appels restants.", required=False
        ),
        "X-RateLimit-Reset": _header(
            {"type": "string", "pattern": r"^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\+00:00$"},
            "When the count starts again.",
            "Moment où le compte repart.",
            required=False,
        ),
        "Warning": _header(
            {"type": "string", "pattern": "^299 - "}, "Parameters ignored.", "Paramètres ignorés.", required=False
        ),
        "Content-Language": _header(
            {"type": "string"}, "Language of the answer.", "Langue de la réponse.", required=False
        ),
        "Content-Disposition": _header(
            {"type": "string", "pattern": "^attachment; filename="}, "Name of the file.", "Nom du fichier."
        ),
        "Location": _header({"type": "string"}, "Where it is now.", "Là où il est désormais."),
        "Retry-After": _header({"type": "integer", "minimum": 1}, "Seconds to wait.", "Secondes à attendre."),
        "WWW-Authenticate": _header({"const": "Apikey"}, "How to authenticate.", "Comment s’authentifier."),
    }
)
"""The headers that answers carry, by name; a header that is not required comes when there is something to say."""

QUOTA = ("X-RateLimit-Limit", "X-RateLimit-Remaining", "X-RateLimit-Reset")
VALIDATORS = ("ETag", "Last-Modified")
TOLD = ("Warning", "Content-Language")
OF_STATUS: Mapping[int, tuple[str, ...]] = MappingProxyType(
    {
        301: ("Location",),
        308: ("Location",),
        304: ("ETag", *QUOTA),
        401: ("WWW-Authenticate",),
        429: (*QUOTA, "Retry-After"),
    }
)


def headers(names: Iterable[str]) -> Json:
    """Return the references of these headers."""
    return {name: {"$ref": f"#/components/headers/{name}"} for name in names}


def statuses_of(operation: Operation, method: str, arguments: Collection[str]) -> list[int]:
    """Return the statuses that an operation may answer beside 200."""
    named = "dataset_id" in arguments
    found = operation.answer != NEVER or operation.endpoint == "alternative_export"
    possible = {
        301: named and found and method == "get",
        304: operation.versioned and method == "get",
        308: named and found and method == "post",
        400: bool(TAKES.get(operation.endpoint)),
        401: True,
        403: operation.endpoint == "monitoring",
        404: "rest" in arguments or (found and bool(arguments or operation.endpoint in NEEDS_CATALOGUE)),
        410: named or not (found or operation.endpoint == "monitoring"),
        413: method == "post",
        429: True,
        503: True,
    }
    return [status for status, may in possible.items() if may]


def answers_of(operation: Operation, method: str, arguments: Collection[str], content: Json) -> Json:
    """Return the answers of an operation by status; `content` is what a success holds."""
    found: Json = {}
    if operation.answer != NEVER:
        dated = VALIDATORS if operation.versioned else ()
        named = (*dated, *QUOTA, *TOLD, *(("Content-Disposition",) if operation.answer == FILE else ()))
        found["200"] = {"description": operation.summary, "headers": headers(named), "content": content}
    for status in statuses_of(operation, method, arguments):
        found[str(status)] = {"$ref": f"#/components/responses/{status}"}
    return found


def content_of(operation: Operation, formats: Collection[str]) -> Json:
    """Return the content of a success: JSON of a named schema, or a file in one of `formats`."""
    if operation.answer == DOCUMENT:
        return {JSON: {"schema": {"type": "object"}}}
    if operation.answer != FILE:
        return {JSON: {"schema": reference(operation.answer)}}
    if operation.endpoint == "attachment":
        return {"*/*": {}}
    exporters: Mapping[str, Exporter | CatalogueExporter] = {**EXPORTERS, **CATALOGUE_EXPORTERS}
    types = {name: exporters[name].media_type.partition(";")[0] for name in formats}
    rows = list_of(reference("AskedDataset" if operation.endpoint == "catalogue_export" else "AskedRecord"))
    shapes = {"json": rows, "geojson": reference("FeatureCollection"), "data.json": {"type": "object"}}
    content: Json = {}
    for name, kind in types.items():
        known = [*content.get(kind, []), *([shapes[name]] if name in shapes else [])]
        content[kind] = known
    return {kind: _any_of(schemas) for kind, schemas in {**content, GZIP: []}.items()}


def _any_of(schemas: list[Json]) -> Json:
    if not schemas:
        return {}
    return {"schema": schemas[0] if len(schemas) == 1 else {"anyOf": schemas}}


def shared_answers() -> Json:
    """Return the answers that operations share, by status: a body with the codes of that status, or none."""
    found: Json = {}
    for status, title in TITLES.items():
        found[str(status)] = {"description": title, "headers": headers(OF_STATUS.get(status, ()))}
        if status >= 400:
            found[str(status)]["content"] = {JSON: {"schema": error_schema(status)}}
    return found


def error_schema(status: int) -> Json:
    """Return the schema of the body of an error; a 429 has the older vocabulary too."""
    codes = sorted({*codes_of(status)})
    body: Json = {"error_code": {"type": "string", "enum": codes}, "message": {"type": "string"}}
    if status != 429:
        return closed(body)
    older: Json = {
        "errorcode": {"type": "integer"},
        "reset_time": {"type": "string", "format": "date-time"},
        "limit_time_unit": {"type": "string"},
        "call_limit": {"type": "integer"},
        "error": {"type": "string"},
    }
    return closed({**body, **older}, optional=tuple(older))


def codes_of(status: int) -> Iterator[str]:
    """Yield the codes that an error of that status may have, from the tree of errors and from HTTP itself."""
    if status in HTTP_PROBLEMS:
        yield HTTP_PROBLEMS[status].code
    for kind in _tree(errors.PortalError):
        known = next(STATUSES[parent] for parent in kind.__mro__ if parent in STATUSES)
        if known == status or (kind is errors.LimitExceeded and status == 400 and MEANS):
            yield kind.code


def _tree(kind: type[errors.PortalError]) -> Iterator[type[errors.PortalError]]:
    yield kind
    for child in kind.__subclasses__():
        yield from _tree(child)
