"""The tree of a clause: frozen nodes, without behaviour of their own.

Parsing gives trees of all these nodes but Column and Apply, which `checks` puts in the place of names and calls.
`type` is filled by `checks`: a public field type, "condition", or "" before.
"""

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from datasets.model import Field

if TYPE_CHECKING:
    from datasets.odsql.functions import Function


@dataclass(frozen=True, slots=True)
class Node:
    """Any part of a tree; `position` is its place in the clause's text."""

    position: int = field(default=-1, compare=False, kw_only=True)
    type: str = field(default="", compare=False, kw_only=True)


@dataclass(frozen=True, slots=True)
class Literal(Node):
    """A text, a number, a boolean."""

    value: str | int | float | bool


@dataclass(frozen=True, slots=True)
class Date(Node):
    """date'…': its text, which stands for a whole period."""

    text: str


@dataclass(frozen=True, slots=True)
class Geometry(Node):
    """geom'…': WKT, hexadecimal WKB or GeoJSON."""

    text: str


@dataclass(frozen=True, slots=True)
class Quantity(Node):
    """A number with its unit: 10km, 2 days."""

    amount: int | float
    unit: str


@dataclass(frozen=True, slots=True)
class Name(Node):
    """A field or an alias, as written without its backquotes."""

    name: str


@dataclass(frozen=True, slots=True)
class Star(Node):
    """The asterisk of count(*), search(*, …), range(…, *) and select=*."""


@dataclass(frozen=True, slots=True)
class Pattern(Node):
    """The beginning of field names: temp*."""

    prefix: str


@dataclass(frozen=True, slots=True)
class Call(Node):
    """A function with its arguments, by place and by name."""

    name: str
    arguments: tuple[Node, ...]
    distinct: bool = False


@dataclass(frozen=True, slots=True)
class Negative(Node):
    """The opposite of a number."""

    operand: Node


@dataclass(frozen=True, slots=True)
class Arithmetic(Node):
    """Two numbers under + - * or /."""

    operator: str
    left: Node
    right: Node


@dataclass(frozen=True, slots=True)
class Compare(Node):
    """Two operands under = : != < <= > >= or like."""

    operator: str
    left: Node
    right: Node


@dataclass(frozen=True, slots=True)
class Logic(Node):
    """Conditions all true (and) or some true (or)."""

    operator: str
    parts: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Not(Node):
    """The plain complement of a condition."""

    operand: Node


@dataclass(frozen=True, slots=True)
class In(Node):
    """An operand among values."""

    operand: Node
    values: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Within(Node):
    """An operand between two bounds, each one included or not; an open bound is a Star."""

    operand: Node
    low: Node
    high: Node
    with_low: bool = True
    with_high: bool = True


@dataclass(frozen=True, slots=True)
class Has(Node):
    """A value among those of a multivalued field."""

    value: Node
    operand: Node


@dataclass(frozen=True, slots=True)
class Is(Node):
    """An operand that is null, true or false."""

    operand: Node
    what: str


@dataclass(frozen=True, slots=True)
class Interval(Node):
    """A bracketed list of bounds given to range(): ]10, 50[."""

    bounds: tuple[Node, ...]
    opening: str
    closing: str


@dataclass(frozen=True, slots=True)
class Item(Node):
    """One element of select, group_by or order_by; `text` is what the caller wrote, `alias` what follows AS."""

    expression: Node
    alias: str = ""
    descending: bool = False
    text: str = field(default="", compare=False)


@dataclass(frozen=True, slots=True)
class Column(Node):
    """A field of the schema, found by its name."""

    field: Field


@dataclass(frozen=True, slots=True)
class Apply(Node):
    """A function of the table with its checked arguments; `extra` is what a special function worked out."""

    function: "Function"
    arguments: tuple[Node, ...]
    distinct: bool = False
    extra: Any = None
