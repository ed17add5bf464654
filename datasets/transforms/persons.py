"""The step that makes records of persons alike: told at the finest levels at which each looks like k - 1 others."""

from collections.abc import Callable, Mapping

import pyarrow as pa

from datasets.disclosure import microdata
from datasets.disclosure.microdata import Hierarchy
from datasets.errors import Phrase, StepProblem
from datasets.ingest.report import Report
from datasets.model import Field, Schema
from datasets.transforms.steps import FILE, RANK, Stage, Task, write_columns
from datasets.types.public import arrow_schema

Numbers = tuple[float, ...]

HIERARCHIES: Mapping[str, Callable[[Numbers, Task], Hierarchy | None]] = {
    "as_is": lambda numbers, task: None,
    "whole": lambda numbers, task: microdata.whole(),
    "dates": lambda numbers, task: microdata.dates(),
    "intervals": lambda numbers, task: microdata.intervals(*numbers),
    "prefixes": lambda numbers, task: microdata.prefixes(*map(int, numbers)),
    "territory": lambda numbers, task: microdata.territory(list_places(task)),
}
"""The ways in which a key variable may be told more coarsely; intervals and prefixes take numbers: "intervals 5 10"."""


def anonymise(task: Task) -> Stage:
    """Tell key variables coarsely until each record is like k - 1 others; what is neither key nor sensitive goes."""
    keys = {task.schema.get_field(name).name: read_hierarchy(text, task) for name, text in task.options["keys"].items()}
    sensitive = [task.schema.get_field(name).name for name in task.options.get("sensitive", [])]
    criteria = microdata.Criteria(k=task.options["k"])
    kept = Schema(tuple(task.schema.get_field(name) for name in (*keys, *sensitive)))
    told = Schema(tuple(_told(field, keys) for field in kept))

    def gather(rows: pa.Table, report: Report) -> pa.Table:
        frame = rows.drop_columns([RANK]).to_pandas(date_as_object=False)
        found = microdata.generalise(
            frame, keys, criteria, sensitive, suppression=task.options.get("suppression", 0.0)
        ).frame
        for name in keys:
            found[name] = found[name].astype("str").where(found[name].notna(), None)
        table = pa.Table.from_pandas(found[list(told.names)], preserve_index=False).cast(arrow_schema(told))
        return table.add_column(0, RANK, pa.array(range(1, len(table) + 1), pa.int64()))

    return Stage(told, f"SELECT {write_columns(kept)} FROM {FILE}", gather=gather)


def read_hierarchy(text: str, task: Task) -> Hierarchy | None:
    """Return the hierarchy that a text names, with its numbers. Raises StepProblem for another text."""
    name, *numbers = text.replace(",", " ").split()
    try:
        return HIERARCHIES[name](tuple(map(float, numbers)), task)
    except (KeyError, ValueError):
        known = ", ".join(HIERARCHIES)
        raise StepProblem(
            reason=Phrase(f"{text} was found, one of {known} is expected.", f"{text} trouvé, attendu : {known}.")
        ) from None


def list_places(task: Task) -> dict[str, tuple[str | None, str, str]]:
    """Return the EPCI (None outside any), the département and the région of each commune."""
    communes = task.resources.find_territories().communes
    columns = (communes[name] for name in ("code", "code_epci", "code_departement", "code_region"))
    return {
        code: (epci if isinstance(epci, str) else None, departement, region)
        for code, epci, departement, region in zip(*columns, strict=True)
    }


def _told(field: Field, keys: Mapping[str, Hierarchy | None]) -> Field:
    return Field(field.name, "text", field.label, field.description) if field.name in keys else field
