"""Steps that bring values from elsewhere: join with another dataset or the territories, geocode by commune code."""

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from datasets.errors import Phrase, StepProblem, UnknownField
from datasets.history.differences import check_unique
from datasets.ingest.naming import name_fields
from datasets.ingest.report import Problem, Report
from datasets.model import Field, Schema
from datasets.odsql.sql import identifier
from datasets.query import Source
from datasets.transforms.steps import FILE, RANK, Stage, Task, write_columns
from datasets.types.public import PUBLIC_TYPES, arrow_schema

if TYPE_CHECKING:  # the tools of frames, which take a while to load
    import pandas as pd

    from datasets.programming.territories import Territories

TERRITORIES = "territoires:"
"""What stands before a level of the territories where the name of a dataset is expected."""

POINT = "geo_point_2d"
MATCHED = "#matched"


def join(task: Task) -> Stage:
    """Add fields of another dataset to the rows that have the same key; a row without a match is told."""
    other = find_other(task)
    pairs = [
        (task.schema.get_field(ours), other.schema.get_field(theirs)) for ours, theirs in task.options["on"].items()
    ]
    for ours, theirs in pairs:
        if PUBLIC_TYPES[ours.type].family != PUBLIC_TYPES[theirs.type].family or ours.multivalued or theirs.multivalued:
            raise StepProblem(
                reason=Phrase(
                    f"{ours.name} ({ours.type}) and {theirs.name} ({theirs.type}) cannot be compared.",
                    f"{ours.name} ({ours.type}) et {theirs.name} ({theirs.type}) ne se comparent pas.",
                )
            )
    check_unique(task.workshop, other.path, [theirs.name for _, theirs in pairs])
    added = [other.schema.get_field(name) for name in task.options["fields"]]
    names = name_fields([*task.schema.names, *(field.name for field in added)])[len(task.schema) :]
    came = tuple(
        replace(field, name=name, annotations=_without_id(field)) for field, name in zip(added, names, strict=True)
    )
    brought = ", ".join(f"o.{identifier(f.name)} AS {identifier(n)}" for f, n in zip(added, names, strict=True))
    kept = ", ".join(f"t.{identifier(name)}" for name in (RANK, *task.schema.names))
    same = " AND ".join(f"t.{identifier(ours.name)} = o.{identifier(theirs.name)}" for ours, theirs in pairs)
    first = identifier(pairs[0][1].name)
    sql = (
        f"SELECT {kept}, {brought}, o.{first} IS NOT NULL AS {identifier(MATCHED)} FROM {FILE} AS t "
        f"LEFT JOIN read_parquet($2) AS o ON {same} ORDER BY t.{identifier(RANK)}"
    )
    return Stage(
        Schema((*task.schema.fields, *came)),
        sql,
        (other.path,),
        convert=lambda rows, report: tell_unmatched(rows, [ours.name for ours, _ in pairs], report),
    )


def find_other(task: Task) -> Source:
    """Return what a join asks: a published dataset, or a level of the territories kept in the workshop."""
    from datasets.programming.territories import LEVELS

    name = task.options["dataset"]
    if not name.startswith(TERRITORIES):
        return task.resources.find_source(name)
    level = name.removeprefix(TERRITORIES)
    if level not in LEVELS:
        levels = ", ".join(TERRITORIES + one for one in LEVELS)
        raise StepProblem(reason=Phrase(f"one of {levels} is expected.", f"attendu : {levels}."))
    frame = task.resources.find_territories().frame(level)
    types = {"population": "int", "lat": "double", "lon": "double"}
    schema = Schema(tuple(Field(column, types.get(column, "text")) for column in frame.columns))
    shape = arrow_schema(schema)
    table = pa.Table.from_pandas(frame, preserve_index=False).cast(shape)
    return Source(schema, task.workshop.keep(table, shape))


def tell_unmatched(rows: pa.Table, names: Sequence[str], report: Report) -> pa.Table:
    """Return the rows without what tells that they found a match; those that did not are told."""
    alone = rows.filter(pc.invert(rows.column(MATCHED)))
    for row in alone.select([RANK, *names]).to_pylist():
        number, *key = row.values()
        if None not in key:
            report.add(Problem(number, names[0], " / ".join(map(str, key)), "no_match"))
    return rows.drop_columns([MATCHED])


def geocode(task: Task) -> Stage:
    """Add the point of the commune whose code a field holds, and other facts of it; codes are repaired as elsewhere."""
    field = task.schema.get_field(task.options["field"])
    if field.type != "text" or field.multivalued:
        raise StepProblem(reason=Phrase(f"{field.name} is not a text.", f"{field.name} n’est pas un texte."))
    facts = task.options.get("add", [])
    territories = task.resources.find_territories()
    known = locate_communes(territories)
    for fact in facts:
        if fact not in known.columns:
            hint = f" ({', '.join(known.columns.drop(['lon', 'lat']))})"
            raise UnknownField(name=fact, hint=hint, clause="add")
    names = name_fields([*task.schema.names, POINT, *facts])[len(task.schema) :]
    types = {"population": "int"}
    added = (Field(names[0], POINT), *(Field(n, types.get(f, "text")) for n, f in zip(names[1:], facts, strict=True)))
    schema = Schema((*task.schema.fields, *added))

    def place(rows: pa.Table, report: Report) -> pa.Table:
        return place_rows(rows, field.name, schema.fields[len(task.schema) :], facts, territories, known, report)

    return Stage(schema, f"SELECT {write_columns(task.schema)} FROM {FILE}", convert=place)


def locate_communes(territories: "Territories") -> "pd.DataFrame":
    """Return the communes by code: nom, code_epci, code_departement, code_region, population, lon, lat.

    Raises StepProblem when nothing tells where communes are.
    """
    points = territories.centroids("commune")
    if not points["lon"].notna().any():
        raise StepProblem(
            reason=Phrase(
                "the positions of communes are not known here: an operator loads them by `portal territories load`.",
                "les positions des communes ne sont pas connues ici : un opérateur les charge par "
                "`portal territories load`.",
            )
        )
    return territories.communes.set_index("code").drop(columns=["lat", "lon"]).join(points)


def place_rows(
    rows: pa.Table,
    name: str,
    added: Sequence[Field],
    facts: Sequence[str],
    territories: "Territories",
    known: "pd.DataFrame",
    report: Report,
) -> pa.Table:
    """Return rows with the point and the facts of the commune of each; a code that has none is told."""
    encoded = rows.column(name).combine_chunks().dictionary_encode()
    codes = encoded.dictionary.to_pandas().astype("str")
    found = known.reindex(territories.place(codes)["code_commune"].to_numpy())
    lost = pa.array(found["population"].isna().to_numpy()).take(encoded.indices).fill_null(False)
    for record in pc.indices_nonzero(lost).to_pylist():
        text = rows.column(name)[record].as_py()
        report.add(Problem(rows.column(RANK)[record].as_py(), name, text, "unknown_commune"))
    values: list[pa.Array] = [make_points(found["lon"].to_numpy(), found["lat"].to_numpy())]
    values += [
        pa.Array.from_pandas(found[fact], type=PUBLIC_TYPES[one.type].arrow)
        for fact, one in zip(facts, added[1:], strict=True)
    ]
    for field, distinct in zip(added, values, strict=True):
        rows = rows.append_column(field.name, distinct.take(encoded.indices))
    return rows


def make_points(lon: np.ndarray, lat: np.ndarray) -> pa.StructArray:
    """Return points; null where a coordinate is missing."""
    missing = pa.array(np.isnan(lon) | np.isnan(lat))
    kind = PUBLIC_TYPES[POINT].arrow
    return pa.StructArray.from_arrays([pa.array(lon), pa.array(lat)], fields=list(kind), mask=missing)


def _without_id(field: Field) -> dict[str, object]:
    return {name: value for name, value in field.annotations.items() if name != "id"}
