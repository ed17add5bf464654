"""The words and operators of the language: what is reserved, how tightly each binds, how each is read."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeGuard

from datasets.odsql.nodes import Arithmetic, Compare, Has, Is, Logic, Name, Node, Not, Within
from datasets.odsql.reasons import reason
from datasets.odsql.tokens import Token

if TYPE_CHECKING:
    from datasets.odsql.parser import Parser

CONSTANTS = {"true": True, "false": False}
KEYWORDS = frozenset({"and", "or", "not", "as", "asc", "desc", "in", "is", "like", "between", "null", "true", "false"})
RESERVED = KEYWORDS | {
    *("avg", "by", "count", "date_format", "day", "dayofweek", "distinct", "equi", "group", "hour", "ifnull"),
    *("limit", "lower", "max", "millisecond", "min", "minute", "month", "quarter", "range", "search", "second"),
    *("select", "sum", "to", "top", "upper", "where", "year"),
}
"""Words that need backquotes to be field names everywhere; the printer puts them."""


@dataclass(frozen=True)
class Infix:
    """An operator between two operands: how tightly it binds, and how the rest is read."""

    power: int
    read: "Callable[[Parser, Node, Token, int], Node]"


def read_logic(parser: "Parser", left: Node, token: Token, power: int) -> Node:
    """Read the conditions of a chain of AND, or of OR."""
    operator = token.text.lower()
    parts = [left, parser.expression(power)]
    while parser.accept(operator):
        parts.append(parser.expression(power))
    flat = [deep for part in parts for deep in (part.parts if is_logic(part, operator) else (part,))]
    return Logic(operator, tuple(flat), position=left.position)


def is_logic(node: Node, operator: str) -> TypeGuard[Logic]:
    """Whether a node is a chain of this operator."""
    return isinstance(node, Logic) and node.operator == operator


def read_comparison(parser: "Parser", left: Node, token: Token, power: int) -> Node:
    """Read the right side of a comparison; after a colon it may be a range or a list."""
    if token.text == ":" and parser.word() in ("[", "]"):
        return parser.within(left)
    if token.text == ":" and parser.word() == "(":
        listed = parser.among(left)
        return listed if len(listed.values) > 1 else Compare(":", left, listed.values[0], position=left.position)
    operator = SPELLINGS.get(token.text, token.text.lower())
    compared = Compare(operator, left, parser.expression(power), position=left.position)
    if (after := INFIX.get(parser.word())) and after.power == power:
        parser.refuse(reason("comparison end"))
    return compared


def read_in(parser: "Parser", left: Node, token: Token, power: int) -> Node:
    """Read the list, the range or the multivalued field after IN."""
    if parser.word() == "(":
        return parser.among(left)
    if parser.word() in ("[", "]"):
        return parser.within(left)
    field = parser.token
    if field.kind not in ("name", "quoted"):
        parser.refuse(reason("in"))
    parser.advance()
    return Has(left, Name(field.value, position=field.position), position=left.position)


def read_is(parser: "Parser", left: Node, token: Token, power: int) -> Node:
    """Read NULL, TRUE or FALSE after IS, with or without NOT."""
    negated = parser.accept("not")
    test = Is(left, parser.expect("null", "true", "false"), position=left.position)
    return Not(test, position=left.position) if negated else test


def read_between(parser: "Parser", left: Node, token: Token, power: int) -> Node:
    """Read the two included bounds after BETWEEN."""
    low = parser.expression(power)
    parser.expect("and")
    return Within(left, low, parser.expression(power), position=left.position)


def read_negated(parser: "Parser", left: Node, token: Token, power: int) -> Node:
    """Read NOT IN, NOT LIKE or NOT BETWEEN."""
    after = parser.token
    word = parser.expect("in", "like", "between")
    return Not(INFIX[word].read(parser, left, after, power), position=left.position)


def read_arithmetic(parser: "Parser", left: Node, token: Token, power: int) -> Node:
    """Read the right side of + - * or /."""
    return Arithmetic(token.text, left, parser.expression(power), position=left.position)


OR_POWER, AND_POWER, NOT_POWER, COMPARE_POWER, SUM_POWER, PRODUCT_POWER, NEGATIVE_POWER = range(10, 80, 10)

SPELLINGS = {"<>": "!="}

INFIX: dict[str, Infix] = {
    "or": Infix(OR_POWER, read_logic),
    "and": Infix(AND_POWER, read_logic),
    "not": Infix(COMPARE_POWER, read_negated),
    "in": Infix(COMPARE_POWER, read_in),
    "is": Infix(COMPARE_POWER, read_is),
    "between": Infix(COMPARE_POWER, read_between),
    **dict.fromkeys(("=", ":", "!=", "<>", "<", "<=", ">", ">=", "like"), Infix(COMPARE_POWER, read_comparison)),
    **dict.fromkeys(("+", "-"), Infix(SUM_POWER, read_arithmetic)),
    **dict.fromkeys(("*", "/"), Infix(PRODUCT_POWER, read_arithmetic)),
}
