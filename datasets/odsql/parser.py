"""Tokens become a tree: precedence is the table INFIX, read by one loop. The grammar is in docs/odsql.md."""

from collections.abc import Callable
from typing import NoReturn

from datasets.errors import UnknownFunction
from datasets.odsql.functions import FUNCTIONS
from datasets.odsql.hints import near
from datasets.odsql.nodes import (
    Call,
    Date,
    Geometry,
    In,
    Interval,
    Item,
    Literal,
    Logic,
    Name,
    Negative,
    Node,
    Not,
    Pattern,
    Quantity,
    Star,
    Within,
)
from datasets.odsql.operators import COMPARE_POWER, CONSTANTS, INFIX, KEYWORDS, NEGATIVE_POWER, NOT_POWER
from datasets.odsql.quoting import paired
from datasets.odsql.reasons import alternatives, over, reason
from datasets.odsql.tokens import Token, refuse, tokenise

MAX_DEPTH = 60


class Parser:
    """Reads one clause."""

    def __init__(self, text: str, clause: str) -> None:
        self.text = paired(text)
        self.clause = clause
        self.tokens = tokenise(self.text, clause)
        self.index = 0
        self.depth = 0

    @property
    def token(self) -> Token:
        """The token to read next."""
        return self.tokens[self.index]

    def advance(self) -> Token:
        """Read one token."""
        token = self.tokens[self.index]
        self.index += 1
        return token

    def word(self) -> str:
        """The next token as a keyword or a symbol, in lower case; "" for anything else."""
        return self.tokens[self.index].word

    def accept(self, *words: str) -> str:
        """Read the next token when it is one of the words; return which, else ""."""
        word = self.tokens[self.index].word
        if word and word in words:
            self.index += 1
            return word
        return ""

    def expect(self, *words: str) -> str:
        """Read one of the words; raise ParseError at anything else."""
        return self.accept(*words) or self.refuse(alternatives(words))

    def refuse(self, expected: str, token: Token | None = None) -> NoReturn:
        """Raise the ParseError of the next token (or of the one given)."""
        token = token or self.token
        found = token.text or reason("end of line")
        refuse(found, token.position, self.text, expected, self.clause)

    def expression(self, floor: int = 0) -> Node:
        """Read operands and operators that bind more tightly than `floor`."""
        self.deepen()
        level = self.depth
        left = self.operand()
        while (infix := INFIX.get(self.word())) and infix.power > floor:
            left = infix.read(self, left, self.advance(), infix.power)
            if not isinstance(left, Logic):
                self.deepen()
        self.depth = level - 1
        return left

    def deepen(self) -> None:
        """Count one more level of nesting; raise LimitExceeded beyond MAX_DEPTH."""
        self.depth += 1
        if self.depth > MAX_DEPTH:
            raise over("depth", MAX_DEPTH)

    def operand(self) -> Node:
        """Read one operand: a literal, a name, a call, a parenthesis, or a prefixed operand."""
        token = self.token
        if token.kind == "name" and token.word in KEYWORDS:
            return self.keyword()
        if read := OPERANDS.get(token.kind):
            return read(self, self.advance())
        if self.accept("("):
            inner = self.expression()
            self.expect(")")
            return inner
        if self.accept("-"):
            return self.negative(token)
        self.refuse(reason("operand"))

    def keyword(self) -> Node:
        """Read an operand that begins with a keyword: NOT, TRUE, FALSE."""
        token = self.token
        word = self.accept("not", *CONSTANTS)
        if word == "not":
            return Not(self.expression(NOT_POWER), position=token.position)
        if word:
            return Literal(CONSTANTS[word], position=token.position)
        self.refuse(reason("keyword"))

    def negative(self, token: Token) -> Node:
        """Read what follows a minus sign: a number becomes negative, an operand is negated."""
        if self.token.kind == "number":
            return Literal(-self.advance().value, position=token.position)
        return Negative(self.expression(NEGATIVE_POWER), position=token.position)

    def named(self, token: Token) -> Node:
        """Read what a name begins: a call when a parenthesis follows, else the name of a field or an alias."""
        if token.kind == "name" and self.word() == "(":
            return self.call(token)
        return Name(token.value, position=token.position)

    def call(self, token: Token) -> Node:
        """Read the arguments of a function that the table holds."""
        name = token.text.lower()
        if name not in FUNCTIONS:
            place = {
                "found": "(",
                "position": self.token.position,
                "text": self.text,
                "expected": reason("known function"),
            }
            raise UnknownFunction(name=token.text, hint=near(name, FUNCTIONS), clause=self.clause, **place)
        self.advance()
        distinct = bool(self.accept("distinct"))
        arguments = () if self.word() == ")" else self.listed(self.argument)
        self.expect(")")
        return Call(name, arguments, distinct, position=token.position)

    def listed(self, read: Callable[[], Node]) -> tuple[Node, ...]:
        """Read things separated by commas."""
        found = [read()]
        while self.accept(","):
            found.append(read())
        return tuple(found)

    def argument(self) -> Node:
        """Read one argument: an asterisk, a pattern, a quantity, a bracketed list, or an expression."""
        token, after = self.token, self.tokens[min(self.index + 1, len(self.tokens) - 1)]
        if self.accept("*"):
            return Star(position=token.position)
        if self.word() in ("[", "]"):
            return self.interval()
        if token.kind == "number" and after.kind == "name" and after.text.lower() not in KEYWORDS:
            self.index += 2
            return Quantity(token.value, after.text, position=token.position)
        if token.kind in ("name", "quoted") and after.text == "*" and self.tokens[self.index + 2].text in (",", ")"):
            self.index += 2
            return Pattern(token.value, position=token.position)
        return self.expression()

    def interval(self) -> Node:
        """Read the bracketed bounds of range()."""
        token = self.token
        opening = self.expect("[", "]")
        bounds = self.listed(self.bound)
        return Interval(bounds, opening, self.expect("[", "]"), position=token.position)

    def bound(self) -> Node:
        """Read a bound: an asterisk when it is open, else a value."""
        token = self.token
        return Star(position=token.position) if self.accept("*") else self.expression(COMPARE_POWER)

    def within(self, operand: Node) -> Node:
        """Read a range: brackets turned inward take the bound in, turned outward leave it out."""
        with_low = self.expect("[", "]") == "["
        low = self.bound()
        self.expect("..", "to")
        high = self.bound()
        with_high = self.expect("]", "[") == "]"
        return Within(operand, low, high, with_low, with_high, position=operand.position)

    def among(self, operand: Node) -> In:
        """Read the values of a list between parentheses."""
        self.expect("(")
        values = self.listed(self.expression)
        self.expect(")")
        return In(operand, values, position=operand.position)

    def item(self) -> Item:
        """Read one element of select, group_by or order_by."""
        start = self.token.position
        descending = self.clause == "order_by" and bool(self.accept("-"))
        expression = Star(position=start) if self.accept("*") else self.expression()
        text = self.text[start : self.tokens[self.index - 1].end]
        alias = self.alias() if self.clause != "order_by" and self.accept("as") else ""
        if self.clause == "order_by":
            descending = self.accept("asc", "desc") == "desc" or descending
        return Item(expression, alias, descending, text, position=start)

    def alias(self) -> str:
        """Read the name that AS gives."""
        token = self.advance()
        if token.kind not in ("name", "quoted"):
            self.refuse(reason("a name"), token)
        return str(token.value)

    def finish(self) -> None:
        """Raise ParseError when something is left to read."""
        if self.token.kind != "end":
            self.refuse(reason("end"))


OPERANDS: dict[str, Callable[[Parser, Token], Node]] = {
    "name": Parser.named,
    "quoted": Parser.named,
    "string": lambda parser, token: Literal(token.value, position=token.position),
    "number": lambda parser, token: Literal(token.value, position=token.position),
    "date": lambda parser, token: Date(token.value, position=token.position),
    "geom": lambda parser, token: Geometry(token.value, position=token.position),
}


def parse_where(text: str) -> Node:
    """Return the tree of a where clause; raise ParseError, UnknownFunction or LimitExceeded."""
    parser = Parser(text, "where")
    tree = parser.expression()
    parser.finish()
    return tree


def parse_items(text: str, clause: str) -> tuple[Item, ...]:
    """Return the elements of a select, group_by or order_by clause, none when it is blank."""
    parser = Parser(text, clause)
    if parser.token.kind == "end":
        return ()
    items = [parser.item()]
    while parser.accept(","):
        items.append(parser.item())
    parser.finish()
    return tuple(items)
