"""Rows that were read become a version: they are made what the dataset asks, then they come to the others."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

import numpy as np
import pyarrow as pa
from sqlalchemy.orm import Session

from datasets.catalogue.catalogue import find_dataset
from datasets.errors import Phrase, RowsRefused
from datasets.history.updates import update_rows
from datasets.ingest import Choice
from datasets.ingest.raw import RawTable
from datasets.ingest.report import REASONS, Report
from datasets.model import Schema, Version
from datasets.publish import Release, describe, publish
from datasets.query import source_of
from datasets.store.workshop import Workshop, open_workshop
from datasets.types.public import arrow_schema
from portal.extensions import Portal
from portal.sources.recipes import Recipe, expect_types, find_recipe, replay

Beside = Callable[[Session, Sequence[Version]], None]
"""Writes in the transaction that publishes."""


@dataclass(frozen=True)
class Released:
    """What a publication gave: the version that is current, and whether it is a `new` one."""

    version: Version
    new: bool


STRICT = ("correct", "merge")
"""The updates by which a value that cannot be read would erase one that is there: all must be right."""


def publish_rows(
    portal: Portal,
    release: Release,
    *,
    update: str = "replace",
    key: Sequence[str] = (),
    report: Report | None = None,
    numbers: pa.Array | None = None,
    strict: bool = False,
    recipe: Recipe | None = None,
    beside: Beside = lambda session, versions: None,
) -> Released:
    """Publish the rows of `release` (a table) as they come to those of its dataset, and return their version.

    Rows that are those of the current version make no new one, unless other answers were given of persons: only the
    description may change.

    First the recipe of the dataset (or the `recipe` that replaces it) is done on them; problems of values go to the
    `report`, with the row of the file that `numbers` gives for each record. `update` is one of
    `datasets.history.updates.UPDATES`, `key` the fields that tell one row from another. `strict` stops at any refused
    value, as do the updates STRICT; `beside` writes in the transaction that publishes, and is given the new version, if
    there is one.
    Raises IngestError when something does not fit, Conflict when another publication came first: nothing has changed.
    """
    report = report if report is not None else Report()
    with portal.databases.session("catalogue") as session:
        known = find_dataset(session, release.dataset_id)
        recipe = recipe or find_recipe(session, release.dataset_id)
    current = known.version if known else None
    with open_workshop(portal.store, portal.engine) as workshop:
        schema, table = make_rows(portal, workshop, recipe, release, report, numbers)
        if strict or update in STRICT:
            refuse_problems(report)
        source = source_of(current, portal.store) if current else None
        updated = update_rows(update, workshop, source, schema, table, key)
        told = {"update": update, "key": list(key), "corrected": updated.corrected, "added": updated.added}
        ready = replace(
            release,
            schema=updated.schema,
            rows=updated.rows,
            provenance={
                **release.provenance,
                **({"steps": [step.to_dict() for step in recipe.steps]} if recipe.steps else {}),
                **({} if update == "replace" else told),
            },
            based_on=None if update == "replace" else current.version_id if current else "",
        )
        return _release(portal, ready, current if updated.same else None, beside)


def _release(portal: Portal, ready: Release, same: Version | None, beside: Beside) -> Released:
    """Publish a release, or describe its dataset anew when its rows are those of the `same` version."""
    at, catalogue = portal.clock.now(), partial(portal.databases.session, "catalogue")
    if same is not None and read_answers(same.provenance) == read_answers(ready.provenance):
        describe(catalogue, portal.store, replace(ready, based_on=same.version_id), at=at, beside=beside)
        return Released(same, new=False)
    (version,) = publish(catalogue, portal.store, [ready], at=at, beside=beside)
    return Released(version, new=True)


def read_answers(provenance: Mapping[str, Any]) -> set[tuple[str, str, str]]:
    """Return what was answered of persons when a version was published: kinds, columns and reasons."""
    return {(one["kind"], one["column"], one["reason"]) for one in provenance.get("decisions", ())}


def refuse_problems(report: Report) -> None:
    """Raise RowsRefused, with the first one, when values or rows were refused."""
    count = sum(n for (_, reason), n in report.counts.items() if REASONS[reason].severity == "refused")
    if count:
        first = next(one for one in report.problems if REASONS[one.reason].severity == "refused")
        said = Phrase(*(f"{first.column} {first.value!r} – {first.message(lang).rstrip('.')}" for lang in ("en", "fr")))
        raise RowsRefused(count=count, row=first.row, found=said, report=report)


def number_rows(raw: RawTable) -> pa.Array:
    """Return the row of the file where each record of a raw table starts."""
    if raw.numbers is None:
        return pa.array(np.arange(raw.first_row, raw.first_row + raw.table.num_rows), pa.int64())
    return raw.numbers


def expect_columns(portal: Portal, dataset_id: str, update: str) -> dict[str, Choice]:
    """Return the types with which a new file of a dataset is to be read, so that its rows fit those that are there."""
    with portal.databases.session("catalogue") as session:
        known, recipe = find_dataset(session, dataset_id), find_recipe(session, dataset_id)
    current = known.version.schema if known and known.version and update != "replace" else None
    return expect_types(recipe, current)


def make_rows(
    portal: Portal, workshop: Workshop, recipe: Recipe, release: Release, report: Report, numbers: pa.Array | None
) -> tuple[Schema, pa.Table]:
    """Return the rows of a release once its recipe is done; the same when there is none."""
    rows = release.rows
    if not isinstance(rows, pa.Table):
        raise TypeError("the rows of an update are a table")
    if recipe == Recipe():
        return release.schema, rows
    pipeline, states = replay(portal, workshop, recipe, release.schema, rows, report, numbers)
    last = states[-1]
    return last.schema, pa.Table.from_batches(list(pipeline.read(last)), arrow_schema(last.schema))
