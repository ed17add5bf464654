"""One call of the API: what it asks, read from the request once, and the small answers that views share."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any, NoReturn, TypeVar
from urllib.parse import quote

from flask import Response, abort, g, redirect, request, url_for

from datasets.errors import InvalidParameter, NotFound
from datasets.query import Query
from exports import CatalogueExporter, Exporter, ExportOptions
from portal.explore.catalogue import Target, open_catalogue, open_dataset
from portal.explore.params import (
    BY_NAME,
    TAKES,
    Limits,
    Values,
    export_options,
    export_query,
    find_unknown,
    page_query,
    read_values,
)
from portal.explore.shapes import page_links, write_json, write_page
from portal.extensions import portal
from portal.i18n import LANGUAGES

BASE = "/api/explore/v2.1"
JSON = "application/json; charset=utf-8"
SHOWN_NAMES = 10
"""Unknown parameters named in the Warning header, at most."""


Format = TypeVar("Format", bound=Exporter | CatalogueExporter)


@dataclass(frozen=True)
class Call:
    """The parameters of a call, the language of its answer, the addresses of the API and of itself."""

    values: Values
    lang: str
    base: str
    address: str

    @property
    def options(self) -> ExportOptions:
        """The layout asked."""
        return export_options(self.values, self.lang)

    def page(self) -> Query:
        """Return the query of a page; raise InvalidParameter beyond the limits."""
        settings = portal.settings
        limits = Limits(settings.page_limit, settings.offset_limit, settings.group_limit)
        return page_query(self.values, self.lang, limits)

    def export(self) -> Query:
        """Return the query of an export."""
        return export_query(self.values, self.lang)


def find_taken() -> Collection[str]:
    """Return the names of the parameters that the operation asked takes."""
    return TAKES.get((request.endpoint or "").rpartition(".")[2], tuple(BY_NAME))


def read_call() -> Call:
    """Read the request; raise InvalidParameter for the first parameter that cannot be read."""
    values = read_values(request.values, find_taken())
    accepted = request.accept_languages.best_match(list(LANGUAGES))
    lang = values["lang"] or accepted or portal.settings.language
    g.answer_language = lang
    root = str(portal.settings.base_url)
    return Call(values, lang, root + BASE, root + quote(request.path.rstrip("/")))


def find_dataset(dataset_id: str) -> Target:
    """Return the dataset of that identifier: its own, its stable uid, either with `@` and our domain, or a former one.

    Where the address holds a former identifier, the answer is a redirection to the present one, query and all.
    Raises Withdrawn or NotFound otherwise.
    """
    name, _, domain = dataset_id.partition("@")
    if domain and domain not in (portal.settings.domain, portal.settings.domain.partition(":")[0]):
        raise NotFound(kind="dataset", name=dataset_id)
    with portal.databases.session("catalogue") as session:
        target = open_dataset(session, portal.store, name)
    present = target.dataset
    if name not in (present.dataset_id, present.dataset_uid) and "dataset_id" in (request.view_args or {}):
        _lead_to(present.dataset_id)
    return target


def _lead_to(dataset_id: str) -> NoReturn:
    """Answer that the address is now that of `dataset_id`; what was posted is posted again (308)."""
    address = url_for(str(request.endpoint), **{**(request.view_args or {}), "dataset_id": dataset_id})
    query = f"?{request.query_string.decode('latin-1')}" if request.query_string else ""
    abort(redirect(address + query, 308 if request.method == "POST" else 301))


def find_catalogue() -> Target:
    """Return the catalogue as a dataset."""
    with portal.databases.session("catalogue") as session:
        return open_catalogue(session, portal.store)


def find_exporter(name: str, offered: Collection[str], exporters: Mapping[str, Format]) -> Format:
    """Return the exporter of a format; raise InvalidParameter, naming those offered, otherwise."""
    if name not in offered:
        raise InvalidParameter(name="format", found=name[:100], expected=f"one of {', '.join(offered)}")
    return exporters[name]


def answer_json(value: Any) -> Response:
    """Answer a JSON value, or JSON text that is ready."""
    return Response(value if isinstance(value, str) else write_json(value), content_type=JSON)


def answer_page(call: Call, query: Query, total: int, rows: str) -> Response:
    """Answer a page of which `rows` is the JSON array."""
    links = None
    if call.values["include_links"]:
        asked = [(name, text) for name in request.values for text in request.values.getlist(name)]
        links = page_links(call.address, asked, query, total)
    return answer_json(write_page(total, rows, links))


def complete_headers(response: Response) -> Response:
    """Say the language of the answer, and which parameters were ignored: a typing mistake would be silent."""
    response.vary.add("Accept-Language")
    if "answer_language" in g:
        response.content_language.add(g.answer_language)
    unknown = find_unknown(request.args, find_taken())
    if unknown:
        names = ", ".join(quote(name[:50], safe=" ") for name in unknown[:SHOWN_NAMES])
        response.headers["Warning"] = f'299 - "Unknown parameters were ignored: {names}"'
    return response
