"""Doing the steps in order: each is one SELECT over a file, whose rows become the next file. Memory stays bounded."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import pyarrow as pa

from datasets.errors import Phrase, PortalError, StepProblem, StepRefused, StoreError
from datasets.ingest.report import Report
from datasets.model import Schema
from datasets.odsql.sql import identifier
from datasets.store.versions import ROW_GROUP
from datasets.store.workshop import Workshop, gather
from datasets.transforms.registry import TRANSFORMATIONS
from datasets.transforms.steps import FILE, RANK, Resources, Stage, Step, Task
from datasets.types.public import arrow_schema

TITLES = 1
"""The row of the titles, above the first one."""


@dataclass(frozen=True)
class State:
    """Rows between two steps: their fields, the file that holds them, how many they are; `step` made them."""

    step: Step | None
    schema: Schema
    path: str
    rows: int


class Pipeline:
    """Steps done on one set of rows, in a workshop; problems of values go to the report, with their row in the file."""

    def __init__(self, workshop: Workshop, resources: Resources, report: Report) -> None:
        self._workshop, self._resources, self._report = workshop, resources, report

    def run(
        self, steps: Sequence[Step], schema: Schema, table: pa.Table, numbers: pa.Array | None = None
    ) -> list[State]:
        """Return the state of the rows before the first step and after each one.

        `numbers` gives the row of each record in its file; records follow the titles when it is not given.
        Raises StepRefused.
        """
        if numbers is None:
            numbers = pa.array(range(TITLES + 1, table.num_rows + TITLES + 1), pa.int64())
        shape = with_rank(schema)
        path = self._workshop.keep(table.select(schema.names).add_column(0, RANK, numbers), shape)
        states = [State(None, schema, path, table.num_rows)]
        for place, step in enumerate(steps, start=1):
            try:
                states.append(self._do(step, states[-1]))
            except StoreError:
                raise
            except PortalError as error:
                said = Phrase(error.message("en").partition("\n")[0], error.message("fr").partition("\n")[0])
                raise StepRefused(place=place, step=step.name, reason=said) from error
        return states

    def read(self, state: State, limit: int | None = None) -> Iterator[pa.RecordBatch]:
        """Yield the rows of a state under the names of its fields; the first `limit` only when one is given."""
        columns = ", ".join(map(identifier, state.schema.names))
        page = "" if limit is None else f" LIMIT {limit:d}"
        yield from self._workshop.run(f"SELECT {columns} FROM {FILE} ORDER BY {identifier(RANK)}{page}", [state.path])

    def preview(self, states: Sequence[State], limit: int) -> list[list[dict[str, Any]]]:
        """Return the first rows of each state, as plain values."""
        return [[row for batch in self.read(state, limit) for row in batch.to_pylist()] for state in states]

    def _do(self, step: Step, before: State) -> State:
        task = Task(before.schema, step.options, self._workshop, self._resources)
        stage = TRANSFORMATIONS[step.name].plan(task)
        check_names(stage.schema)
        rows = self._count(path := self._workshop.keep(self._rows(stage, before.path), with_rank(stage.schema)))
        return State(step, stage.schema, path, rows)

    def _rows(self, stage: Stage, path: str) -> Iterator[pa.RecordBatch]:
        """Yield the rows of a stage, a row group at a time unless it needs all of them at once."""
        answer = self._workshop.run(stage.sql, (path, *stage.params))
        if stage.gather:
            yield from stage.gather(answer.read_all(), self._report).to_batches(ROW_GROUP)
        elif stage.convert:
            for group in gather(answer, answer.schema):
                yield from stage.convert(group, self._report).to_batches()
        else:
            yield from answer

    def _count(self, path: str) -> int:
        return int(self._workshop.run(f"SELECT count(*) FROM {FILE}", [path]).read_all().column(0)[0].as_py())


def with_rank(schema: Schema) -> pa.Schema:
    """Return the Arrow schema of rows on their way: their rank first."""
    return pa.schema([pa.field(RANK, pa.int64()), *arrow_schema(schema)])


def check_names(schema: Schema) -> None:
    """Raise StepProblem when a step leaves no field, or two that SQL could not tell apart."""
    names = [name.lower() for name in schema.names]
    if not names:
        raise StepProblem(reason=Phrase("no field is left.", "il ne reste aucun champ."))
    for name in names:
        if names.count(name) > 1:
            raise StepProblem(reason=Phrase(f"two fields are called {name}.", f"deux champs s’appellent {name}."))
