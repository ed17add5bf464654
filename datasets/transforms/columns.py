"""Steps that change columns: keep, rename, type, split. Each row stays a row."""

from dataclasses import replace
from types import MappingProxyType

import pyarrow as pa
import pyarrow.compute as pc

from datasets.errors import Phrase, StepProblem
from datasets.ingest.absence import is_missing
from datasets.ingest.load import parse_column
from datasets.ingest.naming import name_fields
from datasets.ingest.report import Problem, Report
from datasets.model import Field, Schema
from datasets.odsql.sql import identifier
from datasets.transforms.steps import FILE, RANK, Stage, Task, write_columns
from datasets.types import get_type
from datasets.types.column import ColumnType

PLAIN = ("text", "int", "double", "boolean", "date", "datetime")


def keep(task: Task) -> Stage:
    """Keep these fields, in this order."""
    schema = Schema(tuple(task.schema.get_field(name) for name in task.options["fields"]))
    return Stage(schema, f"SELECT {write_columns(schema)} FROM {FILE}")


def rename(task: Task) -> Stage:
    """Give a field another name, made as those of a file are, and perhaps another title."""
    field = task.schema.get_field(task.options["field"])
    (name,) = name_fields([task.options["to"]])
    renamed = replace(field, name=name, label={"fr": task.options["label"]} if "label" in task.options else field.label)
    schema = Schema(tuple(renamed if one == field else one for one in task.schema))
    return Stage(schema, f"SELECT {write_columns(schema, {name: identifier(field.name)})} FROM {FILE}")


def change_type(task: Task) -> Stage:
    """Read the values of a field again, as texts of another type; what is not of it is told and left empty."""
    field, kind = task.schema.get_field(task.options["field"]), get_type(task.options["type"])
    if field.type not in PLAIN or field.multivalued:
        reason = f"{field.name} ({field.type})"
        raise StepProblem(
            reason=Phrase(f"the type of {reason} cannot be changed.", f"le type de {reason} ne se change pas.")
        )
    kept = {name: value for name, value in field.annotations.items() if name not in ("unit", "timeserie_precision")}
    retyped = replace(field, type=kind.public, annotations={**kept, **kind.annotations})
    schema = Schema(tuple(retyped if one == field else one for one in task.schema))
    text = f"CAST({identifier(field.name)} AS VARCHAR)"
    sql = f"SELECT {write_columns(task.schema, {field.name: text})} FROM {FILE}"
    return Stage(schema, sql, convert=lambda rows, report: parse_field(rows, field.name, kind, report))


def parse_field(rows: pa.Table, name: str, kind: ColumnType, report: Report) -> pa.Table:
    """Return rows whose texts of one field became values; texts without a value are told, each with its row."""
    texts = rows.column(name)
    values = parse_column(texts.fill_null(""), kind)
    lost = pc.indices_nonzero(pc.and_(pc.is_null(values), texts.is_valid()))
    cells = texts.take(lost)
    numbers = rows.column(RANK).take(lost).to_pylist()
    for number, text, missing in zip(numbers, cells.to_pylist(), is_missing(cells).to_pylist(), strict=True):
        if text.strip():
            report.add(Problem(number, name, text, "missing_mark" if missing else "not_of_type"))
    return rows.set_column(rows.column_names.index(name), name, values)


def split(task: Task) -> Stage:
    """Cut the texts of a field at a mark: into several fields (the last one takes the rest), or into a list."""
    field, mark = task.schema.get_field(task.options["field"]), task.options["separator"]
    if field.type != "text" or field.multivalued:
        raise StepProblem(reason=Phrase(f"{field.name} is not a text.", f"{field.name} n’est pas un texte."))
    parts = f"string_split({identifier(field.name)}, $2)"
    if "into" not in task.options:
        listed = replace(field, annotations={**field.annotations, "multivalued": mark})
        schema = Schema(tuple(listed if one == field else one for one in task.schema))
        each = f"list_filter(list_transform({parts}, lambda x: trim(x)), lambda x: x <> '')"
        return Stage(schema, f"SELECT {write_columns(schema, {field.name: each})} FROM {FILE}", (mark,))
    others = [name for name in task.schema.names if name != field.name]
    names = name_fields([*others, *task.options["into"]])[len(others) :]
    titles = zip(names, task.options["into"], strict=True)
    made = tuple(Field(name, "text", {"fr": title}, MappingProxyType({})) for name, title in titles)
    place = task.schema.names.index(field.name)
    schema = Schema((*task.schema.fields[:place], *made, *task.schema.fields[place + 1 :]))
    cut = {name: f"nullif(trim({parts}[{rank:d}]), '')" for rank, name in enumerate(names[:-1], start=1)}
    cut[names[-1]] = f"nullif(trim(array_to_string({parts}[{len(names):d}:], $2)), '')"
    return Stage(schema, f"SELECT {write_columns(schema, cut)} FROM {FILE}", (mark,))
