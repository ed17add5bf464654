"""What was found in a table, what stops its publication, and what somebody answered."""

from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from datasets.disclosure.identifiers.kinds import (
    ALWAYS,
    ANSWERS,
    KINDS,
    NAMES,
    NEVER,
    UNLESS_DIRECTORY,
    WITH_PERSONS,
    Kind,
)
from datasets.errors import Phrase

CELLS, INSIDE = "cells", "inside"
"""Where an identifier stands: it is the whole cell, or a part of a longer text."""


@dataclass(frozen=True)
class Finding:
    """Identifiers of one kind in one column.

    `share` is the share of the cells that are not empty and hold one (0 to 1), `count` their number; `confidence` is
    0 to 1; `examples` are masked; `rows` are the ranks (from 1) of the first records concerned.
    """

    kind: str
    column: str
    place: str
    count: int
    share: float
    confidence: float
    reasons: tuple[Phrase, ...] = ()
    examples: tuple[str, ...] = ()
    rows: tuple[int, ...] = ()
    spared: bool = False

    @property
    def row(self) -> Kind:
        """The row of KINDS."""
        return KINDS[self.kind]

    def to_dict(self) -> dict[str, Any]:
        """Return the finding as plain values, ready for JSON; no value of the table can be read from it."""
        reasons = [{"fr": reason.fr, "en": str(reason)} for reason in self.reasons]
        return {**asdict(self), "reasons": reasons, "examples": list(self.examples), "rows": list(self.rows)}


@dataclass(frozen=True)
class Decision:
    """What was answered of a finding: `reason` is a key of ANSWERS, `declared_by` a role, `at` the instant.

    It holds no personal value: it is written in the provenance of the version.
    """

    kind: str
    column: str
    declared_by: str
    reason: str
    at: datetime

    @property
    def lifts(self) -> bool:
        """Whether this answer is one that lifts a block of this kind."""
        return self.reason in ANSWERS and self.reason in KINDS[self.kind].answers

    def to_dict(self) -> dict[str, str]:
        """Return the decision as plain values, ready for JSON."""
        return {**asdict(self), "at": self.at.isoformat()}


@dataclass(frozen=True)
class Findings:
    """All that was found in a table.

    `directory` names the columns by which it looks like a directory of organisations; `persons` those by which it
    tells of persons; `composites` the sets of columns that, together, name somebody.
    """

    findings: tuple[Finding, ...] = ()
    directory: tuple[str, ...] = ()
    persons: tuple[str, ...] = ()
    composites: tuple[tuple[str, ...], ...] = ()

    def __iter__(self) -> Iterator[Finding]:
        return iter(self.findings)

    def __len__(self) -> int:
        return len(self.findings)

    def stops(self, finding: Finding) -> bool:
        """Return whether a finding stops a publication until somebody answers for it."""
        if finding.spared or (finding.place == INSIDE and finding.kind in NAMES):
            return False
        persons = any(column != finding.column for column in self.persons)
        rule = finding.row.blocks
        return {
            ALWAYS: True,
            WITH_PERSONS: persons,
            UNLESS_DIRECTORY: persons or not self.directory,
            NEVER: False,
        }[rule]

    def blocking(self, decisions: Iterable[Decision] = (), *, columns: Iterable[str] | None = None) -> list[Finding]:
        """Return what must stop a publication, given what was answered.

        `columns` are those about to be published: one that was to be removed and is among them still stops it.
        """
        kept = None if columns is None else set(columns)
        answered = {
            (decision.kind, decision.column)
            for decision in decisions
            if decision.lifts and (kept is None or decision.reason != "removed")
        }
        return [
            finding
            for finding in self.findings
            if self.stops(finding)
            and (finding.kind, finding.column) not in answered
            and (kept is None or finding.column in kept)
        ]
