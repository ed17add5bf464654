"""A clause's text becomes tokens: the first step of the language."""

import re
from dataclasses import dataclass
from math import inf
from typing import Any, NoReturn

from datasets.errors import ParseError
from datasets.odsql.quoting import unquote
from datasets.odsql.reasons import over, reason

MAX_LENGTH = 50_000

PATTERN = re.compile(
    r"""
      (?P<space>\s+)
    | (?P<date>date\s*(?:'(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*"))
    | (?P<geom>geom\s*(?:'(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*"))
    | (?P<string>'(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*")
    | (?P<quoted>(?:[^\W\d]\w*\.)*`(?:[^`\\]|\\.)*`(?:\.(?:[^\W\d]\w*|`(?:[^`\\]|\\.)*`))*)
    | (?P<number>[0-9]+(?:\.[0-9]+)?(?:e[+-]?[0-9]+)?)
    | (?P<name>[^\W\d]\w*(?:\.[^\W\d]\w*)*)
    | (?P<symbol>\.\.|!=|<>|<=|>=|[-+*/=<>:(),\[\]])
    """,
    re.VERBOSE | re.IGNORECASE | re.DOTALL,
)


SEGMENT = re.compile(r"`(?:[^`\\]|\\.)*`|[^`]+", re.DOTALL)
"""A part of a path such as custom.`a name`: between backquotes, or not."""


@dataclass(frozen=True, slots=True)
class Token:
    """A piece of a clause: its kind, its text as written, its value, and its place (from 0)."""

    kind: str
    text: str
    value: Any
    position: int

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
    position = 0
    while position < len(text):
        match = PATTERN.match(text, position)
        if match is None:
            found = text[position]
            expected = reason("closing", mark=found) if found in "'\"`" else reason("token")
            refuse(found, position, text, expected, clause)
        kind = str(match.lastgroup)
        if kind != "space":
            value = _value(kind, match.group())
            if value == inf:
                refuse(match.group(), position, text, reason("double"), clause)
            tokens.append(Token(kind, match.group(), value, position))
        position = match.end()
    tokens.append(Token("end", "", None, len(text)))
    return tokens


def refuse(found: str, position: int, text: str, expected: str, clause: str) -> NoReturn:
    """Raise the ParseError of what was found where something else was expected."""
    raise ParseError(found=found, position=position, text=text, expected=expected, clause=clause)


def _value(kind: str, text: str) -> Any:
    """Return what a token stands for: names as they are, literals without their quotes."""
    if kind == "string":
        return unquote(text)
    if kind == "quoted":
        return "".join(unquote(part) if part[0] == "`" else part for part in SEGMENT.findall(text))
    if kind in ("date", "geom"):
        return unquote(text[4:].lstrip())
    if kind == "number":
        return _number(text)
    return text


def _number(text: str) -> int | float:
    """Return a whole number as int when 64 bits hold it, anything else as float."""
    if text.isdigit() and len(text) < 20 and int(text) < 2**63:
        return int(text)
    return float(text)
