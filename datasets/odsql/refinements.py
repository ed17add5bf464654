"""refine, exclude and facet parameters become conditions, by the rules of Opendatasoft's facets."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from datasets.errors import InvalidParameter
from datasets.model import Field
from datasets.odsql import nodes
from datasets.odsql.checks import Checker, Scope
from datasets.odsql.hints import near
from datasets.odsql.nodes import Node
from datasets.odsql.parser import parse_items
from datasets.odsql.periods import parse_period
from datasets.odsql.quoting import paired, unquote
from datasets.odsql.reasons import reason

REFINEMENT = re.compile(r"\s*(?P<name>`(?:[^`\\]|\\.)*`|[^:]+?)\s*:\s?(?P<value>.*?)\s*", re.DOTALL)
QUOTED = re.compile(r"""(['"])(?:(?!\1)[^\\]|\\.)*\1""", re.DOTALL)
PREFIX = re.compile(r"\d{4}(/\d{1,2}){0,2}", re.ASCII)
SORTS = ("count", "-count", "alphanum", "-alphanum", "num", "-num")
OPTIONS = ("name", "disjunctive", "hierarchical", "separator", "sort", "limit")
MAX_VALUES = 100
MOST_VALUES = 1_000


@dataclass(frozen=True)
class Refinement:
    """One value of one facet, to keep (refine) or to leave out (exclude)."""

    name: str
    value: str


@dataclass(frozen=True)
class Facet:
    """A facet that is asked for: its field and how to combine, cut, sort and nest its values."""

    name: str
    field: Field
    disjunctive: bool
    separator: str = ""
    sort: str = "-count"
    limit: int = MAX_VALUES


def parse_refinement(text: str, parameter: str = "refine") -> Refinement:
    """Return the name and the value of `name:value`; both may be quoted. Raises InvalidParameter."""
    text = paired(text)
    match = REFINEMENT.fullmatch(text)
    if match is None:
        raise InvalidParameter(name=parameter, found=text, expected=reason("name:value"))
    name, value = match["name"], match["value"]
    return Refinement(
        unquote(name) if name.startswith("`") else name, unquote(value) if QUOTED.fullmatch(value) else value
    )


def parse_facets(texts: Sequence[str], checker: Checker) -> tuple[Facet, ...]:
    """Return the facets asked for: names, lists of names, or facet(name="…", …)."""
    return tuple(
        read_facet(item.expression, checker) for text in texts for item in parse_items(backquoted(text), "facet")
    )


def backquoted(text: str) -> str:
    """Return a plain name between backquotes, so that hyphens and first digits do no harm."""
    plain = re.fullmatch(r"\s*[\w.@-]+\s*", text)
    return f"`{text.strip()}`" if plain else text


def read_facet(node: Node, checker: Checker) -> Facet:
    """Return the facet that a name or a call of facet() asks for."""
    if isinstance(node, nodes.Name):
        return declared(node.name, checker)
    if not isinstance(node, nodes.Call) or node.name != "facet":
        checker.refuse("facet expected")
    options = named_arguments(node, checker)
    facet = declared(str(options.pop("name", "")), checker)
    sort, limit = options.get("sort", facet.sort), options.get("limit", facet.limit)
    if sort not in SORTS or not isinstance(limit, int) or not 0 <= limit <= MOST_VALUES:
        checker.refuse("facet options", sorts=", ".join(SORTS), most=MOST_VALUES)
    separator = str(options.get("separator", facet.separator or "/"))
    separator = separator if options.get("hierarchical", bool(facet.separator)) else ""
    disjunctive = bool(options.get("disjunctive", facet.disjunctive))
    return Facet(facet.name, facet.field, disjunctive, separator, str(sort), limit)


def named_arguments(call: nodes.Call, checker: Checker) -> dict[str, str | int | float | bool]:
    """Return the arguments written name=value; a bare value is the name."""
    options: dict[str, str | int | float | bool] = {}
    for argument in call.arguments:
        match argument:
            case nodes.Compare("=", nodes.Name(key), nodes.Literal(value)):
                if key.lower() not in OPTIONS:
                    names = ", ".join(OPTIONS)
                    checker.refuse("facet option", argument, name=key, names=names, hint=near(key, OPTIONS))
                options[key.lower()] = value
            case nodes.Literal(value) | nodes.Name(value):
                options["name"] = value
            case _:
                checker.refuse("facet arguments")
    return options


def declared(name: str, checker: Checker) -> Facet:
    """Return a facet as the annotations of its field declare it."""
    field = checker.find_field(name)
    if field.type in ("geo_point_2d", "geo_shape", "file", "json_blob"):
        checker.refuse("no facet", name=name, type=field.type)
    notes = field.annotations
    hierarchical = notes.get("hierarchical")
    separator = hierarchical if isinstance(hierarchical, str) and hierarchical else "/" if hierarchical else ""
    sort = notes.get("facetsort", "-count")
    sort = sort[0] if isinstance(sort, list) and sort else sort
    return Facet(name, field, bool(notes.get("disjunctive")), separator, sort if sort in SORTS else "-count")


def conditions(
    refine: Sequence[str], exclude: Sequence[str], facets: Sequence[str], scope: Scope, *, but: str = ""
) -> tuple[Node, ...]:
    """Return the checked conditions of refine and exclude; the refinements of the field `but` are left out."""
    checker = Checker(scope)
    asked = {facet.field.name: facet for facet in parse_facets(facets, checker)}
    kept: dict[str, list[Node]] = {}
    known: dict[str, Facet] = {}
    for refinement in (parse_refinement(text) for text in refine):
        facet = facet_of(refinement, asked, checker)
        known[facet.field.name] = facet
        kept.setdefault(facet.field.name, []).append(condition(facet, refinement.value, "refine"))
    trees: list[Node] = [
        nodes.Logic("or" if known[name].disjunctive or not known[name].field.multivalued else "and", tuple(parts))
        for name, parts in kept.items()
        if name != but
    ]
    for refinement in (parse_refinement(text, "exclude") for text in exclude):
        trees.append(nodes.Not(condition(facet_of(refinement, asked, checker), refinement.value, "exclude")))
    writable = Checker(Scope(scope.schema, scope.aliases, "where"))
    return tuple(writable.condition(tree) for tree in trees)


def facet_of(refinement: Refinement, asked: Mapping[str, Facet], checker: Checker) -> Facet:
    """Return the facet that a refinement is about, as asked for or as declared."""
    facet = declared(refinement.name, checker)
    return asked.get(facet.field.name, facet)


def condition(facet: Facet, value: str, parameter: str) -> Node:
    """Return the condition of one value of a facet, by the type of its field."""
    field = nodes.Name(facet.field.name)
    match facet.field.type:
        case "date" | "datetime":
            if parse_period(value) is None:
                raise InvalidParameter(name=parameter, found=value, expected=reason("a date"))
            return nodes.Compare("=", field, nodes.Date(value))
        case "int" | "double":
            return nodes.Compare("=", field, nodes.Literal(number(value, parameter)))
        case "boolean":
            if value.lower() not in ("true", "false"):
                raise InvalidParameter(name=parameter, found=value, expected=reason("true or false"))
            return nodes.Compare("=", field, nodes.Literal(value.lower() == "true"))
    same = nodes.Compare("=", field, nodes.Literal(value))
    if not facet.separator:
        return same
    below = nodes.Call("startswith", (field, nodes.Literal(value + facet.separator)))
    return nodes.Logic("or", (same, below))


def number(value: str, parameter: str) -> int | float:
    """Return the number that a value reads as; raise InvalidParameter otherwise."""
    try:
        return int(value) if value.strip().lstrip("-").isdigit() else float(value)
    except ValueError:
        raise InvalidParameter(name=parameter, found=value, expected=reason("a number")) from None
