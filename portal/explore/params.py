"""The parameters of the Explore API: one table, read the same way at every endpoint, then made into a Query."""

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from types import MappingProxyType
from typing import Any
from zoneinfo import available_timezones

from werkzeug.datastructures import MultiDict

from datasets.errors import InvalidParameter
from datasets.query import Query
from exports import ExportOptions

Values = Mapping[str, Any]
"""The parameters of one request, by name, defaults included."""

LANGUAGES = ("en", "fr", "nl", "pt", "it", "ar", "de", "es", "ca", "eu", "sv")
DELIMITERS = (";", ",", "\t", "|")
BOOLEANS = {"true": True, "1": True, "yes": True, "false": False, "0": False, "no": False}
DEFAULT_LIMIT = 10
FOUND_LENGTH = 100
WGS84 = 4326


@dataclass(frozen=True)
class Limits:
    """The bounds of a page, from the settings."""

    page: int
    offset: int
    group: int


@dataclass(frozen=True)
class Parameter:
    """A parameter: how its text becomes a value, and what it is when absent or empty.

    Repeated values make a tuple (`many`), one text joined by commas (`joined`), or the last one wins.
    """

    name: str
    read: Callable[[str, str], Any]
    default: Any = ""
    many: bool = False
    joined: bool = False
    aliases: tuple[str, ...] = ()


def _refused(name: str, found: str, expected: str) -> InvalidParameter:
    return InvalidParameter(name=name, found=found[:FOUND_LENGTH], expected=expected)


def _text(name: str, text: str) -> str:
    return text


def _integer(name: str, text: str) -> int:
    if not re.fullmatch(r"[+-]?[0-9]{1,18}", text.strip()):
        raise _refused(name, text, "an integer")
    return int(text)


def _boolean(name: str, text: str) -> bool:
    if text.strip().lower() not in BOOLEANS:
        raise _refused(name, text, "true or false")
    return BOOLEANS[text.strip().lower()]


def _language(name: str, text: str) -> str:
    lang = re.split("[-_]", text.strip().lower())[0]
    if lang not in LANGUAGES:
        raise _refused(name, text, f"one of {', '.join(LANGUAGES)}")
    return lang


@cache
def _timezones() -> frozenset[str]:
    return frozenset(available_timezones())


def _timezone(name: str, text: str) -> str:
    if text not in _timezones():
        raise _refused(name, text, "an IANA time zone, such as Europe/Paris,")
    return text


def _delimiter(name: str, text: str) -> str:
    if text not in DELIMITERS:
        raise _refused(name, text, "one of ; , | or a tab")
    return text


def _epsg(name: str, text: str) -> int:
    if _integer(name, text) != WGS84:
        raise _refused(name, text, f"{WGS84} (the only coordinate system served)")
    return WGS84


PARAMETERS: tuple[Parameter, ...] = (
    Parameter("select", _text, joined=True),
    Parameter("where", _text, (), many=True),
    Parameter("group_by", _text, joined=True),
    Parameter("order_by", _text, joined=True),
    Parameter("limit", _integer, None, aliases=("rows",)),
    Parameter("offset", _integer, 0, aliases=("start",)),
    Parameter("refine", _text, (), many=True),
    Parameter("exclude", _text, (), many=True),
    Parameter("facet", _text, (), many=True),
    Parameter("lang", _language, None),
    Parameter("timezone", _timezone, "UTC"),
    Parameter("include_links", _boolean, False),
    Parameter("include_app_metas", _boolean, False),
    Parameter("use_labels", _boolean, False),
    Parameter("compressed", _boolean, False),
    Parameter("epsg", _epsg, WGS84),
    Parameter("delimiter", _delimiter, ";"),
    Parameter("list_separator", _text, ","),
    Parameter("quote_all", _boolean, False),
    Parameter("with_bom", _boolean, True),
)
"""Every parameter, in the order of docs/api.md."""

SILENT = ("apikey", "access_token", "source", "pretty", "callback")
"""Names that clients send and that change nothing: accepted without a word."""

KNOWN = {name for parameter in PARAMETERS for name in (parameter.name, *parameter.aliases)} | set(SILENT)


def read_values(asked: MultiDict[str, str]) -> Values:
    """Return the value of every parameter; raise InvalidParameter for the first that cannot be read."""
    return MappingProxyType({parameter.name: _read(parameter, asked) for parameter in PARAMETERS})


def _read(parameter: Parameter, asked: MultiDict[str, str]) -> Any:
    names = (parameter.name, *parameter.aliases)
    texts = next((found for name in names if (found := [t for t in asked.getlist(name) if t])), [])
    if not texts:
        return parameter.default
    if parameter.many:
        return tuple(parameter.read(parameter.name, text) for text in texts)
    return parameter.read(parameter.name, ",".join(texts) if parameter.joined else texts[-1])


def find_unknown(asked: Iterable[str]) -> list[str]:
    """Return the names that no parameter has, in order, once each; `ods-api-…` names are not counted."""
    return [name for name in dict.fromkeys(asked) if name not in KNOWN and not name.lower().startswith("ods-")]


def page_query(values: Values, lang: str, limits: Limits) -> Query:
    """Return the query of one page; raise InvalidParameter when it goes beyond `limits`.

    A limit of -1 is the most that one page may hold.
    """
    grouped = bool(values["group_by"])
    most, last = (limits.group, limits.group) if grouped else (limits.page, limits.offset)
    limit, offset = values["limit"], values["offset"]
    limit = DEFAULT_LIMIT if limit is None else limit
    if not -1 <= limit <= most:
        raise _refused("limit", str(limit), f"-1 <= limit <= {most}")
    if offset < 0:
        raise _refused("offset", str(offset), ">= 0")
    if limit == -1:
        limit = max(0, min(most, last - offset))
    if offset + limit > last:
        raise _refused("sum of offset + limit", str(offset + limit), f"<= {last}")
    return _query(values, lang, limit, offset)


def export_query(values: Values, lang: str) -> Query:
    """Return the query of an export: everything, unless a limit is given."""
    limit, offset = values["limit"], values["offset"]
    if limit is not None and limit < -1:
        raise _refused("limit", str(limit), "-1 <= limit")
    if offset < 0:
        raise _refused("offset", str(offset), ">= 0")
    return _query(values, lang, None if limit in (None, -1) else limit, offset)


def _query(values: Values, lang: str, limit: int | None, offset: int) -> Query:
    clauses = ("select", "where", "group_by", "order_by", "refine", "exclude", "facet", "timezone")
    return Query(limit=limit, offset=offset, lang=lang, **{name: values[name] for name in clauses})


def export_options(values: Values, lang: str) -> ExportOptions:
    """Return the choices of layout of a request."""
    layout = ("timezone", "use_labels", "delimiter", "list_separator", "quote_all", "with_bom")
    return ExportOptions(lang=lang, **{name: values[name] for name in layout})
