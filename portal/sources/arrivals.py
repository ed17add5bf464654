"""A file that came for a dataset by itself: the same checks as at the desk, with what its producer decided there."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from sqlalchemy.orm import Session

from datasets.catalogue.catalogue import find_dataset
from datasets.errors import SchemaMismatch
from datasets.history.changes import compare_schemas
from datasets.ingest import Choice, Ingested, read_file, read_fixes, read_options
from datasets.ingest.report import Report
from datasets.model import Schema, Version
from portal.extensions import Portal
from portal.producers import describing, understanding
from portal.producers.review import list_reasons, refuse_unreviewed
from portal.producers.service import find_published, release
from portal.producers.shaping import shape
from portal.producers.tables import DraftRow
from portal.releasing import Released, expect_columns
from portal.sources.recipes import read_kept
from portal.sources.tables import SourceRow


@dataclass(frozen=True)
class Arrival:
    """A file on this disk: its checksum, the name that messages give to it, and where it comes from."""

    path: Path
    sha256: str
    name: str
    origin: Mapping[str, str]


def publish_arrival(
    portal: Portal,
    source: SourceRow,
    arrival: Arrival,
    *,
    strict: bool = False,
    beside: Callable[[Session, Sequence[Version]], None] = lambda session, versions: None,
) -> tuple[Released, Ingested]:
    """Publish the rows of a file as its source says, and return what that gave and what was understood.

    `strict` stops at any refused value. Raises NotFound when the owner of the source has not published the dataset at
    the desk, IngestError when the file does not fit, DisclosureError when persons are told of and nobody has answered
    or an officer has not seen it, Conflict when another publication came first.
    """
    before = find_published(portal, source.dataset_id, source.owner)
    found = read_arrival(portal, source, before, arrival)
    refuse_persons(portal, source, before, found)
    found = replace(found, schema=understanding.put_words(found.schema, before.choices))
    decisions = understanding.read_decisions(before.choices)
    origin = describing.provenance(arrival.name, arrival.sha256, found, decisions) | dict(arrival.origin)
    made = release(
        portal,
        source.dataset_id,
        {},
        found,
        origin,
        update=source.update,
        key=source.key,
        strict=strict,
        beside=beside,
    )
    return made, found


def read_arrival(portal: Portal, source: SourceRow, before: DraftRow, arrival: Arrival) -> Ingested:
    """Return the rows of a file, read with the decisions of the desk: columns, types, answers, corrections by value."""
    chosen = understanding.read_choices(before.choices)
    expected = expect_columns(portal, source.dataset_id, source.update)
    declared = {name: merge_choice(expected.get(name), chosen.get(name)) for name in {**expected, **chosen}}
    fixes = read_fixes(fix for fix in before.fixes if not fix.get("row"))
    reading: dict[str, Any] = before.reading if source.kind == "address" else {}
    return read_file(arrival.path, declared, fixes=fixes, name=arrival.name, reading=read_options(reading))


def merge_choice(expected: Choice | None, chosen: Choice | None) -> Choice:
    """Return what was chosen at the desk of a column, of the type that its dataset expects unless one was chosen."""
    if chosen is None or expected is None:
        return chosen or expected or Choice()
    return replace(chosen, type=chosen.type or expected.type)


def refuse_persons(portal: Portal, source: SourceRow, before: DraftRow, found: Ingested) -> None:
    """Raise DisclosureError for identifiers that nobody answered for, or that an officer has not seen.

    What an officer accepted of the dataset holds for the same columns, never for records newly exposed.
    """
    steps, _table_schema = read_kept(portal, source.dataset_id)
    now = DraftRow(dataset_id=source.dataset_id, choices=before.choices, steps=steps, review={})
    shaped = shape(portal, now, replace(found, report=Report()))
    describing.refuse_identifiers(source.dataset_id, shaped, understanding.read_decisions(before.choices))
    refuse_breaking(portal, source, shaped.schema)
    now.understood = understanding.summarise(found, shaped)
    seen = {(reason["kind"], reason["column"]) for reason in list_reasons(before)}
    new = {(reason["kind"], reason["column"]) for reason in list_reasons(now)} - seen
    if not new and not now.understood.get("risk"):
        now.review = {"decision": "accepted"}
    refuse_unreviewed(now)


def refuse_breaking(portal: Portal, source: SourceRow, coming: Schema) -> None:
    """Raise SchemaMismatch when rows that replace all the others would break what people ask of the API."""
    with portal.databases.session("catalogue") as session:
        known = find_dataset(session, source.dataset_id)
    if source.update != "replace" or known is None or known.version is None:
        return
    changes = compare_schemas(known.version.schema, coming)
    broken = [change.field for change in changes if change.breaking and change.kind != "refaceted"]  # as counts go
    if broken:
        raise SchemaMismatch(found=", ".join(broken), expected=", ".join(known.version.schema.names))
