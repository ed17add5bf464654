"""What was understood of a file becomes plain values that a draft keeps, and what its producer decided is read back."""

from collections.abc import Mapping
from dataclasses import asdict, replace
from datetime import datetime
from typing import Any

from datasets.disclosure.identifiers import Decision
from datasets.ingest import Choice, Ingested
from datasets.ingest.report import REASONS, Problem, Report
from datasets.model import Field, Schema, text_in
from datasets.types import TYPES
from portal.producers.preview import make_preview
from portal.producers.risk import measure_risk

SHOWN = 5
SEVERITIES = ("refused", "changed", "noticed")
HIDDEN = ("email", "person", "mobile")
"""Columns whose examples are not kept: they name or reach persons."""
WORDS = "words"
"""Where a choice keeps what is said of a column beside its title: see `put_words`."""


def summarise(found: Ingested, shaped: Ingested | None = None) -> dict[str, Any]:
    """Return what was understood of a file as plain values, ready to be kept and shown.

    `shaped` is the same once the transformations of the draft are done.
    """
    shaped = shaped or found
    steps = shaped is not found
    return {
        "dialect": asdict(found.dialect),
        "offers": {name: list(values) for name, values in found.offers.items()},
        "received": found.report.received,
        "kept": found.report.kept,
        "columns": [
            {
                "name": column.name,
                "label": column.label or column.name,
                "type": column.type,
                "score": column.score,
                "reason": dict(column.reason),
                "against": [list(pair) for pair in column.against],
                "examples": [] if column.identifying in HIDDEN else list(column.examples),
                "values": column.values,
                "identifying": column.identifying,
                "published": column.published,
                "computed": column.computed,
            }
            for column in found.columns
        ],
        "problems": group_problems(found.report),
        "findings": [{**one.to_dict(), "stops": shaped.findings.stops(one)} for one in shaped.findings],
        "directory": list(found.findings.directory),
        "composites": [list(columns) for columns in found.findings.composites],
        "risk": measure_risk(shaped.schema, shaped.table, bool(found.findings.persons)),
        "preview": make_preview(shaped.schema, shaped.table),
        "before": make_preview(found.schema, found.table) if steps else {},
        "made": [write_field(field) for field in shaped.schema] if steps else [],
        "rows": shaped.table.num_rows,
    }


def forget_values(understood: Mapping[str, Any]) -> dict[str, Any]:
    """Return what was understood without any value of the file: what is kept of a draft once it is published."""
    columns = [{**column, "examples": [], "against": []} for column in understood["columns"]]
    findings = [{**finding, "examples": []} for finding in understood["findings"]]
    return {**understood, "columns": columns, "findings": findings, "problems": [], "preview": {}, "before": {}}


def write_field(field: Field) -> dict[str, Any]:
    """Return a field as plain values, without its words: those are the producer's."""
    label, annotations = text_in(field.label, "fr") or field.name, dict(field.annotations)
    return {"name": field.name, "type": field.type, "label": {"fr": label}, "annotations": annotations}


def group_problems(report: Report) -> list[dict[str, Any]]:
    """Return the problems by column and reason, each with its exact count and first cases; refusals come first."""
    first: dict[tuple[str, str], list[Problem]] = {}
    for problem in report.problems:
        cases = first.setdefault((problem.column, problem.reason), [])
        if len(cases) < SHOWN:
            cases.append(problem)
    groups = [
        {
            "column": column,
            "code": reason,
            "severity": REASONS[reason].severity,
            "message": dict(REASONS[reason].text),
            "count": count,
            "suggested": any(case.suggestion for case in first.get((column, reason), ())),
            "cases": [[case.row, case.value[:120], case.suggestion] for case in first.get((column, reason), ())],
        }
        for (column, reason), count in report.counts.items()
    ]
    return sorted(groups, key=lambda group: SEVERITIES.index(group["severity"]))


def read_choices(kept: Mapping[str, Any]) -> dict[str, Choice]:
    """Return the choices of a producer from the plain values that a draft keeps."""
    return {
        name: Choice(**{key: value for key, value in choice.items() if key != WORDS}) for name, choice in kept.items()
    }


def read_decisions(kept: Mapping[str, Any]) -> list[Decision]:
    """Return what was answered of the identifiers of persons, from the plain choices that a draft keeps."""
    return [
        Decision(kind, column, answer["declared_by"], answer["reason"], datetime.fromisoformat(answer["at"]))
        for column, choice in kept.items()
        for kind, answer in choice.get("answers", {}).items()
    ]


def put_words(schema: Schema, kept: Mapping[str, Any]) -> Schema:
    """Return a schema with what its producer says of each column: English title, descriptions and unit."""
    return Schema(tuple(_word(field, kept.get(field.name, {}).get(WORDS, {})) for field in schema))


def _word(field: Field, words: Mapping[str, str]) -> Field:
    label = {**field.label, **({"en": words["label_en"]} if words.get("label_en") else {})}
    told = {"fr": words.get("description", ""), "en": words.get("description_en", "")}
    description = {**field.description, **{lang: text for lang, text in told.items() if text}}
    unit = {"unit": words["unit"]} if words.get("unit") else {}
    key = {"id": True} if words.get("key") else {}
    return replace(field, label=label, description=description, annotations={**field.annotations, **unit, **key})


def draft_fields(understood: Mapping[str, Any], kept: Mapping[str, Any]) -> Schema:
    """Return the fields that a draft would publish: those that its transformations made, else its columns."""
    if understood.get("made"):
        return put_words(Schema(tuple(Field(**made) for made in understood["made"])), kept)
    columns = [{**column, **kept.get(column["name"], {})} for column in understood.get("columns", ())]
    return public_fields(columns, kept)


def public_fields(columns: list[dict[str, Any]], kept: Mapping[str, Any]) -> Schema:
    """Return the fields that the shown columns of a draft become, with the words of its producer."""
    fields = (
        Field(column["name"], kind.public, {"fr": column["label"]}, {}, kind.annotations)
        for column in columns
        for kind in [TYPES[column["type"]]]
        if column["published"]
    )
    return put_words(Schema(tuple(fields)), kept)
