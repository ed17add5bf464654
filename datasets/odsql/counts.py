"""The counts of a facet's values, level by level, as SQL."""

from collections.abc import Sequence

from datasets.model import Schema
from datasets.odsql import nodes
from datasets.odsql.nodes import Node
from datasets.odsql.refinements import Facet
from datasets.odsql.sql import Writer
from datasets.odsql.statements import Compiled

MOMENTS = ("date", "datetime")
DATE_PARTS = ("%Y", "%Y/%m", "%Y/%m/%d")
MOST_NESTED = 20_000
ORDERS = {
    "count": "n, folded(k), k",
    "-count": "n DESC, folded(k), k",
    "alphanum": "folded(k), k",
    "-alphanum": "folded(k) DESC, k DESC",
    "num": "TRY_CAST(k AS DOUBLE), k",
    "-num": "TRY_CAST(k AS DOUBLE) DESC, k",
}


def levels(facet: Facet) -> int:
    """Return how many levels the values of a facet may have."""
    if facet.field.type in MOMENTS:
        return len(DATE_PARTS)
    return 6 if facet.separator else 1


def compile_level(facet: Facet, where: Sequence[Node], level: int, under: str, writer: Writer) -> Compiled:
    """Compile the counts of the values of one level (from 0): columns k and n.

    A record counts once for each value; null and empty values are left out. A date level is cut to the period
    `under`, and to one value more than the limit, which tells whether some are cut; a hierarchy comes whole.
    """
    condition = " AND ".join(map(writer.write, where)) or "TRUE"
    column = writer.column(nodes.Column(facet.field))
    if facet.field.multivalued:
        prefix = write_prefix(facet, level, writer.element, writer)
        key = f"unnest(list_distinct(list_transform({column}, lambda {writer.element}: {prefix})))"
    else:
        key = write_prefix(facet, level, column, writer)
    below = f"starts_with(k, {writer.bind(under)})" if under else "TRUE"
    most = MOST_NESTED if facet.separator else facet.limit + 1
    sql = (
        f"SELECT k, count(*) AS n FROM (SELECT {key} AS k FROM (SELECT * FROM {writer.source} WHERE {condition})) "
        f"WHERE k <> '' AND {below} GROUP BY k ORDER BY {ORDERS[facet.sort]} LIMIT {most}"
    )
    return Compiled(sql, tuple(writer.params), Schema(()))


def write_prefix(facet: Facet, level: int, value: str, writer: Writer) -> str:
    """Write the value of a facet down to a level, as text: 2024/05, A/B; null when it is not so deep."""
    if facet.field.type in MOMENTS:
        moment = f"timezone({writer.bind(writer.zone)}, {value})" if facet.field.type == "datetime" else value
        return f"strftime({moment}, {writer.bind(DATE_PARTS[level])})"
    if not facet.separator:
        return f"CAST({value} AS VARCHAR)"
    mark = writer.bind(facet.separator)
    parts = f"string_split({value}, {mark})"
    return f"CASE WHEN len({parts}) > {level} THEN array_to_string({parts}[1:{level + 1}], {mark}) END"
