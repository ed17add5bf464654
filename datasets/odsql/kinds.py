"""What a checked node holds: its family, whether it is a list, what to call it."""

from datasets.odsql.nodes import Apply, Arithmetic, Column, Negative, Node
from datasets.odsql.reasons import reason
from datasets.types.public import PUBLIC_TYPES

CONDITION = "condition"


def family_of(node: Node) -> str:
    """Return the family within which the values of a checked node compare."""
    known = PUBLIC_TYPES.get(node.type)
    return known.family if known else node.type


def multivalued(node: Node) -> bool:
    """Whether a checked node holds a list of values."""
    return isinstance(node, Column) and node.field.multivalued


def named(node: Node) -> str:
    """Return how to call a checked node in a message."""
    return f"{node.field.name} ({node.type})" if isinstance(node, Column) else reason("a value", type=node.type)


def parts_of(node: Node) -> tuple[Node, ...]:
    """Return the operands of a checked value."""
    if isinstance(node, Apply):
        return node.arguments
    if isinstance(node, Arithmetic):
        return (node.left, node.right)
    return (node.operand,) if isinstance(node, Negative) else ()


def count_aggregates(node: Node) -> int:
    """Return how many aggregates a checked expression holds."""
    if isinstance(node, Apply) and node.function.aggregate:
        return 1
    return sum(map(count_aggregates, parts_of(node)))


def has_aggregate(node: Node) -> bool:
    """Whether a checked expression holds an aggregate."""
    return count_aggregates(node) > 0


def is_constant(node: Node) -> bool:
    """Whether a checked value is the same for every record."""
    if isinstance(node, Arithmetic | Negative):
        return all(map(is_constant, parts_of(node)))
    return not isinstance(node, Column | Apply)
