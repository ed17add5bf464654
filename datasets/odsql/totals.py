"""Functions whose SQL no template holds: counts, in lists too, and texts as JSON."""

from typing import TYPE_CHECKING

from datasets.odsql import nodes
from datasets.odsql.kinds import multivalued

if TYPE_CHECKING:
    from datasets.odsql.sql import Writer


def write_count(writer: "Writer", node: nodes.Apply) -> str:
    """Write count(*), count(field) or count(distinct field); of lists, those that hold something, or their elements."""
    if not node.arguments or isinstance(node.arguments[0], nodes.Star):
        return "count(*)"
    counted = node.arguments[0]
    if not (isinstance(counted, nodes.Column) and multivalued(counted)):
        return f"count({'DISTINCT ' if node.distinct else ''}{writer.write(counted)})"
    written = writer.column(counted)  # the list of the record, though the group's key be one of its elements
    if node.distinct:
        return f"coalesce(len(list_distinct(flatten(list({written})))), 0)"
    return f"count(nullif(len({written}), 0))"


def write_json(writer: "Writer", node: nodes.Apply) -> str:
    """Write json_format(text[, other]): the text, or the other where the text is no JSON; always JSON."""
    text, *other = map(writer.write, node.arguments)
    return (
        f"as_json(CASE WHEN {text} IS NULL OR is_json({text}) THEN {text} ELSE {other[0]} END)"
        if other
        else f"as_json({text})"
    )
