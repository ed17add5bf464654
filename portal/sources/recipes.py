"""What is replayed on each new file of a dataset: its transformations, and the Table Schema that it must respect."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import TYPE_CHECKING, Any

import pyarrow as pa
from sqlalchemy import delete
from sqlalchemy.orm import Session

from datasets.catalogue.catalogue import get_dataset
from datasets.errors import NotFound
from datasets.ingest import Choice
from datasets.ingest.report import Report
from datasets.model import Schema
from datasets.query import Source, source_of
from datasets.store.workshop import Workshop
from datasets.table_schema import Descriptor, check_rows, read_descriptor
from datasets.transforms.registry import TRANSFORMATIONS
from datasets.transforms.run import Pipeline, State
from datasets.transforms.steps import RANK, Resources, Step, read_steps
from portal.extensions import Portal
from portal.sources.tables import RecipeRow

if TYPE_CHECKING:  # the tools of frames, which take a while to load
    from datasets.programming.territories import Territories

COLUMN_TYPES: Mapping[str, str] = {
    "text": "text",
    "int": "integer",
    "double": "decimal",
    "boolean": "boolean",
    "date": "date",
    "datetime": "datetime",
    "geo_point_2d": "geo_point",
    "geo_shape": "geo_shape",
}
"""The type of column by which a new file gives the public type that a field has already."""

PRECISIONS: Mapping[str, str] = {"year": "year", "month": "month"}


@dataclass(frozen=True)
class Recipe:
    """The transformations of a dataset, in order, and the Table Schema that it must respect, if there is one."""

    steps: tuple[Step, ...] = ()
    descriptor: Descriptor | None = None


def find_recipe(session: Session, dataset_id: str) -> Recipe:
    """Return the recipe of a dataset; one that does nothing when it has none."""
    row = session.get(RecipeRow, dataset_id)
    return read_recipe(row.steps, row.table_schema) if row else Recipe()


def read_recipe(steps: Sequence[Any], table_schema: Any) -> Recipe:
    """Return a recipe from plain values. Raises StepRefused and BrokenDescriptor."""
    return Recipe(read_steps(steps, TRANSFORMATIONS), read_descriptor(table_schema) if table_schema else None)


def keep_recipe(portal: Portal, dataset_id: str, steps: Sequence[Any], table_schema: Any = None) -> None:
    """Keep what is to be replayed on each new file of a dataset. Raises StepRefused and BrokenDescriptor."""
    with portal.databases.session("catalogue") as session:
        write_recipe(session, dataset_id, steps, table_schema, at=portal.clock.now())


def write_recipe(
    session: Session, dataset_id: str, steps: Sequence[Any], table_schema: Any = None, *, at: datetime
) -> None:
    """Keep a recipe in a transaction that is open; one that does nothing is forgotten."""
    recipe = read_recipe(steps, table_schema)
    if recipe == Recipe():
        session.execute(delete(RecipeRow).where(RecipeRow.dataset_id == dataset_id))
        return
    session.merge(
        RecipeRow(
            dataset_id=dataset_id,
            steps=[step.to_dict() for step in recipe.steps],
            table_schema=table_schema or {},
            modified=at,
        )
    )


def read_kept(portal: Portal, dataset_id: str) -> tuple[list[dict[str, Any]], dict[str, Any]]:
    """Return the recipe of a dataset as plain values: its steps, and its Table Schema (empty: none)."""
    with portal.databases.session("catalogue") as session:
        row = session.get(RecipeRow, dataset_id)
    return (row.steps, row.table_schema) if row else ([], {})


def replay(
    portal: Portal,
    workshop: Workshop,
    recipe: Recipe,
    schema: Schema,
    table: pa.Table,
    report: Report,
    numbers: pa.Array | None = None,
) -> tuple[Pipeline, list[State]]:
    """Do a recipe on rows; return the pipeline and its states. What breaks the Table Schema goes to the report.

    `numbers` gives the row of each record in its file. Raises StepRefused and BrokenDescriptor.
    """
    resources = Resources(partial(find_source, portal), partial(read_territories, portal))
    pipeline = Pipeline(workshop, resources, report)
    states = pipeline.run(recipe.steps, schema, table, numbers)
    if recipe.descriptor:
        check_rows(recipe.descriptor, states[-1].schema, states[-1].path, RANK, workshop, report)
    return pipeline, states


def find_source(portal: Portal, dataset_id: str) -> Source:
    """Return a published dataset as something to join. Raises NotFound and Withdrawn."""
    with portal.databases.session("catalogue") as session:
        version = get_dataset(session, dataset_id).version
    if version is None:
        raise NotFound(kind="dataset", name=dataset_id)
    return source_of(version, portal.store)


def read_territories(portal: Portal) -> "Territories":
    """Return the territories of the instance."""
    from portal.programming import find_territories  # a second of imports that most files do not need

    return find_territories(portal)


def expect_types(recipe: Recipe, current: Schema | None) -> dict[str, Choice]:
    """Return the types that a new file is to be read with: those of its Table Schema, else those that are there.

    With transformations, the present fields are not those of the file: its types are understood anew.
    """
    declared: dict[str, str] = {}
    if current is not None and not recipe.steps:
        declared = {
            field.name: PRECISIONS.get(str(field.annotations.get("timeserie_precision")), COLUMN_TYPES[field.type])
            for field in current
            if field.type in COLUMN_TYPES and not field.multivalued
        }
    if recipe.descriptor:
        declared |= {one.column: one.type for one in recipe.descriptor.fields if one.type}
    return {name: Choice(type=kind) for name, kind in declared.items()}
