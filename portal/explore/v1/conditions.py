"""What the pieces of a version 1 query mean: values by the type of their field, comparisons, `#functions`."""

import re
from collections.abc import Callable, Mapping, Sequence
from math import isfinite
from types import MappingProxyType

from datasets.errors import InvalidParameter, Phrase, UnknownField
from datasets.model import Field, Schema
from datasets.odsql.geography import RELATIONS
from datasets.odsql.hints import near as near_names
from datasets.odsql.nodes import Call, Compare, Date, Geometry, Is, Literal, Name, Node, Not, Star
from datasets.odsql.periods import parse_period
from portal.explore.v1 import places

PARAMETER = "q"
LETTERS = re.compile(r"[^\W_]")
SHORTEST_BEGINNING = 3
INTEGER = re.compile(r"[-+]?\d{1,18}", re.ASCII)
NUMBER = re.compile(r"[-+]?\d+(\.\d*)?([eE][-+]?\d+)?", re.ASCII)
SHIFT = re.compile(r"\s*([a-z]{3,12})\s*=\s*([-+]?\d{1,9})\s*", re.ASCII)
BOOLEANS: Mapping[str, bool] = MappingProxyType({"true": True, "1": True, "false": False, "0": False})
EXPECTED: Mapping[str, Phrase] = MappingProxyType(
    {
        "int": Phrase("a number", "un nombre"),
        "double": Phrase("a number", "un nombre"),
        "boolean": Phrase("true or false", "true ou false"),
        "date": Phrase("a date", "une date"),
        "datetime": Phrase("a date", "une date"),
    }
)
SPELLINGS: Mapping[str, str] = MappingProxyType({":": "=", "==": "="})
"""Operators of version 1 that ODSQL writes otherwise."""

COMPARABLE = Phrase("a field of text, numbers, dates or booleans", "un champ de texte, nombres, dates ou booléens")


class Fields:
    """The fields that a query may name, by their names and their short names."""

    def __init__(self, schema: Schema, aliases: Mapping[str, str]) -> None:
        self.schema = schema
        self.aliases = aliases
        self.known = {field.name: field for field in schema}

    def find(self, name: str) -> Field | None:
        """Return the field of that name or short name, or None."""
        return self.known.get(name) or self.known.get(self.aliases.get(name, ""))

    def get(self, name: str) -> Field:
        """Return the field of that name; raise UnknownField with near names otherwise."""
        found = self.find(name)
        if found is None:
            hint = near_names(name, [*self.known, *self.aliases])
            raise UnknownField(name=name, hint=hint, clause=PARAMETER)
        return found

    def place(self, name: str) -> str:
        """Return the name of the geographic field asked, or of the one that filters are about; raise otherwise."""
        field = self.get(name) if name else places.find_place(self.schema)
        if field is None or field.type not in places.FIRST_TYPES:
            expected = Phrase("a geographic field", "un champ géographique")
            raise InvalidParameter(name=PARAMETER, found=name or "#", expected=expected)
        return field.name


def search(text: str, *, whole: bool) -> Node:
    """Return the condition of holding a word: whole, or as the beginning of one when it is not between quotes."""
    if whole or len(LETTERS.findall(text)) < SHORTEST_BEGINNING or "*" in text or "?" in text:
        return Literal(text)
    return Call("suggest", (Star(), Literal(text)))


def read_value(field: Field, text: str) -> Node:
    """Return the literal that a text stands for beside a field; raise InvalidParameter when it is none of its type."""
    kind, plain = field.type, text.strip()
    if kind == "text":
        return Literal(text)
    if kind in ("date", "datetime") and parse_period(plain) is not None:
        return Date(plain)
    if kind == "boolean" and plain.lower() in BOOLEANS:
        return Literal(BOOLEANS[plain.lower()])
    if kind in ("int", "double") and NUMBER.fullmatch(plain) and isfinite(float(plain)):
        return Literal(int(plain) if INTEGER.fullmatch(plain) else float(plain))
    raise InvalidParameter(name=PARAMETER, found=text[:100], expected=EXPECTED.get(kind, COMPARABLE))


def compare(field: Field, operator: str, text: str) -> Node:
    """Return the condition that `field operator text` is: `:` looks for words, the others compare."""
    name = Name(field.name)
    if operator in (":", "=") and text == "*":
        return Not(Is(name, "null"))
    if operator in (":", "=") and field.type in ("text", "json_blob"):
        asked = Literal(text)
        return Compare("like", name, asked) if field.type == "text" else Call("search", (name, asked))
    return Compare(SPELLINGS.get(operator, operator), name, read_value(field, text))


def read_now(inner: str) -> Node:
    """Return the instant of `#now(years=-1, …)`."""
    shifts = [SHIFT.fullmatch(part) for part in inner.split(",")] if inner.strip() else []
    if None in shifts:
        expected = Phrase("#now(days=-7)", "#now(days=-7)")
        raise InvalidParameter(name=PARAMETER, found=f"#now({inner[:100]})", expected=expected)
    return Call("now", tuple(Compare("=", Name(each[1]), Literal(int(each[2]))) for each in shifts if each))


def call(name: str, arguments: Sequence[str], fields: Fields) -> Node:
    """Return the condition of `#name(arguments)`; raise InvalidParameter for what is no function or is called wrong."""
    function = FUNCTIONS.get(name.lower())
    if function is None or len(arguments) not in function.counts:
        expected = ", ".join(each.usage for each in ([function] if function else FUNCTIONS.values()))
        raise InvalidParameter(name=PARAMETER, found=f"#{name[:50]}", expected=expected)
    return function.build(list(arguments), fields)


class Function:
    """A `#function`: how it is written, how many arguments it takes, the condition that it makes."""

    def __init__(self, usage: str, counts: tuple[int, ...], build: Callable[[list[str], Fields], Node]) -> None:
        self.usage = usage
        self.counts = counts
        self.build = build


def _null(arguments: list[str], fields: Fields) -> Node:
    return Is(Name(fields.get(arguments[0]).name), "null")


def _exact(arguments: list[str], fields: Fields) -> Node:
    return compare(fields.get(arguments[0]), "==", arguments[1])


def _searching(function: str) -> Callable[[list[str], Fields], Node]:
    def build(arguments: list[str], fields: Fields) -> Node:
        *name, text = arguments
        where = Name(fields.get(name[0]).name) if name and name[0] != "*" else Star()
        return Call(function, (where, Literal(text)))

    return build


def _distance(arguments: list[str], fields: Fields) -> Node:
    *name, point, metres = arguments
    if not NUMBER.fullmatch(metres):
        expected = Phrase("a distance in metres", "une distance en mètres")
        raise InvalidParameter(name=PARAMETER, found=metres[:100], expected=expected)
    return places.near(fields.place("".join(name)), point, float(metres), PARAMETER)


def _polygon(arguments: list[str], fields: Fields) -> Node:
    *name, corners = arguments
    return places.inside(fields.place("".join(name)), corners, PARAMETER)


def _geometry(arguments: list[str], fields: Fields) -> Node:
    name, shape, *mode = arguments
    relation = "".join(mode).lower() or "intersects"
    if relation not in RELATIONS:
        raise InvalidParameter(name=PARAMETER, found=relation[:50], expected=", ".join(RELATIONS).upper())
    return Call(relation, (Name(fields.place(name)), Geometry(shape)))


FUNCTIONS: Mapping[str, Function] = MappingProxyType(
    {
        "null": Function("#null(field)", (1,), _null),
        "exact": Function('#exact(field, "text")', (2,), _exact),
        "search": Function('#search(field, "text")', (1, 2), _searching("search")),
        "startswith": Function('#startswith(field, "text")', (1, 2), _searching("startswith")),
        "distance": Function('#distance(field, "lat,lon", metres)', (2, 3), _distance),
        "polygon": Function('#polygon(field, "(lat,lon),(lat,lon),…")', (1, 2), _polygon),
        "geometry": Function('#geometry(field, "WKT", INTERSECTS)', (2, 3), _geometry),
    }
)
"""The conditions that are written `#name(…)`; `#now(…)` is a value."""
