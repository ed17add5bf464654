"""The functions of the language, one row each: read by the parser, the checks, the compiler and docs/odsql.md."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from datasets.odsql import geography, moments, ranges, searching, totals

if TYPE_CHECKING:
    from datasets.odsql.checks import Checker
    from datasets.odsql.nodes import Apply, Call, Node
    from datasets.odsql.sql import Writer

MACROS = (
    # A geometry, or null where its coordinates have no end: projections do not reach everywhere.
    "CREATE MACRO finite(g) AS CASE WHEN isfinite(ST_XMin(g)) AND isfinite(ST_XMax(g)) "
    "AND isfinite(ST_YMin(g)) AND isfinite(ST_YMax(g)) THEN g END",
    # A text without capitals or accents, and its words.
    "CREATE MACRO folded(t) AS strip_accents(lower(t))",
    r"CREATE MACRO words(t) AS list_filter(string_split_regex(folded(t), '[^\p{L}\p{N}]+'), "
    r"lambda w: w <> '')",
    # Whether a text is JSON: the engine's own opinion also takes NaN and Infinity, which are looked for out of strings.
    r"""CREATE MACRO is_json(t) AS json_valid(t)
    AND NOT regexp_matches(regexp_replace(t, '"(\\.|[^"\\])*"', '', 'g'), '(?i)nan|inf')""",
    # A text as JSON, on one line, or as a string of JSON when it is none.
    "CREATE MACRO as_json(t) AS CAST(CASE WHEN is_json(t) THEN json(t) ELSE to_json(t) END AS VARCHAR)",
    # A local time as ISO 8601 text with the offset of its zone.
    "CREATE MACRO zone_offset(t, zone) AS date_diff('minute', timezone('UTC', timezone(zone, t)), t)",
    "CREATE MACRO iso_instant(t, zone) AS strftime(t, '%Y-%m-%dT%H:%M:%S.%g') || CASE zone_offset(t, zone) "
    "WHEN 0 THEN 'Z' ELSE printf('%s%02d:%02d', CASE WHEN zone_offset(t, zone) < 0 THEN '-' ELSE '+' END, "
    "abs(zone_offset(t, zone)) // 60, abs(zone_offset(t, zone)) % 60) END",
)

SELECT, WHERE, GROUP, ORDER = "select", "where", "group_by", "order_by"
ANYWHERE = frozenset({SELECT, WHERE, GROUP, ORDER})
ROWS = frozenset({SELECT, WHERE, ORDER})
TOTALS = frozenset({SELECT, ORDER})
FILTER = frozenset({WHERE})
GROUPS = frozenset({GROUP, SELECT, ORDER})


@dataclass(frozen=True)
class Function:
    """A function: `arguments` are families (a final "?" may be left out, "*" repeats), `result` a public type.

    Result "same" is the type of the first argument, "mean" is double, or datetime when that is a moment,
    "condition" is true or false. `sql` holds {0}, {1}… in the
    place of arguments. `local` functions see datetimes in the zone asked. Functions whose arguments or SQL do not
    fit a row bring their own `check` and `write`; a group key may differ from its text, which `show` writes.
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
    show: "Callable[[Writer, Apply, str], str] | None" = None


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
        Function(
            "count",
            ("column?",),
            "int",
            TOTALS,
            help="Records, or values that are not null.",
            aggregate=True,
            write=totals.write_count,
        ),
        Function("sum", ("number",), "same", TOTALS, "sum({0})", "Sum.", True),
        Function("avg", ("measure",), "mean", TOTALS, "avg({0})", "Mean.", True),
        Function("min", ("measure",), "same", TOTALS, "min({0})", "Least value.", True),
        Function("max", ("measure",), "same", TOTALS, "max({0})", "Greatest value.", True),
        Function("median", ("measure",), "mean", TOTALS, "median({0})", "Middle value.", True),
        Function(
            "percentile",
            ("measure", "percent"),
            "mean",
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
        *(
            Function(name, ("text",), "double", clauses, help="Not served here: see search().", check=searching.refuse)
            for name, clauses in (("vector_similarity", frozenset({ORDER})), ("vector_similarity_threshold", FILTER))
        ),
        Function("facet", ("name", "option*"), "facet", frozenset({"facet"}), help="A facet and how to show it."),
        Function(
            "now",
            ("part*",),
            "datetime",
            ROWS,
            help="The present instant, moved.",
            check=moments.check_now,
            write=moments.write_now,
        ),
        Function(
            "date_format",
            ("moment", "pattern"),
            "text",
            ANYWHERE,
            help="A date written by a pattern.",
            check=moments.check_format,
            write=moments.write_format,
        ),
        Function(
            "range",
            ("measure", "bound*"),
            "text",
            GROUPS,
            help="The interval that a value falls in.",
            check=ranges.check_range,
            write=ranges.write_range,
            show=ranges.show_range,
        ),
        Function(
            "random",
            ("number",),
            "int",
            frozenset({ORDER}),
            "(hash(concat({0}, file_row_number)) >> 1)",
            "A shuffle that a seed repeats.",
        ),
        Function(
            "json_format",
            ("text", "text?"),
            "json_blob",
            frozenset({SELECT}),
            help="A text as JSON: itself, else the second, else a string.",
            write=totals.write_json,
        ),
        *(
            Function(
                name,
                ("geo", "geometry"),
                "condition",
                FILTER,
                help=text,
                check=geography.check_relation,
                write=geography.write_relation,
            )
            for name, text in (
                ("intersects", "The place touches the geometry."),
                ("disjoint", "The place does not touch the geometry."),
                ("within", "The place is inside the geometry."),
                ("geometry", "As intersects, or as the relation named last (old form)."),
                ("polygon", "As within (old form)."),
            )
        ),
        Function(
            "in_bbox",
            ("geo", "number", "number", "number", "number"),
            "condition",
            FILTER,
            help="The place is in the box lat1, lon1, lat2, lon2.",
            check=geography.check_box,
            write=geography.write_box,
        ),
        Function(
            "within_distance",
            ("geo", "point", "distance"),
            "condition",
            FILTER,
            help="The place is at most so far from the point.",
            check=geography.check_distance,
            write=geography.write_distance,
        ),
        Function(
            "distance",
            ("geo", "point", "distance?"),
            "double",
            ROWS,
            help="Metres to the point; in where, with a distance, as within_distance (old form).",
            check=geography.check_distance,
            write=geography.write_distance,
        ),
        Function(
            "envelope",
            ("geo",),
            "geo_shape",
            TOTALS,
            help="Convex hull of the places.",
            aggregate=True,
            check=geography.check_hull,
            write=geography.write_envelope,
        ),
        Function(
            "bbox",
            ("geo",),
            "geo_shape",
            TOTALS,
            help="Box around the places.",
            aggregate=True,
            check=geography.check_hull,
            write=geography.write_bbox,
        ),
        Function(
            "geo_cluster",
            ("geo", "number", "number?"),
            "geo_point_2d",
            GROUPS,
            help="Points near each other on a map at this zoom; the row gives their middle.",
            check=geography.check_cluster,
            write=geography.write_cluster,
            show=geography.show_cluster,
        ),
        Function("include", ("pattern",), "fields", frozenset({SELECT}), help="Fields of this name or beginning."),
        Function("exclude", ("pattern",), "fields", frozenset({SELECT}), help="All fields but these."),
    )
}
