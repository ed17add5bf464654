"""The query language of version 1 (`q`, `qv1`): free text, `field:value`, ranges, AND OR NOT, `#functions`.

It becomes a tree of ODSQL, printed as the text of a where clause, so that nothing a person writes is ever more than
a bound value or the name of a field. Version 1 was forgiving: what fits no rule is looked for as words.
"""

import re
from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import NoReturn

from datasets.errors import ParseError
from datasets.model import Field, Schema
from datasets.odsql.nodes import Compare, Literal, Logic, Name, Node, Not, Star, Within
from datasets.odsql.quoting import unquote
from datasets.odsql.reasons import over, reason
from datasets.odsql.text import print_where
from datasets.odsql.tokens import MAX_LENGTH, refuse
from portal.explore.v1.conditions import SPELLINGS, Fields, call, compare, read_now, read_value, search

MAX_DEPTH = 20
NO_ALIASES: Mapping[str, str] = MappingProxyType({})
QUOTED = r'"(?:[^"\\]|\\.)*"'

SPACE = re.compile(r"[\s,;]*")
OPERATORS = ("AND", "OR", "NOT")
OPERATOR = re.compile(r"(AND|OR|NOT)(?=[\s()]|$)")
LOWER = re.compile(r"(and|or|not)(?=\s+(?:not\s+)?(?:#\w|[^\W\d][\w.@-]*\s*[:=<>!]|\())")
"""Operators in small letters are words, but before a condition: `nom:auch and not population > 5`."""
MARKS = {mark: re.compile(pattern) for mark, pattern in {"(": r"\(", ")": r"\)", "-": r"-(?=[^\s-])"}.items()}
WORD = re.compile(r"[\w*?]+")
COMPARISON = re.compile(r"([^\W\d][\w.@-]*)\s*(==|!=|<=|>=|[:=<>])\s*")
TEXT = re.compile(rf"({QUOTED})|([^\s()\"]+)", re.DOTALL)
NOW = re.compile(r"#now(?:\(([^()]*)\))?", re.IGNORECASE)
FUNCTION = re.compile(r"#(\w+)\s*\(")
ARGUMENT = re.compile(rf"\s*({QUOTED}|'(?:[^'\\]|\\.)*'|[^,()\"']*?)\s*([,)])", re.DOTALL)
BOUND = rf"({QUOTED}|[^\s\[\]{{}}\"]+)"
RANGE = re.compile(rf"([\[\]{{])\s*{BOUND}\s+TO\s+{BOUND}\s*([\[\]}}])", re.DOTALL)


def translate_query(text: str, schema: Schema, aliases: Mapping[str, str] = NO_ALIASES) -> str:
    """Return the where clause that a version 1 query is, "" when it asks nothing.

    Raises UnknownField for a comparison with a field that is not there, InvalidParameter for a value or a function
    that cannot be read, LimitExceeded beyond the length or the nesting of a clause.
    """
    if len(text) > MAX_LENGTH:
        raise over("length", MAX_LENGTH)
    if not text.strip():
        return ""
    try:
        tree = _Reader(text, Fields(schema, aliases)).read()
    except ParseError:
        tree = Literal(" ".join(word for word in WORD.findall(text) if word not in OPERATORS))
    return print_where(tree)


class _Reader:
    """Reads one query, from left to right."""

    def __init__(self, text: str, fields: Fields) -> None:
        self.text = text
        self.fields = fields
        self.position = 0
        self.depth = 0

    def read(self) -> Node:
        """Return the tree of the whole text; raise ParseError when it fits no rule."""
        tree = self.any_of(None)
        if self.position < len(self.text):
            self.refuse()
        return tree

    def refuse(self) -> NoReturn:
        found = self.text[self.position : self.position + 10] or reason("end of line")
        refuse(found, self.position, self.text, reason("operand"), "q")

    def take(self, pattern: re.Pattern[str]) -> re.Match[str] | None:
        """Read what matches, if anything does."""
        match = pattern.match(self.text, self.position)
        if match:
            self.position = match.end()
        return match

    def accept(self, word: str) -> bool:
        """Read an operator or a mark when it comes next."""
        self.take(SPACE)
        if word in MARKS:
            return self.take(MARKS[word]) is not None
        if self.operator() != word:
            return False
        self.position += len(word)
        return True

    def operator(self) -> str:
        """Return the operator that comes next, in capitals, else ""."""
        match = OPERATOR.match(self.text, self.position) or LOWER.match(self.text, self.position)
        return match[1].upper() if match else ""

    def any_of(self, field: Field | None) -> Node:
        """Read conditions separated by OR; inside `field:( )`, words are looked for in that field."""
        parts = [self.all_of(field)]
        while self.accept("OR"):
            parts.append(self.all_of(field))
        return parts[0] if len(parts) == 1 else Logic("or", tuple(parts))

    def all_of(self, field: Field | None) -> Node:
        """Read conditions separated by AND, or by nothing."""
        parts = [self.condition(field)]
        while self.accept("AND") or not self.ended():
            parts.append(self.condition(field))
        parts = _gathered(parts)
        return parts[0] if len(parts) == 1 else Logic("and", tuple(parts))

    def ended(self) -> bool:
        """Whether a chain of AND stops here."""
        self.take(SPACE)
        rest = self.text[self.position : self.position + 1]
        return rest in ("", ")") or self.operator() == "OR"

    def condition(self, field: Field | None) -> Node:
        """Read one condition, negated or not."""
        self.depth += 1
        if self.depth > MAX_DEPTH:
            raise over("depth", MAX_DEPTH)
        negated = self.accept("NOT") or self.accept("-")
        found = self.condition(field) if negated else self.plain(field)
        self.depth -= 1
        return Not(found) if negated else found

    def plain(self, field: Field | None) -> Node:
        """Read a parenthesis, a function, a comparison, or words."""
        if self.accept("("):
            return self.closed(field)
        if self.operator():
            self.refuse()
        if function := self.take(FUNCTION):
            return call(function[1], self.arguments(), self.fields)
        if field is None and (found := self.comparison()) is not None:
            return found
        quoted = self.text.startswith('"', self.position)
        return search(self.word(), whole=quoted) if field is None else compare(field, ":", self.word())

    def closed(self, field: Field | None) -> Node:
        """Read what is between parentheses, the first one read."""
        inner = self.any_of(field)
        if not self.accept(")"):
            self.refuse()
        return inner

    def word(self) -> str:
        """Read a quoted text, or letters up to a space or a parenthesis."""
        match = self.take(TEXT)
        if match is None:
            self.refuse()
        return unquote(match[1]) if match[1] else match[2]

    def comparison(self) -> Node | None:
        """Read `field:value` and its like; return None, having read nothing, when the name is no field's."""
        start = self.position
        match = self.take(COMPARISON)
        if match is None:
            return None
        name, operator = match.groups()
        if self.fields.find(name) is None and operator in (":", "="):
            self.position = start
            return None
        return self.compared(self.fields.get(name), operator)

    def compared(self, field: Field, operator: str) -> Node:
        """Read what stands after `field operator`: a range, a parenthesis, an instant, or a value."""
        if operator in (":", "=") and (match := self.take(RANGE)):
            opening, low, high, closing = match.groups()
            ends = self.bound(field, low), self.bound(field, high)
            return Within(Name(field.name), *ends, opening == "[", closing == "]")
        if operator in (":", "=") and self.accept("("):
            return self.closed(field)
        if now := self.take(NOW):
            return Compare(SPELLINGS.get(operator, operator), Name(field.name), read_now(now[1] or ""))
        return compare(field, operator, self.word())

    def bound(self, field: Field, text: str) -> Node:
        """Return one end of a range: a star is open."""
        if text == "*":
            return Star()
        if now := NOW.fullmatch(text):
            return read_now(now[1] or "")
        return read_value(field, unquote(text) if text.startswith('"') else text)

    def arguments(self) -> list[str]:
        """Read the arguments of a function, its parenthesis open; quotes are taken off."""
        found: list[str] = []
        while match := self.take(ARGUMENT):
            argument = match[1]
            found.append(unquote(argument) if argument[:1] in ("'", '"') and argument else argument)
            if match[2] == ")":
                return found
        self.refuse()


def _gathered(parts: Sequence[Node]) -> list[Node]:
    """Return conditions that must all hold, words that follow each other put in one search."""
    found: list[Node] = []
    for part in parts:
        if found and isinstance(part, Literal) and isinstance(found[-1], Literal):
            found[-1] = Literal(f"{found[-1].value} {part.value}")
        else:
            found.append(part)
    return found
