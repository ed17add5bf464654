"""A tree becomes text again, in one canonical spelling: parsing it gives the same tree."""

import re
from collections.abc import Callable, Sequence
from typing import Any

from datasets.odsql import nodes
from datasets.odsql.nodes import Item, Node
from datasets.odsql.operators import (
    AND_POWER,
    COMPARE_POWER,
    INFIX,
    NEGATIVE_POWER,
    NOT_POWER,
    OR_POWER,
    RESERVED,
)
from datasets.odsql.quoting import quote

PLAIN = re.compile(r"[A-Za-z_]\w*(\.[A-Za-z_]\w*)*", re.ASCII)
LOGIC = {"or": OR_POWER, "and": AND_POWER}
ATOM = 100


def print_where(tree: Node) -> str:
    """Return a where clause as text."""
    return print_node(tree)


def print_items(items: Sequence[Item]) -> str:
    """Return a select, group_by or order_by clause as text."""
    return ", ".join(map(print_item, items))


def print_item(item: Item) -> str:
    """Return one element of a clause as text."""
    alias = f" AS {print_name(item.alias)}" if item.alias else ""
    return print_node(item.expression) + alias + (" DESC" if item.descending else "")


def print_node(node: Node, floor: int = 0) -> str:
    """Return a node as text, between parentheses when it binds no more tightly than `floor`."""
    text, power = PRINTERS[type(node)](node)
    return f"({text})" if power <= floor else text


def print_name(name: str) -> str:
    """Return a name, between backquotes unless it is plain."""
    return name if PLAIN.fullmatch(name) and name.lower() not in RESERVED else quote(name, "`")


def print_number(value: int | float) -> str:
    """Return a number without an exponent's plus sign or a bare fraction."""
    return repr(value)


def _literal(node: nodes.Literal) -> tuple[str, int]:
    if isinstance(node.value, bool):
        return str(node.value).lower(), ATOM
    if isinstance(node.value, str):
        return quote(node.value), ATOM
    return print_number(node.value), NEGATIVE_POWER + 1 if str(node.value).startswith("-") else ATOM


def _negative(node: nodes.Negative) -> tuple[str, int]:
    inner = print_node(node.operand, NEGATIVE_POWER)
    return (f"-({inner})" if inner[0].isdigit() else f"-{inner}"), NEGATIVE_POWER + 1


def _arithmetic(node: nodes.Arithmetic) -> tuple[str, int]:
    power = INFIX[node.operator].power
    return f"{print_node(node.left, power - 1)} {node.operator} {print_node(node.right, power)}", power


def _compare(node: nodes.Compare) -> tuple[str, int]:
    left, right = print_node(node.left, COMPARE_POWER), print_node(node.right, COMPARE_POWER)
    if node.operator == ":":
        # After a colon, parentheses hold a list.
        return f"{left}: ({right})" if right.startswith("(") else f"{left}: {right}", COMPARE_POWER
    return f"{left} {node.operator.upper()} {right}", COMPARE_POWER


def _logic(node: nodes.Logic) -> tuple[str, int]:
    power = LOGIC[node.operator]
    return f" {node.operator.upper()} ".join(print_node(part, power) for part in node.parts), power


def _not(node: nodes.Not) -> tuple[str, int]:
    return f"NOT {print_node(node.operand, NOT_POWER - 1)}", NOT_POWER


def _in(node: nodes.In) -> tuple[str, int]:
    values = ", ".join(map(print_node, node.values))
    return f"{print_node(node.operand, COMPARE_POWER)} IN ({values})", COMPARE_POWER


def _within(node: nodes.Within) -> tuple[str, int]:
    low, high = print_node(node.low, COMPARE_POWER), print_node(node.high, COMPARE_POWER)
    opening, closing = "[" if node.with_low else "]", "]" if node.with_high else "["
    return f"{print_node(node.operand, COMPARE_POWER)} IN {opening}{low} TO {high}{closing}", COMPARE_POWER


def _has(node: nodes.Has) -> tuple[str, int]:
    return f"{print_node(node.value, COMPARE_POWER)} IN {print_node(node.operand)}", COMPARE_POWER


def _is(node: nodes.Is) -> tuple[str, int]:
    return f"{print_node(node.operand, COMPARE_POWER)} IS {node.what.upper()}", COMPARE_POWER


def _call(node: nodes.Call) -> tuple[str, int]:
    arguments = ", ".join(map(print_node, node.arguments))
    return f"{node.name}({'DISTINCT ' if node.distinct else ''}{arguments})", ATOM


def _interval(node: nodes.Interval) -> tuple[str, int]:
    bounds = ", ".join(print_node(bound, COMPARE_POWER) for bound in node.bounds)
    return f"{node.opening}{bounds}{node.closing}", ATOM


PRINTERS: dict[type[Node], Callable[[Any], tuple[str, int]]] = {
    nodes.Literal: _literal,
    nodes.Date: lambda node: (f"date{quote(node.text, chr(39))}", ATOM),
    nodes.Geometry: lambda node: (f"geom{quote(node.text, chr(39))}", ATOM),
    nodes.Quantity: lambda node: (f"{print_number(node.amount)} {node.unit}", ATOM),
    nodes.Name: lambda node: (print_name(node.name), ATOM),
    nodes.Star: lambda node: ("*", ATOM),
    nodes.Pattern: lambda node: (f"{print_name(node.prefix)}*", ATOM),
    nodes.Call: _call,
    nodes.Negative: _negative,
    nodes.Arithmetic: _arithmetic,
    nodes.Compare: _compare,
    nodes.Logic: _logic,
    nodes.Not: _not,
    nodes.In: _in,
    nodes.Within: _within,
    nodes.Has: _has,
    nodes.Is: _is,
    nodes.Interval: _interval,
}
"""How each node is written, and how tightly what is written binds."""
