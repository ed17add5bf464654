"""The clauses of a query together, checked against the schema and against each other."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from datasets.errors import NotAllowed, QueryError
from datasets.model import Field, Schema
from datasets.odsql import nodes
from datasets.odsql.checks import Checker, Scope
from datasets.odsql.kinds import count_aggregates, has_aggregate, multivalued, parts_of
from datasets.odsql.nodes import Item, Node
from datasets.odsql.reasons import over, reason

MAX_KEYS, MAX_SORTS, MAX_COLUMNS, MAX_AGGREGATES = 10, 20, 500, 100


@dataclass(frozen=True)
class Output:
    """One column of the answer: its key, and the checked expression that gives it."""

    key: str
    node: Node


@dataclass(frozen=True)
class Statement:
    """A checked query: what to show, which records, how grouped, in which order."""

    outputs: tuple[Output, ...]
    where: tuple[Node, ...] = ()
    groups: tuple[Output, ...] = ()
    order: tuple[tuple[Node, bool], ...] = ()
    aggregated: bool = False


@dataclass(frozen=True)
class Clauses:
    """A query as trees, before the schema is known."""

    select: tuple[Item, ...] = ()
    where: tuple[Item, ...] = ()
    group_by: tuple[Item, ...] = ()
    order_by: tuple[Item, ...] = ()


def check_clauses(clauses: Clauses, schema: Schema, aliases: Mapping[str, str]) -> Statement:
    """Check the clauses of a query against a schema and against each other; raise QueryError or its children."""
    groups = check_groups(clauses.group_by, Checker(Scope(schema, aliases, "group_by")))
    keys = {group.key: group.node for group in groups}
    selected = check_select(clauses.select, Checker(Scope(schema, aliases, "select", keys)), grouped=bool(groups))
    outputs = merged(groups, selected, "select, group_by")
    if not outputs:
        raise NotAllowed(detail=reason("nothing shown"), clause="select")
    aggregated = bool(groups) or any(has_aggregate(output.node) for output in outputs)
    ordering = Checker(Scope(schema, aliases, "order_by", {output.key: output.node for output in outputs}))
    order = check_order(clauses.order_by, ordering, [group.node for group in groups])
    if (
        sum(count_aggregates(node) for node in [*(output.node for output in outputs), *(node for node, _ in order)])
        > MAX_AGGREGATES
    ):
        raise over("aggregates", MAX_AGGREGATES)
    if aggregated:
        check_grouping([output.node for output in outputs], [group.node for group in groups], "select")
        check_grouping([node for node, _ in order], [group.node for group in groups], "order_by")
    else:
        check_grouped([*(output.node for output in outputs), *(node for node, _ in order)])
    conditions = Checker(Scope(schema, aliases, "where"))
    where = tuple(check_condition(item, conditions) for item in clauses.where)
    return Statement(outputs, where, groups, order, aggregated)


def check_condition(item: Item, checker: Checker) -> Node:
    """Check one where clause, of which `text` is the whole."""
    try:
        return checker.condition(item.expression)
    except QueryError as error:
        error.locate(text=item.text)
        raise


def check_groups(items: Sequence[Item], checker: Checker) -> tuple[Output, ...]:
    """Check the keys of group_by."""
    if len(items) > MAX_KEYS:
        raise over("group_by", MAX_KEYS)
    groups = []
    for item in items:
        node = checker.value(item.expression)
        if node.type in ("geo_point_2d", "geo_shape") and isinstance(node, nodes.Column):
            checker.refuse("geo group", item)
        groups.append(Output(key_of(item), node))
    return merged((), groups, "group_by")


def check_select(items: Sequence[Item], checker: Checker, *, grouped: bool) -> tuple[Output, ...]:
    """Check what select shows: every field by default, nothing more than its keys when grouped."""
    if not items and not grouped:
        items = (Item(nodes.Star()),)
    if len(items) > MAX_COLUMNS:
        raise over("select", MAX_COLUMNS)
    outputs: list[Output] = []
    kept = [field.name for field in checker.scope.schema]
    for item in items:
        if isinstance(item.expression, nodes.Star):
            outputs += [column(checker.fields[name]) for name in kept]
        elif isinstance(item.expression, nodes.Call) and item.expression.name in ("include", "exclude"):
            names = matching(item.expression, checker)
            if item.expression.name == "exclude":
                outputs = [output for output in outputs or map(column, checker.scope.schema) if output.key not in names]
            else:
                outputs += [column(checker.fields[name]) for name in names]
        else:
            outputs.append(Output(key_of(item), checker.value(item.expression)))
    return merged((), outputs, "select")


def matching(call: nodes.Call, checker: Checker) -> list[str]:
    """Return the names of the fields that include(…) or exclude(…) means."""
    if len(call.arguments) != 1:
        checker.wrong("pattern", function=call.name)
    pattern = call.arguments[0]
    if isinstance(pattern, nodes.Pattern):
        return [field.name for field in checker.scope.schema if field.name.startswith(pattern.prefix)]
    if isinstance(pattern, nodes.Star):
        return list(checker.scope.schema.names)
    if not isinstance(pattern, nodes.Name):
        checker.wrong("pattern", function=call.name)
    return [checker.find_field(pattern.name).name]


def check_order(items: Sequence[Item], checker: Checker, keys: Sequence[Node]) -> tuple[tuple[Node, bool], ...]:
    """Check the keys of order_by: aggregates first, no geo field, no list but one that groups are made by."""
    if len(items) > MAX_SORTS:
        raise over("order_by", MAX_SORTS)
    order: list[tuple[Node, bool]] = []
    for item in items:
        node = checker.value(item.expression)
        if node.type in ("geo_point_2d", "geo_shape") or (multivalued(node) and node not in keys):
            checker.refuse("unordered", item)
        if has_aggregate(node) and order and not has_aggregate(order[-1][0]):
            checker.refuse("aggregates first", item)
        order.append((node, item.descending))
    return tuple(order)


def check_grouping(shown: Sequence[Node], keys: Sequence[Node], clause: str) -> None:
    """Refuse a field that is neither a group key nor inside an aggregate."""
    for node in shown:
        if (loose := find_loose(node, keys)) is not None:
            place = loose.position if loose.position >= 0 else ""
            raise NotAllowed(detail=reason("loose field", name=loose.field.name), clause=clause, position=place)


def check_grouped(shown: Sequence[Node]) -> None:
    """Refuse, without groups, a function whose value is that of a group."""
    for node in shown:
        if isinstance(node, nodes.Apply) and node.function.name == "geo_cluster":
            detail = reason("no group", function=node.function.name)
            raise NotAllowed(detail=detail, clause="select", position=node.position)


def find_loose(node: Node, keys: Sequence[Node]) -> nodes.Column | None:
    """Return a field of an expression whose value differs within a group, or None."""
    if node in keys or (isinstance(node, nodes.Apply) and node.function.aggregate):
        return None
    if isinstance(node, nodes.Column):
        return node
    return next((loose for part in parts_of(node) if (loose := find_loose(part, keys)) is not None), None)


def merged(first: Sequence[Output], second: Sequence[Output], clause: str) -> tuple[Output, ...]:
    """Return both lists without repetition; raise QueryError when one key names two things."""
    found: dict[str, Output] = {}
    for output in [*first, *second]:
        known = found.setdefault(output.key, output)
        if known.node != output.node:
            raise QueryError(detail=reason("alias twice", name=output.key), clause=clause)
    return tuple(found.values())


def column(field: Field) -> Output:
    """Return the output that shows a field."""
    return Output(field.name, nodes.Column(field, type=field.type))


def key_of(item: Item) -> str:
    """Return the key of an element: its alias, the name of its field as written, else its text."""
    if item.alias:
        return item.alias
    if isinstance(item.expression, nodes.Call) and item.expression.name == "geo_cluster":
        return "cluster_centroid"
    return item.expression.name if isinstance(item.expression, nodes.Name) else item.text
