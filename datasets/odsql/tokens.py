"""A clause's text becomes tokens: the first step of the language."""

import re
from math import inf
from typing import Any, NamedTuple, NoReturn

from datasets.errors import ParseError
from datasets.odsql.quoting import unquote
from datasets.odsql.reasons import over, reason

MAX_LENGTH = 50_000

PATTERN = re.compile(
    r"""
    \s*(?:
      (?P<date>date\s*(?:'(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*"))
    | (?P<geom>geom\s*(?:'(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*"))
    | (?P<string>'(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*")
    | (?P<quoted>(?:[^\W\d]\w*\.)*`(?:[^`\\]|\\.)*`(?:\.(?:[^\W\d]\w*|`(?:[^`\\]|\\.)*`))*)
    | (?P<number>[0-9]+(?:\.[0-9]+)?(?:e[+-]?[0-9]+)?)
    | (?P<name>[^\W\d]\w*(?:\.[^\W\d]\w*)*)
    | (?P<symbol>\.\.|!=|<>|<=|>=|[-+*/=<>:(),\[\]])
    | (?P<end>\Z)
    )""",
    re.VERBOSE | re.IGNORECASE | re.DOTALL,
)


SEGMENT = re.compile(r"`(?:[^`\\]|\\.)*`|[^`]+", re.DOTALL)
"""A part of a path such as custom.`a name`: between backquotes, or not."""


class Token(NamedTuple):
    """A piece of a clause: its kind, its text as written, its value, its place (from 0).

    `word` is a name or a symbol in lower case, "" for anything else.
    """

    kind: str
    text: str
    value: Any
    position: int
    word: str = ""

    @property
    def end(self) -> int:
        """The place just after the token."""
        return self.position + len(self.text)


def tokenise(text: str, clause: str = "where") -> list[Token]:
    """Return the tokens of a clause, the last one of kind "end".

    Kinds: name (keywords too), quoted (a backquoted name), string, number, date, geom, symbol, end.
    Raises ParseError at the first character that begins no token, LimitExceeded when the clause is too long.
    """
    if len(text) > MAX_LENGTH:
        raise over("length", MAX_LENGTH)
    tokens: list[Token] = []
    position, kind = 0, ""
    while kind != "end":
        match = PATTERN.match(text, position)
        if match is None or match.lastgroup is None:
            refuse_character(text, position, clause)
        kind = match.lastgroup
        piece, start, position = match[kind], match.start(kind), match.end()
        if kind in ("name", "symbol"):
            tokens.append(Token(kind, piece, piece, start, piece.lower()))
            continue
        value = _value(kind, piece)
        if value == inf:
            refuse(piece, start, text, reason("double"), clause)
        tokens.append(Token(kind, piece, value, start))
    return tokens


def refuse_character(text: str, position: int, clause: str) -> NoReturn:
    """Raise the ParseError of a character that begins no token, after some spaces."""
    position = len(text) - len(text[position:].lstrip())
    found = text[position]
    expected = reason("closing", mark=found) if found in "'\"`" else reason("token")
    refuse(found, position, text, expected, clause)


def refuse(found: str, position: int, text: str, expected: str, clause: str) -> NoReturn:
    """Raise the ParseError of what was found where something else was expected."""
    raise ParseError(found=found, position=position, text=text, expected=expected, clause=clause)


def _value(kind: str, text: str) -> Any:
    """Return what a token stands for: literals without their quotes."""
    if kind == "string":
        return unquote(text)
    if kind == "quoted":
        return "".join(unquote(part) if part[0] == "`" else part for part in SEGMENT.findall(text))
    if kind in ("date", "geom"):
        return unquote(text[4:].lstrip())
    return _number(text) if kind == "number" else None


def _number(text: str) -> int | float:
    """Return a whole number as int when 64 bits hold it, anything else as float."""
    if text.isdigit() and len(text) < 20 and int(text) < 2**63:
        return int(text)
    return float(text)
