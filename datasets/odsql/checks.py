"""A tree meets a schema: names become fields, calls become functions, operands are compared with what they may be."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, NoReturn

from datasets.errors import IncompatibleTypes, NotAllowed, QueryError, UnknownField, WrongType
from datasets.model import Field, Schema
from datasets.odsql import nodes
from datasets.odsql.functions import BARE, FUNCTIONS, Function
from datasets.odsql.hints import near
from datasets.odsql.kinds import CONDITION, family_of, has_aggregate, multivalued, named
from datasets.odsql.nodes import Node
from datasets.odsql.periods import parse_period
from datasets.odsql.reasons import alternatives, reason
from datasets.odsql.searching import count_words
from datasets.odsql.text import print_node

LITERAL_TYPES = {bool: "boolean", str: "text", int: "int", float: "double"}


@dataclass(frozen=True)
class Scope:
    """What a clause may name: the fields, their short names, and the aliases that other clauses declared."""

    schema: Schema
    aliases: Mapping[str, str]
    clause: str
    outputs: Mapping[str, Node] = field(default_factory=dict)


class Checker:
    """Checks the trees of one clause."""

    def __init__(self, scope: Scope) -> None:
        self.scope = scope
        self.fields = scope.schema.by_name
        self.searched = 0

    def check(self, node: Node) -> Node:
        """Return the checked form of any node; raise the QueryError that tells what is wrong, and where."""
        try:
            return CHECKS.get(type(node), Checker.misplaced)(self, node)
        except QueryError as error:
            if node.position >= 0:
                error.locate(position=node.position)
            raise

    def condition(self, node: Node) -> Node:
        """Return the checked form of what must be true or false; a text alone is searched in every field."""
        if isinstance(node, nodes.Literal) and isinstance(node.value, str):
            node = nodes.Call(BARE, (node,), position=node.position)
        checked = self.check(node)
        if family_of(checked) not in (CONDITION, "boolean") or multivalued(checked):
            self.wrong("condition")
        return checked

    def value(self, node: Node) -> Node:
        """Return the checked form of what must be a value, not a condition."""
        checked = self.check(node)
        if checked.type in (CONDITION, ""):
            self.wrong("value")
        return checked

    def single(self, node: Node) -> Node:
        """Return the checked form of what must be one value, not a list."""
        checked = self.value(node)
        if multivalued(checked):
            self.wrong("one value", found=named(checked))
        return checked

    def wrong(self, why: str, **data: object) -> NoReturn:
        """Raise the WrongType that a row of REASONS explains."""
        raise WrongType(detail=reason(why, **data), clause=self.scope.clause)

    def refuse(self, why: str, at: Node | None = None, **data: object) -> NoReturn:
        """Raise the NotAllowed that a row of REASONS explains, at the place of a node."""
        raise NotAllowed(detail=reason(why, **data), clause=self.scope.clause, position=at.position if at else "")

    def misplaced(self, node: Node) -> NoReturn:
        """Refuse what only some functions take: *, geom'…', 10km, name*, ]1, 2[."""
        self.refuse("misplaced", found=print_node(node))

    def find_field(self, name: str) -> Field:
        """Return the field of this name or short name; raise UnknownField with near names otherwise."""
        found = self.fields.get(name) or self.fields.get(self.scope.aliases.get(name, ""))
        if found is None:
            hint = near(name, [*self.fields, *self.scope.aliases])
            raise UnknownField(name=name, hint=hint, clause=self.scope.clause)
        return found

    def name(self, node: nodes.Name) -> Node:
        """Find what a name names: a declared alias first where aliases count, else a field."""
        if (output := self.scope.outputs.get(node.name)) is not None:
            return output
        found = self.find_field(node.name)
        if self.scope.clause != "select" and not found.annotations.get("filterable", True):
            self.refuse("not filterable", name=node.name)
        return nodes.Column(found, position=node.position, type=found.type)

    def literal(self, node: nodes.Literal) -> Node:
        """Type a literal."""
        return nodes.Literal(node.value, position=node.position, type=LITERAL_TYPES[type(node.value)])

    def moment(self, node: nodes.Date) -> Node:
        """Refuse a date that is none."""
        if parse_period(node.text) is None:
            raise QueryError(detail=reason("date", text=node.text), clause=self.scope.clause)
        return replace(node, type="date")

    def negative(self, node: nodes.Negative) -> Node:
        """Type the opposite of a number."""
        operand = self.number(node.operand)
        return replace(node, operand=operand, type=operand.type)

    def arithmetic(self, node: nodes.Arithmetic) -> Node:
        """Type an operation: whole numbers stay whole but for division."""
        left, right = self.number(node.left), self.number(node.right)
        whole = left.type == right.type == "int" and node.operator != "/"
        return replace(node, left=left, right=right, type="int" if whole else "double")

    def number(self, node: Node) -> Node:
        """Return the checked form of what must be a single number."""
        checked = self.value(node)
        if family_of(checked) != "number" or multivalued(checked):
            self.wrong("arithmetic", found=named(checked))
        return checked

    def logic(self, node: nodes.Logic) -> Node:
        """Check the parts of AND and OR."""
        return replace(node, parts=tuple(map(self.condition, node.parts)), type=CONDITION)

    def complement(self, node: nodes.Not) -> Node:
        """Check what NOT negates."""
        return replace(node, operand=self.condition(node.operand), type=CONDITION)

    def compare(self, node: nodes.Compare) -> Node:
        """Check that both sides of a comparison compare."""
        left, right = self.value(node.left), self.value(node.right)
        if node.operator == ":":
            right = coerced(right, left)
        self.comparable(left, right, node.operator)
        if node.operator == "like" and isinstance(right, nodes.Literal):
            count_words(self, str(right.value))
        return nodes.Compare(node.operator, left, right, position=node.position, type=CONDITION)

    def comparable(self, left: Node, right: Node, operator: str = "=") -> None:
        """Raise IncompatibleTypes unless both nodes compare."""
        families = {family_of(left), family_of(right)}
        if len(families) > 1 or "geo" in families or (multivalued(left) and multivalued(right)):
            raise IncompatibleTypes(left=left.type, right=right.type, clause=self.scope.clause)
        if operator == "like" and families != {"text"}:
            self.wrong("like", found=named(left))
        if "boolean" in families and operator not in ("=", ":", "!="):
            self.wrong("boolean order")

    def among(self, node: nodes.In) -> Node:
        """Check an operand against each value of a list."""
        operand = self.value(node.operand)
        values = tuple(coerced(self.single(value), operand) for value in node.values)
        for value in values:
            self.comparable(operand, value)
        return replace(node, operand=operand, values=values, type=CONDITION)

    def has(self, node: nodes.Has) -> Node:
        """Check a value against the field said to hold it."""
        operand = self.value(node.operand)
        value = coerced(self.single(node.value), operand)
        self.comparable(operand, value)
        return replace(node, value=value, operand=operand, type=CONDITION)

    def within(self, node: nodes.Within) -> Node:
        """Check an operand against the two bounds of a range."""
        operand = self.value(node.operand)
        low, high = (self.bound(bound, operand) for bound in (node.low, node.high))
        return replace(node, operand=operand, low=low, high=high, type=CONDITION)

    def bound(self, node: Node, operand: Node) -> Node:
        """Return the checked form of a bound; inside brackets, quoted texts and bare numbers stand for dates."""
        if isinstance(node, nodes.Star):
            return node
        bound = coerced(self.single(node), operand)
        self.comparable(operand, bound, "<")
        return bound

    def is_(self, node: nodes.Is) -> Node:
        """Check IS NULL on anything, IS TRUE and IS FALSE on booleans."""
        operand = self.check(node.operand)
        if node.what != "null" and (family_of(operand) not in (CONDITION, "boolean") or multivalued(operand)):
            self.wrong("is", what=node.what.upper(), found=named(operand))
        return replace(node, operand=operand, type=CONDITION)

    def call(self, node: nodes.Call) -> Node:
        """Find the function, check where it stands and what it is given."""
        function = FUNCTIONS[node.name]
        if self.scope.clause not in function.clauses:
            self.refuse("function here", function=node.name, clause=self.scope.clause)
        if function.check:
            return function.check(self, function, node)
        arguments = tuple(self.arguments(function, node))
        if function.aggregate and any(has_aggregate(each) for each in arguments):
            self.refuse("nested aggregate", function=node.name)
        kind = result_type(function, arguments)
        return nodes.Apply(function, arguments, node.distinct, position=node.position, type=kind)

    def arguments(self, function: Function, node: nodes.Call) -> Iterable[Node]:
        """Give the checked arguments of a call, each against its family."""
        given = node.arguments
        least, most = sum(not family.endswith("?") for family in function.arguments), len(function.arguments)
        if not least <= len(given) <= most:
            wanted = str(least) if least == most else alternatives((str(least), str(most)))
            self.wrong("arguments", function=function.name, wanted=wanted, found=len(given))
        if node.distinct and (function.name != "count" or not given or isinstance(given[0], nodes.Star)):
            self.refuse("distinct")
        first = ""
        for family, argument in zip(function.arguments, given, strict=False):
            checked = self.argument(function, family.rstrip("?"), argument, first)
            first = first or family_of(checked)
            yield checked

    def argument(self, function: Function, family: str, node: Node, first: str) -> Node:
        """Return one checked argument."""
        if family == "column" and isinstance(node, nodes.Star):
            return node
        checked = self.value(node)
        wanted = FAMILIES.get(family, (family,)) if family != "same" else (first,)
        if wanted and multivalued(checked):
            self.wrong("one value", found=named(checked))
        if wanted and family_of(checked) not in wanted:
            if function.aggregate and family_of(checked) != "moment":
                self.wrong("statistics")
            self.wrong("argument", function=function.name, wanted=alternatives(wanted), found=named(checked))
        if family == "percent" and not (isinstance(checked, nodes.Literal) and 0 <= float(checked.value) <= 100):
            self.wrong("percent", function=function.name)
        return checked


FAMILIES: dict[str, tuple[str, ...]] = {
    "any": ("text", "number", "boolean", "moment"),
    "measure": ("number", "moment"),
    "percent": ("number",),
    "column": (),
}


def result_type(function: Function, arguments: Sequence[Node]) -> str:
    """Return the public type that a function gives for these checked arguments."""
    if function.result == "same":
        return arguments[0].type
    if function.result == "mean":
        return "datetime" if family_of(arguments[0]) == "moment" else "double"
    return function.result


CHECKS: dict[type[Node], Callable[[Checker, Any], Node]] = {
    nodes.Name: Checker.name,
    nodes.Literal: Checker.literal,
    nodes.Date: Checker.moment,
    nodes.Negative: Checker.negative,
    nodes.Arithmetic: Checker.arithmetic,
    nodes.Logic: Checker.logic,
    nodes.Not: Checker.complement,
    nodes.Compare: Checker.compare,
    nodes.In: Checker.among,
    nodes.Has: Checker.has,
    nodes.Within: Checker.within,
    nodes.Is: Checker.is_,
    nodes.Call: Checker.call,
}


def coerced(value: Node, operand: Node) -> Node:
    """Return a literal as a date when it is compared with one and reads as one, else as it is."""
    if family_of(operand) == "moment" and isinstance(value, nodes.Literal) and value.type in ("text", "int"):
        text = str(value.value)
        if parse_period(text) is not None:
            return nodes.Date(text, position=value.position, type="date")
    return value
