"""Steps that choose or gather rows: filter and aggregate, in the words of the query language."""

from datasets.ingest.naming import name_fields
from datasets.model import Field, Schema
from datasets.odsql.sql import identifier
from datasets.odsql.statements import writer_for
from datasets.query import Query, Source, compile_query, parse_conditions
from datasets.transforms.steps import FILE, RANK, Stage, Task, write_columns


def keep_rows(task: Task) -> Stage:
    """Keep the rows that a condition of the query language keeps."""
    nodes = parse_conditions(Query(where=(task.options["where"],)), Source(task.schema, ""))
    writer = writer_for(task.schema)
    conditions = " AND ".join(map(writer.write, nodes)) or "true"
    return Stage(
        task.schema, f"SELECT {write_columns(task.schema)} FROM {FILE} WHERE {conditions}", tuple(writer.params)
    )


def aggregate(task: Task) -> Stage:
    """Gather rows by the groups of the query language, each with what `select` computes of it."""
    query = Query(select=task.options["select"], group_by=task.options.get("group_by", ""), limit=None)
    compiled = compile_query(query, Source(task.schema, ""), "wkb")
    names = name_fields(compiled.schema.names)
    fields = tuple(
        Field(name, field.type, field.label or {"fr": field.name}, field.description, field.annotations)
        for name, field in zip(names, compiled.schema, strict=True)
    )
    renamed = ", ".join([identifier(RANK), *map(identifier, names)])
    sql = f"SELECT row_number() OVER (), * FROM ({compiled.sql}) AS gathered"
    return Stage(Schema(fields), f"SELECT * FROM ({sql}) AS numbered({renamed})", compiled.params)
