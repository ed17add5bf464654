"""What a producer writes becomes the description of a dataset, and what was understood becomes plain values."""

import html
import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

from datasets.disclosure.identifiers import ANSWERS, KINDS, Decision, Finding
from datasets.errors import DisclosureError, InvalidParameter, Phrase
from datasets.ingest import Choice, Ingested, read_file
from datasets.ingest.naming import slug
from datasets.ingest.report import REASONS, Problem, Report

IDENTIFIER = re.compile(r"[a-z0-9][a-z0-9_-]{1,98}[a-z0-9]")
RESERVED = ("catalogue",)
SHOWN = 5


def check_identifier(dataset_id: str) -> str:
    """Return `dataset_id` if it can name a dataset; raise InvalidParameter otherwise."""
    if not IDENTIFIER.fullmatch(dataset_id) or dataset_id in RESERVED:
        raise InvalidParameter(name="id", found=repr(dataset_id), expected="3 to 100 of a-z, 0-9, hyphen, underscore")
    return dataset_id


def propose_identifier(title: str) -> str:
    """Return an identifier made from a title: words joined by hyphens."""
    return (slug(title).replace("_", "-")[:80].strip("-") or "donnees").ljust(3, "0")


def propose_title(file_name: str) -> str:
    """Return a title made from the name of a file."""
    stem = file_name.rpartition(".")[0] or file_name
    words = re.sub(r"[_\s]+", " ", stem).strip()
    return words[:1].upper() + words[1:]


def describe(description: Mapping[str, str]) -> dict[str, Any]:
    """Return the metadata that a producer wrote (plain texts, in French); what is empty is left out."""
    paragraphs = re.split(r"\n\s*\n", description.get("description", "").replace("\r\n", "\n").strip())
    written = "".join(f"<p>{html.escape(text).replace(chr(10), '<br>')}</p>" for text in paragraphs if text)
    keywords = [word.strip() for word in description.get("keywords", "").split(",") if word.strip()]
    told: dict[str, Any] = {
        "title": {"fr": description["title"]} if description.get("title") else None,
        "description": {"fr": written} if written else None,
        "keyword": keywords,
        "licence": description.get("licence"),
    }
    return {name: value for name, value in told.items() if value}


def provenance(file_name: str, sha256: str, found: Ingested, decisions: Sequence[Decision] = ()) -> dict[str, Any]:
    """Return where the rows of a version come from, and what was decided about columns that tell of persons."""
    told = {(finding.kind, finding.column) for finding in found.findings}
    return {
        "source": "file",
        "file": file_name,
        "sha256": sha256,
        "kept_back": [column.name for column in found.columns if column.identifying and not column.published],
        "confirmed": [column.name for column in found.columns if column.identifying and column.published],
        "left_out": [column.name for column in found.columns if not column.identifying and not column.published],
        "decisions": [one.to_dict() for one in decisions if (one.kind, one.column) in told],
    }


def read_decisions(choices: Mapping[str, Choice]) -> list[Decision]:
    """Return what was answered of the identifiers of persons, from the choices of a producer."""
    return [
        Decision(kind, column, answer["declared_by"], answer["reason"], datetime.fromisoformat(answer["at"]))
        for column, choice in choices.items()
        for kind, answer in choice.answers.items()
    ]


def refuse_identifiers(dataset_id: str, found: Ingested, decisions: Sequence[Decision]) -> None:
    """Raise DisclosureError when columns about to be published name persons and nobody has answered for them."""
    stopping = found.findings.blocking(decisions, columns=found.schema.names)
    if stopping:
        raise DisclosureError(table=dataset_id, reason=name_findings(stopping))


def name_findings(stopping: Sequence[Finding]) -> Phrase:
    """Return which columns stop a publication, in words: kinds and columns, no value."""
    said = {
        lang: ", ".join(f"{finding.column} ({KINDS[finding.kind].label[lang]})" for finding in stopping)
        for lang in ("en", "fr")
    }
    return Phrase(
        f"some columns tell of persons and need an answer: {said['en']}. Leave them out, or say whose these are.",
        f"des colonnes désignent des personnes et demandent une réponse : {said['fr']}. Retirez-les, ou dites de qui "
        "il s’agit.",
    )


def summarise(found: Ingested) -> dict[str, Any]:
    """Return what was understood of a file as plain values, ready to be kept and shown."""
    return {
        "kind": found.dialect.format,
        "encoding": found.dialect.encoding,
        "delimiter": found.dialect.delimiter,
        "received": found.report.received,
        "kept": found.report.kept,
        "columns": [
            {
                "name": column.name,
                "label": column.label or column.name,
                "type": column.type,
                "reason": dict(column.reason),
                "against": [list(pair) for pair in column.against],
                "examples": list(column.examples),
                "values": column.values,
                "identifying": column.identifying,
                "published": column.published,
                "computed": column.computed,
            }
            for column in found.columns
        ],
        "problems": group_problems(found.report),
        "findings": [{**finding.to_dict(), "stops": found.findings.stops(finding)} for finding in found.findings],
        "directory": list(found.findings.directory),
        "composites": [list(columns) for columns in found.findings.composites],
    }


def group_problems(report: Report) -> list[dict[str, Any]]:
    """Return the problems by column and reason, each with its exact count and first cases; refusals come first."""
    first: dict[tuple[str, str], list[Problem]] = {}
    for problem in report.problems:
        cases = first.setdefault((problem.column, problem.reason), [])
        if len(cases) < SHOWN:
            cases.append(problem)
    severity = ("refused", "changed", "noticed")
    groups = [
        {
            "column": column,
            "severity": REASONS[reason].severity,
            "message": dict(REASONS[reason].text),
            "count": count,
            "cases": [[case.row, case.value[:120], case.suggestion] for case in first.get((column, reason), ())],
        }
        for (column, reason), count in report.counts.items()
    ]
    return sorted(groups, key=lambda group: severity.index(group["severity"]))


def read_choices(kept: Mapping[str, Any]) -> dict[str, Choice]:
    """Return the choices of a producer from the plain values that a draft keeps."""
    return {name: Choice(**choice) for name, choice in kept.items()}


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
