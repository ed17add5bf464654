"""A checked tree becomes SQL text and bound parameters. No value is ever written in the text; names are the schema's.

Conditions are two-valued: a comparison with null is not true, and NOT is its plain complement.
"""

from collections.abc import Callable, Sequence
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from datasets.odsql import nodes
from datasets.odsql.geography import WGS84, write_geometry
from datasets.odsql.kinds import multivalued
from datasets.odsql.nodes import Node
from datasets.odsql.periods import Period, parse_period
from datasets.odsql.searching import write_alike, write_like

OPERATORS = {":": "="}
FLIPPED = {"<": ">", "<=": ">=", ">": "<", ">=": "<="}


class Writer:
    """Writes expressions and gathers their parameters; $1 is the file that is read, or the name of its indexed copy.

    `gathered` are the fields whose words the indexed copy gathers in its vocabulary; None for the file itself.
    """

    def __init__(
        self,
        zone: str = "UTC",
        lang: str = "fr",
        mark: str = "#",
        epsg: int = WGS84,
        gathered: tuple[str, ...] | None = None,
    ) -> None:
        self.zone = zone
        self.lang = lang
        self.epsg = epsg
        self.mark = mark
        self.element = f'"{mark}e"'
        self.identity = f'"{mark}id"'
        self.gathered = gathered
        self.keys: tuple[tuple[Node, str], ...] = ()
        self.params: list[Any] = []

    @property
    def indexed(self) -> bool:
        """Whether the indexed copy is read."""
        return self.gathered is not None

    @property
    def source(self) -> str:
        """What is read."""
        return "query_table($1 || '.rows')" if self.indexed else "read_parquet($1)"

    @property
    def vocabulary(self) -> str:
        """The words of an indexed copy, each with the places of the records that have it."""
        return "query_table($1 || '.words')"

    def gathers(self, fields: Sequence[Node]) -> bool:
        """Return whether that vocabulary has every word of some fields."""
        return bool(fields) and all(
            isinstance(field, nodes.Column) and field.field.name in (self.gathered or ()) for field in fields
        )

    @property
    def zone_info(self) -> ZoneInfo:
        """The zone in which local times are told."""
        return ZoneInfo(self.zone)

    def bind(self, value: Any) -> str:
        """Keep a value as a parameter; return the placeholder that stands for it."""
        self.params.append(value)
        return f"${len(self.params) + 1}"

    def write(self, node: Node) -> str:
        """Return the SQL of a checked node."""
        for key, name in self.keys:
            if key == node:
                return name
        return WRITERS[type(node)](self, node)

    def column(self, node: nodes.Column) -> str:
        """Write a field."""
        return identifier(node.field.name)

    def literal(self, node: nodes.Literal) -> str:
        """Write a literal: a parameter."""
        return self.bind(node.value)

    def moment(self, node: nodes.Date) -> str:
        """Write a date that stands alone: its first instant."""
        return self.bind(period_of(node).bounds("date", self.zone)[0])

    def negative(self, node: nodes.Negative) -> str:
        """Write the opposite of a number."""
        return f"(- {self.write(node.operand)})"

    def arithmetic(self, node: nodes.Arithmetic) -> str:
        """Write an operation; dividing by zero gives null."""
        left, right = self.write(node.left), self.write(node.right)
        return f"({left} / nullif({right}, 0))" if node.operator == "/" else f"({left} {node.operator} {right})"

    def logic(self, node: nodes.Logic) -> str:
        """Write AND and OR."""
        return "(" + f" {node.operator.upper()} ".join(map(self.write, node.parts)) + ")"

    def complement(self, node: nodes.Not) -> str:
        """Write NOT: what is not true, null included."""
        if isinstance(node.operand, nodes.Is) and node.operand.what == "null":
            return f"(NOT {self.write(node.operand)})"
        return f"({self.write(node.operand)} IS NOT TRUE)"

    def compare(self, node: nodes.Compare) -> str:
        """Write a comparison; a date on either side stands for its period, a list for any of its elements."""
        left, right, operator = node.left, node.right, OPERATORS.get(node.operator, node.operator)
        if multivalued(right) or (isinstance(left, nodes.Date) and not isinstance(right, nodes.Date)):
            left, right, operator = right, left, FLIPPED.get(operator, operator)
        if operator == "=" and multivalued(left) and left.type == right.type and not isinstance(right, nodes.Date):
            return f"list_contains({self.write(left)}, {self.write(right)})"
        test = self.on_elements(left, operator == "!=", lambda value: self.comparison(value, left, operator, right))
        if operator == "like" and isinstance(right, nodes.Literal):
            return write_like(self, left, test, str(right.value))
        return test

    def comparison(self, value: str, left: Node, operator: str, right: Node) -> str:
        """Write the comparison of one value, written `value`, of the node `left`."""
        if isinstance(right, nodes.Date) and not isinstance(left, nodes.Date):
            start, end = period_of(right).bounds(left.type, self.zone)
            return self.in_period(value, operator, start, end)
        if operator == "like" and isinstance(right, nodes.Literal):
            return write_alike(self, value, str(right.value))
        if operator == "like":
            return f"list_has_all(words({value}), words({self.write(right)}))"
        if {left.type, right.type} == {"date", "datetime"}:
            return f"({self.local(left, value)} {operator} {self.local(right)})"
        return f"({value} {operator} {self.write(right)})"

    def in_period(self, value: str, operator: str, start: date | datetime, end: date | datetime) -> str:
        """Write how a moment stands to a period."""
        if operator == "=":
            return f"({value} >= {self.bind(start)} AND {value} < {self.bind(end)})"
        if operator == "!=":
            return f"({value} < {self.bind(start)} OR {value} >= {self.bind(end)})"
        sign, edge = {"<": ("<", start), "<=": ("<", end), ">": (">=", end), ">=": (">=", start)}[operator]
        return f"({value} {sign} {self.bind(edge)})"

    def local(self, node: Node, written: str = "") -> str:
        """Write a moment as the local time of the zone asked."""
        written = written or self.write(node)
        return f"timezone({self.bind(self.zone)}, {written})" if node.type == "datetime" else written

    def on_elements(self, node: Node, every: bool, test: Callable[[str], str]) -> str:
        """Write a test of a value; of a list, some element must pass it, or each one of at least one."""
        if not multivalued(node):
            return test(self.write(node))
        column = self.write(node)
        passing = f"len(list_filter({column}, lambda {self.element}: {test(self.element)}))"
        return f"({passing} = len({column}) AND len({column}) > 0)" if every else f"({passing} > 0)"

    def among(self, node: nodes.In) -> str:
        """Write a list: equal to one of its values."""
        dates = any(isinstance(value, nodes.Date) for value in node.values)
        plain = not dates and {node.operand.type} >= {value.type for value in node.values} - {"int", "double"}

        def test(value: str) -> str:
            if plain:
                return f"({value} IN ({', '.join(map(self.write, node.values))}))"
            return "(" + " OR ".join(self.comparison(value, node.operand, "=", each) for each in node.values) + ")"

        return self.on_elements(node.operand, False, test)

    def has(self, node: nodes.Has) -> str:
        """Write that a field holds a value."""
        return self.on_elements(
            node.operand, False, lambda value: self.comparison(value, node.operand, "=", node.value)
        )

    def within(self, node: nodes.Within) -> str:
        """Write a range; an open bound asks nothing but a value."""
        low, high = ">=" if node.with_low else ">", "<=" if node.with_high else "<"

        def test(value: str) -> str:
            tests = [
                self.comparison(value, node.operand, sign, bound)
                for sign, bound in ((low, node.low), (high, node.high))
                if not isinstance(bound, nodes.Star)
            ]
            return "(" + (" AND ".join(tests) or f"{value} IS NOT NULL") + ")"

        return self.on_elements(node.operand, False, test)

    def is_(self, node: nodes.Is) -> str:
        """Write IS NULL, IS TRUE, IS FALSE; an empty list counts as null."""
        if multivalued(node.operand):
            return f"(coalesce(len({self.write(node.operand)}), 0) = 0)"
        return f"({self.write(node.operand)} IS {node.what.upper()})"

    def apply(self, node: nodes.Apply) -> str:
        """Write a function, from its template or by its own writer."""
        if node.function.write:
            return node.function.write(self, node)
        written = [self.local(each) if node.function.local else self.write(each) for each in node.arguments]
        return node.function.sql.format(*written)

    def star(self, node: nodes.Star) -> str:
        """Write the asterisk of count(*)."""
        return "*"


WRITERS: dict[type[Node], Callable[[Writer, Any], str]] = {
    nodes.Column: Writer.column,
    nodes.Literal: Writer.literal,
    nodes.Date: Writer.moment,
    nodes.Negative: Writer.negative,
    nodes.Arithmetic: Writer.arithmetic,
    nodes.Logic: Writer.logic,
    nodes.Not: Writer.complement,
    nodes.Compare: Writer.compare,
    nodes.In: Writer.among,
    nodes.Has: Writer.has,
    nodes.Within: Writer.within,
    nodes.Is: Writer.is_,
    nodes.Apply: Writer.apply,
    nodes.Star: Writer.star,
    nodes.Geometry: write_geometry,
}


def identifier(name: str) -> str:
    """Return a name of the schema as SQL writes it."""
    return '"' + name.replace('"', '""') + '"'


def period_of(node: nodes.Date) -> Period:
    """Return the period of a checked date."""
    period = parse_period(node.text)
    assert period is not None  # noqa: S101 - checks refused any other
    return period
