"""Table Schema, the descriptor of Frictionless: given with a dataset and checked, or made from one.

Only what the specification says of fields is read: name, type, format, title, description, constraints; and of the
table, primaryKey. Constraints are checked on every row by the engine; what breaks them goes to the report.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any

import pyarrow as pa

from datasets.errors import BrokenDescriptor, Phrase, QueryError
from datasets.ingest.naming import name_fields
from datasets.ingest.report import Problem, Report
from datasets.model import Field, Schema, text_in
from datasets.odsql.sql import identifier
from datasets.store.workshop import Workshop

PROFILE = "https://specs.frictionlessdata.io/schemas/table-schema.json"

TO_COLUMN: Mapping[str, str] = {
    "string": "text",
    "integer": "integer",
    "number": "decimal",
    "boolean": "boolean",
    "date": "date",
    "datetime": "datetime",
    "year": "year",
    "yearmonth": "month",
    "geopoint": "geo_point",
    "geojson": "geo_shape",
    "time": "text",
    "duration": "text",
    "object": "text",
    "array": "text",
    "any": "",
}
"""For each type of Table Schema, the type of column that it declares; empty: let it be understood."""

STRING_FORMATS: Mapping[str, str] = {"email": "email", "uri": "url"}

FROM_PUBLIC: Mapping[str, str] = {
    "text": "string",
    "int": "integer",
    "double": "number",
    "boolean": "boolean",
    "date": "date",
    "datetime": "datetime",
    "geo_point_2d": "geopoint",
    "geo_shape": "geojson",
    "file": "string",
    "json_blob": "object",
}
"""For each public type, the type of Table Schema that tells it."""

PRECISIONS: Mapping[str, str] = {"year": "year", "month": "yearmonth"}

LENGTH = "length(CAST({column} AS VARCHAR))"


@dataclass(frozen=True)
class Constraint:
    """A constraint: the condition that a row which breaks it meets, the reason told, and what its value must be.

    In `broken`, `{column}` is the field, `{type}` the type of its limits and `$2` the value of the constraint, bound
    as a text when `text` is set.
    """

    broken: str
    reason: str
    takes: tuple[type, ...]
    text: bool = False


CONSTRAINTS: Mapping[str, Constraint] = {
    "required": Constraint("$2 AND {column} IS NULL", "not_required", (bool,)),
    "unique": Constraint(
        "$2 AND {column} IN (SELECT {column} FROM read_parquet($1) GROUP BY {column} HAVING count(*) > 1)",
        "not_unique",
        (bool,),
    ),
    "minimum": Constraint("{column} < CAST($2 AS {type})", "out_of_bounds", (int, float, str), text=True),
    "maximum": Constraint("{column} > CAST($2 AS {type})", "out_of_bounds", (int, float, str), text=True),
    "minLength": Constraint(LENGTH + " < $2", "out_of_bounds", (int,)),
    "maxLength": Constraint(LENGTH + " > $2", "out_of_bounds", (int,)),
    "pattern": Constraint("NOT regexp_full_match(CAST({column} AS VARCHAR), $2)", "not_of_pattern", (str,)),
    "enum": Constraint("NOT list_contains($2, CAST({column} AS VARCHAR))", "not_in_list", (list,), text=True),
}
"""The constraints of Table Schema by their names."""

COMPARED: Mapping[str, str] = {
    "int": "DECIMAL(38, 9)",
    "double": "DOUBLE",
    "date": "DATE",
    "datetime": "TIMESTAMP WITH TIME ZONE",
}
"""The types that have a least and a greatest value, and how a limit is written for them."""


@dataclass(frozen=True)
class DescribedField:
    """A field of a descriptor: `column` is the name that it has in a dataset, `type` the column type it declares."""

    name: str
    column: str
    type: str
    title: str
    constraints: Mapping[str, Any] = field(default_factory=lambda: MappingProxyType({}))


@dataclass(frozen=True)
class Descriptor:
    """A Table Schema that was read: its fields, and the names of those that tell one row from another."""

    fields: tuple[DescribedField, ...]
    key: tuple[str, ...] = ()


def read_descriptor(plain: Any) -> Descriptor:
    """Return the descriptor that plain values tell. Raises BrokenDescriptor, saying where and what was expected."""
    fields = plain.get("fields") if isinstance(plain, Mapping) else None
    if not isinstance(fields, list) or not fields:
        raise _refuse("fields", plain, Phrase("a list of fields", "une liste de champs"))
    names = [one.get("name") if isinstance(one, Mapping) else None for one in fields]
    for place, name in enumerate(names):
        if not isinstance(name, str) or not name.strip() or names.count(name) > 1:
            raise _refuse(f"fields[{place}].name", name, Phrase("a name of its own", "un nom qui lui est propre"))
    columns = name_fields([str(name) for name in names])
    read = tuple(
        _read_field(place, one, column) for place, (one, column) in enumerate(zip(fields, columns, strict=True))
    )
    key = plain.get("primaryKey", [])
    key = [key] if isinstance(key, str) else key
    if not isinstance(key, list) or not all(name in names for name in key):
        raise _refuse("primaryKey", key, Phrase("names of fields", "des noms de champs"))
    return Descriptor(read, tuple(columns[names.index(name)] for name in key))


def _read_field(place: int, plain: Mapping[str, Any], column: str) -> DescribedField:
    kind, where = plain.get("type", "string"), f"fields[{place}]"
    if kind not in TO_COLUMN:
        raise _refuse(f"{where}.type", kind, Phrase(", ".join(TO_COLUMN), ", ".join(TO_COLUMN)))
    constraints = plain.get("constraints", {})
    if not isinstance(constraints, Mapping):
        raise _refuse(f"{where}.constraints", constraints, Phrase("pairs", "des couples"))
    for name, value in constraints.items():
        known = CONSTRAINTS.get(name)
        if known is None:
            raise _refuse(f"{where}.constraints", name, Phrase(", ".join(CONSTRAINTS), ", ".join(CONSTRAINTS)))
        if not isinstance(value, known.takes) or (isinstance(value, bool) and bool not in known.takes):
            expected = " / ".join(one.__name__ for one in known.takes)
            raise _refuse(f"{where}.constraints.{name}", value, Phrase(expected, expected))
    declared = STRING_FORMATS.get(plain.get("format", ""), "text") if kind == "string" else TO_COLUMN[kind]
    title = plain.get("title")
    return DescribedField(str(plain["name"]), column, declared, title if isinstance(title, str) else "", constraints)


def _refuse(where: str, found: Any, expected: Phrase) -> BrokenDescriptor:
    return BrokenDescriptor(where=where, found=repr(found)[:80], expected=expected)


def describe_table(schema: Schema, lang: str = "fr") -> dict[str, Any]:
    """Return the Table Schema of a dataset, its titles in `lang`, as plain values ready for JSON."""
    described: dict[str, Any] = {"$schema": PROFILE, "fields": [_describe(one, lang) for one in schema]}
    if key := [one.name for one in schema if one.annotations.get("id")]:
        described["primaryKey"] = key
    return {**described, "missingValues": [""]}


def _describe(one: Field, lang: str) -> dict[str, Any]:
    kind = PRECISIONS.get(str(one.annotations.get("timeserie_precision")), FROM_PUBLIC[one.type])
    told: dict[str, Any] = {"name": one.name, "type": "array" if one.multivalued else kind}
    if kind == "geopoint":
        told["format"] = "object"
    for name, texts in (("title", one.label), ("description", one.description)):
        if text := text_in(texts, lang):
            told[name] = text
    if one.values:
        told["categories"] = [{"value": code, "label": text_in(said, lang)} for code, said in one.values.items()]
    return told


def check_rows(
    descriptor: Descriptor, schema: Schema, path: str, rank: str, workshop: Workshop, report: Report
) -> None:
    """Tell in the report each value of a file of the workshop that breaks a constraint, with its row and its column.

    `rank` is the column of the file that holds the number of each row. A field that is not there is told on row 1.
    Raises BrokenDescriptor for a limit that cannot be compared, or a pattern that cannot be read.
    """
    for one in descriptor.fields:
        known = schema.find_field(one.column)
        if known is None:
            report.add(Problem(1, one.column, "", "field_missing", one.name))
            continue
        for name, value in one.constraints.items():
            report.extend(_find_broken(name, value, known, path, rank, workshop))
    report.extend(_find_repeated(descriptor.key, schema, path, rank, workshop))


def _find_broken(name: str, value: Any, known: Field, path: str, rank: str, workshop: Workshop) -> Iterator[Problem]:
    constraint = CONSTRAINTS[name]
    if "{type}" in constraint.broken and (known.type not in COMPARED or known.multivalued):
        raise _refuse(f"{known.name}.{name}", known.type, Phrase("a number or a date", "un nombre ou une date"))
    column = identifier(known.name)
    broken = constraint.broken.format(column=column, type=COMPARED.get(known.type, "VARCHAR"))
    bound = [str(each) for each in value] if isinstance(value, list) else str(value) if constraint.text else value
    sql = (
        f"SELECT {identifier(rank)}, CAST({column} AS VARCHAR) FROM read_parquet($1) "
        f"WHERE {broken} ORDER BY {identifier(rank)}"
    )
    told = ", ".join(map(str, value)) if isinstance(value, list) else str(value)
    expected = "" if isinstance(value, bool) else f"{name}: {told}"
    try:
        yield from _tell(workshop.run(sql, (path, bound)), known.name, constraint.reason, expected)
    except QueryError as error:
        raise _refuse(f"{known.name}.{name}", value, Phrase(error.message("en"), error.message("fr"))) from error


def _find_repeated(key: Sequence[str], schema: Schema, path: str, rank: str, workshop: Workshop) -> Iterator[Problem]:
    """Yield the rows whose primary key is held by another row too."""
    names = [identifier(name) for name in key if schema.find_field(name)]
    if not names:
        return
    columns = ", ".join(names)
    shown = " || ' / ' || ".join(f"coalesce(CAST({name} AS VARCHAR), '')" for name in names)
    sql = (
        f"SELECT {identifier(rank)}, {shown} FROM read_parquet($1) "
        f"QUALIFY count(*) OVER (PARTITION BY {columns}) > 1 ORDER BY {identifier(rank)}"
    )
    yield from _tell(workshop.run(sql, (path,)), key[0], "not_unique", "")


def _tell(batches: Iterable[pa.RecordBatch], column: str, reason: str, expected: str) -> Iterator[Problem]:
    for batch in batches:
        for number, text in zip(batch.column(0).to_pylist(), batch.column(1).to_pylist(), strict=True):
            yield Problem(number, column, text or "", reason, expected)
