"""The parameters of version 1, made into those of version 2.1: one query language, one reading of values."""

import re
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import quote as quote_address

from flask import g, request
from werkzeug.datastructures import MultiDict

from datasets.errors import InvalidParameter, Phrase
from datasets.odsql.nodes import Call as Function
from datasets.odsql.nodes import Geometry, Item, Name
from datasets.odsql.quoting import quote
from datasets.odsql.text import print_items, print_where
from datasets.query import Query
from portal.explore.calls import BASE, Call
from portal.explore.catalogue import Target
from portal.explore.kinds import BOOLEANS
from portal.explore.params import Limits, export_query, page_query, read_values
from portal.explore.v1 import places
from portal.explore.v1.conditions import Fields
from portal.explore.v1.language import translate_query
from portal.extensions import portal
from portal.i18n import LANGUAGES

SAME = ("lang", "timezone", "epsg", "compressed")
"""Parameters that are read as version 2.1 reads them."""

RENAMED = {"rows": "limit", "start": "offset", "csv_separator": "delimiter"}
HEADER = "use_labels_for_header"
TABLES = ("csv", "xls", "xlsx")
"""Formats that have a header, which labels may fill; members of JSON objects are always names."""

PLAIN = {
    *SAME,
    *RENAMED,
    HEADER,
    *("dataset", "datasetid", "q", "facet", "sort", "fields", "format", "callback", "pretty_print", "apikey"),
    *places.GEOFILTERS,
    *("geo_digest", "access_token", "source", "basemap"),
    *("interopmetas", "extrametas", "assetmetas", "location", "datasetcard", "static", "stage", "x", "maxpoints"),
    *("precision", "periodic", "clusterdistance", "clusterprecision", "shapeprecision", "clustermode"),
    "return_polygons",
}
FAMILIES = ("refine.", "exclude.", "disjunctive.", "facetsort.", "q.", "x.", "y.", "ods-")
SORTS = ("count", "-count", "alphanum", "-alphanum", "num", "-num")
CALLBACK = re.compile(r"[A-Za-z_$][\w$]{0,63}(\.[A-Za-z_$][\w$]{0,63}){0,5}", re.ASCII)
DISTANCE = "dist"
UNCOUNTED = ("geo_point_2d", "geo_shape", "file", "json_blob")
"""Types of fields that have no facet."""


@dataclass(frozen=True)
class Asked:
    """A call of version 1: the same as a call of version 2.1, its target, and what only version 1 has."""

    call: Call
    target: Target
    facets: tuple[str, ...]

    @property
    def whole(self) -> Query:
        """The query of every record asked."""
        return export_query(self.call.values, self.call.lang)

    @property
    def page(self) -> Query:
        """The query of one page; raises InvalidParameter beyond the limits."""
        settings = portal.settings
        limits = Limits(settings.offset_limit, settings.offset_limit, settings.group_limit)
        return page_query(self.call.values, self.call.lang, limits)


def read_language() -> str:
    """Return the language of the answer: that of `lang`, of the browser, or of the portal; raise InvalidParameter."""
    told = read_values(request.values, ("lang",))["lang"]
    lang: str = told or request.accept_languages.best_match(list(LANGUAGES)) or portal.settings.language
    g.answer_language = lang
    return lang


def read_asked(target: Target, name: str = "json", *, ordered: bool = True) -> Asked:
    """Read the request against what it asks; raise InvalidParameter, QueryError or LimitExceeded.

    `name` is the format of the answer, `ordered` tells whether `sort` is about records.
    """
    asked, lang = request.values, read_language()
    translator = _Translator(asked, target, ordered=ordered)
    if name in TABLES:
        translator.found.add("use_labels", asked.get(HEADER, ""))
    values = read_values(translator.translate())
    g.ignored = [*translator.ignored, *(name for name in asked if not _is_known(name))]
    root = str(portal.settings.base_url)
    call = Call(values, lang, root + BASE, root + quote_address(request.path.rstrip("/")))
    return Asked(call, target, tuple(translator.facets))


def without_page(asked: Asked, **clauses: Any) -> Query:
    """Return the conditions of a call with other clauses, without its page, fields and order."""
    return replace(asked.whole, **{"select": "", "order_by": "", "limit": None, "offset": 0, **clauses})


def echo(page: Query) -> dict[str, Any]:
    """Return what the answers call `parameters`: what was understood, facets in lists, refinements by name."""
    asked = request.values
    found: dict[str, Any] = {"rows": page.limit, "start": page.offset, "timezone": page.timezone}
    found["format"] = asked.get("format") or "json"
    for name in ("dataset", "q", "lang", "geofilter.distance", "geofilter.polygon"):
        if asked.get(name):
            found[name] = asked[name]
    for name in ("facet", "sort", "fields"):
        if texts := [text for text in asked.getlist(name) if text]:
            found[name] = texts
    for family in ("refine", "exclude", "disjunctive"):
        named = {name.split(".", 1)[1]: asked.getlist(name) for name in asked if name.startswith(f"{family}.")}
        if named:
            found[family] = {name: texts[0] if len(texts) == 1 else texts for name, texts in named.items()}
    return found


def is_true(name: str) -> bool:
    """Return whether a parameter of the request says yes; what says nothing known is no."""
    return BOOLEANS.get(request.values.get(name, "").strip().lower(), False)


def read_whole(name: str, default: int, most: int) -> int:
    """Return a whole number of the request from 0 to `most`; raise InvalidParameter."""
    text = request.values.get(name, "").strip()
    if not text:
        return default
    if not re.fullmatch(r"\d{1,9}", text, re.ASCII) or int(text) > most:
        expected = Phrase(f"a whole number up to {most}", f"un nombre entier jusqu’à {most}")
        raise InvalidParameter(name=name, found=text[:100], expected=expected)
    return int(text)


def read_callback() -> str | None:
    """Return the JavaScript name that jsonp calls, None without one; raise InvalidParameter for anything else."""
    name = request.values.get("callback", "")
    if not name and not request.values.get("format", "").endswith("jsonp"):
        return None
    if not CALLBACK.fullmatch(name):
        expected = Phrase("the name of a JavaScript function", "le nom d’une fonction JavaScript")
        raise InvalidParameter(name="callback", found=name[:100], expected=expected)
    return name


def _is_known(name: str) -> bool:
    return name in PLAIN or name.lower().startswith(FAMILIES)


class _Translator:
    """Turns the parameters of one request into those of version 2.1."""

    def __init__(self, asked: MultiDict[str, str], target: Target, *, ordered: bool) -> None:
        self.asked = asked
        self.ordered = ordered
        self.source = target.source
        self.fields = Fields(self.source.schema, self.source.aliases)
        self.ignored: list[str] = []
        self.facets: list[str] = []
        self.found: MultiDict[str, str] = MultiDict()

    def translate(self) -> MultiDict[str, str]:
        """Return the parameters of version 2.1."""
        self.found.add("with_bom", "false")
        for name, text in self.asked.items(multi=True):
            if text and (name in SAME or name in RENAMED):
                self.found.add(RENAMED.get(name, name), text)
            elif text and (name == "q" or name.startswith("q.")):
                self.found.add("where", translate_query(text, self.source.schema, self.source.aliases))
        for parameter, read in places.GEOFILTERS.items():
            if asked := self.asked.get(parameter):
                self.found.add("where", print_where(read(self.place(parameter), asked)))
        for family in ("refine", "exclude"):
            self.refine(family)
        self.facet()
        self.found.add("select", self.select())
        self.found.add("order_by", self.order() if self.ordered else "")
        return self.found

    def place(self, parameter: str) -> str:
        """Return the field that a geographic filter is about; raise InvalidParameter when there is none."""
        field = places.find_place(self.source.schema)
        if field is None:
            expected = Phrase("a dataset with geography", "un jeu de données géographique")
            raise InvalidParameter(name=parameter, found=self.asked[parameter][:100], expected=expected)
        return field.name

    def knows(self, name: str, parameter: str) -> bool:
        """Return whether a field has this name; note that the parameter is ignored otherwise."""
        if self.fields.find(name) is None:
            self.ignored.append(parameter)
            return False
        return True

    def counts(self, name: str) -> bool:
        """Return whether the values of a field are counted as facets; note that the name is ignored otherwise."""
        field = self.fields.find(name)
        if field is not None and field.type in UNCOUNTED:
            self.ignored.append(f"facet={name}")
            return False
        return self.knows(name, f"facet={name}")

    def refine(self, family: str) -> None:
        """Read `refine.NAME=value` or `exclude.NAME=value`; a name that no field has is ignored."""
        for parameter, value in self.asked.items(multi=True):
            prefix, _, name = parameter.partition(".")
            if prefix == family and value and self.knows(name, parameter):
                self.found.add(family, f"{quote(name, '`')}:{quote(value)}")

    def facet(self) -> None:
        """Read the facets asked, and how refinements of the same one combine."""
        asked = [name for text in self.asked.getlist("facet") for name in text.split(",") if name]
        self.facets = [name for name in dict.fromkeys(asked) if self.counts(name)]
        kept = {p.split(".", 1)[1]: text for p, text in self.asked.items() if p.startswith("disjunctive.")}
        for name in dict.fromkeys([*self.facets, *(each for each in kept if self.fields.find(each))]):
            options = f", disjunctive={str(BOOLEANS.get(kept[name].lower(), False)).lower()}" if name in kept else ""
            sort = self.asked.get(f"facetsort.{name}")
            options += f', sort="{sort}"' if sort in SORTS else ""
            self.found.add("facet", f"facet(name={quote(name)}{options})")

    def select(self) -> str:
        """Return the select clause: the fields asked, with the distance to the point of a geographic filter."""
        names = [name.strip() for text in self.asked.getlist("fields") for name in text.split(",")]
        shown = ", ".join(quote(name, "`") for name in names if name and name != DISTANCE)
        if not self.asked.get("geofilter.distance"):
            return shown
        lat, lon, _ = places.read_circle(self.asked["geofilter.distance"])
        measured = Function("distance", (Name(self.place("geofilter.distance")), Geometry(f"POINT({lon} {lat})")))
        return f"{shown or '*'}, {print_items((Item(measured, DISTANCE),))}"

    def order(self) -> str:
        """Return the order_by clause: version 1 sorts downwards, unless the name begins with a minus."""
        orders = []
        for key in (key.strip() for text in self.asked.getlist("sort") for key in text.split(",")):
            name = key.removeprefix("-")
            measured = name == DISTANCE and self.asked.get("geofilter.distance")
            if key and (measured or self.knows(name, f"sort={name}")):
                orders.append(f"{quote(name, '`')} {'ASC' if key.startswith('-') else 'DESC'}")
        return ", ".join(orders)
