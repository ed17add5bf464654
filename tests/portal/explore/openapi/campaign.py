"""schemathesis driven from Python: every phase and every check over one document of a real application."""

import warnings
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from zlib import crc32

import schemathesis
from flask import Flask
from schemathesis.engine import Status, events, from_schema

from portal.explore.kinds import BOOLEAN, BOOLEANS
from portal.explore.params import PARAMETERS

PAGE, OFFSET, GROUPS, DEFAULT = 100, 10_000, 20_000, 10
BOOLEAN_NAMES = {parameter.name for parameter in PARAMETERS if parameter.kind is BOOLEAN}
STRICT_NAMES = BOOLEAN_NAMES | {parameter.name for parameter in PARAMETERS if "enum" in parameter.schema}
GEOGRAPHIC = "communes-du-gers"
"""The dataset that every format suits, which stands for those that some do not."""

COUNTED = "count(*) as n"
OF_FIELDS = ("order_by", "name_field", "description_field_list")
"""Parameters that name fields of the records, which an aggregate has not."""

Texts = Mapping[str, list[str]]
"""By parameter, texts that are valid for it."""


@dataclass
class Outcome:
    """What a campaign did: how many requests it sent, by phase, and each failure in words."""

    requests: Counter[str] = field(default_factory=Counter)
    failures: list[str] = field(default_factory=list)


@dataclass
class Campaign:
    """An attack of `app` through the document at `path`; `texts` says what is valid for the operation of an address."""

    app: Flask
    path: str
    texts: Mapping[str, Texts]

    def run(self, examples: int, phases: Mapping[str, Any] | None = None) -> Outcome:
        """Send about `examples` cases an operation and a mode, beside those that the document itself suggests."""
        schema = schemathesis.openapi.from_wsgi(self.path, self.app, config=configure(examples, phases or {}))

        @schemathesis.hook
        def before_call(context: Any, case: Any, **kwargs: Any) -> None:
            self.prepare(case)

        outcome = Outcome()
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                for event in from_schema(schema).execute():
                    note(event, outcome)
        finally:
            schemathesis.hooks.unregister(before_call)
        return outcome

    def prepare(self, case: Any) -> None:
        """Make right cases right where JSON Schema cannot say what is, and wrong cases wrong, before they are sent."""
        address = case.operation.path.replace("{format}", str(case.path_parameters.get("format", "")))
        texts = next(found for end, found in self.texts.items() if address.endswith(end))
        right = case.meta.generation.mode.is_positive
        if right and case.path_parameters.get("dataset_id") == "festivals":
            case.path_parameters = {**case.path_parameters, "dataset_id": GEOGRAPHIC}
        for part in ("query", "body"):
            asked = getattr(case, part)
            if isinstance(asked, dict) and (changed := mend(asked, texts) if right else worsen(asked)) != asked:
                setattr(case, part, changed)


def configure(examples: int, phases: Mapping[str, Any]) -> schemathesis.Config:
    """Return the settings: all checks as they are, but that addresses without success are told by their errors."""
    gone = {"checks": {"positive_data_acceptance": {"expected-statuses": ["4xx"]}}}
    settings = {
        "headers": {
            "Accept-Encoding": "identity"
        },  # applications that are called without a server are read as they answer
        "generation": {"max-examples": examples, "deterministic": True},
        "operations": [{"include-operation-id-regex": "Aggregates|^query|Alternative", **gone}],
        "phases": dict(phases),
        "analysis": {"constants": {"enabled": False}},
    }
    return schemathesis.Config.from_dict(settings)


def note(event: Any, outcome: Outcome) -> None:
    """Add an event of the engine to the outcome."""
    if isinstance(event, events.ScenarioFinished):
        outcome.requests[event.phase.value] += len(event.recorder.interactions)
        outcome.failures += tell_failures(event.recorder)
    elif isinstance(event, events.NonFatalError):
        outcome.failures.append(f"{event.label}: {event.info.title}: {event.value}")
    elif isinstance(event, events.FatalError):
        raise event.exception


def mend(asked: Mapping[str, Any], texts: Texts) -> dict[str, Any]:
    """Return valid parameters that agree: clauses are of the language, pages in bounds, aggregates without fields."""
    mended = {name: pick(value, texts[name]) if name in texts else value for name, value in asked.items()}
    grouped = bool(mended.get("group_by"))
    if grouped:
        mended["select"] = COUNTED
    if "count(" in mended.get("select", ""):
        mended = {name: value for name, value in mended.items() if name not in OF_FIELDS}
    limit = int(mended.get("limit", DEFAULT)) if grouped else min(int(mended.get("limit", DEFAULT)), PAGE)
    offset = min(int(mended.get("offset", 0)), (GROUPS if grouped else OFFSET) - max(limit, 0))
    return mended | {name: value for name, value in (("limit", limit), ("offset", offset)) if name in mended}


def pick(value: Any, choices: list[str]) -> Any:
    """Return a choice in place of a value, or of each value of a list; the same value has the same choice."""
    if isinstance(value, list):
        return [pick(each, choices) for each in value]
    return choices[crc32(repr(value).encode()) % len(choices)]


def worsen(asked: Mapping[str, Any]) -> dict[str, Any]:
    """Return wrong parameters that are wrong indeed: 1 and yes are read as true, and what is empty is not there."""
    soft = {name: BOOLEANS if name in BOOLEAN_NAMES else () for name in STRICT_NAMES}
    return {
        name: "none" if name in soft and str(value).lower() in ("", *soft[name]) else value
        for name, value in asked.items()
    }


def tell_failures(recorder: Any) -> list[str]:
    """Return each failure of a scenario in words, with the request that shows it."""
    told = []
    for case_id, checks in recorder.checks.items():
        for check in checks:
            if check.status == Status.FAILURE:
                sent = recorder.interactions[case_id]
                failure = check.failure_info.failure
                answer = sent.response.content[:300] if sent.response else b""
                told.append(
                    f"{check.name} {recorder.label}: {failure.message}\n{sent.request.method} {sent.request.uri} "
                    f"{(sent.request.body or b'')[:500]!r} -> {sent.response and sent.response.status_code} {answer!r}"
                )
    return told
