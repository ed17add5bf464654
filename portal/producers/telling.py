"""What was understood of a file, line by line, for the command line; no identifier is shown."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from pathlib import Path

from datasets.disclosure.identifiers import ANSWERS, KINDS, Decision
from datasets.errors import InvalidParameter
from datasets.ingest import Ingested, read_file
from portal.producers.understanding import group_problems


def tell(found: Ingested) -> Iterable[str]:
    """Yield what was understood of a file, line by line, for the command line; no e-mail address is shown."""
    yield f"{found.report.kept} rows ({found.dialect.format}, {found.dialect.encoding})"
    for column in found.columns:
        note = "" if column.published else f"  NOT PUBLISHED: {column.identifying or 'left out'}"
        note = note or (f"  to be confirmed: {column.identifying}" if column.identifying else "")
        yield f"  {column.name:<40.40} {column.type:<14} {column.reason['en']}{note}"
    yield from tell_findings(found)
    for group in group_problems(found.report):
        cases = ", ".join(
            f"row {row}: {'•••' if '@' in value else repr(value[:40])}" for row, value, _ in group["cases"][:3]
        )
        yield f"  {group['severity']} ×{group['count']} {group['column']}: {group['message']['en']} {cases}"


def examine(file: Path) -> Iterable[str]:
    """Yield what a file tells of persons, line by line; nothing is kept. Raises IngestError."""
    found = read_file(file)
    yield f"{found.report.kept} rows, {len(found.columns)} columns, {len(found.findings)} findings"
    yield from tell_findings(found)
    for columns in found.findings.composites:
        yield f"  Together, these name somebody: {', '.join(columns)}"
    if found.findings.directory:
        yield f"  Looks like a directory of organisations, by: {', '.join(found.findings.directory)}"


def tell_findings(found: Ingested) -> Iterable[str]:
    """Yield the identifiers of persons that were found, line by line, masked."""
    for finding in found.findings:
        state = "  to be answered" if found.findings.stops(finding) else ""
        examples = ", ".join(finding.examples)
        yield (
            f"  {finding.column:<40.40} {KINDS[finding.kind].label['en']}: {finding.count} cells ({finding.place}), "
            f"confidence {finding.confidence:.0%}, e.g. {examples}{state}"
        )


def answer_columns(found: Ingested, answers: Mapping[str, str], at: datetime) -> list[Decision]:
    """Return decisions from the answers of an operator, by column. Raises InvalidParameter for an unknown one."""
    for column, reason in answers.items():
        if reason not in ANSWERS or column not in {finding.column for finding in found.findings}:
            expected = f"a column with identifiers, and one of {', '.join(ANSWERS)}"
            raise InvalidParameter(name="declare", found=repr(f"{column}={reason}"), expected=expected)
    return [
        Decision(finding.kind, finding.column, "operator", answers[finding.column], at)
        for finding in found.findings
        if finding.column in answers
    ]
