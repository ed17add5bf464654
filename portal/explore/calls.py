"""One call of the API: what it asks, read from the request once, and the small answers that views share."""

import re
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, replace
from hashlib import blake2b
from typing import Any, NoReturn, TypeVar, cast
from urllib.parse import quote

from flask import Response, abort, g, redirect, request, url_for

from datasets.catalogue.catalogue import CATALOGUE_ID
from datasets.catalogue.snapshot import catalogue_source
from datasets.errors import NotFound
from datasets.model import Version
from datasets.query import Query
from exports import CatalogueExporter, Exporter, ExportOptions
from portal.explore.catalogue import Target, open_dataset
from portal.explore.kinds import one_of, refused
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
from portal.explore.shapes import Links, page_links, write_json, write_page
from portal.explore.v1.language import translate_query
from portal.extensions import client_key, note_unchanging, portal
from portal.i18n import LANGUAGES
from portal.respond import conditional

BASE = "/api/explore/v2.1"
JSON = "application/json; charset=utf-8"
SHOWN_NAMES = 10
"""Unknown parameters named in the Warning header, at most."""

NOW = re.compile(r"now\W*\(", re.IGNORECASE)
"""What a clause that asks for the present instant holds."""

Made = TypeVar("Made")
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

    @property
    def timeless(self) -> bool:
        """Whether the same call gives the same answer at any time: no clause asks what time it is."""
        clauses = ("select", "group_by", "order_by", "qv1")
        return not any(NOW.search(text) for text in (*self.values["where"], *map(self.values.get, clauses)) if text)

    def page(self, target: Target | None = None) -> Query:
        """Return the query of a page of `target`; raise InvalidParameter beyond the limits."""
        settings = portal.settings
        limits = Limits(settings.page_limit, settings.offset_limit, settings.group_limit)
        return self._translated(page_query(self.values, self.lang, limits), target)

    def export(self, target: Target | None = None) -> Query:
        """Return the query of an export of `target`."""
        return self._translated(export_query(self.values, self.lang), target)

    def one(self, *conditions: str) -> Query:
        """Return the query of one object: its fields, its zone, its language."""
        values = self.values
        return Query(values["select"], conditions, limit=1, lang=self.lang, timezone=values["timezone"])

    @property
    def needs_identifiers(self) -> bool:
        """Whether records are told with their identifiers, or linked by them."""
        return bool(self.values["include_links"] or self.values["include_app_metas"])

    def _translated(self, query: Query, target: Target | None) -> Query:
        """Return a query with the condition written in the language of version 1, if there is one."""
        if target is None or not self.values["qv1"]:
            return query
        condition = translate_query(self.values["qv1"], target.source.schema, target.source.aliases)
        return replace(query, where=(*query.where, condition))

    def links(self, query: Query, total: int) -> Links:
        """Return the links of a page, of which there are `total` records or groups in all."""
        settings = portal.settings
        reach = settings.group_limit if query.group_by else settings.offset_limit
        return page_links(self.address, _list_asked(), query, total, reach)

    def key(self, version: Version) -> bytes:
        """Return what names the answer to this call from `version`: all that the answer depends on, hashed."""
        asked = _list_asked() if self.values["include_links"] else []
        parts = (version.dataset_id, version.version_id, self.base, self.address, self.lang, *self.values.items())
        return blake2b(repr((*parts, asked)).encode("utf-8", "surrogatepass"), digest_size=32).digest()


def _list_asked() -> list[tuple[str, str]]:
    """Return every parameter of the request as it was written, known or not."""
    return [(name, text) for name in request.values for text in request.values.getlist(name)]


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
    ours = ("", portal.settings.domain, portal.settings.domain.partition(":")[0])
    if domain not in ours or name == CATALOGUE_ID:
        raise NotFound(kind="dataset", name=dataset_id)
    target = _open(name)
    present = target.dataset
    if name not in (present.dataset_id, present.dataset_uid) and "dataset_id" in (request.view_args or {}):
        _lead_to(present.dataset_id)
    return target


def _open(name: str) -> Target:
    """Return the dataset that a name leads to, read again only when the catalogue has changed."""
    state = portal.state.read()
    known = state and portal.opened.find((state, name))
    if known:
        return cast(Target, known)
    with portal.databases.session("catalogue") as session:
        target = open_dataset(session, portal.store, name)
    return portal.opened.get((state, name), lambda: target) if state else target


def _lead_to(dataset_id: str) -> NoReturn:
    """Answer that the address is now that of `dataset_id`; what was posted is posted again (308)."""
    address = url_for(str(request.endpoint), **{**(request.view_args or {}), "dataset_id": dataset_id})
    query = f"?{request.query_string.decode('latin-1')}" if request.query_string else ""
    response = redirect(address + query, 308 if request.method == "POST" else 301)
    response.headers["Cache-Control"] = "no-cache"
    abort(response)


def find_catalogue(lang: str = "fr") -> Target:
    """Return the catalogue, described in `lang`, as a dataset."""
    catalogue = _open(CATALOGUE_ID)
    return replace(catalogue, source=catalogue_source(catalogue.version, portal.store, lang))


def find_exporter(name: str, offered: Collection[str], exporters: Mapping[str, Format]) -> Format:
    """Return the exporter of a format; raise InvalidParameter, naming those offered, otherwise."""
    if name not in offered:
        raise refused("format", name, one_of(tuple(offered)))
    return exporters[name]


def answer_json(value: Any) -> Response:
    """Answer a JSON value, or JSON text that is ready."""
    return Response(value if isinstance(value, str | bytes) else write_json(value), content_type=JSON)


def answer_unchanging(call: Call, version: Version, write: Callable[[], str]) -> Response:
    """Answer the JSON text that `write` makes from `version`, or a 304; what was made is remembered.

    An answer that depends on the present instant is made each time, and has no validator.
    """
    write = in_turn(write)
    if not call.timeless:
        response = answer_json(write())
        response.headers["Cache-Control"] = "no-cache"
        return response
    note_unchanging()
    key = call.key(version)
    return conditional(
        version, lambda: answer_json(portal.answers.get(key, lambda: write().encode())), variant=call.lang
    )


def in_turn(work: Callable[[], Made]) -> Callable[[], Made]:
    """Return `work` as it is done when the turn of the client has come; it may raise Busy."""

    def done() -> Made:
        with portal.queries.take(client_key()):
            return work()

    return done


def answer_file(call: Call, version: Version, build: Callable[[], Response]) -> Response:
    """Answer the file that `build` makes from `version`, or a 304, unless it depends on the present instant."""
    return answer_stream(call, version, in_turn(build))


def answer_stream(call: Call, version: Version, build: Callable[[], Response]) -> Response:
    """Answer as `answer_file`, for a `build` that waits for a turn of its own."""
    return conditional(version, build, variant=call.lang) if call.timeless else build()


def write_call_page(call: Call, query: Query, total: int, rows: str) -> str:
    """Return a page of which `rows` is the JSON array."""
    return write_page(total, rows, call.links(query, total) if call.values["include_links"] else None)


def complete_headers(response: Response) -> Response:
    """Say the language of the answer, and which parameters were ignored: a typing mistake would be silent."""
    response.vary.add("Accept-Language")
    if "answer_language" in g and not response.content_language:
        response.content_language.add(g.answer_language)
    unknown = find_unknown(request.args, find_taken())
    if unknown:
        names = ", ".join(quote(name[:50], safe=" ") for name in unknown[:SHOWN_NAMES])
        response.headers["Warning"] = f'299 - "Unknown parameters were ignored: {names}"'
    return response
