"""The functions of the language, one row each: read by the parser, the checks, the compiler and docs/odsql.md."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from datasets.odsql import searching

if TYPE_CHECKING:
    from datasets.odsql.checks import Checker
    from datasets.odsql.nodes import Apply, Call, Node
    from datasets.odsql.sql import Writer

MACROS = (
    # The words of a text, folded: the same rule for what is stored and for what is asked.
    r"CREATE MACRO words(t) AS list_filter(string_split_regex(lower(strip_accents(t)), '[^\p{L}\p{N}]+'), "
    r"lambda w: w <> '')",
)

SELECT, WHERE, GROUP, ORDER = "select", "where", "group_by", "order_by"
ANYWHERE = frozenset({SELECT, WHERE, GROUP, ORDER})
ROWS = frozenset({SELECT, WHERE, ORDER})
TOTALS = frozenset({SELECT, ORDER})
FILTER = frozenset({WHERE})


@dataclass(frozen=True)
class Function:
    """A function: `arguments` are families (a final "?" may be left out, "*" repeats), `result` a public type.

    Result "same" is the type of the first argument, "condition" is true or false. `sql` holds {0}, {1}… in the
    place of arguments. `local` functions see datetimes in the zone asked. Functions whose arguments or SQL do not
    fit a row bring their own `check` and `write`.
    """

    name: str
    arguments: tuple[str, ...]
    result: str
    clauses: frozenset[str]
    sql: str = ""
    help: str = ""
    aggregate: bool = False
    local: bool = False
    check: "Callable[[Checker, Function, Call], Node] | None" = None
    write: "Callable[[Writer, Apply], str] | None" = None


BARE = ""
"""The function without a name: a text alone in a where clause."""

FUNCTIONS: dict[str, Function] = {
    row.name: row
    for row in (
        Function("length", ("text",), "int", ROWS, "length({0})", "Number of characters."),
        Function("lower", ("text",), "text", ANYWHERE, "lower({0})", "In small letters."),
        Function("upper", ("text",), "text", ANYWHERE, "upper({0})", "In capitals."),
        Function(
            "ifnull", ("any", "same"), "same", ANYWHERE, "coalesce({0}, {1})", "The second when the first is null."
        ),
        Function("year", ("moment",), "int", ANYWHERE, "year({0})", "Year.", local=True),
        Function("quarter", ("moment",), "int", ANYWHERE, "quarter({0})", "Quarter, 1 to 4.", local=True),
        Function("month", ("moment",), "int", ANYWHERE, "month({0})", "Month, 1 to 12.", local=True),
        Function("day", ("moment",), "int", ANYWHERE, "day({0})", "Day of the month.", local=True),
        Function("dayofweek", ("moment",), "int", ANYWHERE, "isodow({0}) - 1", "Weekday, Monday is 0.", local=True),
        Function("hour", ("moment",), "int", ANYWHERE, "hour({0})", "Hour, 0 to 23.", local=True),
        Function("minute", ("moment",), "int", ANYWHERE, "minute({0})", "Minute.", local=True),
        Function("second", ("moment",), "int", ANYWHERE, "second({0})", "Second.", local=True),
        Function("millisecond", ("moment",), "int", ANYWHERE, "millisecond({0}) % 1000", "Millisecond.", local=True),
        Function("count", ("column?",), "int", TOTALS, "count({0})", "Records, or values that are not null.", True),
        Function("sum", ("number",), "same", TOTALS, "sum({0})", "Sum.", True),
        Function("avg", ("number",), "double", TOTALS, "avg({0})", "Mean.", True),
        Function("min", ("measure",), "same", TOTALS, "min({0})", "Least value.", True),
        Function("max", ("measure",), "same", TOTALS, "max({0})", "Greatest value.", True),
        Function("median", ("number",), "double", TOTALS, "median({0})", "Middle value.", True),
        Function(
            "percentile",
            ("number", "percent"),
            "double",
            TOTALS,
            "quantile_cont({0}, {1} / 100.0)",
            "Value under which p % lie.",
            True,
        ),
        Function("stddev", ("number",), "double", TOTALS, "stddev_samp({0})", "Standard deviation (sample).", True),
        Function("variance", ("number",), "double", TOTALS, "var_samp({0})", "Variance (sample).", True),
        *(
            Function(
                name, ("field*", "text"), "condition", FILTER, help=text, check=searching.check_search, write=write
            )
            for name, text, write in (
                (BARE, "Every word is somewhere in the record.", searching.write_bare),
                (
                    "search",
                    "Every word is there, but for a letter or two; the last may be cut.",
                    searching.write_search,
                ),
                ("suggest", "Every word is there; the last may be cut.", searching.write_suggest),
                ("startswith", "A value begins with the text, capitals counting.", searching.write_startswith),
            )
        ),
        Function("facet", ("name", "option*"), "facet", frozenset({"facet"}), help="A facet and how to show it."),
        Function("include", ("pattern",), "fields", frozenset({SELECT}), help="Fields of this name or beginning."),
        Function("exclude", ("pattern",), "fields", frozenset({SELECT}), help="All fields but these."),
    )
}
