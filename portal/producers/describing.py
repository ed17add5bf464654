"""What a producer writes becomes the description of a dataset, and what was understood becomes plain values."""

import html
import re
from collections.abc import Iterable, Mapping
from typing import Any

from datasets.errors import InvalidParameter
from datasets.ingest import Choice, Ingested
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


def provenance(file_name: str, sha256: str, found: Ingested) -> dict[str, Any]:
    """Return where the rows of a version come from, and what was decided about columns that tell of persons."""
    return {
        "source": "file",
        "file": file_name,
        "sha256": sha256,
        "kept_back": [column.name for column in found.columns if column.identifying and not column.published],
        "confirmed": [column.name for column in found.columns if column.identifying and column.published],
        "left_out": [column.name for column in found.columns if not column.identifying and not column.published],
    }


def summarise(found: Ingested) -> dict[str, Any]:
    """Return what was understood of a file as plain values, ready to be kept and shown."""
    return {
        "kind": found.dialect.kind,
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
    yield f"{found.report.kept} rows ({found.dialect.kind}, {found.dialect.encoding})"
    for column in found.columns:
        note = "" if column.published else f"  NOT PUBLISHED: {column.identifying or 'left out'}"
        note = note or (f"  to be confirmed: {column.identifying}" if column.identifying else "")
        yield f"  {column.name:<40.40} {column.type:<14} {column.reason['en']}{note}"
    for group in group_problems(found.report):
        cases = ", ".join(
            f"row {row}: {'•••' if '@' in value else repr(value[:40])}" for row, value, _ in group["cases"][:3]
        )
        yield f"  {group['severity']} ×{group['count']} {group['column']}: {group['message']['en']} {cases}"
