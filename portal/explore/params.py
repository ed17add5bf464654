"""The parameters of the Explore API: one table, read the same way at every endpoint, then made into a Query."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from werkzeug.datastructures import MultiDict

from datasets.errors import PageTooFar, Phrase
from datasets.odsql.geography import WGS84
from datasets.query import Query
from exports import ExportOptions
from portal.explore.kinds import (
    BOOLEAN,
    COMPRESSION,
    DELIMITER,
    INTEGER,
    LANGUAGE,
    LIMIT,
    NAMES,
    OFFSET,
    TEXT,
    TIMEZONE,
    Kind,
    refused,
)

Values = Mapping[str, Any]
"""The parameters of one request, by name, defaults included."""

DEFAULT_LIMIT = 10
SUM = Phrase("sum of offset + limit", "offset + limit (la somme)")


@dataclass(frozen=True)
class Limits:
    """The bounds of a page, from the settings."""

    page: int
    offset: int
    group: int


@dataclass(frozen=True)
class Parameter:
    """A parameter: its kind of value, what it is for, and its value when absent or empty.

    Repeated values make a tuple (`many`), one text joined by commas (`joined`), or the last one wins.
    """

    name: str
    kind: Kind
    help: Phrase
    default: Any = ""
    many: bool = False
    joined: bool = False
    aliases: tuple[str, ...] = ()

    @property
    def schema(self) -> Mapping[str, Any]:
        """The JSON Schema of the value."""
        if self.many:
            return {"type": "array", "items": self.kind.schema}
        return self.kind.schema if self.default in ("", (), None) else {**self.kind.schema, "default": self.default}


def _row(name: str, kind: Kind, en: str, fr: str, default: Any = "", **more: Any) -> Parameter:
    return Parameter(name, kind, Phrase(en, fr), default, **more)


PARAMETERS: tuple[Parameter, ...] = (
    _row("select", TEXT, "Fields and expressions to return.", "Champs et expressions à renvoyer.", joined=True),
    _row(
        "where",
        TEXT,
        "Condition that the records meet; repeated conditions must all hold.",
        "Condition que vérifient les enregistrements ; répétée, toutes doivent être vraies.",
        (),
        many=True,
    ),
    _row("group_by", TEXT, "Expressions to group by.", "Expressions de regroupement.", joined=True),
    _row("order_by", TEXT, "Expressions to sort by.", "Expressions de tri.", joined=True),
    _row(
        "limit",
        LIMIT,
        "How many to return; -1 is the most allowed.",
        "Combien en renvoyer ; -1 pour le plus possible.",
        None,
        aliases=("rows",),
    ),
    _row("offset", OFFSET, "How many to skip.", "Combien en passer.", 0, aliases=("start",)),
    _row("refine", TEXT, "Facet value to keep, name:value.", "Valeur de facette à garder, nom:valeur.", (), many=True),
    _row(
        "exclude",
        TEXT,
        "Facet value to leave out, name:value.",
        "Valeur de facette à écarter, nom:valeur.",
        (),
        many=True,
    ),
    _row(
        "facet",
        TEXT,
        "Facet, or facet(name=…) and how to show it.",
        "Facette, ou facet(name=…) et sa présentation.",
        (),
        many=True,
    ),
    _row("qv1", TEXT, "Condition in the language of version 1.", "Condition dans le langage de la version 1."),
    _row("lang", LANGUAGE, "Language of descriptions and labels.", "Langue des descriptions et des libellés.", None),
    _row(
        "timezone",
        TIMEZONE,
        "Time zone of instants and of date functions.",
        "Fuseau horaire des instants et des fonctions de date.",
        "UTC",
    ),
    _row("include_links", BOOLEAN, "Give the addresses around.", "Donner les adresses voisines.", False),
    _row(
        "include_app_metas",
        BOOLEAN,
        "Give what the portal knows of each object, such as its identifier.",
        "Donner ce que le portail sait de chaque objet, dont son identifiant.",
        False,
    ),
    _row("use_labels", BOOLEAN, "Labels instead of field names.", "Libellés au lieu des noms de champs.", False),
    _row("compressed", BOOLEAN, "One GZIP file.", "Un fichier GZIP.", False),
    _row("epsg", INTEGER, "EPSG code of the coordinates.", "Code EPSG des coordonnées.", WGS84),
    _row("delimiter", DELIMITER, "CSV: between cells.", "CSV : entre les cellules.", ";"),
    _row("list_separator", TEXT, "CSV: between the values of a cell.", "CSV : entre les valeurs d’une cellule.", ","),
    _row("quote_all", BOOLEAN, "CSV: quotes around every cell.", "CSV : guillemets autour de chaque cellule.", False),
    _row("with_bom", BOOLEAN, "CSV: a byte-order mark first.", "CSV : marque d’ordre des octets au début.", True),
    _row("parquet_compression", COMPRESSION, "Parquet: its compression.", "Parquet : sa compression.", "snappy"),
    _row("name_field", TEXT, "GPX: field that names each place.", "GPX : champ qui nomme chaque lieu."),
    _row(
        "description_field_list",
        NAMES,
        "GPX: fields that describe each place, with commas between.",
        "GPX : champs qui décrivent chaque lieu, séparés par des virgules.",
        (),
        joined=True,
    ),
    _row("use_extension", BOOLEAN, "GPX: the other fields as extensions.", "GPX : autres champs en extensions.", True),
    _row(
        "include_exports",
        NAMES,
        "DCAT: export formats to list, with commas between; all of them by default.",
        "DCAT : formats d’export à citer, séparés par des virgules ; tous par défaut.",
        (),
        joined=True,
    ),
    _row(
        "use_labels_in_exports",
        BOOLEAN,
        "DCAT: the exports listed have labels.",
        "DCAT : les exports cités ont des libellés.",
        True,
    ),
)
"""Every parameter, in the order of docs/api.md."""

CONDITIONS = ("where", "refine", "exclude", "facet", "lang", "timezone")
CLAUSES = ("select", "where", "group_by", "order_by", "limit", "offset", "refine", "exclude", "facet")
SHOWN = ("lang", "timezone", "include_links", "include_app_metas")
LAYOUT = (
    "use_labels",
    "compressed",
    "epsg",
    "delimiter",
    "list_separator",
    "quote_all",
    "with_bom",
    "parquet_compression",
    "name_field",
    "description_field_list",
    "use_extension",
)
CATALOGUE_LAYOUT = (
    *("use_labels", "compressed", "delimiter", "list_separator", "quote_all", "with_bom"),
    *("include_exports", "use_labels_in_exports"),
)

TAKES: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "catalogue": (*CLAUSES, *SHOWN),
        "dataset": ("select", *SHOWN),
        "records": (*CLAUSES, "qv1", *SHOWN),
        "record": ("select", *SHOWN),
        "facets": (*CONDITIONS, "qv1"),
        "catalogue_facets": CONDITIONS,
        "attachments": ("lang",),
        "attachment": (),
        "alternative_export": (),
        "exports": (),
        "catalogue_exports": (),
        "export": (*CLAUSES, "qv1", "lang", "timezone", *LAYOUT),
        "catalogue_export": (*CLAUSES, "lang", "timezone", *CATALOGUE_LAYOUT),
        "source": (),
        "openapi": ("lang",),
        "swagger": ("lang",),
        "dataset_openapi": ("lang",),
    }
)
"""The parameters of each operation, by the name of its endpoint."""

SILENT = ("apikey", "access_token", "source", "pretty", "callback")
"""Names that clients send and that change nothing: accepted without a word."""

BY_NAME = MappingProxyType({parameter.name: parameter for parameter in PARAMETERS})


def read_values(asked: MultiDict[str, str], names: Collection[str] = tuple(BY_NAME)) -> Values:
    """Return the value of every parameter: of those in `names` what is asked, of the others their default.

    Raises InvalidParameter for the first that cannot be read.
    """
    return MappingProxyType(
        {each.name: _read(each, asked) if each.name in names else each.default for each in PARAMETERS}
    )


def _read(parameter: Parameter, asked: MultiDict[str, str]) -> Any:
    names = (parameter.name, *parameter.aliases)
    texts = next((found for name in names if (found := [t for t in asked.getlist(name) if t])), [])
    if not texts:
        return parameter.default
    if parameter.many:
        return tuple(parameter.kind.read(parameter.name, text) for text in texts)
    return parameter.kind.read(parameter.name, ",".join(texts) if parameter.joined else texts[-1])


def find_unknown(asked: Iterable[str], names: Collection[str] = tuple(BY_NAME)) -> list[str]:
    """Return the names asked that `names` do not hold, in order, once each; `ods-api-…` names are not counted."""
    known = {*SILENT, *names, *(alias for name in names for alias in BY_NAME[name].aliases)}
    return [name for name in dict.fromkeys(asked) if name not in known and not name.lower().startswith("ods-")]


def page_query(values: Values, lang: str, limits: Limits) -> Query:
    """Return the query of one page; raise InvalidParameter when it goes beyond `limits`.

    A limit of -1 is the most that one page may hold.
    """
    grouped = bool(values["group_by"])
    most, last = (limits.group, limits.group) if grouped else (limits.page, limits.offset)
    limit, offset = values["limit"], values["offset"]
    limit = DEFAULT_LIMIT if limit is None else limit
    if not -1 <= limit <= most:
        raise refused("limit", str(limit), f"-1 <= limit <= {most}")
    if offset < 0:
        raise refused("offset", str(offset), ">= 0")
    if limit == -1:
        limit = max(0, min(most, last - offset))
    if offset + limit > last:
        raise PageTooFar(name=SUM, found=str(offset + limit), expected=f"<= {last}")
    return _query(values, lang, limit, offset)


def export_query(values: Values, lang: str) -> Query:
    """Return the query of an export: everything, unless a limit is given."""
    limit, offset = values["limit"], values["offset"]
    if limit is not None and limit < -1:
        raise refused("limit", str(limit), "-1 <= limit")
    if offset < 0:
        raise refused("offset", str(offset), ">= 0")
    return _query(values, lang, None if limit in (None, -1) else limit, offset)


def _query(values: Values, lang: str, limit: int | None, offset: int) -> Query:
    clauses = ("select", "where", "group_by", "order_by", "refine", "exclude", "facet", "timezone", "epsg")
    return Query(limit=limit, offset=offset, lang=lang, **{name: values[name] for name in clauses})


def export_options(values: Values, lang: str) -> ExportOptions:
    """Return the choices of layout of a request."""
    same = (
        *("timezone", "epsg", "use_labels", "delimiter", "list_separator", "quote_all", "with_bom"),
        *("parquet_compression", "name_field", "use_extension", "include_exports", "use_labels_in_exports"),
    )
    chosen = {name: values[name] for name in same}
    return ExportOptions(lang=lang, description_fields=values["description_field_list"], **chosen)
