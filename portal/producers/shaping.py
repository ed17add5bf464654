"""The transformations of a draft: done on what was read, shown before they are published, kept with the dataset."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from datasets.disclosure.identifiers import find_identifiers
from datasets.errors import Phrase, StepRefused
from datasets.ingest import Ingested
from datasets.model import Schema
from datasets.publish import Release
from datasets.store.workshop import open_workshop
from datasets.transforms.registry import TRANSFORMATIONS
from portal.extensions import Portal
from portal.producers.risk import ALIKE
from portal.producers.tables import DraftRow
from portal.releasing import make_rows, number_rows
from portal.sources.recipes import Recipe, read_kept, read_recipe

SUPPRESSED = 0.05
"""Share of the records that may be left out so that the others are told more finely."""
PLACES = ("geo_point_2d", "geo_shape")
LEVELS: Mapping[str, str] = {"date": "dates", "int": "intervals 5 10 20", "double": "intervals 5 10 20"}
"""How a key variable is told more coarsely, by the type of its field; anything else is told or not at all."""


def find_draft_recipe(portal: Portal, draft: DraftRow) -> Recipe:
    """Return the recipe that a draft publishes with: its own steps, the Table Schema of its dataset."""
    _steps, table_schema = read_kept(portal, draft.dataset_id)
    return read_recipe(draft.steps, table_schema or None)


def shape(portal: Portal, draft: DraftRow, found: Ingested) -> Ingested:
    """Return what was read of a draft once its transformations are done; identifiers are sought in what they made.

    Raises StepRefused when one does not fit.
    """
    recipe = find_draft_recipe(portal, draft)
    if recipe == Recipe():
        return found
    asked = Release(draft.dataset_id, {}, found.schema, found.table)
    with open_workshop(portal.store, portal.engine) as workshop:
        schema, table = make_rows(portal, workshop, recipe, asked, found.report, number_rows(found.raw))
    known = {column.name for column in found.columns}
    made = [finding for finding in find_identifiers(table, schema) if finding.column not in known]
    findings = replace(found.findings, findings=(*found.findings.findings, *made))
    return replace(found, schema=schema, table=table, findings=findings)


def propose_coarser(risk: Mapping[str, Any], schema: Schema) -> dict[str, Any]:
    """Return the step that makes each record look like ALIKE - 1 others, as plain values."""
    types = {field.name: field.type for field in schema}
    keys = {name: LEVELS.get(types[name], "whole") for name in risk["keys"] if name in types}
    kept = [field.name for field in schema if field.name not in keys and field.type not in PLACES]
    step: dict[str, Any] = {"step": "anonymise", "k": ALIKE, "keys": keys, "suppression": SUPPRESSED}
    return {**step, "sensitive": kept} if kept else step


def read_step(form: Mapping[str, str]) -> dict[str, Any]:
    """Return the step that a form describes (the fields `step` and `option-NAME`), as plain values.

    Lists are written with commas, pairs as `a = b`. Raises StepRefused for a number that is none.
    """
    name = form.get("step", "")
    options = TRANSFORMATIONS[name].options if name in TRANSFORMATIONS else ()
    texts = [(option, form.get(f"option-{option.name}", "")) for option in options]
    values = {option.name: _read_option(name, option.kind, text) for option, text in texts if text.strip()}
    return {"step": name, **values}


def _read_option(step: str, kind: str, text: str) -> Any:
    parts = [part.strip() for part in text.split(",") if part.strip()]
    try:
        match kind:
            case "fields" | "names":
                return parts
            case "map":
                return {left.strip(): right.strip() for left, _equals, right in (part.partition("=") for part in parts)}
            case "count":
                return int(text)
            case "share":
                return float(text.replace(",", "."))
    except ValueError as error:
        reason = Phrase(f"{text!r} is not a number.", f"{text!r} n’est pas un nombre.")
        raise StepRefused(place=1, step=step, reason=reason) from error
    return text


def say_step(plain: Mapping[str, Any]) -> str:
    """Return the options of a step in one line: what it does it on."""
    return ", ".join(f"{name} : {_say(value)}" for name, value in plain.items() if name != "step")


def _say(value: Any) -> str:
    if isinstance(value, Mapping):
        return ", ".join(f"{left} = {right}" for left, right in value.items())
    if isinstance(value, Sequence) and not isinstance(value, str):
        return ", ".join(map(str, value))
    return value if isinstance(value, str) else json.dumps(value)
